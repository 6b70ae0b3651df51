//! CSV by RFC 4180: a file a table, `labels.csv` with what columns and choices mean, `missing.csv` with why cells are
//! blank.
//!
//! Commas and points whatever the country, since programs read these files; whoever opens a release in a spreadsheet
//! takes the workbook. A mark at the start says UTF-8, without which Excel shows other letters. A text that a
//! spreadsheet could take for a formula gets a `'` in front, and so does one that begins with `'`: to read it back, take
//! one `'` away.

use ::csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use thiserror::Error;

use super::File;
use super::plain::text_of;
use super::table::{Cell, Column, Kind, Missing, Table};

/// A table could not be written, which only a want of memory brings about.
#[derive(Debug, Error)]
#[error("the table {table} could not be written as CSV: {source}")]
pub struct CsvError {
    table: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// What tells that a file is UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The files of these tables.
///
/// # Errors
/// See [`CsvError`].
pub fn files(tables: &[Table]) -> Result<Vec<File>, CsvError> {
    let mut files = Vec::with_capacity(tables.len() + 2);
    for table in tables {
        files.push(file(table.name.as_str(), |out| write_table(out, table))?);
    }
    files.push(file("labels", |out| write_labels(out, tables))?);
    files.push(file("missing", |out| write_missing(out, tables))?);
    Ok(files)
}

type Out = Writer<Vec<u8>>;

fn file(name: &str, write: impl FnOnce(&mut Out) -> ::csv::Result<()>) -> Result<File, CsvError> {
    let fault =
        |source: Box<dyn std::error::Error + Send + Sync>| CsvError { table: name.to_owned(), source };
    let mut out = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(MARK.to_vec());
    write(&mut out).map_err(|error| fault(error.into()))?;
    let bytes = out.into_inner().map_err(|error| fault(error.to_string().into()))?;
    Ok(File { name: format!("{name}.csv"), bytes })
}

fn write_table(out: &mut Out, table: &Table) -> ::csv::Result<()> {
    out.write_record(table.columns.iter().map(|column| column.name.as_str()))?;
    for row in &table.rows {
        out.write_record(row.iter().zip(&table.columns).map(|(cell, column)| written(cell, column)))?;
    }
    Ok(())
}

fn written(cell: &Cell, column: &Column) -> String {
    let text = text_of(cell, column).unwrap_or_default();
    // What was typed or named may be anything; numbers and days are ours.
    if matches!(cell, Cell::Text(_) | Cell::Choice(_)) { harmless(text) } else { text }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']) { format!("'{text}") } else { text }
}

fn write_labels(out: &mut Out, tables: &[Table]) -> ::csv::Result<()> {
    out.write_record(["table", "column", "kind", "choice", "code", "label_id", "label_en"])?;
    for table in tables {
        let name = table.name.as_str();
        out.write_record([name, "", "table", "", "", &table.label.id, &table.label.en].map(own))?;
        for column in &table.columns {
            let (kind, choices) = kind_of(&column.kind);
            let of = column.name.as_str();
            out.write_record([name, of, &kind, "", "", &column.label.id, &column.label.en].map(own))?;
            for choice in choices {
                let code = choice.code.to_string();
                let label = &choice.label;
                out.write_record([name, of, "choice", &choice.name, &code, &label.id, &label.en].map(own))?;
            }
        }
    }
    for reason in Missing::ALL {
        let (label, code) = (reason.label(), reason.code().to_string());
        out.write_record(["", "", "missing", reason.name(), &code, &label.id, &label.en])?;
    }
    Ok(())
}

fn own(text: &str) -> String {
    // A code of a choice may be below zero; it is a number.
    if text.parse::<i32>().is_ok() { text.to_owned() } else { harmless(text.to_owned()) }
}

fn kind_of(kind: &Kind) -> (String, &[super::table::Choice]) {
    let word = match kind {
        Kind::Text => "text",
        Kind::Whole => "whole",
        Kind::Decimal(places) => return (format!("decimal {places}"), &[]),
        Kind::Date => "date",
        Kind::Moment => "moment",
        Kind::Choice(choices) => return ("choices".to_owned(), choices),
    };
    (word.to_owned(), &[])
}

/// A line for each row and reason, with the columns that are blank for it. What was not answered is blank, and not
/// listed.
fn write_missing(out: &mut Out, tables: &[Table]) -> ::csv::Result<()> {
    out.write_record(["table", "row", "reason", "columns"])?;
    for table in tables {
        for row in &table.rows {
            let key = row.first().zip(table.columns.first()).map(|(cell, column)| written(cell, column));
            for reason in Missing::ALL.into_iter().filter(|reason| *reason != Missing::Unanswered) {
                let blank =
                    row.iter().zip(&table.columns).filter(|(cell, _)| **cell == Cell::Missing(reason));
                let names: Vec<&str> = blank.map(|(_, column)| column.name.as_str()).collect();
                if !names.is_empty() {
                    let key = key.as_deref().unwrap_or_default();
                    out.write_record([table.name.as_str(), key, reason.name(), &names.join(" ")])?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::sample::tables;

    fn rows(files: &[File], name: &str) -> Vec<Vec<String>> {
        let file = files.iter().find(|file| file.name == name).unwrap();
        let text = file.bytes.strip_prefix(MARK).unwrap();
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn every_table_is_a_file_with_lines_as_the_standard_ends_them() {
        let tables = tables();
        let files = files(&tables).unwrap();
        assert_eq!(files.len(), tables.len() + 2);
        for (file, table) in files.iter().zip(&tables) {
            assert_eq!(file.name, format!("{}.csv", table.name));
            let lines = rows(std::slice::from_ref(file), &file.name);
            assert_eq!(lines.len(), table.rows.len() + 1);
            assert!(file.bytes.ends_with(b"\r\n"));
        }
    }

    #[test]
    fn a_citizens_text_is_no_formula_and_a_number_below_zero_stays_one() {
        let files = files(&tables()).unwrap();
        let visits = rows(&files, "visits.csv");
        let at = |name: &str| visits[0].iter().position(|column| column == name).unwrap();
        assert_eq!(visits[1][at("lain_foto")], "'=HYPERLINK(\"http://jahat\")");
        assert_eq!(visits[1][at("titik_lat")], "-2.1300000");
        for begin in ["=1", "+1", "-1", "@a", "\ta", "\ra", "'a"] {
            assert_eq!(harmless(begin.to_owned()), format!("'{begin}"));
        }
        assert_eq!(harmless("a=1".to_owned()), "a=1");
    }

    #[test]
    fn what_columns_choices_and_blanks_mean_stands_beside() {
        let files = files(&tables()).unwrap();
        let labels = rows(&files, "labels.csv");
        let has = |wanted: [&str; 7]| assert!(labels.iter().any(|row| *row == wanted), "{wanted:?}");
        has(["interviews", "puas", "choices", "", "", "Puas?", "Satisfied?"]);
        has(["interviews", "puas", "choice", "4", "4", "Sangat puas", "Very"]);
        let code = Missing::Refused.code().to_string();
        has(["", "", "missing", "refused", &code, "menolak", "refused"]);
        let missing = rows(&files, "missing.csv");
        assert!(
            missing.iter().any(|row| *row == ["interviews", "dd", "refused", "puas saran"]),
            "{missing:?}"
        );
        assert!(missing.iter().all(|row| row[1] != "cc"), "an unanswered question is only blank");
    }
}
