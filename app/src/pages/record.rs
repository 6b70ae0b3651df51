//! One record being filled: its overview, and its pages, one for each group at the top of the form.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::id::RecordId;
use survey::path::Path;
use wasm_bindgen::JsCast as _;

use crate::components::{Frame, PlaceTag, Progress, Show, icons, is_up, waiting};
use crate::form::{Filling, Opened, SaveState, focus_question, items, notes, section_key};
use crate::i18n::{t_string, use_i18n};
use crate::loket::Loket;
use crate::route::Route;

/// The page of the record named in the address; `?at=GROUP` opens one of its pages.
#[component]
pub fn RecordPage(
    /// The record's id, as the address has it.
    id: String,
) -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let opened = RwSignal::new(None::<Option<Filling>>);
    let owner = Owner::current();
    Effect::new(move |_| {
        let Ok(id) = id.parse::<RecordId>() else { return opened.set(Some(None)) };
        let owner = owner.clone();
        spawn_local(async move {
            let found = match Filling::open(loket, id).await {
                Opened::Ready(start) => owner.map(|owner| owner.with(|| start.begin())),
                Opened::Missing => None,
            };
            // The page may have gone while the record was read.
            let _ = opened.try_set(Some(found));
        });
    });
    // Where another page stood, its bar stays.
    let framed = is_up();
    view! {
        {move || match opened.get() {
            None if !framed => waiting(),
            None => view! {
                <Frame title=Signal::derive(move || t_string!(i18n, app.name).to_owned())>
                    <p class="note" role="status">{say!(i18n, app.loading)}</p>
                </Frame>
            }
            .into_any(),
            Some(None) => view! {
                <Frame title=Signal::derive(move || t_string!(i18n, nav.units).to_owned())>
                    <p class="notice">{say!(i18n, form.missing_record)}</p>
                </Frame>
            }
            .into_any(),
            Some(Some(filling)) => pages(filling),
        }}
    }
}

/// The overview or one page, by the address.
fn pages(filling: Filling) -> AnyView {
    let route = Route::get();
    let at = Memo::new(move |_| {
        let name = route.query("at")?;
        filling.sections().into_iter().find(|path| section_key(path) == name)
    });
    // Turning a page is a natural point to make a change of what was typed.
    Effect::new(move |_| {
        at.track();
        filling.turn_page();
    });
    view! {
        {move || match at.get() {
            Some(path) => section(filling, path),
            None => overview(filling),
        }}
    }
    .into_any()
}

fn head(filling: Filling) -> AnyView {
    let i18n = use_i18n();
    let state = move || filling.save_state();
    let words = move || match state() {
        SaveState::Saving => t_string!(i18n, form.saving),
        SaveState::Saved => t_string!(i18n, form.saved),
        SaveState::Failed => t_string!(i18n, form.save_failed),
    };
    let name = move || match state() {
        SaveState::Saving => "saving",
        SaveState::Saved => "saved",
        SaveState::Failed => "failed",
    };
    let unit = filling.unit_name();
    let closed = move || filling.is_closed();
    view! {
        <div class="form-head">
            <p class="soft">{unit}</p>
            <div class="row">
                <span class="save-state" role="status" data-state=name>{words}</span>
                <PlaceTag place=Signal::derive(move || filling.whereabouts()) />
            </div>
            <Show when=move || state() == SaveState::Failed>
                <p class="notice bad" role="alert">{say!(i18n, form.save_failed_what)}</p>
            </Show>
            <Show when=closed>
                <p class="notice">
                    {move || if filling.is_visit() {
                        t_string!(i18n, form.closed)
                    } else {
                        t_string!(i18n, form.closed_interview)
                    }}
                </p>
            </Show>
        </div>
    }
    .into_any()
}

fn overview(filling: Filling) -> AnyView {
    let i18n = use_i18n();
    let clashes = move || filling.clash_count();
    view! {
        <Frame title=Signal::derive(move || filling.title())>
            {head(filling)}
            <p class="soft">{move || filling.own_name()}</p>
            <Show when=move || { clashes() > 0 }>
                <p class="notice care">{move || t_string!(i18n, form.clash_count, count = clashes()).to_string()}</p>
            </Show>
            <section class="stack-tight">
                <h2>{say!(i18n, form.sections)}</h2>
                <ul class="card flush list">
                    <For each=move || filling.sections() key=Clone::clone let:path>
                        {section_row(filling, path)}
                    </For>
                </ul>
            </section>
            {notes(filling)}
            {closing(filling)}
        </Frame>
    }
    .into_any()
}

fn section_row(filling: Filling, path: Path) -> AnyView {
    let i18n = use_i18n();
    let href = address(filling, &path);
    let progress = {
        let path = path.clone();
        Memo::new(move |_| filling.progress(&path))
    };
    let clashes = {
        let path = path.clone();
        Memo::new(move |_| filling.clashes_within(&path))
    };
    let label = Memo::new(move |_| filling.label(&path));
    let words = move || {
        let p = progress.get();
        t_string!(i18n, form.answered, done = p.answered, all = p.questions).to_string()
    };
    let state = move || {
        let p = progress.get();
        if p.problems > 0 {
            ("tag bad", t_string!(i18n, form.problems, count = p.problems).to_string())
        } else if p.required_left > 0 {
            ("tag care", t_string!(i18n, form.required_left, count = p.required_left).to_string())
        } else if p.answered == 0 {
            ("tag", t_string!(i18n, form.untouched).to_owned())
        } else if p.answered < p.questions {
            ("tag", t_string!(i18n, form.partly).to_owned())
        } else {
            ("tag good", t_string!(i18n, form.complete).to_owned())
        }
    };
    view! {
        <li>
            <a class="item" href=href>
                <span class="name">{label}</span>
                <span class="meta">
                    <span>{words}</span>
                    <span class=move || state().0>{move || state().1}</span>
                    {move || (clashes.get() > 0).then(|| view! {
                        <span class="tag care">
                            {t_string!(i18n, units.clashes, count = clashes.get()).to_string()}
                        </span>
                    })}
                </span>
                {icons::chevron()}
            </a>
        </li>
    }
    .into_any()
}

fn section(filling: Filling, path: Path) -> AnyView {
    let i18n = use_i18n();
    let progress = {
        let path = path.clone();
        Memo::new(move |_| filling.progress(&path))
    };
    let label = {
        let path = path.clone();
        Memo::new(move |_| filling.label(&path))
    };
    let said = Signal::derive(move || {
        let p = progress.get();
        t_string!(i18n, form.answered, done = p.answered, all = p.questions).to_string()
    });
    // A link to one question puts the focus there.
    let aim = untrack(|| Route::get().query("ask")).and_then(|text| text.parse::<Path>().ok());
    filling.aim(aim.clone());
    let questions = items(filling, &path, 0);
    if let Some(aim) = aim {
        Effect::new(move |_| focus_question(&aim));
    }
    let foot = foot(filling, path);
    view! {
        <Frame title=Signal::derive(move || label.get()) menu=false>
            {head(filling)}
            <Progress done=Signal::derive(move || progress.get().answered)
                all=Signal::derive(move || progress.get().questions) label=said />
            {questions}
        </Frame>
        {foot}
    }
    .into_any()
}

/// Back and on, always in reach of the thumb.
fn foot(filling: Filling, path: Path) -> AnyView {
    let i18n = use_i18n();
    let neighbours = Memo::new(move |_| {
        let sections = filling.sections();
        let here = sections.iter().position(|section| *section == path);
        let before = here.and_then(|i| i.checked_sub(1)).and_then(|i| sections.get(i).cloned());
        let after = here.and_then(|i| sections.get(i + 1).cloned());
        (before, after)
    });
    let overview = filling.address();
    let previous = {
        let overview = overview.clone();
        move || neighbours.get().0.map_or_else(|| overview.clone(), |path| address(filling, &path))
    };
    let next = {
        let overview = overview.clone();
        move || neighbours.get().1.map_or_else(|| overview.clone(), |path| address(filling, &path))
    };
    let has_next = move || neighbours.with(|(_, after)| after.is_some());
    let has_previous = move || neighbours.with(|(before, _)| before.is_some());
    view! {
        <nav class="foot" aria-label=say!(i18n, form.sections)>
            <a class="button quiet" href=previous>
                {move || if has_previous() { t_string!(i18n, form.previous) } else { t_string!(i18n, form.overview) }}
            </a>
            <a class="button" href=next>
                {move || if has_next() { t_string!(i18n, form.next) } else { t_string!(i18n, form.overview) }}
            </a>
        </nav>
    }
    .into_any()
}

fn address(filling: Filling, path: &Path) -> String {
    format!("{}?at={}", filling.address(), section_key(path))
}

/// Finishing: what is left to answer, and the button that closes the record or opens it again.
fn closing(filling: Filling) -> AnyView {
    let i18n = use_i18n();
    let asked = RwSignal::new(false);
    let left = Memo::new(move |_| filling.left());
    let route = Route::get();
    let unit = filling.unit_address();
    let close = move || {
        let unit = unit.clone();
        spawn_local(async move {
            if filling.close().await {
                route.go(&unit);
            }
        });
    };
    let close = StoredValue::new_local(close);
    let caption = move || {
        if filling.is_visit() {
            t_string!(i18n, form.close_visit)
        } else {
            t_string!(i18n, form.close_interview)
        }
    };
    let list = NodeRef::<leptos::html::Ul>::new();
    Effect::new(move |_| {
        // Refused: on to the first thing that is left.
        let first = list.get().and_then(|list| list.query_selector("a").ok().flatten());
        if let Some(first) = first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = first.focus();
        }
    });
    let press = move |_| {
        if left.with_untracked(Vec::is_empty) {
            close.with_value(|close| close());
        } else {
            filling.show_required();
            asked.set(true);
        }
    };
    view! {
        <Show when=move || !filling.is_closed()
            fallback=move || view! {
                <Show when=move || filling.is_visit()>
                    <button type="button" class="button quiet wide" on:click=move |_| filling.reopen()>
                        {say!(i18n, form.reopen)}
                    </button>
                </Show>
            }>
            <Show when=move || asked.get() && !left.with(Vec::is_empty)>
                <div class="notice care" role="alert">
                    <strong>{say!(i18n, form.close_left)}</strong>
                    <ul class="left-list" node_ref=list>
                        <For each=move || left.get() key=Clone::clone let:entry>
                            <li><a href=format!("{}?at={}", filling.address(), entry.0)>{entry.1}</a></li>
                        </For>
                    </ul>
                    <button type="button" class="button quiet" on:click=move |_| close.with_value(|close| close())>
                        {say!(i18n, form.close_anyway)}
                    </button>
                </div>
            </Show>
            <button type="button" class="button wide" on:click=press>{caption}</button>
        </Show>
    }
    .into_any()
}
