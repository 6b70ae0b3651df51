//! Compiles `XLSForm` workbooks into instruments, and says everything that is wrong with one.

mod choices;
mod fault;
mod formulas;
mod read;
mod settings;
mod summary;
mod survey;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod types;
pub(crate) mod workbook;

use std::collections::BTreeMap;

pub use fault::{Fault, FaultKind};
pub use read::{MAX_CELLS, MAX_FILE_BYTES, MAX_INFLATED_BYTES, MAX_TEXT_BYTES};
pub use summary::{Summary, summary};

use crate::instrument::{Instrument, NodeId};
use formulas::{Names, Reader};
use table::Table;
use workbook::{Faults, Place, Workbook};

/// A workbook that is a form.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The form.
    pub instrument: Instrument,
    /// What its author may want to change.
    pub warnings: Vec<Fault>,
}

/// Compiles a workbook, `.xlsx` or `.xls` by content.
///
/// # Errors
/// Everything that is wrong with it, in the order of the sheets and rows; never empty.
pub fn compile(bytes: &[u8]) -> Result<Compiled, Vec<Fault>> {
    match read::read(bytes) {
        Ok(workbook) => compile_workbook(&workbook),
        Err(kind) => {
            let mut faults = Faults::default();
            faults.error(&Place::sheet("workbook"), kind);
            Err(faults.errors)
        }
    }
}

pub(crate) fn compile_workbook(workbook: &Workbook) -> Result<Compiled, Vec<Fault>> {
    let mut faults = Faults::default();
    check_sheets(workbook, &mut faults);
    let settings = settings::read(workbook, &mut faults);
    let survey = table_of(workbook, "survey", &survey::COLUMNS, &mut faults);
    let choices = table_of(workbook, "choices", &choices::COLUMNS, &mut faults);
    let Some(survey) = survey else { return Err(in_order(faults.errors)) };
    let languages = settings.languages(&[Some(&survey), choices.as_ref()], &mut faults);
    let choice_lists = choices.as_ref().map_or_else(BTreeMap::new, |table| {
        choices::read(table, &languages, settings.allows_choice_duplicates, &mut faults)
    });
    let draft = survey::read(&survey, &choice_lists, &languages, &mut faults);
    if let Some(table) = &choices {
        choices::check_blanks(table, &draft.joined, &mut faults);
    }
    let names = Names::of(&draft.nodes);
    let mut nodes = draft.nodes;
    let columns = formulas::filter_columns(choices.as_ref());
    let mut reader = Reader { names: &names, lists: &choice_lists, columns, faults: &mut faults };
    for ((node, line), id) in nodes.iter_mut().zip(&draft.lines).zip(0..) {
        reader.node(NodeId(id), node, *line);
    }
    let settings::Settings { form_id, title, version, .. } = settings;
    let instrument = Instrument { form_id, title, version, languages, nodes, choice_lists };
    formulas::check_cycles(&instrument, &names, &draft.lines, &mut faults);
    if faults.errors.is_empty() {
        Ok(Compiled { instrument, warnings: in_order(faults.warnings) })
    } else {
        Err(in_order(faults.errors))
    }
}

fn table_of<'a>(
    workbook: &'a Workbook,
    name: &str,
    columns: &table::Columns,
    faults: &mut Faults,
) -> Option<Table<'a>> {
    Table::of(workbook.sheet(name)?, columns, faults)
}

fn check_sheets(workbook: &Workbook, faults: &mut Faults) {
    let mut seen: Vec<&str> = Vec::new();
    for sheet in &workbook.sheets {
        let place = Place::sheet(&sheet.name);
        match ["survey", "choices", "settings"]
            .into_iter()
            .find(|name| workbook::same_name(&sheet.name, name))
        {
            Some(name) if seen.contains(&name) => {
                faults.error(&place, FaultKind::DuplicateSheet { name: sheet.name.clone() });
            }
            Some(name) => seen.push(name),
            None if matches!(sheet.name.trim(), "external_choices" | "entities" | "osm") => {
                faults.warn(&place, FaultKind::UnusedSheet);
            }
            None => {}
        }
    }
    match workbook.sheet("survey") {
        None => faults.error(&Place::sheet("survey"), FaultKind::MissingSheet { name: "survey" }),
        Some(sheet) if sheet.rows.is_empty() => {
            faults.error(&Place::sheet(&sheet.name), FaultKind::EmptySheet { example: "type, name, label" });
        }
        Some(_) => {}
    }
}

/// Sheet by sheet, row by row; what is about a whole sheet or file first.
fn in_order(mut faults: Vec<Fault>) -> Vec<Fault> {
    let sheet = |fault: &Fault| {
        let name = fault.sheet.trim().to_lowercase();
        ["workbook", "survey", "choices"].iter().position(|known| *known == name).unwrap_or(3)
    };
    faults.sort_by_key(|fault| (sheet(fault), fault.row));
    faults
}
