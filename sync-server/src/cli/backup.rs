//! `loket backup`, `loket restore`, `loket verify`: copies of a data folder, and whether one holds.

use std::path::PathBuf;

use clap::Args;
use replica::{ContentHash, RecordId};

use super::{CommandError, Data, PhotosAt};
use crate::backup;
use crate::data::DataFolder;
use crate::history;

#[derive(Args)]
pub struct Backup {
    /// A folder that is new or empty.
    into: PathBuf,
    #[command(flatten)]
    photos: PhotosAt,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
pub struct Restore {
    /// A folder that `loket backup` made.
    backup: PathBuf,
    #[command(flatten)]
    photos: PhotosAt,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
pub struct Verify {
    /// The record, in hex; all where left out.
    record: Option<RecordId>,
    #[command(flatten)]
    data: Data,
}

impl Backup {
    pub fn run(self) -> Result<(), CommandError> {
        self.data.only_folder(
            "use pg_basebackup or pg_dump (docs/postgres.md), or `loket log copy --from URL --to DIR`",
        )?;
        let copied = backup::back_up_from(&self.data.folder, self.photos.place.as_ref(), &self.into)?;
        println!("copied {} changes and {} photos", copied.changes, copied.photos);
        if copied.lacks.is_empty() {
            return Ok(());
        }
        tell_lacking(&copied.lacks);
        eprintln!(
            "all else is copied; where photos are kept elsewhere, name the place with --photos, and make another copy"
        );
        // Whoever has it done by a clock must hear of it.
        Err(CommandError::Told)
    }
}

impl Restore {
    pub fn run(self) -> Result<(), CommandError> {
        self.data.only_folder(
            "put it back with PostgreSQL's own tools, or `loket log copy --from DIR --to URL`",
        )?;
        let copied = backup::restore_into(&self.backup, &self.data.folder, self.photos.place.as_ref())?;
        println!("put back {} changes and {} photos", copied.changes, copied.photos);
        tell_lacking(&copied.lacks);
        println!("devices send again what came in after the backup, once they reach the server");
        Ok(())
    }
}

fn tell_lacking(lacks: &[ContentHash]) {
    for hash in lacks {
        eprintln!("photo {hash} is damaged or missing where it was kept");
    }
}

impl Verify {
    pub fn run(self) -> Result<(), CommandError> {
        self.data.only_folder("copy it with `loket log copy --from URL --to DIR` and check DIR")?;
        let folder = DataFolder::open(&self.data.folder)?;
        let findings = history::check(&folder.log(), self.record)?;
        if let (Some(record), 0) = (self.record, findings.records) {
            return Err(CommandError::Refused(format!("there is no record {record}")));
        }
        for fault in &findings.faults {
            eprintln!("{fault}");
        }
        println!(
            "{} records, {} changes, {} faults",
            findings.records,
            findings.changes,
            findings.faults.len()
        );
        if findings.faults.is_empty() { Ok(()) } else { Err(CommandError::Told) }
    }
}
