//! Releases in the data folder.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use replica::ContentHash;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::{Kept, Make, Order, Shelf, SignedManifest, parts};
use crate::database::{self, StoreError};

/// The tables in the log's file.
pub struct SqliteShelf {
    writing: Mutex<Connection>,
    /// Apart, so that a look-up never waits for a write.
    reading: Mutex<Connection>,
}

impl SqliteShelf {
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
}

impl Shelf for SqliteShelf {
    fn keep_file(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError> {
        for (part, packed) in parts::cut(bytes)? {
            let sql = "INSERT OR IGNORE INTO release_part (hash, part, bytes) VALUES (?1, ?2, ?3)";
            lock(&self.writing)?.execute(sql, params![hash.as_bytes(), part, packed])?;
        }
        Ok(())
    }

    fn file(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        let connection = lock(&self.reading)?;
        let sql = "SELECT bytes FROM release_part WHERE hash = ?1 ORDER BY part";
        let mut statement = connection.prepare_cached(sql)?;
        let packed = statement.query_map([hash.as_bytes()], |row| row.get(0))?;
        Ok(parts::joined(hash, &packed.collect::<Result<Vec<_>, _>>()?))
    }

    fn put(&self, order: &Order, make: &Make<'_>) -> Result<Kept, StoreError> {
        let mut connection = lock(&self.writing)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = format!("{KEPT} WHERE token = ?1");
        if let Some(done) = transaction.query_row(&sql, [order.token], kept_of).optional()? {
            return Ok(done);
        }
        let (number, follows) = transaction.query_row(
            "SELECT coalesce(max(number), 0) + 1, max(number) FILTER (WHERE round = ?1) FROM release",
            [order.round.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let SignedManifest { manifest, signature, key } = make(number, follows)?;
        transaction.execute(
            "INSERT INTO release (number, token, round, made_at, manifest, signature, key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                number,
                order.token,
                order.round.as_str(),
                order.now,
                manifest,
                signature.as_bytes(),
                key.as_bytes()
            ],
        )?;
        transaction.commit()?;
        Ok(Kept { number, round: order.round.clone(), made_at: order.now, manifest, signature, key })
    }

    fn all(&self) -> Result<Vec<Kept>, StoreError> {
        let connection = lock(&self.reading)?;
        let mut statement = connection.prepare_cached(&format!("{KEPT} ORDER BY number"))?;
        Ok(statement.query_map([], kept_of)?.collect::<Result<_, _>>()?)
    }

    fn get(&self, number: u32) -> Result<Option<Kept>, StoreError> {
        let connection = lock(&self.reading)?;
        let mut statement = connection.prepare_cached(&format!("{KEPT} WHERE number = ?1"))?;
        Ok(statement.query_row([number], kept_of).optional()?)
    }
}

const KEPT: &str = "SELECT number, round, made_at, manifest, signature, key FROM release";

fn kept_of(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        number: row.get(0)?,
        round: database::text(row, 1)?,
        made_at: row.get(2)?,
        manifest: row.get(3)?,
        signature: database::blob(row, 4)?,
        key: database::blob(row, 5)?,
    })
}

fn lock(connection: &Mutex<Connection>) -> Result<MutexGuard<'_, Connection>, StoreError> {
    connection.lock().map_err(|_| StoreError::Poisoned)
}
