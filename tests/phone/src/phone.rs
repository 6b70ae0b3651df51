//! A phone: the engine, its store, its network, and the clock that drives them.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use replica::api::{Home, Role};
use replica::attestation::DeviceKey;
use replica::sync::{
    self, Config, Effect, Engine, Event, Millis, OutboxItem, Parts, Phase, SyncFault, SyncState,
};
use replica::{Actor, Edit, Record, TabId};

use crate::fault::Fault;
use crate::net::Net;
use crate::store::{Photo, Store};

/// The time that changes and batches claim.
const TIME: i64 = 1_790_000_000;

/// An enrolled phone.
pub struct Phone {
    /// What it keeps.
    pub store: Store,
    /// How it reaches the server.
    pub net: Net,
    /// What the server said it may see.
    pub home: Home,
    key: DeviceKey,
    actor: Actor,
    engine: Engine,
    parts: Parts,
    began: Instant,
    wake_at: Option<Millis>,
    state: Option<SyncState>,
    /// Faults of the line and the server so far.
    pub faults: u64,
}

/// How a phone is set up.
pub struct Setup<'a> {
    /// Where the server is.
    pub address: SocketAddr,
    /// A code of it, for a surveyor.
    pub code: &'a str,
    /// The file of the store.
    pub store: &'a Path,
    /// Its key and its jitter.
    pub seed: u8,
    /// The first wait after a failure; the app's is a second.
    pub backoff_first: Millis,
    /// One connection for all calls, or one for each.
    pub keeps: bool,
}

impl Phone {
    /// Enrols, signs in and reads what it may see.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn enrol(setup: &Setup<'_>) -> Result<Self, Fault> {
        let key = DeviceKey::from_seed(&[setup.seed; 32]);
        let mut net = Net::new(setup.address, setup.keeps);
        net.enrol(setup.code, &key)?;
        net.sign_in(&key).map_err(|fault| Fault::Server(format!("signing in: {fault:?}")))?;
        let home = net.home()?;
        let most = Config::new(Role::Surveyor, u64::from(setup.seed));
        let engine = Engine::new(Config { backoff_first: setup.backoff_first, ..most });
        let actor = Actor::of(key.device(), TabId::new([setup.seed; 8]));
        Ok(Self {
            store: Store::create(setup.store)?,
            net,
            home,
            key,
            actor,
            engine,
            parts: Parts::default(),
            began: Instant::now(),
            wake_at: None,
            state: None,
            faults: 0,
        })
    }

    /// Makes one change of these edits; nothing where they change nothing.
    ///
    /// # Errors
    /// [`Fault::Record`].
    pub fn change(&self, record: &mut Record, edits: &[Edit]) -> Result<Option<OutboxItem>, Fault> {
        let made = record.commit(edits, &self.actor, TIME)?;
        let genesis = record.genesis().clone();
        Ok(made.map(|made| OutboxItem { genesis, hash: made.hash, bytes: made.bytes }))
    }

    /// The app is opened.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn start(&mut self) -> Result<(), Fault> {
        let mut cursors = Vec::new();
        for stream in &self.home.streams {
            cursors.push((stream.clone(), self.store.cursor(stream)?));
        }
        self.run(Event::Started { cursors, online: true })
    }

    /// Syncs until there is nothing left to do and nothing waits, trying again after faults, at most so long.
    ///
    /// # Errors
    /// [`Fault::Wrong`] where it takes longer; [`Fault`] where the store fails.
    pub fn settle(&mut self, within: Duration) -> Result<(), Fault> {
        let end = Instant::now() + within;
        self.run(Event::Visible)?;
        loop {
            let photos = !self.store.photos_waiting()?.is_empty();
            let idle = self.state.is_some_and(|state| state.phase == Phase::Idle);
            if idle && !photos && self.store.waiting()? == 0 {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(Fault::Wrong(format!("not in step after {within:?}: {:?}", self.state)));
            }
            if idle {
                // Photos that did not go wait for the next round; a person would not wait a minute to look.
                std::thread::sleep(Duration::from_millis(20));
                self.run(Event::OutboxGrew)?;
            } else {
                self.sleep()?;
            }
        }
    }

    /// Makes one round: asks for what is new, as after a minute.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn round(&mut self) -> Result<(), Fault> {
        self.run(Event::Visible)
    }

    fn sleep(&mut self) -> Result<(), Fault> {
        let wake = self.wake_at.ok_or_else(|| Fault::Wrong("the engine waits for nothing".to_owned()))?;
        std::thread::sleep(Duration::from_millis(wake.saturating_sub(self.now())));
        self.run(Event::Timer)
    }

    fn now(&self) -> Millis {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Tells the engine, and carries out what it asks until it waits for the clock.
    fn run(&mut self, event: Event) -> Result<(), Fault> {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            for effect in self.engine.on_event(self.now(), event) {
                match effect {
                    Effect::WakeAt(at) => self.wake_at = Some(at),
                    Effect::Report(state) => self.state = Some(state),
                    asked => next = Some(self.answer(asked)?),
                }
            }
        }
        Ok(())
    }

    fn answer(&mut self, asked: Effect) -> Result<Event, Fault> {
        Ok(match asked {
            Effect::NeedToken => match self.net.sign_in(&self.key) {
                Ok(()) => Event::TokenReady,
                Err(fault) => Event::TokenFailed(self.count(fault)),
            },
            Effect::ReadOutbox { max_bytes, max_changes, skip } => {
                Event::OutboxRead(self.store.outbox(max_bytes, max_changes, &skip)?)
            }
            Effect::Push { items, epoch } => {
                let request = sync::batch(&items, &self.key, epoch, TIME);
                let reply = self.net.push(&request);
                Event::PushAnswered(reply.map_err(|fault| self.count(fault)))
            }
            Effect::Settle { epoch, acked, refused } => {
                if let Some((hash, code)) = refused.first() {
                    return Err(Fault::Wrong(format!("the server refused {hash}: {code}")));
                }
                self.store.settle(epoch, &acked, &refused)?;
                Event::Settled
            }
            Effect::SendPhotos => Event::PhotosSent(self.send_photos()?),
            Effect::Pull(query) => {
                let reply = self.net.pull(&query);
                Event::PullAnswered(reply.map_err(|fault| self.count(fault)))
            }
            Effect::TakeIn { stream, reply, cursor } => {
                self.store.take_in(&stream, &reply, cursor)?;
                Event::TakenIn
            }
            Effect::ReadHeld { stream } => Event::HeldRead(self.store.held(&stream)?),
            Effect::Reconcile { stream, request } => {
                let reply = self.net.reconcile(&stream, &request);
                Event::ReconcileAnswered(reply.map_err(|fault| self.count(fault)))
            }
            Effect::Mend { stream, named, cursor } => {
                self.store.mend(&stream, &named, cursor)?;
                Event::Mended
            }
            Effect::WakeAt(_) | Effect::Report(_) => Event::Timer,
        })
    }

    fn count(&mut self, fault: SyncFault) -> SyncFault {
        self.faults += 1;
        fault
    }

    fn send_photos(&mut self) -> Result<Result<(), SyncFault>, Fault> {
        for photo in self.store.photos_waiting()? {
            match self.send_photo(&photo) {
                Ok(true) => self.store.photo_sent(photo.hash)?,
                Ok(false) => {}
                Err(fault) => {
                    self.parts.failed();
                    return Ok(Err(self.count(fault)));
                }
            }
        }
        Ok(Ok(()))
    }

    fn send_photo(&mut self, photo: &Photo) -> Result<bool, SyncFault> {
        let mut held = self.net.photo_held(photo.hash)?;
        loop {
            let begins = usize::try_from(held).unwrap_or(usize::MAX).min(photo.bytes.len());
            let ends = (begins + self.parts.size()).min(photo.bytes.len());
            let part = photo.bytes.get(begins..ends).unwrap_or_default();
            let sent = self.net.photo_part(photo.hash, photo.record, photo.bytes.len(), held, part)?;
            let Some(now_held) = sent else { return Ok(false) };
            self.parts.went();
            if usize::try_from(now_held).is_ok_and(|now_held| now_held >= photo.bytes.len()) {
                return Ok(true);
            }
            if now_held == held {
                return Err(SyncFault::BadReply);
            }
            held = now_held;
        }
    }
}
