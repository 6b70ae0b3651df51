//! A record: one Automerge document, grown from its genesis and the changes written since.

mod comment;
mod commit;
mod document;
mod replay;
mod save;
mod view;

use std::collections::HashSet;

use automerge::{ActorId, Automerge, AutomergeError, Change, ObjId, ReadDoc};

use crate::clash::ClashKey;
use crate::envelope::{Envelope, EnvelopeError, Limits};
use crate::genesis::{Genesis, MAP_OPERATIONS, ROOT_ACTOR};
use crate::id::{Actor, ChangeHash, RecordId};
use view::Map;

pub use comment::Comment;
pub use commit::Committed;
pub use replay::read;
pub use view::View;

/// Why a record cannot be loaded, or does not take a change or an edit.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The genesis names no record.
    #[error("a visit has no nonce and an interview needs one")]
    Genesis,
    /// The bytes are not a change that can be taken.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Another change has the same actor and sequence number.
    #[error("another change of {actor} with number {seq} is already there")]
    Sequence {
        /// The actor.
        actor: String,
        /// The sequence number.
        seq: u64,
    },
    /// The record does not have the changes that were named as its basis.
    #[error("the record does not have the change {0}")]
    UnknownHead(ChangeHash),
    /// A closed interview is edited.
    #[error("the interview is closed; only the consent can still be taken back")]
    Closed,
    /// The value chosen is none that can stand there.
    #[error("this value cannot be chosen for {0:?}")]
    NoSuchValue(ClashKey),
    /// The change made would be larger than any server takes.
    #[error("so many edits do not fit in one change: {0}")]
    TooMuch(EnvelopeError),
    /// Automerge refuses for another reason.
    #[error("the document does not take the change: {0}")]
    Document(#[source] AutomergeError),
}

impl From<AutomergeError> for RecordError {
    fn from(error: AutomergeError) -> Self {
        match error {
            AutomergeError::DuplicateSeqNumber(seq, actor) => {
                Self::Sequence { actor: actor.to_hex_string(), seq }
            }
            AutomergeError::InvalidHash(hash) => Self::UnknownHead(hash.into()),
            other => Self::Document(other),
        }
    }
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
    root: ChangeHash,
    doc: Automerge,
    maps: Maps,
}

/// The maps that the first change made, in its order. Whatever is put at their keys later, these are the ones that
/// count.
#[derive(Debug, Clone)]
struct Maps([ObjId; 4]);

impl Maps {
    /// Their names in every document: the first change makes them, and [`Genesis::root_change`] in which operations.
    fn made_first() -> Self {
        Self(MAP_OPERATIONS.map(|operation| ObjId::Id(operation, ActorId::from(ROOT_ACTOR), 0)))
    }

    fn of(&self, map: Map) -> &ObjId {
        &self.0[map as usize]
    }
}

fn sound_root(genesis: &Genesis) -> Result<Change, RecordError> {
    if genesis.is_sound() { Ok(genesis.root_change()) } else { Err(RecordError::Genesis) }
}

/// The changes, each once, without the first one.
fn parsed<I>(root: &Change, changes: I) -> Result<Vec<Change>, RecordError>
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
            parsed.push(change);
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
        Self::grown(genesis, sound_root(genesis)?, Vec::new())
    }

    /// All in one step: each costs Automerge something by itself, however little is in it.
    fn grown(genesis: &Genesis, root: Change, changes: Vec<Change>) -> Result<Self, RecordError> {
        let hash = root.hash().into();
        let mut doc = Automerge::new();
        doc.apply_changes(std::iter::once(root).chain(changes))?;
        Ok(Self { genesis: genesis.clone(), root: hash, doc, maps: Maps::made_first() })
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
        let changes = parsed(&root, changes)?;
        Self::grown(genesis, root, changes)
    }

    /// Takes one change in. Where it builds on changes that are not there it waits for them.
    ///
    /// Can panic on changes that were made to hurt, see [`Record::load`].
    ///
    /// # Errors
    /// [`RecordError`] where it is not a sound change, or contradicts one that is there.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<Applied, RecordError> {
        if self.is_root(bytes) {
            return Ok(Applied::Known(self.root));
        }
        let (envelope, change) = Envelope::parse_change(bytes, &Limits::STANDARD)?;
        let hash = envelope.hash;
        if self.has(&hash) {
            return Ok(Applied::Known(hash));
        }
        self.doc.apply_changes([change])?;
        Ok(if self.has(&hash) { Applied::New(hash) } else { Applied::Waiting(hash) })
    }

    fn is_root(&self, bytes: &[u8]) -> bool {
        bytes.get(4..8) == self.root.as_bytes().get(..4) && bytes == self.genesis.root().bytes
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
        self.doc.get_change_meta_by_hash(&(*hash).into()).is_some()
    }

    /// The changes that others wait for.
    pub fn missing(&self) -> Vec<ChangeHash> {
        self.doc.get_missing_deps(&[]).into_iter().map(ChangeHash::from).collect()
    }

    /// Every change but the derived first one, each behind those that it builds on.
    pub fn changes(&self) -> Vec<RecordChange> {
        let changes = self.doc.get_changes(&[]).into_iter();
        let changes = changes
            .map(|change| RecordChange { hash: change.hash().into(), bytes: change.raw_bytes().to_vec() });
        changes.filter(|change| change.hash != self.root).collect()
    }
}
