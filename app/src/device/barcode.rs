//! Codes in pictures, by the platform's own detector where the browser has one.

use js_sys::Array;
use web_sys::File;

use super::web;

/// Whether this browser reads codes.
pub fn is_there() -> bool {
    web::property(&js_sys::global(), "BarcodeDetector").is_some()
}

/// The first code in a picture; none where there is none, or the picture cannot be read.
pub async fn read(file: &File) -> Option<String> {
    let detector = web::construct("BarcodeDetector", &[])?;
    let window = web_sys::window()?;
    let made = web::call(&window, "createImageBitmap", &[file.clone().into()]).ok()?;
    let picture = web::settled(&made).await.ok()?;
    let asked = web::call(&detector, "detect", &[picture]).ok()?;
    let found: Array = web::settled(&asked).await.ok()?.into();
    web::property(&found.get(0), "rawValue")?.as_string()
}
