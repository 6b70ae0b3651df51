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
            PhotoPlace::S3 { bucket, prefix } => Self::on(s3(bucket, prefix)?),
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

    /// The length of a photo, where it is here.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn length(&self, hash: &ContentHash) -> Result<Option<u64>, PhotoError> {
        let found = self.wait(self.store.head(&key(hash)))?;
        Ok(found.map(|found| found.size))
    }

    /// The photo, where it is here.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn read(&self, hash: &ContentHash) -> Result<Option<Bytes>, PhotoError> {
        let key = key(hash);
        self.wait(async { self.store.get(&key).await?.bytes().await })
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
        Ok(self.wait(listed.try_collect())?.unwrap_or_default())
    }

    /// What a call came to; nothing where nothing of that name is there.
    fn wait<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<Option<T>, PhotoError> {
        let runtime = self.runtime.as_ref().ok_or(PhotoError::Ended)?;
        match runtime.block_on(call) {
            Ok(value) => Ok(Some(value)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
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

#[cfg(feature = "s3")]
fn s3(bucket: &str, prefix: &str) -> Result<Arc<dyn ObjectStore>, PhotoError> {
    use std::time::Duration;

    use object_store::aws::AmazonS3Builder;
    use object_store::prefix::PrefixStore;
    use object_store::{ClientOptions, RetryConfig};

    // The program's TLS, once; it is there already where a second place is opened.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A phone waits for the answer, and asks again where it is told that the store is away.
    let retry =
        RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(15), ..RetryConfig::default() };
    let times = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        .with_timeout(Duration::from_secs(30));
    // Plain HTTP only where the environment allows it (AWS_ALLOW_HTTP), for a store inside one's own network.
    let allowed = std::env::var("AWS_ALLOW_HTTP").is_ok_and(|word| word.eq_ignore_ascii_case("true"));
    let store = AmazonS3Builder::from_env()
        .with_client_options(times.with_allow_http(allowed))
        .with_bucket_name(bucket)
        .with_retry(retry)
        .build()?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

#[cfg(not(feature = "s3"))]
fn s3(_bucket: &str, _prefix: &str) -> Result<Arc<dyn ObjectStore>, PhotoError> {
    Err(PlaceError::NotBuilt.into())
}
