//! The rest of a long page: put there when its place comes near the screen, or when a person asks for it. So a form of
//! hundreds of questions opens as quickly as a short one.

use js_sys::Array;
use leptos::html::{Button, Span};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use crate::components::Show;
use crate::i18n::use_i18n;

/// How far below the screen the rest is put there, so that whoever scrolls, tabs or reads on finds it in place.
const AHEAD: &str = "1500px 0px";

/// A button that stands for `rest` until that is wanted.
pub(super) fn later(rest: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    let i18n = use_i18n();
    let wanted = RwSignal::new(false);
    let pressed = RwSignal::new(false);
    let place = NodeRef::<Button>::new();
    place.on_load(move |button| watch(&button, wanted));
    let start = NodeRef::<Span>::new();
    // The button that had the focus is gone: what comes next on the page is the first of the rest.
    start.on_load(move |start| {
        if pressed.get_untracked() {
            let _ = start.focus();
        }
    });
    let press = move |_| {
        pressed.set(true);
        wanted.set(true);
    };
    view! {
        <Show when=wanted
            fallback=move || view! {
                <button type="button" class="button quiet" node_ref=place on:click=press>
                    {say!(i18n, form.more_questions)}
                </button>
            }>
            <span class="visually-hidden" tabindex="-1" node_ref=start></span>
            {rest()}
        </Show>
    }
    .into_any()
}

/// Raises `wanted` once the element is near the screen; at once where the browser cannot tell.
fn watch(element: &web_sys::Element, wanted: RwSignal<bool>) {
    let seen = Closure::<dyn Fn(Array, IntersectionObserver)>::new(move |entries: Array, observer| {
        let near = |entry| IntersectionObserverEntry::is_intersecting(&JsCast::unchecked_into(entry));
        if entries.iter().any(near) {
            IntersectionObserver::disconnect(&observer);
            let _ = wanted.try_set(true);
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(AHEAD);
    // The browser's own collection frees observer and closure once the element is gone.
    match IntersectionObserver::new_with_options(seen.into_js_value().unchecked_ref(), &options) {
        Ok(observer) => observer.observe(element),
        Err(_) => wanted.set(true),
    }
}
