//! Cells as plain text: the same in every format that has no types.

use super::calendar::{day_text, moment_text};
use super::table::{Cell, Column, Kind};

/// A cell as text: numbers with a point, days and moments by ISO 8601, a choice by its name; none where there is no value.
pub fn text_of(cell: &Cell, column: &Column) -> Option<String> {
    Some(match (cell, &column.kind) {
        (Cell::Text(text), _) => text.clone(),
        (Cell::Whole(number), _) => number.to_string(),
        (Cell::Decimal(number), kind) => decimal_text(*number, places_of(kind)),
        (Cell::Date(days), _) => day_text(*days),
        (Cell::Moment(seconds), _) => moment_text(*seconds),
        (Cell::Choice(at), Kind::Choice(choices)) => choices.get(*at)?.name.clone(),
        (Cell::Missing(_) | Cell::Choice(_), _) => return None,
    })
}

/// The places of a kind; none has none.
pub fn places_of(kind: &Kind) -> u8 {
    match kind {
        Kind::Decimal(places) => *places,
        _ => 0,
    }
}

/// A number of units of the last place as a decimal: 9371 with two places is `93.71`.
pub fn decimal_text(number: i64, places: u8) -> String {
    let places = usize::from(places);
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", number.unsigned_abs(), width = places + 1);
    match digits.split_at_checked(digits.len() - places) {
        Some((whole, fraction)) if places > 0 => format!("{sign}{whole}.{fraction}"),
        _ => format!("{sign}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_places_and_sign() {
        for (number, places, text) in [
            (9_371, 2, "93.71"),
            (-5, 2, "-0.05"),
            (0, 1, "0.0"),
            (7, 0, "7"),
            (i64::MIN, 0, "-9223372036854775808"),
        ] {
            assert_eq!(decimal_text(number, places), text);
        }
    }
}
