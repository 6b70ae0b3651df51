//! Inputs worth keeping, a file each, named by their hash.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The inputs of one target.
#[derive(Debug)]
pub struct Corpus {
    folder: PathBuf,
    /// The inputs, oldest name first.
    pub inputs: Vec<Vec<u8>>,
}

impl Corpus {
    /// The kept inputs of a target; none where there is no folder yet.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        if folder.is_dir() {
            for file in fs::read_dir(folder)? {
                files.push(file?.path());
            }
        }
        files.sort();
        let inputs = files.iter().map(fs::read).collect::<io::Result<_>>()?;
        Ok(Self { folder: folder.to_owned(), inputs })
    }

    /// Adds an input, on disk too where `keeps`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn add(&mut self, input: &[u8], keeps: bool) -> io::Result<()> {
        if keeps {
            write(&self.folder, input)?;
        }
        self.inputs.push(input.to_vec());
        Ok(())
    }

    /// Makes the folder hold these inputs and no others.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write_anew(&self) -> io::Result<()> {
        if self.folder.is_dir() {
            for file in fs::read_dir(&self.folder)? {
                fs::remove_file(file?.path())?;
            }
        }
        self.inputs.iter().try_for_each(|input| write(&self.folder, input).map(drop))
    }
}

/// Writes an input into a folder under its hash; the file.
///
/// # Errors
/// Where it cannot be written.
pub fn write(folder: &Path, input: &[u8]) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let hash = Sha256::digest(input);
    let name = u64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default());
    let path = folder.join(format!("{name:016x}"));
    fs::write(&path, input)?;
    Ok(path)
}
