//! Writing in a record: several edits become one change.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ExpandedChange, ScalarValue};

use super::history::Seen;
use super::part::Part;
use super::sight::Sight;
use super::view::{RowState, Stand as _, View as _, row_state, row_states};
use super::{Record, RecordError, comment};
use crate::clash::{ClashKey, ROW_PRESENT, ROW_REMOVED, StateKey};
use crate::edit::Edit;
use crate::envelope::{Envelope, Limits, MAX_TIME};
use crate::genesis::RecordKind;
use crate::id::{Actor, ChangeHash};
use crate::key::{Answer, AnswerPath, CommentId, RowPath};
use crate::mark::{Mark, order_between};
use crate::mutation::{Rule, is_off};

/// A change that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Its hash.
    pub hash: ChangeHash,
    /// The uncompressed change chunk: what is stored and sent.
    pub bytes: Vec<u8>,
    /// The record's heads with it.
    pub heads: Vec<ChangeHash>,
}

/// Most changes that a change builds on directly, and most values that one takes the place of: servers take no more
/// than [`Limits::STANDARD`] allows. Where somebody made more on purpose, what is beyond stands beside the change.
const MOST: usize = 48;

/// What a list of edits comes to, the last word on each key.
#[derive(Default)]
struct Writes {
    answers: BTreeMap<AnswerPath, String>,
    rows: BTreeMap<RowPath, Option<f64>>,
    states: BTreeMap<StateKey, String>,
    comments: BTreeMap<CommentId, String>,
}

/// Where a row is to stand among its siblings.
#[derive(Clone, Copy)]
enum Place<'a> {
    First,
    Behind(&'a RowPath),
    Last,
}

impl Record {
    /// Makes one change of these edits, on top of everything that the record holds. `time` is in Unix seconds
    /// of this device. Nothing is made where nothing differs.
    ///
    /// # Errors
    /// [`RecordError`]; the record is then as it was.
    pub fn commit(
        &mut self,
        edits: &[Edit],
        actor: &Actor,
        time: i64,
    ) -> Result<Option<Committed>, RecordError> {
        if self.heads().len() > MOST {
            return self.commit_from(&self.seen(), edits, actor, time);
        }
        let made = self.now().make(edits, actor, time)?;
        made.map(|bytes| self.keep(bytes)).transpose()
    }

    /// The same, on top of what the person saw while editing, so that what arrived since and says otherwise stands against
    /// it as a clash instead of being overwritten unseen. Where something that they saw is not here ([`Record::lacks`]),
    /// what they did to it is said all the same, and stands beside it once it is here again.
    ///
    /// # Errors
    /// [`RecordError`]; the record is then as it was.
    pub fn commit_from(
        &mut self,
        seen: &Seen,
        edits: &[Edit],
        actor: &Actor,
        time: i64,
    ) -> Result<Option<Committed>, RecordError> {
        let mut within = self.history.within(seen, actor);
        let heads = self.history.heads(Some(&within));
        if heads.len() > MOST {
            within = self.history.within(&self.seen_by(heads.get(..MOST).unwrap_or_default()), actor);
        }
        let sight = Sight { record: self, within: Some(&within), lacks: self.lacks(seen) };
        let made = sight.make(edits, actor, time)?;
        made.map(|bytes| self.keep(bytes)).transpose()
    }

    fn keep(&mut self, bytes: Vec<u8>) -> Result<Committed, RecordError> {
        let envelope = Envelope::parse(&bytes, &Limits::STANDARD).map_err(RecordError::TooMuch)?;
        self.apply(&bytes)?;
        Ok(Committed { hash: envelope.hash, bytes, heads: self.heads() })
    }
}

impl Sight<'_> {
    /// The change that these edits come to, as an uncompressed change chunk: byte for byte what Automerge's own
    /// transaction on a document of what is in sight would write. Save where one chooses the value that holds already:
    /// that is put again in the place of all, so that whoever chose another at the same time clashes with it.
    fn make(self, edits: &[Edit], actor: &Actor, time: i64) -> Result<Option<Vec<u8>>, RecordError> {
        let writes = self.writes_of(edits)?;
        let keys = self.keys(writes);
        if keys.is_empty() {
            return Ok(None);
        }
        let last = self.record.history.last_of(actor);
        let mut deps = self.heads();
        // Automerge names an actor's last change even where others build on it already.
        deps.extend(last.map(|(_, hash)| hash).filter(|hash| !deps.contains(hash)));
        let change = ExpandedChange {
            operations: keys.into_iter().map(|(part, name, value)| self.put(part, &name, value)).collect(),
            actor_id: ActorId::from(&actor.as_bytes()[..]),
            hash: None,
            seq: last.map_or(0, |(seq, _)| seq) + 1,
            start_op: NonZeroU64::MIN.saturating_add(self.record.history.max_op(self.within)),
            time: time.clamp(-MAX_TIME.cast_signed(), MAX_TIME.cast_signed()),
            message: None,
            deps: deps.into_iter().map(Into::into).collect(),
            extra_bytes: Vec::new(),
            author: None,
        };
        Ok(Some(Change::from(change).raw_bytes().to_vec()))
    }

    /// The operation that puts a value in the place of all that are in sight.
    fn put(self, part: Part, name: &str, value: String) -> Op {
        let before = self.writes(part, name).into_iter().rev().take(MOST);
        Op {
            action: OpType::Put(ScalarValue::Str(value.into())),
            obj: ObjectId::Root,
            key: Key::Map(part.key(name).as_ref().into()),
            pred: before
                .map(|write| OpId(write.number, ActorId::from(&write.actor.as_bytes()[..])))
                .collect(),
            insert: false,
        }
    }

    fn writes_of(self, edits: &[Edit]) -> Result<Writes, RecordError> {
        let sealed = self.record.genesis.kind == RecordKind::Interview && self.is_closed();
        let mut writes = Writes::default();
        for edit in edits {
            if sealed && !matches!(edit, Edit::Withdraw { .. } | Edit::Settle { .. }) {
                return Err(RecordError::Closed);
            }
            self.add(edit, &mut writes)?;
        }
        Ok(writes)
    }

    fn add(self, edit: &Edit, writes: &mut Writes) -> Result<(), RecordError> {
        match edit {
            Edit::Answer { path, value } => {
                writes.answers.insert(path.clone(), value.as_str().to_owned());
            }
            Edit::AddRow { row, after } => {
                if self.present(row, writes).is_none() || self.in_clash(row, writes) {
                    let order = self.place(row, after.as_ref().map_or(Place::Last, Place::Behind), writes);
                    writes.rows.insert(row.clone(), Some(order));
                }
            }
            Edit::MoveRow { row, after } => {
                let moves = after.as_ref() != Some(row) && !self.in_clash(row, writes);
                if moves && (self.lacks || self.present(row, writes).is_some()) {
                    let order = self.place(row, after.as_ref().map_or(Place::First, Place::Behind), writes);
                    writes.rows.insert(row.clone(), Some(order));
                }
            }
            Edit::Comment { id, at, text } => {
                writes.comments.insert(id.clone(), comment::text_of(at.as_ref(), text));
            }
            Edit::RemoveRow { row } => {
                if self.lacks || self.present(row, writes).is_some() {
                    writes.rows.insert(row.clone(), None);
                }
            }
            Edit::Close { at } => {
                if self.closed_at().is_none() || self.state_in_clash(StateKey::Closed) {
                    writes.states.insert(StateKey::Closed, at.to_string());
                }
            }
            Edit::Reopen => {
                writes.states.insert(StateKey::Closed, String::new());
            }
            Edit::Withdraw { at } => {
                if self.withdrawn_at().is_none() {
                    writes.states.insert(StateKey::Withdrawn, at.to_string());
                }
            }
            Edit::Settle { key, value } => self.settle(key, value, writes)?,
        }
        Ok(())
    }

    fn settle(self, key: &ClashKey, value: &str, writes: &mut Writes) -> Result<(), RecordError> {
        let no_such = || RecordError::NoSuchValue(key.clone());
        match key {
            ClashKey::Answer(path) => {
                let value: Answer = value.parse().map_err(|_| no_such())?;
                writes.answers.insert(path.clone(), value.into());
            }
            ClashKey::Row(row) => {
                let unknown = self.lacks.then_some(RowState { order: None, touch: 0, clash: true });
                let state = row_state(&self, row).or(unknown).ok_or_else(no_such)?;
                let order = match value {
                    ROW_PRESENT => Some(state.order.unwrap_or_else(|| self.place(row, Place::Last, writes))),
                    ROW_REMOVED => None,
                    _ => return Err(no_such()),
                };
                if state.clash || state.order.is_some() != order.is_some() {
                    writes.rows.insert(row.clone(), order);
                }
            }
            ClashKey::State(state) => {
                if !value.is_empty() && value.parse::<i64>().is_err() {
                    return Err(no_such());
                }
                writes.states.insert(*state, value.to_owned());
            }
        }
        Ok(())
    }

    /// Where the row stands, the edits so far included.
    fn present(self, row: &RowPath, writes: &Writes) -> Option<f64> {
        match writes.rows.get(row) {
            Some(order) => *order,
            None => row_state(&self, row).and_then(|state| state.order),
        }
    }

    fn in_clash(self, row: &RowPath, writes: &Writes) -> bool {
        !writes.rows.contains_key(row) && row_state(&self, row).is_some_and(|state| state.clash)
    }

    fn state_in_clash(self, key: StateKey) -> bool {
        self.versions(Part::State, key.as_str()).len() > 1
    }

    /// The order for a row in its new place.
    fn place(self, row: &RowPath, place: Place<'_>, writes: &Writes) -> f64 {
        let siblings = self.siblings(row, writes);
        let first = || siblings.values().copied().min_by(f64::total_cmp);
        let last = || siblings.values().copied().max_by(f64::total_cmp);
        let before = match place {
            Place::First => return order_between(None, first()),
            Place::Last => None,
            // A row that is not there any more leaves no place behind it.
            Place::Behind(after) => siblings.get(after).copied(),
        };
        let Some(before) = before else { return order_between(last(), None) };
        let behind = siblings.values().copied().filter(|order| *order > before).min_by(f64::total_cmp);
        order_between(Some(before), behind)
    }

    /// The other rows of the same repeat that are in sight, the edits so far included.
    fn siblings(self, row: &RowPath, writes: &Writes) -> BTreeMap<RowPath, f64> {
        let mut siblings: BTreeMap<RowPath, f64> = BTreeMap::new();
        for (path, state) in row_states(&self) {
            if path.repeat() == row.repeat() && path != *row {
                siblings.extend(state.order.map(|order| (path, order)));
            }
        }
        for (path, order) in &writes.rows {
            if path.repeat() == row.repeat() && path != row {
                siblings.remove(path);
                siblings.extend(order.map(|order| (path.clone(), order)));
            }
        }
        siblings
    }

    /// What is to be put under which key: only what differs, and the marks of the rows that it stands in.
    fn keys(self, writes: Writes) -> Vec<(Part, String, String)> {
        let mut keys = Vec::new();
        let mut marks: BTreeMap<RowPath, Option<f64>> = BTreeMap::new();
        for (path, value) in writes.answers {
            if self.differs(Part::Answers, path.as_str(), &value) {
                marks.extend(path.rows().filter_map(|row| self.touched(&row, &writes.rows)));
                keys.push((Part::Answers, path.into(), value));
            }
        }
        for row in writes.rows.keys() {
            marks.extend(row.enclosing().filter_map(|row| self.touched(&row, &writes.rows)));
        }
        marks.extend(writes.rows);
        for (row, order) in marks {
            let touch = row_state(&self, &row).map_or(0, |state| state.touch.saturating_add(1));
            keys.push((Part::Rows, row.into(), Mark { order, touch }.text()));
        }
        for (state, value) in writes.states {
            if self.differs(Part::State, state.as_str(), &value) {
                keys.push((Part::State, state.as_str().to_owned(), value));
            }
        }
        for (id, text) in writes.comments {
            // What was said under an id stays.
            if self.versions(Part::Comments, id.as_str()).is_empty() {
                keys.push((Part::Comments, id.into(), text));
            }
        }
        keys
    }

    /// The mark that says that something was written in the row. A row in a clash keeps its marks: writing
    /// one would settle the clash without anybody choosing.
    fn touched(
        self,
        row: &RowPath,
        explicit: &BTreeMap<RowPath, Option<f64>>,
    ) -> Option<(RowPath, Option<f64>)> {
        if explicit.contains_key(row) || is_off(Rule::RowTouched) {
            return None;
        }
        match row_state(&self, row) {
            Some(state) if state.clash => None,
            Some(state) => Some((row.clone(), state.order)),
            None => Some((row.clone(), Some(self.place(row, Place::Last, &Writes::default())))),
        }
    }

    /// Whether putting the value changes anything: another value, or several that this one settles.
    fn differs(self, part: Part, key: &str, value: &str) -> bool {
        let versions = self.versions(part, key);
        let blank_state = versions.is_empty() && value.is_empty() && part == Part::State && !self.lacks;
        !blank_state && (versions.is_empty() || versions.iter().any(|version| version.text != value))
    }
}
