//! Places, taken from the device when the person asks for it, or typed where the workbook lets them be placed.

use leptos::prelude::*;
use leptos::task::spawn_local;
use survey::instrument::QuestionKind;

use super::asked::Asked;
use super::dates::labelled;
use super::text::failure;
use crate::components::Show;
use crate::device::place;
use crate::i18n::{t_string, use_i18n};

/// One place: a button that records it, and what was recorded; with `placement-map` it can be typed, with `maps` it
/// opens in the phone's own map.
pub(super) fn place(asked: &Asked) -> AnyView {
    let i18n = use_i18n();
    let value = asked.value();
    let said = move || value.with(|value| spoken(value));
    let said = move || {
        said().map(|(latitude, longitude, accuracy)| {
            t_string!(i18n, form.place_is, latitude = latitude, longitude = longitude, accuracy = accuracy)
                .to_string()
        })
    };
    let record = record(asked, value);
    let typed = asked.looks("placement-map").then(|| typed(asked, value));
    let on_map = asked.looks("maps") || asked.looks("placement-map");
    let map = move || {
        value.with(|value| spoken(value)).filter(|_| on_map).map(|(latitude, longitude, _)| {
            let address = format!("geo:{latitude},{longitude}?q={latitude},{longitude}");
            view! { <a class="button quiet" href=address>{say!(i18n, form.place_map)}</a> }
        })
    };
    view! {
        <p class="numbers">{said}</p>
        {record}
        {typed}
        <div class="row">{map}</div>
    }
    .into_any()
}

/// Latitude, longitude and accuracy of a stored place.
fn spoken(value: &str) -> Option<(String, String, String)> {
    let mut parts = value.split(' ');
    let latitude = parts.next().filter(|text| !text.is_empty())?.to_owned();
    let longitude = parts.next()?.to_owned();
    Some((latitude, longitude, parts.nth(1).unwrap_or_default().to_owned()))
}

/// The button that asks the device where it is.
fn record(asked: &Asked, value: Memo<String>) -> AnyView {
    let i18n = use_i18n();
    let locked = asked.locked();
    let working = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let take = {
        let asked = asked.clone();
        move |_| {
            let asked = asked.clone();
            working.set(true);
            failed.set(false);
            spawn_local(async move {
                match place::here().await {
                    Ok(found) => asked.answer(&found.to_answer()),
                    Err(_) => failed.set(true),
                }
                working.set(false);
            });
        }
    };
    let caption = move || match (working.get(), value.with(String::is_empty)) {
        (true, _) => t_string!(i18n, form.place_working),
        (false, true) => t_string!(i18n, form.place_get),
        (false, false) => t_string!(i18n, form.place_again),
    };
    let id = asked.ids.control.clone();
    view! {
        {failure(failed, say!(i18n, form.place_failed))}
        <Show when=move || !locked>
            <button type="button" class="button quiet" id=id.clone() disabled=working on:click=take.clone()>
                {caption}
            </button>
        </Show>
    }
    .into_any()
}

/// Latitude and longitude as fields; they are an answer once both are.
fn typed(asked: &Asked, value: Memo<String>) -> AnyView {
    let i18n = use_i18n();
    let locked = asked.locked();
    let parts = RwSignal::new((String::new(), String::new()));
    Effect::new(move |_| {
        if let Some((latitude, longitude, _)) = value.with(|value| spoken(value)) {
            parts.set((latitude, longitude));
        }
    });
    let field = |id: &str, first: bool| {
        let asked = asked.clone();
        let write = move |event: leptos::ev::Event| {
            let text = event_target_value(&event).replace(',', ".");
            parts.update(|parts| if first { parts.0 = text } else { parts.1 = text });
            let (latitude, longitude) = parts.get_untracked();
            match (latitude.trim(), longitude.trim()) {
                ("", "") => asked.answer(""),
                (_, "") | ("", _) => {}
                (latitude, longitude) => asked.answer(&format!("{latitude} {longitude} 0 0")),
            }
        };
        view! {
            <input class="input" type="text" inputmode="decimal" autocomplete="off" id=id.to_owned() readonly=locked
                prop:value=move || parts.with(|parts| if first { parts.0.clone() } else { parts.1.clone() })
                on:input=write />
        }
        .into_any()
    };
    let (north, east) = (asked.id("north"), asked.id("east"));
    let (latitude, longitude) = (field(&north, true), field(&east, false));
    view! {
        <div class="parts">
            {labelled(north, move || t_string!(i18n, form.latitude).to_owned(), latitude)}
            {labelled(east, move || t_string!(i18n, form.longitude).to_owned(), longitude)}
        </div>
    }
    .into_any()
}

/// A line or a ring: places recorded one after another.
pub(super) fn places(asked: &Asked, kind: QuestionKind) -> AnyView {
    let i18n = use_i18n();
    let locked = asked.locked();
    let value = asked.value();
    // Fewer places than make an answer wait here.
    let begun = RwSignal::new(value.get_untracked());
    let all = Memo::new(move |_| if value.with(String::is_empty) { begun.get() } else { value.get() });
    let count = Memo::new(move |_| all.with(|all| corners(all, kind).len()));
    let working = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let put = {
        let asked = asked.clone();
        move |corners: Vec<String>| {
            let least = if kind == QuestionKind::Geoshape { 3 } else { 2 };
            begun.set(corners.join("; "));
            asked.answer(&if corners.len() < least { String::new() } else { joined(corners, kind) });
        }
    };
    let add = {
        let put = put.clone();
        move |_| {
            let put = put.clone();
            working.set(true);
            failed.set(false);
            spawn_local(async move {
                match place::here().await {
                    Ok(found) => {
                        let mut corners = all.with_untracked(|all| corners(all, kind));
                        corners.push(found.to_answer());
                        put(corners);
                    }
                    Err(_) => failed.set(true),
                }
                working.set(false);
            });
        }
    };
    let undo = move |_| {
        let mut corners = all.with_untracked(|all| corners(all, kind));
        corners.pop();
        put(corners);
    };
    let caption = move || {
        if working.get() { t_string!(i18n, form.place_working) } else { t_string!(i18n, form.place_add) }
    };
    let id = asked.ids.control.clone();
    view! {
        <p class="numbers" role="status">{move || t_string!(i18n, form.places, count = count.get()).to_string()}</p>
        {failure(failed, say!(i18n, form.place_failed))}
        <div class="row" hidden=locked>
            <button type="button" class="button quiet" id=id disabled=working on:click=add>{caption}</button>
            <button type="button" class="button plain" disabled=move || count.get() == 0 on:click=undo>
                {say!(i18n, form.place_undo)}
            </button>
        </div>
    }
    .into_any()
}

/// The places of a stored line or ring; a ring's last is its first again and left out.
fn corners(value: &str, kind: QuestionKind) -> Vec<String> {
    let mut corners: Vec<String> =
        value.split(';').map(|place| place.trim().to_owned()).filter(|place| !place.is_empty()).collect();
    if kind == QuestionKind::Geoshape && corners.len() > 3 && corners.first() == corners.last() {
        corners.pop();
    }
    corners
}

fn joined(mut corners: Vec<String>, kind: QuestionKind) -> String {
    if kind == QuestionKind::Geoshape {
        corners.extend(corners.first().cloned());
    }
    corners.join("; ")
}
