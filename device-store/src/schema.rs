//! The object stores, their keys and their indices.

/// The database's name in the browser.
pub const NAME: &str = "loket";
/// The layout's number. A change of the stores below raises it and adds a step to the app's upgrade.
pub const VERSION: u32 = 4;

/// One row a record: all that lists need. Key `id`.
pub const RECORDS: &str = "records";
/// Automerge changes. Key `[record, hash]`.
pub const CHANGES: &str = "changes";
/// Own changes that the server has not acknowledged, in order. Key `position`, counted up.
pub const OUTBOX: &str = "outbox";
/// What was typed and is not a change yet, in order. Key `position`, counted up.
pub const JOURNAL: &str = "journal";
/// What is known of each photo. Key `hash`.
pub const PHOTOS: &str = "photos";
/// The photos themselves, apart, so that a list of photos does not load them. Key `hash`.
pub const PHOTO_BYTES: &str = "photo_bytes";
/// Changes that the server refused. Key `hash`.
pub const REFUSED: &str = "refused";
/// Batches out of other phones' backups, on their way to the server. Key `id`.
pub const CARRIED: &str = "carried";
/// Where reading of each stream stands. Key `stream`.
pub const STREAMS: &str = "streams";
/// What the server has named of each stream. Key `[stream, upto]`.
pub const NAMES: &str = "names";
/// Instruments as JSON. Key `hash`.
pub const INSTRUMENTS: &str = "instruments";
/// Single values: identity, home, the last sync report. Key `key`.
pub const META: &str = "meta";

/// Every object store, for whoever must look through all of them.
pub const STORES: [&str; 12] = [
    RECORDS,
    CHANGES,
    OUTBOX,
    JOURNAL,
    PHOTOS,
    PHOTO_BYTES,
    REFUSED,
    CARRIED,
    STREAMS,
    NAMES,
    INSTRUMENTS,
    META,
];

/// Rows by the record that they belong to.
pub const BY_RECORD: &str = "by_record";
/// Outbox rows by change hash; no change waits twice.
pub const BY_HASH: &str = "by_hash";
/// Index rows by unit and kind.
pub const BY_UNIT: &str = "by_unit";
/// Index rows by kind.
pub const BY_KIND: &str = "by_kind";
/// Index rows that pages look at one by one; most records, which are on the server and let nothing be done, are not in it.
pub const BY_ATTENTION: &str = "by_attention";
/// Index rows of finished interviews by unit, to be counted; others are not in it.
pub const BY_FINISHED: &str = "by_finished";
/// Own changes by stream; other devices' changes are not in it.
pub const BY_OWN_STREAM: &str = "by_own_stream";
/// Photos that are not on the server yet; the others are not in it.
pub const BY_WAITING: &str = "by_waiting";
