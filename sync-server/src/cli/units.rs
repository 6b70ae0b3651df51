//! `loket units`: takes in and lists the units that are assessed.

use std::path::PathBuf;

use clap::Subcommand;

use super::{CommandError, Data, read_file};
use crate::catalogue::read_units;

#[derive(Subcommand)]
pub enum Units {
    /// Take in a CSV list: unit, government, province, kind, and office where it is not the
    /// province's. Units that are known are updated; where a line is wrong, nothing is taken.
    Import {
        /// The list.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Print all units as CSV.
    List {
        #[command(flatten)]
        data: Data,
    },
}

impl Units {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Import { file, data } => import(&file, &data),
            Self::List { data } => list(&data),
        }
    }
}

fn import(file: &std::path::Path, data: &Data) -> Result<(), CommandError> {
    let units = read_units(&read_file(file)?).map_err(|faults| {
        for fault in &faults {
            eprintln!("{}, {fault}", file.display());
        }
        eprintln!("Nothing was imported; {} to put right.", faults.len());
        CommandError::Told
    })?;
    data.store()?.catalogue()?.put_units(&units)?;
    println!("{} units imported", units.len());
    Ok(())
}

fn list(data: &Data) -> Result<(), CommandError> {
    let mut writer = csv::Writer::from_writer(std::io::stdout());
    let fault = |error: csv::Error| CommandError::Refused(error.to_string());
    writer.write_record(["id", "unit", "government", "province", "kind", "office"]).map_err(fault)?;
    for unit in data.store()?.catalogue()?.units()? {
        let cells = [
            unit.id.as_str(),
            &unit.name,
            &unit.government,
            &unit.province,
            &unit.kind,
            unit.office.as_str(),
        ];
        writer.write_record(cells).map_err(fault)?;
    }
    writer.flush().map_err(CommandError::Start)
}
