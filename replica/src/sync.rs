//! Bringing a device and the server together: a state machine without I/O.
//!
//! The app feeds [`Engine::on_event`] with what happened and carries out the effects that come back. At most one
//! effect that is answered is under way at any time, and each is answered by exactly one event:
//!
//! | effect | answer |
//! |---|---|
//! | [`Effect::NeedToken`] | [`Event::TokenReady`], [`Event::TokenFailed`] |
//! | [`Effect::ReadOutbox`] | [`Event::OutboxRead`] |
//! | [`Effect::Push`] | [`Event::PushAnswered`] |
//! | [`Effect::Settle`] | [`Event::Settled`] |
//! | [`Effect::SendPhotos`] | [`Event::PhotosSent`] |
//! | [`Effect::Pull`] | [`Event::PullAnswered`] |
//! | [`Effect::TakeIn`] | [`Event::TakenIn`] |
//! | [`Effect::ReadHeld`] | [`Event::HeldRead`] |
//! | [`Effect::Reconcile`] | [`Event::ReconcileAnswered`] |
//! | [`Effect::Mend`] | [`Event::Mended`] |
//!
//! Any of those that touch the device's store may be answered by [`Event::StoreFailed`] instead.

mod backoff;
mod engine;
mod parts;
mod pull;
mod reconcile;

use std::collections::{BTreeSet, HashMap};

use crate::api::Role;
use crate::attestation::DeviceKey;
use crate::genesis::Genesis;
use crate::id::{ChangeHash, Digest, Epoch, StreamId};
use crate::wire::reconcile::{Named, ReconcileReply, ReconcileRequest};
use crate::wire::{PullQuery, PullReply, PushItem, PushReply, PushRequest, RefusalCode};

pub use engine::Engine;
pub use parts::{Next, Parts, Sending};

/// A point in time, in milliseconds of a clock that never goes back.
pub type Millis = u64;

/// What an engine is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// What the device may do: a kiosk only pushes, a coordinator only pulls.
    pub role: Role,
    /// Random bits for the jitter.
    pub seed: u64,
    /// Where there is nothing to do, ask again after so long.
    pub poll: Millis,
    /// The first wait after a failure; it doubles with each more.
    pub backoff_first: Millis,
    /// The longest wait.
    pub backoff_most: Millis,
    /// Changes in the first batch; half as many after a failure, twice as many after a success.
    pub batch_changes: usize,
    /// Bytes of changes in the first batch; likewise.
    pub batch_bytes: usize,
}

impl Config {
    /// What the app goes by.
    pub fn new(role: Role, seed: u64) -> Self {
        Self {
            role,
            seed,
            poll: 60_000,
            backoff_first: 1_000,
            backoff_most: 300_000,
            batch_changes: 64,
            batch_bytes: 64 * 1024,
        }
    }
}

/// How far a device has followed a stream. Kept in the store, in the same transaction as what it speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cursor {
    /// The log's epoch; nothing before the first answer to a pull or push.
    pub epoch: Option<Epoch>,
    /// Everything up to this sequence number is here.
    pub after: u64,
    /// How many changes the server has named up to there.
    pub count: u64,
    /// The digest of those.
    pub digest: Digest,
}

/// The changes on a device, for comparing a stream with the server's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Those that are here and that the server has named in the stream, in any order.
    pub named: Vec<Named>,
    /// Whatever else is here, of this stream or another: it need not be fetched.
    pub unnamed: BTreeSet<ChangeHash>,
}

/// One of the device's own changes, not yet known to be on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its record.
    pub genesis: Genesis,
    /// Its hash.
    pub hash: ChangeHash,
    /// The uncompressed change chunk.
    pub bytes: Vec<u8>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The app is there, with the streams that it follows and how far.
    Started {
        /// The cursors from the store; empty ones for new streams, none for a kiosk.
        cursors: Vec<(StreamId, Cursor)>,
        /// Whether the browser believes to be online.
        online: bool,
    },
    /// The network is there again.
    Online,
    /// The network is gone.
    Offline,
    /// The app came to the front.
    Visible,
    /// The server said that there is more in this stream.
    More(StreamId),
    /// The store found that something is damaged or gone: all streams are compared with the server's.
    Doubt,
    /// Something was put in the outbox, or a photo was taken.
    OutboxGrew,
    /// The time of [`Effect::WakeAt`] has come.
    Timer,
    /// There is a token.
    TokenReady,
    /// There is none.
    TokenFailed(SyncFault),
    /// The oldest changes in the outbox.
    OutboxRead(Vec<OutboxItem>),
    /// The server's answer to a push.
    PushAnswered(Result<PushReply, SyncFault>),
    /// The store has noted what became of a batch.
    Settled,
    /// The photos went, or did not.
    PhotosSent(Result<(), SyncFault>),
    /// The server's answer to a pull.
    PullAnswered(Result<PullReply, SyncFault>),
    /// The store has taken in what was pulled, and the cursor.
    TakenIn,
    /// What there is to compare.
    HeldRead(Held),
    /// The server's answer to a question about what it holds.
    ReconcileAnswered(Result<ReconcileReply, SyncFault>),
    /// The stream is known to be what the server holds, and what that lacks is in the outbox again.
    Mended,
    /// The store could not do what was asked.
    StoreFailed,
}

/// Why a request brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncFault {
    /// No connection.
    Network,
    /// No answer in time.
    Timeout,
    /// The token no longer holds (401).
    Unauthorised,
    /// The server takes no batch as large as this (413).
    TooLarge,
    /// The server refuses the request as a whole (another 4xx).
    Rejected,
    /// The server asks to wait so many milliseconds (429, 503).
    Busy(Millis),
    /// The server failed (another 5xx).
    Server,
    /// The answer cannot be read, or contradicts itself.
    BadReply,
    /// The device's store failed.
    Store,
}

/// What the app is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Get a token: challenge, signature, session.
    NeedToken,
    /// Read the oldest changes of the outbox, up to these limits, but one at least where there is one.
    ReadOutbox {
        /// Bytes of all together.
        max_bytes: usize,
        /// How many.
        max_changes: usize,
        /// Not these: the server could not take them in this round.
        skip: BTreeSet<ChangeHash>,
    },
    /// Send these, see [`batch`].
    Push {
        /// The changes.
        items: Vec<OutboxItem>,
        /// For the attestation.
        epoch: Epoch,
    },
    /// Note what became of a batch, in one transaction: `acked` leave the outbox; `refused` leave it too and are
    /// shown, unless their code [may pass later](RefusalCode::may_pass_later): then they are shown and stay, or only
    /// stay where they [wait for others](RefusalCode::waits_for_others).
    /// Every cursor that has no epoch yet gets this one: otherwise a server restored before the first pull would
    /// go unnoticed, and with it the loss of what it had acknowledged.
    Settle {
        /// The epoch of the log that acknowledged them; nothing where the server said nothing.
        epoch: Option<Epoch>,
        /// The server has these on disk.
        acked: Vec<ChangeHash>,
        /// The server refused these.
        refused: Vec<(ChangeHash, RefusalCode)>,
    },
    /// Send what waits beside the outbox: batches out of others' backups, then photos.
    SendPhotos,
    /// Ask for what is new.
    Pull(PullQuery),
    /// Put changes, their names and the cursor in the store, in one transaction.
    TakeIn {
        /// The stream.
        stream: StreamId,
        /// What came.
        reply: PullReply,
        /// The cursor that belongs to it. Nothing for changes that were missing among older ones: then the cursor
        /// and what the server has named stay as they are.
        cursor: Option<Cursor>,
    },
    /// Read which changes are here, see [`Held`].
    ReadHeld {
        /// The stream.
        stream: StreamId,
    },
    /// Ask the server what it holds.
    Reconcile {
        /// The stream.
        stream: StreamId,
        /// The question.
        request: ReconcileRequest,
    },
    /// In one transaction: note that the server has named exactly these in the stream, put every own change of the
    /// stream that is not among them in the outbox again, let the photos of the stream wait again, and keep the cursor.
    Mend {
        /// The stream.
        stream: StreamId,
        /// All that the server holds up to the cursor, by rising place.
        named: Vec<Named>,
        /// The cursor that belongs to it.
        cursor: Cursor,
    },
    /// Send [`Event::Timer`] then; replaces any earlier one.
    WakeAt(Millis),
    /// How it stands has changed.
    Report(SyncState),
}

/// What the engine is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing to do.
    Idle,
    /// Getting a token, sending changes or photos.
    Sending,
    /// Fetching what is new.
    Receiving,
    /// No network.
    Offline,
    /// Waiting after a failure.
    Waiting,
}

/// How it stands, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncState {
    /// What the engine is about.
    pub phase: Phase,
    /// Why it waits.
    pub fault: Option<SyncFault>,
    /// When it tries again by itself.
    pub retry_at: Option<Millis>,
    /// When it last came to an end with nothing left to do.
    pub done_at: Option<Millis>,
}

/// The signed request for these changes. `time` is in Unix seconds of this device.
pub fn batch(items: &[OutboxItem], key: &DeviceKey, epoch: Epoch, time: i64) -> PushRequest {
    let mut geneses: Vec<Genesis> = Vec::new();
    let mut places: HashMap<&Genesis, u32> = HashMap::new();
    let mut changes = Vec::new();
    for item in items {
        let place = *places.entry(&item.genesis).or_insert_with(|| {
            geneses.push(item.genesis.clone());
            u32::try_from(geneses.len() - 1).unwrap_or(u32::MAX)
        });
        changes.push(PushItem { genesis: place, bytes: item.bytes.clone() });
    }
    let hashes: Vec<ChangeHash> = items.iter().map(|item| item.hash).collect();
    PushRequest { attestation: key.attest(epoch, time, &hashes), geneses, items: changes }
}
