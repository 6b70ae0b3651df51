//! How a first start of the app makes the object stores, and a later one brings them up to date.

use device_store::schema::{
    BY_ATTENTION, BY_FINISHED, BY_HASH, BY_KIND, BY_OWN_STREAM, BY_RECORD, BY_UNIT, BY_WAITING, CARRIED,
    CHANGES, INSTRUMENTS, JOURNAL, META, NAMES, OUTBOX, PHOTO_BYTES, PHOTOS, RECORDS, REFUSED, STREAMS,
};
use indexed_db_futures::database::{Database, VersionChangeEvent};
use indexed_db_futures::prelude::*;
use indexed_db_futures::{KeyPath, Result};

/// Brings a database of an older layout, or none, to this one.
#[expect(clippy::needless_pass_by_value, reason = "the opener hands them over")]
pub(super) fn upgrade(event: VersionChangeEvent, db: Database) -> Result<()> {
    if event.old_version() < 1.0 {
        first_layout(&db)?;
    }
    if event.old_version() < 2.0 {
        db.create_object_store(NAMES).with_key_path(KeyPath::from(["stream", "upto"])).build()?;
    }
    if event.old_version() < 3.0 {
        db.create_object_store(CARRIED).with_key_path(KeyPath::One("id")).build()?;
    }
    if event.old_version() < 4.0 {
        overview(&db)?;
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

/// What lets pages show all records without looking at each.
fn overview(db: &Database) -> Result<()> {
    // A store that was there before is reached through one that is made now, and gone with the upgrade.
    let way = db.create_object_store("upgrade").build()?;
    let records = way.transaction().object_store(RECORDS)?;
    records.create_index(BY_ATTENTION, KeyPath::One("attention")).build()?;
    records.create_index(BY_FINISHED, KeyPath::from(["unit", "finished"])).build()?;
    db.delete_object_store("upgrade")
}

fn counted<'a>(
    db: &'a Database,
    name: &'static str,
) -> Result<indexed_db_futures::object_store::ObjectStore<'a>> {
    db.create_object_store(name).with_key_path(KeyPath::One("position")).with_auto_increment(true).build()
}
