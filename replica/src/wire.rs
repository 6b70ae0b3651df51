//! Push and pull: what goes over the line as CBOR, with every length checked before it is believed.

mod have;
pub mod reconcile;

use std::fmt;

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::{Deserialize, Serialize};

use crate::attestation::Attestation;
use crate::genesis::Genesis;
use crate::id::{ChangeHash, Digest, Epoch, StreamId};
pub use have::{Have, NotHave};

/// The media type of push and pull bodies.
pub const MEDIA_TYPE: &str = "application/cbor";
/// Most bytes of one change.
pub const MAX_CHANGE_BYTES: usize = 64 * 1024;
/// Most changes in one push.
pub const MAX_BATCH_CHANGES: usize = 256;
/// Most bytes of one push, inflated.
pub const MAX_BATCH_BYTES: usize = 1024 * 1024;
/// Most changes in one answer to a pull.
pub const MAX_PULL_CHANGES: usize = 1024;
/// Most bytes of one answer to a pull, inflated. The server stops adding changes at half of it.
pub const MAX_PULL_BYTES: usize = 4 * 1024 * 1024;

/// Most bytes of one question of a reconciliation, inflated.
pub const MAX_QUESTION_BYTES: usize = 64 * 1024;

/// A body that is not the message it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Longer than such a message may be.
    #[error("the message is {found} bytes long, at most {limit} are taken")]
    TooLong {
        /// Its length.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// Not the CBOR that it should be.
    #[error("the message cannot be read: {what}")]
    Malformed {
        /// What is wrong, and at which byte where that is known.
        what: String,
    },
    /// Bytes behind the end of the message.
    #[error("the message goes on for {extra} bytes after its end")]
    Trailing {
        /// How many.
        extra: usize,
    },
    /// A change points to a genesis that is not in the message.
    #[error("change {change} names genesis {genesis}, which is not in the message")]
    NoSuchGenesis {
        /// The position of the change.
        change: usize,
        /// The index it gives.
        genesis: u32,
    },
}

/// A batch of a device's own changes, signed once.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PushRequest {
    /// Who sends it, and the signature over all change hashes in order.
    #[n(0)]
    pub attestation: Attestation,
    /// The records that the changes belong to.
    #[n(1)]
    #[cbor(decode_with = "push_list")]
    pub geneses: Vec<Genesis>,
    /// The changes, those of one record in the order of their dependencies.
    #[n(2)]
    #[cbor(decode_with = "push_list")]
    pub items: Vec<PushItem>,
}

/// One change in a push.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PushItem {
    /// Index of its record in [`PushRequest::geneses`].
    #[n(0)]
    pub genesis: u32,
    /// The uncompressed Automerge change chunk.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// The server's answer to a push: one outcome per change, in order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PushReply {
    /// The log's epoch.
    #[n(0)]
    pub epoch: Epoch,
    /// What became of each change.
    #[n(1)]
    #[cbor(decode_with = "push_list")]
    pub outcomes: Vec<Outcome>,
}

/// What became of one change that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the log now, on disk, under this sequence number.
    Stored(u64),
    /// It was in the log before.
    Known(u64),
    /// It is not in the log.
    Refused(RefusalCode),
}

/// The server's answer to a pull.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PullReply {
    /// The log's epoch.
    #[n(0)]
    pub epoch: Epoch,
    /// The new cursor: everything visible up to it is in this answer or was before `after`.
    #[n(1)]
    pub upto: u64,
    /// Whether there is more behind `upto`.
    #[n(2)]
    pub more: bool,
    /// How many changes the stream has up to the request's `after`.
    #[n(3)]
    pub count: u64,
    /// The digest of those.
    #[n(4)]
    pub digest: Digest,
    /// The records that the changes belong to.
    #[n(5)]
    #[cbor(decode_with = "pull_list")]
    pub geneses: Vec<Genesis>,
    /// The changes, by rising sequence number.
    #[n(6)]
    #[cbor(decode_with = "pull_list")]
    pub entries: Vec<PullEntry>,
}

/// One change in an answer to a pull.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PullEntry {
    /// Its sequence number in the log.
    #[n(0)]
    pub seq: u64,
    /// Index of its record in [`PullReply::geneses`].
    #[n(1)]
    pub genesis: u32,
    /// Its hash.
    #[n(2)]
    pub hash: ChangeHash,
    /// The change; nothing where the asking device wrote it, or where it was set aside.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub bytes: Option<Vec<u8>>,
}

/// What a pull asks for, as the query of a GET.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullQuery {
    /// The stream.
    pub stream: StreamId,
    /// The cursor: changes with a higher sequence number are wanted.
    pub after: u64,
    /// What the device holds up to there; nothing before the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<Have>,
    /// At most so many changes in the answer; nothing for as many as fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

impl PullQuery {
    /// The query as it stands in the address, without the question mark. None of the values needs escaping.
    pub fn to_query(&self) -> String {
        use fmt::Write;
        let mut query = format!("stream={}&after={}", self.stream, self.after);
        // Writing into a String has no way to fail.
        if let Some(have) = self.have {
            let _ = write!(query, "&have={have}");
        }
        if let Some(limit) = self.limit {
            let _ = write!(query, "&limit={limit}");
        }
        query
    }

    /// The answer that stands in these bytes. None at all say that the server holds what the device said it has, and
    /// nothing behind it.
    ///
    /// # Errors
    /// [`WireError`] where it is no answer to this.
    pub fn read(&self, body: &[u8]) -> Result<PullReply, WireError> {
        match self.have {
            Some(Have { epoch, count, digest }) if body.is_empty() => Ok(PullReply {
                epoch,
                upto: self.after,
                more: false,
                count,
                digest,
                geneses: Vec::new(),
                entries: Vec::new(),
            }),
            _ => PullReply::from_cbor(body),
        }
    }

    /// Whether this answer says no more than the device said itself, so that it goes as no bytes at all.
    pub fn says_all_of(&self, reply: &PullReply) -> bool {
        self.read(&[]).is_ok_and(|nothing| nothing == *reply)
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a change was not taken. The texts are part of the wire and never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum RefusalCode {
            $($(#[$doc])* $name,)*
            /// A code that this version does not know.
            Unrecognised,
        }

        impl RefusalCode {
            /// All codes that this version knows.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as it stands on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Unrecognised => "unrecognised",
                }
            }

            /// The code that is written so; [`Self::Unrecognised`] where there is none.
            pub fn from_text(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)*
                    _ => Self::Unrecognised,
                }
            }
        }
    };
}

refusals! {
    /// The bytes are not one sound, uncompressed Automerge change.
    Malformed = "malformed",
    /// More bytes than a change may have.
    TooLarge = "too-large",
    /// More operations than a change may have.
    TooManyOps = "too-many-ops",
    /// Its operations are numbered beyond what the record can have come to.
    StartOp = "start-op",
    /// Its sequence number was used by another change of the same actor, or leaves a gap.
    Sequence = "sequence",
    /// Its actor is not one of the device that sends it.
    ActorNotYours = "actor-not-yours",
    /// It builds on a change that is neither stored nor before it in the batch; may be taken later.
    UnknownDependency = "unknown-dependency",
    /// The device may not write in this record.
    NotPermitted = "not-permitted",
    /// The genesis is not sound, or names a unit, round or instrument that does not exist.
    UnknownRecord = "unknown-record",
    /// The record has as many changes as it may have.
    RecordFull = "record-full",
}

impl RefusalCode {
    /// Whether nothing is wrong with the change: it builds on another device's that has not arrived yet, as after a
    /// server was restored from an older copy. It waits; nobody has to do anything about it.
    pub fn waits_for_others(self) -> bool {
        self == Self::UnknownDependency
    }

    /// Whether the same change may be taken at another time, so that it stays in the outbox.
    pub fn may_pass_later(self) -> bool {
        matches!(self, Self::UnknownDependency | Self::UnknownRecord | Self::Unrecognised)
    }
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for RefusalCode {
    fn from(text: String) -> Self {
        Self::from_text(&text)
    }
}

impl From<RefusalCode> for String {
    fn from(code: RefusalCode) -> String {
        code.as_str().to_owned()
    }
}

impl<C> Encode<C> for Outcome {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.array(2)?;
        match self {
            Self::Stored(seq) => e.u8(0)?.u64(*seq)?.ok(),
            Self::Known(seq) => e.u8(1)?.u64(*seq)?.ok(),
            Self::Refused(code) => e.u8(2)?.str(code.as_str())?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Outcome {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let at = d.position();
        if d.array()? != Some(2) {
            return Err(DecodeError::message("an outcome is a pair").at(at));
        }
        match d.u8()? {
            0 => Ok(Self::Stored(d.u64()?)),
            1 => Ok(Self::Known(d.u64()?)),
            2 => Ok(Self::Refused(RefusalCode::from_text(d.str()?))),
            _ => Err(DecodeError::message("no such outcome").at(at)),
        }
    }
}

impl PushRequest {
    /// The batch as a request body.
    pub fn to_cbor(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads a batch; what it returns points to no genesis that is not there.
    ///
    /// # Errors
    /// [`WireError`] where the body is too long or is not a batch.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, WireError> {
        let request: Self = decode(bytes, MAX_BATCH_BYTES)?;
        check_indices(request.items.iter().map(|item| item.genesis), request.geneses.len())?;
        Ok(request)
    }
}

impl PushReply {
    /// The answer as a body.
    pub fn to_cbor(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// [`WireError`] where the body is too long or is not an answer to a push.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, WireError> {
        decode(bytes, MAX_BATCH_BYTES)
    }
}

impl PullReply {
    /// The answer as a body.
    pub fn to_cbor(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads an answer; what it returns points to no genesis that is not there.
    ///
    /// # Errors
    /// [`WireError`] where the body is too long or is not an answer to a pull.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, WireError> {
        let reply: Self = decode(bytes, MAX_PULL_BYTES)?;
        check_indices(reply.entries.iter().map(|entry| entry.genesis), reply.geneses.len())?;
        Ok(reply)
    }
}

fn check_indices(indices: impl Iterator<Item = u32>, geneses: usize) -> Result<(), WireError> {
    for (change, genesis) in indices.enumerate() {
        if usize::try_from(genesis).map_or(true, |index| index >= geneses) {
            return Err(WireError::NoSuchGenesis { change, genesis });
        }
    }
    Ok(())
}

fn encode<T: Encode<()>>(message: &T) -> Vec<u8> {
    // Encoding into a vector has no way to fail.
    minicbor::to_vec(message).unwrap_or_default()
}

fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8], limit: usize) -> Result<T, WireError> {
    if bytes.len() > limit {
        return Err(WireError::TooLong { found: bytes.len(), limit });
    }
    let mut decoder = Decoder::new(bytes);
    let message = decoder.decode().map_err(|e: DecodeError| WireError::Malformed { what: e.to_string() })?;
    match bytes.len() - decoder.position() {
        0 => Ok(message),
        extra => Err(WireError::Trailing { extra }),
    }
}

fn push_list<'b, T: Decode<'b, C>, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<T>, DecodeError> {
    list(d, ctx, MAX_BATCH_CHANGES)
}

fn pull_list<'b, T: Decode<'b, C>, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<T>, DecodeError> {
    list(d, ctx, MAX_PULL_CHANGES)
}

/// Reads a list of known length; reserves nothing on the message's word alone.
fn list<'b, T: Decode<'b, C>, C>(
    d: &mut Decoder<'b>,
    ctx: &mut C,
    most: usize,
) -> Result<Vec<T>, DecodeError> {
    let at = d.position();
    let length = d.array()?.and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= most);
    let Some(length) = length else {
        return Err(DecodeError::message("a list has no length, or one beyond its limit").at(at));
    };
    let mut items = Vec::new();
    for _ in 0..length {
        items.push(d.decode_with(ctx)?);
    }
    Ok(items)
}
