//! Units that are visited, and rounds of assessment.

use replica::api::Unit;
use replica::{RoundId, UnitId};
use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, params};

use super::Catalogue;
use crate::database::{self, StoreError};

impl Catalogue {
    /// Adds units, and updates those whose id is known, all or none.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn put_units(&self, units: &[Unit]) -> Result<(), StoreError> {
        let mut connection = self.writing()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for unit in units {
            transaction.execute(
                "INSERT INTO unit (id, name, government, province, kind, office) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, government = excluded.government,
                     province = excluded.province, kind = excluded.kind, office = excluded.office",
                params![
                    unit.id.as_str(),
                    unit.name,
                    unit.government,
                    unit.province,
                    unit.kind,
                    unit.office.as_str()
                ],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// All units, by government and name.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn units(&self) -> Result<Vec<Unit>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(&format!("{UNIT} ORDER BY government, name, id"))?;
        let units = statement.query_map([], unit_of)?.collect::<Result<_, _>>()?;
        Ok(units)
    }

    /// The unit of that id.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn unit(&self, id: &UnitId) -> Result<Option<Unit>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(&format!("{UNIT} WHERE id = ?1"))?;
        Ok(statement.query_row([id.as_str()], unit_of).optional()?)
    }

    /// Opens a round; opening it again changes nothing.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn open_round(&self, round: &RoundId, now: i64) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO round (id, opened_at) VALUES (?1, ?2)";
        self.writing()?.execute(sql, params![round.as_str(), now])?;
        Ok(())
    }

    /// True where the round was opened.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn has_round(&self, round: &RoundId) -> Result<bool, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT 1 FROM round WHERE id = ?1")?;
        Ok(statement.exists([round.as_str()])?)
    }

    /// All rounds, the one opened last first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn rounds(&self) -> Result<Vec<RoundId>, StoreError> {
        let connection = self.reading()?;
        let mut statement =
            connection.prepare_cached("SELECT id FROM round ORDER BY opened_at DESC, id DESC")?;
        let rounds = statement.query_map([], |row| database::text(row, 0))?.collect::<Result<_, _>>()?;
        Ok(rounds)
    }
}

const UNIT: &str = "SELECT id, name, government, province, kind, office FROM unit";

fn unit_of(row: &Row<'_>) -> rusqlite::Result<Unit> {
    Ok(Unit {
        id: database::text(row, 0)?,
        name: row.get(1)?,
        government: row.get(2)?,
        province: row.get(3)?,
        kind: row.get(4)?,
        office: database::text(row, 5)?,
    })
}
