//! The top of the app: opens the device's data, then routes.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::{Redirect, Route, Router, Routes};
use leptos_router::path;
use replica::api::Role;

use crate::components::Show;
use crate::i18n::{I18n, t_string, use_i18n};
use crate::loket::Loket;
use crate::pages::coverage::CoveragePage;
use crate::pages::devices::Devices;
use crate::pages::enrol::Enrol;
use crate::pages::kiosk::KioskPage;
use crate::pages::record::RecordPage;
use crate::pages::results::ResultsPage;
use crate::pages::setup::Setup;
use crate::pages::start::Start;
use crate::pages::sync::SyncPage;
use crate::pages::unit::UnitPage;
use crate::settings;

/// Texts, then state, then pages.
#[component]
pub fn Root() -> impl IntoView {
    I18n::provide(settings::language());
    view! { <Opening /> }
}

/// Waits for the device's data, and says what to do where it cannot be opened.
#[component]
fn Opening() -> impl IntoView {
    let i18n = use_i18n();
    let loket = Loket::provide();
    let opened = RwSignal::new(None::<Result<(), &'static str>>);
    spawn_local(async move { opened.set(Some(loket.open().await.map_err(|error| error.code()))) });
    move || match opened.get() {
        None => view! {
            <main id="content"><p class="note" role="status">{say!(i18n, app.loading)}</p></main>
        }
        .into_any(),
        Some(Err(code)) => broken(code),
        Some(Ok(())) => view! { <Pages /> }.into_any(),
    }
}

fn broken(code: &'static str) -> AnyView {
    let i18n = use_i18n();
    let what = move || match code {
        "forbidden" => t_string!(i18n, app.broken_forbidden),
        "full" => t_string!(i18n, app.broken_full),
        "blocked" => t_string!(i18n, app.broken_blocked),
        "newer" => t_string!(i18n, app.broken_newer),
        _ => t_string!(i18n, app.broken_what),
    };
    view! {
        <main id="content">
            <h1 tabindex="-1">{say!(i18n, app.broken_title)}</h1>
            <p class="notice bad" role="alert">{what}</p>
            <button type="button" class="button" on:click=|_| drop(window().location().reload())>
                {say!(i18n, app.reload)}
            </button>
        </main>
    }
    .into_any()
}

#[component]
fn Pages() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Router>
            <Routes fallback=move || view! {
                <main id="content">
                    <h1 tabindex="-1">{say!(i18n, app.not_found)}</h1>
                    <a class="button" href="/">{say!(i18n, app.to_start)}</a>
                </main>
            }>
                <Route path=path!("/") view=First />
                <Route path=path!("/enrol") view=Enrol />
                <Route path=path!("/unit/:unit") view=|| staff(|| view! { <UnitPage /> }.into_any()) />
                <Route path=path!("/record/:record") view=|| staff(|| view! { <RecordPage /> }.into_any()) />
                <Route path=path!("/sync") view=|| staff(|| view! { <SyncPage /> }.into_any()) />
                <Route path=path!("/setup") view=|| enrolled(|| view! { <Setup /> }.into_any()) />
                <Route path=path!("/coverage") view=|| staff(|| view! { <CoveragePage /> }.into_any()) />
                <Route path=path!("/results") view=|| staff(|| view! { <ResultsPage /> }.into_any()) />
                <Route path=path!("/devices") view=|| staff(|| view! { <Devices /> }.into_any()) />
                <Route path=path!("/kiosk") view=|| enrolled(|| view! { <KioskPage /> }.into_any()) />
            </Routes>
        </Router>
    }
}

/// The page, or the way to connect this device first.
fn enrolled(page: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    let loket = Loket::get();
    view! {
        <Show when=move || loket.role().is_some() fallback=|| view! { <Redirect path="/enrol" /> }>
            {page()}
        </Show>
    }
    .into_any()
}

/// The page, for staff; a kiosk stands where anybody can type an address, and shows citizens' screens only.
fn staff(page: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    let loket = Loket::get();
    enrolled(move || if loket.is_kiosk() { view! { <Redirect path="/kiosk" /> }.into_any() } else { page() })
}

/// The first page by role.
#[component]
fn First() -> impl IntoView {
    let loket = Loket::get();
    move || match loket.role() {
        None => view! { <Redirect path="/enrol" /> }.into_any(),
        Some(Role::Surveyor) => view! { <Start /> }.into_any(),
        Some(Role::Coordinator) => view! { <Redirect path="/coverage" /> }.into_any(),
        Some(Role::Kiosk) => view! { <Redirect path="/kiosk" /> }.into_any(),
    }
}
