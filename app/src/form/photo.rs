//! A photo: taken with the camera or chosen, made small, kept by its content hash. Other files are in `media`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::Filling;
use super::asked::Asked;
use super::text::failure;
use crate::components::Show;
use crate::device::photo as camera;
use crate::i18n::{t_string, use_i18n};

/// A button over a file input that opens the camera, one that opens the pictures that are there (not for `new`), and
/// the photo taken.
pub(super) fn photo(asked: &Asked) -> AnyView {
    let i18n = use_i18n();
    let locked = asked.locked();
    let working = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let value = asked.value();
    let pixels = asked.question().parameters.get("max-pixels").and_then(|pixels| pixels.parse().ok());
    let take = {
        let Asked { filling, path, .. } = asked.clone();
        move |event: leptos::ev::Event| {
            let Some(file) = picked_file(&event) else { return };
            let path = path.clone();
            working.set(true);
            failed.set(false);
            spawn_local(async move {
                let kept = filling.keep_photo(&path, file, pixels).await;
                failed.set(kept.is_err());
                working.set(false);
            });
        }
    };
    let remove = {
        let asked = asked.clone();
        move |_| asked.answer("")
    };
    let caption = move || match (working.get(), value.with(String::is_empty)) {
        (true, _) => t_string!(i18n, form.photo_working),
        (false, true) => t_string!(i18n, form.photo_take),
        (false, false) => t_string!(i18n, form.photo_again),
    };
    let label = asked.label();
    let named = move || format!("{}: {}", caption(), label.get());
    let alt = move || t_string!(i18n, form.photo_alt, label = label.get()).to_string();
    let choose = (!asked.looks("new")).then(|| {
        let named = move || format!("{}: {}", t_string!(i18n, form.photo_choose), label.get());
        view! {
            <span class="pick">
                <span class="button quiet" aria-hidden="true">{say!(i18n, form.photo_choose)}</span>
                <input type="file" accept="image/*" id=asked.id("choose") aria-label=named
                    disabled=move || locked || working.get() on:change=take.clone() />
            </span>
        }
    });
    let filling = asked.filling;
    view! {
        <div class="photo">
            {move || {
                let hash = value.get();
                (!hash.is_empty()).then(|| stored(filling, hash, alt()))
            }}
            {failure(failed, say!(i18n, form.photo_failed))}
            <div class="row" hidden=locked>
                <span class="pick">
                    <span class="button quiet" aria-hidden="true">{caption}</span>
                    <input type="file" accept="image/*" capture="environment" id=asked.ids.control.clone()
                        aria-label=named aria-describedby=asked.ids.described_by.clone()
                        disabled=move || locked || working.get() on:change=take />
                </span>
                {choose}
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
    fetched(filling, hash, move |url| view! { <img src=url alt=alt.clone() /> }.into_any())
}

/// Shows a kept file once its address is there.
pub(super) fn fetched(
    filling: Filling,
    answer: String,
    show: impl Fn(String) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let i18n = use_i18n();
    let source = RwSignal::new(None::<String>);
    let missing = RwSignal::new(false);
    spawn_local(async move {
        match filling.file_url(&answer).await {
            // The page may have gone while the file was read.
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
        {move || source.get().map(&show)}
        <Show when=missing>
            <p class="note">{say!(i18n, form.photo_elsewhere)}</p>
        </Show>
    }
    .into_any()
}

pub(super) fn picked_file(event: &leptos::ev::Event) -> Option<web_sys::File> {
    let input = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    let file = input.files()?.get(0)?;
    // The same file may be chosen again after a failure.
    input.set_value("");
    Some(file)
}
