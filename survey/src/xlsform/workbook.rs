//! A workbook as rows of text, whatever file it came from.

use std::collections::BTreeMap;

use crate::xlsform::fault::{Fault, FaultKind};

/// The sheets that a form is made of, and the names of the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workbook {
    pub(crate) sheets: Vec<Sheet>,
}

/// One sheet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet {
    /// As the workbook writes it.
    pub(crate) name: String,
    /// Rows that hold anything, in order.
    pub(crate) rows: Vec<Row>,
    /// Cells that hold a spreadsheet error: row and column from 0, and the error.
    pub(crate) errors: Vec<(u32, u32, String)>,
}

/// One row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// As a spreadsheet shows it, from 1.
    pub(crate) number: u32,
    /// Text by column from 0; trimmed, blank ones left out.
    pub(crate) cells: BTreeMap<u32, String>,
}

impl Workbook {
    /// The first sheet of that name, capitals and blanks around it aside; a sheet that is alone is the survey.
    pub(crate) fn sheet(&self, name: &str) -> Option<&Sheet> {
        let found = self.sheets.iter().find(|sheet| same_name(&sheet.name, name));
        match self.sheets.as_slice() {
            [only]
                if name == "survey"
                    && !same_name(&only.name, "settings")
                    && !same_name(&only.name, "choices") =>
            {
                Some(only)
            }
            _ => found,
        }
    }
}

pub(crate) fn same_name(left: &str, right: &str) -> bool {
    left.trim().eq_ignore_ascii_case(right)
}

impl Sheet {
    /// A sheet of cells that come in any order: row and column from 0.
    pub(crate) fn of(name: &str, cells: impl IntoIterator<Item = (u32, u32, String)>) -> Self {
        let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
        for (row, column, text) in cells {
            let text = text.trim();
            if !text.is_empty() {
                let number = row.saturating_add(1);
                let row = rows.entry(row).or_insert_with(|| Row { number, cells: BTreeMap::new() });
                row.cells.insert(column, text.to_owned());
            }
        }
        Self { name: name.to_owned(), rows: rows.into_values().collect(), errors: Vec::new() }
    }
}

/// Everything found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) errors: Vec<Fault>,
    pub(crate) warnings: Vec<Fault>,
}

/// Where something stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) sheet: String,
    pub(crate) row: Option<u32>,
    /// Column from 0 and its header.
    pub(crate) column: Option<(u32, String)>,
}

impl Place {
    pub(crate) fn sheet(name: &str) -> Self {
        Self { sheet: name.to_owned(), row: None, column: None }
    }

    fn fault(&self, message: FaultKind) -> Fault {
        let cell = match (&self.column, self.row) {
            (Some((column, _)), Some(row)) => Some(format!("{}{row}", letters(*column))),
            _ => None,
        };
        let column =
            self.column.as_ref().map(|(_, header)| header.clone()).filter(|header| !header.is_empty());
        Fault { sheet: self.sheet.clone(), row: self.row, column, cell, message }
    }
}

impl Faults {
    pub(crate) fn error(&mut self, place: &Place, kind: FaultKind) {
        self.errors.push(place.fault(kind));
    }

    pub(crate) fn warn(&mut self, place: &Place, kind: FaultKind) {
        self.warnings.push(place.fault(kind));
    }
}

/// A column as a spreadsheet names it: 0 is `A`, 26 is `AA`.
pub(crate) fn letters(column: u32) -> String {
    let mut text = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        text.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    text.iter().rev().collect()
}
