//! One unit: its visit, and the interviews with its citizens.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::api::Unit;
use replica::id::UnitId;

use crate::components::{Frame, PlaceTag, Show, icons};
use crate::i18n::{t_string, use_i18n};
use crate::loket::{Listed, Loket};
use crate::route::Route;
use crate::words;

/// The page of the unit named in the address.
#[component]
pub fn UnitPage(
    /// The unit's id, as the address has it.
    id: String,
) -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let unit = Memo::new(move |_| {
        let id = id.parse::<UnitId>().ok()?;
        loket.units().into_iter().find(|unit| unit.id == id)
    });
    let title = Signal::derive(move || {
        unit.with(|unit| {
            unit.as_ref().map_or_else(|| t_string!(i18n, nav.units).to_owned(), |unit| unit.name.clone())
        })
    });
    view! {
        <Frame title=title>
            {move || match unit.get() {
                Some(unit) => body(unit),
                None => view! { <p class="notice">{say!(i18n, unit.unknown)}</p> }.into_any(),
            }}
        </Frame>
    }
}

fn body(unit: Unit) -> AnyView {
    view! {
        <p class="soft">{unit.government.clone()} ", " {unit.province.clone()}</p>
        {visit(unit.id.clone())}
        {interviews(unit.id)}
    }
    .into_any()
}

fn visit(unit: UnitId) -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let found = {
        let unit = unit.clone();
        Memo::new(move |_| loket.visit_of(&unit))
    };
    let open = {
        let unit = unit.clone();
        opener(move || {
            let unit = unit.clone();
            async move { loket.open_visit(&unit).await }
        })
    };
    let score = format!("/score/{unit}");
    let scored = move || loket.has_method() && found.with(Option::is_some);
    let caption = move || match found.with(|visit| visit.as_ref().map(|visit| visit.closed)) {
        None => t_string!(i18n, unit.start_visit),
        Some(false) => t_string!(i18n, unit.continue_visit),
        Some(true) => t_string!(i18n, unit.see_visit),
    };
    view! {
        <section class="card" aria-labelledby="visit-title">
            <div class="row">
                <h2 class="grow" id="visit-title">{say!(i18n, unit.visit)}</h2>
                {move || found.get().map(|visit| view! { <PlaceTag place=visit.place /> })}
            </div>
            <p class="soft">{say!(i18n, unit.visit_lead)}</p>
            {move || found.get().filter(|visit| visit.clashes > 0).map(|visit| {
                task(t_string!(i18n, form.clash_count, count = visit.clashes).to_string())
            })}
            {move || found.get().filter(|visit| visit.unsound > 0).map(|visit| {
                task(t_string!(i18n, unit.unsound, count = visit.unsound).to_string())
            })}
            {open.notice()}
            <button type="button" class="button wide" disabled=move || open.working.get() on:click=move |_| open.start()>
                {caption}
            </button>
            <Show when=scored>
                <a class="button quiet wide" href=score.clone()>{say!(i18n, unit.score)}</a>
            </Show>
        </section>
    }
    .into_any()
}

fn task(words: String) -> AnyView {
    view! { <p class="notice care">{words}</p> }.into_any()
}

fn interviews(unit: UnitId) -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    loket.watch_unit(&unit);
    let list = {
        let unit = unit.clone();
        Memo::new(move |_| loket.interviews_of(&unit))
    };
    let open = opener(move || {
        let unit = unit.clone();
        async move { loket.start_interview(&unit).await }
    });
    let numbered = move || {
        let list = list.get().unwrap_or_default();
        let count = list.len();
        // The newest stands first and has the highest number.
        list.into_iter().enumerate().map(|(i, interview)| (count - i, interview)).collect::<Vec<_>>()
    };
    view! {
        <section class="card" aria-labelledby="interviews-title">
            <h2 id="interviews-title">{say!(i18n, unit.interviews)}</h2>
            <p class="soft">{say!(i18n, unit.interviews_lead)}</p>
            {open.notice()}
            <button type="button" class="button wide" disabled=move || open.working.get() on:click=move |_| open.start()>
                "+ " {say!(i18n, unit.new_interview)}
            </button>
        </section>
        <Show when=move || list.with(|list| list.as_ref().is_some_and(Vec::is_empty))>
            <p class="note">{say!(i18n, unit.no_interviews)}</p>
        </Show>
        <Show when=move || list.with(|list| list.as_ref().is_some_and(|list| !list.is_empty()))>
            <ul class="card flush list">
                <For each=numbered key=Clone::clone let:entry>{interview(entry.0, entry.1)}</For>
            </ul>
        </Show>
    }
    .into_any()
}

fn interview(number: usize, interview: Listed) -> AnyView {
    let i18n = use_i18n();
    let state = if interview.closed { t_string!(i18n, unit.finished) } else { t_string!(i18n, unit.draft) };
    let when = words::moment(i18n, interview.updated_at);
    let place = interview.place;
    view! {
        <li>
            <a href=format!("/record/{}", interview.id) class="item">
                <span class="name">{t_string!(i18n, unit.interview_number, number = number).to_string()}</span>
                <span class="meta">
                    <span>{state}</span>
                    <span>{when}</span>
                    <PlaceTag place=place />
                </span>
                {icons::chevron()}
            </a>
        </li>
    }
    .into_any()
}

/// A button's work: make or find a record, then go to it; says so where the form is not here yet.
#[derive(Clone, Copy)]
struct Opener {
    working: RwSignal<bool>,
    missing: RwSignal<bool>,
    start: StoredValue<Box<dyn Fn()>, LocalStorage>,
}

fn opener<F, W>(work: F) -> Opener
where
    F: Fn() -> W + 'static,
    W: Future<Output = Option<replica::id::RecordId>> + 'static,
{
    let working = RwSignal::new(false);
    let missing = RwSignal::new(false);
    let route = Route::get();
    let work = std::rc::Rc::new(work);
    let start: Box<dyn Fn()> = Box::new(move || {
        let work = std::rc::Rc::clone(&work);
        working.set(true);
        missing.set(false);
        spawn_local(async move {
            let record = work().await;
            working.set(false);
            match record {
                Some(record) => route.go(&format!("/record/{record}")),
                None => missing.set(true),
            }
        });
    });
    Opener { working, missing, start: StoredValue::new_local(start) }
}

impl Opener {
    fn start(self) {
        self.start.with_value(|start| start());
    }

    fn notice(self) -> AnyView {
        let i18n = use_i18n();
        let no_room = Loket::get().no_room;
        view! {
            <Show when=move || self.missing.get()>
                <p class="notice care" role="alert">{move || {
                    if no_room.get() { t_string!(i18n, sync.here_full) } else { t_string!(i18n, unit.no_instrument) }
                }}</p>
            </Show>
        }
        .into_any()
    }
}
