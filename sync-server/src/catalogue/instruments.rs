//! Instruments: compiled from workbooks, kept for ever, the latest of each form in force.

use replica::{ContentHash, RecordKind};
use rust_embed::Embed;
use survey::instrument::Instrument;
use survey::xlsform::{self, Attachments, Fault};

/// The workbooks that this version brings along.
#[derive(Embed)]
#[folder = "../public/instruments"]
#[include = "*.xlsx"]
struct Workbooks;

/// The form id (`settings` sheet) that fills records of a kind.
pub fn form_of(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Visit => "kunjungan",
        RecordKind::Interview => "persepsi",
    }
}

/// An instrument with its bytes and its hash.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The instrument.
    pub instrument: Instrument,
    /// What is hashed, kept and sent.
    pub json: Vec<u8>,
    /// SHA-256 of it.
    pub hash: ContentHash,
}

impl Compiled {
    /// Of an instrument.
    ///
    /// # Errors
    /// Only where JSON cannot be written, which no instrument makes happen.
    pub fn of(instrument: Instrument) -> Result<Self, serde_json::Error> {
        let json = instrument.to_json()?;
        let hash = ContentHash::new(survey::instrument::InstrumentHash::of(&json).0);
        Ok(Self { instrument, json, hash })
    }
}

/// A workbook that compiled, and what its author may want to change.
#[derive(Debug)]
pub struct CompiledWorkbook {
    /// The instrument.
    pub compiled: Compiled,
    /// In the order of sheets and rows.
    pub warnings: Vec<Fault>,
}

/// Compiles a workbook with the files that stand beside it.
///
/// # Errors
/// Every fault as people read it, with sheet, row and column.
pub fn compile(workbook: &[u8], files: &dyn Attachments) -> Result<CompiledWorkbook, Vec<String>> {
    let xlsform::Compiled { instrument, warnings } = xlsform::compile_with(workbook, files)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let compiled = Compiled::of(instrument).map_err(|error| vec![error.to_string()])?;
    Ok(CompiledWorkbook { compiled, warnings })
}

/// Names and bytes of the workbooks that this version brings along.
pub fn embedded() -> Vec<(String, Vec<u8>)> {
    let mut workbooks: Vec<_> = Workbooks::iter()
        .filter_map(|name| Some((name.to_string(), Workbooks::get(&name)?.data.into_owned())))
        .collect();
    workbooks.sort();
    workbooks
}
