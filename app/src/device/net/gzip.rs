//! Compressing what is sent, where the browser can.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, Response};

use crate::device::web;

/// Below this many bytes gzip's own frame costs about what it saves.
const WORTH_IT: usize = 200;

/// The bytes compressed; nothing where the browser cannot, or where it brings nothing.
pub(super) async fn compress(bytes: &[u8]) -> Option<Uint8Array> {
    if bytes.len() < WORTH_IT {
        return None;
    }
    let stream = web::construct("CompressionStream", &["gzip".into()])?;
    let compressed = through(bytes, &stream).await.ok()?;
    let smaller = usize::try_from(compressed.length()).is_ok_and(|length| length < bytes.len());
    smaller.then_some(compressed)
}

async fn through(bytes: &[u8], stream: &JsValue) -> Result<Uint8Array, JsValue> {
    let parts = js_sys::Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts)?;
    let source: JsValue = blob.stream().unchecked_into();
    let piped = web::call(&source, "pipeThrough", std::slice::from_ref(stream))?;
    let response = Response::new_with_opt_readable_stream(Some(piped.unchecked_ref()))?;
    let buffer = web::settled(&JsValue::from(response.array_buffer()?)).await?;
    Ok(Uint8Array::new(&buffer))
}
