//! Forms for tests, written as tables.

use std::sync::Arc;

use crate::instrument::Instrument;
use crate::xlsform::workbook::{Sheet, Workbook};
use crate::xlsform::{Compiled, Fault, compile_workbook};

/// Row, column, text.
type Cells = Vec<(u32, u32, String)>;

/// Sheets written as `| sheet |` followed by rows `| | cell | cell |`, as pyxform's tests write them.
pub(crate) fn workbook(text: &str) -> Workbook {
    let mut sheets: Vec<(String, Cells, u32)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let inner = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')).expect("a row in bars");
        let mut cells = inner.split('|').map(str::trim);
        let name = cells.next().expect("a first cell");
        if !name.is_empty() {
            sheets.push((name.to_owned(), Vec::new(), 0));
            continue;
        }
        let (_, found, row) = sheets.last_mut().expect("a sheet before its rows");
        found.extend(cells.zip(0..).map(|(cell, column)| (*row, column, cell.to_owned())));
        *row += 1;
    }
    Workbook { sheets: sheets.into_iter().map(|(name, cells, _)| Sheet::of(&name, cells)).collect() }
}

pub(crate) fn compiled(text: &str) -> Result<Compiled, Vec<Fault>> {
    compile_workbook(&workbook(text), &())
}

/// The form, which must be without a fault.
pub(crate) fn form(text: &str) -> Arc<Instrument> {
    Arc::new(
        compiled(text)
            .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())
            .unwrap()
            .instrument,
    )
}
