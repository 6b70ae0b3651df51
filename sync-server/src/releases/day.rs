//! The day that a release is dated.

use super::error::ReleaseError;

/// Seconds that western Indonesia's clocks are ahead of UTC.
const WIB: i64 = 7 * 3_600;
const DAY: i64 = 86_400;

/// A day as it was given, or today's in western Indonesia: `2026-11-25`.
///
/// # Errors
/// Where the text is no day.
pub fn day_of(given: Option<&str>, now: i64) -> Result<String, ReleaseError> {
    match given {
        Some(text) if is_day(text) => Ok(text.to_owned()),
        Some(text) => Err(ReleaseError::Date(text.to_owned())),
        None => Ok(written((now + WIB).div_euclid(DAY))),
    }
}

fn is_day(text: &str) -> bool {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<i64>().ok())
    };
    let marks = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let (Some(year), Some(month), Some(day), true) = (number(0, 4), number(5, 7), number(8, 10), marks)
    else {
        return false;
    };
    (1..=12).contains(&month) && (1..=length(year, month)).contains(&day)
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// A day as text, from days since 1970-01-01; days before that are that one.
fn written(days: i64) -> String {
    let (mut left, mut year, mut month) = (days.max(0), 1970, 1);
    // Four centuries have as many days each.
    let (centuries, rest) = (left / 146_097, left % 146_097);
    year += 400 * centuries;
    left = rest;
    while left >= 365 + i64::from(is_leap(year)) {
        left -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    while left >= length(year, month) {
        left -= length(year, month);
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_the_calendar_has_them() {
        for (days, text) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (20_782, "2026-11-25"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(written(days), text);
            assert!(is_day(text));
        }
        assert_eq!(day_of(None, 20_782 * DAY - 6 * 3_600).unwrap(), "2026-11-25", "it is morning in Jakarta");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "26-01-01",
            "2026-01-00",
            "+026-01-01",
            "besok",
        ] {
            assert!(matches!(day_of(Some(text), 0), Err(ReleaseError::Date(_))), "{text}");
        }
    }
}
