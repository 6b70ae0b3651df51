//! A log that is closed: it was moved elsewhere, or a copy into it has not ended. Nobody starts on it, and it takes nothing
//! from those who had it open before, of whatever version they are: triggers refuse.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _};

use super::{Store, tables};
use crate::data::DataFolder;
use crate::database::{self, StoreError};
use crate::postgres::hold::Held;
use crate::postgres::{Database, Fault};

/// What the log itself is made of, in the order in which it is written.
const LOG: [&str; 3] = ["record", "attestation", "change"];
/// Looks for other servers, so far apart: one that has just been stopped takes a moment to be gone.
const LOOKS: (u32, Duration) = (20, Duration::from_millis(100));

/// Everybody else waits who wants to write in a store, until this is let go.
pub enum Hold {
    /// A transaction that writes.
    File(Connection),
    /// A transaction with locks.
    Shared(Held),
}

impl Hold {
    /// Takes it, once nobody writes.
    ///
    /// # Errors
    /// Where the store fails, or somebody writes for long.
    pub fn take(store: &Store) -> Result<Self, StoreError> {
        match store {
            Store::File(data) => {
                let connection = database::open(&data.log())?;
                connection.execute_batch("BEGIN IMMEDIATE")?;
                Ok(Self::File(connection))
            }
            Store::Shared(database) => Ok(Self::Shared(Held::take(database, &all())?)),
        }
    }

    /// Lets the others go on. Where this succeeds, none of them wrote meanwhile.
    ///
    /// # Errors
    /// Where the store failed meanwhile.
    pub fn let_go(self) -> Result<(), StoreError> {
        match self {
            Self::File(connection) => Ok(connection.execute_batch("COMMIT")?),
            Self::Shared(held) => held.end("SELECT"),
        }
    }

    /// Closes the log in the same moment: those who waited are refused, with this sentence.
    ///
    /// # Errors
    /// Where the store failed meanwhile; then it is open as before.
    pub fn close(self, why: &str) -> Result<(), StoreError> {
        match self {
            Self::File(connection) => {
                mark_file(&connection, MOVED, why)?;
                connection.execute_batch(&file_triggers(why))?;
                Ok(connection.execute_batch("COMMIT")?)
            }
            // Nobody knows the token, so nobody is let through.
            Self::Shared(held) => held.end(&shared_marks(&token()?, true, why)),
        }
    }
}

/// Names in the table `log` of a file.
const MOVED: &str = "moved";
const COPYING: &str = "copying";

/// Refuses a file that is closed.
///
/// # Errors
/// [`StoreError::Closed`], or where it cannot be read.
pub fn check(data: &DataFolder) -> Result<(), StoreError> {
    if !data.log().is_file() {
        return Ok(());
    }
    match marked(&database::open(&data.log())?)? {
        Some((_, why)) => Err(StoreError::Closed(why)),
        None => Ok(()),
    }
}

/// Closes an empty store to all but the one who copies into it, and makes sure that nobody has it.
///
/// # Errors
/// [`StoreError::Closed`] where others use the database.
pub fn begin(store: &Store, token: &str, why: &str) -> Result<(), StoreError> {
    match store {
        Store::File(data) => mark_file(&database::open(&data.log())?, COPYING, why),
        Store::Shared(database) => {
            let marks = format!("BEGIN; {}; COMMIT", shared_marks(token, false, why));
            database.call(async |session| session.batch(&marks).await)?;
            // Whoever connects from now on is refused; who was connected before is seen.
            if let Some(others) = others(database)? {
                reopen(store)?;
                return Err(StoreError::Closed(others));
            }
            Ok(())
        }
    }
}

/// Opens a store again.
///
/// # Errors
/// Where the store fails.
pub fn reopen(store: &Store) -> Result<(), StoreError> {
    match store {
        Store::File(data) => {
            let mut connection = database::open(&data.log())?;
            let transaction = connection.transaction()?;
            for (table, event) in events() {
                transaction.execute_batch(&format!("DROP TRIGGER IF EXISTS closed_{table}_{event}"))?;
            }
            transaction.execute("DELETE FROM log WHERE name IN (?1, ?2)", [MOVED, COPYING])?;
            Ok(transaction.commit()?)
        }
        Store::Shared(database) => {
            let drop = |table: &&str| format!("DROP TRIGGER IF EXISTS closed ON {table}; ");
            let drops = all().iter().map(drop).collect::<Vec<_>>().concat();
            let sql =
                format!("BEGIN; SET LOCAL client_min_messages = error; {drops} DELETE FROM closed; COMMIT");
            database.call(async |session| session.batch(&sql).await)
        }
    }
}

/// Why a store is closed, and whether it was moved; none where it is open.
///
/// # Errors
/// Where the store fails.
pub fn found(store: &Store) -> Result<Option<(bool, String)>, StoreError> {
    match store {
        Store::File(data) => marked(&database::open(&data.log())?),
        Store::Shared(database) => database.call(async |session| {
            let row = session.row("SELECT moved, why FROM closed", &[]).await?;
            row.map(|row| Ok::<_, Fault>((row.try_get(0)?, row.try_get(1)?))).transpose()
        }),
    }
}

/// Drawn anew for each copy.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn token() -> Result<String, StoreError> {
    Ok(hex::encode(crate::random::bytes::<16>()?))
}

fn all() -> Vec<&'static str> {
    LOG.into_iter().chain(tables::names()).collect()
}

fn events() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().into_iter().flat_map(|table| ["INSERT", "UPDATE", "DELETE"].map(|event| (table, event)))
}

fn marked(connection: &Connection) -> Result<Option<(bool, String)>, StoreError> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'log'";
    if connection.query_row(sql, [], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    let sql = "SELECT name, value FROM log WHERE name IN (?1, ?2)";
    let found = connection.query_row(sql, [MOVED, COPYING], |row| {
        let why = String::from_utf8_lossy(row.get_ref(1)?.as_blob()?).into_owned();
        Ok((row.get::<_, String>(0)? == MOVED, why))
    });
    Ok(found.optional()?)
}

fn mark_file(connection: &Connection, name: &str, why: &str) -> Result<(), StoreError> {
    connection.execute("INSERT INTO log (name, value) VALUES (?1, ?2)", (name, why.as_bytes()))?;
    Ok(())
}

fn file_triggers(why: &str) -> String {
    let why = why.replace('\'', "''");
    let refuse = |(table, event)| {
        format!(
            "CREATE TRIGGER closed_{table}_{event} BEFORE {event} ON {table}
             BEGIN SELECT RAISE(ABORT, '{why}'); END;"
        )
    };
    events().map(refuse).collect::<Vec<_>>().concat()
}

fn shared_marks(token: &str, is_moved: bool, why: &str) -> String {
    let why = why.replace('\'', "''");
    let refuse = |table: &&str| {
        format!(
            "; CREATE TRIGGER closed BEFORE INSERT OR UPDATE OR DELETE ON {table}
             FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
        )
    };
    let triggers = all().iter().map(refuse).collect::<Vec<_>>().concat();
    format!("INSERT INTO closed (token, moved, why) VALUES ('{token}', {is_moved}, '{why}'){triggers}")
}

/// Who else uses the database, where anyone does after a while.
fn others(database: &Arc<Database>) -> Result<Option<String>, StoreError> {
    const OTHERS: &str = "SELECT string_agg(DISTINCT coalesce(host(client_addr), 'this machine'), ', ')
        FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user
        AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()";
    database.call(async |session| {
        let mut last = None;
        for _ in 0..LOOKS.0 {
            let row = session.row(OTHERS, &[]).await?;
            last = row.map(|row| row.try_get::<_, Option<String>>(0)).transpose()?.flatten();
            if last.is_none() {
                return Ok(None);
            }
            tokio::time::sleep(LOOKS.1).await;
        }
        Ok(last.map(|from| {
            format!(
                "loket uses the database that is to be copied into, from: {from}; stop it there, then copy again"
            )
        }))
    })
}
