//! Reading one foreign change without building a document, every bound before its cost.
//!
//! Automerge's own reader inflates compressed chunks without a bound, does not compare the checksum, and
//! walks as many operations as run lengths claim (184 bytes can claim two million), each with as many
//! predecessors as it claims. So the chunk is walked here first, in time and memory that its
//! own bytes bound; only what passes is handed to Automerge.

mod scan;

use automerge::Change;

use crate::id::{Actor, ChangeHash};
use crate::wire::MAX_CHANGE_BYTES;

/// The end of the year 9999, in Unix seconds.
pub(crate) const MAX_TIME: u64 = 253_402_300_799;

/// What a change may be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes.
    pub bytes: usize,
    /// Operations.
    pub ops: u64,
    /// Predecessors of all its operations together.
    pub preds: u64,
    /// Changes that it builds on directly, and likewise other actors that it names.
    pub deps: u64,
    /// The highest operation number. Whoever knows the record bounds it further: an honest change starts at
    /// one more than the highest in all that it builds on.
    pub max_op: u64,
    /// The highest sequence number of an actor in one record.
    pub seq: u64,
    /// Bytes of the commit message.
    pub message: usize,
    /// How far the time may be from 1970, in seconds to either side: Automerge stores differences of times, and
    /// extreme ones overflow (0.12 panics in debug builds).
    pub time: u64,
}

impl Limits {
    /// What server and phones go by.
    pub const STANDARD: Self = Self {
        bytes: MAX_CHANGE_BYTES,
        ops: 2_000,
        preds: 8_000,
        deps: 64,
        max_op: 100_000_000,
        seq: 1_000_000,
        message: 256,
        time: MAX_TIME,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Why bytes are not a change that can be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// More of something than the limits allow.
    #[error("the change has more {what} than {limit}")]
    TooMany {
        /// Of what.
        what: Excess,
        /// How many are allowed.
        limit: u64,
    },
    /// A chunk that is no uncompressed change.
    #[error("the chunk is not an uncompressed change (its type is {0})")]
    ChunkType(u8),
    /// The checksum is not that of the content.
    #[error("the checksum does not match the content")]
    Checksum,
    /// The time is none that a clock can show.
    #[error("the change's time is too far from the present")]
    Time,
    /// The actor is not one of Loket's.
    #[error("the actor is not 24 bytes long")]
    Actor,
    /// Anything else.
    #[error("the bytes are not a sound change: {0}")]
    Malformed(String),
}

/// What there can be too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Bytes in all.
    Bytes,
    /// Operations.
    Ops,
    /// Predecessors.
    Preds,
    /// Dependencies.
    Deps,
    /// Other actors.
    Actors,
    /// The number of its last operation.
    MaxOp,
    /// The sequence number.
    Seq,
    /// Bytes in the message.
    Message,
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Ops => "operations",
            Self::Preds => "predecessors",
            Self::Deps => "dependencies",
            Self::Actors => "actors",
            Self::MaxOp => "operation numbers",
            Self::Seq => "sequence numbers",
            Self::Message => "bytes of message",
        })
    }
}

impl EnvelopeError {
    /// The code that tells a device about it.
    pub fn code(&self) -> crate::wire::RefusalCode {
        use crate::wire::RefusalCode as Code;
        match self {
            Self::TooMany { what: Excess::Bytes | Excess::Message, .. } => Code::TooLarge,
            Self::TooMany { what: Excess::Ops | Excess::Preds | Excess::Deps | Excess::Actors, .. } => {
                Code::TooManyOps
            }
            Self::TooMany { what: Excess::MaxOp, .. } => Code::StartOp,
            Self::TooMany { what: Excess::Seq, .. } => Code::Sequence,
            Self::Actor => Code::ActorNotYours,
            Self::ChunkType(_) | Self::Checksum | Self::Time | Self::Malformed(_) => Code::Malformed,
        }
    }
}

/// What stands on the outside of one sound change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The change's hash.
    pub hash: ChangeHash,
    /// Who wrote it, by its own claim.
    pub actor: Actor,
    /// Its place among the actor's changes in this record, from 1.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// The number of its last operation; one less than `start_op` where it has none.
    pub max_op: u64,
    /// The changes that it builds on.
    pub deps: Vec<ChangeHash>,
    /// When, in Unix seconds of the writing device: a claim.
    pub time: i64,
    /// How many operations.
    pub ops: u64,
}

impl Envelope {
    /// Reads one uncompressed change chunk, all of it and nothing behind it. Never panics, whatever the bytes.
    ///
    /// # Errors
    /// [`EnvelopeError`], whose [`code`](EnvelopeError::code) goes to the sender.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, EnvelopeError> {
        Self::parse_change(bytes, limits).map(|(envelope, _)| envelope)
    }

    pub(crate) fn parse_change(bytes: &[u8], limits: &Limits) -> Result<(Self, Change), EnvelopeError> {
        let ops = scan::scan(bytes, limits)?;
        let malformed = |what: &dyn ToString| EnvelopeError::Malformed(what.to_string());
        let change = Change::try_from(bytes).map_err(|e| malformed(&e))?;
        if u64::try_from(change.len()) != Ok(ops) {
            return Err(malformed(&"its operations cannot be counted"));
        }
        let hash = ChangeHash::from(change.hash());
        if bytes.get(4..8) != hash.as_bytes().get(..4) {
            return Err(EnvelopeError::Checksum);
        }
        let start_op = change.start_op().get();
        let envelope = Self {
            hash,
            actor: change.actor_id().to_bytes().try_into().map_err(|_| EnvelopeError::Actor)?,
            seq: change.seq(),
            start_op,
            max_op: start_op + ops - 1,
            deps: change.deps().iter().copied().map(ChangeHash::from).collect(),
            time: change.timestamp(),
            ops,
        };
        Ok((envelope, change))
    }
}
