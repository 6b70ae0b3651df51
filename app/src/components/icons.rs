//! The few icons, drawn as inline SVG; always beside words, so hidden from screen readers.

use leptos::prelude::*;

fn icon(path: &'static str, class: &'static str) -> AnyView {
    view! {
        <svg class=class viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
            <path d=path />
        </svg>
    }
    .into_any()
}

/// Loket's own, as in `public/icons/icon.svg`: a browser opens a picture of this kind as a page of its own, which takes as
/// long as to draw the bar.
pub fn brand() -> AnyView {
    let shapes = r##"<rect width="512" height="512" rx="112" fill="#0b5c5c"/><path d="M112 352V212a144 144 0 0 1 288 0v140z" fill="#f7faf9"/><path d="M182 226l54 54 100-104" fill="none" stroke="#0b5c5c" stroke-width="44" stroke-linecap="round" stroke-linejoin="round"/><rect x="72" y="352" width="368" height="56" rx="20" fill="#8fd0c4"/>"##;
    view! {
        <svg viewBox="0 0 512 512" width="30" height="30" aria-hidden="true" focusable="false" inner_html=shapes></svg>
    }
    .into_any()
}

/// Points to what lies behind a row.
pub fn chevron() -> AnyView {
    icon("M9 5l7 7-7 7", "chevron")
}

/// A building: the units.
pub fn building() -> AnyView {
    icon("M4 21V9l8-5 8 5v12M4 21h16M9 21v-6h6v6M8 11h.01M12 11h.01M16 11h.01", "")
}

/// Two arrows: sync.
pub fn exchange() -> AnyView {
    icon("M7 4v13M7 4L3.5 7.5M7 4l3.5 3.5M17 20V7m0 13l-3.5-3.5M17 20l3.5-3.5", "")
}

/// Sliders: settings.
pub fn sliders() -> AnyView {
    icon("M4 7h10m4 0h2M4 17h4m4 0h8M14 4.5v5M8 14.5v5", "")
}

/// Bars: coverage.
pub fn bars() -> AnyView {
    icon("M5 20V10M12 20V4M19 20v-7M3 20h18", "")
}

/// A medal: results.
pub fn medal() -> AnyView {
    icon("M12 14a5 5 0 100-10 5 5 0 000 10zM9 13.5L7.5 21 12 18.5 16.5 21 15 13.5", "")
}

/// A phone: devices.
pub fn phone() -> AnyView {
    icon("M8 3h8a2 2 0 012 2v14a2 2 0 01-2 2H8a2 2 0 01-2-2V5a2 2 0 012-2zM11 18h2", "")
}
