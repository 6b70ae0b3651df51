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
        let path = path.clone();
        Memo::new(move |_| self.clashes.with(|all| all.iter().any(|(at, _)| *at == path)))
    }

    /// The differing values at a question; none where all agree.
    pub fn sides(&self, path: &Path) -> Vec<Side> {
        let loket = self.inner().loket;
        self.clashes.with(|all| {
            let versions = all.iter().find(|(at, _)| at == path).map(|(_, clash)| clash.options.clone());
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
        self.clashes
            .with(|all| all.iter().map(|(at, _)| at).filter(|at| is_row_of(at, repeat)).cloned().collect())
    }

    /// How many clashes wait for a choice.
    pub fn clash_count(&self) -> usize {
        self.clashes.with(Vec::len)
    }

    /// How many of them stand in a part of the form.
    pub fn clashes_within(&self, part: &Path) -> usize {
        self.clashes.with(|all| all.iter().filter(|(at, _)| at.is_within(part) && !part.is_top()).count())
    }

    /// Chooses a value for a question.
    pub fn settle(&self, path: &Path, value: &str) {
        let Some(path) = self.inner().key(path) else { return };
        self.commit_with(Edit::Settle { key: ClashKey::Answer(path), value: value.to_owned() });
    }

    /// Keeps a disputed row, or removes it.
    pub fn settle_row(&self, row: &Path, keep: bool) {
        let Some(row) = self.inner().key(row) else { return };
        let value = if keep { ROW_PRESENT } else { ROW_REMOVED };
        self.commit_with(Edit::Settle { key: ClashKey::Row(row), value: value.to_owned() });
    }

    /// Clashes that a person can decide, and where they stand: not those of questions that fill themselves, such as `start`.
    pub(super) fn decidable(&self, all: Vec<Clash>) -> Vec<(Path, Clash)> {
        let inner = self.inner();
        let session = inner.session.borrow();
        let of = |clash: &Clash| match &clash.key {
            ClashKey::Answer(key) => {
                let path = session.keys().path(key.as_str())?;
                session.node(&path).is_some_and(|(_, node)| !node.is_stamp()).then_some(path)
            }
            ClashKey::Row(key) => session.keys().path(key.as_str()),
            ClashKey::State(_) => None,
        };
        all.into_iter().filter_map(|clash| Some((of(&clash)?, clash))).collect()
    }
}

fn is_row_of(row: &Path, repeat: &Path) -> bool {
    let (Some(parent), Some(step)) = (row.parent(), row.last()) else { return false };
    step.row.is_some() && parent.child(step.name) == *repeat
}
