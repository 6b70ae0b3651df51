//! Where whole photos stand: a folder, or a bucket of an S3-compatible store. One written here is durable.

use std::fs::{self, File};
use std::future::ready;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{Error, ObjectStore, ObjectStoreExt as _};
use replica::ContentHash;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};

use super::PhotoError;

/// Where whole photos are kept, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhotoPlace {
    /// A folder of this machine, or one that several machines share.
    Folder(PathBuf),
    /// A bucket and what all names in it begin with. Who may write in it is told by the environment alone.
    S3 {
        /// The bucket.
        bucket: String,
        /// Folder in it, without slashes at its ends; may be empty.
        prefix: String,
    },
}

/// A text is no place for photos.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// An address of another kind.
    #[error("photos are kept in a folder or in s3://bucket/prefix")]
    Scheme,
    /// No bucket, or one that cannot be.
    #[error(
        "a bucket's name has 3 to 63 of a-z, 0-9, '-' and '.'; keys are given in the environment \
         (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), never in the address"
    )]
    Bucket,
    /// This program knows no S3.
    #[error(
        "this loket was built without S3; build it with `cargo build --release -p sync-server --features s3`"
    )]
    NotBuilt,
}

impl FromStr for PhotoPlace {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let Some(rest) = text.strip_prefix("s3://") else {
            let is_folder = !text.is_empty() && !text.contains("://");
            return if is_folder { Ok(Self::Folder(text.into())) } else { Err(PlaceError::Scheme) };
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(fits) {
            return Err(PlaceError::Bucket);
        }
        if cfg!(not(feature = "s3")) {
            return Err(PlaceError::NotBuilt);
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

/// Whole photos by content hash. Calls block, so they must not be made from async code.
pub struct Finished {
    store: Arc<dyn ObjectStore>,
    /// The folder that everything stands in, where it is one.
    folder: Option<PathBuf>,
    /// Runs the store's calls; none only while it is being dropped.
    runtime: Option<Runtime>,
}

impl Finished {
    /// Opens the place; a folder is made where it is missing.
    ///
    /// # Errors
    /// Where the folder cannot be made, or the environment does not say enough of the bucket.
    pub fn open(place: &PhotoPlace) -> Result<Self, PhotoError> {
        match place {
            PhotoPlace::Folder(folder) => Self::folder(folder),
            PhotoPlace::S3 { bucket, prefix } => s3(bucket, prefix),
        }
    }

    /// Photos in a folder.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn folder(folder: &Path) -> Result<Self, PhotoError> {
        fs::create_dir_all(folder)?;
        // Syncs each file and its folder before it says that it is written.
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        let mut finished = Self::on(Arc::new(store))?;
        finished.folder = Some(folder.to_owned());
        Ok(finished)
    }

    /// Photos in a store of any other kind, of which a write that returned must be durable.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn on(store: Arc<dyn ObjectStore>) -> Result<Self, PhotoError> {
        // A pool of its own: callers stand on threads of the server's pool, and must not wait for another one of it.
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(32)
            .thread_name("photos")
            .enable_all()
            .build()?;
        Ok(Self { store, folder: None, runtime: Some(runtime) })
    }

    /// The length of a photo of which the store says that it has it; none where it is not here.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn length(&self, hash: &ContentHash) -> Result<Option<u64>, PhotoError> {
        let found = self.found(self.store.head(&key(hash)))?;
        Ok(found.map(|found| found.size))
    }

    /// The length of a photo that is here, all of it read and found right. One that is damaged is not here: whoever still
    /// has it sends it again.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn holds(&self, hash: &ContentHash) -> Result<Option<u64>, PhotoError> {
        let key = key(hash);
        let read = self.found(async {
            let mut parts = self.store.get(&key).await?.into_stream();
            let (mut length, mut digest) = (0, Sha256::new());
            while let Some(part) = parts.try_next().await? {
                length += part.len() as u64;
                digest.update(&part);
            }
            Ok((length, digest.finalize()))
        })?;
        let Some((length, digest)) = read else { return Ok(None) };
        if digest.as_slice() != hash.as_bytes() {
            tracing::error!(photo = %hash, length, "a photo is damaged where it is kept; it is taken anew");
            return Ok(None);
        }
        Ok(Some(length))
    }

    /// The photo, where it is here.
    ///
    /// # Errors
    /// [`PhotoError::Damaged`] where what is here is not it; where the store fails.
    pub fn read(&self, hash: &ContentHash) -> Result<Option<Bytes>, PhotoError> {
        let key = key(hash);
        let found = self.found(async { self.store.get(&key).await?.bytes().await })?;
        match found {
            Some(bytes) if Sha256::digest(&bytes).as_slice() != hash.as_bytes() => {
                Err(PhotoError::Damaged(*hash))
            }
            found => Ok(found),
        }
    }

    /// Keeps a photo of this hash. It is durable once this returns; one that is there is written anew.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn write(&self, hash: &ContentHash, bytes: Bytes) -> Result<(), PhotoError> {
        self.wait(self.store.put(&key(hash), bytes.into()))?;
        if let Some(folder) = &self.folder {
            // The store syncs a folder that it made; this is for one that another write made a moment ago.
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// The names of all photos, in no order.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn all(&self) -> Result<Vec<ContentHash>, PhotoError> {
        let listed = self.store.list(None).try_filter_map(|object| ready(Ok(hash_of(&object.location))));
        self.wait(listed.try_collect())
    }

    /// What a call came to.
    fn wait<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, PhotoError> {
        let runtime = self.runtime.as_ref().ok_or(PhotoError::Ended)?;
        Ok(runtime.block_on(call)?)
    }

    /// What a call that asks for a photo came to; nothing where there is none. Only for such calls: a bucket that is gone
    /// answers a write, too, that nothing is there.
    fn found<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<Option<T>, PhotoError> {
        match self.wait(call) {
            Err(PhotoError::Store(Error::NotFound { .. })) => Ok(None),
            outcome => outcome.map(Some),
        }
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it is not allowed where async code drops the last user.
            runtime.shutdown_background();
        }
    }
}

/// Folders of two letters keep each one short.
fn key(hash: &ContentHash) -> Key {
    let name = hash.to_string();
    Key::from_iter([name.get(..2).unwrap_or_default(), name.as_str()])
}

/// The photo of this name: parts, and what a write that was cut off left, are none.
fn hash_of(location: &Key) -> Option<ContentHash> {
    let hash = location.filename()?.parse().ok()?;
    (key(&hash) == *location).then_some(hash)
}

/// Opens a bucket, and asks it whether it is one.
#[cfg(feature = "s3")]
fn s3(bucket: &str, prefix: &str) -> Result<Finished, PhotoError> {
    let finished = Finished::on(super::bucket::open(bucket, prefix)?)?;
    let runtime = finished.runtime.as_ref().ok_or(PhotoError::Ended)?;
    runtime.block_on(super::bucket::ask(bucket, finished.store.as_ref()))?;
    Ok(finished)
}

#[cfg(not(feature = "s3"))]
fn s3(_bucket: &str, _prefix: &str) -> Result<Finished, PhotoError> {
    Err(PlaceError::NotBuilt.into())
}
