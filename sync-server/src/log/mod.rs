//! The change log: append-only, the only truth. Everything else is built from it.
//!
//! A log takes batches whose changes were checked one by one ([`crate::verify`]) and decides what
//! only it can know: what is stored already, what a change depends on, whose turn it is. Those
//! rules stand in [`rules`], the same for every kind of log.

pub mod copy;
pub mod postgres;
pub mod rules;
pub mod sqlite;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use replica::wire::Outcome;
use replica::{Actor, ChangeHash, DeviceId, Digest, Epoch, Genesis, RecordId, Signature, StreamId};
use thiserror::Error;

use crate::database::StoreError;
use copy::{Signed, Stood};

/// Place of a change in the log: from 1, ever rising, with holes.
pub type Seq = u64;

/// A record as a batch names it.
#[derive(Debug, Clone)]
pub struct BatchRecord {
    /// The id that follows from the genesis.
    pub id: RecordId,
    /// What was known before anyone wrote.
    pub genesis: Genesis,
    /// The derived first change, which is stored nowhere.
    pub root: ChangeHash,
    /// The highest operation counter in the derived first change.
    pub root_max_op: u64,
}

/// A change that was found well-formed and permitted.
#[derive(Debug, Clone)]
pub struct BatchChange {
    /// Its record's place in [`Batch::records`].
    pub record: usize,
    /// SHA-256 as Automerge reckons it.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub actor: Actor,
    /// The actor's count of changes in this record, from 1.
    pub sequence: u64,
    /// Counter of its first operation.
    pub start_op: u64,
    /// Counter of its last operation.
    pub max_op: u64,
    /// The changes that it builds on.
    pub deps: Vec<ChangeHash>,
    /// The change as an uncompressed Automerge chunk.
    pub bytes: Vec<u8>,
}

/// What a device signed for, kept next to the changes.
#[derive(Debug, Clone)]
pub struct Attested {
    /// Who signed.
    pub device: DeviceId,
    /// The log's epoch as the device knew it.
    pub epoch: Epoch,
    /// The device's time, Unix seconds: a claim.
    pub time: i64,
    /// Ed25519 over all of this and the hashes.
    pub signature: Signature,
    /// Every change of the batch as it was sent, in order, refused ones too.
    pub hashes: Vec<ChangeHash>,
}

/// Changes that arrived together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The signature over the batch.
    pub attested: Attested,
    /// The records that the changes belong to.
    pub records: Vec<BatchRecord>,
    /// The changes, in the order in which they were sent.
    pub changes: Vec<BatchChange>,
    /// The server's time, Unix seconds.
    pub received_at: i64,
}

/// A change in the log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its place.
    pub seq: Seq,
    /// Its record.
    pub record: RecordId,
    /// What its record began with.
    pub genesis: Arc<Genesis>,
    /// SHA-256 as Automerge reckons it.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub actor: Actor,
    /// The server's time, Unix seconds.
    pub received_at: i64,
    /// The change as an uncompressed Automerge chunk.
    pub bytes: Vec<u8>,
}

/// How many changes a stream holds up to a place, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamDigest {
    /// How many.
    pub count: u64,
    /// XOR of their hashes' first 16 bytes.
    pub digest: Digest,
}

/// A log failed. Of the batch nothing was stored, or all, or the part of one office: sending it again is harmless.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log is being closed.
    #[error("the server is stopping")]
    Closed,
}

impl LogError {
    /// True where the same call may succeed in a while.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_passing())
    }

    /// The same once more, for another who waits.
    fn again(&self) -> Self {
        match self {
            Self::Store(error) => Self::Store(StoreError::Unreachable(error.to_string())),
            Self::Closed => Self::Closed,
        }
    }
}

impl From<rusqlite::Error> for LogError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A change log. Every call blocks; callers in async code move it to a thread of its own.
pub trait Log: Send + Sync {
    /// Names the log, for what is built from it: drawn when it was made, and the same in every copy of it.
    fn id(&self) -> Epoch;

    /// Which life of the log this is, for devices: another one wherever it may have lost what it had acknowledged. Who
    /// tells a device what is stored asks for the epoch first: one that has passed meanwhile makes the device look again.
    fn epoch(&self) -> Epoch;

    /// How often to look for what others wrote; none where this process alone writes.
    fn watch(&self) -> Option<Duration> {
        None
    }

    /// Stores what can be stored of a batch. Returns one outcome for each of its changes, in
    /// order, after everything stored is durable.
    ///
    /// # Errors
    /// See [`LogError`].
    fn append(&self, batch: Batch) -> Result<Vec<Outcome>, LogError>;

    /// Changes of a stream after `after` up to and with `upto`, oldest first, at most `limit`
    /// in number, and about `bytes` in size (at least one where there is any).
    ///
    /// # Errors
    /// Where the store fails.
    fn read_since(
        &self,
        stream: &StreamId,
        after: Seq,
        upto: Seq,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<Entry>, LogError>;

    /// Changes of all streams after `after`, oldest first: what the worker follows. Never skips
    /// a change that is still being written.
    ///
    /// # Errors
    /// Where the store fails.
    fn read_all(&self, after: Seq, limit: usize) -> Result<Vec<Entry>, LogError>;

    /// All changes of a record up to and with `upto`, oldest first; none for a record unknown.
    ///
    /// # Errors
    /// Where the store fails.
    fn changes_of(&self, record: RecordId, upto: Seq) -> Result<Vec<Entry>, LogError>;

    /// What a record began with; none where no change of it was ever stored.
    ///
    /// # Errors
    /// Where the store fails.
    fn genesis(&self, record: RecordId) -> Result<Option<Genesis>, LogError>;

    /// Count and digest of a stream up to and with `upto`, in one look-up.
    ///
    /// # Errors
    /// Where the store fails.
    fn digest(&self, stream: &StreamId, upto: Seq) -> Result<StreamDigest, LogError>;

    /// Changes of all streams after `after` as [`Self::read_all`] gives them, with what was signed for each.
    ///
    /// # Errors
    /// Where the store fails.
    fn read_signed(&self, after: Seq, limit: usize) -> Result<Vec<Signed>, LogError>;

    /// Stores batches at the places where they stood in another log, in the order given, by the same rules. Only for a
    /// log that no server writes to; a batch belongs to one office.
    ///
    /// # Errors
    /// Where the store fails.
    fn take_over(&self, batches: &[(Batch, Stood)]) -> Result<Vec<Vec<Outcome>>, LogError>;

    /// The highest place up to which nothing is still being written, 0 in an empty log.
    ///
    /// # Errors
    /// Where the store fails.
    fn last(&self) -> Result<Seq, LogError>;
}
