//! Compiles `XLSForm` workbooks into instruments, and says everything that is wrong with one.

mod appearance;
mod attached;
mod choices;
mod fault;
mod files;
mod formulas;
mod other;
mod parameters;
mod plain;
mod read;
mod settings;
mod summary;
mod survey;
mod table;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_types;
pub(crate) mod types;
pub(crate) mod workbook;

use std::collections::BTreeMap;

pub use attached::{Attachments, MAX_LIST_BYTES, MAX_LIST_ROWS, MAX_MEDIA_BYTES};
pub use fault::{Fault, FaultKind};
pub use read::{MAX_CELLS, MAX_FILE_BYTES, MAX_INFLATED_BYTES, MAX_TEXT_BYTES};
pub use summary::{Summary, summary};

use crate::instrument::{Instrument, NodeId};
use files::Files;
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

/// Compiles a form by content: `.xlsx`, `.xls`, a Markdown table or CSV.
///
/// # Errors
/// Everything that is wrong with it, in the order of the sheets and rows; never empty.
pub fn compile(bytes: &[u8]) -> Result<Compiled, Vec<Fault>> {
    compile_with(bytes, &())
}

/// As [`compile`], with the files that stand beside the form: lists, pictures, sounds.
///
/// # Errors
/// As [`compile`].
pub fn compile_with(bytes: &[u8], attachments: &dyn Attachments) -> Result<Compiled, Vec<Fault>> {
    match read::read(bytes) {
        Ok(workbook) => compile_workbook(&workbook, attachments),
        Err(kind) => {
            let mut faults = Faults::default();
            faults.error(&Place::sheet("workbook"), kind);
            Err(faults.errors)
        }
    }
}

pub(crate) fn compile_workbook(
    workbook: &Workbook,
    attachments: &dyn Attachments,
) -> Result<Compiled, Vec<Fault>> {
    let mut faults = Faults::default();
    check_sheets(workbook, &mut faults);
    let settings = settings::read(workbook, &mut faults);
    let survey = table_of(workbook, "survey", &survey::COLUMNS, &mut faults);
    let choices = table_of(workbook, "choices", &choices::COLUMNS, &mut faults);
    let Some(survey) = survey else { return Err(in_order(faults.errors)) };
    let languages = settings.languages(&[Some(&survey), choices.as_ref()], &mut faults);
    let mut files = Files::of(attachments);
    let mut choice_lists = choices.as_ref().map_or_else(BTreeMap::new, |table| {
        choices::read(table, &languages, settings.allows_choice_duplicates, &mut files, &mut faults)
    });
    let draft = survey::read(&survey, &mut choice_lists, &languages, &mut files, &mut faults);
    if let Some(table) = &choices {
        choices::check_blanks(table, &draft.joined, &mut faults);
    }
    let names = Names::of(&draft.nodes);
    let survey::Draft { mut nodes, lines, generated, from_rows, .. } = draft;
    let mut reader = Reader { names: &names, lists: &choice_lists, faults: &mut faults };
    for ((node, line), id) in nodes.iter_mut().zip(&lines).zip(0..) {
        let id = NodeId(id);
        match generated.get(&id) {
            Some(relevant) => reader.generated(id, node, *line, relevant),
            None => reader.node(id, node, *line, from_rows.get(&id).map(String::as_str)),
        }
    }
    let naming = reader.naming(&settings);
    let settings::Settings { form_id, title, version, .. } = settings;
    let instrument =
        Instrument { form_id, title, version, languages, nodes, choice_lists, files: files.kept(), naming };
    formulas::check_cycles(&instrument, &names, &lines, &mut faults);
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
