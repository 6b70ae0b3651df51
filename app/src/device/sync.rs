//! Keeping this device and the server in step: drives the sync engine with the store, the network, the
//! clock and what the browser says, in one tab of all that are open.

mod carried;
mod carry;
mod files;
mod listen;
mod photos;
mod report;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_channel::oneshot;
use futures_util::StreamExt as _;
use futures_util::future::select;
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use replica::api::{ApproveReply, Aside, CodeReply, CodeRequest, Coverage, Role};
use replica::sync::{Config, Cursor, Engine, Event, Millis, Parts};
use replica::{ChangeHash, ContentHash, DeviceId, RecordId, StreamId};
use wasm_bindgen_futures::spawn_local;
use web_sys::VisibilityState;

use super::locks::{self, Mode};
use super::net::{Fresh, Net, NetError};
use super::store::{Identity, Store, StoreError};
use super::tabs::{News, Subscription, Tabs};
use super::web;

pub use report::{Phase, Problem, SyncReport};

const ETAG: &str = "home-etag";
/// How old what the server said of home may be before it is asked for again, in milliseconds.
const HOME_LASTS: Millis = 5 * 60 * 1000;
/// How long to wait before a store that failed is tried again, in milliseconds.
const STORE_AGAIN: u32 = 5_000;
/// How long the first page has the store for itself at most, in milliseconds: a person waits for it, and not for the sync.
const HEAD_START: u32 = 3_000;

/// Why home could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The server did not answer as wanted.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The device could not keep the answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What wakes the loop.
enum Happening {
    /// Something for the engine.
    Engine(Event),
    /// The identity or home may have changed.
    Home,
}

/// Sync in this tab. Cheap to clone; it goes on as long as the page is open.
#[derive(Clone)]
pub struct Sync(Rc<Inner>);

struct Inner {
    store: Store,
    tabs: Tabs,
    net: Net,
    report: RefCell<SyncReport>,
    on_report: Box<dyn Fn(&SyncReport)>,
    happenings: UnboundedSender<Happening>,
    identity: RefCell<Option<Identity>>,
    timer: RefCell<Option<Timeout>>,
    home_at: Cell<Option<Millis>>,
    /// Changes that the report counts as sent, of this page's life.
    counted: RefCell<BTreeSet<ChangeHash>>,
    /// How much of a photo goes at once.
    parts: Cell<Parts>,
    /// Photos that the server refused since the app was opened.
    refused_photos: RefCell<Vec<ContentHash>>,
    /// Ends the wait for the first page.
    begin: RefCell<Option<oneshot::Sender<()>>>,
    /// Ends the wait before the server is listened to again.
    listen_now: RefCell<Option<oneshot::Sender<()>>>,
    /// Whether this tab is the one that syncs.
    leads: Cell<bool>,
    listeners: RefCell<Vec<EventListener>>,
    news: RefCell<Option<Subscription>>,
}

impl Sync {
    /// Says that something kept here cannot be read.
    pub fn say_damaged(&self) {
        self.0.corrupt_rows();
    }

    /// Starts to sync, as soon as this device is enrolled and no other tab does; `on_report` hears how it
    /// stands in this tab or in the one that syncs.
    pub fn start(store: Store, tabs: Tabs, on_report: impl Fn(&SyncReport) + 'static) -> Self {
        let (happenings, heard) = unbounded();
        let (begin, first_page) = oneshot::channel();
        let inner = Rc::new(Inner {
            store,
            tabs,
            net: Net::default(),
            report: RefCell::default(),
            on_report: Box::new(on_report),
            happenings,
            identity: RefCell::default(),
            timer: RefCell::default(),
            home_at: Cell::default(),
            counted: RefCell::default(),
            parts: Cell::default(),
            begin: RefCell::new(Some(begin)),
            listen_now: RefCell::default(),
            refused_photos: RefCell::default(),
            leads: Cell::default(),
            listeners: RefCell::default(),
            news: RefCell::default(),
        });
        listen_to_browser(&inner);
        listen_to_tabs(&inner);
        let leading = Rc::clone(&inner);
        spawn_local(async move {
            select(TimeoutFuture::new(HEAD_START), first_page).await;
            lead(leading, heard).await;
        });
        Self(inner)
    }

    /// The first page is up: no more waiting for it.
    pub fn begin(&self) {
        if let Some(begin) = self.0.begin.take() {
            // Nobody listens where the wait was over before.
            let _ = begin.send(());
        }
    }

    /// How it stands.
    pub fn report(&self) -> SyncReport {
        self.0.report.borrow().clone()
    }

    /// Fetches what this device may see and the instruments in force, and keeps them.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch_home(&self) -> Result<(), FetchError> {
        self.0.identify().await?;
        self.0.fetch_home().await
    }

    /// A photo that is not on this device.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn fetch_photo(&self, hash: ContentHash) -> Result<Vec<u8>, NetError> {
        self.0.sign().await;
        self.0.net.photo(hash).await
    }

    /// Reckons what lists show of records that came in by another way than a pull.
    pub async fn summarise(&self, records: &BTreeSet<RecordId>) {
        for record in records {
            self.0.summarise(*record).await;
        }
        self.0.recount().await;
    }

    /// How far the round is, for coordinators.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn coverage(&self) -> Result<Coverage, NetError> {
        self.0.sign().await;
        self.0.net.coverage().await
    }

    /// What the server could not apply, for coordinators.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn aside(&self) -> Result<Aside, NetError> {
        self.0.sign().await;
        self.0.net.aside().await
    }

    /// Approves a unit's records, for coordinators.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn approve(&self, request: String) -> Result<ApproveReply, NetError> {
        self.0.sign().await;
        self.0.net.approve(request).await
    }

    /// A page of results, for coordinators.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn results(&self, query: &str) -> Result<String, NetError> {
        self.0.sign().await;
        self.0.net.results(query).await
    }

    /// A new enrolment code, for coordinators.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn make_code(&self, request: &CodeRequest) -> Result<CodeReply, NetError> {
        self.0.sign().await;
        self.0.net.make_code(request).await
    }
}

impl Inner {
    fn tell(&self, event: Event) {
        self.wake(Happening::Engine(event));
    }

    fn wake(&self, happening: Happening) {
        // In other tabs nobody listens, and what they see on starting is all that counts.
        if self.leads.get() {
            // The other end is there as long as the page is.
            let _ = self.happenings.unbounded_send(happening);
        }
    }

    /// Makes the next part of a photo larger or smaller.
    fn shape_parts(&self, shape: impl FnOnce(&mut Parts)) {
        let mut parts = self.parts.get();
        shape(&mut parts);
        self.parts.set(parts);
    }

    fn role(&self) -> Option<Role> {
        self.identity.borrow().as_ref().map(|identity| identity.role)
    }

    fn device(&self) -> Option<DeviceId> {
        self.identity.borrow().as_ref().map(|identity| identity.device)
    }

    /// Reads who this device is.
    async fn identify(&self) -> Result<(), StoreError> {
        let identity = self.store.identity().await?;
        if *self.identity.borrow() != identity {
            self.net.use_key(identity.as_ref().map(Identity::key));
            self.identity.replace(identity);
            self.home_at.take();
        }
        Ok(())
    }

    /// Makes sure that calls are signed, also before this tab has begun to sync.
    async fn sign(&self) {
        if let Err(error) = self.identify().await {
            self.store_failed(&error);
        }
    }

    async fn fetch_home(&self) -> Result<(), FetchError> {
        let known = self.store.home().await.ok().flatten();
        let etag: Option<String> = match known {
            Some(_) => self.store.value(ETAG).await.ok().flatten(),
            None => None,
        };
        let home = match self.net.home(etag.as_deref()).await? {
            Fresh::Same => known,
            Fresh::New(home, etag) => {
                self.store.set_home(&home).await?;
                self.store.set_value(ETAG, &etag).await?;
                Some(home)
            }
        };
        if let Some(home) = home {
            for hash in [home.instruments.visit, home.instruments.interview] {
                self.fetch_once(hash, self.net.instrument(hash)).await?;
            }
            if let Some(method) = home.method {
                // Without the rules nothing lacks but the provisional score; the next look at home asks again.
                if let Err(FetchError::Store(error)) =
                    self.fetch_once(method.rules, self.net.rules(method)).await
                {
                    self.store_failed(&error);
                }
            }
        }
        self.home_at.set(Some(now()));
        self.tabs.tell(&News::Home);
        Ok(())
    }

    /// Fetches what is named by its hash, unless it is here.
    async fn fetch_once(
        &self,
        hash: ContentHash,
        fetch: impl Future<Output = Result<Vec<u8>, NetError>>,
    ) -> Result<(), FetchError> {
        if let Ok(Some(_)) = self.store.instrument(hash).await {
            return Ok(());
        }
        Ok(self.store.set_instrument(hash, &fetch.await?).await?)
    }

    /// Fetches home where it is old.
    async fn freshen_home(&self) {
        let fresh = self.home_at.get().is_some_and(|at| now().saturating_sub(at) < HOME_LASTS);
        if !fresh {
            // Without it the device goes on with what it knew; the next sign-in or look at the app asks again.
            if let Err(FetchError::Store(error)) = self.fetch_home().await {
                self.store_failed(&error);
            }
        }
    }

    async fn cursors(&self) -> Result<Vec<(StreamId, Cursor)>, StoreError> {
        if self.role() == Some(Role::Kiosk) {
            return Ok(Vec::new());
        }
        let mut cursors = Vec::new();
        let home = self.store.home().await.or_else(StoreError::or_none)?;
        for stream in home.map(|home| home.streams).unwrap_or_default() {
            let cursor = self.store.cursor(&stream).await?;
            cursors.push((stream, cursor));
        }
        Ok(cursors)
    }
}

/// Waits for this tab's turn and for an identity, and then syncs until the page is closed.
async fn lead(inner: Rc<Inner>, mut heard: UnboundedReceiver<Happening>) {
    inner.read_report().await;
    let _turn = locks::lock(locks::SYNC, Mode::Exclusive).await;
    inner.leads.set(true);
    loop {
        let role = loop {
            match inner.identify().await {
                Ok(()) if inner.role().is_some() => break inner.role(),
                // Enrolment tells this tab, or another tab does.
                Ok(()) => drop(heard.next().await),
                Err(error) => {
                    inner.store_failed(&error);
                    TimeoutFuture::new(STORE_AGAIN).await;
                }
            }
        };
        let Some(role) = role else { continue };
        inner.summarise_stale().await;
        run(&inner, &mut heard, role).await;
    }
}

/// Syncs for as long as this device stays who it is.
async fn run(inner: &Rc<Inner>, heard: &mut UnboundedReceiver<Happening>, role: Role) {
    let device = inner.device();
    let seed = web::random().map_or(0, u64::from_le_bytes);
    let mut engine = Engine::new(Config::new(role, seed));
    let cursors = match inner.cursors().await {
        Ok(cursors) => cursors,
        Err(error) => {
            inner.store_failed(&error);
            TimeoutFuture::new(STORE_AGAIN).await;
            return;
        }
    };
    let mut streams = names(&cursors);
    let _listening = listen::begin(inner, role);
    carry::out(inner, engine.on_event(now(), Event::Started { cursors, online: online() }));
    while let Some(happening) = heard.next().await {
        match happening {
            Happening::Engine(event) => {
                if matches!(event, Event::Visible | Event::Online) {
                    drop(inner.listen_now.take());
                    let inner = Rc::clone(inner);
                    spawn_local(async move { inner.freshen_home().await });
                }
                carry::out(inner, engine.on_event(now(), event));
            }
            Happening::Home => {
                if let Err(error) = inner.identify().await {
                    inner.store_failed(&error);
                }
                if inner.device() != device {
                    return;
                }
                // New streams are followed from their beginning, or from where another time left them.
                let Ok(cursors) = inner.cursors().await else { continue };
                if names(&cursors) != streams {
                    streams = names(&cursors);
                    let started = Event::Started { cursors, online: online() };
                    carry::out(inner, engine.on_event(now(), started));
                }
            }
        }
    }
}

fn names(cursors: &[(StreamId, Cursor)]) -> Vec<StreamId> {
    cursors.iter().map(|(stream, _)| stream.clone()).collect()
}

fn listen_to_browser(inner: &Rc<Inner>) {
    let Some(window) = web_sys::window() else { return };
    let tell = |event: fn() -> Event| {
        let inner = Rc::downgrade(inner);
        move || {
            if let Some(inner) = inner.upgrade() {
                inner.tell(event());
            }
        }
    };
    let mut listeners = inner.listeners.borrow_mut();
    let online = tell(|| Event::Online);
    listeners.push(EventListener::new(&window, "online", move |_| online()));
    let offline = tell(|| Event::Offline);
    listeners.push(EventListener::new(&window, "offline", move |_| offline()));
    let Some(document) = window.document() else { return };
    let visible = tell(|| Event::Visible);
    let seen = document.clone();
    listeners.push(EventListener::new(&document, "visibilitychange", move |_| {
        if seen.visibility_state() == VisibilityState::Visible {
            visible();
        }
    }));
}

fn listen_to_tabs(inner: &Rc<Inner>) {
    let weak = Rc::downgrade(inner);
    let news = inner.tabs.listen(move |news| {
        let Some(inner) = weak.upgrade() else { return };
        match news {
            News::Outbox => {
                inner.tell(Event::OutboxGrew);
                spawn_local(async move { inner.recount().await });
            }
            News::SyncNow => inner.tell(Event::Visible),
            News::Home => inner.wake(Happening::Home),
            News::Damaged => inner.tell(Event::Doubt),
            News::Report if !inner.leads.get() => spawn_local(async move { inner.read_report().await }),
            News::Report | News::Record { .. } => {}
        }
    });
    inner.news.replace(Some(news));
}

fn online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Milliseconds of a clock that never goes back while the page is open.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and of this century"
)]
fn now() -> Millis {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or(0, |performance| performance.now().max(0.0) as Millis)
}
