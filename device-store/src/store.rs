//! The store: every call one transaction on the database under it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::database::{Database, Mode, Transaction, Waiting, Work};
use crate::error::StoreError;

/// All that this device keeps. Cheap to clone; clones share one database.
#[derive(Clone)]
pub struct Store(Rc<dyn Database>);

impl Store {
    /// The store in this database.
    pub fn new(database: Rc<dyn Database>) -> Self {
        Self(database)
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Closes the connection; the next call opens it again. For a page that is put to sleep.
    pub fn close(&self) {
        self.0.close();
    }

    /// Closes the connection without noticing it, as browsers do behind the app's back. For tests.
    #[doc(hidden)]
    pub fn sever(&self) {
        self.0.sever();
    }

    /// Reads in one transaction.
    pub(crate) async fn read<T>(
        &self,
        stores: &[&str],
        work: impl AsyncFn(&dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let task = Task::new(work);
        self.0.transact(Mode::Read, stores, &task).await?;
        task.value()
    }

    /// Writes in one transaction: all of it is on the disk when this returns, or nothing of it is kept.
    ///
    /// `work` may run twice, where the connection was lost the first time.
    pub(crate) async fn write<T>(
        &self,
        stores: &[&str],
        work: impl AsyncFn(&dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let task = Task::new(work);
        self.0.transact(Mode::Write, stores, &task).await?;
        task.value()
    }
}

/// Work, and what came of it.
struct Task<W, T> {
    work: W,
    value: RefCell<Option<T>>,
}

impl<T, W: AsyncFn(&dyn Transaction) -> Result<T, StoreError>> Task<W, T> {
    fn new(work: W) -> Self {
        Self { work, value: RefCell::new(None) }
    }

    fn value(self) -> Result<T, StoreError> {
        self.value.into_inner().ok_or_else(|| StoreError::Failed("a transaction that did nothing".to_owned()))
    }
}

impl<T, W: AsyncFn(&dyn Transaction) -> Result<T, StoreError>> Work for Task<W, T> {
    fn run<'a>(&'a self, transaction: &'a dyn Transaction) -> Waiting<'a, ()> {
        Box::pin(async move {
            let value = (self.work)(transaction).await?;
            self.value.replace(Some(value));
            Ok(())
        })
    }
}
