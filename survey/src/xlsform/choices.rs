//! The choices sheet: lists, labels, marks, and the columns that filters read.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::instrument::{Choice, Language, Mark, Source};
use crate::xlsform::fault::FaultKind;
use crate::xlsform::survey::warn_of_gaps;
use crate::xlsform::table::{Columns, Line, Table};
use crate::xlsform::workbook::Faults;

pub(crate) const COLUMNS: Columns = Columns {
    known: &["list_name", "name", "label", "mark", "source"],
    translated: &["label"],
    unused: &["image", "audio", "video", "big_image", "media"],
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
    faults: &mut Faults,
) -> BTreeMap<String, Vec<Choice>> {
    table.want("list_name", faults);
    table.want("name", faults);
    let mut lists: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
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
        if let Some(choice) = choice(table, line, languages, faults) {
            lists.entry(list.to_owned()).or_default().push(choice);
        }
    }
    lists
}

fn choice(table: &Table<'_>, line: Line<'_>, languages: &[Language], faults: &mut Faults) -> Option<Choice> {
    let label = line.texts("label", languages, 0);
    if label.is_empty() {
        faults.warn(&line.at("label"), FaultKind::MissingChoiceLabel);
    }
    warn_of_gaps(&label, "label", languages, line, faults);
    let mark = mark(line, faults);
    let cell = |(column, name): &(u32, String)| {
        let text = line.other(*column);
        (!text.is_empty()).then(|| (name.clone(), text.to_owned()))
    };
    let columns = table.others.iter().filter_map(cell).collect();
    let name = line.cell("name").to_owned();
    (!name.is_empty() && !line.cell("list_name").is_empty()).then_some(Choice { name, label, mark, columns })
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
