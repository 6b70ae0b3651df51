//! Times, sizes and names put into words in the person's language.

use wasm_bindgen::JsValue;

use crate::i18n::I18n;

/// A moment in seconds since 1970 as the language writes it: `22 Nov 2026, 10.42`.
pub fn moment(i18n: I18n, seconds: i64) -> String {
    #[allow(clippy::cast_precision_loss)] // seconds of this century are exact in a double
    let date = js_sys::Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
    let options = js_sys::Object::new();
    // Setting a plain property on a fresh object cannot fail.
    let _ = js_sys::Reflect::set(&options, &"dateStyle".into(), &"medium".into());
    let _ = js_sys::Reflect::set(&options, &"timeStyle".into(), &"short".into());
    let language = i18n.get_locale().as_str();
    date.to_locale_string(language, &options).into()
}

/// Bytes in the largest unit that leaves a readable number: `1,4 MB`.
pub fn size(i18n: I18n, bytes: f64) -> String {
    let (amount, unit) = match bytes {
        b if b >= 1e9 => (b / 1e9, "GB"),
        b if b >= 1e6 => (b / 1e6, "MB"),
        b => (b / 1e3, "kB"),
    };
    let number = js_sys::Number::from((amount * 10.0).round() / 10.0);
    let language = i18n.get_locale().as_str();
    format!("{} {unit}", number.to_locale_string(language))
}

/// As `str::to_lowercase`, by the browser's tables, which need not be downloaded.
pub fn lowercase(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        js_sys::JsString::from(text).to_lower_case().into()
    }
}
