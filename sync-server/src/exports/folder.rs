//! A release's tables and rapors as files: what `loket release export` writes into folders of their own, and what the page of
//! a release offers.

use std::io::{self, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::File;
use super::csv::CsvError;
use super::origin::Origin;
use super::rapor::{self, RaporError};
use super::series::TableError;
use super::table::Table;
use super::tables::source::{GovernmentRow, Head, Source};
use super::xlsx::WorkbookError;
use super::{csv, ddi, dta, parquet, sav, xlsx};
use crate::releases::bundle::Bundle;
use crate::releases::frozen::{Frozen, FrozenError};
use crate::reports::words::Language;

/// The folder of tables beside the release's own files.
pub const TABLES: &str = "tables";
/// The folder of rapors.
pub const RAPORS: &str = "rapor";
/// All files of tables in one.
const TABLES_ZIP: &str = "tables.zip";
/// The codebook.
const CODEBOOK: &str = "codebook.xml";

/// Languages of workbooks.
const LANGUAGES: [Language; 2] = [Language::Indonesian, Language::English];

type Writer = fn(&Table, &Origin) -> Result<Vec<u8>, TableError>;

/// Writers for statistics programs, by the ends of their files' names.
const STATISTICS: [(&str, Writer); 3] = [("dta", dta::dta), ("sav", sav::sav), ("parquet", parquet::parquet)];

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
    /// A file for a statistics program could not be made.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A rapor could not be made.
    #[error(transparent)]
    Rapor(#[from] RaporError),
    /// Files could not be put into one.
    #[error("the files could not be put into one: {0}")]
    Zip(io::Error),
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

/// A release read for export.
#[derive(Debug)]
pub struct Export {
    head: Head,
    origin: Origin,
    frozen: Frozen,
    source: Source,
}

impl Export {
    /// Reads a release.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of(bundle: &Bundle<'_>) -> Result<Self, FolderError> {
        let frozen = bundle.read()?;
        let source = Source::of(&frozen, &digest(bundle));
        let head = source.head.clone();
        let origin = Origin {
            release: format!("Rilis {}", head.number),
            time: head.released_at,
            manifest: head.digest.clone(),
        };
        Ok(Self { head, origin, frozen, source })
    }

    /// The files of its tables: the same bytes for the same release.
    ///
    /// # Errors
    /// See [`FolderError`].
    pub fn tables(self) -> Result<Vec<File>, FolderError> {
        let Self { head, origin, frozen, source } = self;
        let tables = source.tables(&frozen);
        let mut files = csv::files(&tables)?;
        for (end, write) in STATISTICS {
            for table in &tables {
                files.push(File { name: format!("{}.{end}", table.name), bytes: write(table, &origin)? });
            }
        }
        files.push(codebook(&head, &tables)?);
        for language in LANGUAGES {
            files.push(workbook(&head, &tables, language)?);
        }
        Ok(files)
    }

    /// Every rapor, one after the other: a nation's would not fit into memory at once.
    ///
    /// # Errors
    /// See [`FolderError`], and what `take` says.
    pub fn rapors(&self, mut take: impl FnMut(File) -> Result<(), FolderError>) -> Result<(), FolderError> {
        for row in &self.source.governments {
            take(self.government(row)?)?;
            for file in self.units(row) {
                take(file?)?;
            }
        }
        Ok(())
    }

    /// One file as the page of the release offers it, see [`offered`], [`rapor_of`] and [`rapors_of_units`]; none of
    /// that name.
    ///
    /// # Errors
    /// See [`FolderError`].
    pub fn file(self, name: &str) -> Result<Option<File>, FolderError> {
        if name == CODEBOOK {
            return codebook(&self.head, &self.source.tables(&self.frozen)).map(Some);
        }
        if name == TABLES_ZIP {
            return Ok(Some(File { name: name.to_owned(), bytes: zipped(self.tables()?)? }));
        }
        let number = self.head.number;
        if let Some(language) = LANGUAGES.into_iter().find(|of| name == workbook_name(number, *of)) {
            return workbook(&self.head, &self.source.tables(&self.frozen), language).map(Some);
        }
        for row in &self.source.governments {
            let (name_of, province) = (&row.score.name, &row.score.province);
            if name == rapor_of(name_of, province) {
                return self.government(row).map(Some);
            }
            if name == rapors_of_units(name_of, province) {
                let files = self.units(row).collect::<Result<_, _>>()?;
                return Ok(Some(File { name: name.to_owned(), bytes: zipped(files)? }));
            }
        }
        Ok(None)
    }

    fn government(&self, row: &GovernmentRow) -> Result<File, FolderError> {
        let bytes = rapor::of_government(&self.head, self.frozen.method(), row)?;
        Ok(File { name: rapor_of(&row.score.name, &row.score.province), bytes })
    }

    fn units<'e>(&'e self, of: &'e GovernmentRow) -> impl Iterator<Item = Result<File, FolderError>> + 'e {
        let own =
            |government: &str, province: &str| government == of.score.name && province == of.score.province;
        let units = self.source.units.iter().filter(move |unit| own(&unit.government, &unit.province));
        units.map(|unit| {
            let bytes = rapor::of_unit(&self.head, self.frozen.method(), unit)?;
            Ok(File { name: format!("{}.pdf", slug(&unit.id)), bytes })
        })
    }
}

fn codebook(head: &Head, tables: &[Table]) -> Result<File, FolderError> {
    ddi::codebook(head, tables).map_err(FolderError::Codebook)
}

fn workbook(head: &Head, tables: &[Table], language: Language) -> Result<File, FolderError> {
    let bytes = xlsx::workbook(head, tables, language)?;
    Ok(File { name: workbook_name(head.number, language), bytes })
}

/// Names of the files of tables that the page of a release offers: workbooks in both languages, the codebook, all in one.
pub fn offered(release: u32) -> [String; 4] {
    let [indonesian, english] = LANGUAGES.map(|language| workbook_name(release, language));
    [indonesian, english, CODEBOOK.to_owned(), TABLES_ZIP.to_owned()]
}

fn workbook_name(number: u32, language: Language) -> String {
    format!("loket-{number}-{}.xlsx", language.code())
}

/// The file of a government's rapor.
pub fn rapor_of(government: &str, province: &str) -> String {
    format!("rapor-{}-{}.pdf", slug(government), slug(province))
}

/// The file with the rapors of a government's units.
pub fn rapors_of_units(government: &str, province: &str) -> String {
    format!("rapor-unit-{}-{}.zip", slug(government), slug(province))
}

/// A name as files have it: small letters, digits, and a line where anything else stood.
fn slug(name: &str) -> String {
    let parts = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// Files in one, without a date of their own.
fn zipped(files: Vec<File>) -> Result<Vec<u8>, FolderError> {
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for file in files {
        archive.start_file(file.name, options).map_err(|error| FolderError::Zip(error.into()))?;
        archive.write_all(&file.bytes).map_err(FolderError::Zip)?;
    }
    let written = archive.finish().map_err(|error| FolderError::Zip(error.into()))?;
    Ok(written.into_inner())
}

/// Writes all files into [`TABLES`] and [`RAPORS`] inside a folder; how many.
///
/// # Errors
/// See [`FolderError`].
pub fn write(bundle: &Bundle<'_>, inside: &Path) -> Result<usize, FolderError> {
    let export = Export::of(bundle)?;
    let mut count = 0;
    let mut put = |folder: &str, file: &File| {
        count += 1;
        let path = inside.join(folder).join(&file.name);
        std::fs::write(&path, &file.bytes)
            .map_err(|source| FolderError::Disk { path: path.display().to_string(), source })
    };
    for folder in [TABLES, RAPORS] {
        let path = inside.join(folder);
        std::fs::create_dir_all(&path)
            .map_err(|source| FolderError::Disk { path: path.display().to_string(), source })?;
    }
    export.rapors(|file| put(RAPORS, &file))?;
    for file in export.tables()? {
        put(TABLES, &file)?;
    }
    Ok(count)
}
