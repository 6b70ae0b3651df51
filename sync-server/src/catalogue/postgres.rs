//! Units, rounds, instruments and photos' records in the database that several servers share.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use replica::api::Unit;
use replica::{ContentHash, DeviceId, Epoch, OfficeId, RecordId, RecordKind, RoundId, UnitId};
use tokio_postgres::Row;

use super::{Catalogue, Compiled, PhotoOf, Published, form_of};
use crate::database::StoreError;
use crate::log::Seq;
use crate::postgres::{Database, Fault, row};

/// The tables in a PostgreSQL database.
pub struct PostgresCatalogue {
    database: Arc<Database>,
    /// Rounds and instruments that were met: every push asks for them, and none is ever taken away.
    met: Mutex<Met>,
}

#[derive(Default)]
struct Met {
    epoch: Option<Epoch>,
    rounds: HashSet<RoundId>,
    instruments: HashSet<ContentHash>,
}

impl PostgresCatalogue {
    /// The catalogue in this database.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database, met: Mutex::default() }
    }

    /// What was met in this life of the database; another one may lack it.
    fn met(&self) -> MutexGuard<'_, Met> {
        let epoch = Some(self.database.life().epoch);
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if met.epoch != epoch {
            *met = Met { epoch, ..Met::default() };
        }
        met
    }
}

const PUT_UNIT: &str =
    "INSERT INTO unit (id, name, government, province, kind, office) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, government = excluded.government,
        province = excluded.province, kind = excluded.kind, office = excluded.office";
// By bytes, as in the data folder, whatever the database's own order of letters.
const UNITS: &str = "SELECT id, name, government, province, kind, office FROM unit
    ORDER BY government COLLATE \"C\", name COLLATE \"C\", id COLLATE \"C\"";
const UNIT: &str = "SELECT id, name, government, province, kind, office FROM unit WHERE id = $1";
/// Published again, an older one comes into force again: it gets the highest number.
const PUBLISH: &str = "INSERT INTO instrument (hash, number, form_id, title, version, json, published_at)
    VALUES ($1, (SELECT coalesce(max(number), 0) + 1 FROM instrument), $2, $3, $4, $5, $6)
    ON CONFLICT (hash) DO UPDATE SET number = excluded.number, published_at = excluded.published_at";

const APPROVE: &str = "INSERT INTO approval (record, upto, device, approved_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (record) DO UPDATE SET upto = excluded.upto, device = excluded.device,
        approved_at = excluded.approved_at WHERE excluded.upto > approval.upto";

impl Catalogue for PostgresCatalogue {
    fn put_units(&self, units: &[Unit]) -> Result<(), StoreError> {
        self.database.call(async |session| {
            let (transaction, [put]) = session.begin([PUT_UNIT]).await?;
            for unit in units {
                let (id, office) = (unit.id.as_str(), unit.office.as_str());
                let values: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
                    [&id, &unit.name, &unit.government, &unit.province, &unit.kind, &office];
                transaction.execute(&put, &values).await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    fn units(&self) -> Result<Vec<Unit>, StoreError> {
        self.database.call(async |session| session.rows(UNITS, &[]).await?.iter().map(unit_of).collect())
    }

    fn unit(&self, id: &UnitId) -> Result<Option<Unit>, StoreError> {
        self.database.call(async |session| {
            let found = session.row(UNIT, &[&id.as_str()]).await?;
            found.map(|found| unit_of(&found)).transpose()
        })
    }

    fn put_published(&self, results: &[Published]) -> Result<(), StoreError> {
        let [clear, put] = [
            "DELETE FROM published",
            "INSERT INTO published (year, level, entity, parent, score, said, source)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (year, entity, parent) DO UPDATE SET level = excluded.level, score = excluded.score,
                 said = excluded.said, source = excluded.source",
        ];
        self.database.call(async |session| {
            let (transaction, [clear, put]) = session.begin([clear, put]).await?;
            transaction.execute(&clear, &[]).await?;
            for result in results {
                let Published { level, entity, parent, said, source, .. } = result;
                let (year, score) = (i32::from(result.year), result.score.to_string());
                let values: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
                    [&year, level, entity, parent, &score, said, source];
                transaction.execute(&put, &values).await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    fn published(&self) -> Result<Vec<Published>, StoreError> {
        let sql = "SELECT year::text, level, entity, parent, score, said, source FROM published
                   ORDER BY year, entity COLLATE \"C\", parent COLLATE \"C\"";
        self.database.call(async |session| session.rows(sql, &[]).await?.iter().map(published_of).collect())
    }

    fn open_round(&self, round: &RoundId, now: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO round (id, opened_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.database.call(async |session| {
            session.execute(sql, &[&round.as_str(), &now]).await?;
            Ok(())
        })
    }

    fn has_round(&self, round: &RoundId) -> Result<bool, StoreError> {
        if self.met().rounds.contains(round) {
            return Ok(true);
        }
        let sql = "SELECT 1 FROM round WHERE id = $1";
        let found =
            self.database.call(async |session| Ok(session.row(sql, &[&round.as_str()]).await?.is_some()))?;
        if found {
            self.met().rounds.insert(round.clone());
        }
        Ok(found)
    }

    fn mark_own(&self, round: &RoundId) -> Result<(), StoreError> {
        let sql = "INSERT INTO own_round (id) VALUES ($1) ON CONFLICT DO NOTHING";
        self.database.call(async |session| {
            session.execute(sql, &[&round.as_str()]).await?;
            Ok(())
        })
    }

    fn own_rounds(&self) -> Result<Vec<RoundId>, StoreError> {
        let sql = "SELECT id FROM own_round JOIN round USING (id) ORDER BY opened_at, id COLLATE \"C\"";
        self.database.call(async |session| {
            session.rows(sql, &[]).await?.iter().map(|found| row::text(found, 0)).collect()
        })
    }

    fn rounds(&self) -> Result<Vec<RoundId>, StoreError> {
        let sql = "SELECT id FROM round ORDER BY opened_at DESC, id COLLATE \"C\" DESC";
        self.database.call(async |session| {
            session.rows(sql, &[]).await?.iter().map(|found| row::text(found, 0)).collect()
        })
    }

    fn approve(&self, records: &[(RecordId, Seq)], by: Option<DeviceId>, now: i64) -> Result<(), StoreError> {
        let by = by.as_ref().map(|device| device.as_bytes().as_slice());
        self.database.call(async |session| {
            for (record, upto) in records {
                let (record, upto) = (record.as_bytes().as_slice(), row::signed(*upto));
                session.execute(APPROVE, &[&record, &upto, &by, &now]).await?;
            }
            Ok(())
        })
    }

    fn approved(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Seq>, StoreError> {
        let records: Vec<&[u8]> = records.iter().map(|record| record.as_bytes().as_slice()).collect();
        let sql = "SELECT record, upto FROM approval WHERE record = ANY($1)";
        self.database.call(async |session| {
            let rows = session.rows(sql, &[&records]).await?;
            rows.iter().map(|found| Ok((row::id(found, 0)?, row::count(found, 1)?))).collect()
        })
    }

    fn publish(&self, compiled: &Compiled, now: i64) -> Result<(), StoreError> {
        let (hash, instrument) = (compiled.hash.as_bytes().as_slice(), &compiled.instrument);
        let (form, title, version) = (&instrument.form_id, &instrument.title, &instrument.version);
        self.database.call(async |session| {
            session.execute(PUBLISH, &[&hash, form, title, version, &compiled.json, &now]).await?;
            Ok(())
        })
    }

    fn has_instrument(&self, hash: &ContentHash) -> Result<bool, StoreError> {
        if self.met().instruments.contains(hash) {
            return Ok(true);
        }
        let (sql, bytes) = ("SELECT 1 FROM instrument WHERE hash = $1", hash.as_bytes().as_slice());
        let found = self.database.call(async |session| Ok(session.row(sql, &[&bytes]).await?.is_some()))?;
        if found {
            self.met().instruments.insert(*hash);
        }
        Ok(found)
    }

    fn instrument(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT json FROM instrument WHERE hash = $1";
        self.database.call(async |session| {
            let found = session.row(sql, &[&hash.as_bytes().as_slice()]).await?;
            found.map(|found| Ok(found.try_get(0)?)).transpose()
        })
    }

    fn active_instrument(&self, kind: RecordKind) -> Result<Option<ContentHash>, StoreError> {
        let sql = "SELECT hash FROM instrument WHERE form_id = $1 ORDER BY number DESC LIMIT 1";
        self.database.call(async |session| {
            let found = session.row(sql, &[&form_of(kind)]).await?;
            found.map(|found| row::id(&found, 0)).transpose()
        })
    }

    fn put_photo(&self, photo: &PhotoOf, now: i64) -> Result<(), StoreError> {
        let (hash, record) = (photo.hash.as_bytes().as_slice(), photo.record.as_bytes().as_slice());
        let (office, device) = (photo.office.as_str(), photo.device.as_bytes().as_slice());
        let length = row::signed(photo.length);
        let sql = "INSERT INTO photo (hash, record, office, device, length, received_at)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        self.database.call(async |session| {
            session.execute(sql, &[&hash, &record, &office, &device, &length, &now]).await?;
            Ok(())
        })
    }

    fn photos(&self) -> Result<HashSet<ContentHash>, StoreError> {
        let sql = "SELECT DISTINCT hash FROM photo";
        self.database.call(async |session| {
            session.rows(sql, &[]).await?.iter().map(|found| row::id(found, 0)).collect()
        })
    }

    fn offices_of_photo(&self, hash: &ContentHash) -> Result<Vec<OfficeId>, StoreError> {
        let sql = "SELECT DISTINCT office FROM photo WHERE hash = $1";
        self.database.call(async |session| {
            let rows = session.rows(sql, &[&hash.as_bytes().as_slice()]).await?;
            rows.iter().map(|found| row::text(found, 0)).collect()
        })
    }
}

fn unit_of(found: &Row) -> Result<Unit, Fault> {
    Ok(Unit {
        id: row::text(found, 0)?,
        name: found.try_get(1)?,
        government: found.try_get(2)?,
        province: found.try_get(3)?,
        kind: found.try_get(4)?,
        office: row::text(found, 5)?,
    })
}

fn published_of(found: &Row) -> Result<Published, Fault> {
    Ok(Published {
        year: row::text(found, 0)?,
        level: found.try_get(1)?,
        entity: found.try_get(2)?,
        parent: found.try_get(3)?,
        score: row::text(found, 4)?,
        said: found.try_get(5)?,
        source: found.try_get(6)?,
    })
}
