//! One stream being followed: what to ask next, and what an answer means.

use std::collections::BTreeSet;

use super::Cursor;
use crate::id::{ChangeHash, StreamId};
use crate::wire::{MAX_PULL_CHANGES, PullQuery, PullReply};

/// A stream and how far it has been followed.
#[derive(Debug, Clone)]
pub(super) struct Follow {
    pub(super) stream: StreamId,
    pub(super) cursor: Cursor,
    /// While everything is pulled again: what the server has named so far.
    refill: Option<BTreeSet<ChangeHash>>,
}

/// What an answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing new.
    Nothing,
    /// This is new; with it the cursor stands here.
    New(Cursor),
    /// What is here and what is there differ: everything has to be pulled again.
    Disagrees,
    /// The answer contradicts itself.
    Bad,
}

impl Follow {
    pub(super) fn new(stream: StreamId, cursor: Cursor) -> Self {
        let mut follow = Self { stream, cursor, refill: None };
        if cursor.refilling {
            follow.begin_refill();
        }
        follow
    }

    pub(super) fn begin_refill(&mut self) {
        self.cursor = Cursor { refilling: true, ..Cursor::default() };
        self.refill = Some(BTreeSet::new());
    }

    pub(super) fn is_refilling(&self) -> bool {
        self.refill.is_some()
    }

    pub(super) fn query(&self) -> PullQuery {
        PullQuery {
            stream: self.stream.clone(),
            after: self.cursor.after,
            epoch: self.cursor.epoch,
            count: self.cursor.count,
            digest: self.cursor.digest,
            limit: u32::try_from(MAX_PULL_CHANGES).ok(),
            full: u8::from(self.is_refilling()),
        }
    }

    pub(super) fn read(&self, reply: &PullReply) -> Reading {
        let here = &self.cursor;
        let other_epoch = here.epoch.is_some_and(|epoch| epoch != reply.epoch);
        if other_epoch || (here.count, here.digest) != (reply.count, reply.digest) {
            return Reading::Disagrees;
        }
        let mut last = here.after;
        for entry in &reply.entries {
            if entry.seq <= last || entry.seq > reply.upto || entry.genesis as usize >= reply.geneses.len() {
                return Reading::Bad;
            }
            last = entry.seq;
        }
        if reply.upto < here.after || (reply.more && reply.upto == here.after) {
            return Reading::Bad;
        }
        let mut cursor = Cursor { epoch: Some(reply.epoch), after: reply.upto, ..*here };
        for entry in &reply.entries {
            cursor.count += 1;
            cursor.digest.toggle(&entry.hash);
        }
        if cursor == *here { Reading::Nothing } else { Reading::New(cursor) }
    }

    /// Notes that an answer is in the store.
    pub(super) fn advance(&mut self, cursor: Cursor, named: Vec<ChangeHash>) {
        self.cursor = cursor;
        if let Some(all) = &mut self.refill {
            all.extend(named);
        }
    }

    /// All that the server named while everything was pulled again, and the cursor once that is dealt with.
    pub(super) fn refilled(&self) -> Option<(BTreeSet<ChangeHash>, Cursor)> {
        let named = self.refill.clone()?;
        Some((named, Cursor { refilling: false, ..self.cursor }))
    }

    pub(super) fn end_refill(&mut self) {
        self.cursor.refilling = false;
        self.refill = None;
    }
}
