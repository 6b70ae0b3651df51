//! How Stata stores a column, and a cell of it.

use super::super::series::{Series, nearest};
use super::super::table::{Cell, Kind, Missing};

/// The largest text that stands in its row; a longer one stands apart and the row refers to it.
const LONGEST_IN_ROW: usize = 2045;

/// Days from 1960-01-01, where Stata counts from, to 1970-01-01.
const EPOCH_DAYS: i64 = 3653;

/// What Stata calls `storage type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    Byte,
    Int,
    Long,
    Double,
    Text(u16),
    LongText,
}

impl Storage {
    /// The smallest that holds every cell.
    pub fn of(series: &Series) -> Self {
        match series.kind {
            Kind::Text => {
                let length = |cell: &Cell| if let Cell::Text(text) = cell { text.len() } else { 0 };
                let longest = series.cells.iter().map(length).max().unwrap_or(0).max(1);
                match u16::try_from(longest) {
                    Ok(length) if longest <= LONGEST_IN_ROW => Self::Text(length),
                    _ => Self::LongText,
                }
            }
            Kind::Decimal(_) | Kind::Moment => Self::Double,
            Kind::Whole | Kind::Date | Kind::Choice(_) => {
                // A column of choices keeps its type when another release has other answers.
                let all: Vec<i64> = match &series.kind {
                    Kind::Choice(choices) => choices.iter().map(|choice| i64::from(choice.code)).collect(),
                    kind => series.cells.iter().filter_map(|cell| whole(cell, kind)).collect(),
                };
                let within = |low, high| all.iter().all(|number| (low..=high).contains(number));
                if within(-127, 100) {
                    Self::Byte
                } else if within(-32_767, 32_740) {
                    Self::Int
                } else if within(-2_147_483_647, 2_147_483_620) {
                    Self::Long
                } else {
                    Self::Double
                }
            }
        }
    }

    /// Its number in the file.
    pub fn code(self) -> u16 {
        match self {
            Self::Byte => 65_530,
            Self::Int => 65_529,
            Self::Long => 65_528,
            Self::Double => 65_526,
            Self::Text(length) => length,
            Self::LongText => 32_768,
        }
    }

    /// How Stata shows it.
    pub fn format(self, kind: &Kind) -> String {
        match (kind, self) {
            (Kind::Date, _) => "%tdCCYY-NN-DD".to_owned(),
            // Without more after it: ReadStat takes only the bare name for a moment.
            (Kind::Moment, _) => "%tc".to_owned(),
            (Kind::Decimal(places), _) => format!("%{}.{places}f", 10 + usize::from(*places)),
            (_, Self::Text(length)) => format!("%-{}s", length.clamp(9, 60)),
            (_, Self::LongText) => "%-60s".to_owned(),
            (_, Self::Double) => "%16.0f".to_owned(),
            _ => "%12.0g".to_owned(),
        }
    }

    /// Writes a cell: into the row, and a long text apart.
    pub fn write(
        self,
        cell: &Cell,
        kind: &Kind,
        place: (usize, usize),
        row: &mut Vec<u8>,
        long: &mut Vec<u8>,
    ) {
        let text = if let Cell::Text(text) = cell { text.replace('\0', " ") } else { String::new() };
        match self {
            Self::Text(length) => {
                let end = row.len() + usize::from(length);
                row.extend_from_slice(text.as_bytes());
                row.resize(end, 0);
            }
            Self::LongText => refer(&text, place, row, long),
            Self::Double => row.extend_from_slice(&double(cell, kind).to_le_bytes()),
            Self::Long => {
                let number =
                    missing(cell, 2_147_483_621).or_else(|| whole(cell, kind)).unwrap_or(2_147_483_621);
                row.extend_from_slice(&i32::try_from(number).unwrap_or(i32::MAX).to_le_bytes());
            }
            Self::Int => {
                let number = missing(cell, 32_741).or_else(|| whole(cell, kind)).unwrap_or(32_741);
                row.extend_from_slice(&i16::try_from(number).unwrap_or(i16::MAX).to_le_bytes());
            }
            Self::Byte => {
                let number = missing(cell, 101).or_else(|| whole(cell, kind)).unwrap_or(101);
                row.extend_from_slice(&i8::try_from(number).unwrap_or(i8::MAX).to_le_bytes());
            }
        }
    }
}

/// How far a missing value is from Stata's `.`: 1 for `.a`.
pub fn offset(missing: Missing) -> u8 {
    u8::try_from(u32::from(missing.letter()) - u32::from('a') + 1).unwrap_or(0)
}

/// The number of a missing cell in an integer type, whose `.` is this.
fn missing(cell: &Cell, system: i64) -> Option<i64> {
    if let Cell::Missing(why) = cell { Some(system + i64::from(offset(*why))) } else { None }
}

fn whole(cell: &Cell, kind: &Kind) -> Option<i64> {
    match (cell, kind) {
        (Cell::Whole(number), _) => Some(*number),
        (Cell::Date(days), _) => Some(i64::from(*days) + EPOCH_DAYS),
        (Cell::Choice(place), Kind::Choice(choices)) => choices.get(*place).map(|choice| choice.code.into()),
        _ => None,
    }
}

fn double(cell: &Cell, kind: &Kind) -> f64 {
    match (cell, kind) {
        // `.` is 2^1023, and each letter adds to the third hexadecimal digit of the fraction.
        (Cell::Missing(why), _) => f64::from_bits(0x7fe0_0000_0000_0000 + (u64::from(offset(*why)) << 40)),
        (Cell::Decimal(units), Kind::Decimal(places)) => nearest(*units, *places),
        #[expect(clippy::cast_precision_loss, reason = "exact up to the year 287,000")]
        (Cell::Moment(seconds), _) => {
            (i128::from(*seconds) * 1000 + i128::from(EPOCH_DAYS) * 86_400_000) as f64
        }
        #[expect(clippy::cast_precision_loss, reason = "what a double would round has become text before")]
        _ => whole(cell, kind).map_or(f64::from_bits(0x7fe0_0000_0000_0000), |number| number as f64),
    }
}

/// A text that stands apart: its column and row, from 1, are the reference. A blank one is nowhere.
fn refer(text: &str, (column, row): (usize, usize), data: &mut Vec<u8>, long: &mut Vec<u8>) {
    if text.is_empty() {
        data.extend_from_slice(&[0; 8]);
        return;
    }
    let (column, row) = (column as u64 + 1, row as u64 + 1);
    data.extend_from_slice(&column.to_le_bytes()[..2]);
    data.extend_from_slice(&row.to_le_bytes()[..6]);
    long.extend_from_slice(b"GSO");
    long.extend_from_slice(&column.to_le_bytes()[..4]);
    long.extend_from_slice(&row.to_le_bytes());
    // A text, with a zero at its end that is counted.
    long.push(130);
    long.extend_from_slice(&u32::try_from(text.len() + 1).unwrap_or(u32::MAX).to_le_bytes());
    long.extend_from_slice(text.as_bytes());
    long.push(0);
}
