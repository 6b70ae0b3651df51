//! `loket import`: takes in the file that a phone saved.

use std::path::PathBuf;

use clap::Args;

use super::{CommandError, Data, PhotosAt, read_file};
use crate::clock;
use crate::data::DataFolder;
use crate::database::StoreError;
use crate::import::{self, Destination, ImportError};
use crate::photos::Photos;

#[derive(Args)]
pub struct Import {
    /// The file, `loket-....cbor`.
    file: PathBuf,
    #[command(flatten)]
    photos: PhotosAt,
    #[command(flatten)]
    data: Data,
}

impl Import {
    pub fn run(self) -> Result<(), CommandError> {
        let file = read_file(&self.file)?;
        let folder = DataFolder::open(&self.data.folder)?;
        let store = self.data.store()?;
        let (log, identity, catalogue) = (store.log()?, store.identity()?, store.catalogue()?);
        let photos = Photos::open(&folder, self.photos.place.as_ref()).map_err(StoreError::from)?;
        let into = Destination {
            log: log.as_ref(),
            identity: &identity,
            catalogue: catalogue.as_ref(),
            photos: &photos,
        };
        let report = import::import(into, &file, clock::now()).map_err(|error| match error {
            ImportError::File(error) => CommandError::Refused(format!("{}: {error}", self.file.display())),
            ImportError::Log(error) => error.into(),
            ImportError::Store(error) => error.into(),
        })?;
        println!("{report}");
        if report.refused.is_empty() { Ok(()) } else { Err(CommandError::Told) }
    }
}
