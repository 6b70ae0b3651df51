//! Loket's app: a PWA for surveyors' phones, citizens' kiosks and coordinators' desks.
//!
//! `device` is what the browser gives us; `loket` is the state that pages share; `form` fills instruments;
//! `pages` and `components` draw. Texts for people are in `locales/`, never in code.

// What a view draws from is moved into its closures; asking for references there only moves the clones.
#![allow(clippy::needless_pass_by_value)]

pub mod device;

/// A text of the catalogue that follows the language. A signal rather than a closure: all texts are then of one type,
/// which keeps the download small.
macro_rules! say {
    ($i18n:expr, $($key:tt)+) => {
        leptos::prelude::Signal::derive({
            let i18n = $i18n;
            move || crate::i18n::t_string!(i18n, $($key)+)
        })
    };
}

mod components;
mod form;
mod i18n;
mod loket;
mod pages;
mod qr;
mod root;
mod route;
mod settings;
mod words;

use i18n::I18n;

/// Starts the app in the page's body.
pub fn start() {
    console_error_panic_hook::set_once();
    if let Some(first_paint) = leptos::prelude::document().get_element_by_id("first-paint") {
        first_paint.remove();
    }
    leptos::mount::mount_to_body(root::Root);
}
