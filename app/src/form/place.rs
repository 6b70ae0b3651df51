//! A place, taken from the device when the person asks for it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use survey::path::Path;

use super::Filling;
use super::question::Ids;
use crate::components::Show;
use crate::device::place;
use crate::i18n::{t_string, use_i18n};

/// A button that records the place, and what was recorded.
pub(super) fn place(filling: Filling, path: Path, ids: Ids) -> AnyView {
    let i18n = use_i18n();
    let locked = filling.is_locked(&path);
    let working = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let value = {
        let path = path.clone();
        Memo::new(move |_| filling.value(&path))
    };
    let take = move |_| {
        let path = path.clone();
        working.set(true);
        failed.set(false);
        spawn_local(async move {
            match place::here().await {
                Ok(found) => failed.set(filling.answer(&path, &found.to_answer()).is_err()),
                Err(_) => failed.set(true),
            }
            working.set(false);
        });
    };
    let said = move || {
        let value = value.get();
        let mut parts = value.split(' ');
        let latitude = parts.next().unwrap_or_default().to_owned();
        let longitude = parts.next().unwrap_or_default().to_owned();
        let accuracy = parts.nth(1).unwrap_or_default().to_owned();
        (!latitude.is_empty()).then(|| {
            t_string!(i18n, form.place_is, latitude = latitude, longitude = longitude, accuracy = accuracy)
                .to_string()
        })
    };
    let caption = move || match (working.get(), value.with(String::is_empty)) {
        (true, _) => t_string!(i18n, form.place_working),
        (false, true) => t_string!(i18n, form.place_get),
        (false, false) => t_string!(i18n, form.place_again),
    };
    view! {
        <p class="numbers">{said}</p>
        <Show when=failed>
            <p class="problem" role="alert">{say!(i18n, form.place_failed)}</p>
        </Show>
        <Show when=move || !locked>
            <button type="button" class="button quiet" id=ids.control.clone() disabled=working
                on:click=take.clone()>
                {caption}
            </button>
        </Show>
    }
    .into_any()
}
