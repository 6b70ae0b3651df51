//! What the office decides and every device is told: units, rounds, instruments.

mod import;
mod instruments;
mod units;

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use rusqlite::Connection;

use crate::database::{self, StoreError};

pub use import::{ImportFault, read_units, slug};
pub use instruments::{Compiled, InstrumentSummary, PhotoOf, embedded, form_of};

/// Units, rounds, instruments and whose photos are whose, in the log's file.
pub struct Catalogue {
    connection: Mutex<Connection>,
}

impl Catalogue {
    /// Opens the tables in the log's file.
    ///
    /// # Errors
    /// Where the file cannot be read or written.
    pub fn open(log: &Path) -> Result<Self, StoreError> {
        let connection = database::open(log)?;
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    pub(crate) fn connection(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.connection.lock().map_err(|_| StoreError::Poisoned)
    }
}
