//! How much room there is, and the plea to the browser to keep what is here.

use wasm_bindgen_futures::JsFuture;

/// What the browser says of the room for this site, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Space {
    /// Used by this site.
    pub used: Option<f64>,
    /// What it may use at most.
    pub quota: Option<f64>,
    /// Whether the browser promised not to clear it on its own.
    pub persisted: bool,
}

/// How much room there is; unknown parts are `None`.
pub async fn estimate() -> Space {
    let Some(manager) = manager() else { return Space::default() };
    let mut space = Space { persisted: ask(manager.persisted()).await, ..Space::default() };
    if let Ok(promise) = manager.estimate()
        && let Ok(estimate) = JsFuture::from(promise).await
    {
        let number = |name: &str| js_sys::Reflect::get(&estimate, &name.into()).ok()?.as_f64();
        space.used = number("usage");
        space.quota = number("quota");
    }
    space
}

/// Asks the browser to keep what is here; whether it promised. Some ask the person.
pub async fn persist() -> bool {
    match manager() {
        Some(manager) => ask(manager.persist()).await,
        None => false,
    }
}

fn manager() -> Option<web_sys::StorageManager> {
    let navigator = web_sys::window()?.navigator();
    // Not there where the page is not served over HTTPS.
    let there = js_sys::Reflect::get(&navigator, &"storage".into()).ok()?;
    (!there.is_undefined()).then(|| navigator.storage())
}

async fn ask<T>(promise: Result<js_sys::Promise<T>, wasm_bindgen::JsValue>) -> bool
where
    T: wasm_bindgen::JsCast + 'static,
{
    let Ok(promise) = promise else { return false };
    let promise: js_sys::Promise = wasm_bindgen::JsCast::unchecked_into(promise);
    JsFuture::from(promise).await.is_ok_and(|answer| answer.as_bool() == Some(true))
}
