//! What comes from the server: changes and the cursor that counts them, in one write.

use std::collections::BTreeSet;

use indexed_db_futures::transaction::Transaction;
use replica::{ChangeHash, Epoch, Genesis, RecordId, StreamId};

use super::connection::Store;
use super::error::StoreError;
use super::outbox::take_out;
use super::records::{Listing, row_of};
use super::rows::{ChangeRow, StreamRow};
use super::schema::{CHANGES, JOURNAL, OUTBOX, RECORDS, STREAMS};
use super::table::{self, From};
use crate::device::clock;

/// A change that the server named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The server's number for it.
    pub seq: u64,
    /// Its record's genesis.
    pub genesis: Genesis,
    /// Its hash.
    pub hash: ChangeHash,
    /// The change; `None` where this device has it already or nobody is to have it.
    pub bytes: Option<Vec<u8>>,
}

/// One page of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The stream.
    pub stream: StreamId,
    /// Which life of the server's log it comes from.
    pub epoch: Epoch,
    /// Whether it is the first page of a reading from the beginning.
    pub from_start: bool,
    /// Where the cursor stands after it.
    pub upto: u64,
    /// Whether more pages follow.
    pub more: bool,
    /// What it names.
    pub changes: Vec<Incoming>,
}

/// What a page brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenIn {
    /// Changes that were not here.
    pub new: u32,
    /// The records that they belong to; what lists show of these is stale now.
    pub records: BTreeSet<RecordId>,
    /// Whether a full reading has come to its end, so that [`Store::reoffer`] is due.
    pub full_reading_done: bool,
}

impl Store {
    /// Where reading of a stream stands.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Lost`].
    pub async fn stream(&self, stream: &StreamId) -> Result<StreamRow, StoreError> {
        self.read(&[STREAMS], async |tx| {
            let row = table::get(tx, From::Store(STREAMS), table::key(stream)).await?;
            Ok(row.unwrap_or_else(|| StreamRow::new(stream.clone())))
        })
        .await
    }

    /// Every stream that was read.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn streams(&self) -> Result<Listing<StreamRow>, StoreError> {
        self.read(&[STREAMS], async |tx| {
            Ok(Listing::of(table::all(tx, From::Store(STREAMS), None, u32::MAX).await?))
        })
        .await
    }

    /// Keeps a page and moves the cursor, both or neither. A page taken in again brings nothing new. An
    /// own change that the server names counts as acknowledged.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn take_in(&self, page: &Page) -> Result<TakenIn, StoreError> {
        self.write(&[STREAMS, RECORDS, CHANGES, OUTBOX, JOURNAL], async |tx| {
            let row = table::get(tx, From::Store(STREAMS), table::key(&page.stream)).await?;
            let mut stream = row.unwrap_or_else(|| StreamRow::new(page.stream.clone()));
            if page.from_start {
                stream = StreamRow {
                    pass: stream.pass.wrapping_add(1),
                    full: true,
                    ..StreamRow::new(page.stream.clone())
                };
            }
            let mut taken = TakenIn::default();
            // What lies at or before the cursor was counted with an earlier page.
            for change in page.changes.iter().filter(|change| change.seq > stream.cursor) {
                stream.count += 1;
                stream.digest.toggle(&change.hash);
                if take_in_one(tx, &stream, change).await? {
                    taken.new += 1;
                    taken.records.insert(change.genesis.record_id());
                }
            }
            stream.epoch = Some(page.epoch);
            stream.cursor = stream.cursor.max(page.upto);
            taken.full_reading_done = stream.full && !page.more;
            stream.full &= page.more;
            table::put(tx, STREAMS, &stream).await?;
            Ok(taken)
        })
        .await
    }
}

/// Keeps one change or marks it as named by the server; whether it is new here.
async fn take_in_one(
    tx: &Transaction<'_>,
    stream: &StreamRow,
    change: &Incoming,
) -> Result<bool, StoreError> {
    let record = change.genesis.record_id();
    let key = table::keys(&[&record.to_string(), &change.hash.to_string()]);
    let (held, damaged): (Option<ChangeRow>, _) = match table::get(tx, From::Store(CHANGES), key).await {
        // What is damaged here is written over with what the server has.
        Err(StoreError::Corrupt(_)) => (None, true),
        other => (other?, false),
    };
    let new = held.is_none();
    let kept = match (held, &change.bytes) {
        (Some(held), _) => ChangeRow { seq: Some(change.seq), pass: stream.pass, ..held },
        (None, Some(bytes)) => ChangeRow {
            record,
            hash: change.hash,
            own_stream: None,
            seq: Some(change.seq),
            pass: stream.pass,
            bytes: bytes.clone(),
        },
        (None, None) => return Ok(false),
    };
    // The row as it was before this change; one that must be reckoned anew does not know it yet.
    let mut row = row_of(tx, &change.genesis).await?;
    table::put(tx, CHANGES, &kept).await?;
    let acknowledged = take_out(tx, change.hash).await?.is_some();
    if new || acknowledged {
        let now = clock::unix_millis();
        row.changes += u32::from(new && !damaged);
        row.stale |= new;
        row.unsent = row.unsent.saturating_sub(u32::from(acknowledged));
        row.updated_at = now;
        table::put(tx, RECORDS, &row).await?;
    }
    Ok(new)
}
