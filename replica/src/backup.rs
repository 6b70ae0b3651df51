//! A backup: one file with everything on a phone that is not on the server yet, which any phone or the server takes in.
//!
//! The file is CBOR (RFC 8949): `["loket backup 1", time, [[public key, push body]...], [photo...], [typed...], sum]`.
//! A push body is the signed batch exactly as it would have gone over the line, so whoever hands it in speaks with the
//! writer's own signature and needs no right of its own to write. A photo is `[genesis, path, media type, bytes]`, what
//! was typed `[genesis, tab, time in milliseconds, entry]`; `sum` is SHA-256 over all that stands before it.

mod read;
mod write;

use std::fmt;

use crate::attestation::AttestationError;
use crate::envelope::{Envelope, EnvelopeError, Limits};
use crate::genesis::Genesis;
use crate::id::{ChangeHash, PublicKey, TabId};
use crate::wire::PushRequest;

pub use write::Writer;

/// What stands at the beginning of every backup of this version.
const NAME: &str = "loket backup 1";
/// What stands at the beginning of one of any version.
const ANY: &str = "loket backup ";
/// Bytes of the sum with its CBOR head.
const SUM: usize = 2 + 32;

/// Most bytes of a backup.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;
/// Most batches in it.
pub const MAX_BATCHES: usize = 4_096;
/// Most photos in it.
pub const MAX_PHOTOS: usize = 4_096;
/// Most typed entries in it.
pub const MAX_TYPED: usize = 65_536;
/// Most bytes of one photo.
pub const MAX_PHOTO_BYTES: usize = 8 * 1024 * 1024;
/// Most bytes of any text in it.
const MAX_TEXT: usize = 256 * 1024;

/// Why a file is no backup that can be taken in. Nothing of it was taken then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// Something else.
    #[error("the file is not a backup of Loket")]
    NotABackup,
    /// Written by a later version of the app.
    #[error("the file was written by a later version of Loket; update, then take it in")]
    Later,
    /// Its end is missing.
    #[error("the end of the file is missing: it was not copied to the end; copy it again")]
    Truncated,
    /// Its content is not what was written.
    #[error("the file was damaged: its content is not what was written; copy it again")]
    Damaged,
    /// More of something than a backup holds.
    #[error("the file has more {what} than {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// Undamaged, and not what it should be: whoever wrote it does it otherwise.
    #[error("the file cannot be read: {what}")]
    Malformed {
        /// What is wrong, and at which byte where that is known.
        what: String,
    },
}

impl BackupError {
    /// A short name for catalogues of texts: `other`, `later`, `truncated`, `damaged`, `malformed`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotABackup => "other",
            Self::Later => "later",
            Self::Truncated => "truncated",
            Self::Damaged => "damaged",
            Self::TooMany { .. } | Self::Malformed { .. } => "malformed",
        }
    }
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup<'b> {
    /// When it was made, in Unix seconds of the device: a claim.
    pub made_at: i64,
    /// Changes, signed, in the order in which they were made.
    pub batches: Vec<Signed>,
    /// Photos that the server does not have.
    pub photos: Vec<Photo<'b>>,
    /// What was typed and is not a change yet.
    pub typed: Vec<Typed>,
}

/// A batch as its writer would have sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The writer's key; the writer's name follows from it.
    pub key: PublicKey,
    /// The batch.
    pub request: PushRequest,
}

/// A photo and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo<'b> {
    /// Its record.
    pub genesis: Genesis,
    /// The question that it answers.
    pub path: String,
    /// Such as `image/jpeg`.
    pub mime: String,
    /// The picture.
    pub bytes: &'b [u8],
}

/// Something typed that is not a change yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Its record.
    pub genesis: Genesis,
    /// The tab typed in.
    pub tab: TabId,
    /// When, in milliseconds since 1970 of the device.
    pub at: u64,
    /// What, as the app's journal has it.
    pub entry: String,
}

/// A batch that its writer did not make so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchFault {
    /// One of the changes is none.
    #[error("change {place}: {why}")]
    Change {
        /// Its place in the batch, from 0.
        place: usize,
        /// What is wrong.
        why: EnvelopeError,
    },
    /// One of the changes is by another device than the one that signed.
    #[error("change {place} is not by the device that signed")]
    Actor {
        /// Its place in the batch, from 0.
        place: usize,
    },
    /// The signature is not the writer's over these changes.
    #[error(transparent)]
    Signature(#[from] AttestationError),
}

impl<'b> Backup<'b> {
    /// Reads a backup: all of it, within its bounds. Never panics, whatever the bytes. Whether the signatures hold is
    /// another question, see [`Signed::check`].
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn parse(bytes: &'b [u8]) -> Result<Self, BackupError> {
        read::backup(bytes)
    }

    /// How many changes there are.
    pub fn changes(&self) -> usize {
        self.batches.iter().map(|batch| batch.request.items.len()).sum()
    }
}

impl Signed {
    /// Checks that the device of this key wrote all of the batch and signed for it. What stands on the outside of each
    /// change comes back, in order.
    ///
    /// # Errors
    /// [`BatchFault`], the first there is.
    pub fn check(&self) -> Result<Vec<Envelope>, BatchFault> {
        let mut envelopes = Vec::with_capacity(self.request.items.len());
        for (place, item) in self.request.items.iter().enumerate() {
            let parsed = Envelope::parse(&item.bytes, &Limits::STANDARD);
            let envelope = parsed.map_err(|why| BatchFault::Change { place, why })?;
            if envelope.actor.device() != self.request.attestation.device {
                return Err(BatchFault::Actor { place });
            }
            envelopes.push(envelope);
        }
        let hashes: Vec<ChangeHash> = envelopes.iter().map(|envelope| envelope.hash).collect();
        self.request.attestation.verify(&self.key, &hashes)?;
        Ok(envelopes)
    }
}

impl fmt::Display for Backup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (changes, photos, typed) = (self.changes(), self.photos.len(), self.typed.len());
        write!(f, "{changes} changes, {photos} photos, {typed} unfinished entries")
    }
}
