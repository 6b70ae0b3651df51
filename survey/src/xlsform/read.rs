//! Reads the cells out of a form's bytes, `.xlsx`, `.xls` or text by content, and bounds what a
//! broken or hostile file can cost.

use std::collections::HashSet;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xls, Xlsx};

use crate::xlsform::fault::FaultKind;
use crate::xlsform::workbook::{Sheet, Workbook, same_name};

/// Largest file, in bytes.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// Most bytes that the parts of an `.xlsx` may inflate to, together.
pub const MAX_INFLATED_BYTES: usize = 128 * 1024 * 1024;
/// Most cells that hold anything, in the sheets that are read.
pub const MAX_CELLS: usize = 2_000_000;
/// Most text in those cells, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 * 1024 * 1024;
/// Most cells, empty ones too, that the sheets of an `.xls` may span.
const MAX_SPAN: u64 = 8_000_000;
/// Most sheets that an `.xls` may have.
const MAX_SHEETS: usize = 64;

/// Sheets that are read; of the others only the names are kept.
const READ: [&str; 3] = ["survey", "choices", "settings"];

/// Reads a workbook.
pub(crate) fn read(bytes: &[u8]) -> Result<Workbook, FaultKind> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FaultKind::TooLarge { limit: MAX_FILE_BYTES, what: "bytes" });
    }
    // The readers are other people's code; should they panic on some file, the file is at fault.
    let result = catch_unwind(AssertUnwindSafe(|| {
        if bytes.starts_with(b"PK") {
            read_xlsx(bytes)
        } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
            read_xls(bytes)
        } else {
            crate::xlsform::plain::read(bytes)
        }
    }));
    result.unwrap_or_else(|_| {
        Err(FaultKind::Unreadable { reason: "its parts contradict each other".to_owned() })
    })
}

fn unreadable(error: impl std::fmt::Display) -> FaultKind {
    let reason: String = error.to_string().chars().take(200).collect();
    FaultKind::Unreadable { reason }
}

fn read_xlsx(bytes: &[u8]) -> Result<Workbook, FaultKind> {
    bound_inflation(bytes)?;
    let mut file: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let names = file.sheet_names();
    let mut gathered = Gathered { alone: names.len() == 1, ..Gathered::default() };
    for name in names {
        let mut cells = Vec::new();
        let mut errors = Vec::new();
        if gathered.takes(&name) {
            let mut reader = file.worksheet_cells_reader(&name).map_err(unreadable)?;
            while let Some(cell) = reader.next_cell().map_err(unreadable)? {
                let (row, column) = cell.get_position();
                match text_of_ref(cell.get_value()) {
                    Ok(text) => gathered.push(row, column, text, &mut cells)?,
                    Err(error) => errors.push((row, column, error)),
                }
            }
        }
        gathered.workbook.sheets.push(Sheet { errors, ..Sheet::of(&name, cells) });
    }
    Ok(gathered.workbook)
}

/// Inflates every part once, counting, because a zip's own sizes can lie.
fn bound_inflation(bytes: &[u8]) -> Result<(), FaultKind> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| FaultKind::NotAWorkbook)?;
    if archive.len() > 10_000 {
        return Err(FaultKind::TooLarge { limit: 10_000, what: "parts" });
    }
    let mut left = u64::try_from(MAX_INFLATED_BYTES).unwrap_or(u64::MAX);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(unreadable)?;
        let inflated = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(unreadable)?;
        left = left
            .checked_sub(inflated)
            .ok_or(FaultKind::TooLarge { limit: MAX_INFLATED_BYTES, what: "bytes when unpacked" })?;
    }
    Ok(())
}

fn read_xls(bytes: &[u8]) -> Result<Workbook, FaultKind> {
    bound_span(bytes)?;
    let mut file: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(unreadable)?;
    let names = file.sheet_names();
    let mut gathered = Gathered { alone: names.len() == 1, ..Gathered::default() };
    for name in names {
        let mut cells = Vec::new();
        let mut errors = Vec::new();
        if gathered.takes(&name) {
            let range = file.worksheet_range(&name).map_err(unreadable)?;
            let (top, left) = range.start().unwrap_or((0, 0));
            for (row, column, value) in range.used_cells() {
                let at = (top.saturating_add(number(row)), left.saturating_add(number(column)));
                match text_of_cell(value) {
                    Ok(text) => gathered.push(at.0, at.1, text, &mut cells)?,
                    Err(error) => errors.push((at.0, at.1, error)),
                }
            }
        }
        gathered.workbook.sheets.push(Sheet { errors, ..Sheet::of(&name, cells) });
    }
    Ok(gathered.workbook)
}

/// Walks the records of an `.xls` for its farthest cell: the reader lays out whole rectangles, and
/// one cell far out would fill the memory. `cfb` also refuses chains of sectors that run in circles.
fn bound_span(bytes: &[u8]) -> Result<(), FaultKind> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(unreadable)?;
    if file.exists("/EncryptedPackage") {
        return Err(FaultKind::Protected);
    }
    let name =
        ["/Workbook", "/Book"].into_iter().find(|name| file.exists(name)).ok_or(FaultKind::NotAWorkbook)?;
    let mut stream = Vec::new();
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    file.open_stream(name).map_err(unreadable)?.take(limit).read_to_end(&mut stream).map_err(unreadable)?;
    let (mut span, sheets) = scan(&stream)?;
    if sheets.len() > MAX_SHEETS {
        return Err(FaultKind::TooLarge { limit: MAX_SHEETS, what: "sheets" });
    }
    // The reader begins again where each sheet is said to start, which in a broken file may be
    // in the middle of some record.
    for start in sheets {
        let rest = usize::try_from(start).ok().and_then(|start| stream.get(start..)).unwrap_or(&[]);
        span = span.max(scan(rest)?.0);
    }
    if span > MAX_SPAN {
        let limit = usize::try_from(MAX_SPAN).unwrap_or(usize::MAX);
        return Err(FaultKind::TooLarge { limit, what: "cells" });
    }
    Ok(())
}

/// Walks the records of an `.xls`: the largest rectangle that cells or a sheet's own statement of
/// its size span, and where the sheets start.
fn scan(stream: &[u8]) -> Result<(u64, HashSet<u32>), FaultKind> {
    let (mut rows, mut columns, mut stated) = (0_u64, 0_u64, 0_u64);
    let mut sheets = HashSet::new();
    let mut rest = stream;
    while let Some((head, body)) = rest.split_at_checked(4) {
        let (kind, length) = (u16_at(head, 0), usize::from(u16_at(head, 2)));
        let Some((record, after)) = body.split_at_checked(length) else { break };
        match kind {
            // FILEPASS
            0x2F => return Err(FaultKind::Protected),
            // BOUNDSHEET
            0x85 => {
                sheets.insert(u32_at(record, 0));
            }
            // DIMENSIONS
            0x200 => stated = stated.max(stated_span(record)),
            // Every kind of cell.
            0x01..=0x06 | 0x201 | 0x203..=0x205 | 0x207 | 0xD6 | 0xFD | 0x27E | 0xBD | 0xBE => {
                // MULRK and MULBLANK hold several cells side by side.
                let several = matches!(kind, 0xBD | 0xBE);
                let wide = if several { u64::try_from(record.len() / 2).unwrap_or(0) } else { 0 };
                rows = rows.max(u64::from(u16_at(record, 0)) + 1);
                columns = columns.max(u64::from(u16_at(record, 2)) + 1 + wide);
            }
            _ => {}
        }
        rest = after;
    }
    Ok((stated.max(rows * columns), sheets))
}

/// Rows by columns as a sheet states them; more than any bound where it begins after its end.
fn stated_span(record: &[u8]) -> u64 {
    let (first, last, columns) = if record.len() == 10 {
        (u32::from(u16_at(record, 0)), u32::from(u16_at(record, 2)), u16_at(record, 6))
    } else {
        (u32_at(record, 0), u32_at(record, 4), u16_at(record, 10))
    };
    if first > last { u64::MAX } else { (u64::from(last) + 1) * (u64::from(columns) + 1) }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    match bytes.get(at..at + 2) {
        Some([low, high]) => u16::from_le_bytes([*low, *high]),
        _ => 0,
    }
}

/// What was read so far, and how much of it there is.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) workbook: Workbook,
    seen: HashSet<&'static str>,
    /// The workbook has one sheet, which is the survey whatever its name.
    alone: bool,
    cells: usize,
    text: usize,
}

impl Gathered {
    /// True for the first sheet of each name that is read.
    fn takes(&mut self, name: &str) -> bool {
        self.alone
            || READ.into_iter().find(|read| same_name(name, read)).is_some_and(|read| self.seen.insert(read))
    }

    pub(crate) fn push(
        &mut self,
        row: u32,
        column: u32,
        text: String,
        cells: &mut Vec<(u32, u32, String)>,
    ) -> Result<(), FaultKind> {
        if text.is_empty() {
            return Ok(());
        }
        self.cells += 1;
        self.text += text.len();
        if self.cells > MAX_CELLS {
            return Err(FaultKind::TooLarge { limit: MAX_CELLS, what: "cells" });
        }
        if self.text > MAX_TEXT_BYTES {
            return Err(FaultKind::TooLarge { limit: MAX_TEXT_BYTES, what: "bytes of text" });
        }
        cells.push((row, column, text));
        Ok(())
    }
}

fn text_of_ref(value: &DataRef<'_>) -> Result<String, String> {
    match value {
        DataRef::Int(number) => Ok(number.to_string()),
        DataRef::Float(number) => Ok(text_of_number(*number)),
        DataRef::SharedString(text) => Ok((*text).to_owned()),
        DataRef::Bool(value) => Ok(text_of_bool(*value)),
        DataRef::DateTime(time) => Ok(text_of_time(time)),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Ok(text.clone()),
        DataRef::Error(error) => Err(error.to_string()),
        DataRef::Empty => Ok(String::new()),
    }
}

fn text_of_cell(value: &Data) -> Result<String, String> {
    match value {
        Data::Int(number) => Ok(number.to_string()),
        Data::Float(number) => Ok(text_of_number(*number)),
        Data::Bool(value) => Ok(text_of_bool(*value)),
        Data::DateTime(time) => Ok(text_of_time(time)),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Ok(text.clone()),
        Data::Error(error) => Err(error.to_string()),
        Data::Empty => Ok(String::new()),
        #[allow(unreachable_patterns, reason = "the reader may learn new kinds of cell")]
        other => Ok(other.to_string()),
    }
}

fn text_of_number(number: f64) -> String {
    crate::expression::text_of(number)
}

fn text_of_bool(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}

fn text_of_time(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    if time.as_f64().fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
