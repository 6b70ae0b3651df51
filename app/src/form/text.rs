//! Typed answers: text, numbers, codes, days and times.

use leptos::prelude::*;
use survey::instrument::QuestionKind;
use survey::session::AnswerError;

use super::asked::Asked;
use crate::I18n;
use crate::components::Show;
use crate::i18n::{t_string, use_i18n};
use crate::loket::Loket;

/// Why the session did not take the last input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused(pub AnswerError);

impl Refused {
    /// The reason in the person's language.
    pub fn words(&self, i18n: I18n) -> String {
        match &self.0 {
            AnswerError::NotANumber => t_string!(i18n, form.not_a_number).to_owned(),
            AnswerError::NotAnInteger => t_string!(i18n, form.not_whole).to_owned(),
            AnswerError::NotADate => t_string!(i18n, form.not_a_date).to_owned(),
            AnswerError::NotATime => t_string!(i18n, form.not_a_time).to_owned(),
            AnswerError::NotAPlace => t_string!(i18n, form.not_a_place).to_owned(),
            AnswerError::TooLong => t_string!(i18n, form.too_long).to_owned(),
            _ => t_string!(i18n, form.not_a_choice).to_owned(),
        }
    }
}

/// An input for a typed answer.
pub(super) fn input(asked: &Asked, kind: QuestionKind) -> AnyView {
    let stored = asked.value();
    let value = Memo::new(move |_| stored.with(|stored| shown(kind, stored)));
    let write = {
        let asked = asked.clone();
        move |text: String| {
            // People here write decimals with a comma.
            let text = if kind == QuestionKind::Decimal { text.replace(',', ".") } else { text };
            asked.answer(text.trim_end());
        }
    };
    let locked = asked.locked();
    let refused = asked.refused;
    let invalid = {
        let Asked { filling, path, .. } = asked.clone();
        move || {
            let wrong = refused.with(Option::is_some) || filling.problem_shown(&path).is_some();
            if wrong { "true" } else { "false" }
        }
    };
    let rows = asked.question().parameters.get("rows").cloned();
    if kind == QuestionKind::Text && (asked.looks("multiline") || rows.is_some()) {
        return view! {
            <textarea class="input" id=asked.ids.control.clone() aria-describedby=asked.ids.described_by.clone()
                aria-invalid=invalid readonly=locked rows=rows prop:value=value
                on:input=move |event| write(event_target_value(&event))></textarea>
        }
        .into_any();
    }
    let (kind_name, mode) = match kind {
        QuestionKind::Date => ("date", "text"),
        QuestionKind::Time => ("time", "text"),
        QuestionKind::DateTime => ("datetime-local", "text"),
        _ if asked.looks("masked") => ("password", "text"),
        QuestionKind::Integer => ("text", "numeric"),
        QuestionKind::Decimal => ("text", "decimal"),
        _ if asked.looks("numbers") => ("text", "numeric"),
        _ => ("text", "text"),
    };
    // Where a legend names several parts, this one needs a name of its own.
    let named = (kind == QuestionKind::Barcode || asked.looks("counter")).then(|| asked.label());
    let field = view! {
        <input class="input" type=kind_name inputmode=mode autocomplete="off" id=asked.ids.control.clone()
            aria-label=move || named.map(|label| label.get())
            aria-describedby=asked.ids.described_by.clone() aria-invalid=invalid readonly=locked
            prop:value=value
            on:input=move |event| write(event_target_value(&event)) />
    }
    .into_any();
    match kind {
        QuestionKind::Integer if asked.looks("counter") => counted(asked, field, stored, locked),
        QuestionKind::Barcode => super::barcode::field(asked, field, locked),
        _ if asked.looks("thousands-sep") => separated(field, stored),
        _ => field,
    }
}

/// A stored answer as its input takes it: times without seconds and offset.
fn shown(kind: QuestionKind, stored: &str) -> String {
    let length = match kind {
        QuestionKind::Time => 5,
        QuestionKind::DateTime => 16,
        _ => return stored.to_owned(),
    };
    stored.get(..length).unwrap_or(stored).to_owned()
}

/// `thousands-sep`: the number as people write it, below the field, since separators in it would not be digits.
fn separated(field: AnyView, value: Memo<String>) -> AnyView {
    let i18n = use_i18n();
    let written = move || {
        let language = i18n.get_locale().as_str();
        value.with(|value| value.parse::<f64>().ok()).map(|number| {
            let options = js_sys::Object::new();
            // Setting a plain property on a fresh object cannot fail.
            let _ = js_sys::Reflect::set(&options, &"maximumFractionDigits".into(), &20.into());
            String::from(js_sys::Number::from(number).to_locale_string(language))
        })
    };
    view! {
        {field}
        <p class="numbers soft">{written}</p>
    }
    .into_any()
}

/// `counter`: one less and one more.
fn counted(asked: &Asked, field: AnyView, value: Memo<String>, locked: bool) -> AnyView {
    let i18n = use_i18n();
    let label = asked.label();
    let by = |step: i64| {
        let asked = asked.clone();
        move |_| {
            let next = value.with_untracked(|value| value.parse::<i64>().unwrap_or(0)).saturating_add(step);
            asked.answer(&next.to_string());
        }
    };
    let (less, more) = (by(-1), by(1));
    view! {
        <div class="range">
            <button type="button" class="button quiet square" disabled=locked
                aria-label=move || t_string!(i18n, form.less, label = label.get()).to_string() on:click=less>"−"</button>
            {field}
            <button type="button" class="button quiet square" disabled=locked
                aria-label=move || t_string!(i18n, form.more, label = label.get()).to_string() on:click=more>"+"</button>
        </div>
    }
    .into_any()
}

/// A line that something did not work.
pub(super) fn failure(when: RwSignal<bool>, words: Signal<&'static str>) -> AnyView {
    let (i18n, no_room) = (use_i18n(), Loket::get().no_room);
    view! {
        <Show when=when>
            <p class="problem" role="alert">
                {move || if no_room.get() { t_string!(i18n, sync.here_full) } else { words.get() }}
            </p>
        </Show>
    }
    .into_any()
}
