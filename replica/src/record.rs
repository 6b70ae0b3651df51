//! A record: what stands in the one map of an Automerge document, put together out of the document's changes.
//!
//! Loket writes nothing but texts under keys of a map, and of such a write a change says all that there is to know: the
//! key, the value, and the writes that it takes the place of. What nothing took the place of stands; where several stand,
//! Automerge's order of writes says which of them holds. So a record needs none of the tables that Automerge keeps for
//! lists and for texts that many type in: a phone has a sixth less to download, opens a record in two thirds of the time and
//! reads it in a third. Every change is one of Automerge's, made and read by its own code; [`Document`](crate::Document) holds the
//! same changes the way Automerge does, and both say the same of them (`tests/converge.rs`).

mod comment;
mod commit;
mod history;
mod part;
mod parts;
mod sight;
mod view;

use std::collections::HashSet;

use automerge::Change;

use crate::clash::ClashKey;
use crate::envelope::{Envelope, EnvelopeError, Limits};
use crate::genesis::Genesis;
use crate::id::{Actor, ChangeHash, RecordId};
use crate::order::in_order;

use history::{History, Parsed};
use parts::Parts;

pub use comment::Comment;
pub use commit::Committed;
pub use history::Seen;
pub(crate) use part::Part;
pub(crate) use parts::places_of;
pub use view::View;
pub(crate) use view::{Stand, Standing, Written, scalar_text};

/// Why a record cannot be loaded, or does not take a change or an edit.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The genesis names no record.
    #[error("a visit has no nonce and an interview needs one")]
    Genesis,
    /// The bytes are not a change that can be taken.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Another change has the same actor and sequence number, or the one before it is not what it builds on.
    #[error("the change {seq} of {actor} does not follow the one before it")]
    Sequence {
        /// The actor.
        actor: String,
        /// The sequence number.
        seq: u64,
    },
    /// The change does what no client of Loket does in a record.
    #[error("the change holds {0}; a record holds plain values under keys")]
    Foreign(&'static str),
    /// A closed interview is edited.
    #[error("the interview is closed; only the consent can still be taken back")]
    Closed,
    /// The value chosen is none that can stand there.
    #[error("this value cannot be chosen for {0:?}")]
    NoSuchValue(ClashKey),
    /// The change made would be larger than any server takes.
    #[error("so many edits do not fit in one change: {0}")]
    TooMuch(EnvelopeError),
}

/// What became of a change that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is part of the record now.
    New(ChangeHash),
    /// It was part of the record before.
    Known(ChangeHash),
    /// It waits for changes that it builds on, see [`Record::missing`].
    Waiting(ChangeHash),
}

/// Who wrote in a record last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastEdit {
    /// Who.
    pub actor: Actor,
    /// When, in Unix seconds of the writing device: a claim.
    pub time: i64,
}

/// One change of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// The uncompressed change chunk.
    pub bytes: Vec<u8>,
}

/// One visit or one interview.
#[derive(Debug, Clone)]
pub struct Record {
    genesis: Genesis,
    history: History,
    parts: Parts,
}

/// The first change of a record, where its genesis names one.
pub(crate) fn sound_root(genesis: &Genesis) -> Result<Change, RecordError> {
    if genesis.is_sound() { Ok(genesis.root_change()) } else { Err(RecordError::Genesis) }
}

/// The changes, each once, without the first one.
pub(crate) fn parsed<I>(root: &Change, changes: I) -> Result<Vec<(Envelope, Change)>, RecordError>
where
    I: IntoIterator,
    I::Item: AsRef<[u8]>,
{
    let mut seen = HashSet::from([root.hash().into()]);
    let mut parsed = Vec::new();
    for bytes in changes {
        let bytes = bytes.as_ref();
        if bytes == root.raw_bytes() {
            continue;
        }
        let (envelope, change) = Envelope::parse_change(bytes, &Limits::STANDARD)?;
        if seen.insert(envelope.hash) {
            parsed.push((envelope, change));
        }
    }
    Ok(parsed)
}

impl Record {
    /// A record that nobody has written in.
    ///
    /// # Errors
    /// [`RecordError::Genesis`] where the genesis is not sound.
    pub fn start(genesis: &Genesis) -> Result<Self, RecordError> {
        let history = History::from_root(sound_root(genesis)?.hash().into());
        Ok(Self { genesis: genesis.clone(), history, parts: Parts::default() })
    }

    /// A record with these changes, in any order and each as often as one likes. The first change need not
    /// be among them. What depends on changes that are not there waits, see [`Record::missing`].
    ///
    /// Automerge can panic on changes that were made to hurt: whoever loads foreign ones for the first time
    /// (the server) guards against that; phones are given only what was applied there.
    ///
    /// # Errors
    /// [`RecordError`] where one of them is not a sound change, or contradicts another.
    pub fn load<I>(genesis: &Genesis, changes: I) -> Result<Self, RecordError>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let root = sound_root(genesis)?;
        let mut record = Self::start(genesis)?;
        let changes =
            in_order(parsed(&root, changes)?, |(envelope, _)| (envelope.hash, envelope.deps.clone()));
        for (envelope, change) in changes {
            record.take(Parsed { envelope, change })?;
        }
        Ok(record)
    }

    /// Takes one change in. Where it builds on changes that are not there it waits for them.
    ///
    /// Can panic on changes that were made to hurt, see [`Record::load`].
    ///
    /// # Errors
    /// [`RecordError`] where it is not a sound change, or contradicts one that is there. Where it is one that waited for
    /// this one that contradicts, this one is part of the record, and the other is not.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<Applied, RecordError> {
        if self.is_root(bytes) {
            return Ok(Applied::Known(self.history.root()));
        }
        if let Some(hash) = self.history.holding(bytes) {
            return Ok(Applied::Known(hash));
        }
        let (envelope, change) = Envelope::parse_change(bytes, &Limits::STANDARD)?;
        let hash = envelope.hash;
        if self.has(&hash) {
            return Ok(Applied::Known(hash));
        }
        self.take(Parsed { envelope, change })?;
        Ok(if self.has(&hash) { Applied::New(hash) } else { Applied::Waiting(hash) })
    }

    fn take(&mut self, change: Parsed) -> Result<(), RecordError> {
        if !self.history.is_ready(&change) {
            return self.history.wait(change);
        }
        let mut outcome = self.add(change);
        while let Some(ready) = self.history.next_ready() {
            outcome = outcome.and(self.add(ready));
        }
        outcome
    }

    fn add(&mut self, change: Parsed) -> Result<(), RecordError> {
        let past = self.history.follows(&change)?;
        self.parts.put(&change, self.history.len(), &past)?;
        self.history.add(change, past);
        Ok(())
    }

    fn is_root(&self, bytes: &[u8]) -> bool {
        bytes.get(4..8) == self.history.root().as_bytes().get(..4) && bytes == self.genesis.root().bytes
    }

    /// The record's id.
    pub fn id(&self) -> RecordId {
        self.genesis.record_id()
    }

    /// What the record has grown from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Whether the change is part of the record.
    pub fn has(&self, hash: &ChangeHash) -> bool {
        self.history.has(hash)
    }

    /// The changes that others wait for.
    pub fn missing(&self) -> Vec<ChangeHash> {
        self.history.missing()
    }

    /// Every change but the derived first one, each behind those that it builds on.
    pub fn changes(&self) -> Vec<RecordChange> {
        self.history.changes().collect()
    }

    /// All that is in view now.
    pub fn seen(&self) -> Seen {
        self.history.all_seen()
    }

    /// What was in view when these were the heads, as far as they are here.
    pub fn seen_by(&self, heads: &[ChangeHash]) -> Seen {
        self.history.seen_by(heads)
    }

    /// Whether something that was seen is not here: dropped, or damaged and not fetched again yet.
    pub fn lacks(&self, seen: &Seen) -> bool {
        self.history.lacks(seen)
    }

    /// The answer that holds now; nothing where the question was never answered.
    pub fn answer(&self, path: &str) -> Option<String> {
        self.now().holding(Part::Answers, path).map(str::to_owned)
    }
}
