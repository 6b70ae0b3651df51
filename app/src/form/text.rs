//! Typed answers: text, numbers and days.

use leptos::prelude::*;
use survey::instrument::QuestionKind;
use survey::path::Path;
use survey::session::AnswerError;

use super::Filling;
use super::question::Ids;
use crate::I18n;
use crate::i18n::t_string;

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
            AnswerError::TooLong => t_string!(i18n, form.too_long).to_owned(),
            _ => t_string!(i18n, form.not_a_choice).to_owned(),
        }
    }
}

/// An input for a typed answer.
pub(super) fn input(
    filling: Filling,
    path: Path,
    kind: QuestionKind,
    ids: Ids,
    refused: RwSignal<Option<Refused>>,
) -> AnyView {
    let value = {
        let path = path.clone();
        Memo::new(move |_| filling.value(&path))
    };
    let write = {
        let path = path.clone();
        move |text: String| {
            // People here write decimals with a comma.
            let text = if kind == QuestionKind::Decimal { text.replace(',', ".") } else { text };
            refused.set(filling.answer(&path, text.trim_end()).err().map(Refused));
        }
    };
    let locked = filling.is_locked(&path);
    let invalid = move || if refused.with(Option::is_some) { "true" } else { "false" };
    if kind == QuestionKind::Text && filling.looks(&path, "multiline") {
        return view! {
            <textarea class="input" id=ids.control aria-describedby=ids.described_by aria-invalid=invalid
                readonly=locked prop:value=value
                on:input=move |event| write(event_target_value(&event))></textarea>
        }
        .into_any();
    }
    let (kind_name, mode) = match kind {
        QuestionKind::Integer => ("text", "numeric"),
        QuestionKind::Decimal => ("text", "decimal"),
        QuestionKind::Date => ("date", "text"),
        _ if filling.looks(&path, "numbers") => ("text", "numeric"),
        _ => ("text", "text"),
    };
    view! {
        <input class="input" type=kind_name inputmode=mode autocomplete="off" id=ids.control
            aria-describedby=ids.described_by aria-invalid=invalid readonly=locked
            prop:value=value
            on:input=move |event| write(event_target_value(&event)) />
    }
    .into_any()
}
