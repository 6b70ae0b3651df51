//! Carries a store over to another one: the log and the tables beside it, as they were at one moment. Servers may go on
//! writing to a shared source; towards the end they wait, and what came in meanwhile is carried over, too.

use std::sync::Arc;

use super::{Store, closed, tables};
use crate::log::copy::{CopyError, Copying, Sum};
use crate::log::postgres::{Bound, PostgresLog};

/// What was carried over.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    /// The changes.
    pub sum: Sum,
    /// Rows beside them.
    pub rows: usize,
}

/// Copies a store into an empty one. Where it is `moved`, with what to say to whoever goes on with the old one, that one is
/// closed in the moment in which nothing of it is missing. The target is closed until it is whole; it was opened with the
/// token.
///
/// # Errors
/// See [`CopyError`]; the source is open as before then, save where it failed in the very moment of being closed.
pub fn carry(from: &Store, to: (&Store, &str), moved: Option<&str>) -> Result<Carried, CopyError> {
    let (to, token) = to;
    let (source, target) = (from.log()?, to.log()?);
    // These make their tables.
    for store in [from, to] {
        store.identity()?;
        store.keys()?;
        store.catalogue()?;
        store.shelf()?;
    }
    let mut copying = Copying::into(target.as_ref())?;
    if !tables::is_empty(to, "device")? {
        return Err(CopyError::NotEmpty);
    }
    closed::begin(to, token, UNFINISHED)?;
    // Most of it, while servers write.
    copying.take(source.as_ref())?;
    let hold = closed::Hold::take(from)?;
    match from {
        Store::File(_) => copying.take(source.as_ref())?,
        // Nobody writes, so all that is there is settled, whatever other transactions are under way.
        Store::Shared(database) => {
            copying.take(&PostgresLog::bounded(Arc::clone(database), Bound::Committed)?)?;
        }
    }
    let rows = tables::copy(from, to)?;
    let sum = copying.end()?;
    match moved {
        Some(why) => hold.close(why)?,
        None => hold.let_go()?,
    }
    closed::reopen(to)?;
    Ok(Carried { sum, rows })
}

/// What a half copy says to whoever starts on it.
const UNFINISHED: &str = "a copy into this log was begun and has not ended; where nobody makes it any more, delete it (the \
                          folder; in PostgreSQL: DROP SCHEMA loket CASCADE), and copy again";
