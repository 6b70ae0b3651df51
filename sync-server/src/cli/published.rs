//! `loket published`: takes in results that were really published.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{CommandError, Data, read_file, refused};
use crate::catalogue::read_published;
use crate::scores::methods::load;

#[derive(Subcommand)]
pub enum PublishedResults {
    /// Take in a CSV list: year, level, entity, parent, dimension, score, `zone_or_category`, source. It takes the place of the list
    /// before; where a line is wrong, nothing is taken.
    Import {
        /// The list.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
}

impl PublishedResults {
    pub fn run(self) -> Result<(), CommandError> {
        let Self::Import { file, data } = self;
        import(&file, &data)
    }
}

fn import(file: &Path, data: &Data) -> Result<(), CommandError> {
    let list = read_published(&read_file(file)?, &load(data.methods.as_deref()).map_err(refused)?.methods)
        .map_err(|faults| {
            for fault in &faults {
                eprintln!("{}, {fault}", file.display());
            }
            eprintln!("Nothing was imported; {} to put right.", faults.len());
            CommandError::Told
        })?;
    data.store()?.catalogue()?.put_published(&list.results)?;
    println!(
        "{} published results imported; {} lines with other figures passed over",
        list.results.len(),
        list.others
    );
    Ok(())
}
