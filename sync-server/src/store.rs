//! Where what a server keeps stands: log, identity and catalogue together, in a file or in a shared database.

pub mod carry;
pub mod closed;
pub mod tables;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use crate::catalogue::{Catalogue, PostgresCatalogue, SqliteCatalogue};
use crate::data::DataFolder;
use crate::database::StoreError;
use crate::identity::{Identity, PostgresTable, SqliteTable};
use crate::keys::{Keys, PostgresKeys, SqliteKeys};
use crate::log::postgres::PostgresLog;
use crate::log::sqlite::SqliteLog;
use crate::log::{Log, LogError};
use crate::postgres::Database;
use crate::releases::shelf::{PostgresShelf, Shelf, SqliteShelf};

/// The address of a shared database, such as `postgres://loket@one,two/loket`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

/// A text is no address of a database.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an address of a database begins with postgres://")]
pub struct AddressError;

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let is_one = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if is_one { Ok(Self(text.to_owned())) } else { Err(AddressError) }
    }
}

impl Address {
    /// The text, which may hold a password.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it may be shown: without who connects, and with what password.
    pub fn shown(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        let place = place.split_once('?').map_or(place, |(place, _)| place);
        format!("{scheme}://{place}")
    }
}

/// The parts of a store, opened one by one as they are needed.
pub enum Store {
    /// `log.sqlite` in the data folder, of one server alone.
    File(DataFolder),
    /// A database that any number of servers share.
    Shared(Arc<Database>),
}

impl Store {
    /// Opens the data folder, and the database where there is an address of one.
    ///
    /// # Errors
    /// Where the folder cannot be made, the database cannot be reached, or the log is closed.
    pub fn open(folder: &Path, address: Option<&Address>) -> Result<Self, StoreError> {
        let data = DataFolder::open(folder)?;
        if let Some(address) = address {
            return Self::shared(address);
        }
        closed::check(&data)?;
        Ok(Self::File(data))
    }

    /// The shared database of this address.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub fn shared(address: &Address) -> Result<Self, StoreError> {
        Ok(Self::Shared(Database::open(address.as_str())?))
    }

    /// The same of a log that is closed, for the one who copies into it, by the token, or opens it again ([`REOPENS`]).
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub fn shared_by(address: &Address, word: &str) -> Result<Self, StoreError> {
        Ok(Self::Shared(Database::open_by(address.as_str(), Some(word))?))
    }

    /// The log.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn log(&self) -> Result<Arc<dyn Log>, LogError> {
        Ok(match self {
            Self::File(data) => Arc::new(SqliteLog::open(&data.log())?),
            Self::Shared(database) => Arc::new(PostgresLog::new(Arc::clone(database))?),
        })
    }

    /// Who may.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn identity(&self) -> Result<Identity, StoreError> {
        match self {
            Self::File(data) => Identity::new(Box::new(SqliteTable::open(&data.log())?)),
            Self::Shared(database) => Identity::new(Box::new(PostgresTable(Arc::clone(database)))),
        }
    }

    /// Kept releases.
    ///
    /// # Errors
    /// Where they cannot be read or written.
    pub fn shelf(&self) -> Result<Arc<dyn Shelf>, StoreError> {
        Ok(match self {
            Self::File(data) => Arc::new(SqliteShelf::open(&data.log())?),
            Self::Shared(database) => Arc::new(PostgresShelf(Arc::clone(database))),
        })
    }

    /// Keys that programs read with.
    ///
    /// # Errors
    /// Where they cannot be read or written.
    pub fn keys(&self) -> Result<Box<dyn Keys>, StoreError> {
        Ok(match self {
            Self::File(data) => Box::new(SqliteKeys::open(&data.log())?),
            Self::Shared(database) => Box::new(PostgresKeys(Arc::clone(database))),
        })
    }

    /// What there is to assess.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn catalogue(&self) -> Result<Arc<dyn Catalogue>, StoreError> {
        Ok(match self {
            Self::File(data) => Arc::new(SqliteCatalogue::open(&data.log())?),
            Self::Shared(database) => Arc::new(PostgresCatalogue::new(Arc::clone(database))),
        })
    }
}
