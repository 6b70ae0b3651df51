//! Opening `SQLite` files with the settings that durability needs.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use replica::IdError;
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, OpenFlags, Row};
use thiserror::Error;

/// How long a connection waits for another one that writes.
const BUSY: Duration = Duration::from_secs(10);

/// What goes wrong with a file of the data folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// `SQLite` could not read or write: a full or failing disk, mostly.
    #[error("the data folder could not be read or written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused, which trying again does not change.
    #[error("the database refused: {0}")]
    Postgres(String),
    /// No PostgreSQL server can be written to now.
    #[error("the database cannot be reached or written to now: {0}")]
    Unreachable(String),
    /// A row holds what no version of loket wrote.
    #[error("the database holds something that is not loket's: {0}")]
    Foreign(String),
    /// Written by a later version.
    #[error("{file} was written by a later version of loket (format {found}); start that version instead")]
    Later {
        /// Name of the file.
        file: String,
        /// The format it says it has.
        found: i64,
    },
    /// Written by an earlier version, and not brought up to this one.
    #[error("{file} was written by an earlier version of loket (format {found}) that this one cannot read")]
    Earlier {
        /// Name of the file.
        file: String,
        /// The format it says it has.
        found: i64,
    },
    /// A file of the folder beside the databases.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The log was moved elsewhere, or a copy into it has not ended, or somebody uses what nobody may use now.
    #[error("{0}")]
    Closed(String),
    /// Photos could not be opened.
    #[error("{0}")]
    Photos(String),
    /// The rule sets that come along are not sound.
    #[error("the rule sets of this version are not sound: {0}")]
    Rules(String),
    /// The operating system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random,
    /// A thread that held the connection was stopped by a fault.
    #[error("the store was left in the middle of something; restart the server")]
    Poisoned,
}

impl StoreError {
    /// True where the same call may succeed in a while.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

/// Opens or creates a database: WAL, and a commit returns after fsync.
///
/// # Errors
/// Where the file cannot be opened.
pub fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Opens an existing database to read only.
///
/// # Errors
/// Where the file is absent or cannot be opened.
pub fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Refuses a file of another format, and marks a new one. Formats begin at 1.
///
/// # Errors
/// [`StoreError::Later`], [`StoreError::Earlier`], or where the mark cannot be read or written.
pub fn check_format(connection: &Connection, file: &str, known: i64) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Later { file: file.to_owned(), found });
    }
    match found {
        0 => connection.pragma_update(None, "user_version", known)?,
        _ if found == known => {}
        _ => return Err(StoreError::Earlier { file: file.to_owned(), found }),
    }
    Ok(())
}

/// Reads a text column into a checked type.
///
/// # Errors
/// Where the column is not a text or the text is none of that type.
pub fn text<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let value = row.get_ref(index)?.as_str()?;
    value
        .parse()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error)))
}

/// As [`text`], for a column that may be NULL.
///
/// # Errors
/// As [`text`].
pub fn optional_text<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<T>>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    if row.get_ref(index)? == ValueRef::Null { Ok(None) } else { text(row, index).map(Some) }
}

/// Reads a blob column into a checked type.
///
/// # Errors
/// Where the column is not a blob or the bytes are none of that type.
pub fn blob<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<T>
where
    T: for<'b> TryFrom<&'b [u8], Error = IdError>,
{
    let value = row.get_ref(index)?.as_blob()?;
    T::try_from(value)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Blob, Box::new(error)))
}
