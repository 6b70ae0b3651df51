//! Reading a record: answers, rows, state and clashes.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ObjId, ObjType, ReadDoc, ScalarValue, Value};

use super::Record;
use crate::clash::{Clash, ClashKey, ROW_PRESENT, ROW_REMOVED, StateKey, Version};
use crate::id::Actor;
use crate::key::{AnswerPath, RowPath};
use crate::mark::Mark;

/// One value under a key, as somebody wrote it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) text: String,
    /// Automerge's order of writes, the same everywhere: the highest holds.
    order: (u64, Vec<u8>),
    actor: Option<Actor>,
    time: i64,
}

impl Written {
    /// Who wrote it, and when by that device's clock.
    pub(super) fn by(&self) -> (Option<Actor>, i64) {
        (self.actor, self.time)
    }
}

/// What is known of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowState {
    /// Where it stands; nothing where it is removed. A row in a clash stands.
    pub(super) order: Option<f64>,
    /// The highest touch of all its marks.
    pub(super) touch: u64,
    /// Whether one removed it and another kept it.
    pub(super) clash: bool,
}

impl Record {
    /// Every answer in sight, by path: those in removed rows are left out. Blank ones are empty texts.
    pub fn answers(&self) -> BTreeMap<String, String> {
        self.split_answers().0
    }

    /// The answers that stand in removed rows: kept, but out of sight.
    pub fn hidden_answers(&self) -> BTreeMap<String, String> {
        self.split_answers().1
    }

    fn split_answers(&self) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let removed = self.removed_rows();
        let all = self.doc.map_range(&self.maps.answers, ..).filter_map(|item| {
            let id = item.id();
            let text = self.text_of(&item.value.into_value(), &id)?;
            Some((item.key.into_owned(), text))
        });
        all.partition(|(path, _)| !stands_in(path, &removed))
    }

    /// The answer that holds now; nothing where the question was never answered.
    pub fn answer(&self, path: &str) -> Option<String> {
        let (value, id) = self.doc.get(&self.maps.answers, path).ok()??;
        self.text_of(&value, &id)
    }

    /// The rows in sight, the siblings of each repeat in their order. A row in a clash is in sight until
    /// somebody chooses to remove it.
    pub fn rows(&self) -> Vec<String> {
        let removed = self.removed_rows();
        let rows = self.row_states().into_iter().filter_map(|(path, state)| {
            let order = state.order?;
            let enclosing_removed = path.enclosing().any(|row| removed.contains(&row));
            (!enclosing_removed).then_some((path, order))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by(|(a, a_order), (b, b_order)| {
            a.repeat().cmp(b.repeat()).then(a_order.total_cmp(b_order)).then_with(|| a.cmp(b))
        });
        rows.into_iter().map(|(path, _)| path.into()).collect()
    }

    /// Every clash, sorted by place: exactly the keys with more than one distinct value.
    ///
    /// Of a row only *removed* against *kept* counts, and of a state only *set* against *blank*.
    pub fn clashes(&self) -> Vec<Clash> {
        let answers = self.contested(&self.maps.answers).into_iter().filter_map(|(key, versions)| {
            Some((ClashKey::Answer(key.parse().ok()?), distinct(versions, |text| Some(text.to_owned()))))
        });
        let rows = self
            .contested(&self.maps.rows)
            .into_iter()
            .filter_map(|(key, versions)| Some((ClashKey::Row(key.parse().ok()?), row_versions(versions))));
        let states = StateKey::ALL
            .into_iter()
            .map(|key| (ClashKey::State(key), state_versions(self.versions(&self.maps.state, key.as_str()))));
        let all = answers.chain(rows).chain(states);
        let clashes = all.filter(|(_, options)| options.len() > 1);
        clashes.map(|(key, options)| Clash { key, options }).collect()
    }

    /// When the record was closed, in Unix seconds of the closing device; nothing where it is open.
    pub fn closed_at(&self) -> Option<i64> {
        self.state(StateKey::Closed)
    }

    /// Whether the record is closed.
    pub fn is_closed(&self) -> bool {
        self.closed_at().is_some()
    }

    /// When the consent was taken back, in Unix seconds; nothing where it stands.
    pub fn withdrawn_at(&self) -> Option<i64> {
        self.state(StateKey::Withdrawn)
    }

    fn state(&self, key: StateKey) -> Option<i64> {
        let versions = self.versions(&self.maps.state, key.as_str());
        versions.last().and_then(|version| version.text.parse().ok())
    }

    /// Every value under a key, the one that holds last.
    pub(super) fn versions(&self, map: &ObjId, key: &str) -> Vec<Written> {
        let all = self.doc.get_all(map, key).unwrap_or_default();
        let mut versions: Vec<_> =
            all.iter().filter_map(|(value, id)| self.written(self.text_of(value, id)?, id)).collect();
        versions.sort_by(|a, b| a.order.cmp(&b.order));
        versions
    }

    fn written(&self, text: String, id: &ObjId) -> Option<Written> {
        let ObjId::Id(counter, actor, _) = id else { return None };
        let change = self.doc.hash_for_opid(id).and_then(|hash| self.doc.get_change_meta_by_hash(&hash));
        Some(Written {
            text,
            order: (*counter, actor.to_bytes().to_vec()),
            actor: Actor::try_from(actor.to_bytes()).ok(),
            time: change.map_or(0, |change| change.timestamp),
        })
    }

    /// The keys of a map that more than one value stands under, with these values.
    fn contested(&self, map: &ObjId) -> Vec<(String, Vec<Written>)> {
        let contested = self.doc.map_range(map, ..).filter(|item| item.conflict);
        contested.map(|item| (item.key.to_string(), self.versions(map, &item.key))).collect()
    }

    /// The text of a value; other clients of Automerge may have written other scalars, or a text object.
    fn text_of(&self, value: &Value<'_>, id: &ObjId) -> Option<String> {
        match value {
            Value::Scalar(scalar) => match scalar.as_ref() {
                ScalarValue::Str(text) => Some(text.to_string()),
                ScalarValue::Int(n) => Some(n.to_string()),
                ScalarValue::Uint(n) => Some(n.to_string()),
                ScalarValue::F64(n) => Some(n.to_string()),
                ScalarValue::Boolean(b) => Some(b.to_string()),
                _ => None,
            },
            Value::Object(ObjType::Text) => self.doc.text(id).ok(),
            Value::Object(_) => None,
        }
    }

    /// Every row that ever was, with its state.
    pub(super) fn row_states(&self) -> BTreeMap<RowPath, RowState> {
        let rows = self.doc.map_range(&self.maps.rows, ..).filter_map(|item| {
            let path: RowPath = item.key.parse().ok()?;
            let state = self.row_state(&path)?;
            Some((path, state))
        });
        rows.collect()
    }

    pub(super) fn row_state(&self, row: &RowPath) -> Option<RowState> {
        let versions = self.versions(&self.maps.rows, row.as_str());
        let marks: Vec<Mark> = versions.iter().filter_map(|version| Mark::parse(&version.text)).collect();
        let kept = marks.iter().rev().find_map(|mark| mark.order);
        Some(RowState {
            order: kept,
            touch: marks.iter().map(|mark| mark.touch).max()?,
            clash: kept.is_some() && marks.iter().any(|mark| mark.order.is_none()),
        })
    }

    fn removed_rows(&self) -> BTreeSet<RowPath> {
        let removed = self.row_states().into_iter().filter(|(_, state)| state.order.is_none());
        removed.map(|(path, _)| path).collect()
    }
}

fn stands_in(path: &str, rows: &BTreeSet<RowPath>) -> bool {
    !rows.is_empty()
        && path.parse::<AnswerPath>().is_ok_and(|path| path.rows().any(|row| rows.contains(&row)))
}

/// One version per distinct value: of those who wrote the same, the first to have done so.
fn distinct(versions: Vec<Written>, value_of: impl Fn(&str) -> Option<String>) -> Vec<Version> {
    let holds = versions.last().and_then(|version| value_of(&version.text));
    let mut by_value: BTreeMap<String, Written> = BTreeMap::new();
    for version in versions {
        let Some(value) = value_of(&version.text) else { continue };
        let earlier = by_value
            .get(&value)
            .is_none_or(|other| (version.time, version.actor) < (other.time, other.actor));
        if earlier {
            by_value.insert(value, version);
        }
    }
    let versions = by_value.into_iter().map(|(value, written)| Version {
        holds_now: holds.as_ref() == Some(&value),
        value,
        actor: written.actor,
        time: written.time,
    });
    versions.collect()
}

fn row_versions(versions: Vec<Written>) -> Vec<Version> {
    let mut options = distinct(versions, |text| {
        Mark::parse(text).map(|mark| if mark.order.is_some() { ROW_PRESENT } else { ROW_REMOVED }.to_owned())
    });
    for option in &mut options {
        option.holds_now = option.value == ROW_PRESENT;
    }
    options
}

/// Closed at two times is closed, at the one that holds; only open against closed is a clash.
fn state_versions(versions: Vec<Written>) -> Vec<Version> {
    let set =
        versions.iter().rev().find(|version| !version.text.is_empty()).map(|version| version.text.clone());
    distinct(versions, |text| if text.is_empty() { Some(String::new()) } else { set.clone() })
}
