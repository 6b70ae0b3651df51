//! A record as one document: the same bytes wherever the same changes are held.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use automerge::{Automerge, Change, ChangeHash};

use super::Record;

impl Record {
    /// The whole record as one Automerge document, compact, for export, for measuring, and to compare: devices that hold
    /// the same changes save the same bytes. Automerge writes changes in the order in which they came in, so they are
    /// brought into one order first.
    pub fn save(&self) -> Vec<u8> {
        let mut doc = Automerge::new();
        match doc.apply_changes(in_one_order(self.doc.get_changes(&[]))) {
            Ok(()) => doc.save(),
            // What went in once goes in again.
            Err(_) => self.doc.save(),
        }
    }
}

/// The changes, each behind those that it builds on, and otherwise by their hashes.
fn in_one_order(changes: Vec<Change>) -> Vec<Change> {
    let mut lacks: HashMap<ChangeHash, usize> = HashMap::new();
    let mut builders: HashMap<ChangeHash, Vec<ChangeHash>> = HashMap::new();
    for change in &changes {
        lacks.insert(change.hash(), change.deps().len());
        for basis in change.deps() {
            builders.entry(*basis).or_default().push(change.hash());
        }
    }
    let mut ready: BTreeSet<ChangeHash> =
        lacks.iter().filter(|(_, lacks)| **lacks == 0).map(|(hash, _)| *hash).collect();
    let mut by_hash: BTreeMap<ChangeHash, Change> =
        changes.into_iter().map(|change| (change.hash(), change)).collect();
    let mut ordered = Vec::with_capacity(by_hash.len());
    while let Some(next) = ready.pop_first() {
        for builder in builders.remove(&next).unwrap_or_default() {
            if let Some(left) = lacks.get_mut(&builder) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.insert(builder);
                }
            }
        }
        ordered.extend(by_hash.remove(&next));
    }
    ordered
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

    use crate::id::{Actor, ContentHash};
    use crate::{Edit, Genesis, Record, RecordKind};

    #[test]
    fn whoever_takes_changes_in_another_order_saves_the_same_bytes() {
        let genesis = Genesis {
            kind: RecordKind::Visit,
            office: "babel".parse().unwrap(),
            round: "2026".parse().unwrap(),
            unit: "dukcapil".parse().unwrap(),
            instrument: ContentHash::new([5; 32]),
            nonce: None,
        };
        let [one, other] = [1, 2].map(|by| {
            let edit = Edit::Answer { path: "a".parse().unwrap(), value: format!("{by}").parse().unwrap() };
            let actor = Actor::try_from(&[by; 24][..]).unwrap();
            Record::start(&genesis).unwrap().commit(&[edit], &actor, 1).unwrap().unwrap().bytes
        });
        let here = Record::load(&genesis, [&one, &other]).unwrap();
        let mut there = Record::load(&genesis, [&other]).unwrap();
        there.apply(&one).unwrap();
        assert_ne!(
            here.doc.save(),
            there.doc.save(),
            "automerge keeps the order by itself: this module can go"
        );
        assert_eq!(here.save(), there.save());
    }
}
