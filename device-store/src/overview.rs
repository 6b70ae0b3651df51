//! What pages show of all records without looking at each: it takes no longer with ten thousand of them than with ten.

use replica::{RecordKind, UnitId};

use crate::database::{From, Keys, Part, Transaction};
use crate::error::StoreError;
use crate::records::Listing;
use crate::rows::{MetaRow, RecordRow};
use crate::schema::{BY_ATTENTION, BY_FINISHED, BY_KIND, META, RECORDS};
use crate::store::Store;
use crate::table;

/// Stands in [`META`] once every index row is marked for the indices that are read here: versions before knew none.
const MARKED: &str = "marked";

/// What pages show of all records.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overview {
    /// All visits: one a unit and round.
    pub visits: Vec<RecordRow>,
    /// Records of which something is not on the server, differs, or is to be reckoned; visits too.
    pub attention: Vec<RecordRow>,
    /// Finished interviews of each unit that was asked for.
    pub finished: Vec<(UnitId, u32)>,
    /// How many records there are.
    pub records: u32,
    /// Whether an index row among these cannot be read.
    pub damaged: bool,
}

impl Overview {
    /// Finished interviews of a unit that was asked for.
    pub fn finished_at(&self, unit: &UnitId) -> u32 {
        self.finished.iter().find(|(known, _)| known == unit).map_or(0, |(_, count)| *count)
    }
}

impl Store {
    /// What pages show of all records, and of these units. Rows that cannot be read are passed over and said.
    ///
    /// # Errors
    /// [`StoreError::Lost`] and what the browser refuses.
    pub async fn overview(&self, units: &[UnitId]) -> Result<Overview, StoreError> {
        if let Some(overview) = self.marked_overview(units).await? {
            return Ok(overview);
        }
        self.mark_all().await?;
        Ok(self.marked_overview(units).await?.unwrap_or_default())
    }

    /// The index rows that pages look at one by one.
    ///
    /// # Errors
    /// [`StoreError::Lost`] and what the browser refuses.
    pub async fn wanting_attention(&self) -> Result<Vec<RecordRow>, StoreError> {
        Ok(self.overview(&[]).await?.attention)
    }

    async fn marked_overview(&self, units: &[UnitId]) -> Result<Option<Overview>, StoreError> {
        self.read(&[RECORDS, META], async |tx| {
            let marked: Option<MetaRow> =
                table::readable(table::get(tx, From::Store(META), table::key(MARKED)).await)?;
            if marked.is_none() {
                return Ok(None);
            }
            let visits = table::key(RecordKind::Visit.as_str());
            let visits = rows(tx, From::Index(RECORDS, BY_KIND), visits).await?;
            let attention = rows(tx, From::Index(RECORDS, BY_ATTENTION), Keys::All).await?;
            let damaged = !visits.corrupt.is_empty() || !attention.corrupt.is_empty();
            let (visits, attention) = (visits.rows, attention.rows);
            let records = table::count(tx, From::Store(RECORDS), Keys::All).await?;
            let mut finished = Vec::with_capacity(units.len());
            for unit in units {
                let key = vec![Part::Text(unit.to_string()), Part::Number(1)];
                let count = table::count(tx, From::Index(RECORDS, BY_FINISHED), Keys::One(key)).await?;
                finished.push((unit.clone(), count));
            }
            Ok(Some(Overview { visits, attention, finished, records, damaged }))
        })
        .await
    }

    /// Keeps every index row again, as a version before this one did not mark them.
    async fn mark_all(&self) -> Result<(), StoreError> {
        self.write(&[RECORDS, META], async |tx| {
            for row in rows(tx, From::Store(RECORDS), Keys::All).await?.rows {
                table::put(tx, row).await?;
            }
            table::put(tx, MetaRow { key: MARKED.to_owned(), json: "true".to_owned() }).await
        })
        .await
    }
}

async fn rows(tx: &dyn Transaction, from: From<'_>, keys: Keys) -> Result<Listing<RecordRow>, StoreError> {
    Ok(Listing::of(table::all(tx, from, keys, u32::MAX).await?))
}
