//! Keys in the data folder.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{AccessKey, Keys};
use crate::database::{self, StoreError};

/// The table in the log's file.
pub struct SqliteKeys {
    writing: Mutex<Connection>,
    /// Apart, so that looking up who asks never waits for a write.
    reading: Mutex<Connection>,
}

const KEY: &str = "SELECT id, name, office, made_at, ends_at, revoked_at FROM access_key";

impl SqliteKeys {
    /// Opens the table in the log's file, making it where there is none.
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

impl Keys for SqliteKeys {
    fn put(&self, hash: &[u8; 32], key: &AccessKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO access_key (hash, id, name, office, made_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let office = key.office.as_ref().map(ToString::to_string);
        lock(&self.writing)?
            .execute(sql, params![hash, key.id, key.name, office, key.made_at, key.ends_at])?;
        Ok(())
    }

    fn find(&self, hash: &[u8; 32]) -> Result<Option<AccessKey>, StoreError> {
        let connection = lock(&self.reading)?;
        let mut statement = connection.prepare_cached(&format!("{KEY} WHERE hash = ?1"))?;
        Ok(statement.query_row([hash], key_of).optional()?)
    }

    fn all(&self) -> Result<Vec<AccessKey>, StoreError> {
        let connection = lock(&self.reading)?;
        let mut statement = connection.prepare_cached(&format!("{KEY} ORDER BY made_at, id"))?;
        Ok(statement.query_map([], key_of)?.collect::<Result<_, _>>()?)
    }

    fn revoke(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE access_key SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
        Ok(lock(&self.writing)?.execute(sql, params![id, now])? > 0)
    }
}

fn lock(connection: &Mutex<Connection>) -> Result<MutexGuard<'_, Connection>, StoreError> {
    connection.lock().map_err(|_| StoreError::Poisoned)
}

fn key_of(row: &Row<'_>) -> rusqlite::Result<AccessKey> {
    Ok(AccessKey {
        id: row.get(0)?,
        name: row.get(1)?,
        office: database::optional_text(row, 2)?,
        made_at: row.get(3)?,
        ends_at: row.get(4)?,
        revoked_at: row.get(5)?,
    })
}
