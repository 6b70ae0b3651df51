//! A server and a device for the tests of the sync engine: both keep all in memory, and a line between them loses what it is
//! told to lose.
#![allow(missing_docs, reason = "the names say it; the sync tests alone use it")]

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{interview, visit};
use replica::api::Role;
use replica::sync::{Config, Cursor, Effect, Engine, Event, Held, OutboxItem, Phase, SyncFault, SyncState};
use replica::wire::reconcile::{self, Named, Places, ReconcileReply, ReconcileRequest};
use replica::wire::{Outcome, PullEntry, PullQuery, PullReply, PushReply, RefusalCode};
use replica::{ChangeHash, Digest, Epoch, StreamId};

#[derive(Clone)]
pub struct Logged {
    pub hash: ChangeHash,
    pub device: usize,
    pub bytes: Vec<u8>,
}

#[derive(Clone)]
pub struct Server {
    pub epoch: Epoch,
    pub log: Vec<Logged>,
    pub poisoned: BTreeMap<ChangeHash, RefusalCode>,
    pub most_per_push: usize,
    pub page: usize,
}

impl Server {
    pub fn new() -> Self {
        Self {
            epoch: Epoch::new([u8::MAX; 16]),
            log: vec![],
            poisoned: BTreeMap::new(),
            most_per_push: 256,
            page: 3,
        }
    }

    pub fn push(&mut self, device: usize, items: &[OutboxItem]) -> Result<PushReply, SyncFault> {
        if items.len() > self.most_per_push {
            return Err(SyncFault::TooLarge);
        }
        let outcomes = items.iter().map(|item| {
            if let Some(code) = self.poisoned.get(&item.hash) {
                return Outcome::Refused(*code);
            }
            if let Some(at) = self.log.iter().position(|logged| logged.hash == item.hash) {
                return Outcome::Known(at as u64 + 1);
            }
            let OutboxItem { hash, bytes, .. } = item.clone();
            if !deps(&bytes).all(|basis| self.log.iter().any(|logged| logged.hash == basis)) {
                return Outcome::Refused(RefusalCode::UnknownDependency);
            }
            self.log.push(Logged { hash, device, bytes });
            Outcome::Stored(self.log.len() as u64)
        });
        let outcomes = outcomes.collect();
        Ok(PushReply { epoch: self.epoch, outcomes })
    }

    pub fn pull(&self, device: usize, query: &PullQuery) -> PullReply {
        let after = usize::try_from(query.after).unwrap();
        let mut digest = Digest::EMPTY;
        let before = &self.log[..after.min(self.log.len())];
        for logged in before {
            digest.toggle(&logged.hash);
        }
        let rest = self.log.iter().enumerate().skip(after).take(self.page);
        let entries: Vec<_> = rest
            .map(|(n, logged)| PullEntry {
                seq: n as u64 + 1,
                genesis: 0,
                hash: logged.hash,
                bytes: (logged.device != device).then(|| logged.bytes.clone()),
            })
            .collect();
        let upto = entries.last().map_or(query.after, |entry| entry.seq);
        let more = upto < self.log.len() as u64;
        let count = before.len() as u64;
        PullReply { epoch: self.epoch, upto, more, count, digest, geneses: vec![visit()], entries }
    }

    pub fn reconcile(&mut self, request: &ReconcileRequest) -> ReconcileReply {
        let ranges = reconcile::answer(self, &request.ranges).unwrap();
        let entries = request.wanted.iter().filter_map(|seq| {
            let logged = self.log.get(usize::try_from(*seq).unwrap() - 1)?;
            Some(PullEntry { seq: *seq, genesis: 0, hash: logged.hash, bytes: Some(logged.bytes.clone()) })
        });
        let entries = entries.take(self.page).collect();
        ReconcileReply { epoch: self.epoch, ranges, geneses: vec![visit()], entries }
    }

    pub fn hashes(&self) -> BTreeSet<ChangeHash> {
        self.log.iter().map(|logged| logged.hash).collect()
    }
}

impl Places for Server {
    type Error = ();

    fn upto(&mut self, place: u64) -> Result<(u64, Digest), ()> {
        let mut digest = Digest::EMPTY;
        let count = self.log.len().min(usize::try_from(place).unwrap());
        self.log[..count].iter().for_each(|logged| digest.toggle(&logged.hash));
        Ok((count as u64, digest))
    }

    fn list(&mut self, after: u64, upto: u64) -> Result<Vec<Named>, ()> {
        let all = (1..).zip(&self.log).map(|(seq, logged)| Named { seq, hash: logged.hash });
        Ok(all.filter(|named| named.seq > after && named.seq <= upto).collect())
    }
}

/// What a change builds on. The tests' changes are a number and the hashes of these.
pub fn deps(bytes: &[u8]) -> impl Iterator<Item = ChangeHash> {
    bytes[1..].chunks_exact(32).map(|hash| ChangeHash::try_from(hash).unwrap())
}

/// A device: its store, its engine, and the effect that is under way.
pub struct Device {
    pub number: usize,
    pub engine: Engine,
    pub now: u64,
    pub held: BTreeMap<ChangeHash, Vec<u8>>,
    pub own: BTreeSet<ChangeHash>,
    pub outbox: Vec<OutboxItem>,
    pub refused: Vec<(ChangeHash, RefusalCode)>,
    pub cursor: Cursor,
    pub named: Vec<Named>,
    pub waiting: Vec<Effect>,
    pub wake: Option<u64>,
    pub state: Option<SyncState>,
    pub seen: Vec<&'static str>,
}

pub fn stream() -> StreamId {
    visit().stream()
}

impl Device {
    pub fn new(number: usize, role: Role) -> Self {
        let mut device = Self {
            number,
            engine: Engine::new(Config::new(role, number as u64)),
            now: 0,
            held: BTreeMap::new(),
            own: BTreeSet::new(),
            outbox: vec![],
            refused: vec![],
            cursor: Cursor::default(),
            named: vec![],
            waiting: vec![],
            wake: None,
            state: None,
            seen: vec![],
        };
        device.start(role);
        device
    }

    /// The app opens, with whatever the store holds; what was under way is gone.
    pub fn start(&mut self, role: Role) {
        self.engine = Engine::new(Config::new(role, self.number as u64));
        self.waiting.clear();
        let cursors = if role.pulls() { vec![(stream(), self.cursor)] } else { vec![] };
        self.tell(Event::Started { cursors, online: true });
    }

    pub fn tell(&mut self, event: Event) {
        for effect in self.engine.on_event(self.now, event) {
            match effect {
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::Report(state) => self.state = Some(state),
                effect => self.waiting.push(effect),
            }
        }
        assert!(self.waiting.len() <= 1, "one thing at a time: {:?}", self.waiting);
    }

    pub fn write(&mut self, n: u8) {
        let mut hash = [n; 32];
        hash[0] = u8::try_from(self.number).unwrap();
        let hash = ChangeHash::new(hash);
        if !self.own.contains(&hash) {
            self.put(hash, interview(n), vec![n]);
        }
        self.tell(Event::OutboxGrew);
    }

    /// Writes on top of everything that is here.
    pub fn write_on(&mut self, n: u8) {
        let mut hash = [n; 32];
        hash[0] = u8::try_from(self.number).unwrap();
        let hash = ChangeHash::new(hash);
        if !self.own.contains(&hash) {
            let covered: BTreeSet<_> = self.held.values().flat_map(|bytes| deps(bytes)).collect();
            let heads = self.held.keys().filter(|hash| !covered.contains(*hash));
            let bytes = [n].into_iter().chain(heads.flat_map(|hash| *hash.as_bytes())).collect();
            self.put(hash, visit(), bytes);
        }
        self.tell(Event::OutboxGrew);
    }

    pub fn put(&mut self, hash: ChangeHash, genesis: replica::Genesis, bytes: Vec<u8>) {
        self.own.insert(hash);
        self.held.insert(hash, bytes.clone());
        self.outbox.push(OutboxItem { genesis, hash, bytes });
    }

    /// Carries out what waits; `fault` strikes requests, before or after the server acted.
    pub fn step(&mut self, server: &mut Server, fault: Option<(SyncFault, bool)>) -> bool {
        let Some(effect) = self.waiting.pop() else { return false };
        let event = match effect {
            Effect::NeedToken => self.did("token", Event::TokenReady),
            Effect::ReadOutbox { max_changes, skip, .. } => {
                let items = self.outbox.iter().filter(|item| !skip.contains(&item.hash));
                Event::OutboxRead(items.take(max_changes).cloned().collect())
            }
            Effect::Push { items, .. } => match fault {
                Some((fault, false)) => Event::PushAnswered(Err(fault)),
                Some((fault, true)) => {
                    let _ = server.push(self.number, &items);
                    Event::PushAnswered(Err(fault))
                }
                None => self.did("push", Event::PushAnswered(server.push(self.number, &items))),
            },
            Effect::Settle { epoch, acked, refused } => {
                self.cursor.epoch = self.cursor.epoch.or(epoch);
                let stays = |item: &OutboxItem| {
                    let code = refused.iter().find(|(hash, _)| *hash == item.hash).map(|(_, code)| *code);
                    !acked.contains(&item.hash) && code.is_none_or(RefusalCode::may_pass_later)
                };
                self.outbox.retain(stays);
                self.refused.extend(refused);
                Event::Settled
            }
            Effect::SendPhotos => self.did("photos", Event::PhotosSent(Ok(()))),
            Effect::Pull(query) => match fault {
                Some((fault, _)) => Event::PullAnswered(Err(fault)),
                None => self.did("pull", Event::PullAnswered(Ok(server.pull(self.number, &query)))),
            },
            Effect::TakeIn { reply, cursor, .. } => {
                if let Some(cursor) = cursor {
                    self.cursor = cursor;
                    let named = reply.entries.iter().map(|entry| Named { seq: entry.seq, hash: entry.hash });
                    self.named.extend(named);
                }
                for entry in reply.entries {
                    if let Some(bytes) = entry.bytes {
                        self.held.insert(entry.hash, bytes);
                    }
                }
                Event::TakenIn
            }
            Effect::ReadHeld { .. } => {
                let held = |named: &&Named| self.held.contains_key(&named.hash);
                let named: Vec<_> = self.named.iter().filter(held).copied().collect();
                let known: BTreeSet<_> = named.iter().map(|named| named.hash).collect();
                let unnamed = self.held.keys().filter(|hash| !known.contains(*hash)).copied().collect();
                Event::HeldRead(Held { named, unnamed })
            }
            Effect::Reconcile { request, .. } => match fault {
                Some((fault, _)) => Event::ReconcileAnswered(Err(fault)),
                None => self.did("reconcile", Event::ReconcileAnswered(Ok(server.reconcile(&request)))),
            },
            Effect::Mend { named, cursor, .. } => {
                for hash in &self.own {
                    let known = named.iter().any(|named| named.hash == *hash);
                    if !known && self.outbox.iter().all(|item| item.hash != *hash) {
                        let bytes = self.held[hash].clone();
                        self.outbox.push(OutboxItem { genesis: visit(), hash: *hash, bytes });
                    }
                }
                (self.named, self.cursor) = (named, cursor);
                self.did("mend", Event::Mended)
            }
            Effect::WakeAt(_) | Effect::Report(_) => unreachable!(),
        };
        self.tell(event);
        true
    }

    pub fn did(&mut self, what: &'static str, event: Event) -> Event {
        self.seen.push(what);
        event
    }

    /// Runs until nothing is left to do, waking up when asked to.
    pub fn settle(&mut self, server: &mut Server) {
        for _ in 0..2_000 {
            if !self.step(server, None) {
                if self.state.unwrap().phase == Phase::Idle {
                    return;
                }
                self.sleep();
            }
        }
        panic!("never comes to rest: {:?}", self.state);
    }

    pub fn sleep(&mut self) {
        self.now = self.now.max(self.wake.expect("a time to wake up"));
        self.tell(Event::Timer);
    }
}
