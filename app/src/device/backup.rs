//! Files for people to keep: what the server refused, and backups; saved, or handed to another app.

mod take;
mod write;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::web;

pub use take::{TakeError, Taken, take_in};
pub use write::{Written, write, write_carried};

/// A file in pieces, which the browser holds.
#[derive(Debug, Clone, Default)]
pub struct Pieces(Array);

impl Pieces {
    /// Adds a piece at the end.
    pub fn add(&self, bytes: &[u8]) {
        self.0.push(&Uint8Array::from(bytes));
    }
}

/// Offers bytes to the person as a file to download. Tells whether the browser took them.
pub fn save_file(name: &str, bytes: &[u8]) -> bool {
    let pieces = Pieces::default();
    pieces.add(bytes);
    save(name, &pieces)
}

/// Offers a file to the person to download. Tells whether the browser took it.
pub fn save(name: &str, pieces: &Pieces) -> bool {
    download(name, pieces).is_ok()
}

/// Whether this browser can hand files to other apps at all.
pub fn can_share() -> bool {
    web::property(&navigator(), "canShare").is_some()
}

/// Hands a file to another app that the person picks. Tells whether it went.
pub async fn share(name: &str, pieces: &Pieces) -> bool {
    // Browsers share only kinds of files that they know; a text is one of them everywhere.
    for (name, kind) in [(name.to_owned(), "application/cbor"), (format!("{name}.txt"), "text/plain")] {
        let options = web::object(&[("type", kind.into())]);
        let Some(file) = web::construct("File", &[pieces.0.clone().into(), name.into(), options]) else {
            return false;
        };
        let what = web::object(&[("files", Array::of1(&file).into())]);
        let can = web::call(&navigator(), "canShare", std::slice::from_ref(&what));
        if can.is_ok_and(|can| can.is_truthy()) {
            let Ok(shared) = web::call(&navigator(), "share", &[what]) else { return false };
            return web::settled(&shared).await.is_ok();
        }
    }
    false
}

/// A file's bytes.
///
/// # Errors
/// What the browser says where it cannot be read.
pub async fn read(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let buffer = web::settled(&file.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn navigator() -> JsValue {
    web_sys::window().map_or(JsValue::UNDEFINED, |window| window.navigator().into())
}

fn download(name: &str, pieces: &Pieces) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let blob = Blob::new_with_u8_array_sequence_and_options(&pieces.0, &options)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or("no document")?;
    let link: HtmlAnchorElement = document.create_element("a")?.dyn_into().map_err(JsValue::from)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser reads the address after this returns; a minute is ample.
    gloo_timers::callback::Timeout::new(60_000, move || drop(Url::revoke_object_url(&url))).forget();
    Ok(())
}
