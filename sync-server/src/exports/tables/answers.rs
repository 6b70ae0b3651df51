//! What each record answers, question by question, and why where it does not.

use std::collections::HashMap;

use survey::path::Path;
use survey::session::Session;

use crate::exports::table::Missing;
use crate::exports::tables::cells::Said;
use crate::exports::tables::plan::{Asked, Level, is_repeat};
use crate::exports::tables::source::{Open, RecordRow};
use crate::releases::lines::RecordState;

/// A level with what its rows say.
pub(super) struct Gathered {
    /// Its questions.
    pub level: Level,
    /// Its rows.
    pub rows: Vec<RowOf>,
    /// For each question, what each row says.
    pub said: Vec<Vec<Said>>,
}

/// A row of a level.
pub(super) struct RowOf {
    /// The record's place in the list.
    pub record: usize,
    /// The row's path; the top's where the level is no repeat.
    pub path: Path,
    /// Its place among its siblings, from 1.
    pub number: usize,
}

/// What was gathered of a list of records.
pub(super) struct Answers {
    /// The top of the form first, then every repeat.
    pub levels: Vec<Gathered>,
    /// For each record, whether the person agreed to be asked; none where the form does not ask.
    pub consents: Vec<Option<bool>>,
}

/// Opens every record with its instrument and takes down what it says. `unassessed` tells of a record whether its unit
/// could not be assessed.
pub(super) fn gather(
    open: Open<'_>,
    records: &[&RecordRow],
    levels: Vec<Level>,
    versions: &[String],
    unassessed: impl Fn(&RecordRow) -> bool,
) -> Answers {
    let mut levels: Vec<Gathered> = levels
        .into_iter()
        .map(|level| Gathered { said: vec![Vec::new(); level.asked.len()], level, rows: Vec::new() })
        .collect();
    let versions: HashMap<&str, usize> =
        versions.iter().enumerate().map(|(at, hash)| (hash.as_str(), at)).collect();
    let mut consents = Vec::with_capacity(records.len());
    for (at, record) in records.iter().enumerate() {
        let version = versions.get(record.instrument.as_str());
        let Some((session, version)) = open(record).zip(version) else {
            // The record is there, and its answers are not: the person did not agree, or the form is not known.
            let refused = record.state == RecordState::Refused;
            let reason = if refused { Missing::Refused } else { Missing::NotAssessed };
            levels.iter_mut().take(1).for_each(|level| level.blank(at, reason));
            consents.push(refused.then_some(false));
            continue;
        };
        let consent = session.consent();
        let reasons = Reasons {
            blank: if consent == Some(false) { Missing::Refused } else { Missing::Unanswered },
            hidden: match consent {
                Some(false) => Missing::Refused,
                _ if unassessed(record) => Missing::NotAssessed,
                _ => Missing::NotRelevant,
            },
        };
        for level in &mut levels {
            level.read(&session, at, *version, &reasons);
        }
        consents.push(consent);
    }
    Answers { levels, consents }
}

struct Reasons {
    blank: Missing,
    hidden: Missing,
}

impl Gathered {
    fn read(&mut self, session: &Session, record: usize, version: usize, reasons: &Reasons) {
        for (path, number) in bases(session, &self.level.chain) {
            for (asked, said) in self.level.asked.iter().zip(&mut self.said) {
                said.push(answer(session, &path, asked, version, reasons));
            }
            self.rows.push(RowOf { record, path, number });
        }
    }

    fn blank(&mut self, record: usize, reason: Missing) {
        self.said.iter_mut().for_each(|said| said.push(Err(reason)));
        self.rows.push(RowOf { record, path: Path::top(), number: 1 });
    }
}

fn answer(session: &Session, base: &Path, asked: &Asked, version: usize, reasons: &Reasons) -> Said {
    if !asked.versions.contains(&version) {
        return Err(Missing::NotRelevant);
    }
    let path = asked.chain.iter().fold(base.clone(), |path, name| path.child(name));
    if !session.is_relevant(&path) {
        return Err(reasons.hidden);
    }
    match session.value(&path) {
        "" => Err(reasons.blank),
        answer => Ok(answer.to_owned()),
    }
}

/// The relevant rows of a repeat, each with its place among its siblings; the top where the chain is empty.
fn bases(session: &Session, chain: &[String]) -> Vec<(Path, usize)> {
    let mut found = vec![(Path::top(), 1)];
    for name in chain {
        let mut inside = Vec::new();
        for (path, _) in found {
            let child = path.child(name);
            match session.node(&child) {
                Some((_, node)) if is_repeat(node) => {
                    let rows = session.rows(&child).into_iter().filter(|row| session.is_relevant(row));
                    inside.extend(rows.zip(1..));
                }
                Some(_) => inside.push((child, 1)),
                None => {}
            }
        }
        found = inside;
    }
    found
}
