//! Numbers as `XPath` writes and reads them.

use crate::expression::dates;
use crate::expression::tree::Manner;

/// The number that a text stands for: digits with an optional sign and point, or a day or time
/// (days since 1970-01-01, local); NaN for anything else. No exponent, as in `XPath` 1.0.
pub fn number_of(text: &str) -> f64 {
    let number = plain_number_of(text);
    if number.is_nan() { dates::days_of(text.trim()).unwrap_or(f64::NAN) } else { number }
}

/// As [`number_of`], without days and times.
pub(crate) fn plain_number_of(text: &str) -> f64 {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain =
        digits.bytes().any(|b| b.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

/// A number as text: no exponent, no `.0`, blank for NaN.
pub fn text_of(number: f64) -> String {
    if number.is_nan() {
        String::new()
    } else if number.is_infinite() {
        (if number > 0.0 { "Infinity" } else { "-Infinity" }).to_owned()
    } else if number == 0.0 {
        "0".to_owned()
    } else {
        number.to_string()
    }
}

/// Rounds to `digits` after the point (before it where negative); NaN beyond 30 of them. What becomes of
/// halves below 0, [`Manner`] says.
pub(crate) fn round(number: f64, digits: f64, manner: Manner) -> f64 {
    if number.is_nan() || number.is_infinite() || digits.is_nan() {
        return number;
    }
    let digits = digits.trunc();
    if digits.abs() > 30.0 {
        return f64::NAN;
    }
    // Moving the point in text keeps 2.345 from becoming 2.3449999.
    let moved = if digits == 0.0 { number } else { shifted(number, digits) };
    let rounded = match manner {
        Manner::OpenRosa if moved < 0.0 => -(-moved + 0.5).floor(),
        Manner::JavaRosa if digits < 0.0 => (moved + 0.5).trunc(),
        _ => (moved + 0.5).floor(),
    };
    if digits == 0.0 { rounded } else { shifted(rounded, -digits) }
}

fn shifted(number: f64, digits: f64) -> f64 {
    format!("{number:e}")
        .split_once('e')
        .and_then(|(mantissa, exponent)| {
            let exponent: f64 = exponent.parse().ok()?;
            format!("{mantissa}e{}", exponent + digits).parse().ok()
        })
        .unwrap_or(f64::NAN)
}
