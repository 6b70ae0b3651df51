//! Small settings of this device, kept in local storage.

use gloo_storage::{LocalStorage, Storage};

use crate::i18n::Locale;

const LANGUAGE: &str = "loket.language";
const CONNECTED: &str = "loket.connected";
const KIOSK_UNIT: &str = "loket.kiosk.unit";

/// The language chosen here, Indonesian where none was.
pub fn language() -> Locale {
    LocalStorage::get::<String>(LANGUAGE).ok().and_then(|code| code.parse().ok()).unwrap_or(Locale::id)
}

/// Remembers the language. Where local storage is closed to us the choice lasts until the page closes.
pub fn remember_language(locale: Locale) {
    let _ = LocalStorage::set(LANGUAGE, locale.as_str());
}

/// Remembers, apart from the device's data, that there was some.
pub fn remember_connected() {
    let _ = LocalStorage::set(CONNECTED, true);
}

/// Whether this browser was connected once. Where the device's data is gone all the same, the browser cleared it.
pub fn was_connected() -> bool {
    LocalStorage::get(CONNECTED).unwrap_or(false)
}

/// The unit that this kiosk stands at.
pub fn kiosk_unit() -> Option<String> {
    LocalStorage::get(KIOSK_UNIT).ok()
}

/// Remembers the kiosk's unit; where that fails it is asked for again.
pub fn remember_kiosk_unit(unit: &str) {
    let _ = LocalStorage::set(KIOSK_UNIT, unit);
}
