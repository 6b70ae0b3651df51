//! Rows of the browser's object stores in a transaction: plain objects with `Uint8Array`s.

use device_store::database::{Found, From, Key, Keys, Part, Transaction, Waiting};
use device_store::row::Row;
use device_store::{CorruptRow, StoreError};
use indexed_db_futures::KeyRange;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::Transaction as IdbTransaction;
use js_sys::Array;
use serde::Serialize as _;
use wasm_bindgen::{JsCast as _, JsValue};

use super::error::from_idb;
use crate::device::clock;

/// A transaction of the browser's.
pub(super) struct Rows<'t, 'd>(pub(super) &'t IdbTransaction<'d>);

impl Transaction for Rows<'_, '_> {
    fn get<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, Option<Found>> {
        Box::pin(async move {
            let store = self.0.object_store(from.store()).map_err(from_idb)?;
            let keys = range(&keys);
            let row: Option<JsValue> = match from {
                From::Store(_) => store
                    .get::<JsValue, JsValue, _>(keys)
                    .primitive()
                    .map_err(from_idb)?
                    .await
                    .map_err(from_idb)?,
                From::Index(_, index) => {
                    let index = store.index(index).map_err(from_idb)?;
                    index
                        .get::<JsValue, JsValue, _>(keys)
                        .primitive()
                        .map_err(from_idb)?
                        .await
                        .map_err(from_idb)?
                }
            };
            Ok(row.map(|row| read(from.store(), row)))
        })
    }

    fn all<'a>(&'a self, from: From<'a>, keys: Keys, limit: u32) -> Waiting<'a, Vec<Found>> {
        Box::pin(async move {
            let store = self.0.object_store(from.store()).map_err(from_idb)?;
            let keys = range(&keys);
            let rows = match from {
                From::Store(_) => {
                    let all = store.get_all::<JsValue>().with_query::<JsValue, _>(keys).with_limit(limit);
                    all.primitive().map_err(from_idb)?.await.map_err(from_idb)?
                }
                From::Index(_, index) => {
                    let index = store.index(index).map_err(from_idb)?;
                    let all = index.get_all::<JsValue>().with_query::<JsValue, _>(keys).with_limit(limit);
                    all.primitive().map_err(from_idb)?.await.map_err(from_idb)?
                }
            };
            rows.map(|row| Ok(read(from.store(), row.map_err(from_idb)?))).collect()
        })
    }

    fn primary_keys<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, Vec<Key>> {
        Box::pin(async move {
            let store = self.0.object_store(from.store()).map_err(from_idb)?;
            let keys = range(&keys);
            let found = match from {
                From::Store(_) => {
                    let all = store.get_all_keys::<JsValue>().with_query::<JsValue, _>(keys);
                    all.primitive().map_err(from_idb)?.await.map_err(from_idb)?
                }
                From::Index(_, index) => {
                    let index = store.index(index).map_err(from_idb)?;
                    let all = index.get_all_keys::<JsValue>().with_query::<JsValue, _>(keys);
                    all.primitive().map_err(from_idb)?.await.map_err(from_idb)?
                }
            };
            found.map(|key| Ok(key_of(&key.map_err(from_idb)?))).collect()
        })
    }

    fn count<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, u32> {
        Box::pin(async move {
            let store = self.0.object_store(from.store()).map_err(from_idb)?;
            let keys = range(&keys);
            match from {
                From::Store(_) => {
                    let count = store.count().with_query::<JsValue, _>(keys);
                    count.primitive().map_err(from_idb)?.await.map_err(from_idb)
                }
                From::Index(_, index) => {
                    let index = store.index(index).map_err(from_idb)?;
                    let count = index.count().with_query::<JsValue, _>(keys);
                    count.primitive().map_err(from_idb)?.await.map_err(from_idb)
                }
            }
        })
    }

    fn put(&self, row: Row) -> Waiting<'_, ()> {
        Box::pin(async move {
            let store = self.0.object_store(row.store()).map_err(from_idb)?;
            let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
            let plain = row.serialize(&serializer).map_err(|error| StoreError::Failed(error.to_string()))?;
            store.put(plain).primitive().map_err(from_idb)?.await.map_err(from_idb)
        })
    }

    fn put_counted(&self, row: Row) -> Waiting<'_, u64> {
        Box::pin(async move {
            let store = self.0.object_store(row.store()).map_err(from_idb)?;
            store.put(row).with_key_type::<u64>().serde().map_err(from_idb)?.await.map_err(from_idb)
        })
    }

    fn delete<'a>(&'a self, store: &'a str, keys: Keys) -> Waiting<'a, ()> {
        Box::pin(async move {
            let store = self.0.object_store(store).map_err(from_idb)?;
            store.delete::<JsValue, _>(range(&keys)).primitive().map_err(from_idb)?.await.map_err(from_idb)
        })
    }

    fn now(&self) -> u64 {
        clock::unix_millis()
    }
}

/// The browser's range of these keys.
fn range(keys: &Keys) -> KeyRange<JsValue> {
    match keys {
        Keys::All => KeyRange::Only(JsValue::UNDEFINED),
        Keys::One(parts) => match parts.as_slice() {
            [part] => KeyRange::Only(value(part)),
            several => KeyRange::Only(several.iter().map(value).collect::<Array>().into()),
        },
        Keys::Within(first) => {
            let first = JsValue::from_str(first);
            let from = Array::of1(&first);
            // In IndexedDB's order an array comes after every text and number.
            let to = Array::of2(&first, &Array::new());
            KeyRange::Bound(from.into(), false, to.into(), false)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "browsers count up to 2^53 and no further")]
fn value(part: &Part) -> JsValue {
    match part {
        Part::Text(text) => JsValue::from_str(text),
        Part::Number(number) => JsValue::from_f64(*number as f64),
    }
}

/// A key of the browser's; what is neither text nor number is none that the store wrote.
fn key_of(key: &JsValue) -> Key {
    match key.dyn_ref::<Array>() {
        Some(parts) => parts.iter().filter_map(|value| part(&value)).collect(),
        None => part(key).into_iter().collect(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counted from 1, up to 2^53")]
fn part(value: &JsValue) -> Option<Part> {
    match value.as_f64() {
        Some(number) => Some(Part::Number(number.max(0.0) as u64)),
        None => value.as_string().map(Part::Text),
    }
}

fn read(store: &str, row: JsValue) -> Found {
    let key = name(&row);
    Row::read(store, serde_wasm_bindgen::Deserializer::from(row)).map_err(|error| CorruptRow {
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
