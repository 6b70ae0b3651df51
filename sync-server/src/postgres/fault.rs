//! What goes wrong in a conversation with PostgreSQL, and whether it passes.

use replica::IdError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::database::StoreError;

/// Why a call did not succeed.
#[derive(Debug)]
pub enum Fault {
    /// The database or the line to it.
    Database(Error),
    /// A row that cannot be read as what it should be.
    Row(String),
    /// What is wanted cannot be, whatever the database does.
    Store(StoreError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<IdError> for Fault {
    fn from(error: IdError) -> Self {
        Self::Row(error.to_string())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Database(error) => error.into(),
            Fault::Row(what) => Self::Foreign(what),
            Fault::Store(error) => error,
        }
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let text = told(&error);
        if passes(&error) { Self::Unreachable(text) } else { Self::Postgres(text) }
    }
}

/// The error with its causes, as people read it.
fn told(error: &Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{}: {} ({})", error.severity(), error.message(), error.code().code());
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}

/// True where another attempt, maybe at another server, may succeed: lines that broke, servers that start, stop, or
/// may only be read, locks that took too long.
fn passes(error: &Error) -> bool {
    let Some(code) = error.code() else {
        // Not a word of the server's, so the line; save where what we sent or got does not fit a type.
        return error.is_closed()
            || std::error::Error::source(error).is_none_or(<dyn std::error::Error>::is::<std::io::Error>);
    };
    let of_class = |class| code.code().starts_with(class);
    of_class("08")
        || of_class("57P")
        || of_class("53")
        || of_class("40")
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
}
