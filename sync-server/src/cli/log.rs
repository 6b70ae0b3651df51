//! `loket log`: moves a log, with all that stands beside it, between a data folder and a database.

use std::path::PathBuf;

use clap::Subcommand;

use super::CommandError;
use crate::data::DataFolder;
use crate::log::copy;
use crate::server::Lock;
use crate::store::{Address, Store, tables};

#[derive(Subcommand)]
pub enum LogCommand {
    /// Copy a log with devices, codes, units, rounds, instruments and releases into an empty one of either kind, and read the copy
    /// back. Servers of both must be stopped. Photos stand in data folders and are not copied.
    Copy {
        /// A data folder, or a database: <postgres://user@host/database>.
        #[arg(long, value_name = "DIR|URL")]
        from: String,
        /// A data folder that is new or empty, or a database.
        #[arg(long, value_name = "DIR|URL")]
        to: String,
    },
}

impl LogCommand {
    pub fn run(self) -> Result<(), CommandError> {
        let Self::Copy { from, to } = self;
        let (from, _reading) = open(&from, true)?;
        let (to, _writing) = open(&to, false)?;
        let (source, target) = (from.log()?, to.log()?);
        // These make their tables.
        for store in [&from, &to] {
            store.identity()?;
            store.keys()?;
            store.catalogue()?;
            store.shelf()?;
        }
        let sum = copy::copy(source.as_ref(), target.as_ref())?;
        let rows = tables::copy(&from, &to)?;
        println!("copied {} changes and {rows} rows beside them", sum.changes);
        println!("SHA-256 of what both logs hold: {}", hex::encode(sum.digest));
        Ok(())
    }
}

/// A store, and what keeps servers off its folder meanwhile.
fn open(place: &str, must_be: bool) -> Result<(Store, Option<Lock>), CommandError> {
    if let Ok(address) = place.parse::<Address>() {
        return Ok((Store::shared(&address)?, None));
    }
    let folder = PathBuf::from(place);
    if must_be && !folder.join("log.sqlite").is_file() {
        return Err(CommandError::Refused(format!("{place} holds no log.sqlite, so it is no data folder")));
    }
    let data = DataFolder::open(&folder)?;
    let lock = Lock::take(&data)?.ok_or(CommandError::Running)?;
    Ok((Store::File(data), Some(lock)))
}
