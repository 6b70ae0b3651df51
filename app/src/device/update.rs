//! New versions of the app: noticed when they are on the device whole, taken over when no form is open.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    MessageChannel, MessageEvent, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration,
    ServiceWorkerState,
};

use super::locks::{self, Mode};
use super::web;

const SCRIPT: &str = "/sw.js";
/// How often an open app asks whether there is a new version, in milliseconds.
const ASK_EVERY: u32 = 60 * 60 * 1000;
/// How long the worker may take to answer, in milliseconds.
const ANSWER_WITHIN: u32 = 10_000;

/// Registers the service worker, and calls back whenever a new version waits to take over. Once a new version
/// has taken over, the page starts anew, as soon as no form is open in this browser.
pub fn watch(ready: impl Fn() + 'static) {
    let Some(container) = container() else { return };
    start_anew_after_takeover(&container);
    spawn_local(async move {
        // Where it cannot be registered (no HTTPS, a private mode) the app works with a network only.
        let Ok(registration) = web::settled(&container.register(SCRIPT)).await else { return };
        let registration: ServiceWorkerRegistration = registration.unchecked_into();
        let ready: Rc<dyn Fn()> = Rc::new(ready);
        if registration.waiting().is_some() && container.controller().is_some() {
            ready();
        }
        let found = registration.clone();
        EventListener::new(&registration, "updatefound", move |_| {
            if let Some(worker) = found.installing() {
                tell_when_installed(&worker, Rc::clone(&ready));
            }
        })
        .forget();
        Interval::new(ASK_EVERY, move || {
            // Without a network there is no news.
            let _ = registration.update();
        })
        .forget();
    });
}

/// Lets a waiting version take over, unless a form is open in any tab. Tells whether it did; the page starts
/// anew by itself then.
pub async fn take_over_if_idle() -> bool {
    let Some(container) = container() else { return false };
    let Ok(registration) = web::settled(&container.get_registration()).await else { return false };
    let Ok(registration) = registration.dyn_into::<ServiceWorkerRegistration>() else { return false };
    match registration.waiting() {
        // The worker itself asks for the lock that open forms hold: between an answer given here and the
        // take-over there, a form could be opened.
        Some(worker) => ask_to_take_over(&worker).await,
        None => false,
    }
}

async fn ask_to_take_over(worker: &ServiceWorker) -> bool {
    let Ok(channel) = MessageChannel::new() else { return false };
    let (answered, answer) = web::deferred();
    let on_answer = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        // Keeping a promise cannot fail.
        let _ = answer.call1(&JsValue::UNDEFINED, &event.data());
    });
    channel.port1().set_onmessage(Some(on_answer.as_ref().unchecked_ref()));
    let message = web::object(&[("type", "take-over".into())]);
    let ports = js_sys::Array::of1(&channel.port2());
    if web::call(worker, "postMessage", &[message, ports.into()]).is_err() {
        return false;
    }
    futures_util::select! {
        answer = Box::pin(web::settled(&answered)).fuse() => {
            let taken = answer.ok().and_then(|answer| web::property(&answer, "taken"));
            taken.is_some_and(|taken| taken.is_truthy())
        }
        () = TimeoutFuture::new(ANSWER_WITHIN).fuse() => false,
    }
}

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    // Not there where the page is not served over HTTPS.
    web::property(&navigator, "serviceWorker")?;
    Some(navigator.service_worker())
}

fn tell_when_installed(worker: &ServiceWorker, ready: Rc<dyn Fn()>) {
    let installing = worker.clone();
    EventListener::new(worker, "statechange", move |_| {
        let first = container().is_none_or(|container| container.controller().is_none());
        if installing.state() == ServiceWorkerState::Installed && !first {
            ready();
        }
    })
    .forget();
}

fn start_anew_after_takeover(container: &ServiceWorkerContainer) {
    // The very first version takes over a page that it did not start, which needs no new start.
    let first = Rc::new(Cell::new(container.controller().is_none()));
    EventListener::new(container, "controllerchange", move |_| {
        if first.replace(false) {
            return;
        }
        spawn_local(async {
            // A form may have been opened in this tab since; its page stays until it is closed.
            let _no_form = locks::lock(locks::FORM, Mode::Exclusive).await;
            if let Some(window) = web_sys::window() {
                // A page that cannot be loaded anew goes on with the version that it has.
                let _ = window.location().reload();
            }
        });
    })
    .forget();
}
