//! A table column by column, checked once, and made to fit what statistics programs can hold.

use std::collections::BTreeSet;

use thiserror::Error;

use super::plain::decimal_text;
use super::table::{Cell, Choice, Column, Kind, Label, Missing, NAME, Table};

/// A column with its cells. Every cell is missing or of the column's kind, and a choice is one of the column's.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is called in files; at most [`NAME`] bytes, and no other of the table has it.
    pub name: String,
    /// What it is called for people.
    pub label: Label,
    /// What its cells hold.
    pub kind: Kind,
    /// One a row.
    pub cells: Vec<Cell>,
}

/// A table that no file can be made of.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TableError {
    /// Two columns of one name.
    #[error("table `{table}` has two columns `{column}`; give one of them another name")]
    Twice {
        /// The table.
        table: String,
        /// The name.
        column: String,
    },
    /// A row that is not as long as the columns.
    #[error("row {row} of table `{table}` has {cells} cells for {columns} columns")]
    Ragged {
        /// The table.
        table: String,
        /// Which row, from 0.
        row: usize,
        /// How many cells it has.
        cells: usize,
        /// How many columns there are.
        columns: usize,
    },
    /// A cell that is not of its column's kind, or a choice that the column has not.
    #[error("row {row}, column `{column}` of table `{table}` holds what its column cannot hold")]
    Kind {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Which row, from 0.
        row: usize,
    },
    /// The library that writes the format refused.
    #[error("table `{table}` cannot be written: {why}")]
    Writer {
        /// The table.
        table: String,
        /// What the library says.
        why: String,
    },
    /// More than a format has room for.
    #[error("table `{table}` has too many {what} for this format; at most {most}")]
    Large {
        /// The table.
        table: String,
        /// Of what: `columns`.
        what: &'static str,
        /// How many it may have.
        most: usize,
    },
}

/// Up to here a double holds every whole number.
const EXACT: u64 = 1 << 53;

/// The columns of a table.
///
/// # Errors
/// Where the table breaks what [`Table`] promises.
pub fn series(table: &Table) -> Result<Vec<Series>, TableError> {
    let name = || table.name.to_string();
    let mut seen = BTreeSet::new();
    if let Some(column) = table.columns.iter().find(|column| !seen.insert(&column.name)) {
        return Err(TableError::Twice { table: name(), column: column.name.to_string() });
    }
    let columns = table.columns.len();
    if let Some(row) = table.rows.iter().position(|row| row.len() != columns) {
        let cells = table.rows.get(row).map_or(0, Vec::len);
        return Err(TableError::Ragged { table: name(), row, cells, columns });
    }
    let one = |(place, column): (usize, &Column)| {
        let cells: Vec<Cell> = table.rows.iter().filter_map(|row| row.get(place).cloned()).collect();
        match cells.iter().position(|cell| !holds(&column.kind, cell)) {
            Some(row) => Err(TableError::Kind { table: name(), column: column.name.to_string(), row }),
            None => Ok(Series {
                name: column.name.to_string(),
                label: column.label.clone(),
                kind: column.kind.clone(),
                cells,
            }),
        }
    };
    table.columns.iter().enumerate().map(one).collect()
}

/// The columns as programs that reckon in doubles take them: whole numbers and decimals that a double would round
/// become text, and texts that are blank for different reasons get a column beside them that says why.
///
/// # Errors
/// As [`series`].
pub fn for_statistics(table: &Table) -> Result<Vec<Series>, TableError> {
    let plain = series(table)?;
    let mut taken: BTreeSet<String> = plain.iter().map(|series| series.name.clone()).collect();
    let mut all = Vec::with_capacity(plain.len());
    for series in plain {
        let series = exact(series);
        let why = why_blank(&series, &mut taken);
        all.push(series);
        all.extend(why);
    }
    Ok(all)
}

/// A name made of this one that no other column has.
pub fn fresh(base: &str, suffix: &str, taken: &mut BTreeSet<String>) -> String {
    let with = |suffix: &str| {
        let room = NAME.saturating_sub(suffix.len());
        format!("{}{suffix}", base.get(..room).unwrap_or(base))
    };
    let mut name = with(suffix);
    for number in 2_u32.. {
        if !taken.contains(&name) {
            break;
        }
        name = with(&format!("{suffix}{number}"));
    }
    taken.insert(name.clone());
    name
}

/// The double nearest to a decimal.
pub fn nearest(units: i64, places: u8) -> f64 {
    decimal_text(units, places).parse().unwrap_or(f64::NAN)
}

fn holds(kind: &Kind, cell: &Cell) -> bool {
    match (kind, cell) {
        (_, Cell::Missing(_))
        | (Kind::Text, Cell::Text(_))
        | (Kind::Whole, Cell::Whole(_))
        | (Kind::Decimal(_), Cell::Decimal(_))
        | (Kind::Date, Cell::Date(_))
        | (Kind::Moment, Cell::Moment(_)) => true,
        (Kind::Choice(choices), Cell::Choice(place)) => *place < choices.len(),
        _ => false,
    }
}

fn exact(mut series: Series) -> Series {
    let rounds = |cell: &Cell| matches!(cell, Cell::Whole(n) | Cell::Decimal(n) if n.unsigned_abs() > EXACT);
    if !series.cells.iter().any(rounds) {
        return series;
    }
    let places = if let Kind::Decimal(places) = series.kind { places } else { 0 };
    for cell in &mut series.cells {
        if let Cell::Whole(units) | Cell::Decimal(units) = *cell {
            *cell = Cell::Text(decimal_text(units, places));
        }
    }
    series.kind = Kind::Text;
    series
}

/// Why the texts of a column are blank, unless all of them are blank for want of an answer.
fn why_blank(series: &Series, taken: &mut BTreeSet<String>) -> Option<Series> {
    let other = |cell: &Cell| matches!(cell, Cell::Missing(why) if *why != Missing::Unanswered);
    if series.kind != Kind::Text || !series.cells.iter().any(other) {
        return None;
    }
    let there = Label { id: "terisi".to_owned(), en: "filled in".to_owned() };
    let mut choices = vec![Choice { code: 0, name: "filled".to_owned(), label: there }];
    for (code, why) in (1..).zip(Missing::ALL) {
        choices.push(Choice { code, name: why.name().to_owned(), label: why.label() });
    }
    let cell = |cell: &Cell| match cell {
        Cell::Missing(why) => Cell::Choice(1 + Missing::ALL.iter().position(|one| one == why).unwrap_or(0)),
        _ => Cell::Choice(0),
    };
    Some(Series {
        name: fresh(&series.name, "_kosong", taken),
        label: Label {
            id: format!("Mengapa kosong: {}", series.label.id),
            en: format!("Why blank: {}", series.label.en),
        },
        kind: Kind::Choice(choices),
        cells: series.cells.iter().map(cell).collect(),
    })
}

/// A text of at most so many bytes: cut between characters and ended by `…` where it is longer.
pub fn shortened(text: &str, most: usize) -> String {
    let flat = text.replace(['\0', '\n', '\r', '\t'], " ");
    if flat.len() <= most {
        return flat;
    }
    let end = floor(&flat, most.saturating_sub('…'.len_utf8()));
    format!("{}…", flat.get(..end).unwrap_or_default().trim_end())
}

/// The last place between characters at or before this byte.
pub fn floor(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
