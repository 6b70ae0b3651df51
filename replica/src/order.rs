//! Brings changes into an order in which each can be taken in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::id::ChangeHash;

/// Each change behind those of them that it builds on, and otherwise by their hashes: the same for whoever has the same.
/// `of` tells a change's hash, and the hashes of those that it builds on directly.
pub(crate) fn in_order<C>(changes: Vec<C>, of: impl Fn(&C) -> (ChangeHash, Vec<ChangeHash>)) -> Vec<C> {
    let mut by_hash: BTreeMap<ChangeHash, (C, Vec<ChangeHash>)> = BTreeMap::new();
    for change in changes {
        let (hash, deps) = of(&change);
        by_hash.insert(hash, (change, deps));
    }
    let mut lacks: HashMap<ChangeHash, usize> = HashMap::new();
    let mut builders: HashMap<ChangeHash, Vec<ChangeHash>> = HashMap::new();
    let mut ready = BTreeSet::new();
    for (hash, (_, deps)) in &by_hash {
        let among: BTreeSet<_> = deps.iter().filter(|dep| by_hash.contains_key(*dep)).collect();
        if among.is_empty() {
            ready.insert(*hash);
        }
        lacks.insert(*hash, among.len());
        for dep in among {
            builders.entry(*dep).or_default().push(*hash);
        }
    }
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
        ordered.extend(by_hash.remove(&next).map(|(change, _)| change));
    }
    ordered
}
