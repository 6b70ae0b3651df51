//! Opening a form: from the device's store for surveyors, in memory for a kiosk.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use futures_util::future::join;
use futures_util::lock::Mutex;
use leptos::prelude::*;
use replica::{Genesis, Record, RecordId, UnitId, View as _};
use survey::keys::Keys;
use survey::path::Path;
use survey::session::{Form, Identity, Saved, Session};

use super::{Backing, Filling, Inner, SaveState};
use crate::device::clock;
use crate::device::locks::{self, Mode};
use crate::i18n::use_i18n;
use crate::loket::Loket;

/// What came of opening a record.
pub enum Opened {
    /// It is here; [`Start::begin`] makes it live.
    Ready(Box<Start>),
    /// The record or its instrument is not on this device.
    Missing,
}

/// A form that is read and not yet tied to signals, which needs the page's owner.
pub struct Start {
    loket: Loket,
    genesis: Genesis,
    backing: Backing,
    session: Session,
    first: Vec<(Path, String)>,
    /// Questions that want to know where the device is at the start.
    places: Vec<Path>,
}

impl Filling {
    /// Reads a record and its instrument from the device's store.
    pub async fn open(loket: Loket, id: RecordId) -> Opened {
        let Some(desk) = loket.desk(id).await else { return Opened::Missing };
        let genesis = desk.genesis().clone();
        let read = join(loket.form(genesis.instrument), loket.watch_record(id)).await;
        let Some(form) = read.0 else { return Opened::Missing };
        let saved = desk.read(|record| saved(form.keys(), record));
        Opened::Ready(Box::new(Start::of(loket, genesis, Backing::Desk(desk), &form, saved)))
    }

    /// A new interview that lives in memory until it is finished.
    pub async fn in_memory(loket: Loket, unit: &UnitId) -> Option<Start> {
        let genesis = loket.new_interview(unit)?;
        let form = loket.form(genesis.instrument).await?;
        let open = locks::lock(locks::FORM, Mode::Shared).await;
        let backing = Backing::Memory { kept: RefCell::default(), _form: open };
        Some(Start::of(loket, genesis, backing, &form, Saved::default()))
    }
}

impl Start {
    fn of(loket: Loket, genesis: Genesis, backing: Backing, form: &Form, saved: Saved) -> Self {
        let new = saved == Saved::default();
        let (mut session, delta) = form.open(saved, &clock::clock());
        let mut first = delta.written;
        if new && let Some(identity) = loket.identity.get_untracked() {
            let device = identity.device.to_string();
            let identity = Identity { device, person: identity.person, ..Identity::default() };
            first.extend(session.introduce(&identity).written);
        }
        Self { loket, genesis, backing, session, first, places: delta.places }
    }

    /// Ties the form to signals; they live as long as the owner this is called under.
    pub fn begin(self) -> Filling {
        let i18n = use_i18n();
        let codes: Vec<String> =
            self.session.instrument().languages.iter().map(|language| language.code.clone()).collect();
        let language = Memo::new(move |_| {
            let wanted = i18n.get_locale().as_str();
            codes.iter().position(|code| code == wanted).unwrap_or(0)
        });
        let inner = Inner {
            loket: self.loket,
            genesis: self.genesis,
            session: RefCell::new(self.session),
            backing: self.backing,
            triggers: RefCell::new(HashMap::new()),
            queue: RefCell::default(),
            turn: Mutex::new(()),
            writing: Cell::new(false),
            unread: Cell::new(false),
            insisted: RefCell::new(BTreeSet::new()),
            aim: RefCell::new(None),
        };
        let filling = Filling {
            inner: StoredValue::new_local(Rc::new(inner)),
            any: RwSignal::new(0),
            save: RwSignal::new(SaveState::Saved),
            clashes: RwSignal::new_local(Vec::new()),
            said: RwSignal::new_local(Vec::new()),
            closed: RwSignal::new(false),
            insist: RwSignal::new(false),
            language,
        };
        filling.go_live(self.first);
        for path in self.places {
            filling.find_place(path);
        }
        filling
    }
}

impl Filling {
    fn go_live(self, first: Vec<(Path, String)>) {
        let language = self.language;
        Effect::new(move |_| {
            let language = language.get();
            let delta = self.inner().session.borrow_mut().set_language(language);
            self.show(&delta);
        });
        self.look_at_record();
        if !self.closed.get_untracked() {
            let inner = self.inner();
            self.keep(first.iter().filter_map(|(path, value)| inner.answer_edit(path, value)).collect());
        }
        if self.inner().desk().is_some() {
            self.follow_others();
            self.guard_leaving();
        }
    }

    /// Takes in what other devices and tabs wrote.
    fn follow_others(self) {
        let inner = self.inner();
        let (loket, id) = (inner.loket, inner.genesis.record_id());
        Effect::new(move |before: Option<u64>| {
            let now = loket.changes_to(id);
            if before.is_some_and(|before| before != now) {
                self.refresh();
            }
            now
        });
    }

    /// What was typed becomes a change when the app is hidden and when the page is left.
    fn guard_leaving(self) {
        let hidden = window_event_listener_untyped("pagehide", move |_| self.leave_soon());
        let turned = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                self.turn_page();
            }
        });
        on_cleanup(move || {
            hidden.remove();
            turned.remove();
            self.leave_soon();
        });
    }
}

/// What a record holds, for the session.
pub(crate) fn saved(keys: &Keys, record: &Record) -> Saved {
    keys.saved(record.answers(), record.rows())
}
