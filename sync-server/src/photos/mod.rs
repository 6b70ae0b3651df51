//! Photos, sounds, films and other files by content hash: they come in parts, are checked whole, and never change
//! afterwards. Whatever one is, it is never a page: it is handed out only to those who sign in, as an attachment.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use replica::{ContentHash, DeviceId};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::data::DataFolder;

/// Largest photo or file, in bytes.
pub const MAX_PHOTO: u64 = 32 * 1024 * 1024;
/// Largest part, in bytes.
pub const MAX_PART: usize = 256 * 1024;
/// A photo of which no part came for so long is begun anew.
const FORGOTTEN: Duration = Duration::from_hours(14 * 24);
/// Photos that one device may have under way.
const UNDER_WAY: usize = 64;

/// The folders with photos.
pub struct Photos {
    finished: PathBuf,
    incoming: PathBuf,
    /// One part is written at a time; a part is small.
    writing: Mutex<()>,
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
    /// Too many photos begun and not ended.
    #[error("{UNDER_WAY} photos are under way from this device; finish those first")]
    TooMany,
    /// The disk.
    #[error("a photo could not be stored: {0}")]
    Io(#[from] io::Error),
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
    /// The photos of a data folder.
    pub fn open(data: &DataFolder) -> Self {
        Self { finished: data.photos(), incoming: data.incoming_photos(), writing: Mutex::default() }
    }

    /// How much of a photo is here, for the device that sends it.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn held(&self, device: DeviceId, hash: &ContentHash) -> io::Result<Held> {
        if let Some(length) = length_of(&self.path(hash))? {
            return Ok(Held::Whole(length));
        }
        Ok(Held::Part(length_of(&self.incoming_path(device, hash))?.unwrap_or(0)))
    }

    /// The bytes of a whole photo and its media type; none where it is not here.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn read(&self, hash: &ContentHash) -> io::Result<Option<(Vec<u8>, &'static str)>> {
        let bytes = match fs::read(self.path(hash)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let media_type = media_type(&bytes).unwrap_or("application/octet-stream");
        Ok(Some((bytes, media_type)))
    }

    /// Takes a part at `offset` of a photo of `length` bytes. The last part makes it whole, after
    /// its hash was found right and all of it is on the disk.
    ///
    /// # Errors
    /// See [`PhotoError`]; after [`PhotoError::Hash`] nothing is held.
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
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held(device, hash)?;
        if matches!(held, Held::Whole(_)) {
            return Ok(held);
        }
        if offset != held.bytes() {
            return Err(PhotoError::Offset { held: held.bytes() });
        }
        let end = offset + part.len() as u64;
        if end > length {
            return Err(PhotoError::PastEnd);
        }
        let path = self.incoming_path(device, hash);
        if offset == 0 {
            self.make_room(device)?;
        }
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&path)?;
        file.write_all(part)?;
        if end < length {
            return Ok(Held::Part(end));
        }
        self.finish(&mut file, &path, hash)?;
        Ok(Held::Whole(length))
    }

    /// Makes the device's folder; forgets photos that were begun long ago and left.
    fn make_room(&self, device: DeviceId) -> Result<(), PhotoError> {
        let folder = self.incoming.join(device.to_string());
        fs::create_dir_all(&folder)?;
        let mut under_way = 0;
        for file in fs::read_dir(&folder)? {
            let file = file?;
            let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
            if age > FORGOTTEN {
                fs::remove_file(file.path())?;
            } else {
                under_way += 1;
            }
        }
        if under_way >= UNDER_WAY { Err(PhotoError::TooMany) } else { Ok(()) }
    }

    fn finish(&self, file: &mut File, path: &Path, hash: &ContentHash) -> Result<(), PhotoError> {
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if Sha256::digest(&bytes).as_slice() != hash.as_bytes() {
            fs::remove_file(path)?;
            return Err(PhotoError::Hash);
        }
        file.sync_all()?;
        let target = self.path(hash);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
            fs::rename(path, &target)?;
            File::open(folder)?.sync_all()?;
            File::open(&self.finished)?.sync_all()?;
        }
        Ok(())
    }

    fn path(&self, hash: &ContentHash) -> PathBuf {
        let name = hash.to_string();
        self.finished.join(name.get(..2).unwrap_or_default()).join(name)
    }

    fn incoming_path(&self, device: DeviceId, hash: &ContentHash) -> PathBuf {
        self.incoming.join(device.to_string()).join(hash.to_string())
    }
}

fn length_of(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
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

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId::new([1; 16]);

    fn photos() -> (tempfile::TempDir, Photos) {
        let folder = tempfile::tempdir().unwrap();
        let photos = Photos::open(&DataFolder::open(folder.path()).unwrap());
        (folder, photos)
    }

    fn jpeg(length: usize) -> (Vec<u8>, ContentHash) {
        let mut bytes = vec![0xff, 0xd8, 0xff];
        bytes.resize(length, 7);
        let hash = ContentHash::new(Sha256::digest(&bytes).into());
        (bytes, hash)
    }

    #[test]
    fn parts_make_a_photo_and_a_part_again_is_told_where_to_go_on() {
        let (_folder, photos) = photos();
        let (bytes, hash) = jpeg(1_000);
        assert_eq!(photos.take(DEVICE, &hash, 1_000, 0, &bytes[..600]).unwrap(), Held::Part(600));
        assert!(matches!(
            photos.take(DEVICE, &hash, 1_000, 0, &bytes[..600]),
            Err(PhotoError::Offset { held: 600 })
        ));
        assert!(photos.read(&hash).unwrap().is_none());
        assert_eq!(photos.take(DEVICE, &hash, 1_000, 600, &bytes[600..]).unwrap(), Held::Whole(1_000));
        assert_eq!(photos.read(&hash).unwrap().unwrap(), (bytes.clone(), "image/jpeg"));
        assert_eq!(photos.take(DEVICE, &hash, 1_000, 600, &bytes[600..]).unwrap(), Held::Whole(1_000));
    }

    #[test]
    fn another_content_is_refused_and_leaves_nothing() {
        let (_folder, photos) = photos();
        let (bytes, _) = jpeg(100);
        let other = ContentHash::new([9; 32]);
        assert!(matches!(photos.take(DEVICE, &other, 100, 0, &bytes), Err(PhotoError::Hash)));
        assert_eq!(photos.held(DEVICE, &other).unwrap(), Held::Part(0));
    }

    #[test]
    fn a_file_of_another_kind_is_kept_and_never_called_a_page() {
        let (_folder, photos) = photos();
        let page = b"<script>alert(1)</script>";
        let hash = ContentHash::new(Sha256::digest(page).into());
        assert_eq!(photos.take(DEVICE, &hash, 25, 0, page).unwrap(), Held::Whole(25));
        assert_eq!(photos.read(&hash).unwrap().unwrap().1, "application/octet-stream");
    }

    #[test]
    fn one_device_cannot_spoil_what_another_sends() {
        let (_folder, photos) = photos();
        let (bytes, hash) = jpeg(100);
        photos.take(DEVICE, &hash, 100, 0, b"nonsense").unwrap();
        let other = DeviceId::new([2; 16]);
        assert_eq!(photos.take(other, &hash, 100, 0, &bytes).unwrap(), Held::Whole(100));
    }

    #[test]
    fn size_and_number_are_bounded() {
        let (_folder, photos) = photos();
        let (bytes, hash) = jpeg(100);
        assert!(matches!(photos.take(DEVICE, &hash, MAX_PHOTO + 1, 0, &bytes), Err(PhotoError::Length)));
        assert!(matches!(photos.take(DEVICE, &hash, 0, 0, &[]), Err(PhotoError::Length)));
        assert!(matches!(photos.take(DEVICE, &hash, 99, 0, &bytes), Err(PhotoError::PastEnd)));
        for n in 0..u8::try_from(UNDER_WAY).unwrap() {
            photos.take(DEVICE, &ContentHash::new([n; 32]), 100, 0, b"x").unwrap();
        }
        assert!(matches!(photos.take(DEVICE, &hash, 100, 0, &bytes), Err(PhotoError::TooMany)));
    }
}
