//! Records on the desk of this tab, see [`device_store::desk`]: each is open once, the other tabs hear of what happens
//! to it, and while one is open no new version of the app takes over.

use std::collections::HashMap;
use std::ops::Deref;
use std::rc::{Rc, Weak};

use device_store::desk;
use futures_util::lock::Mutex;
use replica::{Actor, DeviceId, Edit, Genesis, Record, RecordId};

use super::clock;
use super::locks::{self, Guard, Mode};
use super::store::{CorruptRow, Store, StoreError};
use super::tabs::{News, Tabs};

pub use desk::{read, summary_of};

type Open = Mutex<HashMap<(String, RecordId), Weak<Inner>>>;

thread_local! {
    /// The desks of this tab, one a record: two would give one actor two histories.
    static OPEN: Rc<Open> = Rc::default();
}

/// A record opened for writing. Cheap to clone; while one is there, no new version of the app takes over.
#[derive(Clone)]
pub struct Desk(Rc<Inner>);

struct Inner {
    desk: desk::Desk,
    tabs: Tabs,
    _form: Guard,
}

impl Deref for Inner {
    type Target = desk::Desk;

    fn deref(&self) -> &desk::Desk {
        &self.desk
    }
}

impl Desk {
    /// Opens a record that is on this device, with what was typed in it and is not a change yet: by this
    /// tab, or by one that is gone. A record that is open in this tab comes back as it is.
    ///
    /// # Errors
    /// [`StoreError`]: [`StoreError::NoSuchRecord`], [`StoreError::Corrupt`] and [`StoreError::Lost`] mostly.
    pub async fn open(
        store: Store,
        tabs: Tabs,
        device: DeviceId,
        record: RecordId,
    ) -> Result<Self, StoreError> {
        let desks = OPEN.with(Rc::clone);
        let mut desks = desks.lock().await;
        let key = (store.name().to_owned(), record);
        if let Some(desk) = desks.get(&key).and_then(Weak::upgrade) {
            return Ok(Self(desk));
        }
        let form = locks::lock(locks::FORM, Mode::Shared).await;
        let actor = Actor::of(device, tabs.id());
        let others = async || tabs.others().await;
        let opened = desk::Desk::open(store, actor, tabs.id(), record, clock::unix_seconds(), others).await?;
        if opened.cleared {
            tabs.tell(&News::Damaged);
        }
        let desk = Rc::new(Inner { desk: opened.desk, tabs, _form: form });
        desks.retain(|_, desk| desk.strong_count() > 0);
        desks.insert(key, Rc::downgrade(&desk));
        Ok(Self(desk))
    }

    /// Makes one change of these edits and keeps it, or keeps nothing: for a record that was only in memory,
    /// such as a kiosk's interview.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the edits is on the device then.
    pub async fn keep_whole(
        store: &Store,
        tabs: &Tabs,
        device: DeviceId,
        genesis: &Genesis,
        edits: &[Edit],
    ) -> Result<(), StoreError> {
        let actor = Actor::of(device, tabs.id());
        if desk::Desk::keep_whole(store, actor, genesis, edits, clock::unix_seconds()).await? {
            tabs.tell(&News::Record { record: genesis.record_id() });
            tabs.tell(&News::Outbox);
        }
        Ok(())
    }

    /// The record's id.
    pub fn id(&self) -> RecordId {
        self.0.id()
    }

    /// What the record has grown from.
    pub fn genesis(&self) -> &Genesis {
        self.0.genesis()
    }

    /// Who writes here.
    pub fn actor(&self) -> Actor {
        self.0.actor()
    }

    /// Looks at the record, with all that was typed in it here.
    pub fn read<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        self.0.read(clock::unix_seconds(), look)
    }

    /// What was typed and is not a change yet, in order; after opening, what a tab that is gone left.
    pub fn pending(&self) -> Vec<Edit> {
        self.0.pending()
    }

    /// Rows of this record that are damaged.
    pub fn corrupt(&self) -> &[CorruptRow] {
        self.0.corrupt()
    }

    /// Keeps edits in the journal: they are on the disk when this returns, and not before.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was kept, and the edits can be written again.
    pub async fn write(&self, edits: &[Edit]) -> Result<(), StoreError> {
        if self.0.write(edits).await? {
            // Lists say from now on that something of it is only here.
            self.tell();
        }
        Ok(())
    }

    /// Makes one change of everything typed so far and keeps it, dated `time` in Unix seconds. Tells whether
    /// there was anything to keep.
    ///
    /// # Errors
    /// [`StoreError`]; what was typed is in the journal as before, and the record is as it was.
    pub async fn commit(&self, time: i64) -> Result<bool, StoreError> {
        let Some(kept) = self.0.commit(time).await? else { return Ok(false) };
        self.tell();
        if kept {
            self.0.tabs.tell(&News::Outbox);
        }
        Ok(kept)
    }

    /// Says how many answers do not hold, for the changes that are made from now on.
    pub fn note_unsound(&self, unsound: u32) {
        self.0.note_unsound(unsound);
    }

    /// Takes in what other tabs and the server have brought. Tells whether there was anything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refresh(&self) -> Result<bool, StoreError> {
        self.0.refresh().await
    }

    /// Forgets what was typed and is not a change yet, for good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn discard(&self) -> Result<(), StoreError> {
        self.0.discard().await?;
        self.tell();
        Ok(())
    }

    fn tell(&self) {
        self.0.tabs.tell(&News::Record { record: self.id() });
    }
}
