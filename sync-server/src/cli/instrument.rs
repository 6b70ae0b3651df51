//! `loket instrument`: checks and publishes workbooks.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use survey::xlsform::summary;

use super::{CommandError, Data, read_file};
use crate::catalogue::{Catalogue, Compiled, CompiledWorkbook, compile};
use crate::clock;
use crate::data::DataFolder;

#[derive(Subcommand)]
pub enum Instruments {
    /// Compile a workbook: every fault with its sheet, row and column, or a summary as JSON.
    Check {
        /// The workbook (.xlsx or .xls).
        file: PathBuf,
    },
    /// Compile a workbook and put it in force for its form.
    Publish {
        /// The workbook (.xlsx or .xls).
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
}

impl Instruments {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Check { file } => {
                let compiled = compile_file(&file)?;
                let json = serde_json::to_string(&summary(&compiled.instrument))
                    .map_err(|error| CommandError::Refused(error.to_string()))?;
                println!("{json}");
            }
            Self::Publish { file, data } => {
                let compiled = compile_file(&file)?;
                let folder = DataFolder::open(&data.folder)?;
                Catalogue::open(&folder.log())?.publish(&compiled, clock::now())?;
                println!("{} is in force for {}", compiled.hash, compiled.instrument.form_id);
            }
        }
        Ok(())
    }
}

/// Compiles a file; tells its warnings, and its faults where it has any.
fn compile_file(file: &Path) -> Result<Compiled, CommandError> {
    let name = file.display();
    let CompiledWorkbook { compiled, warnings } = compile(&read_file(file)?).map_err(|faults| {
        for fault in &faults {
            eprintln!("{name}: {fault}");
        }
        eprintln!("{} to put right.", faults.len());
        CommandError::Told
    })?;
    for warning in warnings {
        eprintln!("{name}: warning: {warning}");
    }
    Ok(compiled)
}
