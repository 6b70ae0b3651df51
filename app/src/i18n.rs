//! The catalogue of texts in the person's language. `locales/*.json` is turned into code by `build.rs`, so that a
//! key that is missing, or a placeholder that is not given, does not compile.

mod texts {
    #![allow(missing_docs, non_camel_case_types, dead_code, clippy::all, clippy::pedantic)]
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

use std::fmt::{Display, Write as _};
use std::str::FromStr;

use leptos::prelude::*;

pub use texts::*;

/// A language of the app; variants are the codes that browsers and workbooks use.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Locale {
    /// Indonesian.
    #[default]
    id,
    /// English.
    en,
}

impl Locale {
    /// The language's code.
    pub fn as_str(self) -> &'static str {
        self.choose(["id", "en"])
    }

    /// What stands for this language among one for each, in the order of the variants.
    pub(crate) fn choose<T>(self, [id, en]: [T; 2]) -> T {
        match self {
            Self::id => id,
            Self::en => en,
        }
    }
}

impl FromStr for Locale {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        [Self::id, Self::en].into_iter().find(|locale| locale.as_str() == code).ok_or(())
    }
}

/// The language in force, as views use it; the page's `lang` follows it.
#[derive(Clone, Copy)]
pub struct I18n(RwSignal<Locale>);

impl I18n {
    /// Makes the language known to every view below.
    pub fn provide(locale: Locale) -> Self {
        let i18n = Self(RwSignal::new(locale));
        provide_context(i18n);
        Effect::new(move |_| {
            if let Some(page) = document().document_element() {
                // Only a name that is no name could be refused.
                let _ = page.set_attribute("lang", i18n.get_locale().as_str());
            }
        });
        i18n
    }

    /// The language; a view that asks follows it.
    pub fn get_locale(self) -> Locale {
        self.0.get()
    }

    /// Changes the language of everything in sight.
    pub fn set_locale(self, locale: Locale) {
        self.0.set(locale);
    }
}

/// The language that [`I18n::provide`] made known above.
pub fn use_i18n() -> I18n {
    use_context().unwrap_or_else(|| I18n::provide(Locale::default()))
}

/// A piece of a text with placeholders.
#[derive(Clone, Copy)]
pub(crate) enum Piece {
    Words(&'static str),
    /// The value of this number.
    Value(usize),
}

/// Puts values into a text.
pub(crate) fn fill(pieces: &[Piece], values: &[&dyn Display]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Words(words) => text.push_str(words),
            Piece::Value(number) => {
                if let Some(value) = values.get(*number) {
                    // Writing to a String does not fail.
                    let _ = write!(text, "{value}");
                }
            }
        }
    }
    text
}

/// A text of the catalogue in a language: `td_string!(locale, form.row, name = label, number = 2)`.
macro_rules! td_string {
    ($locale:expr, $($key:ident).+ $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::i18n::$($key)::+ { $($name: &$value),* }.say($locale)
    };
}

/// The same in the language in force.
macro_rules! t_string {
    ($i18n:expr, $($rest:tt)+) => {
        $crate::i18n::td_string!($i18n.get_locale(), $($rest)+)
    };
}

pub(crate) use {t_string, td_string};
