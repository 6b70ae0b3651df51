//! An Excel workbook: a sheet that explains, a sheet a table, a sheet with what every column is.
//!
//! A table's sheet has two heads that stay in sight: what a column is called for people, and its name, by which it is
//! filtered. Choices are shown with their labels. A text is always a text, never a formula. The same tables and language
//! give the same bytes.

use std::collections::BTreeSet;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};
use thiserror::Error;

use super::calendar::{day_text, moment_text};
use super::plain::{decimal_text, places_of};
use super::table::{Cell, Column, Kind, Label, Missing, Table};
use super::tables::source::Head;
use crate::reports::words::{Language, Words};

/// A workbook could not be written.
#[derive(Debug, Error)]
#[error("the workbook could not be written: {0}")]
pub struct WorkbookError(#[from] XlsxError);

/// What a sheet can hold.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Rows, the heads included.
    rows: usize,
    /// Columns.
    columns: usize,
    /// Units of UTF-16 in a cell.
    text: usize,
}

/// What Excel can hold.
const EXCEL: Limits = Limits { rows: 1_048_576, columns: 16_384, text: 32_767 };
/// Rows that the two heads of a sheet take.
const HEADS: u32 = 2;
/// Longest name of a sheet.
const SHEET: usize = 31;
/// Widest and narrowest column, in letters.
const WIDTHS: (usize, usize) = (8, 48);
/// Rows that a column's width is taken from.
const LOOKED_AT: usize = 200;
/// Whole numbers that Excel shows exactly.
const EXACT: u64 = 999_999_999_999_999;
/// Excel's number of 1970-01-01.
const EPOCH: i32 = 25_569;
/// The first day that Excel counts as the calendar does, 1900-03-01.
const FIRST: i32 = 61 - EPOCH;

/// The workbook of a release.
///
/// # Errors
/// Where the library refuses, which these tables give it no reason for.
pub fn workbook(head: &Head, tables: &[Table], language: Language) -> Result<Vec<u8>, WorkbookError> {
    written(head, tables, language, EXCEL)
}

fn written(
    head: &Head,
    tables: &[Table],
    language: Language,
    limits: Limits,
) -> Result<Vec<u8>, WorkbookError> {
    let mut writer = Writer { words: language.words(), limits, formats: Formats::new(), cut: Vec::new() };
    let mut names = BTreeSet::from([writer.words.say("xlsx_read_first"), writer.words.say("xlsx_columns")]);
    let mut sheets = Vec::new();
    for table in tables {
        let parts = table.rows.chunks(writer.room()).map(Some).chain(table.rows.is_empty().then_some(None));
        for part in parts {
            let mut sheet = Worksheet::new();
            sheet.set_name(sheet_name(table.name.as_str(), &mut names))?;
            writer.table(&mut sheet, table, part.unwrap_or_default())?;
            sheets.push(sheet);
        }
    }
    let mut book = Workbook::new();
    // The clock of this machine would stand in the file otherwise.
    let made = ExcelDateTime::from_timestamp(head.released_at)?;
    let title = format!("{} {} / {}", writer.words.say("xlsx_release"), head.number, head.round);
    book.set_properties(
        &DocProperties::new().set_title(title).set_author("Loket").set_creation_datetime(&made),
    );
    book.push_worksheet(writer.read_first(head, tables)?);
    for sheet in sheets {
        book.push_worksheet(sheet);
    }
    book.push_worksheet(writer.columns(tables)?);
    Ok(book.save_to_buffer()?)
}

/// A name for a sheet that no other has: at most 31 letters.
fn sheet_name(table: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name: String = table.chars().take(SHEET).collect();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        let end = format!("_{number}");
        name = table.chars().take(SHEET - end.len()).collect::<String>() + &end;
        number += 1;
    }
    name
}

struct Formats {
    label: Format,
    name: Format,
    title: Format,
    wrapped: Format,
    date: Format,
    moment: Format,
    whole: Format,
}

struct Writer {
    words: Words,
    limits: Limits,
    formats: Formats,
    /// What a sheet could not hold whole, in words.
    cut: Vec<String>,
}

impl Formats {
    fn new() -> Self {
        let head = || Format::new().set_bold().set_align(FormatAlign::Top);
        let green = Color::RGB(0x00E2_EFDA);
        Self {
            label: head().set_text_wrap().set_background_color(green),
            name: head().set_font_color(Color::Gray),
            title: Format::new().set_bold().set_font_size(14),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            whole: Format::new().set_num_format("0"),
        }
    }

    fn decimal(places: u8) -> Format {
        let zeros = "0".repeat(usize::from(places));
        Format::new().set_num_format(if places == 0 { "0".to_owned() } else { format!("0.{zeros}") })
    }
}

impl Writer {
    /// Rows of a table that a sheet can hold; at least one.
    fn room(&self) -> usize {
        self.limits.rows.saturating_sub(2).max(1)
    }

    fn label<'a>(&self, label: &'a Label) -> &'a str {
        match self.words.language() {
            Language::Indonesian => &label.id,
            Language::English => &label.en,
        }
    }

    fn table(&mut self, sheet: &mut Worksheet, table: &Table, rows: &[Vec<Cell>]) -> Result<(), XlsxError> {
        if table.columns.len() > self.limits.columns {
            let columns = self.limits.columns;
            self.cut
                .push(self.words.fill("xlsx_columns_cut", &[("table", &table.name), ("count", &columns)]));
        }
        for (at, column) in table.columns.iter().take(self.limits.columns).enumerate() {
            let Ok(place) = u16::try_from(at) else { break };
            let label = self.fitting(self.label(&column.label), None);
            sheet.write_string_with_format(0, place, label, &self.formats.label)?;
            sheet.write_string_with_format(1, place, column.name.as_str(), &self.formats.name)?;
            let decimal = Formats::decimal(places_of(&column.kind));
            let mut widest = column.name.as_str().len() + 4;
            for (row, cells) in (HEADS..).zip(rows) {
                let Some(cell) = cells.get(at) else { continue };
                let place = Place { row, column: place, decimal: &decimal };
                let width = self.cell(sheet, &place, cell, column, table)?;
                if usize::try_from(row).is_ok_and(|row| row < LOOKED_AT) {
                    widest = widest.max(width);
                }
            }
            let width = u8::try_from(widest.clamp(WIDTHS.0, WIDTHS.1)).unwrap_or(u8::MAX);
            sheet.set_column_width(place, f64::from(width))?;
        }
        let columns = table.columns.len().min(self.limits.columns);
        let last = u16::try_from(columns.saturating_sub(1)).unwrap_or(u16::MAX);
        let end = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(HEADS - 1);
        sheet.autofilter(HEADS - 1, 0, end, last)?;
        sheet.set_freeze_panes(HEADS, 1)?;
        Ok(())
    }

    /// Writes a cell; how many letters it takes.
    fn cell(
        &mut self,
        sheet: &mut Worksheet,
        at: &Place<'_>,
        cell: &Cell,
        column: &Column,
        table: &Table,
    ) -> Result<usize, XlsxError> {
        let Place { row, column: place, decimal } = *at;
        let text = match (cell, &column.kind) {
            (Cell::Whole(number), _) if number.unsigned_abs() <= EXACT => {
                sheet.write_number_with_format(row, place, float(*number), &self.formats.whole)?;
                return Ok(number.to_string().len());
            }
            (Cell::Whole(number), _) => number.to_string(),
            (Cell::Decimal(number), kind) => {
                let text = decimal_text(*number, places_of(kind));
                match text.parse::<f64>() {
                    Ok(figure) if number.unsigned_abs() <= EXACT => {
                        sheet.write_number_with_format(row, place, figure, decimal)?;
                        return Ok(text.len());
                    }
                    _ => text,
                }
            }
            (Cell::Date(days), _) if *days >= FIRST => {
                sheet.write_number_with_format(row, place, f64::from(days + EPOCH), &self.formats.date)?;
                return Ok(10);
            }
            (Cell::Date(days), _) => day_text(*days),
            (Cell::Moment(seconds), _) if *seconds >= i64::from(FIRST) * 86_400 => {
                let serial = float(*seconds) / 86_400.0 + f64::from(EPOCH);
                sheet.write_number_with_format(row, place, serial, &self.formats.moment)?;
                return Ok(19);
            }
            (Cell::Moment(seconds), _) => moment_text(*seconds),
            (Cell::Choice(choice), Kind::Choice(choices)) => {
                choices.get(*choice).map_or_else(String::new, |of| self.label(&of.label).to_owned())
            }
            (Cell::Missing(_) | Cell::Choice(_), _) => return Ok(0),
            (Cell::Text(text), _) => text.clone(),
        };
        let text = self.fitting(&text, Some((table, column, row)));
        sheet.write_string(row, place, &text)?;
        Ok(text.chars().count())
    }

    /// As much of a text as a cell holds.
    fn fitting(&mut self, text: &str, of: Option<(&Table, &Column, u32)>) -> String {
        let mut units = 0;
        let end = text.char_indices().find(|(_, letter)| {
            units += letter.len_utf16();
            units > self.limits.text
        });
        let Some((end, _)) = end else { return text.to_owned() };
        if let Some((table, column, row)) = of {
            let row = row + 1;
            let parts: [(&str, &dyn std::fmt::Display); 3] =
                [("table", &table.name), ("column", &column.name), ("row", &row)];
            self.cut.push(self.words.fill("xlsx_text_cut", &parts));
        }
        text.get(..end).unwrap_or_default().to_owned()
    }

    /// The sheet that explains.
    fn read_first(&self, head: &Head, tables: &[Table]) -> Result<Worksheet, XlsxError> {
        let words = self.words;
        let mut sheet = Worksheet::new();
        sheet.set_name(words.say("xlsx_read_first"))?;
        sheet.set_column_width(0, 28)?;
        sheet.set_column_width(1, 100)?;
        let title = format!("{} {}", words.say("xlsx_release"), head.number);
        sheet.write_string_with_format(0, 0, title, &self.formats.title)?;
        let mut lines = vec![
            (words.say("xlsx_round"), head.round.clone()),
            (words.say("xlsx_method"), format!("{} ({}, {})", head.title, head.rules, head.year)),
            (words.say("xlsx_released"), moment_text(head.released_at)),
            (words.say("xlsx_digest"), head.digest.clone()),
            (String::new(), String::new()),
        ];
        for key in ["xlsx_sheets", "xlsx_heads", "xlsx_blank", "xlsx_moments", "xlsx_limits"] {
            lines.push((String::new(), words.say(key)));
        }
        lines.extend(self.cut.iter().map(|cut| (words.say("xlsx_cut"), cut.clone())));
        lines.push((String::new(), String::new()));
        for table in tables {
            let rows =
                words.fill("xlsx_rows", &[("label", &self.label(&table.label)), ("rows", &table.rows.len())]);
            lines.push((table.name.to_string(), rows));
        }
        lines.push((String::new(), String::new()));
        let nothing = head.assumed.is_empty().then(|| words.say("xlsx_nothing_assumed"));
        lines.extend(nothing.map(|text| (words.say("xlsx_assumed"), text)));
        for assumption in &head.assumed {
            let kind = words.assumptions([assumption]).unwrap_or_default();
            let parts = [kind.as_str(), &assumption.of, &assumption.why];
            let said: Vec<&str> = parts.into_iter().filter(|text| !text.is_empty()).collect();
            lines.push((words.say("xlsx_assumed"), said.join(": ")));
        }
        for (row, (name, text)) in (2..).zip(lines) {
            sheet.write_string_with_format(row, 0, name, &self.formats.wrapped)?;
            sheet.write_string_with_format(row, 1, text, &self.formats.wrapped)?;
        }
        Ok(sheet)
    }

    /// The sheet with what every column is, and every choice and its number.
    fn columns(&mut self, tables: &[Table]) -> Result<Worksheet, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(self.words.say("xlsx_columns"))?;
        let heads =
            ["xlsx_table", "xlsx_column", "xlsx_label_id", "xlsx_label_en", "xlsx_choice", "xlsx_code"];
        for (at, (key, width)) in (0..).zip(heads.into_iter().zip([24, 34, 60, 60, 24, 8])) {
            sheet.write_string_with_format(0, at, self.words.say(key), &self.formats.label)?;
            sheet.set_column_width(at, width)?;
        }
        let mut row = 1;
        let mut lines = Vec::new();
        for table in tables {
            for column in &table.columns {
                lines.push((table.name.as_str(), column.name.as_str(), &column.label, None));
                let Kind::Choice(choices) = &column.kind else { continue };
                let of = |choice| (table.name.as_str(), column.name.as_str(), &column.label, Some(choice));
                lines.extend(choices.iter().map(of));
            }
        }
        let most = self.limits.rows.saturating_sub(1 + Missing::ALL.len());
        for (table, column, label, choice) in lines.into_iter().take(most) {
            let label = choice.map_or(label, |choice| &choice.label);
            let texts =
                [table, column, &label.id, &label.en, choice.map_or("", |choice| choice.name.as_str())];
            for (at, text) in (0..).zip(texts).filter(|(_, text)| !text.is_empty()) {
                let text = self.fitting(text, None);
                sheet.write_string(row, at, text)?;
            }
            if let Some(choice) = choice {
                sheet.write_number(row, 5, choice.code)?;
            }
            row += 1;
        }
        sheet.autofilter(0, 0, row - 1, 5)?;
        sheet.set_freeze_panes(1, 0)?;
        Ok(sheet)
    }
}

struct Place<'a> {
    row: u32,
    column: u16,
    decimal: &'a Format,
}

/// A number of at most 15 digits, which a double holds exactly.
#[expect(clippy::cast_precision_loss, reason = "callers keep within what a double holds")]
fn float(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
