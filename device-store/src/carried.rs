//! Batches out of other phones' backups: taken in, handed in as they are, and what the server refused of them.

use std::collections::BTreeSet;

use replica::backup::Signed;
use replica::wire::{Outcome, PushRequest, RefusalCode};
use replica::{ChangeHash, Envelope, Genesis, Limits, RecordId};

use crate::database::{From, Keys, Transaction};
use crate::error::StoreError;
use crate::names::{in_order, named};
use crate::outbox::recount;
use crate::records::{Listing, row_of};
use crate::rows::{CarriedRow, ChangeRow, RecordRow};
use crate::schema::{CARRIED, CHANGES, JOURNAL, NAMES, OUTBOX, PHOTOS, RECORDS, REFUSED};
use crate::store::Store;
use crate::table;

/// What a batch out of a backup brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Changes that were not here.
    pub new: u32,
    /// Changes that were here.
    pub known: u32,
    /// The records that they belong to.
    pub records: BTreeSet<RecordId>,
}

impl CarriedRow {
    /// What of it the server does not have as far as this device knows: changes, each with its record.
    pub fn left(&self) -> Vec<(RecordId, Vec<u8>)> {
        let mut left = Vec::new();
        let Ok(request) = PushRequest::from_cbor(&self.bytes) else { return left };
        for (place, item) in request.items.into_iter().enumerate() {
            let genesis = usize::try_from(item.genesis).ok().and_then(|at| request.geneses.get(at));
            if let Some(genesis) = genesis.filter(|_| self.stored.get(place) != Some(&1)) {
                left.push((genesis.record_id(), item.bytes));
            }
        }
        left
    }

    /// How many changes these are.
    pub fn count(&self) -> u32 {
        self.stored.iter().fold(self.changes, |count, stored| count.saturating_sub(u32::from(*stored)))
    }
}

/// What becomes of a batch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
    Dropped,
}

impl Store {
    /// Takes in a batch of another device, whose signature the caller has checked: its changes show here at once, and
    /// the batch waits to be handed in as it is. `id` names it; the same one again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn carry(
        &self,
        id: &str,
        signed: &Signed,
        changes: &[Envelope],
    ) -> Result<Carried, StoreError> {
        let Signed { key, request } = signed;
        let bytes = request.to_cbor();
        self.write(&[CARRIED, RECORDS, CHANGES, OUTBOX, JOURNAL, REFUSED, PHOTOS], async |tx| {
            let mut carried = Carried::default();
            for (item, change) in request.items.iter().zip(changes) {
                let genesis = usize::try_from(item.genesis).ok().and_then(|at| request.geneses.get(at));
                let Some(genesis) = genesis else { continue };
                let new = keep(tx, genesis, change.hash, &item.bytes).await?;
                *(if new { &mut carried.new } else { &mut carried.known }) += 1;
                carried.records.insert(genesis.record_id());
            }
            // Where every change of it was here, it came from the server, or waits already.
            if carried.new == 0 || table::count(tx, From::Store(CARRIED), table::key(id)).await? > 0 {
                return Ok(carried);
            }
            let changes = u32::try_from(request.items.len()).unwrap_or(u32::MAX);
            let (id, bytes) = (id.to_owned(), bytes.clone());
            let row = CarriedRow { id, key: *key, bytes, changes, stored: Vec::new(), refusal: None };
            replace(tx, None, Some(row)).await?;
            Ok(carried)
        })
        .await
    }

    /// The batches out of others' backups that are here, those that the server refused among them.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn carried(&self) -> Result<Listing<CarriedRow>, StoreError> {
        self.read(&[CARRIED], async |tx| {
            Ok(Listing::of(table::all(tx, From::Store(CARRIED), Keys::All, u32::MAX).await?))
        })
        .await
    }

    /// Notes what the server said to a batch: it goes where all of it is there; it stays where something of it waits
    /// for other changes, and is marked where something was refused for good, or, by one word, all of it. Tells its
    /// records.
    ///
    /// # Errors
    /// [`StoreError::Lost`], [`StoreError::Full`].
    pub async fn carried_settle(
        &self,
        id: &str,
        outcomes: &[Outcome],
    ) -> Result<BTreeSet<RecordId>, StoreError> {
        let mut stored = Vec::with_capacity(outcomes.len());
        let (mut waits, mut never) = (false, None);
        for outcome in outcomes {
            match outcome {
                Outcome::Stored(_) | Outcome::Known(_) => {}
                Outcome::Refused(code) if code.waits_for_others() => waits = true,
                Outcome::Refused(code) => never = never.or(Some(*code)),
            }
            stored.push(u8::from(!matches!(outcome, Outcome::Refused(_))));
        }
        let refusal = never.filter(|_| !waits);
        let fate = if waits || never.is_some() { Fate::Stays } else { Fate::Goes };
        self.carried_change(id, stored, refusal, fate).await
    }

    /// Drops a batch from this device for ever, and the answers in it that are nowhere else and that nothing here builds
    /// on. Save it before. Tells its records.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn carried_drop(&self, id: &str) -> Result<BTreeSet<RecordId>, StoreError> {
        self.carried_change(id, Vec::new(), None, Fate::Dropped).await
    }

    async fn carried_change(
        &self,
        id: &str,
        stored: Vec<u8>,
        refusal: Option<RefusalCode>,
        fate: Fate,
    ) -> Result<BTreeSet<RecordId>, StoreError> {
        self.write(&[CARRIED, RECORDS, CHANGES, NAMES], async |tx| {
            let found: Option<CarriedRow> = table::get(tx, From::Store(CARRIED), table::key(id)).await?;
            let Some(before) = found else { return Ok(BTreeSet::new()) };
            let mut after = CarriedRow { refusal, ..before.clone() };
            // A batch refused as a whole says nothing of what the server took before.
            if stored.contains(&1) {
                after.stored.clone_from(&stored);
            }
            let dropped = before.left();
            let records = replace(tx, Some(before), Some(after).filter(|_| fate == Fate::Stays)).await?;
            if fate == Fate::Dropped {
                for record in &records {
                    forget(tx, *record, &dropped).await?;
                }
            }
            Ok(records)
        })
        .await
    }
}

/// Offers every batch that the server refused once more. Tells their records. The transaction spans [`CARRIED`] and
/// [`RECORDS`].
pub(crate) async fn again(tx: &dyn Transaction, records: &mut BTreeSet<RecordId>) -> Result<(), StoreError> {
    let batches = table::all(tx, From::Store(CARRIED), Keys::All, u32::MAX).await?;
    for batch in Listing::<CarriedRow>::of(batches).rows {
        if batch.refusal.is_some() {
            let waits = CarriedRow { refusal: None, ..batch.clone() };
            for record in replace(tx, Some(batch), Some(waits)).await? {
                records.insert(record);
            }
        }
    }
    Ok(())
}

/// Puts a batch as it is now in its own place, or lets go of it. Tells its records, which count what is left of it.
async fn replace(
    tx: &dyn Transaction,
    before: Option<CarriedRow>,
    after: Option<CarriedRow>,
) -> Result<BTreeSet<RecordId>, StoreError> {
    let mut records = BTreeSet::new();
    for (batch, more) in [(&before, false), (&after, true)] {
        let Some(batch) = batch else { continue };
        for (record, _) in batch.left() {
            recount(tx, record, |row| {
                let counted = if batch.refusal.is_some() { &mut row.refused } else { &mut row.carried };
                *counted = if more { *counted + 1 } else { counted.saturating_sub(1) };
            })
            .await?;
            records.insert(record);
        }
    }
    match (before, after) {
        (_, Some(after)) => table::put(tx, after).await?,
        (Some(before), None) => table::delete(tx, CARRIED, table::key(before.id)).await?,
        (None, None) => {}
    }
    Ok(records)
}

/// Removes what was dropped of a record, save what the server named, was written here, came in another batch too, or is
/// built on by what stays.
async fn forget(
    tx: &dyn Transaction,
    record: RecordId,
    dropped: &[(RecordId, Vec<u8>)],
) -> Result<(), StoreError> {
    let row = table::get(tx, From::Store(RECORDS), table::key(record)).await;
    let Some(mut row) = table::readable::<RecordRow>(row)? else { return Ok(()) };
    let named = named(tx, &row.genesis.stream()).await?;
    let others = table::all(tx, From::Store(CARRIED), Keys::All, u32::MAX).await?;
    let others: Vec<_> = Listing::<CarriedRow>::of(others).rows.iter().flat_map(CarriedRow::left).collect();
    let changes = table::all(tx, From::Store(CHANGES), table::keys_within(record), u32::MAX).await?;
    let mut changes: Vec<ChangeRow> = Listing::of(changes).rows;
    in_order(&mut changes);
    let mut needed = Vec::new();
    // What builds on others comes before them.
    for change in changes.into_iter().rev() {
        let stays = change.own_stream.is_some()
            || !dropped.iter().any(|(_, bytes)| *bytes == change.bytes)
            || others.iter().any(|(_, bytes)| *bytes == change.bytes)
            || needed.contains(&change.hash)
            || named.iter().any(|one| one.hash == change.hash);
        if !stays {
            row.changes = row.changes.saturating_sub(1);
            let key = table::keys(&[&record.to_string(), &change.hash.to_string()]);
            table::delete(tx, CHANGES, key).await?;
        } else if let Ok(change) = Envelope::parse(&change.bytes, &Limits::STANDARD) {
            needed.extend(change.deps);
        }
    }
    row.stale = true;
    table::put(tx, row).await
}

/// Keeps one change of another device; whether it is new here.
async fn keep(
    tx: &dyn Transaction,
    genesis: &Genesis,
    hash: ChangeHash,
    bytes: &[u8],
) -> Result<bool, StoreError> {
    let record = genesis.record_id();
    let key = table::keys(&[&record.to_string(), &hash.to_string()]);
    if table::count(tx, From::Store(CHANGES), key).await? > 0 {
        return Ok(false);
    }
    let mut row: RecordRow = row_of(tx, genesis).await?;
    table::put(tx, ChangeRow { record, hash, own_stream: None, bytes: bytes.to_vec() }).await?;
    row.changes += 1;
    row.stale = true;
    row.updated_at = tx.now();
    table::put(tx, row).await?;
    Ok(true)
}
