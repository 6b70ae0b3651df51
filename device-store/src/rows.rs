//! What stands in each object store.
//!
//! Ids are hex or slugs, bytes are `Uint8Array`s, times are milliseconds since 1970 by this device's
//! clock. Fields that an index reads stand at the top of a row.

use replica::api::Role;
use replica::attestation::DeviceKey;
use replica::sync::Cursor;
use replica::wire::RefusalCode;
use replica::{
    ChangeHash, ContentHash, DeviceId, Genesis, PublicKey, RecordId, RecordKind, StreamId, TabId, UnitId,
};
use serde::{Deserialize, Serialize};

/// What lists show of a record's content, reckoned by whoever had the document open last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// When it was closed, in Unix seconds by the closing device's clock; `None` while open.
    pub closed_at: Option<i64>,
    /// Whether consent was withdrawn.
    pub withdrawn: bool,
    /// Questions answered with something.
    pub answers: u32,
    /// Questions or rows with more than one value.
    pub clashes: u32,
}

/// A record as lists show it, without opening its document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordRow {
    /// The record's id.
    pub id: RecordId,
    /// Visit or interview.
    pub kind: RecordKind,
    /// The unit it is about.
    pub unit: UnitId,
    /// The whole genesis.
    pub genesis: Genesis,
    /// What lists show of its content.
    pub summary: Summary,
    /// Changes kept on this device, not counting the derived first one.
    pub changes: u32,
    /// Own changes that the server has not acknowledged.
    pub unsent: u32,
    /// Changes that the server refused, those out of others' backups among them.
    pub refused: u32,
    /// Changes out of others' backups that wait to be handed in.
    #[serde(default)]
    pub carried: u32,
    /// Photos taken here that are not on the server.
    pub photos_unsent: u32,
    /// Answers in a visit that do not hold, as a merge may leave them; reckoned by the form, which the store does not
    /// know.
    #[serde(default)]
    pub unsound: u32,
    /// Whether something typed here is not a change yet.
    pub journal: bool,
    /// Whether changes came in since the summary was reckoned.
    pub stale: bool,
    /// When it was first seen on this device.
    pub created_at: u64,
    /// When it last changed on this device.
    pub updated_at: u64,
    /// 1 where pages look at the row by itself; an index goes by it. Set whenever the row is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<u8>,
    /// 1 in a finished interview; an index goes by it. Set whenever the row is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<u8>,
}

impl RecordRow {
    /// A record that nobody has written in.
    pub fn new(genesis: Genesis, now: u64) -> Self {
        Self {
            id: genesis.record_id(),
            kind: genesis.kind,
            unit: genesis.unit.clone(),
            genesis,
            summary: Summary::default(),
            changes: 0,
            unsent: 0,
            refused: 0,
            carried: 0,
            photos_unsent: 0,
            unsound: 0,
            journal: false,
            stale: false,
            created_at: now,
            updated_at: now,
            attention: None,
            finished: None,
        }
        .marked()
    }

    /// The same with the marks that indices go by as they follow from the rest.
    #[must_use]
    pub(crate) fn marked(mut self) -> Self {
        let is_sound = self.summary.clashes == 0 && self.unsound == 0;
        let is_quiet = self.changes > 0 && !self.stale && is_sound && self.is_on_server();
        let is_finished = self.kind == RecordKind::Interview && self.summary.closed_at.is_some();
        self.attention = (!is_quiet).then_some(1);
        self.finished = is_finished.then_some(1);
        self
    }

    /// Whether everything of it that was made here is on the server.
    pub fn is_on_server(&self) -> bool {
        self.unsent == 0 && self.refused == 0 && self.carried == 0 && self.photos_unsent == 0 && !self.journal
    }
}

/// An Automerge change as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// The record.
    pub record: RecordId,
    /// The hash.
    pub hash: ChangeHash,
    /// The stream, where this device wrote the change; it is what an index finds own changes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_stream: Option<StreamId>,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// A change that waits for the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Its place in the order; counted by the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The record.
    pub record: RecordId,
    /// The hash.
    pub hash: ChangeHash,
    /// Bytes of the change.
    pub size: u32,
}

/// What was typed, waiting to become a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRow {
    /// Where it stands in the order of typing on this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The record typed in.
    pub record: RecordId,
    /// The tab typed in.
    pub tab: TabId,
    /// When.
    pub at: u64,
    /// What was typed, as JSON.
    pub entry: String,
}

/// A change that the server refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// The change.
    pub hash: ChangeHash,
    /// Its record.
    pub record: RecordId,
    /// Why.
    pub code: RefusalCode,
    /// Whether it stays in the outbox, since the server may take it another time.
    pub tried_again: bool,
    /// When the answer came.
    pub at: u64,
    /// The change itself.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// A batch out of another phone's backup, to be handed in as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedRow {
    /// Its name: the hash of its bytes.
    pub id: String,
    /// The key of the device that signed it.
    pub key: PublicKey,
    /// The body of the push.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// How many changes are in it.
    pub changes: u32,
    /// 1 for each change in it that the server said it has, in order; nothing where it said nothing yet.
    #[serde(default, with = "serde_bytes")]
    pub stored: Vec<u8>,
    /// Why the server refused something of it for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalCode>,
}

/// Where a photo is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhotoState {
    /// Only on this device.
    Waiting,
    /// Some of its bytes are on the server.
    Partly,
    /// On the server too.
    Sent,
    /// The server does not want it; the code says why.
    Refused(String),
}

/// What is known of a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoRow {
    /// Its name: SHA-256 of its bytes.
    pub hash: ContentHash,
    /// The record it belongs to.
    pub record: RecordId,
    /// The question it answers.
    pub path: String,
    /// Such as `image/jpeg`.
    pub mime: String,
    /// Length in bytes.
    pub length: u32,
    /// Bytes known to be on the server.
    pub sent: u32,
    /// Where it is.
    pub state: PhotoState,
    /// When it was stored here; there only while it waits, since an index goes by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u64>,
    /// Further records that it answers in, and that the server has not been told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RecordId>,
}

/// A photo's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoBytesRow {
    /// The hash.
    pub hash: ContentHash,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// How far a stream has been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamRow {
    /// The stream.
    pub stream: StreamId,
    /// Where it stands.
    pub cursor: Cursor,
    /// Changes that were damaged and removed, and have not come again yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<ChangeHash>,
}

impl StreamRow {
    /// A stream of which nothing has been read.
    pub fn new(stream: StreamId) -> Self {
        Self { stream, cursor: Cursor::default(), lacks: Vec::new() }
    }
}

/// Some of what the server has named of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesRow {
    /// The stream.
    pub stream: StreamId,
    /// The place of the last.
    pub upto: u64,
    /// Place (8 bytes, big-endian) and hash of each, by rising place.
    #[serde(with = "serde_bytes")]
    pub list: Vec<u8>,
}

/// An instrument's JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstrumentRow {
    /// The hash.
    pub hash: ContentHash,
    /// As JSON.
    #[serde(with = "serde_bytes")]
    pub json: Vec<u8>,
}

/// A single value as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetaRow {
    /// Its name.
    pub key: String,
    /// As JSON.
    pub json: String,
}

/// Who this device is to the server.
///
/// The key's seed stands here, in IndexedDB, since WebCrypto's Ed25519 (whose keys need not be readable)
/// is not in every browser that surveyors have, and a key that only some devices can use protects nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The device's id.
    pub device: DeviceId,
    /// The Ed25519 seed.
    pub seed: [u8; 32],
    /// What it may do, as the server said at enrolment.
    pub role: Role,
    /// The person's name, as the server said.
    pub person: String,
    /// The offices it works for.
    pub offices: Vec<replica::OfficeId>,
    /// The one unit of a kiosk.
    pub unit: Option<UnitId>,
    /// When it was enrolled.
    pub enrolled_at: u64,
}

impl Identity {
    /// The key that the device signs with.
    pub fn key(&self) -> DeviceKey {
        DeviceKey::from_seed(&self.seed)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("device", &self.device)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
