//! What each record says towards scores, kept so that no document is opened when scores are asked for.

use replica::{ContentHash, RecordId, RecordKind, RoundId, UnitId};
use rusqlite::{Connection, Row, params};
use survey::scoring::evidence::Evidence;

use super::{Projection, signed};
use crate::database::{self, StoreError};
use crate::log::Seq;

/// A record that counts, and what it says.
#[derive(Debug, Clone)]
pub struct EvidenceRow {
    /// The record.
    pub record: RecordId,
    /// The unit that it is about.
    pub unit: UnitId,
    /// Visit or interview.
    pub kind: RecordKind,
    /// It was closed.
    pub closed: bool,
    /// The place of its last change in the log.
    pub last_seq: Seq,
    /// When it was last written in (Unix seconds, a claim).
    pub edited_at: Option<i64>,
    /// The form that it was filled with.
    pub instrument: ContentHash,
    /// What it says.
    pub evidence: Evidence,
}

/// Visits, open or closed, and interviews that were closed and not withdrawn.
const COUNTED: &str =
    "SELECT r.id, r.unit, r.kind, r.closed_at IS NOT NULL, r.edited_at, e.said, r.instrument, r.last_seq
    FROM record r JOIN evidence e ON e.record = r.id
    WHERE r.round = ?1 AND (r.kind = 'visit' OR (r.closed_at IS NOT NULL AND r.withdrawn_at IS NULL))";

impl Projection {
    /// What all records of a round say, by unit.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn evidence(&self, round: &RoundId, mut take: impl FnMut(EvidenceRow)) -> Result<(), StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(&format!("{COUNTED} ORDER BY r.unit, r.id"))?;
        for row in statement.query_map([round.as_str()], row_of)? {
            take(row?);
        }
        Ok(())
    }

    /// What the records of one unit say.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn evidence_of(&self, round: &RoundId, unit: &UnitId) -> Result<Vec<EvidenceRow>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(&format!("{COUNTED} AND r.unit = ?2 ORDER BY r.id"))?;
        let rows = statement.query_map(params![round.as_str(), unit.as_str()], row_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Units of a round with a record that changed after `after`.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn touched(&self, round: &RoundId, after: Seq) -> Result<Vec<UnitId>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection
            .prepare_cached("SELECT DISTINCT unit FROM record WHERE last_seq > ?2 AND round = ?1")?;
        let units =
            statement.query_map(params![round.as_str(), signed(after)], |row| database::text(row, 0))?;
        Ok(units.collect::<Result<_, _>>()?)
    }

    /// The last change that was looked at.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn upto(&self) -> Result<Seq, StoreError> {
        let upto: Option<i64> =
            self.reading()?.query_row("SELECT max(upto) FROM progress", [], |row| row.get(0))?;
        Ok(upto.and_then(|upto| u64::try_from(upto).ok()).unwrap_or(0))
    }
}

/// Writes what a record says.
pub(super) fn write(connection: &Connection, record: &RecordId, evidence: &Evidence) -> rusqlite::Result<()> {
    let said = serde_json::to_string(evidence)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let mut statement =
        connection.prepare_cached("INSERT OR REPLACE INTO evidence (record, said) VALUES (?1, ?2)")?;
    statement.execute(params![record.as_bytes(), said])?;
    Ok(())
}

fn row_of(row: &Row<'_>) -> rusqlite::Result<EvidenceRow> {
    let evidence = serde_json::from_str(row.get_ref(5)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Text, Box::new(error))
    })?;
    let kind = if row.get_ref(2)?.as_str()? == "visit" { RecordKind::Visit } else { RecordKind::Interview };
    Ok(EvidenceRow {
        record: database::blob(row, 0)?,
        unit: database::text(row, 1)?,
        kind,
        closed: row.get(3)?,
        edited_at: row.get(4)?,
        instrument: database::blob(row, 6)?,
        last_seq: row.get::<_, i64>(7)?.try_into().unwrap_or(0),
        evidence,
    })
}
