//! Single rows in a transaction, typed.

use crate::database::{From, Key, Keys, Part, Transaction};
use crate::error::{CorruptRow, StoreError};
use crate::row::Stored;

/// A key made of one text.
#[expect(clippy::needless_pass_by_value, reason = "ids are small, and callers read better")]
pub(crate) fn key(text: impl ToString) -> Keys {
    Keys::One(vec![Part::Text(text.to_string())])
}

/// A key made of several texts.
pub(crate) fn keys(texts: &[&str]) -> Keys {
    Keys::One(texts.iter().map(|text| Part::Text((*text).to_owned())).collect())
}

/// A counted key.
pub(crate) fn position(position: u64) -> Keys {
    Keys::One(vec![Part::Number(position)])
}

/// All keys of two parts that begin with this text.
#[expect(clippy::needless_pass_by_value, reason = "ids are small, and callers read better")]
pub(crate) fn keys_within(first: impl ToString) -> Keys {
    Keys::Within(first.to_string())
}

/// The row with this key.
pub(crate) async fn get<T: Stored>(
    tx: &dyn Transaction,
    from: From<'_>,
    keys: Keys,
) -> Result<Option<T>, StoreError> {
    match tx.get(from, keys).await? {
        Some(found) => Ok(T::unpack(found?)),
        None => Ok(None),
    }
}

/// The rows in a range, in order, at most `limit`; what cannot be read stands in its place.
pub(crate) async fn all<T: Stored>(
    tx: &dyn Transaction,
    from: From<'_>,
    keys: Keys,
    limit: u32,
) -> Result<Vec<Result<T, CorruptRow>>, StoreError> {
    let rows = tx.all(from, keys, limit).await?;
    Ok(rows.into_iter().filter_map(|row| row.map(T::unpack).transpose()).collect())
}

/// The own keys of rows in a range.
pub(crate) async fn primary_keys(
    tx: &dyn Transaction,
    from: From<'_>,
    keys: Keys,
) -> Result<Vec<Key>, StoreError> {
    tx.primary_keys(from, keys).await
}

/// How many rows there are in a range.
pub(crate) async fn count(tx: &dyn Transaction, from: From<'_>, keys: Keys) -> Result<u32, StoreError> {
    tx.count(from, keys).await
}

/// Writes a row over whatever has its key.
pub(crate) async fn put<T: Stored>(tx: &dyn Transaction, row: T) -> Result<(), StoreError> {
    tx.put(row.pack()).await
}

/// Writes a row and tells the key that the database counted for it.
pub(crate) async fn put_counted<T: Stored>(tx: &dyn Transaction, row: T) -> Result<u64, StoreError> {
    tx.put_counted(row.pack()).await
}

/// Deletes the rows in a range.
pub(crate) async fn delete(tx: &dyn Transaction, store: &str, keys: Keys) -> Result<(), StoreError> {
    tx.delete(store, keys).await
}

/// A row, where it is there and can be read; a damaged one is passed over, so that it holds up no other.
pub(crate) fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    found.or_else(StoreError::or_none)
}
