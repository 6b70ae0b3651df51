//! Questions that the projection answers.

use std::collections::{HashMap, HashSet};

use replica::{ChangeHash, ClashKey, ContentHash, DeviceId, RecordId, RecordKind, RoundId, UnitId};
use rusqlite::types::Type;
use rusqlite::{Row, params};

use super::{Projection, SetAside, signed};
use crate::database::{self, StoreError};
use crate::log::Seq;

/// How many records of one unit there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnitCount {
    /// Visits begun, the closed ones too.
    pub visits: u32,
    /// Visits closed.
    pub visits_closed: u32,
    /// Interviews closed and not withdrawn.
    pub interviews: u32,
    /// Answers in visits that do not hold.
    pub unsound: u32,
}

/// One of the values of a clash, with its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClashRow {
    /// The record.
    pub record: RecordId,
    /// Visit or interview.
    pub kind: RecordKind,
    /// The unit that the record is about.
    pub unit: UnitId,
    /// What it is filled with.
    pub instrument: ContentHash,
    /// Where in the record.
    pub key: ClashKey,
    /// The value.
    pub value: String,
    /// Who wrote it; none where the actor is none of Loket's.
    pub device: Option<DeviceId>,
    /// When (Unix seconds, a claim).
    pub time: i64,
}

impl Projection {
    /// Counts by unit, for one round.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn unit_counts(&self, round: &RoundId) -> Result<HashMap<UnitId, UnitCount>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(
            "SELECT unit,
                    count(*) FILTER (WHERE kind = 'visit'),
                    count(*) FILTER (WHERE kind = 'visit' AND closed_at IS NOT NULL),
                    count(*) FILTER (WHERE kind = 'interview' AND closed_at IS NOT NULL
                                                             AND withdrawn_at IS NULL),
                    sum(unsound)
             FROM record WHERE round = ?1 GROUP BY unit",
        )?;
        let count = |row: &Row<'_>, index| row.get::<_, i64>(index).map(|n| u32::try_from(n).unwrap_or(0));
        let counts = statement
            .query_map([round.as_str()], |row| {
                let counts = UnitCount {
                    visits: count(row, 1)?,
                    visits_closed: count(row, 2)?,
                    interviews: count(row, 3)?,
                    unsound: count(row, 4)?,
                };
                Ok((database::text(row, 0)?, counts))
            })?
            .collect::<Result<_, _>>()?;
        Ok(counts)
    }

    /// All values of all clashes of a round, by unit, record and key.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn clashes(&self, round: &RoundId) -> Result<Vec<ClashRow>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(
            "SELECT c.record, r.kind, r.unit, c.key, c.value, c.device, c.time, r.instrument
             FROM clash c JOIN record r ON r.id = c.record
             WHERE r.round = ?1 ORDER BY r.unit, c.record, c.key, c.value",
        )?;
        let clashes = statement.query_map([round.as_str()], clash_of)?.collect::<Result<_, _>>()?;
        Ok(clashes)
    }

    /// Every record of a round, by unit.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn records(&self, round: &RoundId) -> Result<Vec<(UnitId, RecordId)>, StoreError> {
        let connection = self.reading()?;
        let mut statement =
            connection.prepare_cached("SELECT unit, id FROM record WHERE round = ?1 ORDER BY unit, id")?;
        let records = statement
            .query_map([round.as_str()], |row| Ok((database::text(row, 0)?, database::blob(row, 1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(records)
    }

    /// Places of the changes set aside after `after` up to and with `upto`.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn set_aside_between(&self, after: Seq, upto: Seq) -> Result<HashSet<Seq>, StoreError> {
        let connection = self.reading()?;
        let mut statement =
            connection.prepare_cached("SELECT seq FROM set_aside WHERE seq > ?1 AND seq <= ?2")?;
        let places = statement
            .query_map(params![signed(after), signed(upto)], |row| {
                row.get::<_, i64>(0).map(|seq| u64::try_from(seq).unwrap_or(0))
            })?
            .collect::<Result<_, _>>()?;
        Ok(places)
    }

    /// Every change that was set aside, the latest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn set_aside(&self) -> Result<Vec<SetAside>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection
            .prepare_cached("SELECT seq, hash, record, device, reason FROM set_aside ORDER BY seq DESC")?;
        let all = statement
            .query_map([], |row| {
                Ok(SetAside {
                    seq: row.get::<_, i64>(0).map(|seq| u64::try_from(seq).unwrap_or(0))?,
                    hash: database::blob(row, 1)?,
                    record: database::blob(row, 2)?,
                    device: database::blob(row, 3)?,
                    reason: row.get(4)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(all)
    }

    /// How many changes were set aside.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn set_aside_count(&self) -> Result<u64, StoreError> {
        let count: i64 = self.reading()?.query_row("SELECT count(*) FROM set_aside", [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// True where any of these changes was set aside.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn any_set_aside(&self, hashes: &[ChangeHash]) -> Result<bool, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT 1 FROM set_aside WHERE hash = ?1")?;
        for hash in hashes {
            if statement.exists([hash.as_bytes()])? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn clash_of(row: &Row<'_>) -> rusqlite::Result<ClashRow> {
    let kind = match row.get_ref(1)?.as_str()? {
        "visit" => RecordKind::Visit,
        _ => RecordKind::Interview,
    };
    let key = serde_json::from_str(row.get_ref(3)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(3, Type::Text, Box::new(error)))?;
    let device: Option<[u8; 16]> = row.get(5)?;
    Ok(ClashRow {
        record: database::blob(row, 0)?,
        kind,
        unit: database::text(row, 2)?,
        instrument: database::blob(row, 7)?,
        key,
        value: row.get(4)?,
        device: device.map(DeviceId::new),
        time: row.get(6)?,
    })
}
