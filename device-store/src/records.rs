//! Records: the index that lists read, opening one, typing into its journal, and the one write that
//! makes a change of it.

use replica::mutation::{Rule, is_off};
use replica::{ChangeHash, Genesis, RecordId, RecordKind, TabId, UnitId};
use serde::Serialize;

use crate::database::{From, Keys, Transaction};
use crate::error::{CorruptRow, StoreError};
use crate::rows::{ChangeRow, JournalRow, OutboxRow, PhotoRow, RecordRow, Summary};
use crate::schema::{
    BY_HASH, BY_KIND, BY_RECORD, BY_UNIT, CHANGES, JOURNAL, OUTBOX, PHOTOS, RECORDS, REFUSED, STREAMS,
};
use crate::store::Store;
use crate::streams::row_of_stream;
use crate::table;

/// A list, and what could not be read of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Rows that are damaged; the others are not touched by them.
    pub corrupt: Vec<CorruptRow>,
}

impl<T> Listing<T> {
    pub(crate) fn of(found: Vec<Result<T, CorruptRow>>) -> Self {
        let mut listing = Self { rows: Vec::with_capacity(found.len()), corrupt: Vec::new() };
        for row in found {
            match row {
                Ok(row) => listing.rows.push(row),
                Err(corrupt) => listing.corrupt.push(corrupt),
            }
        }
        listing
    }
}

/// Everything of a record that opening it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRecord {
    /// Its index row.
    pub row: RecordRow,
    /// Its changes in no particular order, without the derived first one.
    pub changes: Vec<Vec<u8>>,
    /// What was typed and is not a change yet, in order, of all tabs.
    pub journal: Vec<JournalRow>,
    /// Rows that are damaged.
    pub corrupt: Vec<CorruptRow>,
    /// Changes of its stream that were damaged and removed, and have not come again yet.
    pub lacks: Vec<ChangeHash>,
}

/// A change that is ready to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewChange {
    /// Its record.
    pub record: RecordId,
    /// Its hash.
    pub hash: ChangeHash,
    /// The uncompressed Automerge change.
    pub bytes: Vec<u8>,
    /// The journal rows that went into it.
    pub journal: Vec<u64>,
    /// What lists show from now on.
    pub summary: Summary,
    /// Answers that do not hold, where the form reckoned them.
    pub unsound: Option<u32>,
    /// How many changes that was reckoned from, this one among them: where there are more, the row is stale.
    pub counted: usize,
}

impl Store {
    /// The records of a kind, of a unit, of both, or all: index rows only.
    ///
    /// # Errors
    /// [`StoreError::Lost`] and what the browser refuses; damaged rows stand in the listing.
    pub async fn list_records(
        &self,
        kind: Option<RecordKind>,
        unit: Option<&UnitId>,
    ) -> Result<Listing<RecordRow>, StoreError> {
        let (from, range) = match (kind, unit) {
            (Some(kind), Some(unit)) => {
                (From::Index(RECORDS, BY_UNIT), table::keys(&[unit.as_str(), kind.as_str()]))
            }
            (None, Some(unit)) => (From::Index(RECORDS, BY_UNIT), table::keys_within(unit)),
            (Some(kind), None) => (From::Index(RECORDS, BY_KIND), table::key(kind.as_str())),
            (None, None) => (From::Store(RECORDS), Keys::All),
        };
        self.read(&[RECORDS], async |tx| {
            Ok(Listing::of(table::all(tx, from, range.clone(), u32::MAX).await?))
        })
        .await
    }

    /// One record's index row.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Corrupt`], [`StoreError::Lost`].
    pub async fn record_row(&self, record: RecordId) -> Result<RecordRow, StoreError> {
        self.read(&[RECORDS], async |tx| row(tx, record).await).await
    }

    /// Everything of one record.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Corrupt`] for the index row (damaged changes are
    /// listed instead), [`StoreError::Lost`].
    pub async fn load_record(&self, record: RecordId) -> Result<StoredRecord, StoreError> {
        self.read(&[RECORDS, CHANGES, JOURNAL, STREAMS], async |tx| {
            let row = row(tx, record).await?;
            let lacks = row_of_stream(tx, &row.genesis.stream()).await?.lacks;
            let changes: Vec<Result<ChangeRow, _>> =
                table::all(tx, From::Store(CHANGES), table::keys_within(record), u32::MAX).await?;
            let journal =
                table::all(tx, From::Index(JOURNAL, BY_RECORD), table::key(record), u32::MAX).await?;
            let (changes, journal) = (Listing::of(changes), Listing::of(journal));
            let mut corrupt = changes.corrupt;
            corrupt.extend(journal.corrupt);
            let changes = changes.rows.into_iter().map(|change| change.bytes).collect();
            Ok(StoredRecord { row, changes, journal: journal.rows, corrupt, lacks })
        })
        .await
    }

    /// Makes a record's index row where there is none; a record that is there stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn create_record(&self, genesis: &Genesis) -> Result<RecordRow, StoreError> {
        self.write(&PARTS, async |tx| {
            let row = row_of(tx, genesis).await?;
            table::put(tx, row.clone()).await?;
            Ok(row)
        })
        .await
    }

    /// Keeps what was typed; it is on the disk when this returns. Tells the journal position, which
    /// [`NewChange::journal`] wants later.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn journal_write<E: Serialize>(
        &self,
        record: RecordId,
        tab: TabId,
        entry: &E,
    ) -> Result<u64, StoreError> {
        let entry = serde_json::to_string(entry).map_err(|error| StoreError::Failed(error.to_string()))?;
        self.write(&[RECORDS, JOURNAL], async |tx| {
            let now = tx.now();
            let mut row = row(tx, record).await?;
            if !row.journal {
                row.journal = true;
                row.updated_at = now;
                table::put(tx, row).await?;
            }
            if is_off(Rule::JournalFlush) {
                return Ok(u64::MAX);
            }
            let typed = JournalRow { position: None, record, tab, at: now, entry: entry.clone() };
            table::put_counted(tx, typed).await
        })
        .await
    }

    /// Keeps a change: the change, its place in the outbox, the index row and the clearing of the
    /// journal are one write, on the disk when this returns. Keeping a change again changes nothing. Nothing is kept
    /// where its journal is not there any more: another tab has made a change of it.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn commit(&self, change: &NewChange) -> Result<Option<RecordRow>, StoreError> {
        self.keep_change(None, change).await
    }

    /// The same for a record that may not be on this device yet: it is begun in the same write.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn commit_new(&self, genesis: &Genesis, change: &NewChange) -> Result<(), StoreError> {
        self.keep_change(Some(genesis), change).await.map(|_| ())
    }

    async fn keep_change(
        &self,
        genesis: Option<&Genesis>,
        change: &NewChange,
    ) -> Result<Option<RecordRow>, StoreError> {
        if is_off(Rule::JournalClearedWithChange) {
            self.journal_forget(change.record, &change.journal).await?;
        }
        let kept = self.write(&PARTS, async |tx| {
            let mut row = match genesis {
                Some(genesis) => row_of(tx, genesis).await?,
                None => row(tx, change.record).await?,
            };
            if !all_there(tx, &change.journal).await? {
                return Ok(None);
            }
            if keep(tx, &row, change).await? {
                row.changes += 1;
                row.unsent += 1;
            }
            clear_journal(tx, &mut row, &change.journal).await?;
            row.summary = change.summary;
            row.stale |= usize::try_from(row.changes).is_ok_and(|held| held > change.counted);
            // Whoever took in what the form had not seen reckons it with that.
            row.unsound = change.unsound.filter(|_| !row.stale).unwrap_or(row.unsound);
            row.updated_at = tx.now();
            table::put(tx, row.clone()).await?;
            Ok(Some(row))
        });
        let kept = kept.await?;
        if is_off(Rule::ChangeWithOutbox) {
            let (record, size) = (change.record, change.bytes.len());
            self.write(&[OUTBOX], async |tx| enqueue(tx, record, change.hash, size).await).await?;
        }
        Ok(kept)
    }

    /// Hands what a tab that is gone typed to another tab, where nobody else took it in the meantime. Tells whether it
    /// is that tab's now.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn journal_take(&self, journal: &[u64], from: TabId, to: TabId) -> Result<bool, StoreError> {
        self.write(&[JOURNAL], async |tx| {
            let mut rows = Vec::with_capacity(journal.len());
            for &place in journal {
                let row = table::get(tx, From::Store(JOURNAL), table::position(place)).await;
                match table::readable::<JournalRow>(row)? {
                    Some(row) if row.tab == from => rows.push(row),
                    _ => return Ok(false),
                }
            }
            for row in rows {
                table::put(tx, JournalRow { tab: to, ..row }).await?;
            }
            Ok(true)
        })
        .await
    }

    /// Forgets journal rows that came to nothing, such as an answer typed and typed back.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Lost`].
    pub async fn journal_forget(&self, record: RecordId, journal: &[u64]) -> Result<RecordRow, StoreError> {
        self.write(&[RECORDS, JOURNAL], async |tx| {
            let mut row = row(tx, record).await?;
            clear_journal(tx, &mut row, journal).await?;
            table::put(tx, row.clone()).await?;
            Ok(row)
        })
        .await
    }

    /// Writes what lists show of a record, reckoned from `changes` changes; where more have come in
    /// since, the row stays marked stale. How many answers do not hold stays as it was where nobody reckoned it.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Lost`].
    pub async fn summarise(
        &self,
        record: RecordId,
        summary: Summary,
        unsound: Option<u32>,
        changes: usize,
    ) -> Result<RecordRow, StoreError> {
        self.write(&[RECORDS], async |tx| {
            let mut row = row(tx, record).await?;
            row.summary = summary;
            row.unsound = unsound.unwrap_or(row.unsound);
            row.stale = usize::try_from(row.changes).is_ok_and(|held| held > changes);
            table::put(tx, row.clone()).await?;
            Ok(row)
        })
        .await
    }
}

/// What an index row is reckoned anew from, and the row itself.
const PARTS: [&str; 6] = [RECORDS, CHANGES, OUTBOX, JOURNAL, REFUSED, PHOTOS];

/// The index row of a record that must be there.
pub(crate) async fn row(tx: &dyn Transaction, record: RecordId) -> Result<RecordRow, StoreError> {
    table::get(tx, From::Store(RECORDS), table::key(record)).await?.ok_or(StoreError::NoSuchRecord(record))
}

/// The index row of a record; a new one where there is none, one reckoned anew where it is damaged. The
/// transaction spans [`PARTS`].
pub(crate) async fn row_of(tx: &dyn Transaction, genesis: &Genesis) -> Result<RecordRow, StoreError> {
    let mut new = RecordRow::new(genesis.clone(), tx.now());
    match table::get(tx, From::Store(RECORDS), table::key(new.id)).await {
        Ok(Some(row)) => return Ok(row),
        Ok(None) => return Ok(new),
        Err(StoreError::Corrupt(_)) => {}
        Err(error) => return Err(error),
    }
    let of_record = || table::key(new.id);
    new.changes = table::count(tx, From::Store(CHANGES), table::keys_within(new.id)).await?;
    new.unsent = table::count(tx, From::Index(OUTBOX, BY_RECORD), of_record()).await?;
    new.journal = table::count(tx, From::Index(JOURNAL, BY_RECORD), of_record()).await? > 0;
    new.refused = table::count(tx, From::Index(REFUSED, BY_RECORD), of_record()).await?;
    let photos = table::all(tx, From::Index(PHOTOS, BY_RECORD), of_record(), u32::MAX).await?;
    let photos: Listing<PhotoRow> = Listing::of(photos);
    let waits = photos.rows.iter().filter(|photo| photo.waiting.is_some()).count();
    new.photos_unsent = u32::try_from(waits).unwrap_or(u32::MAX);
    new.stale = true;
    Ok(new)
}

/// Puts a change and its place in the outbox; false where the change was there.
async fn keep(tx: &dyn Transaction, row: &RecordRow, change: &NewChange) -> Result<bool, StoreError> {
    let hash = change.hash.to_string();
    let key = table::keys(&[&change.record.to_string(), &hash]);
    if table::count(tx, From::Store(CHANGES), key).await? > 0 {
        return Ok(false);
    }
    let stored = ChangeRow {
        record: change.record,
        hash: change.hash,
        own_stream: Some(row.genesis.stream()),
        bytes: change.bytes.clone(),
    };
    table::put(tx, stored).await?;
    if !is_off(Rule::ChangeWithOutbox) {
        enqueue(tx, change.record, change.hash, change.bytes.len()).await?;
    }
    Ok(true)
}

/// Puts a change in the outbox where it is not there; whether it was put.
pub(crate) async fn enqueue(
    tx: &dyn Transaction,
    record: RecordId,
    hash: ChangeHash,
    size: usize,
) -> Result<bool, StoreError> {
    if table::count(tx, From::Index(OUTBOX, BY_HASH), table::key(hash)).await? > 0 {
        return Ok(false);
    }
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    table::put(tx, OutboxRow { position: None, record, hash, size }).await?;
    Ok(true)
}

/// Whether what a change was made of is there.
async fn all_there(tx: &dyn Transaction, journal: &[u64]) -> Result<bool, StoreError> {
    if is_off(Rule::JournalFlush) || is_off(Rule::JournalClearedWithChange) {
        return Ok(true);
    }
    for &place in journal {
        if table::count(tx, From::Store(JOURNAL), table::position(place)).await? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn clear_journal(
    tx: &dyn Transaction,
    row: &mut RecordRow,
    positions: &[u64],
) -> Result<(), StoreError> {
    for &position in positions {
        table::delete(tx, JOURNAL, table::position(position)).await?;
    }
    row.journal = table::count(tx, From::Index(JOURNAL, BY_RECORD), table::key(row.id)).await? > 0;
    Ok(())
}
