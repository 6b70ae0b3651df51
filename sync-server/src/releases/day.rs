//! The day that a release is dated.

use super::error::ReleaseError;
use crate::exports::calendar::clock_at;

/// A day as it was given, or today's in western Indonesia: `2026-11-25`.
///
/// # Errors
/// Where the text is no day.
pub fn day_of(given: Option<&str>, now: i64) -> Result<String, ReleaseError> {
    match given {
        Some(text) if is_day(text) => Ok(text.to_owned()),
        Some(text) => Err(ReleaseError::Date(text.to_owned())),
        None => Ok(clock_at(now).today),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_dated_in_western_indonesia() {
        assert_eq!(day_of(None, 1_795_539_600).unwrap(), "2026-11-25");
        assert_eq!(day_of(None, 1_795_539_599).unwrap(), "2026-11-24");
        assert_eq!(day_of(Some("2026-11-25"), 0).unwrap(), "2026-11-25");
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
