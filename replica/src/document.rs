//! A record as the Automerge document that its changes make: how the server sees to it that any client of Automerge takes
//! them, and what a record's own reading of them is held against.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use automerge::{ActorId, Automerge, AutomergeError, Change, ObjId, ObjType, ReadDoc, Value};

use crate::envelope::{Envelope, EnvelopeError, Limits};
use crate::genesis::{Genesis, MAP_OPERATIONS, ROOT_ACTOR};
use crate::id::{Actor, ChangeHash};
use crate::record::{
    LastEdit, Map, Record, RecordError, Stand, Standing, View, Written, keys_of, parsed, scalar_text,
    sound_root,
};

/// Why a document cannot be built, or does not take a change.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The changes are none that a record takes.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The bytes are not a change that can be taken.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Automerge refuses.
    #[error("the document does not take the change: {0}")]
    Automerge(#[from] AutomergeError),
}

/// A record's document.
#[derive(Debug, Clone)]
pub struct Document {
    root: ChangeHash,
    doc: Automerge,
    /// The maps that the first change made. Whatever is put at their keys later, these are the ones that count.
    maps: [ObjId; 4],
}

impl Document {
    /// The document of these changes, in any order and each as often as one likes. The first change need not be among
    /// them.
    ///
    /// Automerge can panic on changes that were made to hurt.
    ///
    /// # Errors
    /// [`DocumentError`] where one of them is not a sound change, or contradicts another.
    pub fn load<I>(genesis: &Genesis, changes: I) -> Result<Self, DocumentError>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let root = sound_root(genesis)?;
        let changes = parsed(&root, changes)?.into_iter().map(|(_, change)| change);
        let hash = root.hash().into();
        let mut doc = Automerge::new();
        // All in one step: each costs Automerge something by itself, however little is in it.
        let changes: Vec<Change> = changes.collect();
        doc.apply_changes(std::iter::once(root).chain(changes))?;
        let maps = MAP_OPERATIONS.map(|operation| ObjId::Id(operation, ActorId::from(ROOT_ACTOR), 0));
        Ok(Self { root: hash, doc, maps })
    }

    /// Takes one change in. Where it builds on changes that are not there it waits for them.
    ///
    /// # Errors
    /// [`DocumentError`] where it is not a sound change, or contradicts one that is there.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<(), DocumentError> {
        let (_, change) = Envelope::parse_change(bytes, &Limits::STANDARD)?;
        if change.hash() != self.root.into() {
            self.doc.apply_changes([change])?;
        }
        Ok(())
    }

    /// Whether a record says the same under every key that a change writes, and has the same heads.
    pub fn agrees_with(&self, record: &Record, change: &[u8]) -> bool {
        let Ok(change) = Change::try_from(change) else { return false };
        let same = |(map, key): &(Map, String)| self.versions(*map, key) == record.versions(*map, key);
        self.heads() == record.heads() && keys_of(&change).iter().all(same)
    }

    /// The whole document, compact, for export, for measuring, and to compare: devices that hold the same changes save
    /// the same bytes. Automerge writes changes in the order in which they came in, so they are brought into one order
    /// first.
    pub fn save(&self) -> Vec<u8> {
        let mut doc = Automerge::new();
        match doc.apply_changes(in_one_order(self.doc.get_changes(&[]))) {
            Ok(()) => doc.save(),
            // What went in once goes in again.
            Err(_) => self.doc.save(),
        }
    }

    fn map(&self, map: Map) -> &ObjId {
        &self.maps[map as usize]
    }

    fn written(&self, text: String, id: &ObjId) -> Option<Written> {
        let ObjId::Id(counter, actor, _) = id else { return None };
        let change = self.doc.hash_for_opid(id).and_then(|hash| self.doc.get_change_meta_by_hash(&hash));
        let order = (*counter, Actor::try_from(actor.to_bytes()).ok());
        Some(Written { text, order, time: change.map_or(0, |change| change.timestamp) })
    }

    fn text_of(&self, value: &Value<'_>, id: &ObjId) -> Option<String> {
        match value {
            Value::Scalar(scalar) => scalar_text(scalar),
            Value::Object(ObjType::Text) => self.doc.text(id).ok(),
            Value::Object(_) => None,
        }
    }
}

impl Stand for Document {
    fn standing(&self, map: Map) -> Box<dyn Iterator<Item = Standing<'_>> + '_> {
        Box::new(self.doc.map_range(self.map(map), ..).map(|item| {
            let (id, contested) = (item.id(), item.conflict);
            let text = self.text_of(&item.value.into_value(), &id);
            Standing { key: item.key, text: text.map(Into::into), contested }
        }))
    }

    fn versions(&self, map: Map, key: &str) -> Vec<Written> {
        let all = self.doc.get_all(self.map(map), key).unwrap_or_default();
        let mut versions: Vec<_> =
            all.iter().filter_map(|(value, id)| self.written(self.text_of(value, id)?, id)).collect();
        versions.sort_by_key(|a| a.order);
        versions
    }
}

impl View for Document {
    fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<_> = self.doc.get_heads().into_iter().map(ChangeHash::from).collect();
        heads.sort_unstable();
        heads
    }

    fn last_edit(&self) -> Option<LastEdit> {
        let changes = self.doc.get_changes_meta(&[]);
        let edits = changes.iter().filter_map(|change| {
            let actor = Actor::try_from(change.actor.to_bytes()).ok()?;
            Some(LastEdit { actor, time: change.timestamp })
        });
        edits.max_by_key(|edit| (edit.time, edit.actor))
    }

    fn change_count(&self) -> usize {
        self.doc.get_changes_meta(&[]).len().saturating_sub(1)
    }
}

/// The changes, each behind those that it builds on, and otherwise by their hashes.
fn in_one_order(changes: Vec<Change>) -> Vec<Change> {
    let mut lacks: HashMap<automerge::ChangeHash, usize> = HashMap::new();
    let mut builders: HashMap<automerge::ChangeHash, Vec<automerge::ChangeHash>> = HashMap::new();
    for change in &changes {
        lacks.insert(change.hash(), change.deps().len());
        for basis in change.deps() {
            builders.entry(*basis).or_default().push(change.hash());
        }
    }
    let mut ready: BTreeSet<automerge::ChangeHash> =
        lacks.iter().filter(|(_, lacks)| **lacks == 0).map(|(hash, _)| *hash).collect();
    let mut by_hash: BTreeMap<automerge::ChangeHash, Change> =
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

    use super::Document;
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
        let here = Document::load(&genesis, [&one, &other]).unwrap();
        let mut there = Document::load(&genesis, [&other]).unwrap();
        there.apply(&one).unwrap();
        assert_ne!(
            here.doc.save(),
            there.doc.save(),
            "automerge keeps the order by itself: this module can go"
        );
        assert_eq!(here.save(), there.save());
    }
}
