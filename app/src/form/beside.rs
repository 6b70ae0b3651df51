//! Pictures, sounds and films of the workbook: beside a question's label, and beside a choice's.

use leptos::prelude::*;

use super::filling::Beside;
use crate::i18n::{t_string, use_i18n};

/// All that stands beside the label of a question.
pub(super) fn beside(media: Beside, label: &str) -> AnyView {
    let alt = picture_of(label);
    let image = media.image.clone().map(|address| view! { <img src=address alt=alt /> });
    view! { {image}{beside_picture(media, label)} }.into_any()
}

/// The same without the picture: a choice has that inside of its label.
pub(super) fn beside_picture(media: Beside, label: &str) -> AnyView {
    let i18n = use_i18n();
    let (alt, label) = (picture_of(label), label.to_owned());
    let large = media.big_image.map(|address| {
        view! {
            <details>
                <summary>{say!(i18n, form.larger)}</summary>
                <img src=address alt=alt />
            </details>
        }
    });
    view! {
        {large}
        {media.audio.map(|address| view! { <audio controls=true src=address aria-label=label.clone()></audio> })}
        {media.video.map(|address| view! { <video controls=true src=address aria-label=label.clone()></video> })}
    }
    .into_any()
}

fn picture_of(label: &str) -> String {
    t_string!(use_i18n(), form.picture_of, label = label.to_owned()).to_string()
}
