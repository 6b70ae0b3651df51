//! A code: typed or scanned by hand reader, or read from a photo where the browser has a detector.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::asked::Asked;
use super::photo::picked_file;
use super::text::failure;
use crate::device::barcode;
use crate::i18n::{t_string, use_i18n};

/// The field, and a button beside it that reads a code with the camera.
pub(super) fn field(asked: &Asked, field: AnyView, locked: bool) -> AnyView {
    let i18n = use_i18n();
    if locked || !barcode::is_there() {
        return field;
    }
    let failed = RwSignal::new(false);
    let label = asked.label();
    let id = asked.id("scan");
    let asked = asked.clone();
    let read = move |event: leptos::ev::Event| {
        let Some(file) = picked_file(&event) else { return };
        let asked = asked.clone();
        spawn_local(async move {
            let found = barcode::read(&file).await;
            failed.set(found.is_none());
            if let Some(found) = found {
                asked.answer(&found);
            }
        });
    };
    view! {
        {field}
        <span class="photo"><span class="pick">
            <span class="button quiet" aria-hidden="true">{say!(i18n, form.scan)}</span>
            <input type="file" accept="image/*" capture="environment" id=id
                aria-label=move || format!("{}: {}", t_string!(i18n, form.scan), label.get()) on:change=read />
        </span></span>
        {failure(failed, say!(i18n, form.scan_failed))}
    }
    .into_any()
}
