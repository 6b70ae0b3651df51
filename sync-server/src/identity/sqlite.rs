//! Codes and devices in the data folder.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use replica::DeviceId;
use replica::api::Role;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::store::{EnrolError, Table};
use super::{Device, Grant};
use crate::database::{self, StoreError};

/// The tables in the log's file.
pub struct SqliteTable {
    writing: Mutex<Connection>,
    /// Apart, so that looking up who asks never waits for a write.
    reading: Mutex<Connection>,
}

impl SqliteTable {
    /// Opens the tables in the log's file, making them where there are none.
    ///
    /// # Errors
    /// Where the file cannot be read or written.
    pub fn open(log: &Path) -> Result<Self, StoreError> {
        let connection = database::open(log)?;
        connection.execute_batch(include_str!("schema.sql"))?;
        let reading = Mutex::new(database::open_to_read(log)?);
        Ok(Self { writing: Mutex::new(connection), reading })
    }
}

impl Table for SqliteTable {
    fn secret(&self, name: &str, drawn: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let connection = lock(&self.writing)?;
        let sql = "INSERT OR IGNORE INTO secret (name, value) VALUES (?1, ?2)";
        connection.execute(sql, params![name, drawn])?;
        let sql = "SELECT value FROM secret WHERE name = ?1";
        Ok(connection.query_row(sql, [name], |row| row.get(0))?)
    }

    fn put_code(&self, mac: &[u8; 32], grant: &Grant, made: i64, ends: i64) -> Result<(), StoreError> {
        let row = params![
            mac,
            grant.role.as_str(),
            grant.person,
            grant.office.as_ref().map(ToString::to_string),
            grant.unit.as_ref().map(ToString::to_string),
            made,
            ends
        ];
        lock(&self.writing)?.execute(
            "INSERT INTO code (mac, role, person, office, unit, made_at, ends_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            row,
        )?;
        Ok(())
    }

    fn enrol(
        &self,
        mac: &[u8; 32],
        device: DeviceId,
        now: i64,
        make: &dyn Fn(Grant) -> Result<Device, EnrolError>,
    ) -> Result<Device, EnrolError> {
        let mut connection = lock(&self.writing)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let grant = usable_grant(&transaction, mac, device, now)?.ok_or(EnrolError::Code)?;
        let device = make(grant)?;
        write_device(&transaction, &device, now)?;
        transaction.execute(
            "UPDATE code SET used_at = ?2, used_by = ?3 WHERE mac = ?1",
            params![mac, now, device.id.as_bytes()],
        )?;
        transaction.commit()?;
        Ok(device)
    }

    fn device(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        Ok(find_device(&*lock(&self.reading)?, id)?)
    }

    fn devices(&self) -> Result<Vec<Device>, StoreError> {
        let connection = lock(&self.reading)?;
        let mut statement = connection.prepare_cached(&format!("{DEVICE} ORDER BY enrolled_at, id"))?;
        let devices = statement.query_map([], device_of)?.collect::<Result<_, _>>()?;
        Ok(devices)
    }

    fn revoke(&self, id: DeviceId, now: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE device SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
        Ok(lock(&self.writing)?.execute(sql, params![id.as_bytes(), now])? > 0)
    }
}

fn lock(connection: &Mutex<Connection>) -> Result<MutexGuard<'_, Connection>, StoreError> {
    connection.lock().map_err(|_| StoreError::Poisoned)
}

const DEVICE: &str =
    "SELECT id, public_key, name, role, person, office, unit, revoked_at IS NOT NULL FROM device";

fn usable_grant(
    connection: &Connection,
    mac: &[u8; 32],
    device: DeviceId,
    now: i64,
) -> rusqlite::Result<Option<Grant>> {
    let sql = "SELECT role, person, office, unit FROM code
               WHERE mac = ?1 AND ((used_at IS NULL AND ends_at >= ?2) OR used_by = ?3)";
    let grant = |row: &Row<'_>| {
        Ok(Grant {
            role: role_of(row, 0)?,
            person: row.get(1)?,
            office: database::optional_text(row, 2)?,
            unit: database::optional_text(row, 3)?,
        })
    };
    connection.query_row(sql, params![mac, now, device.as_bytes()], grant).optional()
}

fn write_device(connection: &Connection, device: &Device, now: i64) -> rusqlite::Result<usize> {
    connection.execute(
        "INSERT INTO device (id, public_key, name, role, person, office, unit, enrolled_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET
             name = excluded.name, role = excluded.role, person = excluded.person,
             office = excluded.office, unit = excluded.unit, revoked_at = NULL",
        params![
            device.id.as_bytes(),
            device.public_key.as_bytes(),
            device.name,
            device.role.as_str(),
            device.person,
            device.office.as_ref().map(ToString::to_string),
            device.unit.as_ref().map(ToString::to_string),
            now
        ],
    )
}

fn find_device(connection: &Connection, id: DeviceId) -> rusqlite::Result<Option<Device>> {
    let mut statement = connection.prepare_cached(&format!("{DEVICE} WHERE id = ?1"))?;
    statement.query_row([id.as_bytes()], device_of).optional()
}

fn role_of(row: &Row<'_>, index: usize) -> rusqlite::Result<Role> {
    let text = row.get_ref(index)?.as_str()?;
    Role::from_text(text)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(index, text.to_owned(), Type::Text))
}

fn device_of(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: database::blob(row, 0)?,
        public_key: database::blob(row, 1)?,
        name: row.get(2)?,
        role: role_of(row, 3)?,
        person: row.get(4)?,
        office: database::optional_text(row, 5)?,
        unit: database::optional_text(row, 6)?,
        revoked: row.get(7)?,
    })
}
