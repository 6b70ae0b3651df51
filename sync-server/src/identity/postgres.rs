//! Codes and devices in the database that several servers share.

use std::sync::Arc;

use replica::DeviceId;
use tokio_postgres::Row;

use super::store::{EnrolError, Table, role_named};
use super::{Device, Grant};
use crate::database::StoreError;
use crate::postgres::{Database, Fault, Session, row};

/// The tables in a PostgreSQL database.
pub struct PostgresTable(pub Arc<Database>);

const DEVICE: &str =
    "SELECT id, public_key, name, role, person, office, unit, revoked_at IS NOT NULL FROM device
    WHERE id = $1";
const DEVICES: &str =
    "SELECT id, public_key, name, role, person, office, unit, revoked_at IS NOT NULL FROM device
    ORDER BY enrolled_at, id";
const USABLE: &str = "SELECT role, person, office, unit FROM code
    WHERE mac = $1 AND ((used_at IS NULL AND ends_at >= $2) OR used_by = $3) FOR UPDATE";
const PUT_DEVICE: &str = "INSERT INTO device (id, public_key, name, role, person, office, unit, enrolled_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, person = excluded.person,
        office = excluded.office, unit = excluded.unit, revoked_at = NULL";

impl Table for PostgresTable {
    fn secret(&self, name: &str, drawn: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.0.call(async |session| {
            let sql = "INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            session.execute(sql, &[&name, &drawn.as_slice()]).await?;
            let found = session.row("SELECT value FROM secret WHERE name = $1", &[&name]).await?;
            let found = found.ok_or_else(|| Fault::Row("no secret was kept".to_owned()))?;
            let bytes: &[u8] = found.try_get(0)?;
            bytes.try_into().map_err(|_| Fault::Row("a secret of another length".to_owned()))
        })
    }

    fn put_code(&self, mac: &[u8; 32], grant: &Grant, made: i64, ends: i64) -> Result<(), StoreError> {
        let (mac, role) = (mac.as_slice(), grant.role.as_str());
        let (office, unit) = places(grant.office.as_ref(), grant.unit.as_ref());
        let sql = "INSERT INTO code (mac, role, person, office, unit, made_at, ends_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        self.0.call(async |session| {
            session.execute(sql, &[&mac, &role, &grant.person, &office, &unit, &made, &ends]).await?;
            Ok(())
        })
    }

    fn enrol(
        &self,
        mac: &[u8; 32],
        device: DeviceId,
        now: i64,
        make: &dyn Fn(Grant) -> Result<Device, EnrolError>,
    ) -> Result<Device, EnrolError> {
        self.0.call(async |session| enrol(session, mac, device, now, make).await)?
    }

    fn device(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        self.0.call(async |session| {
            let found = session.row(DEVICE, &[&id.as_bytes().as_slice()]).await?;
            found.map(|found| device_of(&found)).transpose()
        })
    }

    fn devices(&self) -> Result<Vec<Device>, StoreError> {
        self.0.call(async |session| session.rows(DEVICES, &[]).await?.iter().map(device_of).collect())
    }

    fn revoke(&self, id: DeviceId, now: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE device SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1";
        self.0.call(async |session| Ok(session.execute(sql, &[&id.as_bytes().as_slice(), &now]).await? > 0))
    }
}

async fn enrol(
    session: &mut Session,
    mac: &[u8; 32],
    device: DeviceId,
    now: i64,
    make: &dyn Fn(Grant) -> Result<Device, EnrolError>,
) -> Result<Result<Device, EnrolError>, Fault> {
    let used = "UPDATE code SET used_at = $2, used_by = $3 WHERE mac = $1";
    let (transaction, [usable, put, used]) = session.begin([USABLE, PUT_DEVICE, used]).await?;
    let (mac, id) = (mac.as_slice(), device.as_bytes().as_slice());
    let Some(found) = transaction.query_opt(&usable, &[&mac, &now, &id]).await? else {
        return Ok(Err(EnrolError::Code));
    };
    let grant = Grant {
        role: role_named(found.try_get(0)?)?,
        person: found.try_get(1)?,
        office: row::optional_text(&found, 2)?,
        unit: row::optional_text(&found, 3)?,
    };
    let device = match make(grant) {
        Ok(device) => device,
        Err(error) => return Ok(Err(error)),
    };
    let (key, role) = (device.public_key.as_bytes().as_slice(), device.role.as_str());
    let (office, unit) = places(device.office.as_ref(), device.unit.as_ref());
    transaction
        .execute(&put, &[&id, &key, &device.name, &role, &device.person, &office, &unit, &now])
        .await?;
    transaction.execute(&used, &[&mac, &now, &id]).await?;
    transaction.commit().await?;
    Ok(Ok(device))
}

fn places(
    office: Option<&replica::OfficeId>,
    unit: Option<&replica::UnitId>,
) -> (Option<String>, Option<String>) {
    (office.map(ToString::to_string), unit.map(ToString::to_string))
}

fn device_of(found: &Row) -> Result<Device, Fault> {
    Ok(Device {
        id: row::id(found, 0)?,
        public_key: row::id(found, 1)?,
        name: found.try_get(2)?,
        role: role_named(found.try_get(3)?)?,
        person: found.try_get(4)?,
        office: row::optional_text(found, 5)?,
        unit: row::optional_text(found, 6)?,
        revoked: found.try_get(7)?,
    })
}
