//! Removing a record from this device, which is the one thing here that deletes answers.

use replica::RecordId;

use crate::database::{From, Keys, Transaction};
use crate::error::StoreError;
use crate::rows::{PhotoRow, RecordRow};
use crate::schema::{BY_RECORD, CHANGES, JOURNAL, OUTBOX, PHOTO_BYTES, PHOTOS, RECORDS, REFUSED};
use crate::store::Store;
use crate::table;

const TOUCHED: [&str; 7] = [RECORDS, CHANGES, OUTBOX, JOURNAL, PHOTOS, PHOTO_BYTES, REFUSED];

/// Whether a record was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purge {
    /// Nothing of it is on this device.
    Gone,
    /// Something of it is on no other machine, so all of it stayed.
    Kept,
}

impl Store {
    /// Removes everything of a record, provided that the server has acknowledged all of it. For kiosks.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn purge_record(&self, record: RecordId) -> Result<Purge, StoreError> {
        self.remove(record, &RecordRow::is_on_server, true).await
    }

    /// Removes everything of a record that never became a change: what a citizen began and left.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn discard_record(&self, record: RecordId) -> Result<Purge, StoreError> {
        self.remove(record, &|row| row.changes == 0 && row.refused == 0, false).await
    }

    async fn remove(
        &self,
        record: RecordId,
        may: &impl Fn(&RecordRow) -> bool,
        journal_must_be_empty: bool,
    ) -> Result<Purge, StoreError> {
        self.write(&TOUCHED, async |tx| {
            let row: Option<RecordRow> = table::get(tx, From::Store(RECORDS), table::key(record)).await?;
            let Some(row) = row else { return Ok(Purge::Gone) };
            if !may(&row) || waits(tx, record, journal_must_be_empty).await? {
                return Ok(Purge::Kept);
            }
            remove_all(tx, record).await?;
            Ok(Purge::Gone)
        })
        .await
    }
}

/// Whether something of a record waits, whatever the index row counts.
async fn waits(tx: &dyn Transaction, record: RecordId, journal: bool) -> Result<bool, StoreError> {
    let stores: &[&str] = if journal { &[OUTBOX, REFUSED, JOURNAL] } else { &[OUTBOX, REFUSED] };
    for store in stores {
        let waiting = table::count(tx, From::Index(store, BY_RECORD), table::key(record)).await?;
        if waiting > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn remove_all(tx: &dyn Transaction, record: RecordId) -> Result<(), StoreError> {
    let photos: Vec<Result<PhotoRow, _>> =
        table::all(tx, From::Index(PHOTOS, BY_RECORD), table::key(record), u32::MAX).await?;
    for photo in photos.into_iter().flatten() {
        table::delete(tx, PHOTO_BYTES, table::key(photo.hash)).await?;
    }
    for store in [JOURNAL, OUTBOX, PHOTOS, REFUSED] {
        let keys = table::primary_keys(tx, From::Index(store, BY_RECORD), table::key(record)).await?;
        for key in keys {
            table::delete(tx, store, Keys::One(key)).await?;
        }
    }
    table::delete(tx, CHANGES, table::keys_within(record)).await?;
    table::delete(tx, RECORDS, table::key(record)).await
}
