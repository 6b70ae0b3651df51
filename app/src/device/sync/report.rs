//! How sync stands, for people: what went, what waits, what was refused, what is wrong.

use replica::sync::{self, SyncFault};
use serde::{Deserialize, Serialize};

use super::Inner;
use crate::device::clock;
use crate::device::net::{NOT_ENROLLED, NetError};
use crate::device::store::StoreError;
use crate::device::tabs::News;

const REPORT: &str = "sync-report";

/// What sync is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Nothing to do.
    #[default]
    Idle,
    /// Sending changes or photos.
    Sending,
    /// Fetching what is new.
    Receiving,
    /// No network.
    Offline,
    /// Waiting after a failure; [`SyncReport::last_problem`] says which.
    Waiting,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A short name for catalogues of texts: as [`NetError::code`] or, behind `store-`, [`StoreError::code`];
    /// `corrupt` where rows that wait cannot be read.
    pub code: String,
    /// When, in Unix seconds of this device.
    pub at: i64,
}

/// How sync stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncReport {
    /// What it is about.
    pub phase: Phase,
    /// Changes that wait for the server.
    pub waiting: u32,
    /// Photos that wait for it.
    pub photos_waiting: u32,
    /// Changes sent since this device was enrolled.
    pub sent: u64,
    /// Photos sent since then.
    pub photos_sent: u64,
    /// Changes received since then.
    pub received: u64,
    /// Changes that the server refused and that are still here.
    pub refused: u32,
    /// When it tries again by itself, in Unix seconds of this device.
    pub retry_at: Option<i64>,
    /// When everything was last in step, in Unix seconds of this device.
    pub last_success: Option<i64>,
    /// What went wrong last, until all went well again.
    pub last_problem: Option<Problem>,
    /// The server does not know this device any more.
    pub signed_out: bool,
}

impl SyncReport {
    /// Whether something is under way.
    pub fn is_working(&self) -> bool {
        matches!(self.phase, Phase::Sending | Phase::Receiving)
    }
}

impl Inner {
    /// Changes the report, keeps it, and tells this tab and the others.
    pub(super) fn change_report(&self, change: impl FnOnce(&mut SyncReport)) {
        let mut report = self.report.borrow().clone();
        change(&mut report);
        if report == *self.report.borrow() {
            return;
        }
        self.report.replace(report.clone());
        (self.on_report)(&report);
        if self.leads.get() {
            let (store, tabs) = (self.store.clone(), self.tabs.clone());
            wasm_bindgen_futures::spawn_local(async move {
                // A report that cannot be kept is seen in this tab all the same.
                if store.set_value(REPORT, &report).await.is_ok() {
                    tabs.tell(&News::Report);
                }
            });
        }
    }

    /// Takes the report of the tab that syncs, or of the last time.
    pub(super) async fn read_report(&self) {
        if let Ok(Some(mut report)) = self.store.value::<SyncReport>(REPORT).await {
            // It is said again where it is met again.
            report.last_problem = report.last_problem.filter(|problem| !problem.is_damage());
            self.report.replace(report);
        }
        self.recount().await;
        let report = self.report.borrow().clone();
        (self.on_report)(&report);
    }

    /// Counts what waits.
    pub(super) async fn recount(&self) {
        let waiting = self.store.outbox_len().await;
        let carried = self.store.carried().await;
        let photos = self.store.photos_waiting_len().await;
        let refused = self.store.refused_len().await;
        let (Ok(waiting), Ok(photos_waiting), Ok(refused)) = (waiting, photos, refused) else { return };
        self.change_report(|report| {
            report.waiting = waiting;
            report.photos_waiting = photos_waiting;
            report.refused = refused;
            for batch in carried.iter().flat_map(|carried| &carried.rows) {
                *(if batch.refusal.is_some() { &mut report.refused } else { &mut report.waiting }) +=
                    batch.count();
            }
        });
    }

    /// Notes how the engine stands.
    pub(super) fn engine_stands(&self, state: sync::SyncState) {
        let ago = |at: sync::Millis| {
            let seconds = i64::try_from(super::now().saturating_sub(at) / 1000).unwrap_or(0);
            clock::unix_seconds() - seconds
        };
        let ahead = |at: sync::Millis| {
            let seconds = i64::try_from(at.saturating_sub(super::now()) / 1000).unwrap_or(0);
            clock::unix_seconds() + seconds
        };
        self.change_report(|report| {
            report.phase = match state.phase {
                sync::Phase::Idle => Phase::Idle,
                sync::Phase::Sending => Phase::Sending,
                sync::Phase::Receiving => Phase::Receiving,
                sync::Phase::Offline => Phase::Offline,
                sync::Phase::Waiting => Phase::Waiting,
            };
            report.retry_at = state.retry_at.map(ahead);
            report.last_success = state.done_at.map(ago).or(report.last_success);
            if state.fault.is_none() && state.phase == sync::Phase::Idle && state.done_at.is_some() {
                // What is damaged stays so, however well the rest goes.
                report.last_problem = report.last_problem.take().filter(Problem::is_damage);
                report.signed_out = false;
            }
            if state.fault == Some(SyncFault::BadReply) {
                report.last_problem = Some(problem("bad-reply"));
            }
        });
    }

    pub(super) fn net_failed(&self, error: &NetError) {
        self.change_report(|report| {
            report.signed_out |= error.code() == NOT_ENROLLED;
            report.last_problem = Some(problem(error.code()));
        });
    }

    pub(super) fn store_failed(&self, error: &StoreError) {
        self.change_report(|report| {
            report.last_problem = Some(problem(&format!("store-{}", error.code())));
        });
    }

    pub(super) fn corrupt_rows(&self) {
        self.change_report(|report| report.last_problem = Some(problem(DAMAGE)));
    }
}

const DAMAGE: &str = "corrupt";

impl Problem {
    fn is_damage(&self) -> bool {
        self.code == DAMAGE
    }
}

fn problem(code: &str) -> Problem {
    Problem { code: code.to_owned(), at: clock::unix_seconds() }
}
