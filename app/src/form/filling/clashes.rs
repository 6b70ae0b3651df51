//! Clashes of the form being filled: where they are, their sides in words, and settling them.

use leptos::prelude::*;
use replica::clash::{ROW_PRESENT, ROW_REMOVED};
use replica::{Clash, ClashKey, Edit};
use survey::path::Path;

use super::Filling;
use crate::form::clash::{Side, Who};

impl Filling {
    /// Whether this answer has more than one value.
    pub fn has_clash(self, path: &Path) -> Memo<bool> {
        let path = path.to_string();
        Memo::new(move |_| self.clashes.with(|all| all.iter().any(|clash| is_at(clash, &path))))
    }

    /// The differing values at a question; none where all agree.
    pub fn sides(&self, path: &Path) -> Vec<Side> {
        let path = path.to_string();
        let loket = self.inner().loket;
        self.clashes.with(|all| {
            let versions = all.iter().find(|clash| is_at(clash, &path)).map(|clash| clash.options.clone());
            versions
                .unwrap_or_default()
                .into_iter()
                .map(|version| Side {
                    who: version.actor.map_or(Who::Unknown, |actor| loket.who(actor.device())),
                    value: version.value,
                    at: version.time,
                })
                .collect()
        })
    }

    /// Rows of the repeat that one device removed and another changed.
    pub fn disputed_rows(&self, repeat: &Path) -> Vec<Path> {
        self.clashes.with(|all| {
            all.iter()
                .filter_map(|clash| match &clash.key {
                    ClashKey::Row(row) => row.as_str().parse::<Path>().ok(),
                    _ => None,
                })
                .filter(|row| is_row_of(row, repeat))
                .collect()
        })
    }

    /// How many clashes wait for a choice.
    pub fn clash_count(&self) -> usize {
        self.clashes.with(Vec::len)
    }

    /// How many of them stand in a part of the form.
    pub fn clashes_within(&self, part: &Path) -> usize {
        self.clashes.with(|all| {
            all.iter().filter_map(place).filter(|path| path.is_within(part) && !part.is_top()).count()
        })
    }

    /// Chooses a value for a question.
    pub fn settle(&self, path: &Path, value: &str) {
        let Ok(path) = path.to_string().parse() else { return };
        self.commit_with(Edit::Settle { key: ClashKey::Answer(path), value: value.to_owned() });
    }

    /// Keeps a disputed row, or removes it.
    pub fn settle_row(&self, row: &Path, keep: bool) {
        let Ok(row) = row.to_string().parse() else { return };
        let value = if keep { ROW_PRESENT } else { ROW_REMOVED };
        self.commit_with(Edit::Settle { key: ClashKey::Row(row), value: value.to_owned() });
    }

    /// Clashes that a person can decide: not those of questions that fill themselves, such as `start`.
    pub(super) fn decidable(&self, all: Vec<Clash>) -> Vec<Clash> {
        let inner = self.inner();
        let session = inner.session.borrow();
        all.into_iter()
            .filter(|clash| match &clash.key {
                ClashKey::Answer(path) => path
                    .as_str()
                    .parse::<Path>()
                    .ok()
                    .is_some_and(|path| session.node(&path).is_some_and(|(_, node)| !node.is_stamp())),
                ClashKey::Row(_) => true,
                ClashKey::State(_) => false,
            })
            .collect()
    }
}

fn place(clash: &Clash) -> Option<Path> {
    match &clash.key {
        ClashKey::Answer(path) => path.as_str().parse().ok(),
        ClashKey::Row(row) => row.as_str().parse().ok(),
        ClashKey::State(_) => None,
    }
}

fn is_at(clash: &Clash, path: &str) -> bool {
    matches!(&clash.key, ClashKey::Answer(own) if own.as_str() == path)
}

fn is_row_of(row: &Path, repeat: &Path) -> bool {
    let (Some(parent), Some(step)) = (row.parent(), row.last()) else { return false };
    step.row.is_some() && parent.child(step.name) == *repeat
}
