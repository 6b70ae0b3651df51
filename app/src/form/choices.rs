//! Chosen answers: one of a list, several of a list, or a box to tick.

use std::sync::Arc;

use leptos::prelude::*;

use super::asked::Asked;
use super::beside::beside_picture;
use super::filling::{Beside, Offered};
use super::search;
use crate::components::Show;
use crate::i18n::use_i18n;

/// A list longer than this is a drop-down unless the instrument says otherwise.
const LONGEST_OPEN_LIST: usize = 12;
/// A list longer than this is searched, whatever the instrument says.
const LONGEST_LIST: usize = 60;

/// The control of a select: an open list, a drop-down or a folded list for `minimal`, or a search.
pub(super) fn select(asked: &Asked, several: bool) -> AnyView {
    let count = untrack(|| asked.filling.choices(&asked.path).len());
    if asked.looks("search") || asked.looks("autocomplete") || count > LONGEST_LIST {
        return search::search(asked.clone(), several);
    }
    let minimal = asked.looks("minimal");
    if minimal && several {
        return folded(asked);
    }
    if !several && !asked.in_table && (minimal || count > LONGEST_OPEN_LIST && style(asked).is_empty()) {
        return drop_down(asked);
    }
    open_list(asked, several)
}

/// Radio buttons or checkboxes, as the appearance places them.
fn open_list(asked: &Asked, several: bool) -> AnyView {
    let i18n = use_i18n();
    let choices = choices_of(asked);
    let value = asked.value();
    let locked = asked.locked();
    let style = style(asked);
    if asked.looks("label") {
        // A table's head: the other questions' buttons are named by their own labels.
        let head = move || {
            choices
                .get()
                .into_iter()
                .map(|one| view! { <span class="choice">{words(&one)}</span> })
                .collect_view()
        };
        return view! { <div class="choices table-row" aria-hidden="true">{head}</div> }.into_any();
    }
    let option = {
        let asked = asked.clone();
        move |one: Offered| option(&asked, value, choices, several, locked, one)
    };
    let class = format!("choices {style}");
    // Not as an attribute, which the page's policy refuses.
    let count = columns(asked).map(|count| count.to_string());
    let clear = {
        let asked = asked.clone();
        move |_| asked.answer("")
    };
    view! {
        <div class=class style=("--columns", count)>
            {each(choices, Arc::new(option))}
        </div>
        <Show when=move || !several && !locked && value.with(|v| !v.is_empty())>
            <button type="button" class="button plain clear" on:click=clear.clone()>
                {say!(i18n, form.clear)}
            </button>
        </Show>
    }
    .into_any()
}

/// What draws one choice.
pub(super) type Draw = Arc<dyn Fn(Offered) -> AnyView + Send + Sync>;

/// A view for each choice, drawn again only where its name or label is another.
pub(super) fn each(choices: Memo<Vec<Offered>>, draw: Draw) -> AnyView {
    view! {
        <For each=move || choices.get() key=|one| (one.name.clone(), one.label.clone()) children=move |one| draw(one) />
    }
    .into_any()
}

/// One radio button or checkbox with its label and picture.
pub(super) fn option(
    asked: &Asked,
    value: Memo<String>,
    choices: Memo<Vec<Offered>>,
    several: bool,
    locked: bool,
    one: Offered,
) -> AnyView {
    let id = asked.id(&one.name);
    let for_id = id.clone();
    let shown = words(&one);
    let (asked, wanted) = (asked.clone(), one.name.clone());
    let (kind, group) = if several { ("checkbox", None) } else { ("radio", Some(asked.ids.control.clone())) };
    let take = {
        let asked = asked.clone();
        let name = one.name.clone();
        move |event| {
            if several {
                let names = choices.with_untracked(|list| {
                    turned(list, &value.get_untracked(), &name, event_target_checked(&event))
                });
                asked.answer(&names);
            } else {
                asked.answer(&name);
                if asked.looks("quick") {
                    go_on(&asked);
                }
            }
        }
    };
    let Beside { big_image, audio, video, .. } = &one.media;
    let more = [big_image, audio, video].iter().any(|address| address.is_some()).then(|| {
        view! { <div class="shown">{beside_picture(one.media.clone(), &one.label)}</div> }
    });
    let checked = move || value.with(|v| if several { has(v, &wanted) } else { *v == wanted });
    view! {
        <label class="choice" for=for_id>
            <input type=kind id=id name=group value=one.name disabled=locked prop:checked=checked on:change=take />
            {shown}
        </label>
        {more}
    }
    .into_any()
}

/// What a choice is called, with its picture.
fn words(one: &Offered) -> AnyView {
    let picture = one.media.image.clone().map(|address| view! { <img src=address alt="" /> });
    view! { <span class="words">{picture}<span>{one.label.clone()}</span></span> }.into_any()
}

/// The chosen names after one was turned on or off, in the list's order; what the list does not show stays.
fn turned(list: &[Offered], value: &str, name: &str, on: bool) -> String {
    let mut left: Vec<&str> =
        value.split(' ').filter(|chosen| !chosen.is_empty() && *chosen != name).collect();
    let mut chosen: Vec<&str> = Vec::new();
    for one in list {
        let own = one.name.as_str();
        if own == name {
            chosen.extend(on.then_some(own));
        } else if let Some(at) = left.iter().position(|chosen| *chosen == own) {
            chosen.push(left.remove(at));
        }
    }
    left.extend(chosen);
    left.join(" ")
}

/// `quick`: on to what comes next, as if the person had moved on.
fn go_on(asked: &Asked) {
    let id = format!("at-{}", asked.ids.control);
    let alone = asked.alone;
    request_animation_frame(move || {
        if alone {
            crate::form::page::press_next();
        } else {
            crate::form::page::show_after(&id);
        }
    });
}

/// `minimal` for several choices: folded, with what is chosen in sight.
fn folded(asked: &Asked) -> AnyView {
    let i18n = use_i18n();
    let value = asked.value();
    let said = {
        let asked = asked.clone();
        move || asked.filling.spoken(&asked.path, &value.get())
    };
    let inside = open_list(asked, true);
    view! {
        <details class="folded">
            <summary>
                {move || { let said = said(); if said.is_empty() { say!(i18n, form.choose).into_any() } else { said.into_any() } }}
            </summary>
            {inside}
        </details>
    }
    .into_any()
}

fn drop_down(asked: &Asked) -> AnyView {
    let i18n = use_i18n();
    let choices = choices_of(asked);
    let locked = asked.locked();
    let value = asked.value();
    let options = move || {
        choices
            .get()
            .into_iter()
            .map(|Offered { name, label, .. }| {
                let this = name.clone();
                view! { <option value=name selected=move || value.with(|v| *v == this)>{label}</option> }
            })
            .collect_view()
    };
    let label = asked.label();
    let asked = asked.clone();
    view! {
        <select class="input" id=asked.ids.control.clone() aria-label=label
            aria-describedby=asked.ids.described_by.clone() disabled=locked prop:value=value
            on:change=move |event| asked.answer(&event_target_value(&event))>
            <option value="">{say!(i18n, form.choose)}</option>
            {options}
        </select>
    }
    .into_any()
}

/// A box to tick.
pub(super) fn acknowledge(asked: &Asked) -> AnyView {
    let i18n = use_i18n();
    let locked = asked.locked();
    let value = asked.value();
    let asked = asked.clone();
    let (id, for_id) = (asked.ids.control.clone(), asked.ids.control.clone());
    let toggle = move |event| asked.answer(if event_target_checked(&event) { "OK" } else { "" });
    view! {
        <label class="choice" for=for_id>
            <input type="checkbox" id=id disabled=locked
                prop:checked=move || value.with(|v| !v.is_empty()) on:change=toggle />
            <span>{say!(i18n, form.yes_seen)}</span>
        </label>
    }
    .into_any()
}

pub(super) fn has(value: &str, name: &str) -> bool {
    value.split(' ').any(|chosen| chosen == name)
}

fn choices_of(asked: &Asked) -> Memo<Vec<Offered>> {
    let Asked { filling, path, .. } = asked.clone();
    Memo::new(move |_| filling.choices(&path))
}

/// How many columns, where the workbook says so.
fn columns(asked: &Asked) -> Option<u8> {
    asked.filling.appearance(&asked.path).iter().find_map(|word| word.strip_prefix("columns-")?.parse().ok())
}

/// The class for how the choices are placed; none for one below the other.
fn style(asked: &Asked) -> String {
    let mut style = String::new();
    if asked.in_table || asked.looks("list-nolabel") || asked.looks("label") {
        style.push_str("table-row ");
    } else if columns(asked).is_some() || asked.looks("columns") {
        style.push_str("in-columns ");
    } else if ["columns-pack", "quick", "likert", "list"].iter().any(|word| asked.looks(word)) {
        style.push_str("packed ");
    }
    if asked.looks("no-buttons") {
        style.push_str("no-buttons ");
    }
    style
}
