//! Choosing the language; remembered on this device.

use leptos::prelude::*;

use crate::i18n::{Locale, use_i18n};
use crate::settings;

/// Both languages by their own names, as a pair of radio buttons.
#[component]
pub fn LanguageChoice() -> impl IntoView {
    let i18n = use_i18n();
    let option = move |locale: Locale, name: &'static str| {
        let id = format!("language-{}", locale.as_str());
        view! {
            <label class="choice" for=id.clone() lang=locale.as_str()>
                <input type="radio" name="language" id=id.clone() prop:checked=move || i18n.get_locale() == locale
                    on:change=move |_| {
                        i18n.set_locale(locale);
                        settings::remember_language(locale);
                    } />
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="question">
            <legend class="title">{say!(i18n, setup.language)}</legend>
            <div class="choices packed">{option(Locale::id, "Bahasa Indonesia")}{option(Locale::en, "English")}</div>
        </fieldset>
    }
}
