//! Web Locks: what only one tab may do, and what must not happen while a form is open.
//!
//! Where a browser has no locks everything is granted: the server takes doubled work without harm.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use super::web;

/// The one tab that syncs holds it.
pub const SYNC: &str = "loket-sync";
/// Every tab with an open form holds it, shared; the service worker asks for it before it takes over.
pub const FORM: &str = "loket-form";
/// Every tab holds the lock of this name with its tab id behind it.
pub const TAB: &str = "loket-tab-";

/// Whether others may hold the lock as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nobody else.
    Exclusive,
    /// Whoever wants it shared too.
    Shared,
}

/// A lock that is held until this is dropped, or the tab is gone.
#[derive(Debug)]
pub struct Guard {
    release: Option<Function>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // Keeping a promise cannot fail.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// The lock, where it is free now.
pub async fn try_lock(name: &str, mode: Mode) -> Option<Guard> {
    request(name, mode, true).await
}

/// The lock, as soon as it is free. Dropping the future gives up the wait.
pub async fn lock(name: &str, mode: Mode) -> Guard {
    request(name, mode, false).await.unwrap_or(Guard { release: None })
}

/// The names of locks held now, by any tab.
pub async fn held() -> Vec<String> {
    let Some(manager) = manager() else { return Vec::new() };
    let Ok(asked) = web::call(&manager, "query", &[]) else { return Vec::new() };
    let Ok(snapshot) = web::settled(&asked).await else { return Vec::new() };
    let Some(held) = web::property(&snapshot, "held") else { return Vec::new() };
    Array::from(&held).iter().filter_map(|lock| web::property(&lock, "name")?.as_string()).collect()
}

fn manager() -> Option<JsValue> {
    web::property(&web_sys::window()?.navigator(), "locks")
}

async fn request(name: &str, mode: Mode, if_available: bool) -> Option<Guard> {
    let Some(manager) = manager() else { return Some(Guard { release: None }) };
    let (granted, grant) = web::deferred();
    let on_grant = Closure::once(move |lock: JsValue| -> JsValue {
        if lock.is_null() {
            let _ = grant.call1(&JsValue::UNDEFINED, &JsValue::NULL);
            return JsValue::UNDEFINED;
        }
        // The lock is held until the promise given back is kept.
        let (held, release) = web::deferred();
        let _ = grant.call1(&JsValue::UNDEFINED, &release);
        held.into()
    });
    let mode = match mode {
        Mode::Exclusive => "exclusive",
        Mode::Shared => "shared",
    };
    let options = web::object(&[("mode", mode.into()), ("ifAvailable", if_available.into())]);
    let callback: &JsValue = on_grant.as_ref().unchecked_ref();
    let over = web::call(&manager, "request", &[name.into(), options, callback.clone()]).ok()?;
    // The second one fails where the browser refuses; it is kept only after the first.
    let first = Promise::race(&Array::of2(&granted, &over));
    let release: Function = web::settled(&first).await.ok()?.dyn_into().ok()?;
    Some(Guard { release: Some(release) })
}
