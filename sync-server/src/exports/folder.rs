//! A release's tables as files, all that there are: what `loket release export` writes into a folder of their own.

use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::File;
use super::csv::CsvError;
use super::tables::source::Source;
use super::xlsx::WorkbookError;
use super::{csv, ddi, xlsx};
use crate::releases::bundle::Bundle;
use crate::releases::frozen::FrozenError;
use crate::reports::words::Language;

/// The folder beside the release's own files.
pub const FOLDER: &str = "tables";

/// Why the files were not written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The release cannot be read.
    #[error(transparent)]
    Frozen(#[from] FrozenError),
    /// A CSV file could not be made.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The workbook could not be made.
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    /// The codebook could not be made.
    #[error("the codebook could not be written: {0}")]
    Codebook(io::Error),
    /// The disk.
    #[error("{path}: {source}")]
    Disk {
        /// The file or folder.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// SHA-256 of a release's manifest, in hex: names all of it.
pub fn digest(bundle: &Bundle<'_>) -> String {
    hex::encode(Sha256::digest(&bundle.kept.manifest))
}

/// The files of a release's tables: the same bytes for the same release.
///
/// # Errors
/// Where the release cannot be read.
pub fn files(bundle: &Bundle<'_>) -> Result<Vec<File>, FolderError> {
    let frozen = bundle.read()?;
    let source = Source::of(&frozen, &digest(bundle));
    let head = source.head.clone();
    let tables = source.tables(&frozen);
    let mut files = csv::files(&tables)?;
    files.push(ddi::codebook(&head, &tables).map_err(FolderError::Codebook)?);
    for language in [Language::Indonesian, Language::English] {
        let name = format!("loket-{}-{}.xlsx", head.number, language.code());
        files.push(File { name, bytes: xlsx::workbook(&head, &tables, language)? });
    }
    Ok(files)
}

/// Writes the files of a release's tables into [`FOLDER`] inside a folder; how many.
///
/// # Errors
/// See [`FolderError`].
pub fn write(bundle: &Bundle<'_>, inside: &Path) -> Result<usize, FolderError> {
    let folder = inside.join(FOLDER);
    let fault = |path: &Path| {
        let path = path.display().to_string();
        |source| FolderError::Disk { path, source }
    };
    let files = files(bundle)?;
    std::fs::create_dir_all(&folder).map_err(fault(&folder))?;
    for file in &files {
        let path = folder.join(&file.name);
        std::fs::write(&path, &file.bytes).map_err(fault(&path))?;
    }
    Ok(files.len())
}
