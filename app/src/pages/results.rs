//! The coordinator's pages of results. The server writes them, pictures and figures and words; here they are asked for and shown,
//! so that nothing of them is downloaded by phones that never open them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::ContentHash;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, MouseEvent};

use crate::components::Frame;
use crate::i18n::{I18n, t_string, use_i18n};
use crate::loket::{Loket, NetFault};
use crate::route::{Route, link_of};

/// What the target is until somebody sets another: the one that the city of Bontang set itself for 2024.
const TARGET: &str = "90";

/// Id of what is said of an approval.
const APPROVAL: &str = "approval";

/// The page that the address asks for: `/results?government=...&target=90`.
#[component]
pub fn ResultsPage() -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let route = Route::get();
    let search = Memo::new(move |_| route.search());
    let report = RwSignal::new(None::<Result<String, NetFault>>);
    let again = RwSignal::new(());
    Effect::new(move |_| {
        again.track();
        let query = format!("{}&lang={}&width={}", search.get(), i18n.get_locale().as_str(), width());
        spawn_local(async move {
            let found = loket.results(&query).await;
            // The page may have gone meanwhile.
            let _ = report.try_set(Some(found));
        });
    });
    let (saving, save) = saver(loket);
    let (approval, approve) = approver(loket, again);
    // What was said of one page is not said of the next.
    Effect::new(move |_| {
        search.track();
        approval.set(None);
    });
    view! {
        <Frame title=Signal::derive(move || t_string!(i18n, results.title).to_owned()) wide=true>
            {aim(search)}
            <p class="note" role="status">{move || saving.get().map(|saving| spoken(saving, i18n))}</p>
            {move || match report.get() {
                None => view! { <p class="note" role="status">{say!(i18n, app.loading)}</p> }.into_any(),
                Some(Ok(written)) => {
                    let press = move |event: MouseEvent| {
                        open_photo(loket, &event);
                        approve(&event);
                        save(event);
                    };
                    view! { <div class="report" inner_html=written on:click=press></div> }.into_any()
                }
                Some(Err(NetFault::Denied)) => {
                    view! { <p class="notice">{say!(i18n, coverage.denied)}</p> }.into_any()
                }
                Some(Err(_)) => view! { <p class="notice care">{say!(i18n, coverage.offline)}</p> }.into_any(),
            }}
            // Where the button is, at the foot of a unit's page.
            <p class="note" role="status" tabindex="-1" id=APPROVAL>
                {move || approval.get().map(|told| approved(&told, i18n))}
            </p>
        </Frame>
    }
}

/// How far the file is that somebody asked for.
#[derive(Clone, Copy, PartialEq)]
enum Saving {
    UnderWay,
    Saved,
    Failed(NetFault),
}

fn spoken(saving: Saving, i18n: I18n) -> AnyView {
    match saving {
        Saving::UnderWay => say!(i18n, results.saving).into_any(),
        Saving::Saved => say!(i18n, results.saved).into_any(),
        Saving::Failed(NetFault::Denied) => say!(i18n, coverage.denied).into_any(),
        Saving::Failed(_) => say!(i18n, coverage.offline).into_any(),
    }
}

/// Saves the file of a pressed link: the browser alone would ask for it without the device's session.
fn saver(loket: Loket) -> (RwSignal<Option<Saving>>, impl Fn(MouseEvent) + Copy) {
    let saving = RwSignal::new(None);
    let save = move |event: MouseEvent| {
        let link = link_of(&event).filter(|link| link.has_attribute("download"));
        let Some(link) = link.filter(|link| link.pathname().starts_with("/api/v1/releases/")) else { return };
        event.prevent_default();
        saving.set(Some(Saving::UnderWay));
        spawn_local(async move {
            let done = loket.save_release_file(&link.pathname(), &link.download()).await;
            let told = done.map_or_else(Saving::Failed, |()| Saving::Saved);
            // The page may have gone meanwhile.
            let _ = saving.try_set(Some(told));
        });
    };
    (saving, save)
}

fn approved(told: &Result<usize, NetFault>, i18n: I18n) -> AnyView {
    match told {
        Ok(0) => say!(i18n, results.approved_none).into_any(),
        Ok(count) => t_string!(i18n, results.approved, count = *count).to_string().into_any(),
        Err(NetFault::Denied) => say!(i18n, coverage.denied).into_any(),
        Err(_) => say!(i18n, coverage.offline).into_any(),
    }
}

/// What came of the approval, where one was asked for.
type Told = RwSignal<Option<Result<usize, NetFault>>>;

/// Sends what a pressed button of a report approves, and has the page shown anew.
fn approver(loket: Loket, again: RwSignal<()>) -> (Told, impl Fn(&MouseEvent) + Copy) {
    let told = Told::new(None);
    let approve = move |event: &MouseEvent| {
        let pressed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let request = pressed.and_then(|pressed| pressed.get_attribute("data-approve"));
        let Some(request) = request else { return };
        spawn_local(async move {
            let done = loket.approve(request).await;
            // The page may have gone meanwhile.
            let _ = told.try_set(Some(done));
            let _ = again.try_set(());
            // The button goes with the page that is drawn anew.
            if let Some(note) = document().get_element_by_id(APPROVAL).and_then(|note| note.dyn_into().ok()) {
                let note: HtmlElement = note;
                let _ = note.focus();
            }
        });
    };
    (told, approve)
}

/// Shows the photo that a button of a report names, below it; pressed again, hides it.
fn open_photo(loket: Loket, event: &MouseEvent) {
    let pressed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(button) = pressed.and_then(|pressed| pressed.closest("[data-photo]").ok()?) else { return };
    if let Some(shown) = button.next_element_sibling().filter(|beside| beside.tag_name() == "IMG") {
        return shown.remove();
    }
    let hash = button.get_attribute("data-photo").and_then(|hash| hash.parse::<ContentHash>().ok());
    let Some(hash) = hash else { return };
    let name = button.text_content().unwrap_or_default();
    spawn_local(async move {
        let Some(address) = loket.file_url(hash).await else { return };
        let Ok(picture) = document().create_element("img") else { return };
        // Plain names and values are not refused.
        let _ = picture.set_attribute("src", &address);
        let _ = picture.set_attribute("alt", &name);
        let _ = picture.set_attribute("class", "evidence");
        let _ = button.after_with_node_1(&picture);
    });
}

/// The target, which one may set, and the way to the printer.
fn aim(search: Memo<String>) -> AnyView {
    let i18n = use_i18n();
    let route = Route::get();
    let target = RwSignal::new(String::new());
    Effect::new(move |_| target.set(value_of(&search.get(), "target").unwrap_or(TARGET).to_owned()));
    let show = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let rest = search.with_untracked(|search| without(search, "target"));
        route.go(&format!("/results?{rest}target={}", target.get_untracked()));
    };
    view! {
        <form class="row unprinted" on:submit=show>
            <label for="target" class="label">{say!(i18n, results.target)}</label>
            <input class="input short" id="target" type="number" min="0" max="100" step="0.01" inputmode="decimal"
                prop:value=target on:input=move |event| target.set(event_target_value(&event)) />
            <button type="submit" class="button quiet">{say!(i18n, results.show)}</button>
            <button type="button" class="button plain" on:click=|_| drop(window().print())>
                {say!(i18n, results.print)}
            </button>
        </form>
    }
    .into_any()
}

/// How wide a picture can be, in CSS pixels.
fn width() -> u32 {
    let screen = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(360.0);
    // Beside the menu on a desk, below it on a phone; the rest is the page's margins.
    let room = if screen >= 900.0 { (screen - 220.0 - 96.0).min(1040.0) } else { screen - 68.0 };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 300 and 1040
    let room = room.max(300.0) as u32;
    room
}

/// The pairs of a query.
fn pairs(search: &str) -> impl Iterator<Item = &str> {
    search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty())
}

fn value_of<'a>(search: &'a str, name: &str) -> Option<&'a str> {
    pairs(search).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn without(search: &str, name: &str) -> String {
    pairs(search).filter(|pair| pair.split('=').next() != Some(name)).flat_map(|pair| [pair, "&"]).collect()
}
