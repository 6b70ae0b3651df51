//! Days and times as texts, and as days since 1970-01-01.

use std::fmt::Write;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY_MILLISECONDS: f64 = 86_400_000.0;

/// A local point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    year: i64,
    month: u32,
    day: u32,
    milliseconds: u32,
    /// Minutes east of Greenwich, where the text said so.
    offset: Option<i32>,
}

/// True for a day that exists, written `2026-11-22`.
pub(crate) fn is_day(text: &str) -> bool {
    text.len() == 10 && Moment::of(text).is_some()
}

/// Days since 1970-01-01 of a day or a local time; none where it is neither.
pub(crate) fn days_of(text: &str) -> Option<f64> {
    Some(Moment::of(text)?.days())
}

/// Days since 1970-01-01 in UTC of a day or a time; without an offset of its own it is one where it is `now`.
pub(crate) fn utc_days_of(text: &str, now: &str) -> Option<f64> {
    let moment = Moment::of(text.trim())?;
    Some(moment.utc_days(offset_of(now)))
}

/// The offset at the end of a time, in minutes east of Greenwich; 0 where there is none.
pub(crate) fn offset_of(now: &str) -> i32 {
    Moment::of(now).and_then(|moment| moment.offset).unwrap_or(0)
}

/// True for what begins as a day does: `2026-11-22...`.
pub(crate) fn looks_like_a_day(text: &str) -> bool {
    Moment::of(text).is_some()
}

/// The part of the local day that has passed at a time (`10:11:12.000+07:00`) or moment, where it is `now`.
pub(crate) fn part_of_day(text: &str, now: &str) -> Option<f64> {
    if let Some(moment) = Moment::of(text) {
        return Some(f64::from(moment.local(offset_of(now)).milliseconds) / DAY_MILLISECONDS);
    }
    let (milliseconds, offset) = time_of(text)?;
    let shift = offset.map_or(0, |own| i64::from(offset_of(now) - own) * 60_000);
    let local = (i64::from(milliseconds) + shift).rem_euclid(86_400_000);
    Some(f64::from(u32::try_from(local).unwrap_or(0)) / DAY_MILLISECONDS)
}

impl Moment {
    /// Reads `2026-11-22` and `2026-11-22T10:11:12.000+07:00`; the offset is kept and not applied.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let (year, month, day) =
            (digits(parts.next()?, 4)?, one_or_two(parts.next()?)?, one_or_two(parts.next()?)?);
        let exists =
            parts.next().is_none() && (1..=12).contains(&month) && (1..=length(year, month)).contains(&day);
        let (milliseconds, offset) = time.map_or(Some((0, None)), time_of)?;
        exists.then_some(Self { year: i64::from(year), month, day, milliseconds, offset })
    }

    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn after(days: f64) -> Option<Self> {
        if !days.is_finite() || days.abs() > 3_000_000.0 {
            return None;
        }
        let whole = days.floor();
        let milliseconds = ((days - whole) * DAY_MILLISECONDS).round().min(DAY_MILLISECONDS - 1.0) as u32;
        let (year, month, day) = civil(whole as i64);
        (0..=9999).contains(&year).then_some(Self { year, month, day, milliseconds, offset: None })
    }

    /// The same moment as it is called `offset` minutes east of Greenwich.
    pub(crate) fn local(self, offset: i32) -> Self {
        let Some(own) = self.offset.filter(|own| *own != offset) else { return self };
        let shifted = self.days() + f64::from(offset - own) / 1440.0;
        Self::after(shifted).map_or(self, |moved| Self { offset: Some(offset), ..moved })
    }

    /// Days since 1970-01-01 in UTC; without an own offset it is one at `offset`.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn utc_days(self, offset: i32) -> f64 {
        let milliseconds = day_number(self.year, self.month, self.day) * 86_400_000
            + i64::from(self.milliseconds)
            - i64::from(self.offset.unwrap_or(offset)) * 60_000;
        milliseconds as f64 / DAY_MILLISECONDS
    }

    /// As a day, and where `always` or it is not midnight with its time: `2026-11-22T10:11:12.000+07:00`.
    pub(crate) fn time_text(self, offset: i32, always: bool) -> String {
        if self.milliseconds == 0 && !always {
            return self.day_text();
        }
        let sign = if offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
        self.format(&format!("%Y-%m-%dT%H:%M:%S.%3{sign}{hours:02}:{minutes:02}"))
    }

    #[allow(clippy::cast_precision_loss)]
    fn days(self) -> f64 {
        day_number(self.year, self.month, self.day) as f64 + f64::from(self.milliseconds) / DAY_MILLISECONDS
    }

    pub(crate) fn day_text(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `format-date`: `%Y %y %m %n %b %d %e %H %h %M %S %3 %a`, all else as it stands.
    pub(crate) fn format(self, pattern: &str) -> String {
        let mut text = String::new();
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            if character == '%' {
                self.directive(characters.next(), &mut text);
            } else {
                text.push(character);
            }
        }
        text
    }

    fn directive(self, letter: Option<char>, text: &mut String) {
        let (hour, minute) = (self.milliseconds / 3_600_000, self.milliseconds / 60_000 % 60);
        let (second, rest) = (self.milliseconds / 1000 % 60, self.milliseconds % 1000);
        // Writing to a String cannot fail.
        let _ = match letter {
            Some('Y') => write!(text, "{:04}", self.year),
            Some('y') => write!(text, "{:02}", self.year % 100),
            Some('m') => write!(text, "{:02}", self.month),
            Some('n') => write!(text, "{}", self.month),
            Some('b') => write!(text, "{}", name(&MONTHS, u64::from(self.month) + 11)),
            Some('d') => write!(text, "{:02}", self.day),
            Some('e') => write!(text, "{}", self.day),
            Some('H') => write!(text, "{hour:02}"),
            Some('h') => write!(text, "{hour}"),
            Some('M') => write!(text, "{minute:02}"),
            Some('S') => write!(text, "{second:02}"),
            Some('3') => write!(text, "{rest:03}"),
            Some('a') => {
                let number = day_number(self.year, self.month, self.day) + 4;
                write!(text, "{}", name(&WEEKDAYS, number.rem_euclid(7).unsigned_abs()))
            }
            Some(other) => write!(text, "%{other}"),
            None => write!(text, "%"),
        };
    }
}

fn name(names: &[&'static str], index: u64) -> &'static str {
    let index = usize::try_from(index).unwrap_or(0) % names.len().max(1);
    names.get(index).copied().unwrap_or("")
}

fn digits(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn one_or_two(text: &str) -> Option<u32> {
    digits(text, 2).or_else(|| digits(text, 1))
}

/// `10:11`, `10:11:12`, `10:11:12.000`, each with or without `Z` or `+07:00`: milliseconds, and minutes east.
fn time_of(time: &str) -> Option<(u32, Option<i32>)> {
    let (local, offset) = match time.find(['Z', '+', '-']) {
        Some(at) => (time.get(..at)?, Some(minutes_east(time.get(at..)?)?)),
        None => (time, None),
    };
    let (clock, fraction) = local.split_once('.').unwrap_or((local, "0"));
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |text| digits(text, 2))?;
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths = digits(&fraction, 3)?;
    let exists = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    exists.then_some((((hour * 60 + minute) * 60 + second) * 1000 + thousandths, offset))
}

/// `Z`, `+07`, `+07:00`, `-0330`.
fn minutes_east(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let hours = digits(text.get(1..3)?, 2)?;
    let rest = text.get(3..)?;
    let minutes = if rest.is_empty() { 0 } else { digits(rest.strip_prefix(':').unwrap_or(rest), 2)? };
    let east = i32::try_from(hours * 60 + minutes).ok().filter(|_| hours < 24 && minutes < 60)?;
    Some(if text.starts_with('-') { -east } else { east })
}

fn length(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
fn day_number(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = i64::from((month + 9) % 12);
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The reverse of [`day_number`]: year, month, day.
fn civil(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}
