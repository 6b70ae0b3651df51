//! Notices that nobody touches the kiosk any more, warns, and clears it for the next person.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Kiosk;
use crate::i18n::{t_string, use_i18n};

/// Seconds without a touch after which the kiosk is cleared.
const CLEARED_AFTER: u32 = 60;
/// Seconds without a touch after which it asks.
const WARNED_AFTER: u32 = 40;

/// The watch and its warning.
pub(super) fn idle(kiosk: Kiosk) -> AnyView {
    let i18n = use_i18n();
    let touched = RwSignal::new(js_sys::Date::now());
    let idle_for = RwSignal::new(0_u32);
    let tick = move || {
        if !kiosk.is_busy() {
            touched.set(js_sys::Date::now());
            return idle_for.set(0);
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturating, and never negative
        let seconds = ((js_sys::Date::now() - touched.get_untracked()) / 1000.0).max(0.0) as u32;
        idle_for.set(seconds);
        if seconds >= CLEARED_AFTER {
            kiosk.start_over(i18n);
            idle_for.set(0);
        }
    };
    if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
    for event in ["pointerdown", "keydown", "input", "wheel"] {
        // Once the question is asked only its buttons answer it: a touch that closed it would never reach them.
        let handle = window_event_listener_untyped(event, move |_| {
            if idle_for.get_untracked() < WARNED_AFTER {
                touched.set(js_sys::Date::now());
            }
        });
        on_cleanup(move || handle.remove());
    }
    let warned = Memo::new(move |_| idle_for.get() >= WARNED_AFTER);
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move |_| {
        let warned = warned.get();
        let Some(dialog) = dialog.get() else { return };
        let dialog: &web_sys::HtmlDialogElement = dialog.unchecked_ref();
        if warned && !dialog.open() {
            // A dialog in the page that is not open yet always opens.
            let _ = dialog.show_modal();
        } else if !warned && dialog.open() {
            dialog.close();
        }
    });
    let stay = move || {
        touched.set(js_sys::Date::now());
        idle_for.set(0);
    };
    let left = move || CLEARED_AFTER.saturating_sub(idle_for.get());
    let lead = move || t_string!(i18n, kiosk.idle_lead, seconds = left()).to_string();
    view! {
        <dialog node_ref=dialog aria-labelledby="idle-title" on:cancel=move |_: leptos::ev::Event| stay()>
            <div class="stack">
                <h2 id="idle-title">{say!(i18n, kiosk.idle_title)}</h2>
                <p aria-live="off">{lead}</p>
                <button type="button" class="button wide" on:click=move |_| stay()>
                    {say!(i18n, kiosk.idle_stay)}
                </button>
                <button type="button" class="button quiet wide" on:click=move |_| {
                    stay();
                    kiosk.start_over(i18n);
                }>
                    {say!(i18n, kiosk.idle_leave)}
                </button>
            </div>
        </dialog>
    }
    .into_any()
}
