//! Connecting this device with a one-time code.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::{LanguageChoice, icons, set_title};
use crate::i18n::{t_string, use_i18n};
use crate::loket::{EnrolFault, Loket};
use crate::route::Route;
use crate::settings;

/// What stands against enrolling, in the order it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    NoCode,
    NoName,
    Server(EnrolFault),
}

/// The enrolment page; a scanned code fills the field.
#[component]
pub fn Enrol() -> impl IntoView {
    let i18n = use_i18n();
    let code = RwSignal::new(untrack(|| Route::get().query("code")).unwrap_or_default());
    let name = RwSignal::new(String::new());
    let working = RwSignal::new(false);
    let obstacle = RwSignal::new(None::<Obstacle>);
    set_title(Signal::derive(move || t_string!(i18n, enrol.title).to_owned()));
    let evicted = Loket::get().identity.with_untracked(Option::is_none) && settings::was_connected();
    let submit = submitter(code, name, working, obstacle);
    view! {
        <header class="bar">
            <span class="brand">
                {icons::brand()}
                {say!(i18n, app.name)}
            </span>
        </header>
        <main id="content">
            <div class="stack-tight">
                <h1 tabindex="-1">{say!(i18n, enrol.title)}</h1>
                <p class="soft">{say!(i18n, enrol.lead)}</p>
            </div>
            {evicted.then(|| view! {
                <div class="notice care">
                    <strong>{say!(i18n, enrol.evicted)}</strong>
                    <p>{say!(i18n, enrol.evicted_what)}</p>
                </div>
            })}
            <form class="card" on:submit=submit novalidate=true>
                <div class="field">
                    <label for="code">{say!(i18n, enrol.code)}</label>
                    <input class="input code" id="code" autocomplete="one-time-code" autocapitalize="characters"
                        spellcheck="false" aria-describedby="code-hint obstacle"
                        prop:value=code on:input=move |event| code.set(event_target_value(&event)) />
                    <p class="hint soft small" id="code-hint">{say!(i18n, enrol.code_hint)}</p>
                </div>
                <div class="field">
                    <label for="name">{say!(i18n, enrol.name)}</label>
                    <input class="input" id="name" autocomplete="name" aria-describedby="name-hint obstacle"
                        prop:value=name on:input=move |event| name.set(event_target_value(&event)) />
                    <p class="hint soft small" id="name-hint">{say!(i18n, enrol.name_hint)}</p>
                </div>
                <div id="obstacle" role="alert">
                    {move || obstacle.get().map(|what| view! { <p class="notice bad">{words(i18n, what)}</p> })}
                </div>
                <button type="submit" class="button wide" disabled=working>
                    {move || if working.get() { t_string!(i18n, enrol.working) } else { t_string!(i18n, enrol.submit) }}
                </button>
            </form>
            <LanguageChoice />
        </main>
    }
}

fn words(i18n: crate::I18n, obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NoCode => t_string!(i18n, enrol.code_missing),
        Obstacle::NoName => t_string!(i18n, enrol.name_missing),
        Obstacle::Server(EnrolFault::Offline) => t_string!(i18n, enrol.offline),
        Obstacle::Server(EnrolFault::Refused) => t_string!(i18n, enrol.refused),
        Obstacle::Server(EnrolFault::Failed) => t_string!(i18n, enrol.failed),
    }
}

fn submitter(
    code: RwSignal<String>,
    name: RwSignal<String>,
    working: RwSignal<bool>,
    obstacle: RwSignal<Option<Obstacle>>,
) -> impl Fn(SubmitEvent) + 'static {
    let loket = Loket::get();
    let route = Route::get();
    move |event| {
        event.prevent_default();
        let (code, name) = (code.get_untracked().trim().to_owned(), name.get_untracked().trim().to_owned());
        if code.is_empty() {
            return obstacle.set(Some(Obstacle::NoCode));
        }
        if name.is_empty() {
            return obstacle.set(Some(Obstacle::NoName));
        }
        working.set(true);
        obstacle.set(None);
        spawn_local(async move {
            match loket.enrol(&code, &name).await {
                Ok(()) => route.go(loket.first_page()),
                Err(fault) => {
                    working.set(false);
                    obstacle.set(Some(Obstacle::Server(fault)));
                }
            }
        });
    }
}
