//! Own changes on their way to the server: what waits, and what the server answered.

use indexed_db_futures::transaction::Transaction;
use replica::{ChangeHash, Genesis, RecordId, StreamId};

use super::connection::Store;
use super::error::{CorruptRow, StoreError};
use super::records::{Listing, enqueue, row};
use super::rows::{ChangeRow, OutboxRow, RecordRow, RefusedRow, StreamRow};
use super::schema::{BY_HASH, BY_OWN_STREAM, CHANGES, OUTBOX, RECORDS, REFUSED, STREAMS};
use super::table::{self, From};
use crate::device::clock;

/// A change that waits for the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its place in the outbox.
    pub position: u64,
    /// Its record.
    pub record: RecordId,
    /// The record's genesis.
    pub genesis: Genesis,
    /// Its hash.
    pub hash: ChangeHash,
    /// The uncompressed Automerge change.
    pub bytes: Vec<u8>,
}

/// The front of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// In the order in which they were made.
    pub changes: Vec<Outgoing>,
    /// What waits and cannot be sent, since it or its record is damaged. The others go without it.
    pub corrupt: Vec<CorruptRow>,
}

/// What the server said of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It has it, on its disk, under this number.
    Held(u64),
    /// It does not want it; the code says why.
    Refused(String),
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settlement {
    /// Changes that left the outbox since the server has them.
    pub held: u32,
    /// Changes that left it since the server refused them.
    pub refused: u32,
}

impl Store {
    /// How many changes wait.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn outbox_len(&self) -> Result<u32, StoreError> {
        self.read(&[OUTBOX], async |tx| table::count(tx, From::Store(OUTBOX), None).await).await
    }

    /// The first changes that wait: at most `max_changes`, and no more than `max_bytes` of them, but one
    /// at least where any waits.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn outbox_read(&self, max_changes: u32, max_bytes: usize) -> Result<Batch, StoreError> {
        self.read(&[OUTBOX, CHANGES, RECORDS], async |tx| {
            let mut batch = Batch::default();
            let mut room = max_bytes;
            // Damaged rows take no place, or a batch of nothing but them would hold up the rest.
            let waiting: Vec<Result<OutboxRow, _>> =
                table::all(tx, From::Store(OUTBOX), None, u32::MAX).await?;
            for waiting in waiting {
                if batch.changes.len() >= max_changes as usize {
                    break;
                }
                match outgoing(tx, waiting).await? {
                    Ok(change) if batch.changes.is_empty() || change.bytes.len() <= room => {
                        room = room.saturating_sub(change.bytes.len());
                        batch.changes.push(change);
                    }
                    Ok(_) => break,
                    Err(corrupt) => batch.corrupt.push(corrupt),
                }
            }
            Ok(batch)
        })
        .await
    }

    /// Takes the server's answers: what it holds leaves the outbox, what it refused goes to the refused.
    /// Changes that no answer names stay. All of it is one write.
    ///
    /// # Errors
    /// [`StoreError::Lost`], [`StoreError::Full`].
    pub async fn settle(&self, answers: &[(ChangeHash, Settled)]) -> Result<Settlement, StoreError> {
        self.write(&[OUTBOX, CHANGES, RECORDS, REFUSED, STREAMS], async |tx| {
            let mut settlement = Settlement::default();
            for (hash, answer) in answers {
                let Some(waiting) = take_out(tx, *hash).await? else { continue };
                match answer {
                    Settled::Held(seq) => {
                        settlement.held += 1;
                        mark_held(tx, waiting.record, *hash, *seq).await?;
                    }
                    Settled::Refused(code) => {
                        settlement.refused += 1;
                        set_aside(tx, &waiting, code).await?;
                    }
                }
            }
            Ok(settlement)
        })
        .await
    }

    /// Puts back in the outbox every own change of a stream that the last full reading did not name: the
    /// server has lost it. Tells how many.
    ///
    /// # Errors
    /// [`StoreError::Lost`], [`StoreError::Full`].
    pub async fn reoffer(&self, stream: &StreamId) -> Result<u32, StoreError> {
        self.write(&[STREAMS, CHANGES, OUTBOX, RECORDS, REFUSED], async |tx| {
            let read: Option<StreamRow> = table::get(tx, From::Store(STREAMS), table::key(stream)).await?;
            let pass = read.map_or(0, |row| row.pass);
            let own: Vec<Result<ChangeRow, _>> =
                table::all(tx, From::Index(CHANGES, BY_OWN_STREAM), Some(table::key(stream)), u32::MAX)
                    .await?;
            let mut again = 0;
            for change in own.into_iter().flatten().filter(|change| change.pass != pass) {
                let refused = table::count(tx, From::Store(REFUSED), Some(table::key(change.hash))).await?;
                if refused == 0 && enqueue(tx, change.record, change.hash, change.bytes.len()).await? {
                    again += 1;
                    let row = table::get(tx, From::Store(RECORDS), table::key(change.record)).await;
                    let Some(mut row): Option<RecordRow> = readable(row)? else { continue };
                    row.unsent += 1;
                    table::put(tx, RECORDS, &row).await?;
                }
            }
            Ok(again)
        })
        .await
    }

    /// The changes that the server refused.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn refused(&self) -> Result<Listing<RefusedRow>, StoreError> {
        self.read(&[REFUSED], async |tx| {
            Ok(Listing::of(table::all(tx, From::Store(REFUSED), None, u32::MAX).await?))
        })
        .await
    }

    /// Offers a refused change to the server once more.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Lost`], [`StoreError::Full`].
    pub async fn refused_retry(&self, hash: ChangeHash) -> Result<(), StoreError> {
        self.write(&[REFUSED, OUTBOX, RECORDS], async |tx| {
            let Some(refused) = take_refused(tx, hash).await? else { return Ok(()) };
            let mut row = row(tx, refused.record).await?;
            row.refused = row.refused.saturating_sub(1);
            if enqueue(tx, refused.record, hash, refused.bytes.len()).await? {
                row.unsent += 1;
            }
            table::put(tx, RECORDS, &row).await
        })
        .await
    }

    /// Drops a refused change, and the answers in it, from this device for ever. Export it before.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Lost`].
    pub async fn refused_drop(&self, hash: ChangeHash) -> Result<(), StoreError> {
        self.write(&[REFUSED, CHANGES, RECORDS], async |tx| {
            let Some(refused) = take_refused(tx, hash).await? else { return Ok(()) };
            let key = table::keys(&[&refused.record.to_string(), &hash.to_string()]);
            table::delete(tx, CHANGES, key).await?;
            let mut row = row(tx, refused.record).await?;
            row.refused = row.refused.saturating_sub(1);
            row.changes = row.changes.saturating_sub(1);
            row.stale = true;
            table::put(tx, RECORDS, &row).await
        })
        .await
    }
}

async fn outgoing(
    tx: &Transaction<'_>,
    waiting: Result<OutboxRow, CorruptRow>,
) -> Result<Result<Outgoing, CorruptRow>, StoreError> {
    let waiting = match waiting {
        Ok(waiting) => waiting,
        Err(corrupt) => return Ok(Err(corrupt)),
    };
    let key = table::keys(&[&waiting.record.to_string(), &waiting.hash.to_string()]);
    let found = async {
        let change: Option<ChangeRow> = table::get(tx, From::Store(CHANGES), key).await?;
        let row: Option<RecordRow> = table::get(tx, From::Store(RECORDS), table::key(waiting.record)).await?;
        Ok(change.zip(row))
    };
    match found.await {
        Ok(Some((change, row))) => Ok(Ok(Outgoing {
            position: waiting.position.unwrap_or_default(),
            record: waiting.record,
            genesis: row.genesis,
            hash: waiting.hash,
            bytes: change.bytes,
        })),
        Ok(None) => Ok(Err(CorruptRow {
            store: CHANGES.to_owned(),
            key: format!("{} {}", waiting.record, waiting.hash),
            why: "it waits in the outbox and is not there".to_owned(),
        })),
        Err(StoreError::Corrupt(corrupt)) => Ok(Err(corrupt)),
        Err(error) => Err(error),
    }
}

/// Takes a change out of the outbox, and tells what stood there.
pub(super) async fn take_out(
    tx: &Transaction<'_>,
    hash: ChangeHash,
) -> Result<Option<OutboxRow>, StoreError> {
    let waiting: Option<OutboxRow> = table::get(tx, From::Index(OUTBOX, BY_HASH), table::key(hash)).await?;
    let Some(waiting) = waiting else { return Ok(None) };
    if let Some(position) = waiting.position {
        table::delete(tx, OUTBOX, table::position(position)).await?;
    }
    Ok(Some(waiting))
}

async fn mark_held(
    tx: &Transaction<'_>,
    record: RecordId,
    hash: ChangeHash,
    seq: u64,
) -> Result<(), StoreError> {
    let Some(row) = count_answered(tx, record, 0).await? else { return Ok(()) };
    let key = table::keys(&[&record.to_string(), &hash.to_string()]);
    let Some(mut change) = readable::<ChangeRow>(table::get(tx, From::Store(CHANGES), key).await)? else {
        return Ok(());
    };
    let stream: Option<StreamRow> =
        table::get(tx, From::Store(STREAMS), table::key(row.genesis.stream())).await?;
    change.seq = Some(seq);
    change.pass = stream.map_or(0, |row| row.pass);
    table::put(tx, CHANGES, &change).await
}

/// Takes an answered change off its record's count of unsent ones. A record whose index row is damaged or
/// gone is passed over, so that it holds up no other record's answers.
async fn count_answered(
    tx: &Transaction<'_>,
    record: RecordId,
    refused: u32,
) -> Result<Option<RecordRow>, StoreError> {
    let row = readable(table::get(tx, From::Store(RECORDS), table::key(record)).await)?;
    let Some(mut row): Option<RecordRow> = row else { return Ok(None) };
    row.unsent = row.unsent.saturating_sub(1);
    row.refused += refused;
    row.updated_at = clock::unix_millis();
    table::put(tx, RECORDS, &row).await?;
    Ok(Some(row))
}

/// A row, where it is there and can be read.
fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(StoreError::Corrupt(_)) => Ok(None),
        other => other,
    }
}

async fn set_aside(tx: &Transaction<'_>, waiting: &OutboxRow, code: &str) -> Result<(), StoreError> {
    count_answered(tx, waiting.record, 1).await?;
    let key = table::keys(&[&waiting.record.to_string(), &waiting.hash.to_string()]);
    let change: Option<ChangeRow> = readable(table::get(tx, From::Store(CHANGES), key).await)?;
    let refused = RefusedRow {
        hash: waiting.hash,
        record: waiting.record,
        code: code.to_owned(),
        at: clock::unix_millis(),
        bytes: change.map(|change| change.bytes).unwrap_or_default(),
    };
    table::put(tx, REFUSED, &refused).await
}

async fn take_refused(tx: &Transaction<'_>, hash: ChangeHash) -> Result<Option<RefusedRow>, StoreError> {
    let refused: Option<RefusedRow> = table::get(tx, From::Store(REFUSED), table::key(hash)).await?;
    if refused.is_some() {
        table::delete(tx, REFUSED, table::key(hash)).await?;
    }
    Ok(refused)
}
