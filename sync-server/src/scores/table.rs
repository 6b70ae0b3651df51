//! Reads a list of scores as offices keep them: CSV with `entity`, `parent` and `score` among its columns.
//!
//! Spreadsheets write it in many ways: with a mark in front, with `;` or tabs, with decimal commas in quotes,
//! with blank lines and blanks around cells. All of that is taken; whatever could be misread is refused with
//! its line and column.

use std::fmt;

use survey::scoring::exact::Exact;

/// Longest list, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;
/// Longest name, in characters.
const NAME: usize = 300;
/// Faults that are told at most.
const TOLD: usize = 50;

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it stands, the first line of the file being 1.
    pub line: u64,
    /// The unit (or product).
    pub entity: String,
    /// What it belongs to.
    pub parent: String,
    /// Its score; none where it was not assessed.
    pub score: Option<Exact>,
}

/// What is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFault {
    /// The line, the first being 1.
    pub line: u64,
    /// The column's name, `""` where the whole line is wrong.
    pub column: &'static str,
    /// What to do about it.
    pub message: String,
}

impl fmt::Display for TableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The columns that are read; all others are passed over.
const COLUMNS: [&str; 3] = ["entity", "parent", "score"];

/// Reads a list. `maximum` is the highest score the method gives.
///
/// # Errors
/// Every fault, the first [`TOLD`] of them, in order of lines.
pub fn read_lines(file: &[u8], maximum: Exact) -> Result<Vec<Line>, Vec<TableFault>> {
    let text = text_of(file).map_err(|fault| vec![fault])?;
    let (body, delimiter) = delimiter_of(text);
    let mut rows = Rows::new(body, text, delimiter);
    let columns = rows.columns().map_err(|fault| vec![fault])?;
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next_row() {
        match row.and_then(|row| columns.line(&row, maximum)) {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push(fault),
        }
        if faults.len() >= TOLD {
            break;
        }
    }
    // Quotes inside a cell are doubled, so an odd one is never closed, and all behind it became one cell.
    if body.matches('"').count() % 2 == 1 {
        let message = "a quote in this line or above it is not closed";
        faults.push(TableFault::at(rows.passed.0, "", message));
    }
    if faults.is_empty() && lines.is_empty() {
        faults.push(TableFault::at(1, "", "the list has no lines below its heading"));
    }
    if faults.is_empty() { Ok(lines) } else { Err(faults) }
}

impl TableFault {
    fn at(line: u64, column: &'static str, message: impl Into<String>) -> Self {
        Self { line, column, message: message.into() }
    }
}

fn text_of(file: &[u8]) -> Result<&str, TableFault> {
    if file.len() > LARGEST {
        return Err(TableFault::at(1, "", format!("the list is longer than {LARGEST} bytes; split it")));
    }
    // Spreadsheets write a mark before the first column's name.
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    std::str::from_utf8(file).map_err(|error| {
        let before = file.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + String::from_utf8_lossy(before).matches('\n').count();
        let message = "is not UTF-8 text; save the list as CSV UTF-8";
        TableFault::at(u64::try_from(line).unwrap_or(u64::MAX), "", message)
    })
}

/// The text behind a first line `sep=;`, and what parts the cells: what the heading has most of.
fn delimiter_of(text: &str) -> (&str, u8) {
    if let Some(rest) = text.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and(text.get(4..)) {
        let delimiter = rest.bytes().next().filter(|byte| byte.is_ascii() && !b"\"\r\n".contains(byte));
        if let (Some(delimiter), Some((_, body))) = (delimiter, rest.split_once('\n')) {
            return (body, delimiter);
        }
    }
    let heading = text.lines().find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
    let mut quoted = false;
    let outside: String = heading
        .chars()
        .filter(|character| {
            quoted ^= *character == '"';
            !quoted
        })
        .collect();
    let often = |delimiter: u8| outside.matches(char::from(delimiter)).count();
    let delimiter = [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|delimiter| often(*delimiter));
    (text, delimiter.unwrap_or(b','))
}

/// The rows of a file that are not blank, with the lines where they begin.
struct Rows<'a> {
    reader: csv::Reader<&'a [u8]>,
    body: &'a str,
    /// Lines and bytes passed so far, and lines in front of the body.
    passed: (u64, usize),
    width: usize,
}

struct Row {
    line: u64,
    cells: csv::StringRecord,
}

impl<'a> Rows<'a> {
    fn new(body: &'a str, whole: &str, delimiter: u8) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(body.as_bytes());
        let in_front = if whole.len() > body.len() { 2 } else { 1 };
        Self { reader, body, passed: (in_front, 0), width: 0 }
    }

    fn columns(&mut self) -> Result<Columns, TableFault> {
        let missing = |line, names: &str, there: &str| {
            let needed = COLUMNS.join(", ");
            let message = format!(
                "the heading has no column {names}; it needs {needed} (found: {there}). Other columns may \
                 stand anywhere"
            );
            TableFault::at(line, "", message)
        };
        let Some(heading) = self.next_row().transpose()? else {
            return Err(missing(1, &COLUMNS.join(", "), "nothing"));
        };
        self.width = heading.cells.len();
        let place = |name: &str| heading.cells.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
        let absent: Vec<_> = COLUMNS.into_iter().filter(|name| place(name).is_none()).collect();
        for name in COLUMNS {
            if heading.cells.iter().filter(|cell| cell.eq_ignore_ascii_case(name)).count() > 1 {
                return Err(TableFault::at(
                    heading.line,
                    "",
                    format!("the column {name} stands there twice"),
                ));
            }
        }
        if let (Some(entity), Some(parent), Some(score)) = (place("entity"), place("parent"), place("score"))
        {
            return Ok(Columns { entity, parent, score });
        }
        let there: Vec<_> = heading.cells.iter().collect();
        Err(missing(heading.line, &absent.join(", "), &there.join(", ")))
    }

    fn next_row(&mut self) -> Option<Result<Row, TableFault>> {
        loop {
            let mut cells = csv::StringRecord::new();
            let read = self.reader.read_record(&mut cells);
            let line = self.line(cells.position().map_or(0, csv::Position::byte));
            match read {
                Ok(false) => return None,
                Ok(true) if cells.iter().all(str::is_empty) => {}
                Ok(true) if self.width > 0 && cells.iter().skip(self.width).any(|cell| !cell.is_empty()) => {
                    let (has, width) = (cells.len(), self.width);
                    let message = format!(
                        "has {has} cells where the heading has {width}; put numbers with a decimal comma in \
                         quotes"
                    );
                    return Some(Err(TableFault::at(line, "", message)));
                }
                Ok(true) => return Some(Ok(Row { line, cells })),
                Err(error) => return Some(Err(TableFault::at(line, "", error.to_string()))),
            }
        }
    }

    /// The line of the first thing behind `byte`; the reader counts blank lines to the row behind them.
    fn line(&mut self, byte: u64) -> u64 {
        let at = usize::try_from(byte).unwrap_or(usize::MAX).min(self.body.len());
        let rest = self.body.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let new = self.body.get(self.passed.1..at + blank).unwrap_or_default();
        let count = u64::try_from(new.matches('\n').count()).unwrap_or(u64::MAX);
        self.passed = (self.passed.0.saturating_add(count), at + blank);
        self.passed.0
    }
}

/// Where each column stands.
struct Columns {
    entity: usize,
    parent: usize,
    score: usize,
}

impl Columns {
    fn line(&self, row: &Row, maximum: Exact) -> Result<Line, TableFault> {
        let (needs, has) = (self.entity.max(self.parent).max(self.score) + 1, row.cells.len());
        if has < needs {
            let message = format!(
                "has {has} cells and needs {needs}; write a blank cell where a unit was not assessed"
            );
            return Err(TableFault::at(row.line, "", message));
        }
        let name = |place: usize, column: &'static str| {
            let text =
                row.cells.get(place).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
            let fits = (1..=NAME).contains(&text.chars().count());
            let message = || format!("must hold a name of 1 to {NAME} characters");
            if fits { Ok(text) } else { Err(TableFault::at(row.line, column, message())) }
        };
        let score = score_of(row.cells.get(self.score).unwrap_or_default(), maximum)
            .map_err(|message| TableFault::at(row.line, "score", message))?;
        Ok(Line {
            line: row.line,
            entity: name(self.entity, "entity")?,
            parent: name(self.parent, "parent")?,
            score,
        })
    }
}

/// A score as people write it, `95.32` or `95,32`; none where the cell is blank or holds a dash.
fn score_of(cell: &str, maximum: Exact) -> Result<Option<Exact>, String> {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if matches!(cell, "" | "-" | "–" | "—") {
        return Ok(None);
    }
    let wrong = || {
        let shown: String = cell.chars().take(40).collect();
        format!(
            "`{shown}` is no score; write a number such as 93.71, or leave the cell blank where the unit was not assessed"
        )
    };
    let one_mark = cell.chars().filter(|c| matches!(c, ',' | '.')).count() <= 1;
    let score: Exact = one_mark.then(|| cell.replace(',', ".").parse().ok()).flatten().ok_or_else(wrong)?;
    if score.is_negative() || score > maximum {
        return Err(format!("{score} is outside the scale of this method, 0 to {maximum}"));
    }
    Ok(Some(score))
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
