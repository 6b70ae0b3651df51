//! Sounds, films and other files: recorded by the phone's own apps or chosen, kept by their content hash.

use leptos::prelude::*;
use leptos::task::spawn_local;
use survey::instrument::QuestionKind;

use super::Filling;
use super::asked::Asked;
use super::photo::{fetched, picked_file};
use super::text::failure;
use crate::components::Show;
use crate::i18n::{t_string, use_i18n};

/// A button over a file input, and what was kept.
pub(super) fn file(asked: &Asked, kind: QuestionKind) -> AnyView {
    let i18n = use_i18n();
    let locked = asked.locked();
    let working = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let value = asked.value();
    let accept = match kind {
        QuestionKind::Video => "video/*",
        QuestionKind::File => "",
        _ => "audio/*",
    };
    // `new`, and what is recorded while the form is filled: nothing that was there before.
    let capture = (asked.looks("new") || kind == QuestionKind::BackgroundAudio).then_some("environment");
    let take = {
        let Asked { filling, path, .. } = asked.clone();
        move |event: leptos::ev::Event| {
            let Some(file) = picked_file(&event) else { return };
            let path = path.clone();
            working.set(true);
            failed.set(false);
            spawn_local(async move {
                failed.set(filling.keep_file(&path, file).await.is_err());
                working.set(false);
            });
        }
    };
    let remove = {
        let asked = asked.clone();
        move |_| asked.answer("")
    };
    let caption = move || match kind {
        _ if working.get() => t_string!(i18n, form.file_working),
        QuestionKind::Video => t_string!(i18n, form.video_take),
        QuestionKind::File => t_string!(i18n, form.file_take),
        _ => t_string!(i18n, form.audio_take),
    };
    let label = asked.label();
    let named = move || format!("{}: {}", caption(), label.get());
    let filling = asked.filling;
    view! {
        <div class="photo">
            {move || {
                let answer = value.get();
                (!answer.is_empty()).then(|| stored(filling, kind, answer, label.get()))
            }}
            {failure(failed, say!(i18n, form.file_failed))}
            <div class="row" hidden=locked>
                <span class="pick">
                    <span class="button quiet" aria-hidden="true">{caption}</span>
                    <input type="file" accept=accept capture=capture id=asked.ids.control.clone()
                        aria-label=named aria-describedby=asked.ids.described_by.clone()
                        disabled=move || locked || working.get() on:change=take />
                </span>
                <Show when=move || value.with(|v| !v.is_empty())>
                    <button type="button" class="button danger" on:click=remove.clone()>
                        {say!(i18n, form.file_remove)}
                    </button>
                </Show>
            </div>
        </div>
    }
    .into_any()
}

/// A kept file: played, or offered to be saved.
pub(super) fn stored(filling: Filling, kind: QuestionKind, answer: String, label: String) -> AnyView {
    let i18n = use_i18n();
    let end = answer.split_once('.').map_or("", |(_, end)| end).to_owned();
    fetched(filling, answer, move |url| match kind {
        QuestionKind::Video => {
            view! { <video controls=true src=url aria-label=label.clone()></video> }.into_any()
        }
        QuestionKind::File => {
            let name = format!("{label}.{end}");
            let said = t_string!(i18n, form.file_save, name = end.to_ascii_uppercase()).to_string();
            view! { <a class="button quiet" href=url download=name>{said}</a> }.into_any()
        }
        _ => view! { <audio controls=true src=url aria-label=label.clone()></audio> }.into_any(),
    })
}
