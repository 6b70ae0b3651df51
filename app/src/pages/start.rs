//! The surveyor's first page: the units to assess, by government, and how far each is.

use std::collections::BTreeMap;

use leptos::prelude::*;
use replica::api::Unit;

use crate::components::{Frame, Show, icons};
use crate::i18n::{t_string, use_i18n};
use crate::loket::{Loket, UnitWork};
use crate::words::lowercase;

/// The list of units with a field to search it.
#[component]
pub fn Start() -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let wanted = RwSignal::new(String::new());
    let governments = Memo::new(move |_| by_government(loket.units(), &wanted.get()));
    let has_units = Memo::new(move |_| !loket.units().is_empty());
    view! {
        <Frame title=Signal::derive(move || t_string!(i18n, units.title).to_owned())>
            <Show when=has_units
                fallback=move || view! { <p class="notice">{say!(i18n, units.none)}</p> }>
                <div class="field">
                    <label for="search" class="visually-hidden">{say!(i18n, units.search)}</label>
                    <input class="input" type="search" id="search"
                        placeholder=say!(i18n, units.search)
                        on:input=move |event| wanted.set(event_target_value(&event)) />
                </div>
            </Show>
            <Show when=move || has_units.get() && governments.with(Vec::is_empty)>
                <p class="notice">{say!(i18n, units.no_match)}</p>
            </Show>
            <For each=move || governments.get() key=Clone::clone let:government>
                <section class="stack-tight">
                    <div class="group-title">
                        <h2>{government.0.clone()}</h2>
                        <span class="soft small">{government.1.first().map(|unit| unit.province.clone())}</span>
                    </div>
                    <ul class="card flush list">
                        {government.1.into_iter().map(row).collect_view()}
                    </ul>
                </section>
            </For>
        </Frame>
    }
}

fn row(unit: Unit) -> AnyView {
    let loket = Loket::get();
    let work = {
        let id = unit.id.clone();
        Memo::new(move |_| loket.work_at(&id))
    };
    view! {
        <li>
            <a class="item" href=format!("/unit/{}", unit.id)>
                <span class="name">{unit.name}</span>
                <span class="meta">{move || meta(&work.get())}</span>
                {icons::chevron()}
            </a>
        </li>
    }
    .into_any()
}

fn meta(work: &UnitWork) -> AnyView {
    let i18n = use_i18n();
    let (class, visit) = match work.visit {
        None => ("tag", t_string!(i18n, units.not_visited)),
        Some(false) => ("tag care", t_string!(i18n, units.visit_open)),
        Some(true) => ("tag good", t_string!(i18n, units.visit_closed)),
    };
    let UnitWork { interviews, clashes, unsound, .. } = *work;
    let tag = |class: &'static str, words: String| view! { <span class=class>{words}</span> }.into_any();
    view! {
        {tag(class, visit.to_owned())}
        {(interviews > 0).then(|| tag("tag", t_string!(i18n, units.interviews, count = interviews).to_string()))}
        {(clashes > 0).then(|| tag("tag care", t_string!(i18n, units.clashes, count = clashes).to_string()))}
        {(unsound > 0).then(|| tag("tag care", t_string!(i18n, form.problems, count = unsound).to_string()))}
    }
    .into_any()
}

/// Units whose name or government holds what was typed, under their governments.
fn by_government(units: Vec<Unit>, wanted: &str) -> Vec<(String, Vec<Unit>)> {
    let wanted = lowercase(wanted.trim());
    let mut found: BTreeMap<String, Vec<Unit>> = BTreeMap::new();
    for unit in units {
        let text = lowercase(&format!("{} {}", unit.name, unit.government));
        if wanted.split_whitespace().all(|word| text.contains(word)) {
            found.entry(unit.government.clone()).or_default().push(unit);
        }
    }
    found.into_iter().collect()
}
