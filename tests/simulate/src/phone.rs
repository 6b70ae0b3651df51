//! A device: its disk, its clock, its tabs, its sync engine, and everything that happens to them. All rules are those
//! of the app: the desk and the store are its own, over a disk in memory; only what the browser gives is played here.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use device_store::desk::{self, Desk};
use device_store::memory::{Disk, End, Memory};
use device_store::{Store, StoreError};
use futures_util::FutureExt as _;
use phone::random::Random;
use replica::api::Role;
use replica::attestation::DeviceKey;
use replica::sync::{Config, Effect, Engine, Event, Parts, Phase, SyncState};
use replica::{Actor, ContentHash, Genesis, RecordId, StreamId, TabId};

use crate::fault::Fault;
use crate::line::Line;
use crate::site::Site;

/// A tab with the forms that are open in it.
pub struct Tab {
    /// The random part of its actor.
    pub id: TabId,
    /// The open forms.
    pub desks: BTreeMap<RecordId, Desk>,
}

/// The app, as long as it is open.
pub struct Life {
    pub(crate) memory: Rc<Memory>,
    /// Its store.
    pub store: Store,
    /// Its tabs.
    pub tabs: Vec<Tab>,
    engine: Engine,
    asked: Option<Effect>,
    wake_at: Option<u64>,
    /// How syncing stands.
    pub state: Option<SyncState>,
    pub(crate) token: Option<String>,
    pub(crate) parts: Parts,
}

/// A device.
pub struct Phone {
    /// Its number in the schedule.
    pub number: usize,
    /// What it may do.
    pub role: Role,
    pub(crate) key: DeviceKey,
    /// What outlives the app.
    pub disk: Disk,
    clock: Rc<Cell<u64>>,
    monotonic: u64,
    /// Whether it has a network.
    pub online: bool,
    /// The app, where it is open.
    pub life: Option<Life>,
    drawn: Random,
    /// Photos that no answer names yet.
    pub(crate) pictures: BTreeMap<ContentHash, Vec<u8>>,
    streams: Vec<StreamId>,
}

/// What an answer of the store comes to: nothing where the device ended over it.
pub type Survived<T> = Result<Option<T>, Fault>;

/// Waits for what never waits: the disk is memory.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> Result<T, Fault> {
    future.now_or_never().ok_or_else(|| Fault::broken("the store waits for itself"))
}

impl Phone {
    /// A device whose clock is wrong by any number of years.
    pub fn new(number: usize, role: Role, streams: &[StreamId], random: &mut Random) -> Self {
        const YEAR: u64 = 31_557_600_000;
        let right = 1_790_000_000_000;
        let clock = match random.below(10) {
            0 => 0,
            1 => random.below(60) * YEAR,
            // The browser's last moment.
            2 => 9_007_199_254_740_991 - 100 * YEAR,
            _ => right + random.below(1_000_000),
        };
        Self {
            number,
            role,
            key: crate::site::key_of(number),
            disk: Disk::default(),
            clock: Rc::new(Cell::new(clock)),
            monotonic: 0,
            online: true,
            life: None,
            drawn: Random::new(random.draw()),
            pictures: BTreeMap::new(),
            streams: if role.pulls() { streams.to_vec() } else { Vec::new() },
        }
    }

    /// Seconds by the device's clock.
    pub fn seconds(&self) -> i64 {
        i64::try_from(self.clock.get() / 1_000).unwrap_or(i64::MAX)
    }

    /// Time goes by; now and then somebody sets the clock.
    pub fn pass(&mut self, milliseconds: u64) {
        self.monotonic += milliseconds;
        self.clock.set(self.clock.get().saturating_add(milliseconds));
    }

    /// Somebody sets the clock.
    pub fn set_clock(&mut self, milliseconds: u64) {
        self.clock.set(milliseconds);
    }

    /// The app is opened, where it is closed.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn open(&mut self) -> Result<(), Fault> {
        if self.life.is_some() {
            return Ok(());
        }
        let memory = Memory::open(&self.disk, Rc::clone(&self.clock));
        let store = Store::new(Rc::clone(&memory) as Rc<dyn device_store::database::Database>);
        let engine = Engine::new(Config::new(self.role, self.drawn.draw()));
        let (tabs, parts) = (Vec::new(), Parts::default());
        self.life = Some(Life {
            memory,
            store: store.clone(),
            tabs,
            engine,
            asked: None,
            wake_at: None,
            state: None,
            token: None,
            parts,
        });
        self.open_tab();
        self.catch_up()?;
        let mut cursors = Vec::new();
        for stream in self.streams.clone() {
            let Some(cursor) = self.survive(now(store.cursor(&stream))?)? else { return Ok(()) };
            cursors.push((stream, cursor));
        }
        self.tell(Event::Started { cursors, online: self.online })
    }

    /// One more tab.
    pub fn open_tab(&mut self) {
        let mut id = [0; 8];
        if !replica::mutation::is_off(replica::mutation::Rule::TabDrawnAnew) {
            id = self.drawn.draw().to_be_bytes();
        }
        if let Some(life) = &mut self.life {
            life.tabs.push(Tab { id: TabId::new(id), desks: BTreeMap::new() });
        }
    }

    /// A tab is closed, with whatever was not committed in it; the last one stays.
    pub fn close_tab(&mut self, random: &mut Random) {
        if let Some(life) = &mut self.life
            && life.tabs.len() > 1
        {
            let at = usize::try_from(random.below(life.tabs.len() as u64)).unwrap_or(0);
            life.tabs.remove(at);
        }
    }

    /// The power goes.
    pub fn crash(&mut self) {
        if let Some(life) = self.life.take() {
            life.memory.end();
        }
    }

    /// The power will go at one of the next writes.
    pub fn crash_soon(&mut self, random: &mut Random) {
        if let Some(life) = &self.life {
            let end = if random.happens(500) { End::Before } else { End::After };
            life.memory.end_after(u32::try_from(random.below(6)).unwrap_or(0), end);
        }
    }

    /// Does at the start what the last time was cut off in, as the app does.
    fn catch_up(&mut self) -> Result<(), Fault> {
        let Some(life) = &self.life else { return Ok(()) };
        let store = life.store.clone();
        let Some(listing) = self.survive(now(store.list_records(None, None))?)? else { return Ok(()) };
        for row in listing.rows {
            if self.role == Role::Kiosk && row.changes > 0 && row.is_on_server() {
                self.after_settling(&BTreeSet::from([row.id]))?;
            } else if row.stale {
                self.summarise(row.id)?;
            }
        }
        Ok(())
    }

    /// What a store's answer comes to; the app is gone where the device has ended.
    pub(crate) fn survive<T>(&mut self, result: Result<T, StoreError>) -> Survived<T> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.life.as_ref().is_none_or(|life| life.memory.has_ended()) => {
                self.life = None;
                Ok(None)
            }
            Err(error) => Err(Fault::broken(format!("device {}: {error}", self.number))),
        }
    }

    /// Makes sure that a record's form is open in a tab. Nothing where the device ended over it.
    pub(crate) fn desk(&mut self, tab: usize, record: RecordId) -> Survived<()> {
        let Some(life) = &self.life else { return Ok(None) };
        let Some(here) = life.tabs.get(tab) else { return Ok(None) };
        if here.desks.contains_key(&record) {
            return Ok(Some(()));
        }
        let (store, id) = (life.store.clone(), here.id);
        let others: Vec<TabId> = life.tabs.iter().map(|tab| tab.id).filter(|other| *other != id).collect();
        let actor = Actor::of(self.key.device(), id);
        let opened = now(Desk::open(store, actor, id, record, self.seconds(), async || others))?;
        let Some(opened) = self.survive(opened)? else { return Ok(None) };
        let life = self.life.as_mut();
        let Some(tab) = life.and_then(|life| life.tabs.get_mut(tab)) else { return Ok(None) };
        tab.desks.insert(record, opened.desk);
        if opened.cleared {
            self.tell(Event::Doubt)?;
        }
        Ok(Some(()))
    }

    /// The record is started, or found, on this device.
    pub(crate) fn begin(&mut self, genesis: &Genesis) -> Survived<()> {
        let Some(life) = &self.life else { return Ok(None) };
        let store = life.store.clone();
        Ok(self.survive(now(store.create_record(genesis))?)?.map(|_| ()))
    }

    /// What is open in a tab.
    pub(crate) fn opened(&self, tab: usize, record: RecordId) -> Option<&Desk> {
        self.life.as_ref()?.tabs.get(tab)?.desks.get(&record)
    }

    /// All that was typed in a form becomes a change.
    pub(crate) fn commit(&mut self, tab: usize, record: RecordId) -> Survived<()> {
        let seconds = self.seconds();
        let Some(desk) = self.opened(tab, record) else { return Ok(None) };
        let made = now(desk.commit(seconds))?;
        if let Some(Some(true)) = self.survive(made)? {
            self.tell(Event::OutboxGrew)?;
        }
        Ok(self.life.as_ref().map(|_| ()))
    }

    /// A form takes in what others brought.
    pub(crate) fn refresh(&mut self, tab: usize, record: RecordId) -> Survived<()> {
        let Some(desk) = self.opened(tab, record) else { return Ok(None) };
        let refreshed = now(desk.refresh())?;
        Ok(self.survive(refreshed)?.map(|_| ()))
    }

    /// A kiosk keeps a citizen's answers as one change.
    pub(crate) fn keep_whole(&mut self, genesis: &Genesis, edits: &[replica::Edit]) -> Survived<bool> {
        let seconds = self.seconds();
        let Some(life) = &self.life else { return Ok(None) };
        let Some(tab) = life.tabs.first() else { return Ok(None) };
        let actor = Actor::of(self.key.device(), tab.id);
        let kept = now(Desk::keep_whole(&life.store, actor, genesis, edits, seconds))?;
        let kept = self.survive(kept)?;
        if kept == Some(true) {
            self.tell(Event::OutboxGrew)?;
        }
        Ok(kept)
    }

    /// Reckons what lists show of a record, as the app does once changes came in.
    pub(crate) fn summarise(&mut self, record: RecordId) -> Result<(), Fault> {
        let Some(life) = &self.life else { return Ok(()) };
        let store = life.store.clone();
        let Some(stored) = self.survive(now(store.load_record(record))?)? else { return Ok(()) };
        let Ok((read, _)) = desk::read(&stored.row, &stored.changes) else { return Ok(()) };
        let summary = desk::summary_of(&read);
        let done = now(store.summarise(record, summary, None, stored.changes.len()))?;
        self.survive(done).map(|_| ())
    }

    /// A kiosk keeps nothing that the server has.
    pub(crate) fn after_settling(&mut self, records: &BTreeSet<RecordId>) -> Result<(), Fault> {
        for record in records {
            let Some(life) = &self.life else { return Ok(()) };
            if self.role == Role::Kiosk {
                let purged = now(life.store.purge_record(*record))?;
                self.survive(purged)?;
            }
        }
        Ok(())
    }

    /// Tells the engine something.
    ///
    /// # Errors
    /// [`Fault::Broken`] where it asks for two things at once.
    pub fn tell(&mut self, event: Event) -> Result<(), Fault> {
        let monotonic = self.monotonic;
        let Some(life) = &mut self.life else { return Ok(()) };
        for effect in life.engine.on_event(monotonic, event) {
            match effect {
                Effect::WakeAt(at) => life.wake_at = Some(at),
                Effect::Report(state) => life.state = Some(state),
                asked if life.asked.is_none() => life.asked = Some(asked),
                asked => return Err(Fault::broken(format!("two effects at once, the second {asked:?}"))),
            }
        }
        Ok(())
    }

    /// Carries out what the engine asks for, or lets it sleep until it wakes. False where it has nothing to do.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn sync(&mut self, site: &mut Site, line: &mut Line) -> Result<bool, Fault> {
        let monotonic = self.monotonic;
        let Some(life) = &mut self.life else { return Ok(false) };
        if let Some(asked) = life.asked.take() {
            if let Some(event) = self.answer(asked, site, line)? {
                self.tell(event)?;
            }
            return Ok(true);
        }
        let waits = life.state.is_some_and(|state| state.phase == Phase::Waiting);
        if waits && let Some(at) = life.wake_at {
            self.pass(at.saturating_sub(monotonic));
            self.tell(Event::Timer)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Whether the engine has nothing to do.
    pub fn rests(&self) -> bool {
        self.life.as_ref().is_none_or(|life| {
            life.asked.is_none() && life.state.is_some_and(|state| state.phase == Phase::Idle)
        })
    }
}
