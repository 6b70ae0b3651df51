//! Numbers as `XPath` writes and reads them.

use crate::expression::dates;

/// The number that a text stands for: digits with an optional sign and point, or a day or time
/// (days since 1970-01-01, local); NaN for anything else. No exponent, as in `XPath` 1.0.
pub fn number_of(text: &str) -> f64 {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain =
        digits.bytes().any(|b| b.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain {
        return text.parse().unwrap_or(f64::NAN);
    }
    dates::days_of(text).unwrap_or(f64::NAN)
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

/// Rounds to `digits` after the point (before it where negative), halves upwards.
pub(crate) fn round(number: f64, digits: f64) -> f64 {
    if number.is_nan() || number.is_infinite() || digits.is_nan() {
        return number;
    }
    let digits = digits.clamp(-30.0, 30.0).trunc();
    if digits == 0.0 {
        return (number + 0.5).floor();
    }
    // Moving the point in text keeps 2.345 from becoming 2.3449999.
    let moved = shifted(number, digits);
    let rounded = if moved >= 0.0 { (moved + 0.5).floor() } else { -(-moved + 0.5).floor() };
    shifted(rounded, -digits)
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
