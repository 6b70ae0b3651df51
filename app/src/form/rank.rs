//! Choices put into an order, by buttons rather than by dragging.

use leptos::prelude::*;

use super::asked::Asked;
use super::page::focus_soon;
use crate::components::Show;
use crate::i18n::{t_string, use_i18n};

/// The choices in their order, each with a button up and a button down.
pub(super) fn rank(asked: &Asked) -> AnyView {
    let i18n = use_i18n();
    let value = asked.value();
    let locked = asked.locked();
    let order = {
        let Asked { filling, path, .. } = asked.clone();
        Memo::new(move |_| {
            let mut all: Vec<(String, String)> =
                filling.choices(&path).into_iter().map(|one| (one.name, one.label)).collect();
            let place = |name: &str| value.with(|v| v.split(' ').position(|own| own == name));
            all.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
            all
        })
    };
    let keep = {
        let asked = asked.clone();
        move |_| asked.answer(&names(&order.get_untracked()))
    };
    let each = {
        let asked = asked.clone();
        move |(name, label): (String, String)| item(&asked, order, locked, name, label)
    };
    view! {
        <Show when=move || value.with(String::is_empty)>
            <p class="small soft">{say!(i18n, form.rank_open)}</p>
        </Show>
        <ol class="rank">
            <For each=move || order.get() key=Clone::clone children=each />
        </ol>
        <Show when=move || !locked && value.with(String::is_empty)>
            <button type="button" class="button quiet" on:click=keep.clone()>{say!(i18n, form.rank_keep)}</button>
        </Show>
    }
    .into_any()
}

fn item(
    asked: &Asked,
    order: Memo<Vec<(String, String)>>,
    locked: bool,
    name: String,
    label: String,
) -> AnyView {
    let i18n = use_i18n();
    let place = {
        let name = name.clone();
        move || order.with(|all| all.iter().position(|(own, _)| *own == name).unwrap_or(0))
    };
    let said = label.clone();
    let button = |up: bool| {
        let (asked, name, label, place) = (asked.clone(), name.clone(), label.clone(), place.clone());
        let id = asked.id(&format!("{name}-{}", if up { "up" } else { "down" }));
        let words = move || {
            let label = label.clone();
            if up {
                t_string!(i18n, form.rank_up, label = label).to_string()
            } else {
                t_string!(i18n, form.rank_down, label = label).to_string()
            }
        };
        let ends = {
            let place = place.clone();
            move || if up { place() == 0 } else { place() + 1 >= order.with(Vec::len) }
        };
        let this = id.clone();
        let shift = move |_| {
            let at = place();
            let mut all = order.get_untracked();
            let other = if up { at.checked_sub(1) } else { Some(at + 1).filter(|other| *other < all.len()) };
            if let Some(other) = other {
                all.swap(at, other);
                asked.answer(&names(&all));
                focus_soon(this.clone());
            }
        };
        view! {
            <button type="button" class="button quiet square" id=id aria-label=words
                aria-disabled=move || ends().to_string() disabled=locked on:click=shift>
                {if up { "↑" } else { "↓" }}
            </button>
        }
        .into_any()
    };
    let (up, down) = (button(true), button(false));
    view! { <li><span class="grow">{said}</span>{up}{down}</li> }.into_any()
}

fn names(all: &[(String, String)]) -> String {
    all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
}
