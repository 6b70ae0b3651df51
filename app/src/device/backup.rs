//! Files for people to keep: what the server refused, for now.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Offers bytes to the person as a file to download. Tells whether the browser took them.
pub fn save_file(name: &str, bytes: &[u8]) -> bool {
    save(name, bytes).is_ok()
}

fn save(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
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
