//! What people did and were told is saved, and what must have become of it.

use std::collections::{BTreeMap, BTreeSet};

use replica::{ContentHash, Record, RecordId, View as _};

/// What somebody typed.
#[derive(Debug, Clone)]
pub struct Typed {
    /// Where.
    pub path: String,
    /// What: no two people ever type the same, blanks aside.
    pub value: String,
    /// What stood there, in the typing person's view.
    pub saw: BTreeSet<String>,
    /// Whether the person was told that it is saved.
    pub saved: bool,
}

/// A row that somebody took away.
#[derive(Debug, Clone)]
pub struct Removal {
    /// Which.
    pub row: String,
    /// The answers in it that the person had in view.
    pub saw: BTreeSet<String>,
}

/// What was done to one record.
#[derive(Debug, Clone, Default)]
pub struct Doings {
    /// Answers.
    pub typed: Vec<Typed>,
    /// Rows added, as far as somebody was told that they are.
    pub added: BTreeSet<String>,
    /// Rows taken away, saved or not.
    pub removed: Vec<Removal>,
    /// Remarks that were saved, by their ids.
    pub remarks: BTreeMap<String, String>,
    /// Whether it was saved that the consent was taken back.
    pub withdrawn: bool,
    /// The server lost it to an older copy, and the only device that had it had removed it, as kiosks do.
    pub excused: bool,
}

/// What was done in a schedule.
#[derive(Debug, Default)]
pub struct Ledger {
    /// By record.
    pub records: BTreeMap<RecordId, Doings>,
    /// Photos that were saved.
    pub photos: BTreeMap<ContentHash, Vec<u8>>,
    /// For values that nobody typed before.
    pub count: u64,
}

impl Ledger {
    /// A value that was never typed before.
    pub fn fresh(&mut self) -> String {
        self.count += 1;
        format!("v{}", self.count)
    }

    /// What was done to a record.
    pub fn of(&mut self, record: RecordId) -> &mut Doings {
        self.records.entry(record).or_default()
    }
}

/// The values in view under a path.
pub fn in_view(record: &Record, path: &str) -> BTreeSet<String> {
    let clash = record
        .clashes()
        .into_iter()
        .find(|clash| matches!(&clash.key, replica::ClashKey::Answer(answer) if answer.as_str() == path));
    let options = clash.into_iter().flat_map(|clash| clash.options).map(|option| option.value);
    options.chain(record.answer(path)).collect()
}

impl Doings {
    /// What is missing from a record that everything should have come to.
    pub fn missing_from(&self, record: &Record) -> Vec<String> {
        let mut missing = Vec::new();
        let hidden = record.hidden_answers();
        let kept: Vec<bool> = self.covered(record, &hidden);
        for (typed, kept) in self.typed.iter().zip(kept) {
            if typed.saved && !kept && !typed.value.is_empty() {
                missing.push(format!("{} at {} was saved, and is nowhere", typed.value, typed.path));
            }
        }
        let rows: BTreeSet<String> = record.rows().into_iter().collect();
        for row in &self.added {
            if !rows.contains(row) && !self.removed.iter().any(|removal| row.starts_with(&removal.row)) {
                missing.push(format!("the row {row} was saved, and is nowhere"));
            }
        }
        let said = record.comments();
        for (id, text) in &self.remarks {
            let times =
                said.iter().filter(|comment| comment.id.as_str() == id && comment.text == *text).count();
            if times != 1 {
                missing.push(format!("the remark {id} is there {times} times"));
            }
        }
        if self.withdrawn && record.withdrawn_at().is_none() {
            missing.push("the consent was taken back, and stands".to_owned());
        }
        missing
    }

    /// For each answer typed: it stands in the record, or whoever wrote over it had it in view and was kept in turn.
    fn covered(&self, record: &Record, hidden: &BTreeMap<String, String>) -> Vec<bool> {
        let mut views: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut kept: Vec<bool> = Vec::with_capacity(self.typed.len());
        for typed in &self.typed {
            let view = views.entry(&typed.path).or_insert_with(|| in_view(record, &typed.path));
            let stands = view.contains(&typed.value)
                && (!hidden.contains_key(&typed.path) || self.removed_knowingly(typed));
            kept.push(stands);
        }
        loop {
            let mut more = Vec::new();
            for (at, typed) in self.typed.iter().enumerate() {
                let later = |(other, above): (usize, &Typed)| {
                    kept.get(other) == Some(&true)
                        && above.path == typed.path
                        && above.saw.contains(&typed.value)
                };
                let known = self.typed.iter().enumerate().any(later);
                if kept.get(at) == Some(&false) && known {
                    more.push(at);
                }
            }
            if more.is_empty() {
                return kept;
            }
            for at in more {
                if let Some(kept) = kept.get_mut(at) {
                    *kept = true;
                }
            }
        }
    }

    fn removed_knowingly(&self, typed: &Typed) -> bool {
        self.removed
            .iter()
            .any(|removal| typed.path.starts_with(&removal.row) && removal.saw.contains(&typed.value))
    }
}
