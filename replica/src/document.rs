//! A record as the Automerge document that its changes make: how the server sees to it that any client of Automerge takes
//! them, and what a record's own reading of them is held against.

use std::collections::BTreeSet;

use automerge::{Automerge, AutomergeError, Change, ObjId, ROOT, ReadDoc, Value};

use crate::envelope::{Envelope, EnvelopeError, Limits};
use crate::genesis::Genesis;
use crate::id::{Actor, ChangeHash};
use crate::order::in_order;
use crate::record::{
    LastEdit, Part, Record, RecordError, Stand, Standing, View, Written, parsed, places_of, scalar_text,
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

/// The places that a change writes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPlaces(BTreeSet<(Part, String)>);

/// A record's document.
#[derive(Debug, Clone)]
pub struct Document {
    root: ChangeHash,
    doc: Automerge,
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
        Ok(Self { root: hash, doc })
    }

    /// Takes one change in, and tells which places it writes in. Where it builds on changes that are not there it waits for
    /// them.
    ///
    /// # Errors
    /// [`DocumentError`] where it is not a sound change, or contradicts one that is there.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<WrittenPlaces, DocumentError> {
        let (_, change) = Envelope::parse_change(bytes, &Limits::STANDARD)?;
        let places = WrittenPlaces(places_of(&change));
        if change.hash() != self.root.into() {
            self.doc.apply_changes([change])?;
        }
        Ok(places)
    }

    /// Whether a record says the same in all these places, and has the same heads.
    pub fn agrees_with(&self, record: &Record, places: &WrittenPlaces) -> bool {
        let same = |(part, name): &(Part, String)| self.versions(*part, name) == record.versions(*part, name);
        self.heads() == record.heads() && places.0.iter().all(same)
    }

    /// The whole document, compact, for export, for measuring, and to compare: devices that hold the same changes save
    /// the same bytes. Automerge writes changes in the order in which they came in, so they are brought into one order
    /// first.
    pub fn save(&self) -> Vec<u8> {
        let mut doc = Automerge::new();
        let of = |change: &Change| {
            let deps = change.deps().iter().map(|dep| ChangeHash::from(*dep));
            (change.hash().into(), deps.collect())
        };
        match doc.apply_changes(in_order(self.doc.get_changes(&[]), of)) {
            Ok(()) => doc.save(),
            // What went in once goes in again.
            Err(_) => self.doc.save(),
        }
    }

    fn written(&self, text: String, id: &ObjId) -> Option<Written> {
        let ObjId::Id(counter, actor, _) = id else { return None };
        let change = self.doc.hash_for_opid(id).and_then(|hash| self.doc.get_change_meta_by_hash(&hash));
        let order = (*counter, Actor::try_from(actor.to_bytes()).ok());
        Some(Written { text, order, time: change.map_or(0, |change| change.timestamp) })
    }
}

impl Stand for Document {
    fn standing(&self, part: Part) -> Box<dyn Iterator<Item = Standing<'_>> + '_> {
        Box::new(self.doc.map_range(ROOT, ..).filter_map(move |item| {
            let (_, name) = Part::of(&item.key).filter(|(own, _)| *own == part)?;
            let (name, contested) = (name.to_owned().into(), item.conflict);
            let text = text_of(&item.value.into_value());
            Some(Standing { name, text: text.map(Into::into), contested })
        }))
    }

    fn versions(&self, part: Part, name: &str) -> Vec<Written> {
        let all = self.doc.get_all(ROOT, part.key(name).as_ref()).unwrap_or_default();
        let mut versions: Vec<_> =
            all.iter().filter_map(|(value, id)| self.written(text_of(value)?, id)).collect();
        versions.sort_by_key(|written| written.order);
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

/// The text of a value; objects are none that a record holds.
fn text_of(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Scalar(scalar) => scalar_text(scalar),
        Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

    use super::Document;
    use crate::genesis::tests::visit;
    use crate::id::Actor;
    use crate::{Edit, Record};

    #[test]
    fn whoever_takes_changes_in_another_order_saves_the_same_bytes() {
        let genesis = visit();
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
            "automerge keeps the order by itself: `order.rs` is not needed here"
        );
        assert_eq!(here.save(), there.save());
    }
}
