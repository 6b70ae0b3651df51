//! The device's side of a reconciliation: which ranges to ask about, what differs, what has to be fetched.

use std::collections::{BTreeSet, VecDeque};

use super::{Cursor, Held};
use crate::id::{ChangeHash, Digest, Epoch};
use crate::wire::reconcile::{
    MAX_RANGES, MAX_WANTED, Named, PARTS, Range, RangeReply, ReconcileReply, ReconcileRequest,
};

/// Most questions about one stream, so that a server that answers nonsense is left alone some time.
const MOST_QUESTIONS: u32 = 4096;

/// One stream being compared with the server's.
#[derive(Debug, Clone)]
pub(super) struct Reconcile {
    /// What is here and was named by the server, by rising place.
    mine: Vec<Named>,
    /// Whatever else is here.
    unnamed: BTreeSet<ChangeHash>,
    /// Ranges that are not settled.
    open: VecDeque<Range>,
    /// What the server holds, as far as that is known.
    theirs: Vec<Named>,
    /// Places of changes that are not here.
    wanted: Option<VecDeque<u64>>,
    epoch: Option<Epoch>,
    questions: u32,
}

/// What an answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more to ask.
    Ask,
    /// The two are compared, and all that was missing is here.
    Done,
    /// The answer contradicts itself or an earlier one.
    Bad,
}

impl Reconcile {
    /// Begins to compare all places up to and with `upto`.
    pub(super) fn new(held: Held, upto: u64) -> Self {
        let Held { named, mut unnamed } = held;
        let (mut mine, beyond): (Vec<_>, Vec<_>) =
            named.into_iter().partition(|one| (1..=upto).contains(&one.seq));
        mine.sort_unstable();
        unnamed.extend(beyond.iter().map(|one| one.hash));
        let mut reconcile = Self {
            mine,
            unnamed,
            open: VecDeque::new(),
            theirs: Vec::new(),
            wanted: None,
            epoch: None,
            questions: 0,
        };
        reconcile.split(upto);
        reconcile
    }

    /// The first ranges: as many changes in each, so that the first answer already says much.
    fn split(&mut self, upto: u64) {
        let parts = usize::try_from(PARTS).unwrap_or(usize::MAX);
        let each = self.mine.len().div_ceil(parts).max(1);
        let mut after = 0;
        for chunk in self.mine.chunks(each) {
            let last = chunk.last().map_or(after, |named| named.seq);
            self.open.push_back(range_of(chunk, after, last));
            after = last;
        }
        if let Some(last) = self.open.back_mut() {
            last.upto = upto;
        } else if upto > 0 {
            self.open.push_back(range_of(&[], 0, upto));
        }
    }

    /// What to ask next; nothing where all is settled.
    pub(super) fn question(&mut self) -> Option<ReconcileRequest> {
        self.questions += 1;
        if !self.open.is_empty() {
            let ranges = self.open.iter().take(MAX_RANGES).copied().collect();
            return Some(ReconcileRequest { ranges, wanted: Vec::new() });
        }
        let wanted: Vec<u64> = self.missing().iter().take(MAX_WANTED).copied().collect();
        (!wanted.is_empty()).then_some(ReconcileRequest { ranges: Vec::new(), wanted })
    }

    /// Takes in an answer to the last question.
    pub(super) fn read(&mut self, reply: &ReconcileReply) -> Progress {
        let same_log = *self.epoch.get_or_insert(reply.epoch) == reply.epoch;
        if !same_log || self.questions > MOST_QUESTIONS {
            return Progress::Bad;
        }
        let understood =
            if self.open.is_empty() { self.take_entries(reply) } else { self.take_ranges(&reply.ranges) };
        match understood {
            None => Progress::Bad,
            Some(()) if self.open.is_empty() && self.missing().is_empty() => Progress::Done,
            Some(()) => Progress::Ask,
        }
    }

    fn take_ranges(&mut self, replies: &[RangeReply]) -> Option<()> {
        if replies.is_empty() {
            return None;
        }
        for reply in replies {
            let range = self.open.pop_front()?;
            match reply {
                RangeReply::Same => self.agree(range.after, range.upto),
                RangeReply::Lists(named) => self.list(range, named)?,
                RangeReply::Parts(parts) => self.compare(range, parts)?,
            }
        }
        Some(())
    }

    fn agree(&mut self, after: u64, upto: u64) {
        let same = within(&self.mine, after, upto);
        self.theirs.extend_from_slice(same);
    }

    fn list(&mut self, range: Range, named: &[Named]) -> Option<()> {
        let mut last = range.after;
        for one in named {
            if one.seq <= last || one.seq > range.upto {
                return None;
            }
            last = one.seq;
        }
        self.theirs.extend_from_slice(named);
        Some(())
    }

    fn compare(&mut self, range: Range, parts: &[Range]) -> Option<()> {
        let mut last = range.after;
        for part in parts {
            let narrower = part.after > range.after || part.upto < range.upto;
            if part.after != last || part.upto <= part.after || part.upto > range.upto || !narrower {
                return None;
            }
            last = part.upto;
            let mine = range_of(within(&self.mine, part.after, part.upto), part.after, part.upto);
            if mine == *part {
                self.agree(part.after, part.upto);
            } else if part.count > 0 {
                self.open.push_back(mine);
            }
        }
        (last == range.upto).then_some(())
    }

    /// The places of what is not here; found out once all ranges are settled.
    fn missing(&mut self) -> &mut VecDeque<u64> {
        let (theirs, mine, unnamed) = (&mut self.theirs, &self.mine, &self.unnamed);
        self.wanted.get_or_insert_with(|| {
            theirs.sort_unstable();
            let here: BTreeSet<ChangeHash> = mine.iter().map(|named| named.hash).collect();
            let lacks = |named: &&Named| !here.contains(&named.hash) && !unnamed.contains(&named.hash);
            theirs.iter().filter(lacks).map(|named| named.seq).collect()
        })
    }

    fn take_entries(&mut self, reply: &ReconcileReply) -> Option<()> {
        if reply.entries.is_empty() {
            return None;
        }
        for entry in &reply.entries {
            let expected = self.missing().pop_front()?;
            let listed = self.theirs.binary_search(&Named { seq: entry.seq, hash: entry.hash }).is_ok();
            let its_record = usize::try_from(entry.genesis).is_ok_and(|index| index < reply.geneses.len());
            if entry.seq != expected || !listed || !its_record {
                return None;
            }
        }
        Some(())
    }

    /// All that the server holds up to where the two were compared, and the cursor that stands for it.
    pub(super) fn outcome(self) -> (Vec<Named>, Cursor) {
        let after = self.theirs.last().map_or(0, |named| named.seq);
        let Range { count, digest, .. } = range_of(&self.theirs, 0, after);
        (self.theirs, Cursor { epoch: self.epoch, after, count, digest })
    }
}

fn range_of(named: &[Named], after: u64, upto: u64) -> Range {
    let mut digest = Digest::EMPTY;
    for one in named {
        digest.toggle(&one.hash);
    }
    Range { after, upto, count: u64::try_from(named.len()).unwrap_or(u64::MAX), digest }
}

fn within(named: &[Named], after: u64, upto: u64) -> &[Named] {
    let from = named.partition_point(|one| one.seq <= after);
    let to = named.partition_point(|one| one.seq <= upto);
    named.get(from..to).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genesis::{Genesis, RecordKind};
    use crate::id::ContentHash;
    use crate::wire::PullEntry;
    use crate::wire::reconcile::{Places, answer};

    fn genesis() -> Genesis {
        Genesis {
            kind: RecordKind::Visit,
            office: "babel".parse().unwrap(),
            round: "2025".parse().unwrap(),
            unit: "dukcapil".parse().unwrap(),
            instrument: ContentHash::new([5; 32]),
            nonce: None,
        }
    }

    /// A log in memory, with its running digest.
    struct Log(Vec<Named>, Vec<Digest>);

    impl Log {
        fn new(named: Vec<Named>) -> Self {
            let mut digest = Digest::EMPTY;
            let running = named.iter().map(|one| {
                digest.toggle(&one.hash);
                digest
            });
            let running = running.collect();
            Self(named, running)
        }
    }

    impl Places for Log {
        type Error = ();

        fn upto(&mut self, place: u64) -> Result<(u64, Digest), ()> {
            let count = within(&self.0, 0, place).len();
            Ok((count as u64, count.checked_sub(1).map_or(Digest::EMPTY, |last| self.1[last])))
        }

        fn list(&mut self, after: u64, upto: u64) -> Result<Vec<Named>, ()> {
            Ok(within(&self.0, after, upto).to_vec())
        }
    }

    fn named(seq: u64, mark: u64) -> Named {
        let mut hash = [0; 32];
        // Mixed, so that no two sets have the same digest by their pattern alone.
        let mixed = (seq * 1_000 + mark).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash[..8].copy_from_slice(&mixed.to_be_bytes());
        hash[8..16]
            .copy_from_slice(&(mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb).to_be_bytes());
        hash[16..24].copy_from_slice(&(seq * 1_000 + mark).to_be_bytes());
        Named { seq, hash: ChangeHash::new(hash) }
    }

    /// Asks until all is settled: what was fetched, how many round trips, how many bytes both ways.
    fn meet(reconcile: &mut Reconcile, log: &mut Log) -> (Vec<u64>, u32, usize) {
        let (mut fetched, mut trips, mut bytes) = (Vec::new(), 0, 0);
        while let Some(question) = reconcile.question() {
            trips += 1;
            let entries = question.wanted.iter().map(|seq| {
                let at = log.0.binary_search_by_key(seq, |named| named.seq).unwrap();
                PullEntry { seq: *seq, genesis: 0, hash: log.0[at].hash, bytes: Some(vec![]) }
            });
            let entries: Vec<_> = entries.take(MAX_WANTED / 2).collect();
            fetched.extend(entries.iter().map(|entry| entry.seq));
            let ranges = answer(log, &question.ranges).unwrap();
            let geneses = vec![genesis()];
            let reply = ReconcileReply { epoch: Epoch::new([1; 16]), ranges, geneses, entries };
            bytes += question.to_cbor().len() + reply.to_cbor().len();
            match reconcile.read(&reply) {
                Progress::Ask => {}
                Progress::Done => break,
                Progress::Bad => panic!("{question:?} {reply:?}"),
            }
        }
        (fetched, trips, bytes)
    }

    fn held(named: Vec<Named>) -> Held {
        Held { named, unnamed: BTreeSet::new() }
    }

    #[test]
    fn a_few_differences_among_a_hundred_thousand_are_found_in_three_round_trips_and_few_kilobytes() {
        let theirs: Vec<_> = (1..=100_000).map(|seq| named(seq, 0)).collect();
        let mut mine = theirs.clone();
        // Here and not there, there and not here, another one in the same place.
        for at in [77_777, 50_000, 3] {
            mine.remove(at);
        }
        mine[123] = named(125, 9);
        mine.push(named(100_001, 0));
        let mut log = Log::new(theirs.clone());
        let mut reconcile = Reconcile::new(held(mine), 100_001);
        let (fetched, trips, bytes) = meet(&mut reconcile, &mut log);
        assert_eq!(fetched, [4, 125, 50_001, 77_778]);
        assert!(trips <= 3, "{trips} round trips");
        assert!(bytes < 40_000, "{bytes} bytes");
        let (list, cursor) = reconcile.outcome();
        assert_eq!(list, theirs);
        assert_eq!((cursor.after, cursor.count), (100_000, 100_000));
    }

    #[test]
    fn whatever_the_two_hold_the_device_ends_with_what_the_server_has() {
        for (mine, theirs) in [(0, 0), (0, 10), (10, 0), (5_000, 100), (100, 5_000), (5_000, 5_000)] {
            let log: Vec<_> = (1..=theirs).map(|n| named(n * 3, 1)).collect();
            let here = (1..=mine).map(|n| named(n * 2, 1)).collect();
            let mut reconcile = Reconcile::new(held(here), 15_000);
            meet(&mut reconcile, &mut Log::new(log.clone()));
            assert_eq!(reconcile.outcome().0, log, "{mine} here, {theirs} there");
        }
    }

    #[test]
    fn what_is_here_under_another_place_or_none_is_not_fetched() {
        let log = vec![named(1, 0), named(2, 0), named(3, 0)];
        let moved = Named { seq: 9, ..log[2] };
        let here = Held { named: vec![log[0], moved], unnamed: [log[1].hash].into() };
        let mut reconcile = Reconcile::new(here, 9);
        let (fetched, ..) = meet(&mut reconcile, &mut Log::new(log.clone()));
        assert!(fetched.is_empty(), "{fetched:?}");
        assert_eq!(reconcile.outcome().0, log);
    }

    #[test]
    fn answers_that_lead_nowhere_are_not_believed() {
        let begin = || Reconcile::new(held((1..=100).map(|seq| named(seq, 0)).collect()), 100);
        let reply =
            |ranges| ReconcileReply { epoch: Epoch::new([1; 16]), ranges, geneses: vec![], entries: vec![] };
        let whole = |reconcile: &mut Reconcile| reconcile.question().unwrap().ranges[0];
        let mut reconcile = begin();
        let range = whole(&mut reconcile);
        let silly = [
            vec![],
            vec![RangeReply::Parts(vec![range])],
            vec![RangeReply::Parts(vec![])],
            vec![RangeReply::Lists(vec![named(range.upto + 1, 0)])],
            vec![RangeReply::Lists(vec![named(2, 0), named(1, 0)])],
            vec![RangeReply::Same; 65],
        ];
        for ranges in silly {
            let mut reconcile = begin();
            whole(&mut reconcile);
            assert_eq!(reconcile.read(&reply(ranges.clone())), Progress::Bad, "{ranges:?}");
        }
        let mut reconcile = begin();
        whole(&mut reconcile);
        assert_eq!(reconcile.read(&reply(vec![RangeReply::Same])), Progress::Ask);
        let other = ReconcileReply { epoch: Epoch::new([2; 16]), ..reply(vec![RangeReply::Same]) };
        assert_eq!(reconcile.read(&other), Progress::Bad);
    }
}
