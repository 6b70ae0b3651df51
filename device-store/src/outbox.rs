//! Own changes on their way to the server: what waits, and what the server answered.

use std::collections::BTreeSet;

use replica::mutation::{Rule, is_off};
use replica::sync::OutboxItem;
use replica::wire::RefusalCode;
use replica::{ChangeHash, Epoch, RecordId};

use crate::carried;
use crate::database::{From, Keys, Transaction};
use crate::error::{CorruptRow, StoreError};
use crate::names::first_operation;
use crate::records::{Listing, enqueue};
use crate::rows::{ChangeRow, OutboxRow, RecordRow, RefusedRow};
use crate::schema::{BY_HASH, CARRIED, CHANGES, OUTBOX, RECORDS, REFUSED, STREAMS};
use crate::store::Store;
use crate::streams::row_of_stream;
use crate::table;

/// The front of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// In the order in which they were made.
    pub changes: Vec<OutboxItem>,
    /// What waits and cannot be sent, since it or its record is damaged. The others go without it.
    pub corrupt: Vec<CorruptRow>,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// Changes that left the outbox since the server has them.
    pub acked: u32,
    /// Changes that the server refused.
    pub refused: u32,
    /// The records that they belong to.
    pub records: BTreeSet<RecordId>,
}

impl Store {
    /// How many changes wait.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn outbox_len(&self) -> Result<u32, StoreError> {
        self.read(&[OUTBOX], async |tx| table::count(tx, From::Store(OUTBOX), Keys::All).await).await
    }

    /// The first changes that wait and are not in `skip`: at most `max_changes`, and no more than `max_bytes`
    /// of them, but one at least where any waits.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn outbox_read(
        &self,
        max_changes: usize,
        max_bytes: usize,
        skip: &BTreeSet<ChangeHash>,
    ) -> Result<Batch, StoreError> {
        self.read(&[OUTBOX, CHANGES, RECORDS], async |tx| {
            let mut batch = Batch::default();
            let mut room = max_bytes;
            // Rows without bytes: damaged and skipped ones take no place, or they would hold up the rest.
            let waiting: Vec<Result<OutboxRow, _>> =
                table::all(tx, From::Store(OUTBOX), Keys::All, u32::MAX).await?;
            for waiting in waiting {
                if batch.changes.len() >= max_changes {
                    break;
                }
                if waiting.as_ref().is_ok_and(|waiting| skip.contains(&waiting.hash)) {
                    continue;
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

    /// Takes the server's answers, all in one write: what it holds leaves the outbox; what it refused is
    /// shown among the refused, and leaves the outbox too unless it may pass later. Changes that no answer
    /// names stay. The streams of what it holds are noted to be of `epoch`, where they had none yet, so that
    /// a server restored from before these answers is found out.
    ///
    /// # Errors
    /// [`StoreError::Lost`], [`StoreError::Full`].
    pub async fn settle(
        &self,
        epoch: Option<Epoch>,
        acked: &[ChangeHash],
        refused: &[(ChangeHash, RefusalCode)],
    ) -> Result<Settlement, StoreError> {
        self.write(&[OUTBOX, CHANGES, RECORDS, REFUSED, STREAMS], async |tx| {
            let mut settlement = Settlement::default();
            for hash in acked {
                if let Some(record) = acknowledge(tx, *hash).await? {
                    settlement.acked += 1;
                    settlement.records.insert(record);
                }
            }
            if let Some(epoch) = epoch.filter(|_| !is_off(Rule::EpochWithAck)) {
                for record in &settlement.records {
                    note_epoch(tx, *record, epoch).await?;
                }
            }
            for (hash, code) in refused {
                if let Some(record) = set_aside(tx, *hash, *code).await? {
                    settlement.refused += 1;
                    settlement.records.insert(record);
                }
            }
            Ok(settlement)
        })
        .await
    }

    /// How many changes the server refused.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn refused_len(&self) -> Result<u32, StoreError> {
        self.read(&[REFUSED], async |tx| table::count(tx, From::Store(REFUSED), Keys::All).await).await
    }

    /// The changes that the server refused.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn refused(&self) -> Result<Listing<RefusedRow>, StoreError> {
        self.read(&[REFUSED], async |tx| {
            Ok(Listing::of(table::all(tx, From::Store(REFUSED), Keys::All, u32::MAX).await?))
        })
        .await
    }

    /// Offers all that was refused to the server once more: own changes, each behind those that it may build on, and
    /// batches out of others' backups; the records they are of.
    ///
    /// # Errors
    /// [`StoreError::Lost`], [`StoreError::Full`].
    pub async fn refused_again(&self) -> Result<BTreeSet<RecordId>, StoreError> {
        self.write(&[REFUSED, OUTBOX, RECORDS, CARRIED], async |tx| {
            let mut all = Listing::of(table::all(tx, From::Store(REFUSED), Keys::All, u32::MAX).await?).rows;
            all.sort_by_key(|refused: &RefusedRow| first_operation(&refused.bytes));
            let mut records = BTreeSet::new();
            carried::again(tx, &mut records).await?;
            for refused in all {
                table::delete(tx, REFUSED, table::key(refused.hash)).await?;
                let is_new = enqueue(tx, refused.record, refused.hash, refused.bytes.len()).await?;
                recount(tx, refused.record, |row| {
                    row.refused = row.refused.saturating_sub(1);
                    row.unsent += u32::from(is_new);
                })
                .await?;
                records.insert(refused.record);
            }
            Ok(records)
        })
        .await
    }

    /// Drops a refused change, and the answers in it, from this device for ever. Export it before.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn refused_drop(&self, hash: ChangeHash) -> Result<(), StoreError> {
        self.write(&[REFUSED, CHANGES, OUTBOX, RECORDS], async |tx| {
            let Some(refused) = take_refused(tx, hash).await? else { return Ok(()) };
            let waiting = waiting(tx, hash).await?;
            if let Some(waiting) = &waiting {
                take_out(tx, waiting).await?;
            }
            let key = table::keys(&[&refused.record.to_string(), &hash.to_string()]);
            table::delete(tx, CHANGES, key).await?;
            recount(tx, refused.record, |row| {
                row.refused = row.refused.saturating_sub(1);
                row.changes = row.changes.saturating_sub(1);
                row.unsent = row.unsent.saturating_sub(u32::from(waiting.is_some()));
                row.stale = true;
            })
            .await
        })
        .await
    }
}

pub(crate) async fn outgoing(
    tx: &dyn Transaction,
    waiting: Result<OutboxRow, CorruptRow>,
) -> Result<Result<OutboxItem, CorruptRow>, StoreError> {
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
        Ok(Some((change, row))) => {
            Ok(Ok(OutboxItem { genesis: row.genesis, hash: waiting.hash, bytes: change.bytes }))
        }
        Ok(None) => Ok(Err(CorruptRow {
            store: CHANGES.to_owned(),
            key: format!("{} {}", waiting.record, waiting.hash),
            why: "it waits in the outbox and is not there".to_owned(),
        })),
        Err(StoreError::Corrupt(corrupt)) => Ok(Err(corrupt)),
        Err(error) => Err(error),
    }
}

/// Notes that the server has a change: it leaves the outbox, and the refused. Tells its record, where it
/// was waiting.
pub(crate) async fn acknowledge(
    tx: &dyn Transaction,
    hash: ChangeHash,
) -> Result<Option<RecordId>, StoreError> {
    let Some(waiting) = waiting(tx, hash).await? else { return Ok(None) };
    take_out(tx, &waiting).await?;
    let was_refused = take_refused(tx, hash).await?.is_some();
    recount(tx, waiting.record, |row| {
        row.unsent = row.unsent.saturating_sub(1);
        row.refused = row.refused.saturating_sub(u32::from(was_refused));
    })
    .await?;
    Ok(Some(waiting.record))
}

async fn set_aside(
    tx: &dyn Transaction,
    hash: ChangeHash,
    code: RefusalCode,
) -> Result<Option<RecordId>, StoreError> {
    let Some(waiting) = waiting(tx, hash).await? else { return Ok(None) };
    if code.waits_for_others() {
        return Ok(None);
    }
    let stays = code.may_pass_later();
    if !stays {
        take_out(tx, &waiting).await?;
    }
    let key = table::keys(&[&waiting.record.to_string(), &hash.to_string()]);
    let change: Option<ChangeRow> = table::readable(table::get(tx, From::Store(CHANGES), key).await)?;
    let refused = RefusedRow {
        hash,
        record: waiting.record,
        code,
        tried_again: stays,
        at: tx.now(),
        bytes: change.map(|change| change.bytes).unwrap_or_default(),
    };
    let known = table::count(tx, From::Store(REFUSED), table::key(hash)).await? > 0;
    table::put(tx, refused).await?;
    recount(tx, waiting.record, |row| {
        row.unsent = row.unsent.saturating_sub(u32::from(!stays));
        row.refused += u32::from(!known);
    })
    .await?;
    Ok(Some(waiting.record))
}

async fn note_epoch(tx: &dyn Transaction, record: RecordId, epoch: Epoch) -> Result<(), StoreError> {
    let row = table::get(tx, From::Store(RECORDS), table::key(record)).await;
    let Some(row) = table::readable::<RecordRow>(row)? else { return Ok(()) };
    let stream = row.genesis.stream();
    let mut row = row_of_stream(tx, &stream).await?;
    if row.cursor.epoch.is_some() {
        return Ok(());
    }
    row.cursor.epoch = Some(epoch);
    table::put(tx, row).await
}

async fn waiting(tx: &dyn Transaction, hash: ChangeHash) -> Result<Option<OutboxRow>, StoreError> {
    table::readable(table::get(tx, From::Index(OUTBOX, BY_HASH), table::key(hash)).await)
}

async fn take_out(tx: &dyn Transaction, waiting: &OutboxRow) -> Result<(), StoreError> {
    match waiting.position {
        Some(position) => table::delete(tx, OUTBOX, table::position(position)).await,
        None => Ok(()),
    }
}

/// Changes the counts of a record. One whose index row is damaged or gone is passed over, so that it holds
/// up no other record's answers.
pub(crate) async fn recount(
    tx: &dyn Transaction,
    record: RecordId,
    change: impl FnOnce(&mut RecordRow),
) -> Result<(), StoreError> {
    let row = table::get(tx, From::Store(RECORDS), table::key(record)).await;
    let Some(mut row) = table::readable::<RecordRow>(row)? else { return Ok(()) };
    change(&mut row);
    row.updated_at = tx.now();
    table::put(tx, row).await
}

async fn take_refused(tx: &dyn Transaction, hash: ChangeHash) -> Result<Option<RefusedRow>, StoreError> {
    let refused = table::readable(table::get(tx, From::Store(REFUSED), table::key(hash)).await)?;
    if refused.is_some() {
        table::delete(tx, REFUSED, table::key(hash)).await?;
    }
    Ok(refused)
}
