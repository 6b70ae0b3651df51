//! Units, rounds, instruments and photos' records in the data folder.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use replica::api::Unit;
use replica::{ContentHash, DeviceId, OfficeId, RecordId, RecordKind, RoundId, UnitId};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::{Catalogue, Compiled, PhotoOf, Published, form_of};
use crate::database::{self, StoreError};
use crate::log::Seq;

const APPROVE: &str = "INSERT INTO approval (record, upto, device, approved_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (record) DO UPDATE SET upto = excluded.upto, device = excluded.device,
        approved_at = excluded.approved_at WHERE excluded.upto > upto";

/// The tables in the log's file.
pub struct SqliteCatalogue {
    writing: Mutex<Connection>,
    /// Apart, so that a look-up never waits for a write.
    reading: Mutex<Connection>,
}

impl SqliteCatalogue {
    /// Opens the tables in the log's file.
    ///
    /// # Errors
    /// Where the file cannot be read or written.
    pub fn open(log: &Path) -> Result<Self, StoreError> {
        let connection = database::open(log)?;
        connection.execute_batch(include_str!("schema.sql"))?;
        let reading = Mutex::new(database::open_to_read(log)?);
        Ok(Self { writing: Mutex::new(connection), reading })
    }

    fn writing(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.writing.lock().map_err(|_| StoreError::Poisoned)
    }

    fn reading(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.reading.lock().map_err(|_| StoreError::Poisoned)
    }
}

impl Catalogue for SqliteCatalogue {
    fn put_units(&self, units: &[Unit]) -> Result<(), StoreError> {
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

    fn units(&self) -> Result<Vec<Unit>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(&format!("{UNIT} ORDER BY government, name, id"))?;
        let units = statement.query_map([], unit_of)?.collect::<Result<_, _>>()?;
        Ok(units)
    }

    fn unit(&self, id: &UnitId) -> Result<Option<Unit>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(&format!("{UNIT} WHERE id = ?1"))?;
        Ok(statement.query_row([id.as_str()], unit_of).optional()?)
    }

    fn put_published(&self, results: &[Published]) -> Result<(), StoreError> {
        let mut connection = self.writing()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM published", [])?;
        for result in results {
            let Published { year, level, entity, parent, score, said, source } = result;
            transaction.execute(
                "INSERT OR REPLACE INTO published (year, level, entity, parent, score, said, source)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![year, level, entity, parent, score.to_string(), said, source],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn published(&self) -> Result<Vec<Published>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached(
            "SELECT year, level, entity, parent, score, said, source FROM published ORDER BY year, entity, parent",
        )?;
        let results = statement.query_map([], published_of)?.collect::<Result<_, _>>()?;
        Ok(results)
    }

    fn open_round(&self, round: &RoundId, now: i64) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO round (id, opened_at) VALUES (?1, ?2)";
        self.writing()?.execute(sql, params![round.as_str(), now])?;
        Ok(())
    }

    fn has_round(&self, round: &RoundId) -> Result<bool, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT 1 FROM round WHERE id = ?1")?;
        Ok(statement.exists([round.as_str()])?)
    }

    fn mark_own(&self, round: &RoundId) -> Result<(), StoreError> {
        self.writing()?.execute("INSERT OR IGNORE INTO own_round (id) VALUES (?1)", [round.as_str()])?;
        Ok(())
    }

    fn own_rounds(&self) -> Result<Vec<RoundId>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection
            .prepare_cached("SELECT id FROM own_round JOIN round USING (id) ORDER BY opened_at, id")?;
        let rounds = statement.query_map([], |row| database::text(row, 0))?.collect::<Result<_, _>>()?;
        Ok(rounds)
    }

    fn rounds(&self) -> Result<Vec<RoundId>, StoreError> {
        let connection = self.reading()?;
        let mut statement =
            connection.prepare_cached("SELECT id FROM round ORDER BY opened_at DESC, id DESC")?;
        let rounds = statement.query_map([], |row| database::text(row, 0))?.collect::<Result<_, _>>()?;
        Ok(rounds)
    }

    fn approve(&self, records: &[(RecordId, Seq)], by: Option<DeviceId>, now: i64) -> Result<(), StoreError> {
        let mut connection = self.writing()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (record, upto) in records {
            let upto = i64::try_from(*upto).unwrap_or(i64::MAX);
            let by = by.as_ref().map(DeviceId::as_bytes);
            transaction.execute(APPROVE, params![record.as_bytes(), upto, by, now])?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn approved(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Seq>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT upto FROM approval WHERE record = ?1")?;
        let mut found = HashMap::new();
        for record in records {
            let upto: Option<i64> = statement.query_row([record.as_bytes()], |row| row.get(0)).optional()?;
            found.extend(upto.and_then(|upto| Some((*record, Seq::try_from(upto).ok()?))));
        }
        Ok(found)
    }

    fn publish(&self, compiled: &Compiled, now: i64) -> Result<(), StoreError> {
        let mut connection = self.writing()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Published again, an older one comes into force again: it gets the highest number.
        transaction.execute("DELETE FROM instrument WHERE hash = ?1", [compiled.hash.as_bytes()])?;
        transaction.execute(
            "INSERT INTO instrument (number, hash, form_id, title, version, json, published_at)
             SELECT coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6 FROM instrument",
            params![
                compiled.hash.as_bytes(),
                compiled.instrument.form_id,
                compiled.instrument.title,
                compiled.instrument.version,
                compiled.json,
                now
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    fn has_instrument(&self, hash: &ContentHash) -> Result<bool, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT 1 FROM instrument WHERE hash = ?1")?;
        Ok(statement.exists([hash.as_bytes()])?)
    }

    fn instrument(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT json FROM instrument WHERE hash = ?1")?;
        Ok(statement.query_row([hash.as_bytes()], |row| row.get(0)).optional()?)
    }

    fn active_instrument(&self, kind: RecordKind) -> Result<Option<ContentHash>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection
            .prepare_cached("SELECT hash FROM instrument WHERE form_id = ?1 ORDER BY number DESC LIMIT 1")?;
        Ok(statement.query_row([form_of(kind)], |row| database::blob(row, 0)).optional()?)
    }

    fn put_photo(&self, photo: &PhotoOf, now: i64) -> Result<(), StoreError> {
        self.writing()?.execute(
            "INSERT OR IGNORE INTO photo (hash, record, office, device, length, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                photo.hash.as_bytes(),
                photo.record.as_bytes(),
                photo.office.as_str(),
                photo.device.as_bytes(),
                i64::try_from(photo.length).unwrap_or(i64::MAX),
                now
            ],
        )?;
        Ok(())
    }

    fn photos(&self) -> Result<HashSet<ContentHash>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT DISTINCT hash FROM photo")?;
        let photos = statement.query_map([], |row| database::blob(row, 0))?.collect::<Result<_, _>>()?;
        Ok(photos)
    }

    fn offices_of_photo(&self, hash: &ContentHash) -> Result<Vec<OfficeId>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT DISTINCT office FROM photo WHERE hash = ?1")?;
        let offices = statement
            .query_map([hash.as_bytes()], |row| database::text(row, 0))?
            .collect::<Result<_, _>>()?;
        Ok(offices)
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

fn published_of(row: &Row<'_>) -> rusqlite::Result<Published> {
    Ok(Published {
        year: row.get(0)?,
        level: row.get(1)?,
        entity: row.get(2)?,
        parent: row.get(3)?,
        score: database::text(row, 4)?,
        said: row.get(5)?,
        source: row.get(6)?,
    })
}
