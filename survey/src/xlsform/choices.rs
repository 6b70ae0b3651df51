//! The choices sheet: lists, labels, marks, and the columns that filters read.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::instrument::{Choice, ChoiceList, Language, Mark, Source};
use crate::xlsform::attached::trim;
use crate::xlsform::fault::FaultKind;
use crate::xlsform::files::Files;
use crate::xlsform::survey::{warn_of_gaps, warn_of_untranslated};
use crate::xlsform::table::{Columns, Line, Table};
use crate::xlsform::workbook::Faults;

pub(crate) const COLUMNS: Columns = Columns {
    known: &["list_name", "name", "label", "mark", "source", "image", "audio", "video", "big_image"],
    translated: &["label", "image", "audio", "video", "big_image"],
    unused: &["media"],
    aliases: &[("value", "name"), ("caption", "label"), ("listname", "list_name")],
    open: true,
};

/// Longest choice name, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Reads every list.
pub(crate) fn read(
    table: &Table<'_>,
    languages: &[Language],
    duplicates: bool,
    files: &mut Files<'_>,
    faults: &mut Faults,
) -> BTreeMap<String, ChoiceList> {
    table.want("list_name", faults);
    table.want("name", faults);
    if languages.len() > 1 {
        warn_of_untranslated(table, languages, faults);
    }
    let mut lists: BTreeMap<String, ChoiceList> = BTreeMap::new();
    let mut used: HashMap<String, Vec<bool>> = HashMap::new();
    let mut seen: HashMap<(String, String), u32> = HashMap::new();
    for line in table.lines() {
        let (list, name) = (line.cell("list_name"), line.cell("name"));
        if list.is_empty() && name.is_empty() {
            continue;
        }
        if list.is_empty() {
            faults.error(&line.at("list_name"), FaultKind::MissingListName);
        } else if name.is_empty() || name.len() > MAX_NAME_BYTES {
            faults.error(&line.at("name"), FaultKind::MissingChoiceName);
        } else {
            let first = *seen.entry((list.to_owned(), name.to_owned())).or_insert(line.number());
            if first != line.number() && !duplicates {
                let (list, name) = (list.to_owned(), name.to_owned());
                faults.error(&line.at("name"), FaultKind::DuplicateChoice { list, name, first });
            }
        }
        if let Some(choice) = choice(table, line, languages, files, faults) {
            let columns = used.entry(list.to_owned()).or_insert_with(|| vec![false; table.others.len()]);
            for (cell, column) in choice.cells.iter().zip(columns) {
                *column |= !cell.is_empty();
            }
            lists.entry(list.to_owned()).or_default().choices.push(choice);
        }
    }
    for (name, list) in &mut lists {
        narrow(list, table, used.get(name).map_or(&[], Vec::as_slice));
    }
    lists
}

/// Leaves a list only the columns that it has anything in.
fn narrow(list: &mut ChoiceList, table: &Table<'_>, used: &[bool]) {
    let wanted: Vec<usize> = (0..used.len()).filter(|at| used.get(*at) == Some(&true)).collect();
    let name = |at: &usize| table.others.get(*at).map(|(_, name)| name.clone()).unwrap_or_default();
    list.columns = wanted.iter().map(name).collect();
    for choice in &mut list.choices {
        let cell = |at: &usize| choice.cells.get(*at).cloned().unwrap_or_default();
        let mut cells: Vec<String> = wanted.iter().map(cell).collect();
        trim(&mut cells);
        choice.cells = cells;
    }
}

fn choice(
    table: &Table<'_>,
    line: Line<'_>,
    languages: &[Language],
    files: &mut Files<'_>,
    faults: &mut Faults,
) -> Option<Choice> {
    let label = line.texts("label", languages, 0);
    let media = files.media(line, languages, faults);
    if label.is_empty() && media.is_empty() {
        faults.warn(&line.at("label"), FaultKind::MissingChoiceLabel);
    }
    warn_of_gaps(&label, "label", languages, line, faults);
    let mark = mark(line, faults);
    let cells = table.others.iter().map(|(column, _)| line.other(*column).to_owned()).collect();
    let name = line.cell("name").to_owned();
    let media = (!media.is_empty()).then(|| Box::new(media));
    (!name.is_empty() && !line.cell("list_name").is_empty()).then_some(Choice {
        name,
        label,
        cells,
        mark,
        media,
    })
}

fn mark(line: Line<'_>, faults: &mut Faults) -> Option<Mark> {
    let value = line.cell("mark");
    if value.is_empty() {
        return None;
    }
    if !is_mark(value) {
        faults.error(&line.at("mark"), FaultKind::BadMark { text: value.to_owned() });
        return None;
    }
    let source = source(line.cell("source"));
    if source.is_none() {
        faults.error(&line.at("source"), FaultKind::MarkWithoutSource);
    }
    Some(Mark { value: value.to_owned(), source: source? })
}

/// Who says so: `assumed`, or a source as the workbook names it. None for the empty cell.
pub(crate) fn source(text: &str) -> Option<Source> {
    match text {
        "" => None,
        text if text.eq_ignore_ascii_case("assumed") => Some(Source::Assumed),
        text => Some(Source::Cited(text.to_owned())),
    }
}

/// At most 9 digits before and 6 after the point, so that sums stay exact.
fn is_mark(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let fits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    fits(whole, 9) && fits(part, 6)
}

/// Names with a blank in lists that a `select_multiple` uses: they could not be told apart.
pub(crate) fn check_blanks(table: &Table<'_>, lists: &HashSet<String>, faults: &mut Faults) {
    for line in table.lines() {
        let name = line.cell("name");
        if name.contains(char::is_whitespace) && lists.contains(line.cell("list_name")) {
            faults.error(&line.at("name"), FaultKind::BlankInChoiceName { name: name.to_owned() });
        }
    }
}
