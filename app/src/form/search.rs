//! `search`, `autocomplete`, and every list too long to show: what fits the words that a person types.

use std::sync::Arc;

use leptos::prelude::*;

use super::asked::Asked;
use super::choices::{each, option};
use super::filling::Offered;
use crate::components::Show;
use crate::i18n::{t_string, use_i18n};

/// As many choices are shown at once.
const SHOWN: usize = 20;

/// A field for words, and the choices that hold them; what is chosen stands first.
pub(super) fn search(asked: Asked, several: bool) -> AnyView {
    let i18n = use_i18n();
    let wanted = RwSignal::new(String::new());
    let value = asked.value();
    let locked = asked.locked();
    let found = {
        let Asked { filling, path, .. } = asked.clone();
        let within = path.clone();
        let searched = Memo::new(move |_| filling.searched(&within));
        Memo::new(move |_| {
            wanted.with(|wanted| searched.with(|all| filling.search(&path, all, wanted, SHOWN)))
        })
    };
    let listed = {
        let Asked { filling, path, .. } = asked.clone();
        Memo::new(move |_| {
            let mut chosen = value.with(|value| filling.chosen(&path, value));
            let others = found.with(|(found, _)| found.clone());
            let others: Vec<Offered> = others.into_iter().filter(|one| !chosen.contains(one)).collect();
            chosen.extend(others);
            chosen
        })
    };
    let more = move || {
        let more = found.with(|(_, more)| *more);
        if more > 0 { t_string!(i18n, form.search_more, count = more).to_string() } else { String::new() }
    };
    let label = {
        let label = asked.label();
        move || t_string!(i18n, form.search_in, label = label.get()).to_string()
    };
    let draw = {
        let asked = asked.clone();
        move |one: Offered| option(&asked, value, listed, several, locked, one)
    };
    let clear = {
        let asked = asked.clone();
        move |_| asked.answer("")
    };
    view! {
        <input type="search" class="input" id=asked.id("search") aria-label=label autocomplete="off"
            disabled=locked prop:value=wanted on:input=move |event| wanted.set(event_target_value(&event)) />
        <div class="choices">
            {each(listed, Arc::new(draw))}
        </div>
        <p class="small soft" role="status">{more}</p>
        <Show when=move || !several && !locked && value.with(|v| !v.is_empty())>
            <button type="button" class="button plain clear" on:click=clear.clone()>
                {say!(i18n, form.clear)}
            </button>
        </Show>
    }
    .into_any()
}
