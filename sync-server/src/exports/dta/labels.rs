//! Value labels: what a number is called. Columns with the same choices share a set, in each language.

use std::collections::BTreeSet;

use super::super::series::{Series, fresh, shortened};
use super::super::table::{Kind, Label, Missing};
use super::storage::offset;
use super::{File, LANGUAGES, NAME_FIELD};

/// The most bytes of a label in a set (Stata's limit is 32,000 characters).
const LONGEST: usize = 32_000;

/// Stata's `.` as a number of a value label.
const SYSTEM: i32 = 2_147_483_621;

/// All sets of a file.
pub struct Labels {
    sets: Vec<Set>,
    /// Which set each column has.
    of_column: Vec<Option<usize>>,
}

struct Set {
    /// Its name in each language.
    names: [String; 2],
    entries: Vec<(i32, Label)>,
}

impl Labels {
    pub fn of(columns: &[Series]) -> Self {
        let mut sets: Vec<Set> = Vec::new();
        let mut taken = BTreeSet::new();
        let mut of_column = Vec::with_capacity(columns.len());
        for column in columns {
            let Some((base, entries)) = entries(column) else {
                of_column.push(None);
                continue;
            };
            let known = sets.iter().position(|set| set.entries == entries);
            of_column.push(Some(known.unwrap_or(sets.len())));
            if known.is_none() {
                let names = [fresh(base, "", &mut taken), fresh(base, "_en", &mut taken)];
                sets.push(Set { names, entries });
            }
        }
        Self { sets, of_column }
    }

    /// The name of a column's set in the language that shows, or nothing.
    pub fn name(&self, column: usize) -> &str {
        self.name_in(column, 0)
    }

    /// The name of a column's set in a language, or nothing.
    pub fn name_in(&self, column: usize, language: usize) -> &str {
        let set = self.of_column.get(column).copied().flatten().and_then(|place| self.sets.get(place));
        set.and_then(|set| set.names.get(language)).map_or("", String::as_str)
    }

    pub fn write(&self, file: &mut File) {
        for set in &self.sets {
            for (name, (_, text)) in set.names.iter().zip(LANGUAGES) {
                file.within("lbl", |file| {
                    let entries: Vec<_> =
                        set.entries.iter().map(|(number, label)| (*number, text(label))).collect();
                    table(file, name, &entries);
                });
            }
        }
    }
}

/// A column's numbers and what they are called, by number; and what to call the set.
fn entries(column: &Series) -> Option<(&str, Vec<(i32, Label)>)> {
    let (base, mut entries) = match &column.kind {
        Kind::Text => return None,
        Kind::Choice(choices) => {
            let one = |choice: &super::super::table::Choice| (choice.code, choice.label.clone());
            (column.name.as_str(), choices.iter().map(one).collect())
        }
        _ => ("kosong", Vec::new()),
    };
    entries.extend(Missing::ALL.map(|why| (SYSTEM + i32::from(offset(why)), why.label())));
    entries.sort_by_key(|(number, _)| *number);
    entries.dedup_by_key(|(number, _)| *number);
    Some((base, entries))
}

/// One set: count, length of all texts, where each begins, numbers, texts.
fn table(file: &mut File, name: &str, entries: &[(i32, &str)]) {
    let mut offsets = Vec::new();
    let mut texts: Vec<u8> = Vec::new();
    for (_, text) in entries {
        offsets.push(texts.len());
        texts.extend_from_slice(shortened(text, LONGEST).as_bytes());
        texts.push(0);
    }
    file.count(8 + 8 * entries.len() + texts.len());
    file.field(name, NAME_FIELD);
    file.raw(&[0; 3]);
    file.count(entries.len());
    file.count(texts.len());
    for offset in offsets {
        file.count(offset);
    }
    for (number, _) in entries {
        file.raw(&number.to_le_bytes());
    }
    file.raw(&texts);
}
