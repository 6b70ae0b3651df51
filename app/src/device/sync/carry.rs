//! Carrying out what the sync engine asks for; every effect that wants an answer gets one event.

use std::collections::BTreeSet;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use replica::api::Role;
use replica::sync::{self, Effect, Event, SyncFault};
use replica::wire::{PullQuery, PullReply};
use replica::{ChangeHash, DeviceId, Envelope, Limits, RecordId, RecordKind, StreamId, View as _};
use wasm_bindgen_futures::spawn_local;

use super::{Inner, carried, now, photos};
use crate::device::store::{Identity, StoreError};
use crate::device::tabs::News;
use crate::device::{clock, desk, forms};
use crate::form::saved;

/// Longest time that browsers' timers can wait, in milliseconds.
const LONGEST_WAIT: u64 = i32::MAX as u64;

/// Begins to carry out these effects.
pub(super) fn out(inner: &Rc<Inner>, effects: Vec<Effect>) {
    for effect in effects {
        match effect {
            Effect::WakeAt(at) => wake_at(inner, at),
            Effect::Report(state) => inner.engine_stands(state),
            asked => {
                let inner = Rc::clone(inner);
                spawn_local(async move {
                    let event = inner.answer(asked).await;
                    inner.tell(event);
                });
            }
        }
    }
}

fn wake_at(inner: &Rc<Inner>, at: sync::Millis) {
    let wait = at.saturating_sub(now()).clamp(1, LONGEST_WAIT);
    let weak = Rc::downgrade(inner);
    let timer = Timeout::new(u32::try_from(wait).unwrap_or(u32::MAX), move || {
        if let Some(inner) = weak.upgrade() {
            inner.tell(Event::Timer);
        }
    });
    inner.timer.replace(Some(timer));
}

impl Inner {
    async fn answer(&self, asked: Effect) -> Event {
        match asked {
            Effect::NeedToken => self.sign_in().await,
            Effect::ReadOutbox { max_bytes, max_changes, skip } => {
                match self.store.outbox_read(max_changes, max_bytes, &skip).await {
                    Ok(batch) => {
                        if !batch.corrupt.is_empty() {
                            self.corrupt_rows();
                        }
                        Event::OutboxRead(batch.changes)
                    }
                    Err(error) => self.broken(&error),
                }
            }
            Effect::Push { items, epoch } => {
                let Some(key) = self.identity.borrow().as_ref().map(Identity::key) else {
                    return Event::PushAnswered(Err(SyncFault::Unauthorised));
                };
                let request = sync::batch(&items, &key, epoch, clock::unix_seconds());
                let reply = self.net.push(&request).await;
                Event::PushAnswered(reply.map_err(|error| {
                    self.net_failed(&error);
                    error.fault()
                }))
            }
            Effect::Settle { epoch, acked, refused } => {
                match self.store.settle(epoch, &acked, &refused).await {
                    Ok(settlement) => {
                        let sent = self.sent_first(&acked).min(u64::from(settlement.acked));
                        self.change_report(|report| report.sent += sent);
                        self.recount().await;
                        self.after_settling(&settlement.records).await;
                        Event::Settled
                    }
                    Err(error) => self.broken(&error),
                }
            }
            Effect::SendPhotos => Event::PhotosSent(match carried::send(self).await {
                Ok(()) => photos::send(self).await,
                Err(fault) => Err(fault),
            }),
            Effect::Pull(query) => self.pull(&query).await,
            Effect::TakeIn { stream, reply, cursor } => self.take_in(stream, &reply, cursor).await,
            Effect::ReadHeld { stream } => match self.store.held(&stream).await {
                Ok(held) => Event::HeldRead(held),
                Err(error) => self.broken(&error),
            },
            Effect::Reconcile { stream, request } => {
                let reply = self.net.reconcile(&stream, &request).await;
                Event::ReconcileAnswered(reply.map_err(|error| {
                    self.net_failed(&error);
                    error.fault()
                }))
            }
            Effect::Mend { stream, named, cursor } => match self.store.mend(&stream, &named, cursor).await {
                Ok(_) => {
                    self.recount().await;
                    Event::Mended
                }
                Err(error) => self.broken(&error),
            },
            Effect::WakeAt(_) | Effect::Report(_) => Event::Timer,
        }
    }

    /// How many of these were not acknowledged before: after a server's restart some are sent again to make sure.
    fn sent_first(&self, acked: &[ChangeHash]) -> u64 {
        let mut counted = self.counted.borrow_mut();
        acked.iter().map(|hash| u64::from(counted.insert(*hash))).sum()
    }

    fn broken(&self, error: &StoreError) -> Event {
        self.store_failed(error);
        Event::StoreFailed
    }

    async fn sign_in(&self) -> Event {
        match self.net.sign_in().await {
            Ok(()) => {
                self.freshen_home().await;
                Event::TokenReady
            }
            Err(error) => {
                self.net_failed(&error);
                Event::TokenFailed(error.fault())
            }
        }
    }

    async fn pull(&self, query: &PullQuery) -> Event {
        // Somebody new wrote, and the server did not say who that is.
        if self.home_at.get().is_none() {
            self.freshen_home().await;
        }
        Event::PullAnswered(self.net.pull(query).await.map_err(|error| {
            self.net_failed(&error);
            error.fault()
        }))
    }

    async fn take_in(&self, stream: StreamId, reply: &PullReply, cursor: Option<sync::Cursor>) -> Event {
        // Before anybody can read the changes, so that they never stand there without a name.
        self.know_authors(reply).await;
        match self.store.take_in(&stream, reply, cursor).await {
            Ok(taken) => {
                self.change_report(|report| report.received += u64::from(taken.new));
                if taken.lacks {
                    self.tell(Event::Doubt);
                }
                for record in &taken.records {
                    self.summarise(*record).await;
                    self.tabs.tell(&News::Record { record: *record });
                }
                self.recount().await;
                Event::TakenIn
            }
            Err(error) => self.broken(&error),
        }
    }

    /// Whoever wrote what came in is known by name from now on, also without a network: where a device is new, home,
    /// which names all, is fetched again.
    async fn know_authors(&self, reply: &PullReply) {
        let known: BTreeSet<DeviceId> = match self.store.home().await {
            Ok(Some(home)) => home.devices.iter().map(|known| known.device).collect(),
            _ => return,
        };
        let changes = reply.entries.iter().filter_map(|entry| entry.bytes.as_ref());
        let authors = changes.filter_map(|bytes| Envelope::parse(bytes, &Limits::STANDARD).ok());
        if authors.map(|change| change.actor.device()).any(|author| !known.contains(&author)) {
            // What is known of home is old. Without an answer it is asked for again before the next pull.
            self.home_at.take();
            self.freshen_home().await;
        }
    }

    /// A kiosk keeps nothing that the server has.
    async fn after_settling(&self, records: &BTreeSet<RecordId>) {
        for record in records {
            if self.role() == Some(Role::Kiosk) {
                // What cannot be removed now is when the next change of it is acknowledged, or at the next start.
                if let Err(error) = self.store.purge_record(*record).await {
                    self.store_failed(&error);
                }
            }
            self.tabs.tell(&News::Record { record: *record });
        }
    }

    /// Reckons what lists show of a record that came in; where that fails the row stays marked.
    pub(super) async fn summarise(&self, record: RecordId) {
        let Ok(stored) = self.store.load_record(record).await else { return };
        let Ok((read, _)) = desk::read(&stored.row, &stored.changes) else { return };
        let (mut unsound, mut changes) = (None, stored.changes.len());
        // An interview is written by one device, and no merge breaks it.
        if stored.row.kind == RecordKind::Visit {
            if let Some(form) = forms::form(&self.store, stored.row.genesis.instrument).await {
                let (session, _) = form.open(saved(form.keys(), &read), &clock::clock());
                unsound = Some(session.unsound(read.is_closed()));
            } else {
                // Without its form the row stays marked, and is looked at again the next time.
                changes = 0;
            }
        }
        let summary = desk::summary_of(&read);
        if let Err(error) = self.store.summarise(record, summary, unsound, changes).await {
            self.store_failed(&error);
        }
    }

    /// Does at the start what the last time was cut off in: summaries, and a kiosk's removals.
    pub(super) async fn summarise_stale(&self) {
        let kiosk = self.role() == Some(Role::Kiosk);
        // A kiosk keeps nothing that is on the server, so all that it has is little.
        let rows = if kiosk {
            self.store.list_records(None, None).await.map(|listing| listing.rows)
        } else {
            self.store.wanting_attention().await
        };
        for row in rows.unwrap_or_default() {
            if kiosk && row.changes > 0 && row.is_on_server() {
                self.after_settling(&BTreeSet::from([row.id])).await;
            } else if row.stale {
                self.summarise(row.id).await;
                self.tabs.tell(&News::Record { record: row.id });
            }
        }
    }
}
