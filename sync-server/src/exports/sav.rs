//! SPSS's system file `.sav`, with bytecode compression, as the PSPP project describes it (its developers' guide, *System
//! File Format*).
//!
//! Own code: the one crate that writes the format (`ambers` 0.4) takes its tables as Arrow and brings eighty crates along.
//!
//! Labels are in Indonesian; the English ones stand beside as custom attributes. Missing values are user-missing, a range
//! of four numbers with labels ([`Missing::code`]); a column that holds one of these numbers itself gets more nines.

mod data;
mod dictionary;
mod pieces;

use std::collections::BTreeSet;

use super::origin::Origin;
use super::series::{Series, TableError, floor, for_statistics, fresh};
use super::table::{Cell, Choice, Kind, Label, Missing, Table};

/// The widest text that SPSS has, in bytes.
const WIDEST: usize = 32_767;
/// As many columns as make readers comfortable.
const MOST_COLUMNS: usize = 100_000;
/// The widest piece of a text; a wider text is stored as several.
const PIECE: usize = 255;
/// For how many bytes of a wide text another piece is there.
const STRIDE: usize = 252;

/// A table as the bytes of a `.sav` file. The same table and origin give the same bytes.
///
/// # Errors
/// Where the table breaks what [`Table`] promises, has more rows than the format, or no column.
pub fn sav(table: &Table, origin: &Origin) -> Result<Vec<u8>, TableError> {
    let columns = split(for_statistics(table)?);
    let large = |what, most| TableError::Large { table: table.name.to_string(), what, most };
    let rows =
        i32::try_from(table.rows.len()).map_err(|_| large("rows", i32::MAX.unsigned_abs() as usize))?;
    if columns.is_empty() || columns.len() > MOST_COLUMNS {
        return Err(large("or too few columns", MOST_COLUMNS));
    }
    let mut next = 1;
    let variables: Vec<Variable> = columns.iter().map(|series| Variable::of(series, &mut next)).collect();
    let mut bytes = Vec::new();
    dictionary::write(&mut bytes, table, origin, rows, &variables);
    data::write(&mut bytes, &variables, table.rows.len());
    Ok(bytes)
}

/// A column and how SPSS stores it.
struct Variable<'a> {
    series: &'a Series,
    storage: Storage,
    /// The number of its first piece; short names are made of it.
    first: usize,
}

/// What SPSS calls the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storage {
    /// A double. Missing values are these codes less this number.
    Number { nines: i32 },
    /// Text of so many bytes.
    Text(usize),
}

impl<'a> Variable<'a> {
    fn of(series: &'a Series, next: &mut usize) -> Self {
        let storage = if series.kind == Kind::Text {
            let length = |cell: &Cell| if let Cell::Text(text) = cell { text.len() } else { 0 };
            Storage::Text(series.cells.iter().map(length).max().unwrap_or(0).max(1))
        } else {
            Storage::Number { nines: nines(series) }
        };
        let first = *next;
        let variable = Self { series, storage, first };
        *next += variable.pieces().count();
        variable
    }

    /// The widths of its pieces, in bytes; 0 for a number.
    fn pieces(&self) -> impl Iterator<Item = usize> + use<> {
        let width = if let Storage::Text(width) = self.storage { width } else { 0 };
        let count = if width > PIECE { width.div_ceil(STRIDE) } else { 1 };
        (1..=count).map(move |piece| {
            if count == 1 {
                width
            } else if piece < count {
                PIECE
            } else {
                width - (count - 1) * STRIDE
            }
        })
    }

    /// The name of eight bytes that stands in the dictionary.
    fn short(&self) -> String {
        short(self.first)
    }

    /// The number of a missing value in this column.
    fn missing(&self, why: Missing) -> f64 {
        let nines = if let Storage::Number { nines } = self.storage { nines } else { 0 };
        f64::from(why.code() - nines)
    }
}

/// The short name of a piece.
fn short(number: usize) -> String {
    format!("V{number:07}")
}

/// By how much a column's missing values lie below the usual, so that none is a value: -9994 is -99994 there, and so on.
fn nines(series: &Series) -> i32 {
    let steps = [0, 90_000, 990_000, 9_990_000, 99_990_000, 999_990_000];
    let free = |nines: i32| {
        let low = f64::from(Missing::NotAssessed.code() - nines);
        let high = f64::from(Missing::Unanswered.code() - nines);
        let inside = |number: f64| (low..=high).contains(&number);
        let choices: &[Choice] = if let Kind::Choice(choices) = &series.kind { choices } else { &[] };
        !choices.iter().any(|choice| inside(choice.code.into()))
            && !series.cells.iter().any(|cell| data::number(cell, &series.kind).is_some_and(inside))
    };
    steps.into_iter().find(|nines| free(*nines)).unwrap_or(0)
}

/// Texts that are wider than SPSS takes go on in further columns.
fn split(columns: Vec<Series>) -> Vec<Series> {
    let mut taken: BTreeSet<String> = columns.iter().map(|series| series.name.clone()).collect();
    columns.into_iter().flat_map(|series| split_one(series, &mut taken)).collect()
}

fn split_one(mut series: Series, taken: &mut BTreeSet<String>) -> Vec<Series> {
    let wide = |cell: &Cell| matches!(cell, Cell::Text(text) if text.len() > WIDEST);
    let (base, label) = (series.name.clone(), series.label.clone());
    let mut parts = Vec::new();
    for number in 2_u32.. {
        if !series.cells.iter().any(wide) {
            break;
        }
        let cells = series.cells.iter_mut().map(cut).collect();
        let name = fresh(&base, &format!("_{number}"), taken);
        let label = Label {
            id: format!("{} (lanjutan {number})", label.id),
            en: format!("{} (continued {number})", label.en),
        };
        parts.push(std::mem::replace(&mut series, Series { name, label, kind: Kind::Text, cells }));
    }
    parts.push(series);
    parts
}

/// Leaves as much of a text as SPSS takes, and gives the rest.
fn cut(cell: &mut Cell) -> Cell {
    let Cell::Text(text) = cell else { return cell.clone() };
    let rest = text.split_off(floor(text, WIDEST));
    Cell::Text(rest)
}

#[cfg(test)]
mod tests;
