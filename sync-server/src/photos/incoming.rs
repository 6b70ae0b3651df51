//! Photos of which parts are still missing: in this server's own folder, a file for each device and photo. They are
//! nothing but a shortcut: whatever of them is lost, its device sends again.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use replica::{ContentHash, DeviceId};

/// A photo of which no part came for so long is begun anew.
const FORGOTTEN: Duration = Duration::from_hours(14 * 24);
/// Photos that one device may have under way; where it begins another, the one that waited longest goes.
pub(super) const UNDER_WAY: usize = 16;

pub(super) struct Incoming {
    folder: PathBuf,
    busy: Mutex<HashSet<DeviceId>>,
    freed: Condvar,
}

/// The parts of one device, which nobody else touches meanwhile.
pub(super) struct Own<'a> {
    incoming: &'a Incoming,
    device: DeviceId,
    folder: PathBuf,
}

impl Incoming {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, busy: Mutex::default(), freed: Condvar::new() }
    }

    /// The parts of a device, once no other request of it is at them.
    pub(super) fn of(&self, device: DeviceId) -> Own<'_> {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let mut busy = self
            .freed
            .wait_while(busy, |busy| busy.contains(&device))
            .unwrap_or_else(PoisonError::into_inner);
        busy.insert(device);
        Own { incoming: self, device, folder: self.folder.join(device.to_string()) }
    }

    /// Forgets what was begun long ago, of every device.
    pub(super) fn sweep(&self) -> io::Result<()> {
        for folder in fs::read_dir(&self.folder)? {
            let folder = folder?.path();
            if folder.is_dir() {
                under_way(&folder)?;
            }
        }
        Ok(())
    }
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        let mut busy = self.incoming.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.device);
        self.incoming.freed.notify_all();
    }
}

impl Own<'_> {
    /// Bytes held of a photo.
    pub(super) fn length(&self, hash: &ContentHash) -> io::Result<u64> {
        match fs::metadata(self.path(hash)) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Adds to the end of a photo.
    pub(super) fn append(&self, hash: &ContentHash, part: &[u8]) -> io::Result<()> {
        OpenOptions::new().create(true).append(true).open(self.path(hash))?.write_all(part)
    }

    pub(super) fn read(&self, hash: &ContentHash) -> io::Result<Vec<u8>> {
        fs::read(self.path(hash))
    }

    /// Forgets a photo, where any of it is here.
    pub(super) fn forget(&self, hash: &ContentHash) -> io::Result<()> {
        remove(&self.path(hash))
    }

    /// The other photos that the device has under way.
    pub(super) fn others(&self, hash: &ContentHash) -> io::Result<Vec<ContentHash>> {
        let parse = |(path, _): (PathBuf, SystemTime)| path.file_name()?.to_str()?.parse().ok();
        let found = if self.folder.is_dir() { under_way(&self.folder)? } else { Vec::new() };
        Ok(found.into_iter().filter_map(parse).filter(|other| other != hash).collect())
    }

    /// Makes room for another photo.
    pub(super) fn make_room(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut there = under_way(&self.folder)?;
        there.sort_by_key(|(_, touched)| *touched);
        let too_many = (there.len() + 1).saturating_sub(UNDER_WAY);
        there.iter().take(too_many).try_for_each(|(path, _)| remove(path))
    }

    fn path(&self, hash: &ContentHash) -> PathBuf {
        self.folder.join(hash.to_string())
    }
}

/// The files of a folder and when each was written last, less those that were left long ago, which go.
fn under_way(folder: &Path) -> io::Result<Vec<(PathBuf, SystemTime)>> {
    let mut there = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        let touched = file.metadata()?.modified()?;
        if touched.elapsed().unwrap_or_default() > FORGOTTEN {
            remove(&file.path())?;
        } else {
            there.push((file.path(), touched));
        }
    }
    Ok(there)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
