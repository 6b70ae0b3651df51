//! The data folder: where everything that the server keeps stands.

use std::fs;
use std::path::{Path, PathBuf};

use crate::database::StoreError;

/// A folder with the log, the projection and the photos.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// Opens the folder, making it where it is missing.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let folder = Self(path.to_owned());
        for inside in [path.to_owned(), folder.photos(), folder.incoming_photos()] {
            fs::create_dir_all(&inside)
                .map_err(|source| StoreError::File { path: inside.display().to_string(), source })?;
        }
        Ok(folder)
    }

    /// The log of changes, and who may write in it: all that must be backed up, with the photos.
    pub fn log(&self) -> PathBuf {
        self.0.join("log.sqlite")
    }

    /// What the log adds up to; may be deleted while the server is stopped.
    pub fn projection(&self) -> PathBuf {
        self.0.join("projection.sqlite")
    }

    /// Finished photos, by content hash.
    pub fn photos(&self) -> PathBuf {
        self.0.join("photos")
    }

    /// Photos of which parts are still missing.
    pub fn incoming_photos(&self) -> PathBuf {
        self.0.join("photos/incoming")
    }

    /// Locked by the one server that runs on the folder.
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }
}
