//! What comes from the server: changes, and the cursor that counts them, in one write.

use std::collections::BTreeSet;

use replica::mutation::{Rule, is_off};
use replica::sync::Cursor;
use replica::wire::PullReply;
use replica::{ChangeHash, Genesis, RecordId, StreamId};

use crate::database::{From, Keys, Transaction};
use crate::error::StoreError;
use crate::names;
use crate::outbox::acknowledge;
use crate::records::{enqueue, row_of};
use crate::rows::{ChangeRow, PhotoRow, PhotoState, RecordRow, StreamRow};
use crate::schema::{CHANGES, JOURNAL, NAMES, OUTBOX, PHOTOS, RECORDS, REFUSED, STREAMS};
use crate::store::Store;
use crate::table;

/// What a page brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenIn {
    /// Changes that were not here.
    pub new: u32,
    /// Whether the page names changes without their bytes, as it does those of this device, that are not here: all has
    /// to be compared, so that they are fetched.
    pub lacks: bool,
    /// The records that they belong to; what lists show of these is stale now.
    pub records: BTreeSet<RecordId>,
}

impl Store {
    /// How far a stream has been read; not at all where it is new or the row is damaged. Where something of it is to be
    /// fetched again, it counts fewer than the server, so that whoever goes on from here compares the two.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn cursor(&self, stream: &StreamId) -> Result<Cursor, StoreError> {
        self.read(&[STREAMS], async |tx| {
            let StreamRow { cursor, lacks, .. } = row_of_stream(tx, stream).await?;
            let lacking = u64::try_from(lacks.len()).unwrap_or(u64::MAX);
            Ok(Cursor { count: cursor.count.saturating_sub(lacking), ..cursor })
        })
        .await
    }

    /// Keeps a page of a stream, what it names, and where the cursor stands with it, all or nothing. A page taken in
    /// again brings nothing new. An own change that the server names counts as acknowledged. Without a cursor the page
    /// holds changes that were missing among older ones, and is kept alone.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn take_in(
        &self,
        stream: &StreamId,
        reply: &PullReply,
        cursor: Option<Cursor>,
    ) -> Result<TakenIn, StoreError> {
        if let Some(cursor) = cursor.filter(|_| is_off(Rule::CursorWithChanges)) {
            self.write(&[STREAMS, NAMES], async |tx| {
                names::note(tx, stream, &reply.entries).await?;
                table::put(tx, StreamRow { cursor, ..row_of_stream(tx, stream).await? }).await
            })
            .await?;
        }
        self.write(&[STREAMS, NAMES, RECORDS, CHANGES, OUTBOX, JOURNAL, REFUSED, PHOTOS], async |tx| {
            let mut taken = TakenIn::default();
            for entry in &reply.entries {
                let genesis = usize::try_from(entry.genesis).ok().and_then(|at| reply.geneses.get(at));
                // The engine has checked the indices; one that is wrong all the same is not to be counted.
                let Some(genesis) = genesis else {
                    return Err(StoreError::Failed("a change without its record".to_owned()));
                };
                if take_in_one(tx, genesis, entry.hash, entry.bytes.as_deref()).await? {
                    taken.new += 1;
                    taken.records.insert(genesis.record_id());
                }
            }
            if let Some(cursor) = cursor {
                taken.lacks = lacks(tx, reply).await?;
                names::note(tx, stream, &reply.entries).await?;
                table::put(tx, StreamRow { cursor, ..row_of_stream(tx, stream).await? }).await?;
            } else {
                forget_withheld(tx, stream, reply).await?;
            }
            Ok(taken)
        })
        .await
    }
}

/// What the server was asked for and does not give, as it does not what it set aside, is waited for no longer.
async fn forget_withheld(
    tx: &dyn Transaction,
    stream: &StreamId,
    reply: &PullReply,
) -> Result<(), StoreError> {
    let mut row = row_of_stream(tx, stream).await?;
    let before = row.lacks.len();
    let withheld =
        |hash: &ChangeHash| reply.entries.iter().any(|entry| entry.hash == *hash && entry.bytes.is_none());
    row.lacks.retain(|hash| !withheld(hash));
    if row.lacks.len() == before { Ok(()) } else { table::put(tx, row).await }
}

/// A stream's row; a new one where there is none, or where it is damaged.
pub(crate) async fn row_of_stream(tx: &dyn Transaction, stream: &StreamId) -> Result<StreamRow, StoreError> {
    let row = table::get(tx, From::Store(STREAMS), table::key(stream)).await;
    Ok(table::readable(row)?.unwrap_or_else(|| StreamRow::new(stream.clone())))
}

/// A server that lost changes may have lost photos too, those of other streams as well, of which it may never have told
/// this device anything. It is asked before one is sent, so those it has cost little.
pub(crate) async fn offer_photos_again(tx: &dyn Transaction) -> Result<(), StoreError> {
    let photos: Vec<Result<PhotoRow, _>> = table::all(tx, From::Store(PHOTOS), Keys::All, u32::MAX).await?;
    for mut photo in photos.into_iter().flatten().filter(|photo| photo.state == PhotoState::Sent) {
        let row = table::get(tx, From::Store(RECORDS), table::key(photo.record)).await;
        let Some(mut row) = table::readable::<RecordRow>(row)? else { continue };
        photo.state = PhotoState::Waiting;
        photo.sent = 0;
        photo.waiting = Some(tx.now());
        row.photos_unsent += 1;
        table::put(tx, photo).await?;
        table::put(tx, row).await?;
    }
    Ok(())
}

pub(crate) async fn offer_again(tx: &dyn Transaction, change: &ChangeRow) -> Result<bool, StoreError> {
    if is_off(Rule::OfferedAgain) {
        return Ok(false);
    }
    let refused = table::count(tx, From::Store(REFUSED), table::key(change.hash)).await?;
    if refused > 0 || !enqueue(tx, change.record, change.hash, change.bytes.len()).await? {
        return Ok(false);
    }
    let row = table::get(tx, From::Store(RECORDS), table::key(change.record)).await;
    if let Some(mut row) = table::readable::<RecordRow>(row)? {
        row.unsent += 1;
        table::put(tx, row).await?;
    }
    Ok(true)
}

/// Whether a page names, without bytes, changes that are not here. Those that were set aside are none of this device's,
/// and are asked for in vain, once.
async fn lacks(tx: &dyn Transaction, reply: &PullReply) -> Result<bool, StoreError> {
    for entry in reply.entries.iter().filter(|entry| entry.bytes.is_none()) {
        let genesis = usize::try_from(entry.genesis).ok().and_then(|at| reply.geneses.get(at));
        let Some(genesis) = genesis else { continue };
        let key = table::keys(&[&genesis.record_id().to_string(), &entry.hash.to_string()]);
        if table::count(tx, From::Store(CHANGES), key).await? == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps one change; whether it is new here.
async fn take_in_one(
    tx: &dyn Transaction,
    genesis: &Genesis,
    hash: ChangeHash,
    bytes: Option<&[u8]>,
) -> Result<bool, StoreError> {
    let record = genesis.record_id();
    let key = table::keys(&[&record.to_string(), &hash.to_string()]);
    let held = table::count(tx, From::Store(CHANGES), key.clone()).await? > 0;
    let readable = table::readable::<ChangeRow>(table::get(tx, From::Store(CHANGES), key).await)?.is_some();
    let Some(bytes) = bytes.filter(|_| !readable) else {
        acknowledge(tx, hash).await?;
        return Ok(false);
    };
    // The row as it was before this change; one that must be reckoned anew does not know of it yet.
    let mut row = row_of(tx, genesis).await?;
    let change = ChangeRow { record, hash, own_stream: None, bytes: bytes.to_vec() };
    table::put(tx, change).await?;
    // What was damaged here was counted before.
    row.changes += u32::from(!held);
    row.stale = true;
    row.updated_at = tx.now();
    table::put(tx, row).await?;
    acknowledge(tx, hash).await?;
    Ok(true)
}
