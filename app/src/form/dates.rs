//! A day in parts, for `no-calendar`, `month-year` and `year`: numbers are typed, the month is chosen.

use leptos::prelude::*;
use survey::instrument::QuestionKind;

use super::asked::Asked;
use crate::i18n::{t_string, use_i18n};

/// Which parts of a day are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts {
    day: bool,
    month: bool,
    time: bool,
}

/// Whether the workbook wants the day in parts.
pub(super) fn is_in_parts(asked: &Asked, kind: QuestionKind) -> bool {
    matches!(kind, QuestionKind::Date | QuestionKind::DateTime)
        && ["no-calendar", "month-year", "year"].iter().any(|word| asked.looks(word))
}

/// What is typed, part by part; kept here until it makes a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Typed {
    day: String,
    month: String,
    year: String,
    time: String,
}

impl Typed {
    fn of(stored: &str, parts: Parts) -> Self {
        let part = |from: usize, to: usize| stored.get(from..to).unwrap_or("").to_owned();
        let bare = |text: String| text.trim_start_matches('0').to_owned();
        let text = |wanted: bool, text: String| if wanted { text } else { String::new() };
        Self {
            day: text(parts.day, bare(part(8, 10))),
            month: text(parts.month, bare(part(5, 7))),
            year: part(0, 4),
            time: text(parts.time, part(11, 16)),
        }
    }

    /// The answer; none while a part is missing, blank where all are.
    fn answer(&self, parts: Parts) -> Option<String> {
        let wanted = [
            (true, &self.year),
            (parts.month, &self.month),
            (parts.day, &self.day),
            (parts.time, &self.time),
        ];
        let mut wanted = wanted.into_iter().filter(|(wanted, _)| *wanted).map(|(_, text)| text.trim());
        if wanted.clone().all(str::is_empty) {
            return Some(String::new());
        }
        if wanted.any(str::is_empty) || self.year.trim().len() < 4 {
            return None;
        }
        let two =
            |wanted: bool, text: &str| if wanted { format!("{:0>2}", text.trim()) } else { "01".to_owned() };
        let day =
            format!("{}-{}-{}", self.year.trim(), two(parts.month, &self.month), two(parts.day, &self.day));
        Some(if parts.time { format!("{day}T{}", self.time.trim()) } else { day })
    }
}

/// The parts side by side.
pub(super) fn parts(asked: &Asked, kind: QuestionKind) -> AnyView {
    let i18n = use_i18n();
    let parts = Parts {
        day: !asked.looks("month-year") && !asked.looks("year"),
        month: !asked.looks("year"),
        time: kind == QuestionKind::DateTime,
    };
    let typed = RwSignal::new(Typed::default());
    let stored = asked.value();
    // What another device wrote comes in; what is typed and no day yet stays.
    Effect::new(move |_| {
        let stored = stored.get();
        if !stored.is_empty() || typed.with_untracked(|typed| typed.answer(parts).is_some()) {
            typed.set(Typed::of(&stored, parts));
        }
    });
    let change = {
        let asked = asked.clone();
        move |put: fn(&mut Typed, String), text: String| {
            typed.update(|typed| put(typed, text));
            if let Some(answer) = typed.with_untracked(|typed| typed.answer(parts)) {
                asked.answer(&answer);
            }
        }
    };
    let locked = asked.locked();
    let number = |id: &str, size: &'static str, read: fn(&Typed) -> &String, put: fn(&mut Typed, String)| {
        let change = change.clone();
        view! {
            <input class="input" type="text" inputmode="numeric" autocomplete="off" maxlength=size
                id=asked.id(id) readonly=locked prop:value=move || typed.with(|typed| read(typed).clone())
                on:input=move |event| change(put, event_target_value(&event)) />
        }
        .into_any()
    };
    let day = parts.day.then(|| {
        let field = number("day", "2", |typed| &typed.day, |typed, text| typed.day = text);
        labelled(asked.id("day"), move || t_string!(i18n, form.day).to_owned(), field)
    });
    let month = parts.month.then(|| {
        let change = change.clone();
        let months = move || {
            let language = i18n.get_locale().as_str();
            (1..=12_u32)
                .map(|at| {
                    let chosen = move || typed.with(|typed| typed.month.trim() == at.to_string());
                    view! { <option value=at.to_string() selected=chosen>{month_name(at, language)}</option> }
                })
                .collect_view()
        };
        let put: fn(&mut Typed, String) = |typed, text| typed.month = text;
        let field = view! {
            <select class="input" id=asked.id("month") disabled=locked
                prop:value=move || typed.with(|typed| typed.month.clone())
                on:change=move |event| change(put, event_target_value(&event))>
                <option value="">{say!(i18n, form.choose)}</option>
                {months}
            </select>
        };
        labelled(asked.id("month"), move || t_string!(i18n, form.month).to_owned(), field.into_any())
    });
    let year = number("year", "4", |typed| &typed.year, |typed, text| typed.year = text);
    let year = labelled(asked.id("year"), move || t_string!(i18n, form.year).to_owned(), year);
    let time = parts.time.then(|| {
        let put: fn(&mut Typed, String) = |typed, text| typed.time = text;
        let field = view! {
            <input class="input" type="time" id=asked.id("time") readonly=locked
                prop:value=move || typed.with(|typed| typed.time.clone())
                on:input=move |event| change(put, event_target_value(&event)) />
        };
        labelled(asked.id("time"), move || t_string!(i18n, form.time).to_owned(), field.into_any())
    });
    view! { <div class="parts">{day}{month}{year}{time}</div> }.into_any()
}

/// A field with its own small label.
pub(super) fn labelled(id: String, words: impl Fn() -> String + Send + 'static, field: AnyView) -> AnyView {
    view! { <div class="part"><label class="small" for=id>{words}</label>{field}</div> }.into_any()
}

fn month_name(month: u32, language: &str) -> String {
    let date = js_sys::Date::new_with_year_month_day(2026, i32::try_from(month).unwrap_or(1) - 1, 1);
    let options = js_sys::Object::new();
    // Setting a plain property on a fresh object cannot fail.
    let _ = js_sys::Reflect::set(&options, &"month".into(), &"long".into());
    date.to_locale_date_string(language, &options).into()
}
