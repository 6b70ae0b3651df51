//! Single rows in a transaction: typed on this side, plain objects with `Uint8Array`s on the browser's.

use futures_util::future::LocalBoxFuture;
use indexed_db_futures::KeyRange;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::Transaction;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};

use super::error::{CorruptRow, StoreError};

/// Which rows: by store or by one of its indices.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// The store's own key.
    Store(&'a str),
    /// Store, index.
    Index(&'a str, &'a str),
}

impl From<'_> {
    fn store(&self) -> &str {
        match self {
            Self::Store(store) | Self::Index(store, _) => store,
        }
    }
}

/// A key made of one text.
#[expect(clippy::needless_pass_by_value, reason = "ids are small, and callers read better")]
pub(super) fn key(text: impl ToString) -> KeyRange<JsValue> {
    KeyRange::Only(JsValue::from_str(&text.to_string()))
}

/// A key made of several texts.
pub(super) fn keys(texts: &[&str]) -> KeyRange<JsValue> {
    KeyRange::Only(texts.iter().map(|text| JsValue::from_str(text)).collect::<js_sys::Array>().into())
}

/// All keys.
pub(super) fn all_keys() -> KeyRange<JsValue> {
    KeyRange::Only(JsValue::UNDEFINED)
}

/// A counted key.
#[expect(clippy::cast_precision_loss, reason = "browsers count up to 2^53 and no further")]
pub(super) fn position(position: u64) -> KeyRange<JsValue> {
    KeyRange::Only(JsValue::from_f64(position as f64))
}

/// All keys of two texts that begin with this one.
#[expect(clippy::needless_pass_by_value, reason = "ids are small, and callers read better")]
pub(super) fn keys_within(first: impl ToString) -> KeyRange<JsValue> {
    let first = JsValue::from_str(&first.to_string());
    let from = js_sys::Array::of1(&first);
    // In IndexedDB's order an array comes after every text.
    let to = js_sys::Array::of2(&first, &js_sys::Array::new());
    KeyRange::Bound(from.into(), false, to.into(), false)
}

/// The row with this key.
pub(super) async fn get<T: DeserializeOwned>(
    transaction: &Transaction<'_>,
    from: From<'_>,
    key: KeyRange<JsValue>,
) -> Result<Option<T>, StoreError> {
    let row = get_one(transaction, from, key).await?;
    row.map(|row| read(from.store(), row)).transpose().map_err(Into::into)
}

/// The rows in a range (all of them where it is `None`), in order, at most `limit`; what cannot be read
/// stands in its place.
pub(super) async fn all<T: DeserializeOwned>(
    transaction: &Transaction<'_>,
    from: From<'_>,
    range: Option<KeyRange<JsValue>>,
    limit: u32,
) -> Result<Vec<Result<T, CorruptRow>>, StoreError> {
    let rows = get_many(transaction, from, range, limit).await?;
    Ok(rows.into_iter().map(|row| read(from.store(), row)).collect())
}

/// Writes a row over whatever has its key.
pub(super) fn put<'a, T: Serialize>(
    transaction: &'a Transaction<'_>,
    store: &'a str,
    row: &T,
) -> Waiting<'a, ()> {
    put_one(transaction, store, to_js(row))
}

// What is waited for is boxed, in functions that know no row's type: each is then compiled once, and whoever waits
// holds a pointer, not a copy of its state.

/// What the browser is waited for.
type Waiting<'a, T> = LocalBoxFuture<'a, Result<T, StoreError>>;

fn get_one<'a>(
    transaction: &'a Transaction<'_>,
    from: From<'a>,
    key: KeyRange<JsValue>,
) -> Waiting<'a, Option<JsValue>> {
    Box::pin(async move {
        let store = transaction.object_store(from.store())?;
        Ok(match from {
            From::Store(_) => store.get::<JsValue, JsValue, _>(key).primitive()?.await?,
            From::Index(_, index) => store.index(index)?.get::<JsValue, JsValue, _>(key).primitive()?.await?,
        })
    })
}

fn get_many<'a>(
    transaction: &'a Transaction<'_>,
    from: From<'a>,
    range: Option<KeyRange<JsValue>>,
    limit: u32,
) -> Waiting<'a, Vec<JsValue>> {
    Box::pin(async move {
        let store = transaction.object_store(from.store())?;
        let range = range.unwrap_or_else(all_keys);
        let rows = match from {
            From::Store(_) => {
                store
                    .get_all::<JsValue>()
                    .with_query::<JsValue, _>(range)
                    .with_limit(limit)
                    .primitive()?
                    .await?
            }
            From::Index(_, index) => {
                let index = store.index(index)?;
                index
                    .get_all::<JsValue>()
                    .with_query::<JsValue, _>(range)
                    .with_limit(limit)
                    .primitive()?
                    .await?
            }
        };
        rows.map(|row| row.map_err(Into::into)).collect()
    })
}

fn put_one<'a>(
    transaction: &'a Transaction<'_>,
    store: &'a str,
    row: Result<JsValue, StoreError>,
) -> Waiting<'a, ()> {
    Box::pin(async move { Ok(transaction.object_store(store)?.put(row?).primitive()?.await?) })
}

/// A row as a plain object.
fn to_js<T: Serialize>(row: &T) -> Result<JsValue, StoreError> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    row.serialize(&serializer).map_err(|error| StoreError::Failed(error.to_string()))
}

/// The primary keys in a range.
pub(super) fn primary_keys<'a>(
    transaction: &'a Transaction<'_>,
    from: From<'a>,
    range: KeyRange<JsValue>,
) -> Waiting<'a, Vec<JsValue>> {
    Box::pin(async move {
        let store = transaction.object_store(from.store())?;
        let found = match from {
            From::Store(_) => {
                store.get_all_keys::<JsValue>().with_query::<JsValue, _>(range).primitive()?.await?
            }
            From::Index(_, index) => {
                let index = store.index(index)?;
                index.get_all_keys::<JsValue>().with_query::<JsValue, _>(range).primitive()?.await?
            }
        };
        found.map(|key| key.map_err(Into::into)).collect()
    })
}

/// How many rows there are in a range.
pub(super) fn count<'a>(
    transaction: &'a Transaction<'_>,
    from: From<'a>,
    range: Option<KeyRange<JsValue>>,
) -> Waiting<'a, u32> {
    Box::pin(async move {
        let store = transaction.object_store(from.store())?;
        let range = range.unwrap_or_else(all_keys);
        Ok(match from {
            From::Store(_) => store.count().with_query::<JsValue, _>(range).primitive()?.await?,
            From::Index(_, index) => {
                store.index(index)?.count().with_query::<JsValue, _>(range).primitive()?.await?
            }
        })
    })
}

/// Writes a row and tells the key that the browser counted for it.
pub(super) async fn put_counted<T: Serialize>(
    transaction: &Transaction<'_>,
    store: &str,
    row: &T,
) -> Result<u64, StoreError> {
    let store = transaction.object_store(store)?;
    Ok(store.put(row).with_key_type::<u64>().serde()?.await?)
}

/// Deletes the rows in a range.
pub(super) fn delete<'a>(
    transaction: &'a Transaction<'_>,
    store: &'a str,
    range: KeyRange<JsValue>,
) -> Waiting<'a, ()> {
    Box::pin(
        async move { Ok(transaction.object_store(store)?.delete::<JsValue, _>(range).primitive()?.await?) },
    )
}

/// A row, where it is there and can be read; a damaged one is passed over, so that it holds up no other.
pub(super) fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(StoreError::Corrupt(_)) => Ok(None),
        other => other,
    }
}

fn read<T: DeserializeOwned>(store: &str, row: JsValue) -> Result<T, CorruptRow> {
    let key = name(&row);
    serde_wasm_bindgen::from_value(row).map_err(|error| CorruptRow {
        store: store.to_owned(),
        key,
        why: error.to_string(),
    })
}

/// What to call a row that may not be what it should.
fn name(row: &JsValue) -> String {
    let part = |field: &str| {
        let value = js_sys::Reflect::get(row, &field.into()).ok()?;
        value.as_string().or_else(|| value.dyn_into::<js_sys::Number>().ok()?.value_of().to_string().into())
    };
    let parts: Vec<String> =
        ["id", "position", "record", "hash", "stream", "key"].into_iter().filter_map(part).collect();
    parts.join(" ")
}
