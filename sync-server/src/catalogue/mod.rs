//! What the office decides and every device is told: units, rounds, instruments.

mod import;
mod instruments;
mod units;

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use rusqlite::Connection;

use crate::database::{self, StoreError};

pub use import::{ImportFault, read_units, slug};
pub use instruments::{Compiled, CompiledWorkbook, PhotoOf, compile, embedded, form_of};

/// Units, rounds, instruments and whose photos are whose, in the log's file.
pub struct Catalogue {
    writing: Mutex<Connection>,
    /// Apart, so that a look-up never waits for a write.
    reading: Mutex<Connection>,
}

impl Catalogue {
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
