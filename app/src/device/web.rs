//! What several modules here need of the browser and no crate offers on stable: waiting for promises,
//! calling what may not be there, random bytes.

use js_sys::{Array, Function, Promise, Reflect};
use replica::TabId;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Waits for a promise.
pub(super) async fn settled(promise: &JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(promise)).await
}

/// A promise, and the function that keeps it.
pub(super) fn deferred() -> (Promise, Function) {
    let mut keep = None;
    let promise = Promise::new(&mut |resolve, _| keep = Some(resolve));
    (promise, keep.unwrap_or_else(|| Function::new_no_args("")))
}

/// A property that may not be there.
pub(super) fn property(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// Calls a method that may not be there.
pub(super) fn call(of: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(of, &method.into())?.dyn_into()?;
    function.apply(of, &arguments.iter().collect::<Array>())
}

/// Makes an object of a class that may not be there.
pub(super) fn construct(class: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let class: Function = property(&js_sys::global(), class)?.dyn_into().ok()?;
    Reflect::construct(&class, &arguments.iter().collect::<Array>()).ok()
}

/// A plain object.
pub(super) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in fields {
        // A fresh plain object takes every property.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// What went wrong, in the browser's words.
pub(super) fn said(error: &JsValue) -> String {
    let message = property(error, "message").and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "no reason given".to_owned())
}

/// The browser has no random numbers to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the browser gives no random numbers")]
pub struct NoRandomness;

/// Random bytes fit for keys.
///
/// # Errors
/// [`NoRandomness`] where the browser has none.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A random tab id.
pub(super) fn random_tab() -> Result<TabId, NoRandomness> {
    Ok(TabId::new(random()?))
}
