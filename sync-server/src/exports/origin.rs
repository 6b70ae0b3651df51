//! What a file says about where it comes from, and the calendar that formats want.

use super::calendar::civil;

/// The release that a file was written from. Files take their dates from here and never from a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Which release, for people: `Rilis 3`.
    pub release: String,
    /// When it was closed, in Unix seconds.
    pub time: i64,
    /// SHA-256 of its manifest, in hex.
    pub manifest: String,
}

/// A moment in UTC as a calendar shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// Year, since year 0.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// Seconds of the day.
    pub second: u32,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Calendar {
    /// The calendar of a moment in Unix seconds. Any number gives some day.
    pub fn of(time: i64) -> Self {
        let (year, month, day) = civil(time.div_euclid(86_400));
        Self {
            year,
            month: u8::try_from(month).unwrap_or(1),
            day: u8::try_from(day).unwrap_or(1),
            second: u32::try_from(time.rem_euclid(86_400)).unwrap_or_default(),
        }
    }

    /// The month in three English letters, as file formats want it.
    pub fn month_in_english(self) -> &'static str {
        MONTHS.get(usize::from(self.month.saturating_sub(1))).copied().unwrap_or("Jan")
    }

    /// `hh:mm:ss`.
    pub fn clock(self) -> String {
        format!("{:02}:{:02}:{:02}", self.second / 3600, self.second / 60 % 60, self.second % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_falls_on_its_day_before_1970_too() {
        for (time, year, month, day) in [(0, 1970, 1, 1), (1_735_689_599, 2024, 12, 31), (-1, 1969, 12, 31)] {
            let calendar = Calendar::of(time);
            assert_eq!((calendar.year, calendar.month, calendar.day), (year, month, day), "{time}");
        }
        assert_eq!(Calendar::of(1_735_689_599).clock(), "23:59:59");
        assert_eq!(Calendar::of(0).month_in_english(), "Jan");
    }
}
