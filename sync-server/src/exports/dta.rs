//! Stata's `.dta`, as releases 14 and newer write it (format 118, `help dta` in Stata).
//!
//! Own code: the one kept crate that writes the format (`dta` 0.6) gives no way to make a value label, a characteristic or
//! a long string's reference of one's own; its constructors are private.
//!
//! Labels are in Indonesian; `label language en` in Stata changes to English. A label that is longer than Stata takes
//! stands in full in the variable's notes. Missing values are `.a` to `.d`, and their labels say why.

mod labels;
mod notes;
mod storage;

use labels::Labels;
use storage::Storage;

use super::origin::{Calendar, Origin};
use super::series::{Series, TableError, for_statistics, shortened};
use super::table::{Label, Table};

/// Stata's limits for 118.
const MOST_COLUMNS: usize = 32_767;
/// Bytes of a name, its closing zero too.
const NAME_FIELD: usize = 129;
const FORMAT_FIELD: usize = 57;
const LABEL_FIELD: usize = 321;
/// Characters of a label.
const LABEL_CHARACTERS: usize = 80;

/// A table as the bytes of a `.dta` file. The same table and origin give the same bytes.
///
/// # Errors
/// Where the table breaks what [`Table`] promises, or has more columns than the format.
pub fn dta(table: &Table, origin: &Origin) -> Result<Vec<u8>, TableError> {
    let columns = for_statistics(table)?;
    if columns.len() > MOST_COLUMNS {
        return Err(TableError::Large { table: table.name.to_string(), what: "columns", most: MOST_COLUMNS });
    }
    let variables: Vec<Variable> = columns.iter().map(Variable::of).collect();
    let labels = Labels::of(&columns);
    let mut file = File::default();
    file.raw(b"<stata_dta>");
    file.header(table, origin, columns.len());
    file.mark();
    let map = file.bytes.len() + b"<map>".len();
    file.within("map", |file| file.raw(&[0; 14 * 8]));
    file.schema(&variables, &labels);
    file.mark();
    let notes = notes::notes(table, origin, &columns, &labels);
    file.within("characteristics", |file| {
        for note in &notes {
            note.write(file);
        }
    });
    file.mark();
    file.data(&variables);
    file.mark();
    file.within("value_labels", |file| labels.write(file));
    file.mark();
    file.raw(b"</stata_dta>");
    file.mark();
    for (place, at) in std::mem::take(&mut file.places).into_iter().enumerate() {
        let slot = map + (place + 1) * 8;
        file.bytes[slot..slot + 8].copy_from_slice(&(at as u64).to_le_bytes());
    }
    Ok(file.bytes)
}

/// A column and how Stata stores it.
struct Variable<'a> {
    series: &'a Series,
    storage: Storage,
    format: String,
}

impl<'a> Variable<'a> {
    fn of(series: &'a Series) -> Self {
        let storage = Storage::of(series);
        Self { series, storage, format: storage.format(&series.kind) }
    }
}

/// The bytes so far, and where its parts begin.
#[derive(Default)]
struct File {
    bytes: Vec<u8>,
    /// Where each part begins that the map names, from the second on; the first begins at 0.
    places: Vec<usize>,
}

impl File {
    fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn mark(&mut self) {
        self.places.push(self.bytes.len());
    }

    fn within(&mut self, tag: &str, inside: impl FnOnce(&mut Self)) {
        self.raw(format!("<{tag}>").as_bytes());
        inside(self);
        self.raw(format!("</{tag}>").as_bytes());
    }

    /// A text in a field of this many bytes, filled up with zeros; at least one closes it.
    fn field(&mut self, text: &str, bytes: usize) {
        let text = text.as_bytes();
        let length = text.len().min(bytes.saturating_sub(1));
        self.raw(&text[..length]);
        self.bytes.resize(self.bytes.len() + bytes - length, 0);
    }

    /// A count in four bytes.
    fn count(&mut self, count: usize) {
        self.raw(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
    }

    fn header(&mut self, table: &Table, origin: &Origin, columns: usize) {
        self.within("header", |file| {
            file.within("release", |file| file.raw(b"118"));
            file.within("byteorder", |file| file.raw(b"LSF"));
            let count = u16::try_from(columns).unwrap_or(u16::MAX);
            file.within("K", |file| file.raw(&count.to_le_bytes()));
            file.within("N", |file| file.raw(&(table.rows.len() as u64).to_le_bytes()));
            let label = title(&table.label.id, origin);
            let length = u16::try_from(label.len()).unwrap_or(u16::MAX);
            file.within("label", |file| {
                file.raw(&length.to_le_bytes());
                file.raw(label.as_bytes());
            });
            file.within("timestamp", |file| {
                let stamp = stamp(origin.time);
                file.raw(&[u8::try_from(stamp.len()).unwrap_or(0)]);
                file.raw(stamp.as_bytes());
            });
        });
    }

    fn schema(&mut self, variables: &[Variable<'_>], labels: &Labels) {
        self.mark();
        self.within("variable_types", |file| {
            for one in variables {
                file.raw(&one.storage.code().to_le_bytes());
            }
        });
        self.mark();
        self.within("varnames", |file| {
            for one in variables {
                file.field(&one.series.name, NAME_FIELD);
            }
        });
        self.mark();
        self.within("sortlist", |file| file.raw(&vec![0; 2 * (variables.len() + 1)]));
        self.mark();
        self.within("formats", |file| {
            for one in variables {
                file.field(&one.format, FORMAT_FIELD);
            }
        });
        self.mark();
        self.within("value_label_names", |file| {
            for place in 0..variables.len() {
                file.field(labels.name(place), NAME_FIELD);
            }
        });
        self.mark();
        self.within("variable_labels", |file| {
            for one in variables {
                file.field(&label(&one.series.label.id), LABEL_FIELD);
            }
        });
    }

    fn data(&mut self, variables: &[Variable<'_>]) {
        let rows = variables.first().map_or(0, |one| one.series.cells.len());
        let mut long = Vec::new();
        self.within("data", |file| {
            for row in 0..rows {
                for (column, one) in variables.iter().enumerate() {
                    if let Some(cell) = one.series.cells.get(row) {
                        let kind = &one.series.kind;
                        one.storage.write(cell, kind, (column, row), &mut file.bytes, &mut long);
                    }
                }
            }
        });
        self.mark();
        self.within("strls", |file| file.raw(&long));
    }
}

/// A label as Stata takes it.
fn label(text: &str) -> String {
    let flat = shortened(text, usize::MAX);
    if flat.chars().count() <= LABEL_CHARACTERS {
        return flat;
    }
    let kept: String = flat.chars().take(LABEL_CHARACTERS - 1).collect();
    format!("{}…", kept.trim_end())
}

/// A dataset's label.
fn title(table: &str, origin: &Origin) -> String {
    label(&format!("{table} · {}", origin.release))
}

/// `dd Mon yyyy hh:mm`, in UTC.
fn stamp(time: i64) -> String {
    let calendar = Calendar::of(time);
    let clock = calendar.clock();
    let minute = clock.get(..5).unwrap_or_default();
    let year = calendar.year.clamp(0, 9999);
    format!("{:02} {} {year:04} {minute}", calendar.day, calendar.month_in_english())
}

/// A language's short name, and a label in it.
type Language = (&'static str, fn(&Label) -> &str);

/// Both languages in which Stata holds labels, the first being the one that shows.
const LANGUAGES: [Language; 2] = [("id", |label| &label.id), ("en", |label| &label.en)];
