//! Reading a record: answers, rows, state, clashes and comments, out of whatever keeps what stands in it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use automerge::ScalarValue;

use super::LastEdit;
use super::comment::{self, Comment};
use super::part::Part;
use crate::clash::{Clash, ClashKey, ROW_PRESENT, ROW_REMOVED, StateKey, Version};
use crate::id::{Actor, ChangeHash};
use crate::key::{AnswerPath, RowPath};
use crate::mark::Mark;

/// One value under a key, as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The value.
    pub text: String,
    /// Automerge's order of writes, the same everywhere: the highest holds. The number of the operation, and who wrote
    /// it; nothing where the actor is none of Loket's.
    pub order: (u64, Option<Actor>),
    /// When, in Unix seconds of the writing device.
    pub time: i64,
}

impl Written {
    /// Who wrote it, and when by that device's clock.
    pub(super) fn by(&self) -> (Option<Actor>, i64) {
        (self.order.1, self.time)
    }
}

/// A name in a part, under which one value stands at least.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// The value that holds; nothing where it is none that Loket writes.
    pub text: Option<Cow<'a, str>>,
    /// Whether others stand beside it.
    pub contested: bool,
}

/// What keeps what stands in a record.
pub trait Stand {
    /// The names in a part, sorted.
    fn standing(&self, part: Part) -> Box<dyn Iterator<Item = Standing<'_>> + '_>;

    /// Every value under a name, the one that holds last.
    fn versions(&self, part: Part, name: &str) -> Vec<Written>;
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

/// What can be read of a record.
pub trait View: Stand {
    /// The changes that no other builds on, sorted: equal on two devices that hold the same.
    fn heads(&self) -> Vec<ChangeHash>;

    /// Who wrote in the record last, going by the devices' own clocks; nothing where nobody has.
    fn last_edit(&self) -> Option<LastEdit>;

    /// How many changes it has grown from, the derived first one not counted.
    fn change_count(&self) -> usize;

    /// Every answer in sight, by path: those in removed rows are left out. Blank ones are empty texts.
    fn answers(&self) -> BTreeMap<String, String> {
        split_answers(self).0
    }

    /// The answers that stand in removed rows: kept, but out of sight.
    fn hidden_answers(&self) -> BTreeMap<String, String> {
        split_answers(self).1
    }

    /// The rows in sight, the siblings of each repeat in their order. A row in a clash is in sight until
    /// somebody chooses to remove it.
    fn rows(&self) -> Vec<String> {
        let removed = removed_rows(self);
        let rows = row_states(self).into_iter().filter_map(|(path, state)| {
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
    fn clashes(&self) -> Vec<Clash> {
        let answers = contested(self, Part::Answers).into_iter().filter_map(|(key, versions)| {
            Some((ClashKey::Answer(key.parse().ok()?), distinct(versions, |text| Some(text.to_owned()))))
        });
        let rows = contested(self, Part::Rows)
            .into_iter()
            .filter_map(|(key, versions)| Some((ClashKey::Row(key.parse().ok()?), row_versions(versions))));
        let states = StateKey::ALL
            .into_iter()
            .map(|key| (ClashKey::State(key), state_versions(self.versions(Part::State, key.as_str()))));
        let all = answers.chain(rows).chain(states);
        let clashes = all.filter(|(_, options)| options.len() > 1);
        clashes.map(|(key, options)| Clash { key, options }).collect()
    }

    /// When the record was closed, in Unix seconds of the closing device; nothing where it is open.
    fn closed_at(&self) -> Option<i64> {
        state(self, StateKey::Closed)
    }

    /// Whether the record is closed.
    fn is_closed(&self) -> bool {
        self.closed_at().is_some()
    }

    /// When the consent was taken back, in Unix seconds; nothing where it stands.
    fn withdrawn_at(&self) -> Option<i64> {
        state(self, StateKey::Withdrawn)
    }

    /// All that was said, the oldest first by the devices' own clocks: the same on every device.
    fn comments(&self) -> Vec<Comment> {
        let keys = self.standing(Part::Comments);
        let all = keys.flat_map(|standing| {
            let versions = self.versions(Part::Comments, &standing.name).into_iter();
            versions.filter_map(move |written| comment::read(&standing.name, &written))
        });
        let mut comments: Vec<_> = all.collect();
        comments.sort_by(|a, b| (a.time, &a.id, a.actor).cmp(&(b.time, &b.id, b.actor)));
        comments
    }
}

fn split_answers<S: Stand + ?Sized>(stand: &S) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let removed = removed_rows(stand);
    let all = stand
        .standing(Part::Answers)
        .filter_map(|standing| Some((standing.name.into_owned(), standing.text?.into_owned())));
    all.partition(|(path, _)| !stands_in(path, &removed))
}

fn state<S: Stand + ?Sized>(stand: &S, key: StateKey) -> Option<i64> {
    let versions = stand.versions(Part::State, key.as_str());
    versions.last().and_then(|version| version.text.parse().ok())
}

/// The names in a part that more than one value stands under, with these values.
fn contested<S: Stand + ?Sized>(stand: &S, part: Part) -> Vec<(String, Vec<Written>)> {
    let contested = stand.standing(part).filter(|standing| standing.contested);
    contested
        .map(|standing| {
            let versions = stand.versions(part, &standing.name);
            (standing.name.into_owned(), versions)
        })
        .collect()
}

/// Every row that ever was, with its state.
pub(super) fn row_states<S: Stand + ?Sized>(stand: &S) -> BTreeMap<RowPath, RowState> {
    let rows = stand.standing(Part::Rows).filter_map(|standing| {
        let path: RowPath = standing.name.parse().ok()?;
        let state = row_state(stand, &path)?;
        Some((path, state))
    });
    rows.collect()
}

pub(super) fn row_state<S: Stand + ?Sized>(stand: &S, row: &RowPath) -> Option<RowState> {
    let versions = stand.versions(Part::Rows, row.as_str());
    let marks: Vec<Mark> = versions.iter().filter_map(|version| Mark::parse(&version.text)).collect();
    let kept = marks.iter().rev().find_map(|mark| mark.order);
    Some(RowState {
        order: kept,
        touch: marks.iter().map(|mark| mark.touch).max()?,
        clash: kept.is_some() && marks.iter().any(|mark| mark.order.is_none()),
    })
}

fn removed_rows<S: Stand + ?Sized>(stand: &S) -> BTreeSet<RowPath> {
    let removed = row_states(stand).into_iter().filter(|(_, state)| state.order.is_none());
    removed.map(|(path, _)| path).collect()
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
            .is_none_or(|other| (version.time, version.order.1) < (other.time, other.order.1));
        if earlier {
            by_value.insert(value, version);
        }
    }
    let versions = by_value.into_iter().map(|(value, written)| Version {
        holds_now: holds.as_ref() == Some(&value),
        value,
        actor: written.order.1,
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

/// The text of a scalar; other clients of Automerge may have written others than texts.
pub(crate) fn scalar_text(scalar: &ScalarValue) -> Option<String> {
    match scalar {
        ScalarValue::Str(text) => Some(text.to_string()),
        ScalarValue::Int(n) => Some(n.to_string()),
        ScalarValue::Uint(n) => Some(n.to_string()),
        ScalarValue::F64(n) => Some(n.to_string()),
        ScalarValue::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}
