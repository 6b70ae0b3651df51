//! Small pieces: how far a thing is, and where a record lies.

use leptos::prelude::*;

use crate::i18n::{t_string, use_i18n};
use crate::loket::Whereabouts;

/// Shows its children while `when` holds, else the fallback. Like Leptos's own, but of one type for all uses, which
/// keeps the download small.
#[component]
pub fn Show(
    /// The condition.
    #[prop(into)]
    when: Signal<bool>,
    /// What stands there otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What stands there while it holds.
    children: ChildrenFn,
) -> impl IntoView {
    let when = Memo::new(move |_| when.get());
    move || if when.get() { children() } else { fallback.run() }
}

/// How much of something is done.
#[component]
pub fn Progress(
    /// Done so far.
    #[prop(into)]
    done: Signal<usize>,
    /// All there is.
    #[prop(into)]
    all: Signal<usize>,
    /// What it is, for screen readers.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let percent = move || if all.get() == 0 { 0 } else { done.get() * 100 / all.get() };
    view! {
        <div class="progress" role="progressbar" aria-label=label aria-valuemin="0" aria-valuemax="100"
            aria-valuenow=move || percent().to_string()>
            <span style:width=move || format!("{}%", percent())></span>
        </div>
    }
}

/// Says where a record is: on this device, waiting, on the server.
#[component]
pub fn PlaceTag(
    /// Where it is.
    #[prop(into)]
    place: Signal<Whereabouts>,
) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || match place.get() {
        Whereabouts::Device => t_string!(i18n, place.device),
        Whereabouts::Waiting => t_string!(i18n, place.waiting),
        Whereabouts::Server => t_string!(i18n, place.server),
        Whereabouts::Refused => t_string!(i18n, place.refused),
    };
    let class = move || match place.get() {
        Whereabouts::Server => "tag good",
        Whereabouts::Refused => "tag bad",
        Whereabouts::Device | Whereabouts::Waiting => "tag care",
    };
    view! { <span class=class>{words}</span> }
}
