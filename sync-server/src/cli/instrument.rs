//! `loket instrument`: checks and publishes workbooks.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use survey::xlsform::{Attachments, MAX_LIST_BYTES, summary};

use super::{CommandError, Data, read_file};
use crate::catalogue::{Compiled, CompiledWorkbook, compile};
use crate::clock;

#[derive(Subcommand)]
pub enum Instruments {
    /// Compile a workbook: every fault with its sheet, row and column, or a summary as JSON.
    Check {
        /// The form: a workbook (.xlsx or .xls), a Markdown table or CSV. Its lists and pictures stand beside it.
        file: PathBuf,
    },
    /// Compile a workbook and put it in force for its form.
    Publish {
        /// The form: a workbook (.xlsx or .xls), a Markdown table or CSV. Its lists and pictures stand beside it.
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
                data.store()?.catalogue()?.publish(&compiled, clock::now())?;
                println!("{} is in force for {}", compiled.hash, compiled.instrument.form_id);
            }
        }
        Ok(())
    }
}

/// The files in the folder of a workbook.
struct Beside<'a>(&'a Path);

impl Attachments for Beside<'_> {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.0.with_file_name(name);
        let length = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?.len();
        // One byte more than is taken tells the compiler that the file is too large.
        let limit = u64::try_from(MAX_LIST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        if length > limit { Some(vec![0; MAX_LIST_BYTES + 1]) } else { std::fs::read(path).ok() }
    }
}

/// Compiles a file; tells its warnings, and its faults where it has any.
fn compile_file(file: &Path) -> Result<Compiled, CommandError> {
    let name = file.display();
    let CompiledWorkbook { compiled, warnings } =
        compile(&read_file(file)?, &Beside(file)).map_err(|faults| {
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
