//! Backups: a copy of a data folder taken while the server runs, and what makes of it a folder
//! that devices can tell from the lost one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use replica::ContentHash;
use rusqlite::Connection;
use thiserror::Error;

use crate::data::DataFolder;
use crate::database::{self, StoreError};
use crate::log::sqlite::{FORMAT, renew_id};
use crate::photos::{Finished, PhotoError, PhotoPlace};

/// Why a copy was not made. What was begun of it is left where it is, and is no backup.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BackupError {
    /// There is something already, which a copy would mix with.
    #[error("{0} is not empty; name a folder that is new or empty")]
    NotEmpty(PathBuf),
    /// Nothing to copy.
    #[error("{0} holds no log.sqlite, so it is neither a data folder nor a backup")]
    NoLog(PathBuf),
    /// The copy of the log is damaged.
    #[error("the log in {0} is damaged: {1}")]
    Damaged(PathBuf, String),
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Photos could not be read or written.
    #[error(transparent)]
    Photos(#[from] PhotoError),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Changes in the log.
    pub changes: u64,
    /// Whole photos.
    pub photos: usize,
    /// Photos that are not in the copy, since they are damaged where they are kept, or are not there though the log names
    /// them.
    pub lacks: Vec<ContentHash>,
}

/// Copies a data folder into an empty one, while its server runs or not: the log as it was at one
/// moment, with devices, units and instruments, and all whole photos. The photos are copied after
/// the log: none is ever removed, so every photo that was whole at that moment is among them.
///
/// # Errors
/// See [`BackupError`].
pub fn back_up(from: &Path, into: &Path) -> Result<Copied, BackupError> {
    back_up_from(from, None, into)
}

/// The same of a server whose whole photos are elsewhere; the copy holds them all the same.
///
/// # Errors
/// See [`BackupError`].
pub fn back_up_from(from: &Path, photos: Option<&PhotoPlace>, into: &Path) -> Result<Copied, BackupError> {
    copy((from, photos), (into, None))
}

/// Makes a data folder out of a backup. Its log gets a new epoch: a device that worked with the
/// lost one sees that, compares what the log holds with what it has, and sends what is missing.
///
/// # Errors
/// See [`BackupError`].
pub fn restore(backup: &Path, into: &Path) -> Result<Copied, BackupError> {
    restore_into(backup, into, None)
}

/// The same for a server whose whole photos are elsewhere; those that are there stay as they are.
///
/// # Errors
/// See [`BackupError`].
pub fn restore_into(backup: &Path, into: &Path, photos: Option<&PhotoPlace>) -> Result<Copied, BackupError> {
    let copied = copy((backup, None), (into, photos))?;
    renew_id(&into.join("log.sqlite"))?;
    Ok(copied)
}

/// A data folder, and where its whole photos are if not in it.
type Kept<'a> = (&'a Path, Option<&'a PhotoPlace>);

fn copy((from, photos_from): Kept<'_>, (into, photos_into): Kept<'_>) -> Result<Copied, BackupError> {
    let source = from.join("log.sqlite");
    if !source.is_file() {
        return Err(BackupError::NoLog(from.to_owned()));
    }
    let is_empty = match fs::read_dir(into) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(source) => return Err(BackupError::File { path: into.to_owned(), source }),
    };
    if !is_empty {
        return Err(BackupError::NotEmpty(into.to_owned()));
    }
    let target = DataFolder::open(into)?;
    let changes = copy_log(&source, &target.log())?;
    let inside = |folder: PathBuf| PhotoPlace::Folder(folder);
    let photos_from = photos_from.cloned().unwrap_or_else(|| inside(from.join("photos")));
    let photos_into = photos_into.cloned().unwrap_or_else(|| inside(target.photos()));
    let found = copy_photos(&Finished::open(&photos_from)?, &Finished::open(&photos_into)?)?;
    sync(into)?;
    let mut lacks = named(&target.log())?;
    lacks.extend(found.iter().filter(|(_, is_sound)| !**is_sound).map(|(hash, _)| *hash));
    lacks.retain(|hash| found.get(hash) != Some(&true));
    let photos = found.len() - found.values().filter(|is_sound| !**is_sound).count();
    Ok(Copied { changes, photos, lacks: lacks.into_iter().collect() })
}

/// The photos that a log names.
fn named(log: &Path) -> Result<BTreeSet<ContentHash>, BackupError> {
    let connection = database::open_to_read(log)?;
    let mut statement = connection.prepare("SELECT DISTINCT hash FROM photo")?;
    let named = statement.query_map([], |row| database::blob(row, 0))?.collect::<Result<_, _>>()?;
    Ok(named)
}

/// One statement, so one moment: changes that come in meanwhile are in the next backup.
fn copy_log(source: &Path, target: &Path) -> Result<u64, BackupError> {
    let connection = database::open(source)?;
    database::check_format(&connection, "log.sqlite", FORMAT)?;
    connection.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    drop(connection);
    sync(target)?;
    let copy = Connection::open(target)?;
    let found: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(BackupError::Damaged(target.to_owned(), found));
    }
    let changes: i64 = copy.query_row("SELECT count(*) FROM change", [], |row| row.get(0))?;
    Ok(u64::try_from(changes).unwrap_or(0))
}

/// Copies all photos that are sound, and tells of each whether it is.
fn copy_photos(from: &Finished, into: &Finished) -> Result<BTreeMap<ContentHash, bool>, BackupError> {
    let mut found = BTreeMap::new();
    for hash in from.all()? {
        let bytes = match from.read(&hash) {
            Err(PhotoError::Damaged(_)) => None,
            outcome => outcome?,
        };
        found.insert(hash, bytes.is_some());
        if let Some(bytes) = bytes
            && into.length(&hash)? != Some(bytes.len() as u64)
        {
            into.write(&hash, bytes)?;
        }
    }
    Ok(found)
}

fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(io::Error) -> BackupError {
    move |source| BackupError::File { path: path.to_owned(), source }
}
