//! Reading a record out of its changes, without a document.
//!
//! Loket writes nothing but texts under keys of maps, and of such a write a change says all: the key, the value, and
//! the writes that it takes the place of. What nothing has taken the place of stands. So who only reads, as a release of
//! some ten thousand records does, need not have Automerge's document built, which takes several times as long. Where
//! another client of Automerge wrote anything else, the document is built after all.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ScalarValue};

use super::document::scalar_text;
use super::view::{Map, Stand, Standing, View, Written};
use super::{LastEdit, Record, RecordError, parsed, sound_root};
use crate::genesis::{Genesis, MAP_OPERATIONS, ROOT_ACTOR};
use crate::id::{Actor, ChangeHash};

/// Reads a record with these changes, in any order and each as often as one likes. The first change need not be among
/// them. What depends on changes that are not there is not read. Says the same as [`Record::load`], sooner.
///
/// Automerge can panic on changes that were made to hurt, see [`Record::load`].
///
/// # Errors
/// [`RecordError`] where one of them is not a sound change, or contradicts another.
pub fn read<I>(genesis: &Genesis, changes: I) -> Result<Box<dyn View>, RecordError>
where
    I: IntoIterator,
    I::Item: AsRef<[u8]>,
{
    let root = sound_root(genesis)?;
    let changes = parsed(&root, changes)?;
    if let Some(replay) = Replay::of(&root, &changes) {
        return Ok(Box::new(replay));
    }
    Ok(Box::new(Record::grown(genesis, root, changes)?))
}

/// A record as it stands after its changes.
struct Replay {
    maps: [BTreeMap<String, Vec<Write>>; 4],
    changes: Vec<Author>,
    heads: BTreeSet<ChangeHash>,
}

/// Who made a change, and when by that device's clock.
struct Author {
    actor: ActorId,
    time: i64,
}

/// A value that was put under a key.
struct Write {
    id: (u64, ActorId),
    /// Nothing where it is none that Loket writes.
    text: Option<String>,
    /// Place of its change.
    change: usize,
    /// Whether another took its place.
    over: bool,
}

impl Replay {
    /// Nothing where only a document can tell: where a change is missing that others build on, or where one holds more
    /// than texts under keys.
    fn of(root: &Change, changes: &[Change]) -> Option<Self> {
        let mut replay = Self {
            maps: Default::default(),
            changes: Vec::new(),
            heads: BTreeSet::from([root.hash().into()]),
        };
        let mut numbers: HashMap<ActorId, (u64, u64)> = HashMap::new();
        for change in in_order(root, changes)? {
            let (seq, last) = numbers.entry(change.actor_id().clone()).or_default();
            // Two with the same number contradict each other; the document says how.
            if change.seq() != *seq + 1 || change.start_op().get() <= *last {
                return None;
            }
            (*seq, *last) = (change.seq(), change.max_op());
            replay.take(change)?;
        }
        Some(replay)
    }

    fn take(&mut self, change: &Change) -> Option<()> {
        for dep in change.deps() {
            self.heads.remove(&(*dep).into());
        }
        self.heads.insert(change.hash().into());
        let at = self.changes.len();
        self.changes.push(Author { actor: change.actor_id().clone(), time: change.timestamp() });
        for (number, op) in (change.start_op().get()..).zip(change.decode().operations) {
            self.put(OpId(number, change.actor_id().clone()), op, at)?;
        }
        Some(())
    }

    fn put(&mut self, OpId(number, actor): OpId, op: Op, change: usize) -> Option<()> {
        let map = match op.obj {
            // What stands there is never read: the genesis says it, and the maps are known by what made them.
            ObjectId::Root => return Some(()),
            ObjectId::Id(OpId(made, by)) if by.to_bytes() == ROOT_ACTOR => {
                MAP_OPERATIONS.iter().position(|operation| *operation == made)?
            }
            ObjectId::Id(_) => return None,
        };
        let Key::Map(key) = op.key else { return None };
        let text = match op.action {
            OpType::Put(ScalarValue::Counter(_)) => return None,
            OpType::Put(scalar) => Some(scalar_text(&scalar)),
            OpType::Delete => None,
            _ => return None,
        };
        let writes = self.maps.get_mut(map)?.entry(key.into()).or_default();
        for OpId(number, actor) in op.pred.iter() {
            writes.iter_mut().find(|write| write.id.0 == *number && write.id.1 == *actor)?.over = true;
        }
        if let Some(text) = text {
            writes.push(Write { id: (number, actor), text, change, over: false });
        }
        Some(())
    }

    fn of_map(&self, map: Map) -> &BTreeMap<String, Vec<Write>> {
        &self.maps[map as usize]
    }

    fn written(&self, write: &Write) -> Option<Written> {
        let author = self.changes.get(write.change)?;
        Some(Written {
            text: write.text.clone()?,
            order: (write.id.0, write.id.1.to_bytes().to_vec()),
            actor: Actor::try_from(author.actor.to_bytes()).ok(),
            time: author.time,
        })
    }
}

/// The changes, each behind those that it builds on; nothing where one of those is missing.
fn in_order<'c>(root: &Change, changes: &'c [Change]) -> Option<Vec<&'c Change>> {
    let mut met = HashSet::from([root.hash()]);
    let mut ordered = Vec::with_capacity(changes.len());
    let mut waiting: Vec<&Change> = changes.iter().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|change| {
            let ready = change.deps().iter().all(|dep| met.contains(dep));
            if ready {
                met.insert(change.hash());
                ordered.push(*change);
            }
            !ready
        });
        if waiting.len() == before {
            return None;
        }
    }
    Some(ordered)
}

fn stand(writes: &[Write]) -> impl Iterator<Item = &Write> {
    writes.iter().filter(|write| !write.over)
}

impl Stand for Replay {
    fn standing(&self, map: Map) -> Box<dyn Iterator<Item = Standing<'_>> + '_> {
        Box::new(self.of_map(map).iter().filter_map(|(key, writes)| {
            let holds = stand(writes).max_by(|a, b| a.id.cmp(&b.id))?;
            let text = holds.text.as_deref().map(Cow::Borrowed);
            Some(Standing { key: Cow::Borrowed(key), text, contested: stand(writes).nth(1).is_some() })
        }))
    }

    fn versions(&self, map: Map, key: &str) -> Vec<Written> {
        let writes = self.of_map(map).get(key).map_or(&[][..], Vec::as_slice);
        let mut versions: Vec<_> = stand(writes).filter_map(|write| self.written(write)).collect();
        versions.sort_by(|a, b| a.order.cmp(&b.order));
        versions
    }
}

impl View for Replay {
    fn heads(&self) -> Vec<ChangeHash> {
        self.heads.iter().copied().collect()
    }

    fn last_edit(&self) -> Option<LastEdit> {
        let edits = self.changes.iter().filter_map(|author| {
            let actor = Actor::try_from(author.actor.to_bytes()).ok()?;
            Some(LastEdit { actor, time: author.time })
        });
        edits.max_by_key(|edit| (edit.time, edit.actor))
    }

    fn change_count(&self) -> usize {
        self.changes.len()
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable as _;
    use automerge::{AutoCommit, ObjId, ObjType, ROOT};

    use super::*;
    use crate::genesis::RecordKind;
    use crate::id::ContentHash;

    fn visit() -> Genesis {
        Genesis {
            kind: RecordKind::Visit,
            office: "babel".parse().unwrap(),
            round: "2025".parse().unwrap(),
            unit: "dukcapil".parse().unwrap(),
            instrument: ContentHash::new([5; 32]),
            nonce: None,
        }
    }

    fn answers() -> ObjId {
        ObjId::Id(MAP_OPERATIONS[0], ActorId::from(ROOT_ACTOR), 0)
    }

    fn document(actor: u8) -> AutoCommit {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([actor; Actor::LEN]));
        doc.apply_changes([visit().root_change()]).unwrap();
        doc
    }

    fn changes_of(docs: &mut [AutoCommit]) -> Vec<Vec<u8>> {
        let all = docs.iter_mut().flat_map(|doc| doc.get_changes(&[]));
        all.map(|change| change.raw_bytes().to_vec()).collect()
    }

    /// Whether it can be read without a document; checks that both say the same.
    fn is_replayed(changes: &[Vec<u8>]) -> bool {
        let (read, record) = (read(&visit(), changes).unwrap(), Record::load(&visit(), changes).unwrap());
        assert_eq!(read.answers(), record.answers());
        assert_eq!(read.clashes(), record.clashes());
        assert_eq!(read.heads(), View::heads(&record));
        assert_eq!(read.change_count(), record.change_count());
        assert_eq!(read.last_edit(), View::last_edit(&record));
        let root = visit().root_change();
        Replay::of(&root, &parsed(&root, changes).unwrap()).is_some()
    }

    #[test]
    fn texts_numbers_and_deletions_under_keys_are_read_without_a_document() {
        let (mut one, mut other) = (document(1), document(2));
        one.put(answers(), "a", "x").unwrap();
        one.put(answers(), "n", 7).unwrap();
        one.put(answers(), "b", "y").unwrap();
        one.commit();
        one.delete(answers(), "b").unwrap();
        one.put(ROOT, "answers", "elsewhere").unwrap();
        one.commit();
        other.put(answers(), "a", "z").unwrap();
        other.put(answers(), "nothing", ()).unwrap();
        other.commit();
        assert!(is_replayed(&changes_of(&mut [one, other])));
    }

    #[test]
    fn what_takes_the_place_of_two_values_settles_them() {
        let (mut one, mut other) = (document(1), document(2));
        one.put(answers(), "a", "x").unwrap();
        one.commit();
        other.put(answers(), "a", "y").unwrap();
        other.commit();
        one.merge(&mut other).unwrap();
        assert!(is_replayed(&changes_of(&mut [one.clone()])));
        one.put(answers(), "a", "z").unwrap();
        one.commit();
        let changes = changes_of(&mut [one]);
        assert!(is_replayed(&changes));
        assert_eq!(read(&visit(), changes).unwrap().clashes(), []);
    }

    #[test]
    fn counters_texts_and_maps_of_other_clients_are_left_to_the_document() {
        let write: [fn(&mut AutoCommit); 3] = [
            |doc| doc.put(answers(), "a", ScalarValue::counter(1)).unwrap(),
            |doc| {
                let text = doc.put_object(answers(), "a", ObjType::Text).unwrap();
                doc.splice_text(&text, 0, 0, "x").unwrap();
            },
            |doc| {
                let map = doc.put_object(answers(), "a", ObjType::Map).unwrap();
                doc.put(&map, "b", "x").unwrap();
            },
        ];
        for write in write {
            let mut doc = document(1);
            write(&mut doc);
            doc.commit();
            assert!(!is_replayed(&changes_of(&mut [doc])));
        }
    }

    #[test]
    fn a_change_whose_basis_is_missing_is_not_read() {
        let mut doc = document(1);
        for value in ["x", "y"] {
            doc.put(answers(), "a", value).unwrap();
            doc.commit();
        }
        let changes = changes_of(&mut [doc]);
        assert!(!is_replayed(&changes[2..]));
        assert!(is_replayed(&changes[..2]));
    }
}
