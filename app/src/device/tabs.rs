//! The tabs of one browser: each has an id, tells the others what changed, and is known to be alive.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use replica::{RecordId, TabId};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::locks::{self, Guard, Mode};
use super::web::{self, NoRandomness};

const CHANNEL: &str = "loket";

/// What one tab tells all, itself too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum News {
    /// A record changed: something was typed, committed, came in or was removed.
    Record {
        /// Which.
        record: RecordId,
    },
    /// Something new waits for the server.
    Outbox,
    /// The identity, the home or an instrument changed.
    Home,
    /// Syncing did something; the report is in the store.
    Report,
    /// Changes that could not be read were removed: the server has them.
    Damaged,
    /// A person asks for a sync now.
    SyncNow,
}

type Listener = dyn Fn(&News);
type OnMessage = Closure<dyn Fn(MessageEvent)>;

/// This tab among the others. Cheap to clone.
#[derive(Clone)]
pub struct Tabs(Rc<Inner>);

struct Inner {
    id: TabId,
    /// None where the browser has no channels; then tabs learn of each other when they reload.
    channel: Option<BroadcastChannel>,
    listeners: RefCell<Vec<Weak<Listener>>>,
    on_message: RefCell<Option<OnMessage>>,
    _alive: Option<Guard>,
}

/// Listens until it is dropped.
#[must_use]
pub struct Subscription {
    _listener: Rc<Listener>,
}

impl Tabs {
    /// Joins the tabs of this browser, under a new random id.
    ///
    /// # Errors
    /// [`NoRandomness`] where the browser has no random numbers.
    pub async fn join() -> Result<Self, NoRandomness> {
        let id = web::random_tab()?;
        let alive = locks::try_lock(&format!("{}{id}", locks::TAB), Mode::Exclusive).await;
        let inner = Rc::new(Inner {
            id,
            channel: BroadcastChannel::new(CHANNEL).ok(),
            listeners: RefCell::default(),
            on_message: RefCell::default(),
            _alive: alive,
        });
        if let Some(channel) = &inner.channel {
            let heard = Rc::downgrade(&inner);
            let on_message = OnMessage::new(move |event: MessageEvent| {
                let Some(inner) = heard.upgrade() else { return };
                let news =
                    event.data().as_string().and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
                if let Some(news) = news {
                    inner.spread(&news);
                }
            });
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            *inner.on_message.borrow_mut() = Some(on_message);
        }
        Ok(Self(inner))
    }

    /// This tab's id, the random part of its actor.
    pub fn id(&self) -> TabId {
        self.0.id
    }

    /// Tells all tabs, this one too.
    pub fn tell(&self, news: &News) {
        if let (Some(channel), Ok(text)) = (&self.0.channel, serde_json::to_string(news)) {
            // A tab that cannot be told learns it when it reloads.
            let _ = channel.post_message(&text.into());
        }
        self.0.spread(news);
    }

    /// Calls back at all news, from this tab and the others, until the subscription is dropped.
    pub fn listen(&self, listener: impl Fn(&News) + 'static) -> Subscription {
        let listener: Rc<Listener> = Rc::new(listener);
        self.0.listeners.borrow_mut().push(Rc::downgrade(&listener));
        Subscription { _listener: listener }
    }

    /// The other tabs that are open now.
    pub async fn others(&self) -> Vec<TabId> {
        let held = locks::held().await;
        let tabs = held.iter().filter_map(|name| name.strip_prefix(locks::TAB)?.parse().ok());
        tabs.filter(|tab| *tab != self.0.id).collect()
    }
}

impl Inner {
    fn spread(&self, news: &News) {
        self.listeners.borrow_mut().retain(|listener| listener.strong_count() > 0);
        // A listener may subscribe others, so none is called while the list is borrowed.
        let listeners: Vec<_> = self.listeners.borrow().iter().filter_map(Weak::upgrade).collect();
        for listener in listeners {
            listener(news);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}
