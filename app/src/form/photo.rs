//! A photo: taken with the camera, made small, kept by its content hash.

use leptos::prelude::*;
use leptos::task::spawn_local;
use survey::path::Path;
use wasm_bindgen::JsCast;

use super::Filling;
use super::question::Ids;
use crate::components::Show;
use crate::device::photo as camera;
use crate::i18n::{t_string, use_i18n};

/// A button over a file input that opens the camera, and the photo taken.
pub(super) fn photo(filling: Filling, path: Path, ids: Ids) -> AnyView {
    let i18n = use_i18n();
    let locked = filling.is_locked(&path);
    let working = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let value = {
        let path = path.clone();
        Memo::new(move |_| filling.value(&path))
    };
    let take = {
        let path = path.clone();
        move |event: leptos::ev::Event| {
            let Some(file) = picked_file(&event) else { return };
            let path = path.clone();
            working.set(true);
            failed.set(false);
            spawn_local(async move {
                let kept = filling.keep_photo(&path, file).await;
                failed.set(kept.is_err());
                working.set(false);
            });
        }
    };
    let remove = {
        let path = path.clone();
        move |_| {
            let _ = filling.answer(&path, "");
        }
    };
    let caption = move || match (working.get(), value.with(String::is_empty)) {
        (true, _) => t_string!(i18n, form.photo_working),
        (false, true) => t_string!(i18n, form.photo_take),
        (false, false) => t_string!(i18n, form.photo_again),
    };
    let label = {
        let path = path.clone();
        move || format!("{}: {}", caption(), filling.label(&path))
    };
    let alt = move || t_string!(i18n, form.photo_alt, label = filling.label(&path)).to_string();
    view! {
        <div class="photo">
            {move || {
                let hash = value.get();
                (!hash.is_empty()).then(|| stored(filling, hash, alt()))
            }}
            <Show when=failed>
                <p class="problem" role="alert">{say!(i18n, form.photo_failed)}</p>
            </Show>
            <div class="row" hidden=locked>
                <span class="pick">
                    <span class="button quiet" aria-hidden="true">{caption}</span>
                    <input type="file" accept="image/*" capture="environment" id=ids.control.clone()
                        aria-label=label aria-describedby=ids.described_by.clone()
                        disabled=move || locked || working.get() on:change=take />
                </span>
                <Show when=move || value.with(|v| !v.is_empty())>
                    <button type="button" class="button danger" on:click=remove.clone()>
                        {say!(i18n, form.photo_remove)}
                    </button>
                </Show>
            </div>
        </div>
    }
    .into_any()
}

/// The photo with this content hash, from this device or from the server; words where it is neither.
pub(super) fn stored(filling: Filling, hash: String, alt: String) -> AnyView {
    let i18n = use_i18n();
    let source = RwSignal::new(None::<String>);
    let missing = RwSignal::new(false);
    spawn_local(async move {
        match filling.photo_url(&hash).await {
            // The page may have gone while the photo was read.
            Some(url) => drop(source.try_set(Some(url))),
            None => drop(missing.try_set(true)),
        }
    });
    on_cleanup(move || {
        if let Some(Some(url)) = source.try_get_untracked() {
            camera::forget_url(&url);
        }
    });
    view! {
        {move || source.get().map(|url| view! { <img src=url alt=alt.clone() /> })}
        <Show when=missing>
            <p class="note">{say!(i18n, form.photo_elsewhere)}</p>
        </Show>
    }
    .into_any()
}

fn picked_file(event: &leptos::ev::Event) -> Option<web_sys::File> {
    let input = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    let file = input.files()?.get(0)?;
    // The same file may be chosen again after a failure.
    input.set_value("");
    Some(file)
}
