//! `loket published`: takes in results that were really published, and tells what is known of a government from them.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use survey::scoring::api::PublishedList;

use super::opened::Opened;
use super::{CommandError, Data, print_json, read_file, refused};
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
    /// Tell them as JSON, with category, zone and opinion by each year's method.
    List {
        /// Only those of this government, its units included.
        #[arg(long)]
        of: Option<String>,
        /// Only those of this year.
        #[arg(long)]
        year: Option<u16>,
        #[command(flatten)]
        data: Data,
    },
}

impl PublishedResults {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Import { file, data } => import(&file, &data),
            Self::List { of, year, data } => list(of.as_deref(), year, &data),
        }
    }
}

fn list(of: Option<&str>, year: Option<u16>, data: &Data) -> Result<(), CommandError> {
    let mut results = Opened::of(data)?.sources().published().map_err(refused)?;
    results.retain(|result| {
        let is_named =
            |name: &str| result.entity.eq_ignore_ascii_case(name) || result.parent.eq_ignore_ascii_case(name);
        of.is_none_or(is_named) && year.is_none_or(|year| result.year == year)
    });
    print_json(&PublishedList { results })
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
