//! The connection to IndexedDB: opened when needed, dropped when the browser closes it, opened again
//! once, and every write in one transaction that is on the disk before it counts.

use std::cell::RefCell;
use std::rc::Rc;

use device_store::database::{Database as Rowed, Mode, Waiting, Work};
use device_store::{NAME, Store, StoreError, schema};
use futures_util::FutureExt as _;
use gloo_timers::future::TimeoutFuture;
use indexed_db_futures::database::Database;
use indexed_db_futures::internals::SystemRepr as _;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{TransactionDurability, TransactionMode, TransactionOptions};

use super::error::{from_dom, from_idb, from_opening};
use super::layout;
use super::table::Rows;

/// How long another tab may take to let go of an older layout, in milliseconds.
const BLOCKED_AFTER: u32 = 10_000;

/// IndexedDB under one name.
struct Connection {
    name: Rc<str>,
    handle: Rc<RefCell<Option<Database>>>,
}

/// Opens the app's database, making it where it is not there yet.
///
/// # Errors
/// [`StoreError::Forbidden`] in private modes that keep nothing, [`StoreError::Newer`],
/// [`StoreError::Blocked`], [`StoreError::Lost`].
pub async fn open() -> Result<Store, StoreError> {
    open_named(NAME).await
}

/// Opens a database of another name; tests use it so as not to meet.
///
/// # Errors
/// As [`open`].
pub async fn open_named(name: &str) -> Result<Store, StoreError> {
    let connection = Rc::new(Connection { name: name.into(), handle: Rc::default() });
    match connection.database().await {
        Err(StoreError::Lost(_)) => {
            connection.close();
            connection.database().await?;
        }
        other => drop(other?),
    }
    Ok(Store::new(connection))
}

/// Deletes a whole database. Other tabs let go of it first.
///
/// # Errors
/// [`StoreError::Forbidden`], [`StoreError::Lost`].
pub async fn delete_named(name: &str) -> Result<(), StoreError> {
    Database::delete_by_name(name).map_err(from_opening)?.await.map_err(from_idb)
}

impl Rowed for Connection {
    fn transact<'a>(&'a self, mode: Mode, stores: &'a [&'a str], work: &'a dyn Work) -> Waiting<'a, ()> {
        let mode = match mode {
            Mode::Read => TransactionMode::Readonly,
            Mode::Write => TransactionMode::Readwrite,
        };
        self.once_more(mode, stores, work)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn close(&self) {
        if let Some(database) = self.handle.take() {
            database.close();
        }
    }

    fn sever(&self) {
        if let Some(database) = self.handle.borrow().clone() {
            database.close();
        }
    }
}

impl Connection {
    fn once_more<'a>(
        &'a self,
        mode: TransactionMode,
        stores: &'a [&'a str],
        work: &'a dyn Work,
    ) -> Waiting<'a, ()> {
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
        let transaction =
            database.transaction(stores).with_mode(mode).with_options(options).build().map_err(from_idb)?;
        if mode == TransactionMode::Readonly {
            return work.run(&Rows(&transaction)).await;
        }
        let sys = transaction.as_sys().clone();
        // A transaction that is dropped here is rolled back.
        work.run(&Rows(&transaction)).await.map_err(|error| reason(&sys, error))?;
        transaction.commit().await.map_err(|error| reason(&sys, from_idb(error)))
    }

    async fn database(&self) -> Result<Database, StoreError> {
        if let Some(database) = self.handle.borrow().clone() {
            return Ok(database);
        }
        let database = open_database(&self.name).await?;
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
        let mut changes = database.version_changes().map_err(from_idb)?;
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

async fn open_database(name: &str) -> Result<Database, StoreError> {
    let opening = Database::open(name)
        .with_version(schema::VERSION)
        .with_on_upgrade_needed(layout::upgrade)
        .build()
        .map_err(from_opening)?;
    futures_util::select! {
        database = opening.fuse() => database.map_err(from_opening),
        () = TimeoutFuture::new(BLOCKED_AFTER).fuse() => Err(StoreError::Blocked),
    }
}

/// Why a transaction failed: what the browser says of the transaction, which knows of a full disk,
/// before what the single call says.
fn reason(transaction: &web_sys::IdbTransaction, error: StoreError) -> StoreError {
    match (transaction.error(), error) {
        (Some(exception), StoreError::Failed(_) | StoreError::Lost(_)) => from_dom(&exception),
        (_, error) => error,
    }
}
