//! The connection to IndexedDB: opened when needed, dropped when the browser closes it, opened again
//! once, and every write in one transaction that is on the disk before it counts.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use gloo_timers::future::TimeoutFuture;
use indexed_db_futures::database::Database;
use indexed_db_futures::internals::SystemRepr as _;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{
    Transaction, TransactionDurability, TransactionMode, TransactionOptions,
};

use super::error::StoreError;
use super::schema;

/// How long another tab may take to let go of an older layout, in milliseconds.
const BLOCKED_AFTER: u32 = 10_000;

/// All that this device keeps. Cheap to clone; clones share one connection.
#[derive(Clone)]
pub struct Store {
    name: Rc<str>,
    handle: Rc<RefCell<Option<Database>>>,
}

impl Store {
    /// Opens the app's database, making it where it is not there yet.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] in private modes that keep nothing, [`StoreError::Newer`],
    /// [`StoreError::Blocked`], [`StoreError::Lost`].
    pub async fn open() -> Result<Self, StoreError> {
        Self::open_named(schema::NAME).await
    }

    /// Opens a database of another name; tests use it so as not to meet.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_named(name: &str) -> Result<Self, StoreError> {
        let store = Self { name: name.into(), handle: Rc::default() };
        match store.database().await {
            Err(StoreError::Lost(_)) => {
                store.close();
                store.database().await?;
            }
            other => drop(other?),
        }
        Ok(store)
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Deletes a whole database. Other tabs let go of it first.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`], [`StoreError::Lost`].
    pub async fn delete_named(name: &str) -> Result<(), StoreError> {
        Ok(Database::delete_by_name(name)?.await?)
    }

    /// Closes the connection; the next call opens it again. For a page that is put to sleep.
    pub fn close(&self) {
        if let Some(database) = self.handle.take() {
            database.close();
        }
    }

    /// Closes the connection without noticing it, as browsers do behind the app's back. For tests.
    #[doc(hidden)]
    pub fn sever(&self) {
        if let Some(database) = self.handle.borrow().clone() {
            database.close();
        }
    }

    /// Reads in one transaction.
    pub(super) async fn read<T>(
        &self,
        stores: &[&str],
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let task = Task::new(work);
        self.once_more(TransactionMode::Readonly, stores, &task).await?;
        task.value()
    }

    /// Writes in one transaction: all of it is on the disk when this returns, or nothing of it is kept.
    ///
    /// `work` may run twice, where the connection was lost the first time.
    pub(super) async fn write<T>(
        &self,
        stores: &[&str],
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let task = Task::new(work);
        self.once_more(TransactionMode::Readwrite, stores, &task).await?;
        task.value()
    }

    fn once_more<'a>(
        &'a self,
        mode: TransactionMode,
        stores: &'a [&'a str],
        work: &'a dyn Work,
    ) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match self.attempt(mode, stores, work).await {
                Err(StoreError::Lost(_)) => {
                    self.close();
                    self.attempt(mode, stores, work).await
                }
                other => other,
            }
        })
    }

    async fn attempt(
        &self,
        mode: TransactionMode,
        stores: &[&str],
        work: &dyn Work,
    ) -> Result<(), StoreError> {
        let database = self.database().await?;
        let mut options = TransactionOptions::new();
        options.set_durability(TransactionDurability::Strict);
        let transaction = database.transaction(stores).with_mode(mode).with_options(options).build()?;
        if mode == TransactionMode::Readonly {
            return work.run(&transaction).await;
        }
        let sys = transaction.as_sys().clone();
        // A transaction that is dropped here is rolled back.
        work.run(&transaction).await.map_err(|error| reason(&sys, error))?;
        transaction.commit().await.map_err(|error| reason(&sys, error.into()))
    }

    async fn database(&self) -> Result<Database, StoreError> {
        if let Some(database) = self.handle.borrow().clone() {
            return Ok(database);
        }
        let database = open(&self.name).await?;
        self.let_go_when_asked(&database)?;
        // Another task may have opened one in the meantime.
        let older = self.handle.replace(Some(database.clone()));
        if let Some(older) = older {
            older.close();
        }
        Ok(database)
    }

    /// Closes when another tab wants a newer layout, and forgets the handle when the browser closes it.
    fn let_go_when_asked(&self, database: &Database) -> Result<(), StoreError> {
        let mut changes = database.version_changes()?;
        let handle = Rc::downgrade(&self.handle);
        wasm_bindgen_futures::spawn_local(async move {
            let _closed_or_changed = changes.recv().await;
            let database = changes.db().clone();
            drop(changes);
            if let Some(handle) = handle.upgrade() {
                let ours = handle.borrow().as_ref().is_some_and(|held| held.as_sys() == database.as_sys());
                if ours {
                    handle.take();
                }
            }
            database.close();
        });
        Ok(())
    }
}

/// What is done within a transaction. Boxed, so that all that stands around it is compiled once and not for every
/// kind of work, which is a tenth of the download.
trait Work {
    fn run<'a>(&'a self, transaction: &'a Transaction<'_>) -> LocalBoxFuture<'a, Result<(), StoreError>>;
}

/// Work, and what came of it.
struct Task<W, T> {
    work: W,
    value: RefCell<Option<T>>,
}

impl<T, W: AsyncFn(&Transaction<'_>) -> Result<T, StoreError>> Task<W, T> {
    fn new(work: W) -> Self {
        Self { work, value: RefCell::new(None) }
    }

    fn value(self) -> Result<T, StoreError> {
        self.value.into_inner().ok_or_else(|| StoreError::Failed("a transaction that did nothing".to_owned()))
    }
}

impl<T, W: AsyncFn(&Transaction<'_>) -> Result<T, StoreError>> Work for Task<W, T> {
    fn run<'a>(&'a self, transaction: &'a Transaction<'_>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let value = (self.work)(transaction).await?;
            self.value.replace(Some(value));
            Ok(())
        })
    }
}

async fn open(name: &str) -> Result<Database, StoreError> {
    let opening =
        Database::open(name).with_version(schema::VERSION).with_on_upgrade_needed(schema::upgrade).build()?;
    futures_util::select! {
        database = opening.fuse() => Ok(database?),
        () = TimeoutFuture::new(BLOCKED_AFTER).fuse() => Err(StoreError::Blocked),
    }
}

/// Why a transaction failed: what the browser says of the transaction, which knows of a full disk,
/// before what the single call says.
fn reason(transaction: &web_sys::IdbTransaction, error: StoreError) -> StoreError {
    match (transaction.error(), error) {
        (Some(exception), StoreError::Failed(_) | StoreError::Lost(_)) => StoreError::from_dom(&exception),
        (_, error) => error,
    }
}
