//! Where device and server differ: the two are compared, what is missing here is fetched, what is missing there is
//! offered again.

use super::{Busy, Engine};
use crate::id::Digest;
use crate::sync::reconcile::{Progress, Reconcile};
use crate::sync::{Cursor, Effect, Held, Millis, SyncFault};
use crate::wire::PullReply;
use crate::wire::reconcile::ReconcileReply;

impl Engine {
    pub(super) fn on_held(&mut self, held: Held, effects: &mut Vec<Effect>) {
        let Some(follow) = self.current() else { return };
        let reconcile = Reconcile::new(held, follow.cursor.after);
        self.ask(reconcile, effects);
    }

    /// Asks the next question about the current stream, or ends the comparison.
    pub(super) fn ask(&mut self, mut reconcile: Reconcile, effects: &mut Vec<Effect>) {
        let Some(stream) = self.current().map(|follow| follow.stream.clone()) else { return };
        if let Some(request) = reconcile.question() {
            effects.push(Effect::Reconcile { stream, request });
            self.busy = Busy::Reconcile(reconcile);
            return;
        }
        let (named, cursor) = reconcile.outcome();
        self.epoch = cursor.epoch.or(self.epoch);
        self.busy = Busy::Mend(cursor);
        effects.push(Effect::Mend { stream, named, cursor });
    }

    pub(super) fn on_reconciled(
        &mut self,
        now: Millis,
        mut reconcile: Reconcile,
        reply: ReconcileReply,
        effects: &mut Vec<Effect>,
    ) {
        if reconcile.read(&reply) == Progress::Bad {
            return self.fail(now, SyncFault::BadReply);
        }
        if reply.entries.is_empty() {
            return self.ask(reconcile, effects);
        }
        self.others_came(&reply.entries);
        let Some(stream) = self.current().map(|follow| follow.stream.clone()) else { return };
        let page = PullReply {
            epoch: reply.epoch,
            upto: reply.entries.last().map_or(0, |entry| entry.seq),
            more: false,
            count: 0,
            digest: Digest::EMPTY,
            geneses: reply.geneses,
            entries: reply.entries,
        };
        self.busy = Busy::Fill(reconcile);
        effects.push(Effect::TakeIn { stream, reply: page, cursor: None });
    }

    pub(super) fn on_mended(&mut self, cursor: Cursor) {
        if let Some(follow) = self.current() {
            let again = std::mem::take(&mut follow.doubted_anew);
            (follow.cursor, follow.doubted, follow.mended) = (cursor, again, !again);
        }
        self.due.push = self.config.role.pushes();
        // What lost changes may have lost photos.
        self.due.photos = self.due.push;
        self.succeed();
    }
}
