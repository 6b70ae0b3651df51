//! What stands around every page: the bar with the state of sync, the menu, title and focus.

use leptos::prelude::*;
use replica::api::Role;

use super::icons;
use super::pieces::Show;
use super::sight::Sight;
use crate::i18n::{t_string, use_i18n};
use crate::loket::{Loket, SyncState};
use crate::route::Route;

/// Bar, page and menu. `title` is the page's heading and the window's title.
#[component]
pub fn Frame(
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// Uses the whole width of a desk's screen.
    #[prop(optional)]
    wide: bool,
    /// False where a page has its own foot instead of the menu.
    #[prop(default = true)]
    menu: bool,
    /// The page below the heading.
    children: Children,
) -> impl IntoView {
    let i18n = use_i18n();
    set_title(title);
    let content = NodeRef::new();
    let sight = Sight::of(content);
    view! {
        <a class="skip" href="#content">{say!(i18n, app.skip)}</a>
        {bar()}
        <div class="page"
            on:wheel=move |_| sight.leave()
            on:pointercancel=move |_| sight.leave()
            on:keydown=move |pressed| sight.key(&pressed)
            on:mousedown=move |pressed| sight.press(&pressed)
            on:focusin=move |_| sight.come_back()
            on:input=move |_| sight.come_back()>
            <main id="content" node_ref=content class:wide=wide tabindex="-1">
                <h1 tabindex="-1">{title}</h1>
                {update_notice()}
                {children()}
            </main>
        </div>
        {menu.then(tabs)}
    }
}

/// Keeps the window's title in step, and puts the focus on the heading of a page just opened,
/// so that a screen reader says where one is. Once the app's first page is up, sync begins.
pub fn set_title(title: Signal<String>) {
    let loket = Loket::get();
    Effect::new(move |_| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(&format!("{} · Loket", title.get()));
        }
    });
    Effect::new(move |done: Option<()>| {
        if done.is_none() {
            request_animation_frame(move || {
                focus_heading();
                loket.page_is_up();
            });
        }
    });
}

/// Puts the focus on the page's heading.
pub fn focus_heading() {
    use wasm_bindgen::JsCast;
    let heading = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector("main h1").ok().flatten())
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(heading) = heading {
        // A heading can always take the focus; if not, nothing is lost.
        let _ = heading.focus();
    }
}

/// What stands while something is read and no page is up yet: a frame would be built and thrown away at once.
pub fn waiting() -> AnyView {
    let i18n = use_i18n();
    view! { <main id="content"><p class="note" role="status">{say!(i18n, app.loading)}</p></main> }.into_any()
}

/// Whether a page is on the screen, or was until just now.
pub fn is_up() -> bool {
    document().query_selector(".bar").is_ok_and(|bar| bar.is_some())
}

fn bar() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let round = move || {
        loket.home.with(|home| {
            home.as_ref().map(|home| t_string!(i18n, app.round, round = home.round.to_string()).to_string())
        })
    };
    let state = Memo::new(move |_| loket.sync_state());
    let words = move || match state.get() {
        SyncState::AllSent => t_string!(i18n, sync.all_sent).to_owned(),
        SyncState::Waiting(count) => t_string!(i18n, sync.waiting, count = count).to_string(),
        SyncState::Offline => t_string!(i18n, sync.offline).to_owned(),
        SyncState::Trouble => t_string!(i18n, sync.trouble).to_owned(),
        SyncState::Refused => t_string!(i18n, sync.refused).to_owned(),
    };
    view! {
        <header class="bar">
            <a href="/" class="brand">
                {icons::brand()}
                {say!(i18n, app.name)}
            </a>
            <span class="round">{round}</span>
            <span class="space"></span>
            <Show when=move || loket.is_surveyor()>
                <a class="chip" href="/sync" data-state=move || state.get().name()>{words}</a>
            </Show>
        </header>
    }
    .into_any()
}

fn tabs() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let label = move || t_string!(i18n, nav.label);
    let links = move || match loket.role() {
        Some(Role::Surveyor) => view! {
            {tab("/", icons::building(), say!(i18n, nav.units))}
            {tab("/sync", icons::exchange(), say!(i18n, nav.sync))}
            {tab("/setup", icons::sliders(), say!(i18n, nav.setup))}
        }
        .into_any(),
        Some(Role::Coordinator) => view! {
            {tab("/coverage", icons::bars(), say!(i18n, nav.coverage))}
            {tab("/results", icons::medal(), say!(i18n, nav.results))}
            {tab("/devices", icons::phone(), say!(i18n, nav.devices))}
            {tab("/setup", icons::sliders(), say!(i18n, nav.setup))}
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! { <nav class="tabs" aria-label=label>{links}</nav> }.into_any()
}

/// A link of the main menu, marked while its page is shown.
fn tab(href: &'static str, icon: AnyView, words: Signal<&'static str>) -> AnyView {
    let route = Route::get();
    let current = move || (route.path() == href).then_some("page");
    view! { <a href=href aria-current=current>{icon}{words}</a> }.into_any()
}

/// Says that a new version waits, and lets the person take it when no form is open.
fn update_notice() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    view! {
        <Show when=move || loket.update_ready.get()>
            <div class="notice" role="status">
                <p>{say!(i18n, app.update_ready)}</p>
                <button type="button" class="button quiet" on:click=move |_| Loket::take_update()>
                    {say!(i18n, app.update_now)}
                </button>
            </div>
        </Show>
    }
    .into_any()
}
