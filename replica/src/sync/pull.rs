//! One stream being followed: what to ask next, and what an answer means.

use super::Cursor;
use crate::id::StreamId;
use crate::mutation::{Rule, is_off};
use crate::wire::{Have, PullQuery, PullReply};

/// A stream and how far it has been followed.
#[derive(Debug, Clone)]
pub(super) struct Follow {
    pub(super) stream: StreamId,
    pub(super) cursor: Cursor,
    /// It has to be compared with the server's before it is pulled further.
    pub(super) doubted: bool,
    /// A doubt came up while it was being compared.
    pub(super) doubted_anew: bool,
    /// It was compared, and no answer has shown yet that this helped.
    pub(super) mended: bool,
}

/// What an answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing new.
    Nothing,
    /// This is new; with it the cursor stands here.
    New(Cursor),
    /// What is here and what is there differ: the two have to be compared.
    Disagrees,
    /// The answer contradicts itself.
    Bad,
}

impl Follow {
    pub(super) fn new(stream: StreamId, cursor: Cursor) -> Self {
        Self { stream, cursor, doubted: false, doubted_anew: false, mended: false }
    }

    pub(super) fn query(&self) -> PullQuery {
        let Cursor { count, digest, .. } = self.cursor;
        PullQuery {
            stream: self.stream.clone(),
            after: self.cursor.after,
            have: self.cursor.epoch.map(|epoch| Have { epoch, count, digest }),
            limit: None,
        }
    }

    pub(super) fn read(&self, reply: &PullReply) -> Reading {
        let here = &self.cursor;
        let other_epoch = here.epoch.is_some_and(|epoch| epoch != reply.epoch);
        let other_epoch = other_epoch && !is_off(Rule::EpochCheck);
        let other_digest = here.digest != reply.digest && !is_off(Rule::DigestCompare);
        if other_epoch || other_digest || here.count != reply.count {
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
}
