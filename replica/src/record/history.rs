//! The changes of a record: which builds on which, who made them, and which wait for others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::Change;
use serde::{Deserialize, Serialize};

use super::{LastEdit, RecordChange, RecordError};
use crate::envelope::Envelope;
use crate::genesis::ROOT_MAX_OP;
use crate::id::{Actor, ChangeHash};

/// A change that was read.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) envelope: Envelope,
    pub(super) change: Change,
}

/// What somebody had in view of a record: of each actor, all changes up to this number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen(BTreeMap<Actor, u64>);

/// Places of changes, as bits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Places(Vec<u64>);

impl Places {
    pub(super) fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }

    fn add(&mut self, place: usize) {
        if self.0.len() <= place / 64 {
            self.0.resize(place / 64 + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(place / 64) {
            *bits |= 1 << (place % 64);
        }
    }

    fn add_all(&mut self, others: &Self) {
        self.0.resize(self.0.len().max(others.0.len()), 0);
        for (bits, others) in self.0.iter_mut().zip(&others.0) {
            *bits |= others;
        }
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
    /// Places of those that it builds on directly; the first change has none.
    deps: Vec<usize>,
    /// All that it builds on.
    past: Arc<Places>,
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

    /// The change that these bytes are, where it is here: found by the checksum, which is how its hash begins, and compared
    /// whole, so that what is known need not be read again.
    pub(super) fn holding(&self, bytes: &[u8]) -> Option<ChangeHash> {
        let checksum: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
        let mut first = [0; ChangeHash::LEN];
        first.get_mut(..4)?.copy_from_slice(&checksum);
        let near = self.places.range(ChangeHash::new(first)..);
        let near = near.take_while(|(hash, _)| hash.as_bytes().starts_with(&checksum));
        near.filter_map(|(hash, place)| Some((hash, self.held.get(*place)?)))
            .find_map(|(hash, held)| (*held.bytes == *bytes).then_some(*hash))
    }

    pub(super) fn is_ready(&self, change: &Parsed) -> bool {
        change.envelope.deps.iter().all(|dep| self.has(dep))
    }

    /// All that a change builds on which is here.
    fn past_of(&self, change: &Parsed) -> Places {
        let mut past = Places::default();
        for place in change.envelope.deps.iter().filter_map(|dep| self.places.get(dep)) {
            past.add(*place);
            if let Some(held) = self.held.get(*place) {
                past.add_all(&held.past);
            }
        }
        past
    }

    /// Checks that a change follows its actor's one before, which it must build on: so it does not matter in which order
    /// changes come. Tells all that it builds on.
    pub(super) fn follows(&self, change: &Parsed) -> Result<Places, RecordError> {
        let Envelope { actor, seq, start_op, .. } = change.envelope;
        let past = self.past_of(change);
        let last = self.last.get(&actor).and_then(|place| Some((*place, self.held.get(*place)?)));
        let follows = match last {
            Some((place, last)) => past.has(place) && seq == last.seq + 1 && start_op > last.max_op,
            None => seq == 1,
        };
        if follows { Ok(past) } else { Err(RecordError::Sequence { actor: actor.to_string(), seq }) }
    }

    /// Lets a change wait until all is there that it builds on.
    pub(super) fn wait(&mut self, change: Parsed) -> Result<(), RecordError> {
        let Envelope { actor, seq, hash, .. } = change.envelope;
        let last = self.last.get(&actor).and_then(|place| self.held.get(*place));
        let same = |waits: &&Parsed| waits.envelope.actor == actor && waits.envelope.seq == seq;
        let known = self.waiting.iter().find(same).map(|waits| waits.envelope.hash);
        if last.is_some_and(|last| seq <= last.seq) || known.is_some_and(|known| known != hash) {
            return Err(RecordError::Sequence { actor: actor.to_string(), seq });
        }
        if known.is_none() {
            self.waiting.push(change);
        }
        Ok(())
    }

    /// A change that waits for nothing any more.
    pub(super) fn next_ready(&mut self) -> Option<Parsed> {
        let at = self.waiting.iter().position(|change| self.is_ready(change))?;
        Some(self.waiting.swap_remove(at))
    }

    pub(super) fn add(&mut self, change: Parsed, past: Places) {
        let Envelope { hash, actor, time, seq, max_op, deps, .. } = change.envelope;
        let place = self.held.len();
        let deps = deps.iter().filter_map(|dep| self.places.get(dep).copied()).collect();
        let (bytes, past) = (change.change.raw_bytes().into(), Arc::new(past));
        self.held.push(Held { hash, bytes, actor, time, seq, max_op, deps, past });
        self.places.insert(hash, place);
        self.last.insert(actor, place);
    }

    /// The changes that others wait for.
    pub(super) fn missing(&self) -> Vec<ChangeHash> {
        let waiting: BTreeSet<ChangeHash> = self.waiting.iter().map(|waits| waits.envelope.hash).collect();
        let deps = self.waiting.iter().flat_map(|waits| &waits.envelope.deps);
        let missing: BTreeSet<ChangeHash> =
            deps.filter(|dep| !self.has(dep) && !waiting.contains(dep)).copied().collect();
        missing.into_iter().collect()
    }

    pub(super) fn changes(&self) -> impl Iterator<Item = RecordChange> {
        self.held.iter().map(|held| RecordChange { hash: held.hash, bytes: held.bytes.to_vec() })
    }

    /// Who made a change, and when by that device's clock.
    pub(super) fn author(&self, place: usize) -> Option<(Actor, i64)> {
        self.held.get(place).map(|held| (held.actor, held.time))
    }

    /// The changes within, and their places.
    fn held<'h>(&'h self, within: Option<&'h Places>) -> impl Iterator<Item = (usize, &'h Held)> {
        let held = self.held.iter().enumerate();
        held.filter(move |(place, _)| within.is_none_or(|within| within.has(*place)))
    }

    pub(super) fn count(&self, within: Option<&Places>) -> usize {
        self.held(within).count()
    }

    pub(super) fn last_edit(&self, within: Option<&Places>) -> Option<LastEdit> {
        let edits = self.held(within).map(|(_, held)| LastEdit { actor: held.actor, time: held.time });
        edits.max_by_key(|edit| (edit.time, edit.actor))
    }

    /// Number and hash of an actor's last change.
    pub(super) fn last_of(&self, actor: &Actor) -> Option<(u64, ChangeHash)> {
        let last = self.held.get(*self.last.get(actor)?)?;
        Some((last.seq, last.hash))
    }

    /// All that is here.
    pub(super) fn all_seen(&self) -> Seen {
        let last = self.last.iter().filter_map(|(actor, place)| Some((*actor, self.held.get(*place)?.seq)));
        Seen(last.collect())
    }

    /// What whoever has these changes for heads sees. Those that are not here are passed over.
    pub(super) fn seen_by(&self, heads: &[ChangeHash]) -> Seen {
        let mut within = Places::default();
        for place in heads.iter().filter_map(|hash| self.places.get(hash)) {
            within.add(*place);
            if let Some(held) = self.held.get(*place) {
                within.add_all(&held.past);
            }
        }
        let mut seen = Seen::default();
        for (_, held) in self.held(Some(&within)) {
            let number = seen.0.entry(held.actor).or_default();
            *number = held.seq.max(*number);
        }
        seen
    }

    /// Whether something was seen that is not here.
    pub(super) fn lacks(&self, seen: &Seen) -> bool {
        seen.0.iter().any(|(actor, number)| self.last_of(actor).is_none_or(|(last, _)| last < *number))
    }

    /// The places of what was seen, and of an actor's own changes with all that they build on.
    pub(super) fn within(&self, seen: &Seen, actor: &Actor) -> Places {
        let mut within = Places::default();
        for (place, held) in self.held.iter().enumerate() {
            if seen.0.get(&held.actor).is_some_and(|number| held.seq <= *number) {
                within.add(place);
            }
        }
        if let Some((place, held)) = self.last.get(actor).and_then(|at| Some((*at, self.held.get(*at)?))) {
            within.add(place);
            within.add_all(&held.past);
        }
        within
    }

    /// The changes within that no other within builds on, sorted.
    pub(super) fn heads(&self, within: Option<&Places>) -> Vec<ChangeHash> {
        let mut built_on = Places::default();
        self.held(within).flat_map(|(_, held)| &held.deps).for_each(|dep| built_on.add(*dep));
        let heads = self.held(within).filter(|(place, _)| !built_on.has(*place));
        let mut heads: Vec<ChangeHash> = heads.map(|(_, held)| held.hash).collect();
        if heads.is_empty() {
            heads.push(self.root);
        }
        heads.sort_unstable();
        heads
    }

    /// The highest number of an operation within.
    pub(super) fn max_op(&self, within: Option<&Places>) -> u64 {
        self.held(within).map(|(_, held)| held.max_op).fold(ROOT_MAX_OP, u64::max)
    }
}
