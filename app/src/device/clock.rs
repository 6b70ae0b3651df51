//! What time it is by this device, which may be wrong by years; nothing but people's eyes relies on it.

use survey::expression::Clock;

use crate::device::web;

/// Milliseconds since 1970.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
pub fn unix_millis() -> u64 {
    js_sys::Date::now().clamp(0.0, 9_007_199_254_740_991.0) as u64
}

/// Seconds since 1970.
pub fn unix_seconds() -> i64 {
    i64::try_from(unix_millis() / 1000).unwrap_or(i64::MAX)
}

/// Today where the device is, as `2025-08-17`.
pub fn today() -> String {
    let now = js_sys::Date::new_0();
    format!("{:04}-{:02}-{:02}", now.get_full_year(), now.get_month() + 1, now.get_date())
}

/// Now where the device is, as `2025-08-17T09:30:05.042+07:00`.
pub fn now() -> String {
    let now = js_sys::Date::new_0();
    format!(
        "{}T{:02}:{:02}:{:02}.{:03}{}",
        today(),
        now.get_hours(),
        now.get_minutes(),
        now.get_seconds(),
        now.get_milliseconds(),
        offset(now.get_timezone_offset())
    )
}

/// The time as a form being filled wants to know it.
pub fn clock() -> Clock {
    Clock { today: today(), now: now(), chance: chance() }
}

/// Random bits of the browser; none where it has no such, as every browser that runs Loket has.
fn chance() -> u128 {
    web::random().map_or(0, u128::from_le_bytes)
}

/// The browser's offset counts minutes west of Greenwich; ISO 8601 writes hours and minutes east of it.
fn offset(minutes_west: f64) -> String {
    let sign = if minutes_west > 0.0 { '-' } else { '+' };
    let minutes = minutes_west.abs();
    format!("{sign}{:02.0}:{:02.0}", (minutes / 60.0).floor(), minutes % 60.0)
}
