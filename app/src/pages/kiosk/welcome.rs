//! The kiosk's first screen: what it is about, and a start button in each language.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Kiosk, Screen};
use crate::components::Show;
use crate::form::Filling;
use crate::i18n::{Locale, td_string, use_i18n};
use crate::loket::Loket;

/// Waiting for somebody.
pub(super) fn welcome(kiosk: Kiosk) -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let missing = RwSignal::new(false);
    let start = move |locale: Locale| {
        let Some(unit) = kiosk.unit.get_untracked() else { return kiosk.screen.set(Screen::Place) };
        i18n.set_locale(locale);
        missing.set(false);
        spawn_local(async move {
            let begun = Filling::in_memory(loket, &unit).await;
            match begun.and_then(|start| kiosk.seat(|| start.begin())) {
                Some(filling) => kiosk.screen.set(Screen::Questions(filling)),
                None => drop(missing.try_set(true)),
            }
        });
    };
    let starts = [(Locale::id, "id"), (Locale::en, "en")].map(|(locale, lang)| {
        let class = if locale == Locale::id { "button" } else { "button quiet" };
        view! {
            <button type="button" class=class lang=lang on:click=move |_| start(locale)>
                {td_string!(locale, kiosk.start_here)}
            </button>
        }
    });
    view! {
        <main id="content" class="welcome">
            <img src="/icons/icon.svg" alt="" />
            <div class="stack">
                <h1 tabindex="-1">{say!(i18n, kiosk.title)}</h1>
                <p class="lead">{say!(i18n, kiosk.lead)}</p>
            </div>
            <p class="soft">{kiosk.unit.get_untracked().map(|unit| loket.unit_name(&unit))}</p>
            <div class="starts">{starts}</div>
            <Show when=missing>
                <p class="notice care" role="alert">{say!(i18n, unit.no_instrument)}</p>
            </Show>
        </main>
    }
    .into_any()
}
