//! Photos, sounds, films and other files by content hash: they come in parts, are checked whole, and never change
//! afterwards. Whatever one is, it is never a page: it is handed out only to those who sign in, as an attachment.

#[cfg(feature = "s3")]
mod bucket;
mod incoming;
mod store;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStore;
use replica::{ContentHash, DeviceId};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub use store::{Finished, PhotoPlace, PlaceError};

use crate::data::DataFolder;
use crate::database::StoreError;
use incoming::{Incoming, Own};

/// Largest photo or file, in bytes.
pub const MAX_PHOTO: u64 = 32 * 1024 * 1024;
/// Largest part, in bytes.
pub const MAX_PART: usize = 256 * 1024;

/// Photos: whole ones in a store that several servers may share, parts in this server's folder. A device that goes on
/// with another server begins there with what that one holds, which is nothing at first.
pub struct Photos {
    finished: Finished,
    incoming: Incoming,
}

/// Why a part was not taken.
#[derive(Debug, Error)]
pub enum PhotoError {
    /// The part does not begin where the last one ended.
    #[error("{held} bytes are here; send the part that begins there")]
    Offset {
        /// Bytes held.
        held: u64,
    },
    /// Nothing, or more than is taken.
    #[error("a photo has 1 to {MAX_PHOTO} bytes")]
    Length,
    /// The part runs past the length that was given.
    #[error("the part is longer than what is missing")]
    PastEnd,
    /// The parts together are another content.
    #[error("what arrived has another hash than its name; send the photo again from the start")]
    Hash,
    /// The disk.
    #[error("a photo could not be stored: {0}")]
    Io(#[from] io::Error),
    /// The store of whole photos.
    #[error("the store of photos did not do what it should: {0}")]
    Store(#[from] object_store::Error),
    /// What is kept under a photo's name is something else.
    #[error(
        "the photo {0} is damaged where it is kept; take it from a backup, or from the phone that took it"
    )]
    Damaged(ContentHash),
    /// A bucket that cannot be used, whatever one waits.
    #[error("photos cannot be kept in the bucket {bucket}: {why}")]
    Bucket {
        /// Its name.
        bucket: String,
        /// What it said, and what to look at.
        why: String,
    },
    /// An S3 place, in a program without S3.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The server is stopping.
    #[error("the server is stopping")]
    Ended,
}

impl From<PhotoError> for StoreError {
    fn from(error: PhotoError) -> Self {
        Self::Photos(error.to_string())
    }
}

/// How far a photo has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// All of it, checked and durable; with its length.
    Whole(u64),
    /// So many bytes of it.
    Part(u64),
}

impl Held {
    /// Bytes held.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Whole(bytes) | Self::Part(bytes) => bytes,
        }
    }
}

impl Photos {
    /// The photos of a data folder; whole ones stand elsewhere where a place is named.
    ///
    /// # Errors
    /// Where the place cannot be opened.
    pub fn open(data: &DataFolder, place: Option<&PhotoPlace>) -> Result<Self, PhotoError> {
        let finished = match place {
            Some(place) => Finished::open(place)?,
            None => Finished::folder(&data.photos())?,
        };
        Ok(Self { finished, incoming: Incoming::new(data.incoming_photos()) })
    }

    /// Whole photos in any other store; see [`Finished::on`].
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn on(data: &DataFolder, store: Arc<dyn ObjectStore>) -> Result<Self, PhotoError> {
        Ok(Self { finished: Finished::on(store)?, incoming: Incoming::new(data.incoming_photos()) })
    }

    /// Forgets parts of photos that nobody went on with.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn sweep(&self) -> io::Result<()> {
        self.incoming.sweep()
    }

    /// How much of a photo is here, for the device that sends it.
    ///
    /// # Errors
    /// Where the disk or the store fails.
    pub fn held(&self, device: DeviceId, hash: &ContentHash) -> Result<Held, PhotoError> {
        let own = self.incoming.of(device);
        match self.whole(&own, hash)? {
            Some(whole) => Ok(whole),
            None => Ok(Held::Part(own.length(hash)?)),
        }
    }

    /// The bytes of a whole photo and its media type; none where it is not here.
    ///
    /// # Errors
    /// [`PhotoError::Damaged`]; where the store fails.
    pub fn read(&self, hash: &ContentHash) -> Result<Option<(Bytes, &'static str)>, PhotoError> {
        let found = self.finished.read(hash)?;
        Ok(found.map(|bytes| {
            let media_type = media_type(&bytes).unwrap_or("application/octet-stream");
            (bytes, media_type)
        }))
    }

    /// Takes a part at `offset` of a photo of `length` bytes. The last part makes it whole, after its hash was found
    /// right and the store has all of it.
    ///
    /// # Errors
    /// See [`PhotoError`]; after [`PhotoError::Hash`] nothing is held, after [`PhotoError::Store`] all parts are.
    pub fn take(
        &self,
        device: DeviceId,
        hash: &ContentHash,
        length: u64,
        offset: u64,
        part: &[u8],
    ) -> Result<Held, PhotoError> {
        if !(1..=MAX_PHOTO).contains(&length) {
            return Err(PhotoError::Length);
        }
        let own = self.incoming.of(device);
        let mut held = own.length(hash)?;
        // A part that follows on another needs no look at the store, which may be far away.
        if (held == 0 || held != offset)
            && let Some(whole) = self.whole(&own, hash)?
        {
            return Ok(whole);
        }
        if held > length {
            own.forget(hash)?;
            held = 0;
        }
        if offset != held {
            return Err(PhotoError::Offset { held });
        }
        let end = offset + part.len() as u64;
        if end > length {
            return Err(PhotoError::PastEnd);
        }
        if held == 0 {
            self.forget_finished(&own, hash)?;
            own.make_room()?;
        }
        own.append(hash, part)?;
        if end < length {
            return Ok(Held::Part(end));
        }
        self.finish(&own, hash)?;
        Ok(Held::Whole(length))
    }

    /// Keeps a photo that is here in one piece, under its hash; false where it was kept already.
    ///
    /// # Errors
    /// [`PhotoError::Length`], or where the store fails.
    pub fn keep(&self, hash: &ContentHash, bytes: &[u8]) -> Result<bool, PhotoError> {
        if !(1..=MAX_PHOTO).contains(&(bytes.len() as u64)) {
            return Err(PhotoError::Length);
        }
        if Sha256::digest(bytes).as_slice() != hash.as_bytes() {
            return Err(PhotoError::Hash);
        }
        if self.finished.holds(hash)?.is_some() {
            return Ok(false);
        }
        self.finished.write(hash, Bytes::copy_from_slice(bytes))?;
        Ok(true)
    }

    /// A photo that is whole, perhaps by way of another server or device: parts of it are of no use any more.
    fn whole(&self, own: &Own<'_>, hash: &ContentHash) -> Result<Option<Held>, PhotoError> {
        let Some(length) = self.finished.holds(hash)? else { return Ok(None) };
        own.forget(hash)?;
        Ok(Some(Held::Whole(length)))
    }

    /// Parts that the device left here and brought to their end by way of another server.
    fn forget_finished(&self, own: &Own<'_>, hash: &ContentHash) -> Result<(), PhotoError> {
        for other in own.others(hash)? {
            self.whole(own, &other)?;
        }
        Ok(())
    }

    fn finish(&self, own: &Own<'_>, hash: &ContentHash) -> Result<(), PhotoError> {
        let bytes = own.read(hash)?;
        if Sha256::digest(&bytes).as_slice() != hash.as_bytes() {
            own.forget(hash)?;
            return Err(PhotoError::Hash);
        }
        self.finished.write(hash, bytes.into())?;
        own.forget(hash)?;
        Ok(())
    }
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
