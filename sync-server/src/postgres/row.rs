//! Reading columns into checked types.

use std::fmt::Display;
use std::str::FromStr;

use replica::{Genesis, IdError};
use tokio_postgres::Row;

use super::Fault;

/// A bytea column as an id.
///
/// # Errors
/// Where it holds none.
pub fn id<T>(row: &Row, index: usize) -> Result<T, Fault>
where
    T: for<'b> TryFrom<&'b [u8], Error = IdError>,
{
    Ok(T::try_from(row.try_get::<_, &[u8]>(index)?)?)
}

/// A bigint column that counts.
///
/// # Errors
/// Where it is below 0.
pub fn count(row: &Row, index: usize) -> Result<u64, Fault> {
    let value: i64 = row.try_get(index)?;
    u64::try_from(value).map_err(|_| Fault::Row(format!("{value} counts nothing")))
}

/// A text column as a checked type.
///
/// # Errors
/// Where it is none of that type.
pub fn text<T: FromStr<Err: Display>>(row: &Row, index: usize) -> Result<T, Fault> {
    row.try_get::<_, &str>(index)?.parse().map_err(|error: T::Err| Fault::Row(error.to_string()))
}

/// As [`text`], for a column that may be NULL.
///
/// # Errors
/// As [`text`].
pub fn optional_text<T: FromStr<Err: Display>>(row: &Row, index: usize) -> Result<Option<T>, Fault> {
    if row.try_get::<_, Option<&str>>(index)?.is_some() { text(row, index).map(Some) } else { Ok(None) }
}

/// A genesis out of a bytea column.
///
/// # Errors
/// Where it holds none.
pub fn genesis(row: &Row, index: usize) -> Result<Genesis, Fault> {
    minicbor::decode(row.try_get::<_, &[u8]>(index)?).map_err(|error| Fault::Row(error.to_string()))
}

/// The database counts in signed numbers; a place beyond them is beyond the log's end just as well.
pub fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
