//! A number between two bounds: a slider with buttons, a drop-down for `picker`, stars for `rating`.

use leptos::prelude::*;
use survey::instrument::Steps;

use super::asked::Asked;
use crate::components::Show;
use crate::i18n::{t_string, use_i18n};

/// More steps than this are not listed one by one.
const MOST_LISTED: usize = 1_000;
/// More stars than this are a slider.
const MOST_STARS: usize = 20;

/// The control of a range.
pub(super) fn range(asked: &Asked) -> AnyView {
    let Some(steps) = asked.question().steps() else { return ().into_any() };
    if asked.looks("picker") && steps.count <= MOST_LISTED {
        picker(asked, steps)
    } else if asked.looks("rating") && steps.count <= MOST_STARS {
        rating(asked, steps)
    } else {
        slider(asked, steps)
    }
}

/// Whether the control has several parts, which a legend names.
pub(super) fn is_group(asked: &Asked) -> bool {
    !asked.looks("picker")
}

fn slider(asked: &Asked, steps: Steps) -> AnyView {
    let i18n = use_i18n();
    let value = asked.value();
    let locked = asked.locked();
    let last = steps.count.saturating_sub(1);
    let place = move || value.with(|value| steps.place(value));
    let said = {
        let Asked { filling, path, .. } = asked.clone();
        move || {
            let value = value.get();
            if value.is_empty() {
                t_string!(i18n, form.not_answered).to_owned()
            } else {
                filling.spoken(&path, &value)
            }
        }
    };
    let label = asked.label();
    let answer = {
        let asked = asked.clone();
        move |at: usize| asked.answer(&steps.text(at.min(last)))
    };
    let (less, more, slide) = (answer.clone(), answer.clone(), answer);
    let clear = {
        let asked = asked.clone();
        move |_| asked.answer("")
    };
    let vertical = asked.looks("vertical");
    let ticks = (!asked.looks("no-ticks") && last <= 20).then(|| asked.id("ticks"));
    let marks = ticks.clone().map(|id| {
        let all = (0..=last).map(|at| view! { <option value=at.to_string()></option> }).collect_view();
        view! { <datalist id=id>{all}</datalist> }
    });
    view! {
        <p class="numbers range-value" aria-hidden="true">{said.clone()}</p>
        <div class="range" class:vertical=vertical class:blank=move || place().is_none()>
            <button type="button" class="button quiet square" disabled=locked
                aria-label=move || t_string!(i18n, form.less, label = label.get()).to_string()
                on:click=move |_| less(place().map_or(0, |at| at.saturating_sub(1)))>"−"</button>
            <input type="range" id=asked.ids.control.clone() min="0" max=last.to_string() step="1" list=ticks
                aria-label=label aria-valuetext=said aria-describedby=asked.ids.described_by.clone() disabled=locked
                aria-orientation=vertical.then_some("vertical")
                prop:value=move || place().unwrap_or(0).to_string()
                on:input=move |event| slide(event_target_value(&event).parse().unwrap_or(0)) />
            <button type="button" class="button quiet square" disabled=locked
                aria-label=move || t_string!(i18n, form.more, label = label.get()).to_string()
                on:click=move |_| more(place().map_or(0, |at| at + 1))>"+"</button>
        </div>
        {marks}
        <p class="row small soft ends"><span>{steps.text(0)}</span><span>{steps.text(last)}</span></p>
        <Show when=move || !locked && value.with(|v| !v.is_empty())>
            <button type="button" class="button plain clear" on:click=clear.clone()>{say!(i18n, form.clear)}</button>
        </Show>
    }
    .into_any()
}

fn picker(asked: &Asked, steps: Steps) -> AnyView {
    let i18n = use_i18n();
    let value = asked.value();
    let options = (0..steps.count)
        .map(|at| {
            let text = steps.text(at);
            let (this, shown) = (text.clone(), asked.filling.spoken(&asked.path, &text));
            view! { <option value=text selected=move || value.with(|v| *v == this)>{shown}</option> }
        })
        .collect_view();
    let locked = asked.locked();
    let asked = asked.clone();
    view! {
        <select class="input" id=asked.ids.control.clone() aria-describedby=asked.ids.described_by.clone()
            disabled=locked prop:value=value on:change=move |event| asked.answer(&event_target_value(&event))>
            <option value="">{say!(i18n, form.choose)}</option>
            {options}
        </select>
    }
    .into_any()
}

fn rating(asked: &Asked, steps: Steps) -> AnyView {
    let i18n = use_i18n();
    let value = asked.value();
    let locked = asked.locked();
    let star = |at: usize| {
        let text = steps.text(at);
        let (id, for_id) = (asked.id(&text), asked.id(&text));
        let lit = move || value.with(|value| steps.place(value)).is_some_and(|place| place >= at);
        let shown = asked.filling.spoken(&asked.path, &text);
        let (asked, wanted, given) = (asked.clone(), text.clone(), text.clone());
        let name = asked.ids.control.clone();
        view! {
            <label class="star" for=for_id class:lit=lit>
                <input type="radio" id=id name=name value=text disabled=locked
                    prop:checked=move || value.with(|v| *v == wanted) on:change=move |_| asked.answer(&given) />
                <span aria-hidden="true">"★"</span>
                <span class="visually-hidden">{shown}</span>
            </label>
        }
    };
    let stars = (0..steps.count).map(star).collect_view();
    let clear = {
        let asked = asked.clone();
        move |_| asked.answer("")
    };
    view! {
        <div class="stars">{stars}</div>
        <Show when=move || !locked && value.with(|v| !v.is_empty())>
            <button type="button" class="button plain clear" on:click=clear.clone()>{say!(i18n, form.clear)}</button>
        </Show>
    }
    .into_any()
}
