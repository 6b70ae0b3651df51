//! What is nowhere but here, for a backup; and what was typed on another phone, out of one.

use std::collections::BTreeSet;

use replica::backup::Typed;
use replica::sync::OutboxItem;
use replica::{Genesis, RecordId};

use crate::database::{From, Keys, Transaction};
use crate::error::{CorruptRow, StoreError};
use crate::outbox::outgoing;
use crate::records::{Listing, row, row_of};
use crate::rows::{CarriedRow, JournalRow, MetaRow, OutboxRow, PhotoRow, RefusedRow};
use crate::schema::{BY_WAITING, CARRIED, CHANGES, JOURNAL, META, OUTBOX, PHOTOS, RECORDS, REFUSED};
use crate::store::Store;
use crate::table;

/// Which typed entries came in by backups, so that none comes in twice.
const TAKEN: &str = "typed-taken";

/// All that is on this device and not on the server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unsent {
    /// Own changes that wait, in order, then those that the server refused.
    pub changes: Vec<OutboxItem>,
    /// Batches out of others' backups that wait, or that the server refused.
    pub carried: Vec<CarriedRow>,
    /// What was typed and is not a change yet.
    pub typed: Vec<Typed>,
    /// Photos that wait, each with its record.
    pub photos: Vec<(Genesis, PhotoRow)>,
    /// What cannot be read and therefore is not among them.
    pub corrupt: Vec<CorruptRow>,
}

impl Unsent {
    /// Whether there is nothing to save.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.carried.is_empty() && self.typed.is_empty() && self.photos.is_empty()
    }
}

impl Store {
    /// All that is nowhere but here.
    ///
    /// # Errors
    /// [`StoreError::Lost`]; damaged rows are listed and left out.
    pub async fn unsent(&self) -> Result<Unsent, StoreError> {
        self.read(&[OUTBOX, CHANGES, RECORDS, JOURNAL, PHOTOS, REFUSED, CARRIED], async |tx| {
            let mut unsent = Unsent::default();
            waiting_changes(tx, &mut unsent).await?;
            let journal: Vec<Result<JournalRow, _>> =
                table::all(tx, From::Store(JOURNAL), Keys::All, u32::MAX).await?;
            for typed in unsent.sound(journal) {
                if let Some(genesis) = unsent.genesis(tx, typed.record).await? {
                    let JournalRow { tab, at, entry, .. } = typed;
                    unsent.typed.push(Typed { genesis, tab, at, entry });
                }
            }
            let photos: Vec<Result<PhotoRow, _>> =
                table::all(tx, From::Index(PHOTOS, BY_WAITING), Keys::All, u32::MAX).await?;
            for photo in unsent.sound(photos) {
                if let Some(genesis) = unsent.genesis(tx, photo.record).await? {
                    unsent.photos.push((genesis, photo));
                }
            }
            let carried = table::all(tx, From::Store(CARRIED), Keys::All, u32::MAX).await?;
            unsent.carried = unsent.sound(carried);
            Ok(unsent)
        })
        .await
    }

    /// Takes in what another device typed and did not finish: whoever opens the record here goes on with it. Tells
    /// whether it is new here.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn take_in_typed(&self, typed: &Typed) -> Result<bool, StoreError> {
        // A coarse clock gives several entries one time.
        let entry = typed.entry.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31) ^ u32::from(byte));
        let name = format!("{} {} {} {entry}", typed.genesis.record_id(), typed.tab, typed.at);
        self.write(&[RECORDS, CHANGES, OUTBOX, JOURNAL, REFUSED, PHOTOS, META], async |tx| {
            let known: Option<MetaRow> = table::get(tx, From::Store(META), table::key(TAKEN)).await?;
            let mut taken: BTreeSet<String> =
                known.and_then(|row| serde_json::from_slice(row.json.as_bytes()).ok()).unwrap_or_default();
            let mut row = row_of(tx, &typed.genesis).await?;
            let journal: Vec<Result<JournalRow, _>> =
                table::all(tx, From::Index(JOURNAL, crate::schema::BY_RECORD), table::key(row.id), u32::MAX)
                    .await?;
            let is_same = |there: JournalRow| {
                there.tab == typed.tab && there.at == typed.at && there.entry == typed.entry
            };
            let is_here = journal.into_iter().flatten().any(is_same);
            if !taken.insert(name.clone()) || is_here {
                return Ok(false);
            }
            let Typed { tab, at, entry, .. } = typed.clone();
            table::put(tx, JournalRow { position: None, record: row.id, tab, at, entry }).await?;
            row.journal = true;
            row.updated_at = tx.now();
            table::put(tx, row).await?;
            let json =
                serde_json::to_string(&taken).map_err(|error| StoreError::Failed(error.to_string()))?;
            table::put(tx, MetaRow { key: TAKEN.to_owned(), json }).await?;
            Ok(true)
        })
        .await
    }
}

impl Unsent {
    /// The rows that can be read; the others are noted.
    fn sound<T>(&mut self, found: Vec<Result<T, CorruptRow>>) -> Vec<T> {
        let Listing { rows, corrupt } = Listing::of(found);
        self.corrupt.extend(corrupt);
        rows
    }

    /// What a record began with; one whose index row is damaged or gone is noted.
    async fn genesis(
        &mut self,
        tx: &dyn Transaction,
        record: RecordId,
    ) -> Result<Option<Genesis>, StoreError> {
        match row(tx, record).await {
            Ok(row) => Ok(Some(row.genesis)),
            Err(StoreError::Corrupt(corrupt)) => {
                self.corrupt.push(corrupt);
                Ok(None)
            }
            Err(error @ StoreError::NoSuchRecord(_)) => {
                let (store, key) = (RECORDS.to_owned(), record.to_string());
                self.corrupt.push(CorruptRow { store, key, why: error.to_string() });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

async fn waiting_changes(tx: &dyn Transaction, unsent: &mut Unsent) -> Result<(), StoreError> {
    let outbox: Vec<Result<OutboxRow, _>> = table::all(tx, From::Store(OUTBOX), Keys::All, u32::MAX).await?;
    for waiting in outbox {
        match outgoing(tx, waiting).await? {
            Ok(change) => unsent.changes.push(change),
            Err(corrupt) => unsent.corrupt.push(corrupt),
        }
    }
    let refused: Vec<Result<RefusedRow, _>> =
        table::all(tx, From::Store(REFUSED), Keys::All, u32::MAX).await?;
    for refused in unsent.sound(refused) {
        if refused.tried_again || refused.bytes.is_empty() {
            continue;
        }
        if let Some(genesis) = unsent.genesis(tx, refused.record).await? {
            unsent.changes.push(OutboxItem { genesis, hash: refused.hash, bytes: refused.bytes });
        }
    }
    Ok(())
}
