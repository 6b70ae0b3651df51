//! The changes of a record: which builds on which, who made them, and which wait for others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::Change;
use automerge::legacy::Op;

use super::{LastEdit, RecordChange, RecordError};
use crate::envelope::Envelope;
use crate::genesis::MAP_OPERATIONS;
use crate::id::{Actor, ChangeHash};

/// A change that was read.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) envelope: Envelope,
    pub(super) operations: Vec<Op>,
    bytes: Arc<[u8]>,
}

impl Parsed {
    pub(super) fn of(envelope: Envelope, change: &Change) -> Self {
        Self { envelope, operations: change.decode().operations, bytes: change.raw_bytes().into() }
    }
}

/// A change that is part of the record.
#[derive(Debug, Clone)]
struct Held {
    hash: ChangeHash,
    bytes: Arc<[u8]>,
    actor: Actor,
    time: i64,
    seq: u64,
    max_op: u64,
    /// Places of those that it builds on; the first change has none.
    deps: Vec<usize>,
}

/// All changes of a record. Each has a place, higher than those of all that it builds on; only the derived first one has
/// none.
#[derive(Debug, Clone)]
pub(super) struct History {
    root: ChangeHash,
    held: Vec<Held>,
    places: BTreeMap<ChangeHash, usize>,
    /// The place of each actor's last change.
    last: BTreeMap<Actor, usize>,
    waiting: Vec<Parsed>,
}

impl History {
    pub(super) fn from_root(root: ChangeHash) -> Self {
        let (places, last) = (BTreeMap::new(), BTreeMap::new());
        Self { root, held: Vec::new(), places, last, waiting: Vec::new() }
    }

    pub(super) fn root(&self) -> ChangeHash {
        self.root
    }

    /// The place that the next change will have.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    pub(super) fn has(&self, hash: &ChangeHash) -> bool {
        *hash == self.root || self.places.contains_key(hash)
    }

    /// Whether a change may follow what is here, as far as its number says.
    pub(super) fn check(&self, change: &Parsed) -> Result<(), RecordError> {
        let Envelope { actor, seq, start_op, hash, .. } = change.envelope;
        let last = self.last.get(&actor).and_then(|place| self.held.get(*place));
        let (last_seq, last_op) = last.map_or((0, 0), |last| (last.seq, last.max_op));
        let other = |waits: &Parsed| {
            waits.envelope.actor == actor && waits.envelope.seq == seq && waits.envelope.hash != hash
        };
        let follows = if self.is_ready(change) { seq == last_seq + 1 } else { seq > last_seq };
        if follows && start_op > last_op && !self.waiting.iter().any(other) {
            return Ok(());
        }
        Err(RecordError::Sequence { actor: actor.to_string(), seq })
    }

    fn is_ready(&self, change: &Parsed) -> bool {
        change.envelope.deps.iter().all(|dep| self.has(dep))
    }

    /// Lets a change wait until all is there that it builds on.
    pub(super) fn wait(&mut self, change: Parsed) {
        if !self.waiting.iter().any(|waits| waits.envelope.hash == change.envelope.hash) {
            self.waiting.push(change);
        }
    }

    /// A change that waits for nothing any more.
    pub(super) fn next_ready(&mut self) -> Option<Parsed> {
        let at = self.waiting.iter().position(|change| self.is_ready(change))?;
        Some(self.waiting.remove(at))
    }

    pub(super) fn add(&mut self, change: Parsed) {
        let Envelope { hash, actor, time, seq, max_op, deps, .. } = change.envelope;
        let place = self.held.len();
        let deps = deps.iter().filter_map(|dep| self.places.get(dep).copied()).collect();
        self.held.push(Held { hash, bytes: change.bytes, actor, time, seq, max_op, deps });
        self.places.insert(hash, place);
        self.last.insert(actor, place);
    }

    /// The changes that others wait for.
    pub(super) fn missing(&self) -> Vec<ChangeHash> {
        let here =
            |dep: &ChangeHash| self.has(dep) || self.waiting.iter().any(|waits| waits.envelope.hash == *dep);
        let deps = self.waiting.iter().flat_map(|waits| &waits.envelope.deps);
        deps.filter(|dep| !here(dep)).copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub(super) fn changes(&self) -> impl Iterator<Item = RecordChange> {
        self.held.iter().map(|held| RecordChange { hash: held.hash, bytes: held.bytes.to_vec() })
    }

    /// Who made a change, and when by that device's clock.
    pub(super) fn author(&self, place: usize) -> Option<(Actor, i64)> {
        self.held.get(place).map(|held| (held.actor, held.time))
    }

    /// The changes within, and their places.
    fn held<'h>(&'h self, within: Option<&'h [bool]>) -> impl Iterator<Item = (usize, &'h Held)> {
        let is_within = move |place: usize| within.is_none_or(|within| within.get(place) == Some(&true));
        self.held.iter().enumerate().filter(move |(place, _)| is_within(*place))
    }

    pub(super) fn count(&self, within: Option<&[bool]>) -> usize {
        self.held(within).count()
    }

    pub(super) fn last_edit(&self, within: Option<&[bool]>) -> Option<LastEdit> {
        let edits = self.held(within).map(|(_, held)| LastEdit { actor: held.actor, time: held.time });
        edits.max_by_key(|edit| (edit.time, edit.actor))
    }

    /// Number and hash of an actor's last change.
    pub(super) fn last_of(&self, actor: &Actor) -> Option<(u64, ChangeHash)> {
        let last = self.held.get(*self.last.get(actor)?)?;
        Some((last.seq, last.hash))
    }

    /// By place, whether a change is among these or is built on by one of them.
    pub(super) fn closure(&self, hashes: &[ChangeHash]) -> Result<Vec<bool>, RecordError> {
        let mut within = vec![false; self.held.len()];
        for hash in hashes.iter().filter(|hash| **hash != self.root) {
            let place = self.places.get(hash).ok_or(RecordError::UnknownHead(*hash))?;
            if let Some(within) = within.get_mut(*place) {
                *within = true;
            }
        }
        for (place, held) in self.held.iter().enumerate().rev() {
            if within.get(place) == Some(&true) {
                for dep in &held.deps {
                    if let Some(within) = within.get_mut(*dep) {
                        *within = true;
                    }
                }
            }
        }
        Ok(within)
    }

    /// The changes within that no other within builds on, sorted.
    pub(super) fn heads(&self, within: Option<&[bool]>) -> Vec<ChangeHash> {
        let mut built_on = vec![false; self.held.len()];
        for dep in self.held(within).flat_map(|(_, held)| &held.deps) {
            if let Some(built_on) = built_on.get_mut(*dep) {
                *built_on = true;
            }
        }
        let heads = self.held(within).filter(|(place, _)| built_on.get(*place) == Some(&false));
        let mut heads: Vec<ChangeHash> = heads.map(|(_, held)| held.hash).collect();
        if heads.is_empty() {
            heads.push(self.root);
        }
        heads.sort_unstable();
        heads
    }

    /// The highest number of an operation within.
    pub(super) fn max_op(&self, within: Option<&[bool]>) -> u64 {
        let [.., first] = MAP_OPERATIONS;
        self.held(within).map(|(_, held)| held.max_op).fold(first, u64::max)
    }
}
