//! The engine: push what waits, then photos, then pull every stream; wait; again.

mod mend;

use std::collections::{BTreeSet, VecDeque};

use super::backoff::Backoff;
use super::pull::{Follow, Reading};
use super::reconcile::Reconcile;
use super::{Config, Cursor, Effect, Event, Millis, OutboxItem, Phase, SyncFault, SyncState};
use crate::id::{ChangeHash, Epoch, StreamId};
use crate::mutation::{Rule, is_off};
use crate::wire::{
    MAX_BATCH_BYTES, MAX_BATCH_CHANGES, MAX_CHANGE_BYTES, Outcome, PullEntry, PullReply, PushReply,
    RefusalCode,
};

/// Most bytes of changes in a batch: what is around them has room beside it.
const MOST_BYTES: usize = MAX_BATCH_BYTES / 2;
/// Fewest bytes to ask the outbox for; it returns one change at least in any case.
const FEWEST_BYTES: usize = MAX_CHANGE_BYTES / 16;

/// The effect that is under way.
#[derive(Debug, Clone)]
enum Busy {
    No,
    Token,
    Outbox,
    Push(Vec<OutboxItem>),
    Settle(Option<Epoch>),
    Photos,
    Pull,
    TakeIn {
        cursor: Cursor,
        more: bool,
    },
    Held,
    Reconcile(Reconcile),
    /// Changes that were missing are being taken in.
    Fill(Reconcile),
    Mend(Cursor),
}

/// What there is to send.
#[derive(Debug, Clone, Copy, Default)]
struct Due {
    push: bool,
    photos: bool,
    /// The outbox grew, or all of it is due again, while it was being read or photos were being sent: what comes back may be
    /// old.
    grew: bool,
}

/// Decides what a device does next to be in step with the server.
#[derive(Debug, Clone)]
pub struct Engine {
    config: Config,
    backoff: Backoff,
    follows: Vec<Follow>,
    busy: Busy,
    online: bool,
    token: bool,
    epoch: Option<Epoch>,
    due: Due,
    /// Other streams are to be followed, as soon as the pull under way has been answered.
    restart: Option<Vec<(StreamId, Cursor)>>,
    /// Indices into `follows`.
    pulls_due: VecDeque<usize>,
    /// What the server could not take yet, in this round.
    skip: BTreeSet<ChangeHash>,
    /// Those of them that build on changes which the server did not have.
    waits: BTreeSet<ChangeHash>,
    /// The server took a change since one of those was last sent: it may have been what they wait for.
    gave: bool,
    batch_changes: usize,
    batch_bytes: usize,
    not_before: Millis,
    fault: Option<SyncFault>,
    done_at: Option<Millis>,
    reported: Option<SyncState>,
    wake_at: Option<Millis>,
}

impl Engine {
    /// An engine that waits for [`Event::Started`].
    pub fn new(config: Config) -> Self {
        Self {
            backoff: Backoff::new(config.backoff_first, config.backoff_most, config.seed),
            batch_changes: config.batch_changes.clamp(1, MAX_BATCH_CHANGES),
            batch_bytes: config.batch_bytes.clamp(FEWEST_BYTES, MOST_BYTES),
            config,
            follows: Vec::new(),
            busy: Busy::No,
            online: false,
            token: false,
            epoch: None,
            due: Due::default(),
            restart: None,
            pulls_due: VecDeque::new(),
            skip: BTreeSet::new(),
            waits: BTreeSet::new(),
            gave: false,
            not_before: 0,
            fault: None,
            done_at: None,
            reported: None,
            wake_at: None,
        }
    }

    /// Takes in what happened and says what to do. Answers to nothing that was asked are ignored.
    pub fn on_event(&mut self, now: Millis, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Started { cursors, online } => self.start(cursors, online),
            Event::Online => {
                self.online = true;
                self.hurry();
            }
            Event::Offline => self.online = false,
            Event::Visible => self.hurry(),
            Event::More(stream) => self.more(&stream),
            Event::Doubt => self.doubt(),
            Event::OutboxGrew => {
                self.due.push = self.config.role.pushes();
                self.due.photos = self.due.push;
                self.due.grew = self.due.push;
            }
            Event::Timer => {
                match self.wake_at {
                    Some(at) if now >= at => {
                        self.wake_at = None;
                        self.begin_round();
                    }
                    // Clocks of browsers are coarse: one that rang early is set again.
                    Some(at) => effects.push(Effect::WakeAt(at)),
                    None => {}
                }
            }
            answer => self.on_answer(now, answer, &mut effects),
        }
        self.proceed(now, &mut effects);
        self.report(&mut effects);
        effects
    }

    /// Every stream is to be compared; one that is being compared once more, since what raised the doubt may have come
    /// after it was looked at.
    fn doubt(&mut self) {
        let comparing = matches!(self.busy, Busy::Held | Busy::Reconcile(_) | Busy::Fill(_) | Busy::Mend(_));
        if let Some(follow) = self.current() {
            follow.doubted_anew = comparing;
        }
        self.follows.iter_mut().for_each(|follow| follow.doubted = true);
        self.begin_round();
    }

    fn start(&mut self, cursors: Vec<(StreamId, Cursor)>, online: bool) {
        self.online = online;
        if self.is_pulling() {
            self.restart = Some(cursors);
            return;
        }
        self.epoch = cursors.iter().find_map(|(_, cursor)| cursor.epoch).or(self.epoch);
        let doubted: Vec<StreamId> =
            self.follows.iter().filter(|follow| follow.doubted).map(|follow| follow.stream.clone()).collect();
        let follow =
            |(stream, cursor)| Follow { doubted: doubted.contains(&stream), ..Follow::new(stream, cursor) };
        self.follows = cursors.into_iter().map(follow).collect();
        self.hurry();
    }

    /// Everything is due, at once.
    fn hurry(&mut self) {
        self.backoff.reset();
        self.not_before = 0;
        self.fault = None;
        self.begin_round();
    }

    fn begin_round(&mut self) {
        self.skip.clear();
        self.waits.clear();
        self.due.push = self.config.role.pushes();
        self.due.photos = self.due.push;
        // What is being read now was asked for without what was skipped until here.
        self.due.grew = self.due.push;
        if self.config.role.pulls() {
            // One that is being pulled stays first, so that its answer finds it.
            let current = self.pulls_due.front().copied().filter(|_| self.is_pulling());
            let again = current.filter(|index| self.pulls_due.iter().skip(1).any(|due| due == index));
            let others = (0..self.follows.len()).filter(|index| Some(*index) != current);
            self.pulls_due = current.into_iter().chain(others).chain(again).collect();
        }
    }

    /// One stream is due, once more where it is being pulled: the answer under way may be from before.
    fn more(&mut self, stream: &StreamId) {
        let Some(index) = self.follows.iter().position(|follow| follow.stream == *stream) else { return };
        let under_way = usize::from(self.is_pulling());
        if self.config.role.pulls() && !self.pulls_due.iter().skip(under_way).any(|due| *due == index) {
            self.pulls_due.push_back(index);
        }
    }

    fn is_pulling(&self) -> bool {
        let sends =
            matches!(self.busy, Busy::Token | Busy::Outbox | Busy::Push(_) | Busy::Settle(_) | Busy::Photos);
        !sends && !matches!(self.busy, Busy::No)
    }

    fn on_answer(&mut self, now: Millis, event: Event, effects: &mut Vec<Effect>) {
        if self.is_pulling()
            && matches!(
                event,
                Event::PullAnswered(_)
                    | Event::TakenIn
                    | Event::HeldRead(_)
                    | Event::ReconcileAnswered(_)
                    | Event::Mended
                    | Event::StoreFailed
            )
            && let Some(cursors) = self.restart.take()
        {
            // The answer is to a stream that may be followed no longer; what it brought comes again.
            self.busy = Busy::No;
            return self.start(cursors, self.online);
        }
        match (std::mem::replace(&mut self.busy, Busy::No), event) {
            (Busy::Token, Event::TokenReady) => self.token = true,
            (Busy::Token, Event::TokenFailed(fault))
            | (Busy::Pull, Event::PullAnswered(Err(fault)))
            | (Busy::Reconcile(_), Event::ReconcileAnswered(Err(fault))) => self.fail(now, fault),
            (Busy::Outbox, Event::OutboxRead(items)) => self.on_outbox(items, effects),
            (Busy::Push(items), Event::PushAnswered(Ok(reply))) => {
                self.on_pushed(now, &items, &reply, effects);
            }
            (Busy::Push(items), Event::PushAnswered(Err(fault))) => {
                self.on_push_failed(now, &items, fault, effects);
            }
            (Busy::Settle(epoch), Event::Settled) => {
                for follow in &mut self.follows {
                    follow.cursor.epoch = follow.cursor.epoch.or(epoch);
                }
                self.succeed();
            }
            (Busy::Photos, Event::PhotosSent(result)) => {
                // Photos never hold up answers: what did not go is tried again in the next round.
                self.due.photos = std::mem::take(&mut self.due.grew);
                self.token &= result != Err(SyncFault::Unauthorised);
            }
            (Busy::Pull, Event::PullAnswered(Ok(reply))) => self.on_pulled(now, reply, effects),
            (Busy::TakeIn { cursor, more }, Event::TakenIn) => {
                if let Some(follow) = self.current() {
                    follow.cursor = cursor;
                }
                self.succeed();
                self.after_page(more);
            }
            (Busy::Held, Event::HeldRead(held)) => self.on_held(held, effects),
            (Busy::Reconcile(reconcile), Event::ReconcileAnswered(Ok(reply))) => {
                self.on_reconciled(now, reconcile, reply, effects);
            }
            (Busy::Fill(reconcile), Event::TakenIn) => self.ask(reconcile, effects),
            (Busy::Mend(cursor), Event::Mended) => self.on_mended(cursor),
            (
                Busy::Outbox
                | Busy::Settle(_)
                | Busy::Photos
                | Busy::TakeIn { .. }
                | Busy::Held
                | Busy::Fill(_)
                | Busy::Mend(_),
                Event::StoreFailed,
            ) => self.fail(now, SyncFault::Store),
            (busy, _) => self.busy = busy,
        }
    }

    /// Begins the next thing that is due, unless something is under way.
    fn proceed(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        if !matches!(self.busy, Busy::No) || !self.online {
            return;
        }
        let due = self.due.push || self.due.photos || !self.pulls_due.is_empty();
        if now < self.not_before {
            return self.wake(self.not_before, effects);
        }
        if !due {
            if self.wake_at.is_none_or(|at| at <= now) {
                self.done_at = Some(now);
                let poll = now + self.backoff.spread(self.config.poll);
                self.wake(poll, effects);
            }
            return;
        }
        self.wake_at = None;
        if !self.token {
            self.busy = Busy::Token;
            effects.push(Effect::NeedToken);
        } else if self.due.push {
            self.busy = Busy::Outbox;
            self.due.grew = false;
            let (max_bytes, max_changes) = (self.batch_bytes, self.batch_changes);
            effects.push(Effect::ReadOutbox { max_bytes, max_changes, skip: self.skip.clone() });
        } else if self.due.photos {
            self.busy = Busy::Photos;
            self.due.grew = false;
            effects.push(Effect::SendPhotos);
        } else if let Some(follow) = self.current() {
            let stream = follow.stream.clone();
            let (effect, busy) = if follow.doubted {
                (Effect::ReadHeld { stream }, Busy::Held)
            } else {
                (Effect::Pull(follow.query()), Busy::Pull)
            };
            effects.push(effect);
            self.busy = busy;
        } else {
            self.pulls_due.clear();
        }
    }

    fn on_outbox(&mut self, items: Vec<OutboxItem>, effects: &mut Vec<Effect>) {
        let items: Vec<_> = items.into_iter().filter(|item| !self.skip.contains(&item.hash)).collect();
        if items.is_empty() {
            let grew = std::mem::take(&mut self.due.grew);
            let again = std::mem::take(&mut self.gave) && self.send_waiting_again();
            self.due.push = grew || again;
            return;
        }
        let epoch = self.epoch.unwrap_or(Epoch::new([0; 16]));
        effects.push(Effect::Push { items: items.clone(), epoch });
        self.busy = Busy::Push(items);
    }

    fn on_pushed(&mut self, now: Millis, items: &[OutboxItem], reply: &PushReply, effects: &mut Vec<Effect>) {
        if reply.outcomes.len() != items.len() {
            return self.fail(now, SyncFault::BadReply);
        }
        self.epoch = Some(reply.epoch);
        self.batch_changes = (self.batch_changes * 2).min(MAX_BATCH_CHANGES);
        self.batch_bytes = (self.batch_bytes * 2).min(MOST_BYTES);
        let (mut acked, mut refused) = (Vec::new(), Vec::new());
        for (item, outcome) in items.iter().zip(&reply.outcomes) {
            match outcome {
                Outcome::Stored(_) | Outcome::Known(_) => acked.push(item.hash),
                Outcome::Refused(code) => refused.push((item.hash, *code)),
            }
        }
        self.settle(Some(reply.epoch), acked, refused, effects);
    }

    fn settle(
        &mut self,
        epoch: Option<Epoch>,
        acked: Vec<ChangeHash>,
        refused: Vec<(ChangeHash, RefusalCode)>,
        effects: &mut Vec<Effect>,
    ) {
        // Whatever was refused is not asked for again in this round, so that it holds up nothing.
        self.skip.extend(refused.iter().map(|(hash, _)| *hash));
        let waits = refused.iter().filter(|(_, code)| code.waits_for_others());
        self.waits.extend(waits.map(|(hash, _)| *hash));
        self.gave |= !acked.is_empty();
        effects.push(Effect::Settle { epoch, acked, refused });
        self.busy = Busy::Settle(epoch);
    }

    /// A batch that does not get through is halved, down to the one change that is at fault.
    fn on_push_failed(
        &mut self,
        now: Millis,
        items: &[OutboxItem],
        fault: SyncFault,
        effects: &mut Vec<Effect>,
    ) {
        if is_off(Rule::OutboxUntilAck) {
            let sent = items.iter().map(|item| item.hash).collect();
            return self.settle(None, sent, Vec::new(), effects);
        }
        let refused = matches!(fault, SyncFault::TooLarge | SyncFault::Rejected);
        if refused && let [item] = items {
            let code =
                if fault == SyncFault::TooLarge { RefusalCode::TooLarge } else { RefusalCode::Malformed };
            return self.settle(None, Vec::new(), vec![(item.hash, code)], effects);
        }
        if refused || matches!(fault, SyncFault::Timeout | SyncFault::Network) {
            self.batch_changes = (self.batch_changes.min(items.len()) / 2).max(1);
            self.batch_bytes = (self.batch_bytes / 2).max(FEWEST_BYTES);
        }
        if !refused {
            self.fail(now, fault);
        }
    }

    fn on_pulled(&mut self, now: Millis, reply: PullReply, effects: &mut Vec<Effect>) {
        self.others_came(&reply.entries);
        let Some(follow) = self.current() else { return };
        let reading = follow.read(&reply);
        match reading {
            Reading::Nothing => {
                follow.mended = false;
                self.epoch = Some(reply.epoch);
                self.after_page(false);
            }
            Reading::New(cursor) => {
                follow.mended = false;
                let (more, stream) = (reply.more, follow.stream.clone());
                self.epoch = Some(reply.epoch);
                self.busy = Busy::TakeIn { cursor, more };
                effects.push(Effect::TakeIn { stream, reply, cursor: Some(cursor) });
            }
            Reading::Disagrees => {
                follow.doubted = true;
                // Where they were compared just now, the log changes under the device, or one of the two is wrong.
                if std::mem::take(&mut follow.mended) {
                    self.fail(now, SyncFault::BadReply);
                }
            }
            Reading::Bad => self.fail(now, SyncFault::BadReply),
        }
    }

    /// Where changes came in that others may have waited for, those are sent again at once.
    fn others_came(&mut self, entries: &[PullEntry]) {
        if entries.iter().any(|entry| entry.bytes.is_some()) {
            self.due.push |= self.send_waiting_again();
        }
    }

    /// Lets the changes go again that build on what the server did not have; whether there are any.
    fn send_waiting_again(&mut self) -> bool {
        let waits = std::mem::take(&mut self.waits);
        self.skip.retain(|hash| !waits.contains(hash));
        !waits.is_empty()
    }

    fn after_page(&mut self, more: bool) {
        let doubted = self.current().is_some_and(|follow| follow.doubted);
        if !more && !doubted {
            self.pulls_due.pop_front();
            self.succeed();
        }
    }

    fn current(&mut self) -> Option<&mut Follow> {
        self.pulls_due.front().and_then(|index| self.follows.get_mut(*index))
    }

    fn succeed(&mut self) {
        self.backoff.reset();
        self.fault = None;
    }

    fn fail(&mut self, now: Millis, fault: SyncFault) {
        let first = self.backoff.failures() == 0;
        let mut wait = self.backoff.fail();
        if fault == SyncFault::Unauthorised {
            // Tokens run out in the course of things: a new one is asked for at once, but only once.
            self.token = false;
            if first {
                wait = 0;
            }
        }
        if let SyncFault::Busy(asked) = fault {
            wait = wait.max(asked.min(self.config.backoff_most));
        }
        self.fault = Some(fault);
        self.not_before = now + wait;
    }

    fn wake(&mut self, at: Millis, effects: &mut Vec<Effect>) {
        if self.wake_at != Some(at) {
            self.wake_at = Some(at);
            effects.push(Effect::WakeAt(at));
        }
    }

    fn report(&mut self, effects: &mut Vec<Effect>) {
        let phase = match self.busy {
            _ if !self.online => Phase::Offline,
            Busy::No if self.fault.is_some() => Phase::Waiting,
            Busy::No => Phase::Idle,
            _ if self.is_pulling() => Phase::Receiving,
            _ => Phase::Sending,
        };
        let retry_at = if phase == Phase::Waiting { self.wake_at } else { None };
        let state = SyncState { phase, fault: self.fault, retry_at, done_at: self.done_at };
        if self.reported != Some(state) {
            self.reported = Some(state);
            effects.push(Effect::Report(state));
        }
    }
}
