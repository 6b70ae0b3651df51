//! Opening the device's data, connecting to a server, and keeping the signals in step with the store.

use std::rc::Rc;

use futures_util::future::join;
use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::api::Role;
use replica::{RecordId, UnitId};

use super::{Device, Loket, Refused, Watched};
use crate::device::net::{self, NetError};
use crate::device::store::{self, StoreError};
use crate::device::sync::{Sync, SyncReport};
use crate::device::tabs::{News, Tabs};
use crate::device::{keys, update};
use crate::settings;

/// Why a device could not be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolFault {
    /// No network.
    Offline,
    /// The server does not take the code.
    Refused,
    /// Anything else.
    Failed,
}

impl Loket {
    /// Opens the device's data and starts to sync. Called once.
    ///
    /// # Errors
    /// Where the browser does not let the app keep data.
    pub async fn open(self) -> Result<(), StoreError> {
        let (store, tabs) = join(store::open(), Tabs::join()).await;
        let (store, tabs) = (store?, tabs.map_err(|error| StoreError::Failed(error.to_string()))?);
        let news = tabs.listen(move |news| self.heard(news));
        let sync = Sync::start(store.clone(), tabs.clone(), move |report| self.reported(report));
        let device = Device { store, tabs, sync, _news: news };
        self.inner.update_value(|inner| inner.device = Some(Rc::new(device)));
        self.read_home().await?;
        update::watch(move || self.update_ready.set(true));
        Ok(())
    }

    /// A page is on the screen, and what has waited for that may begin.
    pub fn page_is_up(self) {
        if let Some(device) = self.device() {
            device.sync.begin();
        }
    }

    /// Where a newly connected device goes first.
    pub fn first_page(self) -> &'static str {
        match self.role() {
            Some(Role::Coordinator) => "/coverage",
            Some(Role::Kiosk) => "/kiosk",
            _ => "/",
        }
    }

    /// Connects this device with a one-time code.
    ///
    /// # Errors
    /// What stood against it; nothing is kept then.
    pub async fn enrol(self, code: &str, name: &str) -> Result<(), EnrolFault> {
        let device = self.device().ok_or(EnrolFault::Failed)?;
        let known = self.identity.get_untracked();
        let key = match &known {
            Some(identity) => keys::NewKey::of(identity),
            None => keys::NewKey::draw().map_err(|_| EnrolFault::Failed)?,
        };
        let reply = net::enrol(code, &key.key(), name).await.map_err(|error| match error {
            NetError::Offline | NetError::Timeout => EnrolFault::Offline,
            NetError::Refused { .. } => EnrolFault::Refused,
            NetError::Server { .. } => EnrolFault::Failed,
        })?;
        let identity = key.into_identity(reply);
        device.store.set_identity(&identity).await.map_err(|_| EnrolFault::Failed)?;
        self.identity.set(Some(identity));
        device.tabs.tell(&News::Home);
        // A first answer for the units; sync fetches the rest. The browser may say no to keeping data; settings show it.
        device.sync.fetch_home().await.map_err(|_| EnrolFault::Failed)?;
        self.read_home().await.map_err(|_| EnrolFault::Failed)?;
        spawn_local(async move { self.ask_to_persist().await });
        Ok(())
    }

    /// Something changed in the store, here or in another tab.
    fn heard(self, news: &News) {
        match news {
            News::Record { record } => {
                let record = *record;
                self.arrived(record);
                spawn_local(async move { drop(self.read_records().await) });
            }
            News::Home => spawn_local(async move { drop(self.read_home().await) }),
            News::Report | News::Outbox => spawn_local(async move { drop(self.read_records().await) }),
            News::Damaged | News::SyncNow => {}
        }
    }

    fn arrived(self, record: RecordId) {
        self.arrivals.update(|arrivals| *arrivals.entry(record).or_default() += 1);
    }

    fn reported(self, report: &SyncReport) {
        self.sync.set(report.clone());
    }

    async fn read_home(self) -> Result<(), StoreError> {
        let Some(device) = self.device() else { return Ok(()) };
        let (identity, home) = join(device.store.identity(), device.store.home()).await;
        // A home that cannot be read comes again from the server.
        let (identity, home) = (identity?, home.or_else(StoreError::or_none)?);
        if identity.is_some() {
            settings::remember_connected();
        }
        if self.identity.get_untracked() != identity {
            self.identity.set(identity);
        }
        if self.home.get_untracked() != home {
            self.home.set(home);
        }
        // What was done at each unit goes by the units.
        self.read_records().await
    }

    /// Reads what pages show of records again; cheap, since no document is opened and few rows are read.
    pub(super) async fn read_records(self) -> Result<(), StoreError> {
        let Some(device) = self.device() else { return Ok(()) };
        let units: Vec<_> = self.home.with_untracked(|home| {
            home.iter().flat_map(|home| home.units.iter().map(|unit| unit.id.clone())).collect()
        });
        let all = device.store.overview(&units).await?;
        let own = device.store.refused().await?.rows.into_iter().map(Refused::Own);
        let carried = device.store.carried().await?.rows.into_iter();
        let carried = carried.filter(|batch| batch.refusal.is_some()).map(Refused::Carried);
        if all.damaged {
            device.sync.say_damaged();
        }
        self.records.update(|records| records.all = all);
        self.refused.set(own.chain(carried).collect());
        self.read_watched().await
    }

    /// Reads the records of the unit's page from now on whenever something changes.
    pub fn watch_unit(self, unit: &UnitId) {
        self.watch(|watched| watched.unit = Some(unit.clone()));
        spawn_local(async move { drop(self.read_watched().await) });
    }

    /// Reads where this record lies from now on whenever something changes; known when this returns.
    pub async fn watch_record(self, record: RecordId) {
        self.watch(|watched| watched.record = Some(record));
        drop(self.read_watched().await);
    }

    fn watch(self, change: impl FnOnce(&mut Watched)) {
        let _ = self.inner.try_with_value(|inner| change(&mut inner.watched.borrow_mut()));
    }

    fn watches(self, what: impl FnOnce(&Watched) -> bool) -> bool {
        self.inner.try_with_value(|inner| what(&inner.watched.borrow())).unwrap_or(false)
    }

    async fn read_watched(self) -> Result<(), StoreError> {
        let Some(device) = self.device() else { return Ok(()) };
        let watched = self.inner.try_with_value(|inner| inner.watched.borrow().clone()).unwrap_or_default();
        if let Some(unit) = watched.unit {
            let found = device.store.list_records(None, Some(&unit)).await?.rows;
            // Whoever went on meanwhile has asked for something else.
            if self.watches(|watched| watched.unit.as_ref() == Some(&unit)) {
                self.records.update(|records| records.of_unit = Some((unit, found)));
            }
        }
        if let Some(record) = watched.record {
            let row = match device.store.record_row(record).await {
                Ok(row) => Some(row),
                Err(StoreError::NoSuchRecord(_) | StoreError::Corrupt(_)) => None,
                Err(error) => return Err(error),
            };
            if self.watches(|watched| watched.record == Some(record)) {
                self.records.update(|records| records.open = row);
            }
        }
        Ok(())
    }
}
