//! Which page is shown: the address in a signal, and links that change it without loading the app again.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{HtmlAnchorElement, MouseEvent, UrlSearchParams};

/// The part of an address that pages follow.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Address {
    path: String,
    query: String,
}

impl Address {
    /// The one that the browser shows.
    fn current() -> Self {
        let location = window().location();
        Self { path: location.pathname().unwrap_or_default(), query: location.search().unwrap_or_default() }
    }
}

/// The address in force. Cheap to copy; copies share one.
#[derive(Clone, Copy)]
pub struct Route(RwSignal<Address>);

impl Route {
    /// Follows the browser's address, and makes it known to every view below.
    pub fn provide() -> Self {
        let route = Self(RwSignal::new(Address::current()));
        provide_context(route);
        let back = window_event_listener(ev::popstate, move |_| route.read());
        let click = window_event_listener(ev::click, move |event| route.follow(&event));
        on_cleanup(move || {
            back.remove();
            click.remove();
        });
        route
    }

    /// The address that [`Route::provide`] made known above.
    pub fn get() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// The path, from its `/`; a view that asks follows it.
    pub fn path(self) -> String {
        self.0.with(|address| address.path.clone())
    }

    /// The query as it stands in the address, without its `?`; a view that asks follows it.
    pub fn search(self) -> String {
        self.0.with(|address| address.query.trim_start_matches('?').to_owned())
    }

    /// A part of the query, decoded; a view that asks follows it.
    pub fn query(self, name: &str) -> Option<String> {
        self.0.with(|address| UrlSearchParams::new_with_str(&address.query).ok()?.get(name))
    }

    /// Goes to a page; the browser's Back leads back here.
    pub fn go(self, to: &str) {
        if let Ok(history) = window().history() {
            // Refused only to pages of another origin, and to those that call it hundreds of times a minute.
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(to));
        }
        self.read();
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }

    /// Shows another page in the place of this one once this one has been drawn: Back passes it over.
    pub fn redirect(self, to: &'static str) -> AnyView {
        Effect::new(move |_| {
            if let Ok(history) = window().history() {
                let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(to));
            }
            self.read();
        });
        ().into_any()
    }

    fn read(self) {
        let address = Address::current();
        if self.0.with_untracked(|held| *held != address) {
            self.0.set(address);
        }
    }

    /// A plain click on a link to a page of the app; all others are the browser's own.
    fn follow(self, event: &MouseEvent) {
        let held = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || held {
            return;
        }
        let Some(link) = link_of(event) else { return };
        let ours = window().location().origin().is_ok_and(|origin| origin == link.origin());
        // A place within the page is reached by the browser, which moves the focus, too.
        if !ours || !link.target().is_empty() || link.has_attribute("download") || !link.hash().is_empty() {
            return;
        }
        event.prevent_default();
        self.go(&format!("{}{}", link.pathname(), link.search()));
    }
}

/// The link that was pressed, or that what was pressed stands in.
pub fn link_of(event: &MouseEvent) -> Option<HtmlAnchorElement> {
    let pressed: web_sys::Element = event.target()?.dyn_into().ok()?;
    pressed.closest("a[href]").ok()??.dyn_into().ok()
}
