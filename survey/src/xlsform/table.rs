//! A sheet as a table: columns by what they mean, whatever way their headers are written.

use std::collections::{HashMap, HashSet};

use crate::instrument::{Language, Texts};
use crate::xlsform::fault::{FaultKind, nearest};
use crate::xlsform::workbook::{Faults, Place, Row, Sheet, letters};

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Header {
    /// The column's standard name.
    pub(crate) name: String,
    /// The language as written after `::`; `""` where there is none.
    pub(crate) language: String,
}

/// A sheet with its columns understood.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    sheet: &'a Sheet,
    columns: HashMap<Header, u32>,
    /// Headers as written, by column.
    written: HashMap<u32, String>,
    /// Columns that have no standard name: column and name as written.
    pub(crate) others: Vec<(u32, String)>,
    /// Languages in the order in which they first appear.
    pub(crate) languages: Vec<String>,
    header_row: u32,
    translated: &'static [&'static str],
    /// Columns with anything below their header.
    filled: HashSet<u32>,
}

/// Which headers a sheet may have.
pub(crate) struct Columns {
    /// With a meaning here.
    pub(crate) known: &'static [&'static str],
    /// Of these, those that come once for each language.
    pub(crate) translated: &'static [&'static str],
    /// Part of the standard, not of this version.
    pub(crate) unused: &'static [&'static str],
    /// Other spellings.
    pub(crate) aliases: &'static [(&'static str, &'static str)],
    /// Other columns are the author's own and mean something.
    pub(crate) open: bool,
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    table: &'a Table<'a>,
    row: &'a Row,
}

impl<'a> Table<'a> {
    /// Understands the headers of `sheet`; none where it is empty.
    pub(crate) fn of(sheet: &'a Sheet, columns: &Columns, faults: &mut Faults) -> Option<Self> {
        let head = sheet.rows.first()?;
        let mut table = Self {
            sheet,
            columns: HashMap::new(),
            written: HashMap::new(),
            others: Vec::new(),
            languages: Vec::new(),
            header_row: head.number,
            translated: columns.translated,
            filled: sheet.rows.iter().skip(1).flat_map(|row| row.cells.keys().copied()).collect(),
        };
        for (column, text) in &head.cells {
            table.written.insert(*column, text.clone());
            table.add(*column, text, columns, faults);
        }
        for (row, column, error) in &sheet.errors {
            let place = table.place(Some(row.saturating_add(1)), Some(*column));
            faults.error(&place, FaultKind::CellError { error: error.clone() });
        }
        Some(table)
    }

    fn add(&mut self, column: u32, text: &str, columns: &Columns, faults: &mut Faults) {
        let place = self.place(Some(self.header_row), Some(column));
        let header = Header::of(text, columns);
        let known = columns.known.contains(&header.name.as_str());
        let misplaced = !header.language.is_empty() && !columns.translated.contains(&header.name.as_str());
        if columns.unused.contains(&header.name.as_str()) {
            faults.warn(&place, FaultKind::UnusedColumn { name: text.to_owned() });
        } else if known && !misplaced {
            if let Some(first) = self.columns.get(&header) {
                let first = letters(*first);
                faults.error(&place, FaultKind::DuplicateColumn { name: text.to_owned(), first });
                return;
            }
            if !header.language.is_empty() && !self.languages.contains(&header.language) {
                self.languages.push(header.language.clone());
            }
            self.columns.insert(header, column);
        } else if columns.open {
            if let Some((first, _)) = self.others.iter().find(|(_, name)| name == text) {
                let first = letters(*first);
                faults.error(&place, FaultKind::DuplicateColumn { name: text.to_owned(), first });
                return;
            }
            self.others.push((column, text.to_owned()));
        } else {
            let nearest = nearest(&header.name, columns.known.iter().copied());
            faults.warn(&place, FaultKind::UnknownColumn { name: text.to_owned(), nearest });
        }
    }

    /// The rows below the headers.
    pub(crate) fn lines(&'a self) -> impl Iterator<Item = Line<'a>> {
        self.sheet.rows.iter().skip(1).map(|row| Line { table: self, row })
    }

    /// True where the column is there, in any language.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.columns.keys().any(|header| header.name == name)
    }

    /// True where a text that may be translated stands in a column without a language.
    pub(crate) fn has_bare_text(&self) -> bool {
        let bare = |name: &&str| {
            let header = Header { name: (**name).to_owned(), language: String::new() };
            self.columns.get(&header).is_some_and(|column| self.filled.contains(column))
        };
        self.translated.iter().any(bare)
    }

    /// True where any row has the text in that language; the first language is that of headers without one, too.
    pub(crate) fn is_written_in(&self, name: &str, language: &Language, first: bool) -> bool {
        let filled = |language: String| {
            let header = Header { name: name.to_owned(), language };
            self.columns.get(&header).is_some_and(|column| self.filled.contains(column))
        };
        filled(written(language)) || first && filled(String::new())
    }

    /// Reports a column that has to be there.
    pub(crate) fn want(&self, name: &'static str, faults: &mut Faults) {
        if !self.has(name) {
            faults.error(&self.place(Some(self.header_row), None), FaultKind::MissingColumn { name });
        }
    }

    pub(crate) fn place(&self, row: Option<u32>, column: Option<u32>) -> Place {
        let header = |column: u32| (column, self.written.get(&column).cloned().unwrap_or_default());
        Place { sheet: self.sheet.name.clone(), row, column: column.map(header) }
    }
}

impl<'a> Line<'a> {
    /// Row as a spreadsheet shows it.
    pub(crate) fn number(self) -> u32 {
        self.row.number
    }

    /// See [`Table::is_written_in`].
    pub(crate) fn is_written_in(self, name: &str, language: &Language, first: bool) -> bool {
        self.table.is_written_in(name, language, first)
    }

    /// The text in a column without a language, `""` where there is none.
    pub(crate) fn cell(self, name: &str) -> &'a str {
        self.column(name, "").and_then(|column| self.row.cells.get(&column)).map_or("", String::as_str)
    }

    /// The text in one of [`Table::others`].
    pub(crate) fn other(self, column: u32) -> &'a str {
        self.row.cells.get(&column).map_or("", String::as_str)
    }

    /// The place of a cell; of the row where the column is not there.
    pub(crate) fn at(self, name: &str) -> Place {
        let named =
            || self.table.columns.iter().filter(|(header, _)| header.name == name).map(|(_, at)| *at).min();
        self.table.place(Some(self.row.number), self.column(name, "").or_else(named))
    }

    /// A text in every language; `default` is the one that a header without language is in.
    pub(crate) fn texts(self, name: &str, languages: &[Language], default: usize) -> Texts {
        let of = |(index, language): (usize, &Language)| {
            let own = self.column(name, &written(language)).and_then(|column| self.row.cells.get(&column));
            let bare = if index == default { self.cell(name) } else { "" };
            own.map_or_else(|| bare.to_owned(), Clone::clone)
        };
        let texts = Texts(languages.iter().enumerate().map(of).collect());
        if texts.is_empty() { Texts::default() } else { texts }
    }

    fn column(self, name: &str, language: &str) -> Option<u32> {
        let header = Header { name: name.to_owned(), language: language.to_owned() };
        self.table.columns.get(&header).copied()
    }
}

/// First words of grouped headers (`bind::relevant`, `media::image::English`), which say nothing of their own.
const GROUPS: [&str; 4] = ["bind", "media", "control", "body"];

impl Header {
    fn of(text: &str, columns: &Columns) -> Self {
        let whole = standard(text, columns);
        if columns.known.contains(&whole.as_str()) || columns.unused.contains(&whole.as_str()) {
            return Self { name: whole, language: String::new() };
        }
        let text = text.trim();
        let inner = GROUPS.iter().find_map(|group| {
            let (first, rest) = text.split_once(':')?;
            (first.trim().eq_ignore_ascii_case(group)).then(|| rest.trim_start_matches(':').trim())
        });
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            return Self::of(inner, columns);
        }
        let (name, language) = text.split_once("::").or_else(|| text.split_once(':')).unwrap_or((text, ""));
        let plain = language.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { name: standard(name, columns), language: written(&self::language(&plain)) }
    }
}

fn standard(text: &str, columns: &Columns) -> String {
    let plain = text.trim().to_lowercase().split([' ', '-']).collect::<Vec<_>>().join("_");
    columns.aliases.iter().find(|(alias, _)| *alias == plain).map_or(plain, |(_, name)| (*name).to_owned())
}

/// A language as its header writes it.
pub(crate) fn written(language: &Language) -> String {
    match (language.name.as_str(), language.code.as_str()) {
        (name, "") => name.to_owned(),
        (name, code) => format!("{name} ({code})"),
    }
}

/// A language from `Name (code)`.
pub(crate) fn language(text: &str) -> Language {
    match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((name, code)) => Language { name: name.trim().to_owned(), code: code.trim().to_owned() },
        None => Language { name: text.to_owned(), code: String::new() },
    }
}
