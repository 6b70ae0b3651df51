//! A database in memory with the promises of the browser's: for tests, and for simulations that end it at any moment.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future;

use crate::database::{Database, Found, From, Key, Keys, Mode, Part, Transaction, Waiting, Work};
use crate::error::{CorruptRow, StoreError};
use crate::row::Row;

type Tables = BTreeMap<String, BTreeMap<Key, Rc<Row>>>;

/// The disk under a [`Memory`]: it outlives whoever opened it.
#[derive(Debug, Clone, Default)]
pub struct Disk(Rc<RefCell<Kept>>);

/// What is on a disk.
#[derive(Debug, Clone, Default)]
struct Kept {
    tables: Tables,
    counted: u64,
    /// Rows that cannot be read.
    damaged: BTreeMap<String, Vec<Key>>,
}

/// When a device ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Before the transaction under way is kept.
    Before,
    /// After it is kept, and before anybody learns of that.
    After,
}

/// A connection to a disk.
pub struct Memory {
    disk: Disk,
    now: Rc<Cell<u64>>,
    /// After so many writing transactions the device ends, so.
    fuse: RefCell<Option<(u32, End)>>,
    ended: Cell<bool>,
}

impl Memory {
    /// Opens a disk; `now` is the device's clock, in milliseconds since 1970.
    pub fn open(disk: &Disk, now: Rc<Cell<u64>>) -> Rc<Self> {
        Rc::new(Self { disk: disk.clone(), now, fuse: RefCell::default(), ended: Cell::default() })
    }

    /// Ends the device at the writing transaction after so many more.
    pub fn end_after(&self, transactions: u32, end: End) {
        self.fuse.replace(Some((transactions, end)));
    }

    /// Whether the device has ended: nothing is read or written any more.
    pub fn has_ended(&self) -> bool {
        self.ended.get()
    }

    /// Ends it now.
    pub fn end(&self) {
        self.ended.set(true);
    }

    fn fate(&self) -> Option<End> {
        let mut fuse = self.fuse.borrow_mut();
        let (left, end) = (*fuse)?;
        *fuse = left.checked_sub(1).map(|left| (left, end));
        if left == 0 { Some(end) } else { None }
    }
}

impl Disk {
    /// Damages a row, where it is there: it can be counted and deleted, and not read.
    pub fn damage(&self, store: &str, key: &Key) {
        let mut kept = self.0.borrow_mut();
        if kept.tables.get(store).is_some_and(|rows| rows.contains_key(key)) {
            kept.damaged.entry(store.to_owned()).or_default().push(key.clone());
        }
    }

    /// The keys in an object store.
    pub fn keys(&self, store: &str) -> Vec<Key> {
        self.0.borrow().tables.get(store).map(|rows| rows.keys().cloned().collect()).unwrap_or_default()
    }
}

fn gone() -> StoreError {
    StoreError::Lost("the device has ended".to_owned())
}

impl Database for Memory {
    fn transact<'a>(&'a self, mode: Mode, stores: &'a [&'a str], work: &'a dyn Work) -> Waiting<'a, ()> {
        Box::pin(async move {
            if self.ended.get() {
                return Err(gone());
            }
            let before = self.disk.0.borrow().clone();
            let view =
                View { kept: RefCell::new(before), stores, now: self.now.get(), writes: mode == Mode::Write };
            work.run(&view).await?;
            if mode == Mode::Read {
                return Ok(());
            }
            let fate = self.fate();
            if fate != Some(End::Before) {
                self.disk.0.replace(view.kept.into_inner());
            }
            if fate.is_some() {
                self.ended.set(true);
                return Err(gone());
            }
            Ok(())
        })
    }

    fn name(&self) -> &'static str {
        "memory"
    }

    fn close(&self) {}
}

/// The tables as one transaction sees them.
struct View<'s> {
    kept: RefCell<Kept>,
    stores: &'s [&'s str],
    now: u64,
    writes: bool,
}

impl View<'_> {
    /// The browser refuses what a transaction did not say that it would touch.
    fn may(&self, store: &str) -> Result<(), StoreError> {
        if self.stores.contains(&store) {
            return Ok(());
        }
        Err(StoreError::Failed(format!("the transaction does not span {store}")))
    }

    fn may_write(&self, store: &str) -> Result<(), StoreError> {
        self.may(store)?;
        if self.writes { Ok(()) } else { Err(StoreError::Failed("a reading transaction writes".to_owned())) }
    }

    fn found(&self, from: From<'_>, keys: &Keys) -> Result<Vec<(Key, Found)>, StoreError> {
        let store = from.store();
        self.may(store)?;
        let kept = self.kept.borrow();
        let Some(rows) = kept.tables.get(store) else { return Ok(Vec::new()) };
        let damaged = kept.damaged.get(store);
        let read = |key: &Key, row: &Rc<Row>| {
            let sound = damaged.is_none_or(|damaged| !damaged.contains(key));
            let found = if sound { Ok(row.as_ref().clone()) } else { Err(unreadable(store, key)) };
            (key.clone(), found)
        };
        Ok(match from {
            From::Store(_) => {
                let some: Box<dyn Iterator<Item = (&Key, &Rc<Row>)>> = match keys {
                    Keys::One(one) => Box::new(rows.get_key_value(one).into_iter()),
                    Keys::Within(first) => {
                        let start = vec![Part::Text(first.clone())];
                        let end = start.clone();
                        Box::new(rows.range(start..).take_while(move |(key, _)| key.starts_with(&end)))
                    }
                    Keys::All => Box::new(rows.iter()),
                };
                some.map(|(key, row)| read(key, row)).collect()
            }
            From::Index(_, index) => {
                let mut some: Vec<_> = rows
                    .iter()
                    .filter_map(|(key, row)| Some((row.indexed(index)?, key, row)))
                    .filter(|(by, ..)| matches(keys, by))
                    .collect();
                some.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
                some.into_iter().map(|(_, key, row)| read(key, row)).collect()
            }
        })
    }

    fn keep(&self, row: Row) -> Result<u64, StoreError> {
        let store = row.store();
        self.may_write(store)?;
        let kept = &mut *self.kept.borrow_mut();
        let (row, position) = if row.key().is_some() {
            (row, 0)
        } else {
            kept.counted += 1;
            (row.at(kept.counted), kept.counted)
        };
        let key = row.key().ok_or_else(|| StoreError::Failed(format!("a row of {store} without a key")))?;
        if let Some(damaged) = kept.damaged.get_mut(store) {
            damaged.retain(|other| *other != key);
        }
        kept.tables.entry(store.to_owned()).or_default().insert(key, Rc::new(row));
        Ok(position)
    }

    fn remove(&self, store: &str, keys: &Keys) -> Result<(), StoreError> {
        self.may_write(store)?;
        let going: Vec<Key> = self.found(From::Store(store), keys)?.into_iter().map(|(key, _)| key).collect();
        let kept = &mut *self.kept.borrow_mut();
        let (rows, mut damaged) = (kept.tables.get_mut(store), kept.damaged.get_mut(store));
        if let Some(rows) = rows {
            for key in going {
                rows.remove(&key);
                if let Some(damaged) = &mut damaged {
                    damaged.retain(|other| *other != key);
                }
            }
        }
        Ok(())
    }
}

fn matches(keys: &Keys, key: &Key) -> bool {
    match keys {
        Keys::All => true,
        Keys::One(one) => one == key,
        Keys::Within(first) => key.first() == Some(&Part::Text(first.clone())),
    }
}

fn unreadable(store: &str, key: &Key) -> CorruptRow {
    CorruptRow { store: store.to_owned(), key: format!("{key:?}"), why: "it is damaged".to_owned() }
}

fn done<'a, T: 'a>(value: Result<T, StoreError>) -> Waiting<'a, T> {
    Box::pin(future::ready(value))
}

impl Transaction for View<'_> {
    fn get<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, Option<Found>> {
        done(self.found(from, &keys).map(|all| all.into_iter().next().map(|(_, found)| found)))
    }

    fn all<'a>(&'a self, from: From<'a>, keys: Keys, limit: u32) -> Waiting<'a, Vec<Found>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        done(self.found(from, &keys).map(|all| all.into_iter().take(limit).map(|(_, found)| found).collect()))
    }

    fn primary_keys<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, Vec<Key>> {
        done(self.found(from, &keys).map(|all| all.into_iter().map(|(key, _)| key).collect()))
    }

    fn count<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, u32> {
        done(self.found(from, &keys).map(|all| u32::try_from(all.len()).unwrap_or(u32::MAX)))
    }

    fn put(&self, row: Row) -> Waiting<'_, ()> {
        done(self.keep(row).map(|_| ()))
    }

    fn put_counted(&self, row: Row) -> Waiting<'_, u64> {
        done(self.keep(row))
    }

    fn delete<'a>(&'a self, store: &'a str, keys: Keys) -> Waiting<'a, ()> {
        done(self.remove(store, &keys))
    }

    fn now(&self) -> u64 {
        self.now
    }
}
