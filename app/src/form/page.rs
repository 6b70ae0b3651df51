//! Moving about the page by itself: where a workbook's `quick` asks for it, and where something is to be answered first.

use leptos::prelude::{document, request_animation_frame};
use survey::path::Path;
use wasm_bindgen::JsCast as _;

/// On a screen with one question: as if the person had pressed the button that goes on.
pub(super) fn press_next() {
    let button = document().query_selector(".kiosk-foot .button:last-child").ok().flatten();
    if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        button.click();
    }
}

/// On a page with many: the question after this one comes into sight, and takes the focus.
pub(super) fn show_after(id: &str) {
    let mut passed = false;
    let questions = document().query_selector_all(".question").ok();
    for at in 0..questions.as_ref().map_or(0, web_sys::NodeList::length) {
        let question = questions.as_ref().and_then(|all| all.get(at)?.dyn_into::<web_sys::Element>().ok());
        let Some(question) = question else { continue };
        if passed {
            focus_first(&question);
            return;
        }
        passed = question.id() == id;
    }
}

/// The question takes the focus once its page is drawn, after the heading has taken it.
pub fn focus_question(path: &Path) {
    let id = super::question::anchor(path);
    request_animation_frame(move || {
        request_animation_frame(move || {
            if let Some(question) = document().get_element_by_id(&id) {
                focus_first(&question);
            }
        });
    });
}

fn focus_first(question: &web_sys::Element) {
    let first = question.query_selector("input, select, textarea, button").ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _ = first.focus();
    }
}

/// The element with this id takes the focus once it is drawn.
pub(super) fn focus_soon(id: String) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(&id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}
