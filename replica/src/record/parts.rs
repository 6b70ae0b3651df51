//! What was written in a record: of each part, under each name every value that was ever put there, and which changes put
//! another in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::{Change, ScalarValue};

use super::RecordError;
use super::history::{Parsed, Places};
use super::part::Part;
use super::view::scalar_text;
use crate::id::Actor;

/// A value that was put under a key.
#[derive(Debug, Clone)]
pub(super) struct Write {
    /// The number of its operation: with the actor, its name.
    pub(super) number: u64,
    pub(super) actor: Actor,
    /// The place of its change.
    pub(super) change: usize,
    /// Nothing where it is none that Loket writes.
    pub(super) text: Option<Arc<str>>,
    /// The places of the changes that put another in its place, or took it away.
    pub(super) over: Vec<usize>,
}

/// The writes of each part. Under each name they stand in Automerge's order: of those that nothing took the place of, the
/// last one holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts([BTreeMap<Arc<str>, Vec<Write>>; 4]);

impl Parts {
    pub(super) fn of(&self, part: Part) -> &BTreeMap<Arc<str>, Vec<Write>> {
        &self.0[part as usize]
    }

    /// Takes in what a change does, all or nothing. It gets this place, and builds on `past`: what it puts another value
    /// in the place of must stand there, so that it does not matter in which order changes come.
    pub(super) fn put(&mut self, change: &Parsed, place: usize, past: &Places) -> Result<(), RecordError> {
        let actor = change.envelope.actor;
        for (number, op) in (change.envelope.start_op..).zip(&change.change.decode().operations) {
            let write = Write { number, actor, change: place, text: None, over: Vec::new() };
            if let Err(error) = self.put_one(op, write, past) {
                self.take_back(place);
                return Err(error);
            }
        }
        Ok(())
    }

    fn put_one(&mut self, op: &Op, mut write: Write, past: &Places) -> Result<(), RecordError> {
        let (in_part, name) = place_of(op)?;
        let stays = match &op.action {
            OpType::Put(ScalarValue::Counter(_)) | OpType::Increment(_) => {
                return Err(RecordError::Foreign("a counter"));
            }
            OpType::Put(scalar) => {
                write.text = scalar_text(scalar).map(Into::into);
                true
            }
            OpType::Delete => false,
            OpType::Make(_) => return Err(RecordError::Foreign("an object under a key")),
            OpType::MarkBegin(_) | OpType::MarkEnd(_) => return Err(RecordError::Foreign("a mark")),
        };
        let names = &mut self.0[in_part as usize];
        let writes = match names.get_mut(name) {
            Some(writes) => writes,
            None => names.entry(name.into()).or_default(),
        };
        for before in op.pred.iter() {
            let at = writes.binary_search_by(|write| id_of(write).cmp(&(before.0, before.1.to_bytes())));
            let before = at.ok().and_then(|at| writes.get_mut(at));
            let known = before.filter(|before| before.change == write.change || past.has(before.change));
            let known = known.ok_or(RecordError::Foreign("the end of a value that it does not build on"))?;
            if known.over.last() != Some(&write.change) {
                known.over.push(write.change);
            }
        }
        if stays && let Err(at) = writes.binary_search_by(|other| id_of(other).cmp(&id_of(&write))) {
            writes.insert(at, write);
        }
        Ok(())
    }

    /// Undoes what was taken in of a change.
    fn take_back(&mut self, place: usize) {
        for part in &mut self.0 {
            part.retain(|_, writes| {
                writes.retain(|write| write.change != place);
                for write in writes.iter_mut() {
                    write.over.retain(|over| *over != place);
                }
                !writes.is_empty()
            });
        }
    }
}

/// What a write is known by, and by what writes are in order.
fn id_of(write: &Write) -> (u64, &[u8]) {
    (write.number, write.actor.as_bytes())
}

/// Where an operation writes.
fn place_of(op: &Op) -> Result<(Part, &str), RecordError> {
    match (&op.obj, &op.key, op.insert) {
        (ObjectId::Root, Key::Map(key), false) => {
            Part::of(key).ok_or(RecordError::Foreign("a write outside the record's parts"))
        }
        (ObjectId::Root, ..) => Err(RecordError::Foreign("an element of a list")),
        (ObjectId::Id(_), ..) => Err(RecordError::Foreign("a write in another object")),
    }
}

/// The places that a change writes in.
pub(crate) fn places_of(change: &Change) -> BTreeSet<(Part, String)> {
    let operations = change.decode().operations;
    let places = operations.iter().filter_map(|op| place_of(op).ok());
    places.map(|(part, name)| (part, name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

    use automerge::transaction::Transactable as _;
    use automerge::{ActorId, AutoCommit, ObjType, ROOT, ScalarValue};

    use crate::genesis::tests::visit;
    use crate::id::Actor;
    use crate::{Document, Record, RecordError, View as _};

    /// A document of another client of Automerge.
    fn foreign(actor: u8) -> AutoCommit {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([actor; Actor::LEN]));
        doc.apply_changes([visit().root_change()]).unwrap();
        doc
    }

    fn changes_of(docs: &mut [AutoCommit]) -> Vec<Vec<u8>> {
        let all = docs.iter_mut().flat_map(|doc| doc.get_changes(&[]));
        all.map(|change| change.raw_bytes().to_vec()).collect()
    }

    /// The record of these changes, which says what the document says.
    fn read(changes: &[Vec<u8>]) -> Record {
        let (record, document) =
            (Record::load(&visit(), changes).unwrap(), Document::load(&visit(), changes).unwrap());
        assert_eq!(record.answers(), document.answers());
        assert_eq!(record.clashes(), document.clashes());
        assert_eq!(record.heads(), document.heads());
        assert_eq!(record.change_count(), document.change_count());
        record
    }

    #[test]
    fn texts_numbers_and_deletions_of_other_clients_are_read_as_automerge_reads_them() {
        let (mut one, mut other) = (foreign(1), foreign(2));
        one.put(ROOT, "a", "x").unwrap();
        one.put(ROOT, "n", 7).unwrap();
        one.put(ROOT, "b", "y").unwrap();
        one.commit();
        one.delete(ROOT, "b").unwrap();
        one.commit();
        other.put(ROOT, "a", "z").unwrap();
        other.put(ROOT, "nothing", ()).unwrap();
        other.commit();
        let record = read(&changes_of(&mut [one, other]));
        assert_eq!(record.answer("n").as_deref(), Some("7"));
        assert_eq!(record.answer("b"), None);
    }

    #[test]
    fn what_takes_the_place_of_two_values_settles_them() {
        let (mut one, mut other) = (foreign(1), foreign(2));
        one.put(ROOT, "a", "x").unwrap();
        one.commit();
        other.put(ROOT, "a", "y").unwrap();
        other.commit();
        one.merge(&mut other).unwrap();
        assert_eq!(read(&changes_of(&mut [one.clone()])).clashes().len(), 1);
        one.put(ROOT, "a", "z").unwrap();
        one.commit();
        assert_eq!(read(&changes_of(&mut [one])).clashes(), []);
    }

    #[test]
    fn whatever_else_automerge_knows_is_refused_and_leaves_the_record_as_it_was() {
        let write: [fn(&mut AutoCommit); 5] = [
            |doc| doc.put(ROOT, "/record", "elsewhere").unwrap(),
            |doc| doc.put(ROOT, "a", ScalarValue::counter(1)).unwrap(),
            |doc| {
                let text = doc.put_object(ROOT, "a", ObjType::Text).unwrap();
                doc.splice_text(&text, 0, 0, "x").unwrap();
            },
            |doc| {
                let map = doc.put_object(ROOT, "a", ObjType::Map).unwrap();
                doc.put(&map, "b", "x").unwrap();
            },
            |doc| {
                doc.put_object(ROOT, "a", ObjType::List).unwrap();
            },
        ];
        for write in write {
            let mut doc = foreign(1);
            doc.put(ROOT, "b", "y").unwrap();
            doc.commit();
            let before = changes_of(&mut [doc.clone()]);
            doc.put(ROOT, "b", "z").unwrap();
            write(&mut doc);
            doc.commit();
            let mut record = read(&before);
            let all = changes_of(&mut [doc]);
            let refused = record.apply(all.last().unwrap()).unwrap_err();
            assert!(matches!(refused, RecordError::Foreign(_) | RecordError::Envelope(_)), "{refused}");
            assert_eq!(record.answers(), read(&before).answers());
            assert_eq!(record.answer("b").as_deref(), Some("y"));
            assert_eq!(record.heads(), read(&before).heads());
        }
    }

    #[test]
    fn a_change_whose_basis_is_missing_waits_and_is_read_once_that_is_there() {
        let mut doc = foreign(1);
        for value in ["x", "y"] {
            doc.put(ROOT, "a", value).unwrap();
            doc.commit();
        }
        let changes = changes_of(&mut [doc]);
        let mut record = read(&changes[2..]);
        assert_eq!(record.answer("a"), None);
        assert_eq!(record.missing().len(), 1);
        record.apply(&changes[1]).unwrap();
        assert_eq!(record.answer("a").as_deref(), Some("y"));
        assert_eq!(record.missing(), []);
    }
}
