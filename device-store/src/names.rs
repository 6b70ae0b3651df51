//! What the server has named of each stream, in the order of its log: what the two compare where they differ.

use std::collections::BTreeSet;

use replica::sync::{Cursor, Held};
use replica::wire::PullEntry;
use replica::wire::reconcile::Named;
use replica::{ChangeHash, Envelope, Limits, RecordId, StreamId};

use crate::database::{From, Key, Keys, Part, Transaction};
use crate::error::StoreError;
use crate::outbox::{acknowledge, recount};
use crate::rows::{ChangeRow, NamesRow, OutboxRow, RecordRow, StreamRow};
use crate::schema::{BY_HASH, BY_OWN_STREAM, CHANGES, NAMES, OUTBOX, PHOTOS, RECORDS, REFUSED, STREAMS};
use crate::store::Store;
use crate::streams::{offer_again, offer_photos_again, row_of_stream};
use crate::table;

/// Bytes of a place and a hash.
const LENGTH: usize = 8 + ChangeHash::LEN;
/// Most names in a row.
const PER_ROW: usize = 4096;

impl Store {
    /// Which changes are here, for comparing a stream with the server's.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn held(&self, stream: &StreamId) -> Result<Held, StoreError> {
        self.read(&[NAMES, CHANGES], async |tx| {
            let all = Keys::All;
            let keys = table::primary_keys(tx, From::Store(CHANGES), all).await?;
            let mut unnamed: BTreeSet<ChangeHash> = keys.into_iter().filter_map(hash_in).collect();
            let mut named = named(tx, stream).await?;
            named.retain(|one| unnamed.remove(&one.hash));
            Ok(Held { named, unnamed })
        })
        .await
    }

    /// Notes that the server holds exactly these of a stream: they leave the outbox, every other own change of the
    /// stream goes back into it, all photos wait again, and the cursor is put in its place, all or nothing.
    /// Tells how many changes the server lacked.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn mend(&self, stream: &StreamId, named: &[Named], cursor: Cursor) -> Result<u32, StoreError> {
        let known: BTreeSet<ChangeHash> = named.iter().map(|one| one.hash).collect();
        self.write(&[STREAMS, NAMES, CHANGES, OUTBOX, RECORDS, REFUSED, PHOTOS], async |tx| {
            table::delete(tx, NAMES, table::keys_within(stream)).await?;
            for some in named.chunks(PER_ROW) {
                append(tx, stream, some).await?;
            }
            let waiting: Vec<Result<OutboxRow, _>> =
                table::all(tx, From::Store(OUTBOX), Keys::All, u32::MAX).await?;
            for waiting in waiting.into_iter().flatten().filter(|waiting| known.contains(&waiting.hash)) {
                acknowledge(tx, waiting.hash).await?;
            }
            let own: Vec<Result<ChangeRow, _>> =
                table::all(tx, From::Index(CHANGES, BY_OWN_STREAM), table::key(stream), u32::MAX).await?;
            let mut lacked: Vec<ChangeRow> =
                own.into_iter().flatten().filter(|change| !known.contains(&change.hash)).collect();
            // Each behind those that it builds on, so that the server can take all of them at once.
            in_order(&mut lacked);
            let mut again = 0;
            for change in lacked {
                again += u32::from(offer_again(tx, &change).await?);
            }
            offer_photos_again(tx).await?;
            let mut row = row_of_stream(tx, stream).await?;
            row.lacks.retain(|hash| known.contains(hash));
            row.lacks = still_lacking(tx, row.lacks).await?;
            table::put(tx, StreamRow { cursor, ..row }).await?;
            Ok(again)
        })
        .await
    }

    /// Removes rows of a record's changes that cannot be read and that do not wait for the server, so that they are
    /// fetched again: the stream's row keeps which, until they are here. Tells how many.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn clear_damaged(&self, record: RecordId) -> Result<u32, StoreError> {
        self.write(&[CHANGES, OUTBOX, RECORDS, STREAMS], async |tx| {
            let keys = table::primary_keys(tx, From::Store(CHANGES), table::keys_within(record)).await?;
            let mut cleared = Vec::new();
            for hash in keys.into_iter().filter_map(hash_in) {
                let key = || table::keys(&[&record.to_string(), &hash.to_string()]);
                let read: Result<Option<ChangeRow>, _> = table::get(tx, From::Store(CHANGES), key()).await;
                let waits = table::count(tx, From::Index(OUTBOX, BY_HASH), table::key(hash)).await?;
                if matches!(read, Err(StoreError::Corrupt(_))) && waits == 0 {
                    table::delete(tx, CHANGES, key()).await?;
                    cleared.push(hash);
                }
            }
            let count = u32::try_from(cleared.len()).unwrap_or(u32::MAX);
            recount(tx, record, |row| row.changes = row.changes.saturating_sub(count)).await?;
            if count > 0 {
                note_lacking(tx, record, cleared).await?;
            }
            Ok(count)
        })
        .await
    }
}

/// Notes which changes of a record are to be fetched again.
async fn note_lacking(
    tx: &dyn Transaction,
    record: RecordId,
    cleared: Vec<ChangeHash>,
) -> Result<(), StoreError> {
    let row = table::get(tx, From::Store(RECORDS), table::key(record)).await;
    let Some(row) = table::readable::<RecordRow>(row)? else { return Ok(()) };
    let mut stream = row_of_stream(tx, &row.genesis.stream()).await?;
    stream.lacks.extend(cleared);
    table::put(tx, stream).await
}

/// Those that are not here: removed while the two were being compared, it may be.
async fn still_lacking(tx: &dyn Transaction, lacks: Vec<ChangeHash>) -> Result<Vec<ChangeHash>, StoreError> {
    if lacks.is_empty() {
        return Ok(lacks);
    }
    let keys = table::primary_keys(tx, From::Store(CHANGES), Keys::All).await?;
    let here: BTreeSet<ChangeHash> = keys.into_iter().filter_map(hash_in).collect();
    Ok(lacks.into_iter().filter(|hash| !here.contains(hash)).collect())
}

/// The number of a change's first operation: higher than those of all that it builds on.
pub(crate) fn first_operation(bytes: &[u8]) -> u64 {
    Envelope::parse(bytes, &Limits::STANDARD).map_or(u64::MAX, |change| change.start_op)
}

/// Puts each change behind those that it builds on.
pub(crate) fn in_order(changes: &mut [ChangeRow]) {
    changes.sort_by_cached_key(|change| first_operation(&change.bytes));
}

/// What the server has named of a stream.
pub(crate) async fn named(tx: &dyn Transaction, stream: &StreamId) -> Result<Vec<Named>, StoreError> {
    let rows: Vec<Result<NamesRow, _>> =
        table::all(tx, From::Store(NAMES), table::keys_within(stream), u32::MAX).await?;
    // A damaged row makes the server name again what stood in it.
    let lists = rows.iter().flatten().flat_map(|row| row.list.chunks_exact(LENGTH));
    Ok(lists.filter_map(read).collect())
}

/// Notes what a page names.
pub(crate) async fn note(
    tx: &dyn Transaction,
    stream: &StreamId,
    entries: &[PullEntry],
) -> Result<(), StoreError> {
    let named: Vec<Named> = entries.iter().map(|entry| Named { seq: entry.seq, hash: entry.hash }).collect();
    append(tx, stream, &named).await
}

async fn append(tx: &dyn Transaction, stream: &StreamId, named: &[Named]) -> Result<(), StoreError> {
    let Some(end) = named.last() else { return Ok(()) };
    let mut list = Vec::with_capacity(named.len() * LENGTH);
    for one in named {
        list.extend_from_slice(&one.seq.to_be_bytes());
        list.extend_from_slice(one.hash.as_bytes());
    }
    table::put(tx, NamesRow { stream: stream.clone(), upto: end.seq, list }).await
}

fn read(bytes: &[u8]) -> Option<Named> {
    let (seq, hash) = bytes.split_first_chunk()?;
    Some(Named { seq: u64::from_be_bytes(*seq), hash: ChangeHash::try_from(hash).ok()? })
}

/// The hash in the key of a change.
fn hash_in(key: Key) -> Option<ChangeHash> {
    match key.into_iter().nth(1)? {
        Part::Text(hash) => hash.parse().ok(),
        Part::Number(_) => None,
    }
}
