//! The rest of a page: put there once the first questions are seen, or in a long page when its place comes near the screen,
//! or when a person asks for it. So a form of hundreds of questions opens as quickly as a short one.

use js_sys::Array;
use leptos::html::{Button, Span};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use crate::components::Show;
use crate::i18n::use_i18n;

/// When the rest comes.
#[derive(Clone, Copy)]
pub(super) enum When {
    /// Once what stands before it is on the screen.
    Soon,
    /// When its place comes near the screen.
    Near,
}

impl When {
    /// How far below the screen the rest is put there, so that whoever scrolls, tabs or reads on finds it in place.
    fn ahead(self) -> &'static str {
        match self {
            Self::Soon => "999999px 0px",
            Self::Near => "1500px 0px",
        }
    }
}

/// A button that stands for `rest` until that is wanted.
pub(super) fn later(rest: impl Fn() -> AnyView + Send + Sync + 'static, when: When) -> AnyView {
    let i18n = use_i18n();
    let wanted = RwSignal::new(false);
    let pressed = RwSignal::new(false);
    let place = NodeRef::<Button>::new();
    place.on_load(move |button| watch(&button, when, wanted, pressed));
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

/// Raises `wanted` once the element is near the screen, and `focused` where it has the focus then; at once where the
/// browser cannot tell.
fn watch(element: &web_sys::Element, when: When, wanted: RwSignal<bool>, focused: RwSignal<bool>) {
    let seen = Closure::<dyn Fn(Array, IntersectionObserver)>::new(move |entries: Array, observer| {
        let mut entries = entries.iter().map(JsCast::unchecked_into::<IntersectionObserverEntry>);
        let near = entries.find(IntersectionObserverEntry::is_intersecting);
        if let Some(near) = near {
            IntersectionObserver::disconnect(&observer);
            if document().active_element() == Some(near.target()) {
                let _ = focused.try_set(true);
            }
            let _ = wanted.try_set(true);
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(when.ahead());
    // What scrolls is not the window: a margin around that would end where the page does.
    options.set_root(element.closest(".page").ok().flatten().as_ref());
    // The browser's own collection frees observer and closure once the element is gone.
    match IntersectionObserver::new_with_options(seen.into_js_value().unchecked_ref(), &options) {
        Ok(observer) => observer.observe(element),
        Err(_) => wanted.set(true),
    }
}
