//! The state that all pages share: who this device is, what it holds, and how sync goes.
//!
//! Pages read signals and call actions; everything the browser gives us is behind [`crate::device`].

mod actions;
mod backups;
mod lists;
mod score;
mod start;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use leptos::prelude::*;
use replica::api::Home;
use replica::{RecordId, UnitId};
use survey::path::RowId;

use crate::device::store::{Identity, Overview, RecordRow, Store};
use crate::device::sync::{Phase, SyncReport};
use crate::device::tabs::{News, Subscription, Tabs};

pub use actions::{NetFault, PhotoFault, Refused};
pub use backups::{BackupFault, TakeFault};
pub use lists::{Listed, UnitWork, Whereabouts};
pub use score::ScoreFault;
pub use start::EnrolFault;

/// Handle on the shared state; cheap to copy into views.
#[derive(Clone, Copy)]
pub struct Loket {
    inner: StoredValue<Inner, LocalStorage>,
    /// Who this device is; none before it is enrolled.
    pub identity: RwSignal<Option<Identity>>,
    /// What the server told it may see.
    pub home: RwSignal<Option<Home>>,
    /// How sync goes.
    pub sync: RwSignal<SyncReport>,
    /// What pages show of the records here.
    pub records: RwSignal<Shown>,
    /// What the server refused.
    pub refused: RwSignal<Vec<Refused>, LocalStorage>,
    /// A new version of the app waits.
    pub update_ready: RwSignal<bool>,
    /// What was to be kept last found no room.
    pub no_room: RwSignal<bool>,
    /// How often each record was written by another tab or device since the app opened.
    arrivals: RwSignal<HashMap<RecordId, u64>>,
}

#[derive(Default)]
struct Inner {
    device: Option<Rc<Device>>,
    /// What is read again whenever something changes, besides what all pages show.
    watched: RefCell<Watched>,
}

/// What pages show of the records here.
#[derive(Default)]
pub struct Shown {
    /// Of all of them.
    all: Overview,
    /// The records of the unit that is watched; none until they were read.
    of_unit: Option<(UnitId, Vec<RecordRow>)>,
    /// The record that is watched.
    open: Option<RecordRow>,
}

/// What somebody looks at.
#[derive(Default, Clone)]
struct Watched {
    unit: Option<UnitId>,
    record: Option<RecordId>,
}

/// What is there once the device's data is open.
struct Device {
    store: Store,
    tabs: Tabs,
    sync: crate::device::sync::Sync,
    _news: Subscription,
}

impl Device {
    /// Tells all tabs that these records changed, and what waits for the server.
    fn tell(&self, records: &BTreeSet<RecordId>) {
        for record in records {
            self.tabs.tell(&News::Record { record: *record });
        }
        self.tabs.tell(&News::Outbox);
    }
}

/// The state of sync in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncState {
    /// Nothing waits.
    AllSent,
    /// So many changes and photos wait.
    Waiting(u32),
    /// There is no network.
    Offline,
    /// The server cannot be reached.
    Trouble,
    /// The server does not take something.
    Refused,
}

impl SyncState {
    /// The word that styles go by.
    pub fn name(self) -> &'static str {
        match self {
            Self::AllSent => "sent",
            Self::Waiting(_) => "waiting",
            Self::Offline => "offline",
            Self::Trouble | Self::Refused => "trouble",
        }
    }
}

impl Loket {
    /// Makes the state and gives it to all pages below.
    pub fn provide() -> Self {
        let loket = Self {
            inner: StoredValue::new_local(Inner::default()),
            identity: RwSignal::new(None),
            home: RwSignal::new(None),
            sync: RwSignal::new(SyncReport::default()),
            records: RwSignal::new(Shown::default()),
            refused: RwSignal::new_local(Vec::new()),
            update_ready: RwSignal::new(false),
            no_room: RwSignal::new(false),
            arrivals: RwSignal::new(HashMap::new()),
        };
        provide_context(loket);
        loket
    }

    /// The state, inside any page.
    pub fn get() -> Self {
        expect_context()
    }

    fn device(self) -> Option<Rc<Device>> {
        self.inner.try_with_value(|inner| inner.device.clone()).flatten()
    }

    /// The state of sync in one word.
    pub fn sync_state(self) -> SyncState {
        // What is typed and not a change yet is nowhere but here, so it waits too.
        let typed =
            self.records.with(|records| records.all.attention.iter().filter(|row| row.journal).count());
        let typed = u32::try_from(typed).unwrap_or(u32::MAX);
        self.sync.with(|sync| match sync {
            sync if sync.phase == Phase::Offline => SyncState::Offline,
            sync if sync.phase == Phase::Waiting || sync.signed_out => SyncState::Trouble,
            sync => match sync.waiting + sync.photos_waiting + typed {
                0 if sync.refused > 0 => SyncState::Refused,
                0 => SyncState::AllSent,
                waiting => SyncState::Waiting(waiting),
            },
        })
    }

    /// How often a record was written elsewhere; subscribes.
    pub fn changes_to(self, record: RecordId) -> u64 {
        self.arrivals.with(|arrivals| arrivals.get(&record).copied().unwrap_or(0))
    }
}

/// A row id that no other device draws.
pub fn new_row_id() -> Option<RowId> {
    let bytes: [u8; 8] = crate::device::web::random().ok()?;
    let letters = b"abcdefghijklmnopqrstuvwxyz234567";
    let text: String = bytes.iter().map(|byte| char::from(letters[usize::from(byte % 32)])).collect();
    RowId::new(&text).ok()
}
