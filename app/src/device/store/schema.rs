//! The object stores of the database, and how a first start makes them.

use indexed_db_futures::database::{Database, VersionChangeEvent};
use indexed_db_futures::prelude::*;
use indexed_db_futures::{KeyPath, Result};

/// The database's name in the browser.
pub const NAME: &str = "loket";
/// The layout's number. A change of the stores below raises it and adds a step to [`upgrade`].
pub(super) const VERSION: u32 = 2;

/// One row a record: all that lists need. Key `id`.
pub(super) const RECORDS: &str = "records";
/// Automerge changes. Key `[record, hash]`.
pub(super) const CHANGES: &str = "changes";
/// Own changes that the server has not acknowledged, in order. Key `position`, counted up.
pub(super) const OUTBOX: &str = "outbox";
/// What was typed and is not a change yet, in order. Key `position`, counted up.
pub(super) const JOURNAL: &str = "journal";
/// What is known of each photo. Key `hash`.
pub(super) const PHOTOS: &str = "photos";
/// The photos themselves, apart, so that a list of photos does not load them. Key `hash`.
pub(super) const PHOTO_BYTES: &str = "photo_bytes";
/// Changes that the server refused. Key `hash`.
pub(super) const REFUSED: &str = "refused";
/// Where reading of each stream stands. Key `stream`.
pub(super) const STREAMS: &str = "streams";
/// What the server has named of each stream. Key `[stream, upto]`.
pub(super) const NAMES: &str = "names";
/// Instruments as JSON. Key `hash`.
pub(super) const INSTRUMENTS: &str = "instruments";
/// Single values: identity, home, the last sync report. Key `key`.
pub(super) const META: &str = "meta";

/// Every object store, for whoever must look through all of them.
pub const STORES: [&str; 11] =
    [RECORDS, CHANGES, OUTBOX, JOURNAL, PHOTOS, PHOTO_BYTES, REFUSED, STREAMS, NAMES, INSTRUMENTS, META];

/// Rows by the record that they belong to.
pub(super) const BY_RECORD: &str = "by_record";
/// Outbox rows by change hash; no change waits twice.
pub(super) const BY_HASH: &str = "by_hash";
/// Index rows by unit and kind.
pub(super) const BY_UNIT: &str = "by_unit";
/// Index rows by kind.
pub(super) const BY_KIND: &str = "by_kind";
/// Own changes by stream; other devices' changes are not in it.
pub(super) const BY_OWN_STREAM: &str = "by_own_stream";
/// Photos that are not on the server yet; the others are not in it.
pub(super) const BY_WAITING: &str = "by_waiting";

/// Brings a database of an older layout, or none, to this one.
#[expect(clippy::needless_pass_by_value, reason = "the opener hands them over")]
pub(super) fn upgrade(event: VersionChangeEvent, db: Database) -> Result<()> {
    if event.old_version() < 1.0 {
        first_layout(&db)?;
    }
    if event.old_version() < 2.0 {
        db.create_object_store(NAMES).with_key_path(KeyPath::from(["stream", "upto"])).build()?;
    }
    Ok(())
}

fn first_layout(db: &Database) -> Result<()> {
    let records = db.create_object_store(RECORDS).with_key_path(KeyPath::One("id")).build()?;
    records.create_index(BY_UNIT, KeyPath::from(["unit", "kind"])).build()?;
    records.create_index(BY_KIND, KeyPath::One("kind")).build()?;

    let changes = db.create_object_store(CHANGES).with_key_path(KeyPath::from(["record", "hash"])).build()?;
    changes.create_index(BY_OWN_STREAM, KeyPath::One("own_stream")).build()?;

    let outbox = counted(db, OUTBOX)?;
    outbox.create_index(BY_RECORD, KeyPath::One("record")).build()?;
    outbox.create_index(BY_HASH, KeyPath::One("hash")).with_unique(true).build()?;

    let journal = counted(db, JOURNAL)?;
    journal.create_index(BY_RECORD, KeyPath::One("record")).build()?;

    let photos = db.create_object_store(PHOTOS).with_key_path(KeyPath::One("hash")).build()?;
    photos.create_index(BY_RECORD, KeyPath::One("record")).build()?;
    photos.create_index(BY_WAITING, KeyPath::One("waiting")).build()?;
    db.create_object_store(PHOTO_BYTES).with_key_path(KeyPath::One("hash")).build()?;

    let refused = db.create_object_store(REFUSED).with_key_path(KeyPath::One("hash")).build()?;
    refused.create_index(BY_RECORD, KeyPath::One("record")).build()?;

    db.create_object_store(STREAMS).with_key_path(KeyPath::One("stream")).build()?;
    db.create_object_store(INSTRUMENTS).with_key_path(KeyPath::One("hash")).build()?;
    db.create_object_store(META).with_key_path(KeyPath::One("key")).build()?;
    Ok(())
}

fn counted<'a>(
    db: &'a Database,
    name: &'static str,
) -> Result<indexed_db_futures::object_store::ObjectStore<'a>> {
    db.create_object_store(name).with_key_path(KeyPath::One("position")).with_auto_increment(true).build()
}
