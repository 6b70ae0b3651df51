//! The top of the app: opens the device's data, then routes.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::api::Role;

use crate::components::{Show, waiting};
use crate::i18n::{I18n, t_string, use_i18n};
use crate::loket::Loket;
use crate::pages::coverage::CoveragePage;
use crate::pages::devices::Devices;
use crate::pages::enrol::Enrol;
use crate::pages::kiosk::KioskPage;
use crate::pages::record::RecordPage;
use crate::pages::results::ResultsPage;
use crate::pages::score::ScorePage;
use crate::pages::setup::Setup;
use crate::pages::start::Start;
use crate::pages::sync::SyncPage;
use crate::pages::unit::UnitPage;
use crate::route::Route;
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
    let loket = Loket::provide();
    let opened = RwSignal::new(None::<Result<(), &'static str>>);
    spawn_local(async move { opened.set(Some(loket.open().await.map_err(|error| error.code()))) });
    move || match opened.get() {
        None => waiting(),
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

/// What an address names.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Page {
    First,
    Enrol,
    Unit(String),
    Score(String),
    Record(String),
    Sync,
    Setup,
    Coverage,
    Results,
    Devices,
    Kiosk,
    Unknown,
}

impl Page {
    fn at(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Self::First,
            (Some("enrol"), None, _) => Self::Enrol,
            (Some("unit"), Some(id), None) => Self::Unit(id.to_owned()),
            (Some("score"), Some(id), None) => Self::Score(id.to_owned()),
            (Some("record"), Some(id), None) => Self::Record(id.to_owned()),
            (Some("sync"), None, _) => Self::Sync,
            (Some("setup"), None, _) => Self::Setup,
            (Some("coverage"), None, _) => Self::Coverage,
            (Some("results"), None, _) => Self::Results,
            (Some("devices"), None, _) => Self::Devices,
            (Some("kiosk"), None, _) => Self::Kiosk,
            _ => Self::Unknown,
        }
    }

    fn view(self) -> AnyView {
        match self {
            Self::First => first(),
            Self::Enrol => view! { <Enrol /> }.into_any(),
            Self::Unit(id) => staff(move || view! { <UnitPage id=id.clone() /> }.into_any()),
            Self::Score(id) => staff(move || view! { <ScorePage id=id.clone() /> }.into_any()),
            Self::Record(id) => staff(move || view! { <RecordPage id=id.clone() /> }.into_any()),
            Self::Sync => staff(|| view! { <SyncPage /> }.into_any()),
            Self::Setup => enrolled(|| view! { <Setup /> }.into_any()),
            Self::Coverage => staff(|| view! { <CoveragePage /> }.into_any()),
            Self::Results => staff(|| view! { <ResultsPage /> }.into_any()),
            Self::Devices => staff(|| view! { <Devices /> }.into_any()),
            Self::Kiosk => enrolled(|| view! { <KioskPage /> }.into_any()),
            Self::Unknown => unknown(),
        }
    }
}

#[component]
fn Pages() -> impl IntoView {
    let route = Route::provide();
    let page = Memo::new(move |_| Page::at(&route.path()));
    move || page.get().view()
}

fn unknown() -> AnyView {
    let i18n = use_i18n();
    view! {
        <main id="content">
            <h1 tabindex="-1">{say!(i18n, app.not_found)}</h1>
            <a class="button" href="/">{say!(i18n, app.to_start)}</a>
        </main>
    }
    .into_any()
}

/// The page, or the way to connect this device first.
fn enrolled(page: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    let loket = Loket::get();
    let route = Route::get();
    view! {
        <Show when=move || loket.role().is_some() fallback=move || route.redirect("/enrol")>
            {page()}
        </Show>
    }
    .into_any()
}

/// The page, for staff; a kiosk stands where anybody can type an address, and shows citizens' screens only.
fn staff(page: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    let loket = Loket::get();
    let route = Route::get();
    enrolled(move || if loket.is_kiosk() { route.redirect("/kiosk") } else { page() })
}

/// The first page by role.
fn first() -> AnyView {
    let loket = Loket::get();
    let route = Route::get();
    let role = Memo::new(move |_| loket.role());
    let page = move || match role.get() {
        None => route.redirect("/enrol"),
        Some(Role::Surveyor) => view! { <Start /> }.into_any(),
        Some(Role::Coordinator) => route.redirect("/coverage"),
        Some(Role::Kiosk) => route.redirect("/kiosk"),
    };
    page.into_any()
}
