//! What has the focus stays in sight while the page around it grows or shrinks: a question that comes up above it, a
//! picture that is read in, a list that loads. Whoever scrolled away by themselves is left where they are.

use leptos::html::Main;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{KeyboardEvent, MouseEvent, ResizeObserver};

/// As much of an element, in pixels from its top, as must be in sight: a line of a large control.
const LINE: f64 = 48.0;

/// Whether somebody works where the focus is, or has scrolled away from it.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    away: StoredValue<bool>,
}

impl Sight {
    /// Follows the focus each time that `content` takes more or less room.
    pub(super) fn of(content: NodeRef<Main>) -> Self {
        let sight = Self { away: StoredValue::new(false) };
        content.on_load(move |content| sight.watch(&content));
        sight
    }

    /// By wheel, or by a finger, which the browser takes over where it begins to scroll.
    pub(super) fn leave(self) {
        self.away.set_value(true);
    }

    /// To the focus, or by writing where it is.
    pub(super) fn come_back(self) {
        self.away.set_value(false);
    }

    /// By the keys that scroll a page.
    pub(super) fn key(self, pressed: &KeyboardEvent) {
        if matches!(pressed.key().as_str(), "PageUp" | "PageDown") {
            self.leave();
        }
    }

    /// By the bar at the side of the page, which is the page's own.
    pub(super) fn press(self, pressed: &MouseEvent) {
        if pressed.target() == pressed.current_target() {
            self.leave();
        }
    }

    fn watch(self, content: &web_sys::HtmlElement) {
        let follow = Closure::<dyn Fn()>::new(move || {
            let here = self.away.try_get_value() == Some(false);
            let focused = document().active_element().filter(|element| here && element.tag_name() != "BODY");
            if let Some(focused) = focused
                && let Some(above) = hidden(&focused)
            {
                focused.scroll_into_view_with_bool(above);
            }
        });
        // The browser's own collection frees observer and closure once the element is gone.
        if let Ok(observer) = ResizeObserver::new(follow.into_js_value().unchecked_ref()) {
            observer.observe(content);
        }
    }
}

/// Whether an element is out of sight in the page that scrolls around it: above, or else below.
fn hidden(element: &web_sys::Element) -> Option<bool> {
    let sight = element.closest(".page").ok()??.get_bounding_client_rect();
    let at = element.get_bounding_client_rect();
    let (above, below) = (at.top() < sight.top(), at.bottom().min(at.top() + LINE) > sight.bottom());
    (above || below).then_some(above)
}
