//! Days and moments as numbers and as text, in the proleptic Gregorian calendar, without a time zone of this machine.

use survey::expression::Clock;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Seconds that western Indonesia's clocks are ahead of UTC.
const WIB: i64 = 7 * 3_600;

/// Days since 1970-01-01 of a text such as `2026-11-22`; none where it is no day.
pub fn day_of(text: &str) -> Option<i32> {
    let mut parts = text.splitn(3, '-');
    let mut number = |digits: usize| -> Option<i64> {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| part.parse().ok())?
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let days = i32::try_from(from_civil(year, month, day)).ok()?;
    // A day that the month does not have comes out as another one.
    (day_text(days) == text).then_some(days)
}

/// Seconds since 1970 of a text such as `2026-11-22T10:11:00.000+07:00`, parts of a second cut off; none where it is
/// no moment. One without an offset is taken as UTC.
pub fn moment_of(text: &str) -> Option<i64> {
    let (day, clock) = text.split_once('T')?;
    let offset_at = clock.find(['+', '-', 'Z']).unwrap_or(clock.len());
    let (clock, offset) = clock.split_at_checked(offset_at)?;
    let seconds = seconds_of(clock.split('.').next()?)?;
    let offset = match offset {
        "" | "Z" => 0,
        _ => {
            let sign = if offset.starts_with('-') { -1 } else { 1 };
            sign * seconds_of(offset.get(1..)?)?
        }
    };
    Some(i64::from(day_of(day)?) * DAY + seconds - offset)
}

/// `10`, `10:11` or `10:11:12` in seconds.
fn seconds_of(clock: &str) -> Option<i64> {
    let (mut seconds, mut unit, mut count) = (0, 3_600, 0);
    for (part, below) in clock.split(':').zip([24, 60, 60]) {
        let number: i64 = (part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit()))
            .then(|| part.parse().ok())??;
        seconds += (number < below).then_some(number * unit)?;
        (unit, count) = (unit / 60, count + 1);
    }
    (count == clock.split(':').count()).then_some(seconds)
}

/// A day as `2026-11-22`.
pub fn day_text(days: i32) -> String {
    let (year, month, day) = civil(i64::from(days));
    format!("{year:04}-{month:02}-{day:02}")
}

/// A moment as `2026-11-22T03:11:00Z`.
pub fn moment_text(seconds: i64) -> String {
    let (days, left) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", left / 3_600, left / 60 % 60, left % 60)
}

/// What a clock in western Indonesia shows at a moment in Unix seconds, for a form that is read as it was then.
pub fn clock_at(seconds: i64) -> Clock {
    let local = moment_text(seconds.saturating_add(WIB));
    let day = local.split('T').next().unwrap_or_default().to_owned();
    Clock { today: day, now: local.replace('Z', ".000+07:00"), chance: 0 }
}

/// Days since 1970-01-01 of a year, month and day. Years are counted from March, so that the day that a leap year has
/// more is its last.
fn from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of so many days since 1970-01-01.
pub fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_western_indonesias() {
        for (seconds, text) in [
            (1_795_539_600, "2026-11-25T00:00:00.000+07:00"),
            (1_795_539_599, "2026-11-24T23:59:59.000+07:00"),
            (951_850_861, "2000-03-01T02:01:01.000+07:00"),
        ] {
            let Clock { today, now, .. } = clock_at(seconds);
            assert_eq!((now.as_str(), today.as_str()), (text, &text[..10]));
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back_and_follows_the_one_before() {
        for days in -135_140..=73_050 {
            assert_eq!(day_of(&day_text(days)), Some(days));
        }
        // The day that Unix begins with, a leap day, and the last day of a century without one.
        for (text, days) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("1900-02-28", -25_509)] {
            assert_eq!(day_of(text), Some(days), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_or_moment_is_refused() {
        for text in ["", "2026-02-29", "2026-13-01", "2026-1-1", "+026-01-01", "2026-01-00", "20260101"] {
            assert_eq!(day_of(text), None, "{text}");
        }
        for text in ["2026-01-01", "2026-01-01T", "2026-01-01T25:00", "2026-01-01T10:00:00:00", "T10:00"] {
            assert_eq!(moment_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_told_in_utc_whatever_offset_it_was_written_with() {
        for (text, utc) in [
            ("2026-11-22T10:11:12.345+07:00", "2026-11-22T03:11:12Z"),
            ("2026-11-22T02:00:00.000+09", "2026-11-21T17:00:00Z"),
            ("2026-11-22T23:30:00.000-00:30", "2026-11-23T00:00:00Z"),
            ("2026-11-22T10:11:12Z", "2026-11-22T10:11:12Z"),
        ] {
            assert_eq!(moment_of(text).map(moment_text).as_deref(), Some(utc), "{text}");
        }
    }
}
