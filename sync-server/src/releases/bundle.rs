//! The files of a kept release, all of them: those that the manifest names, itself, its signature and the public key.

use std::path::Path;

use super::frozen::{Frozen, FrozenError, one};
use super::key::to_pem;
use super::manifest::{FileEntry, MANIFEST, Manifest, PUBLIC_KEY, SIGNATURE};
use super::shelf::{Kept, Shelf};

/// A kept release whose files are read as they are asked for.
pub struct Bundle<'s> {
    shelf: &'s dyn Shelf,
    /// Number, signature and manifest as they are kept.
    pub kept: Kept,
    /// What the manifest says.
    pub manifest: Manifest,
}

impl<'s> Bundle<'s> {
    /// The release of that number.
    ///
    /// # Errors
    /// Where there is none, or its manifest cannot be read.
    pub fn open(shelf: &'s dyn Shelf, number: u32) -> Result<Self, FrozenError> {
        let kept = shelf.get(number)?.ok_or(FrozenError::Unknown(number))?;
        let manifest = one(MANIFEST, &kept.manifest)?;
        Ok(Self { shelf, kept, manifest })
    }

    /// The names of all its files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let named = self.manifest.files.iter().map(|file| file.name.as_str());
        [MANIFEST, SIGNATURE, PUBLIC_KEY].into_iter().chain(named)
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// Where there is none of that name, or it is not here as it was kept.
    pub fn file(&self, name: &str) -> Result<Vec<u8>, FrozenError> {
        match name {
            MANIFEST => Ok(self.kept.manifest.clone()),
            SIGNATURE => Ok(self.kept.signature.as_bytes().to_vec()),
            PUBLIC_KEY => Ok(to_pem(&self.kept.key).into_bytes()),
            _ => {
                let missing = || FrozenError::Missing(name.to_owned());
                let entry = self.manifest.files.iter().find(|file| file.name == name);
                let FileEntry { sha256, .. } = entry.ok_or_else(missing)?;
                self.shelf.file(sha256)?.ok_or_else(missing)
            }
        }
    }

    /// The release, read whole.
    ///
    /// # Errors
    /// Where a file is missing or not what it should be.
    pub fn read(&self) -> Result<Frozen, FrozenError> {
        Frozen::read(|name| self.file(name))
    }

    /// Writes all files into a new or empty folder.
    ///
    /// # Errors
    /// Where something is in the folder already, or the disk fails.
    pub fn write(&self, folder: &Path) -> Result<(), FrozenError> {
        let fault = |path: &Path| {
            let path = path.display().to_string();
            |source| FrozenError::File { path, source }
        };
        std::fs::create_dir_all(folder).map_err(fault(folder))?;
        if std::fs::read_dir(folder).map_err(fault(folder))?.next().is_some() {
            let source = std::io::Error::other("there is something in it; name a new or empty folder");
            return Err(fault(folder)(source));
        }
        for name in self.names() {
            let path = folder.join(name);
            std::fs::write(&path, self.file(name)?).map_err(fault(&path))?;
        }
        Ok(())
    }
}
