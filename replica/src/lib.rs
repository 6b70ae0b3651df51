//! Records as Automerge documents, the changes that make them, and how they travel.
//!
//! Nothing here reads a clock, a random number, a disk or a network; callers pass those in.

pub mod api;
pub mod attestation;
pub mod backup;
pub mod clash;
mod document;
pub mod edit;
pub mod envelope;
pub mod genesis;
pub mod id;
pub mod key;
mod mark;
pub mod mutation;
mod order;
pub mod record;
pub mod sync;
pub mod wire;

pub use clash::{Clash, ClashKey, StateKey, Version};
pub use document::{Document, DocumentError, WrittenPlaces};
pub use edit::Edit;
pub use envelope::{Envelope, EnvelopeError, Limits};
pub use genesis::{Genesis, ROOT_MAX_OP, RecordKind, RootChange};
pub use id::{
    Actor, Challenge, ChangeHash, ContentHash, DeviceId, Digest, Epoch, IdError, OfficeId, PublicKey,
    RecordId, RoundId, Signature, StreamId, TabId, UnitId,
};
pub use key::{Answer, AnswerPath, CommentId, CommentText, KeyError, RowPath};
pub use record::{Applied, Comment, Committed, LastEdit, Record, RecordChange, RecordError, Seen, View};
