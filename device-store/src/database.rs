//! What the store asks of the database under it: rows by key, transactions that are kept whole or not at all.

use futures_util::future::LocalBoxFuture;

use crate::error::{CorruptRow, StoreError};
use crate::row::Row;

/// What the database is waited for. Boxed, in traits that know no row's type and no kind of work, so that what stands
/// around them is compiled once, which is a tenth of an app's download.
pub type Waiting<'a, T> = LocalBoxFuture<'a, Result<T, StoreError>>;

/// Part of a key. Numbers come before texts, as in IndexedDB.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A counted place.
    Number(u64),
    /// An id, a name or a hash as text.
    Text(String),
}

/// A row's key, or what an index goes by.
pub type Key = Vec<Part>;

/// Which keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// Every one.
    All,
    /// This one. One part is a plain key, several are a list.
    One(Key),
    /// Those of two parts that begin with this text.
    Within(String),
}

/// Which rows: by an object store's own key or by one of its indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From<'a> {
    /// The store's own key.
    Store(&'a str),
    /// Store, index.
    Index(&'a str, &'a str),
}

impl From<'_> {
    /// The object store.
    pub fn store(&self) -> &str {
        match self {
            Self::Store(store) | Self::Index(store, _) => store,
        }
    }
}

/// Whether a transaction may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It only reads.
    Read,
    /// It reads and writes.
    Write,
}

/// A row, or what is wrong with it.
pub type Found = Result<Row, CorruptRow>;

/// The object stores as one transaction sees and changes them.
pub trait Transaction {
    /// The first row with such a key.
    fn get<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, Option<Found>>;

    /// The rows with such keys, in their order, at most `limit`.
    fn all<'a>(&'a self, from: From<'a>, keys: Keys, limit: u32) -> Waiting<'a, Vec<Found>>;

    /// The own keys of rows with such keys.
    fn primary_keys<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, Vec<Key>>;

    /// How many rows have such keys.
    fn count<'a>(&'a self, from: From<'a>, keys: Keys) -> Waiting<'a, u32>;

    /// Writes a row over whatever has its key.
    fn put(&self, row: Row) -> Waiting<'_, ()>;

    /// Writes a row of a counted store and tells the place that was counted for it.
    fn put_counted(&self, row: Row) -> Waiting<'_, u64>;

    /// Deletes the rows with such keys.
    fn delete<'a>(&'a self, store: &'a str, keys: Keys) -> Waiting<'a, ()>;

    /// What the device's clock says, in milliseconds since 1970. It may be wrong by years.
    fn now(&self) -> u64;
}

/// What is done within a transaction.
pub trait Work {
    /// Does it; the transaction is kept where this succeeds, and dropped whole where it fails.
    fn run<'a>(&'a self, transaction: &'a dyn Transaction) -> Waiting<'a, ()>;
}

/// A database of object stores, see [`crate::schema`].
pub trait Database {
    /// Does `work` on these object stores in one transaction. When this returns, all that it wrote is on the disk; when
    /// it fails, nothing of it is. `work` may run twice, where the connection was lost the first time.
    fn transact<'a>(&'a self, mode: Mode, stores: &'a [&'a str], work: &'a dyn Work) -> Waiting<'a, ()>;

    /// The database's name.
    fn name(&self) -> &str;

    /// Closes the connection; the next call opens it again. For a page that is put to sleep.
    fn close(&self);

    /// Closes the connection without noticing it, as browsers do behind the app's back. For tests.
    #[doc(hidden)]
    fn sever(&self) {}
}
