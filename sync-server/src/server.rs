//! Everything that a running server holds, and what keeps two of them off one data folder.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::data::DataFolder;
use crate::database::StoreError;
use crate::identity::Identity;
use crate::identity::attempts::Attempts;
use crate::keys::Keys;
use crate::log::{Log, LogError};
use crate::photos::{PhotoPlace, Photos};
use crate::projection::Projection;
use crate::releases::shelf::Shelf;
use crate::scores::Scoring;
use crate::scores::readers::Readers;
use crate::store::{Address, Store};
use crate::worker::{Worker, WorkerThread};

/// The parts of a running server, shared by all requests.
pub struct Server {
    /// The truth.
    pub log: Arc<dyn Log>,
    /// What it adds up to.
    pub projection: Arc<Projection>,
    /// Builds the one from the other.
    pub worker: WorkerThread,
    /// Who may.
    pub identity: Identity,
    /// Keys that programs read with.
    pub keys: Box<dyn Keys>,
    /// Failed guesses of codes.
    pub attempts: Attempts,
    /// Units, rounds, instruments.
    pub catalogue: Arc<dyn Catalogue>,
    /// Kept releases.
    pub shelf: Arc<dyn Shelf>,
    /// Photos by hash.
    pub photos: Photos,
    /// Rule sets, and scores that were reckoned.
    pub scoring: Scoring,
    _lock: Lock,
}

/// What of a server may stand elsewhere than in its folder.
#[derive(Debug, Clone, Copy, Default)]
pub struct Places<'a> {
    /// Log, identity and catalogue, which other servers may use, too.
    pub database: Option<&'a Address>,
    /// Whole photos.
    pub photos: Option<&'a PhotoPlace>,
    /// Rule sets.
    pub methods: Option<&'a Path>,
}

impl Server {
    /// Opens a data folder and starts the worker; none where another server has the folder.
    ///
    /// # Errors
    /// Where the folder cannot be read or written.
    pub fn open(path: &Path) -> Result<Option<Self>, LogError> {
        Self::open_at(path, None)
    }

    /// The same with log, identity and catalogue in a database that other servers use too. Projection and photos stay
    /// in the folder.
    ///
    /// # Errors
    /// Where the folder cannot be read or written, or the database cannot be reached.
    pub fn open_at(path: &Path, database: Option<&Address>) -> Result<Option<Self>, LogError> {
        Self::open_with(path, Places { database, ..Places::default() })
    }

    /// The same with what stands elsewhere.
    ///
    /// # Errors
    /// Where the folder cannot be read or written, the database cannot be reached, a place is none, or a rule set is
    /// not sound.
    pub fn open_with(path: &Path, places: Places<'_>) -> Result<Option<Self>, LogError> {
        let Places { database, photos, methods } = places;
        let data = DataFolder::open(path)?;
        let Some(lock) = Lock::take(&data)? else { return Ok(None) };
        let store = Store::open(path, database)?;
        let log = store.log()?;
        let projection = Arc::new(Projection::open(&data.projection())?);
        let catalogue = store.catalogue()?;
        let readers = Readers::new(Arc::clone(&catalogue));
        let photos = Photos::open(&data, photos).map_err(StoreError::from)?;
        photos.sweep().map_err(|error| StoreError::Photos(error.to_string()))?;
        let worker = Worker::new(Arc::clone(&log), Arc::clone(&projection), readers)?.start()?;
        Ok(Some(Self {
            log,
            projection,
            worker,
            identity: store.identity()?,
            keys: store.keys()?,
            attempts: Attempts::default(),
            catalogue,
            shelf: store.shelf()?,
            photos,
            scoring: Scoring::by(methods).map_err(|error| StoreError::Rules(error.to_string()))?,
            _lock: lock,
        }))
    }
}

/// Held by the one server of a data folder; given back by the system when the process ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the open file")] File);

impl Lock {
    /// Takes the lock; none where another process has it.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub fn take(data: &DataFolder) -> Result<Option<Self>, StoreError> {
        let path = data.lock();
        let fault = |source| StoreError::File { path: path.display().to_string(), source };
        let file = File::create(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(fault(source)),
        }
    }
}
