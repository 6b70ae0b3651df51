//! Forms written as plain text: Markdown tables, and CSV with the sheet's name in the first column.

use crate::xlsform::fault::FaultKind;
use crate::xlsform::read::Gathered;
use crate::xlsform::workbook::{Sheet, Workbook};

/// How much of a text is looked at to tell what it is, in bytes.
const LOOK: usize = 5_000;

/// Reads a text as a form: a table of bars where there are bars, else comma separated.
pub(crate) fn read(bytes: &[u8]) -> Result<Workbook, FaultKind> {
    let text = std::str::from_utf8(bytes).map_err(|_| FaultKind::NotAWorkbook)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let count = |mark: u8| text.bytes().take(LOOK).filter(|byte| *byte == mark).count();
    if count(b'|') >= 5 {
        sheets(markdown(text))
    } else if count(b',') >= 4 {
        sheets(comma_separated(text)?)
    } else {
        Err(FaultKind::NotAWorkbook)
    }
}

/// One line: the cell that may name a sheet, and the cells after it.
struct Line {
    first: String,
    cells: Vec<String>,
}

fn sheets(lines: Vec<Line>) -> Result<Workbook, FaultKind> {
    let mut gathered = Gathered::default();
    let mut open: Option<Open> = None;
    for line in lines {
        if !line.first.is_empty() {
            close(&mut open, &mut gathered);
            open = Some(Open { name: line.first, ..Open::default() });
        }
        let Some(sheet) = open.as_mut() else { continue };
        if line.cells.iter().all(String::is_empty) {
            continue;
        }
        for (text, column) in line.cells.into_iter().zip(0..) {
            gathered.push(sheet.rows, column, text, &mut sheet.cells)?;
        }
        sheet.rows += 1;
    }
    close(&mut open, &mut gathered);
    if gathered.workbook.sheets.is_empty() { Err(FaultKind::NotAWorkbook) } else { Ok(gathered.workbook) }
}

/// A sheet that is being read.
#[derive(Default)]
struct Open {
    name: String,
    cells: Vec<(u32, u32, String)>,
    rows: u32,
}

fn close(open: &mut Option<Open>, gathered: &mut Gathered) {
    if let Some(Open { name, cells, .. }) = open.take() {
        gathered.workbook.sheets.push(Sheet::of(&name, cells));
    }
}

/// Lines between bars; `\|` is a bar, a line of dashes and a line that begins with `#` is none.
fn markdown(text: &str) -> Vec<Line> {
    let row = |line: &str| {
        let inner = line.trim().strip_prefix('|')?;
        let (inner, _) = inner.rsplit_once('|')?;
        if !inner.is_empty() && inner.chars().all(|c| matches!(c, '|' | '-')) {
            return None;
        }
        let mut cells = vec![String::new()];
        let mut characters = inner.chars().peekable();
        while let Some(character) = characters.next() {
            let escaped = character == '\\' && characters.peek() == Some(&'|');
            match (character, escaped) {
                (_, true) => {
                    characters.next();
                    cells.last_mut()?.push('|');
                }
                ('|', false) => cells.push(String::new()),
                (other, false) => cells.last_mut()?.push(other),
            }
        }
        let mut cells = cells.into_iter().map(|cell| cell.trim().to_owned());
        Some(Line { first: cells.next()?, cells: cells.collect() })
    };
    text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(row).collect()
}

fn comma_separated(text: &str) -> Result<Vec<Line>, FaultKind> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| FaultKind::Unreadable { reason: error.to_string() })?;
        let mut cells = record.iter().map(|cell| cell.trim().to_owned());
        lines.push(Line { first: cells.next().unwrap_or_default(), cells: cells.collect() });
    }
    Ok(lines)
}
