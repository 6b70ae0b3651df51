//! One form being filled: the live session beside its record, tied to signals so that only what changed
//! is drawn again.

mod begin;
mod clashes;
mod notes;
mod read;
mod write;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::str::FromStr;

use futures_util::lock::Mutex;
use leptos::prelude::*;
use replica::{Clash, Comment, Edit, Genesis};
use survey::path::Path;
use survey::session::{Delta, Session};

use crate::device::desk::Desk;
use crate::device::locks::Guard;
use crate::loket::Loket;

pub use begin::Opened;
pub(crate) use begin::saved;
pub use read::{Beside, Offered, Part, Shown, section_key};

/// Whether what was typed is on the device's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveState {
    /// Something typed is not in the journal yet.
    Saving,
    /// All of it is.
    Saved,
    /// The device could not write it; it is tried again.
    Failed,
}

/// A handle on a form being filled; cheap to copy into views.
#[derive(Clone, Copy)]
pub struct Filling {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    /// Raised at every answer.
    any: RwSignal<u64>,
    save: RwSignal<SaveState>,
    /// Those that a person can decide, each with where it stands in the form.
    clashes: RwSignal<Vec<(Path, Clash)>, LocalStorage>,
    said: RwSignal<Vec<Comment>, LocalStorage>,
    closed: RwSignal<bool>,
    /// Blank required questions are only pointed out once somebody wanted to finish.
    insist: RwSignal<bool>,
    /// Index of the person's language in the instrument.
    language: Memo<usize>,
}

/// Where answers go.
enum Backing {
    /// Into the device's journal and the record.
    Desk(Desk),
    /// Nowhere until finished: a kiosk keeps nothing of a person who walks away.
    /// Meanwhile no new version of the app takes over.
    Memory { kept: RefCell<Vec<Edit>>, _form: Guard },
}

struct Inner {
    loket: Loket,
    genesis: Genesis,
    session: RefCell<Session>,
    backing: Backing,
    triggers: RefCell<HashMap<Path, ArcTrigger>>,
    /// Edits that are not in the journal yet.
    queue: RefCell<Vec<Edit>>,
    /// Held while edits go to the journal.
    turn: Mutex<()>,
    writing: Cell<bool>,
    /// Something came in that the form does not show yet.
    unread: Cell<bool>,
    /// Questions that a person tried to pass while something was wrong.
    insisted: RefCell<BTreeSet<Path>>,
    /// The question that the address leads to.
    aim: RefCell<Option<Path>>,
}

impl Inner {
    fn trigger(&self, path: &Path) -> ArcTrigger {
        self.triggers.borrow_mut().entry(path.clone()).or_default().clone()
    }

    /// What stands at a path is called so in the record; nothing where it cannot stand in one.
    fn key<T: FromStr>(&self, path: &Path) -> Option<T> {
        self.session.borrow().keys().key(path)?.as_str().parse().ok()
    }

    /// The edit that stores an answer; none where the path or the answer cannot stand in a record.
    fn answer_edit(&self, path: &Path, value: &str) -> Option<Edit> {
        Some(Edit::Answer { path: self.key(path)?, value: value.parse().ok()? })
    }

    fn desk(&self) -> Option<&Desk> {
        match &self.backing {
            Backing::Desk(desk) => Some(desk),
            Backing::Memory { .. } => None,
        }
    }
}

impl Filling {
    fn inner(&self) -> Rc<Inner> {
        self.inner.get_value()
    }

    /// Reads from the session after subscribing to what may change at `path`.
    fn read<T>(&self, path: &Path, read: impl FnOnce(&Session) -> T) -> T {
        let inner = self.inner();
        inner.trigger(path).track();
        let session = inner.session.borrow();
        read(&session)
    }

    /// Draws again what a step of the session changed.
    fn show(&self, delta: &Delta) {
        let inner = self.inner();
        for path in &delta.touched {
            let found = inner.triggers.borrow().get(path).cloned();
            if let Some(trigger) = found {
                trigger.notify();
            }
        }
        for path in &delta.places {
            self.find_place(path.clone());
        }
        self.any.update(|tick| *tick += 1);
    }
}
