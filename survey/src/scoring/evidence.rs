//! What one record says towards scores: its counted answers with their marks, read by its own instrument.
//!
//! Nothing here depends on a rule set, so it is worked out once for a version of a record.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::exact::Exact;
use crate::expression::Clock;
use crate::instrument::{Choice, Instrument, NodeId, NodeKind, Question, QuestionKind, Source};
use crate::keys::Keys;
use crate::path::Path;
use crate::session::{Form, Saved, Session};

/// What one record says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Answers that have a mark, in the order of the form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// Counted questions that are asked and have no mark: unanswered, or answered with a choice without one
    /// (*not applicable*, *do not know*).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmarked: Vec<Unmarked>,
    /// Answers that rule sets ask for by name ([`super::rules::Visit`]), by question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub told: BTreeMap<String, String>,
    /// The person did not agree to be asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

/// One marked answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ReadingRow", into = "ReadingRow")]
pub struct Reading {
    /// The indicator's code.
    pub code: String,
    /// Where it stands in the record.
    pub path: Path,
    /// The answer as stored: the choice's name, or names.
    pub answer: String,
    /// Its mark, or the sum of the marks ticked.
    pub mark: Exact,
    /// The sum of all marks that could be ticked; none where one choice was to be made, and then the rule set
    /// says what the top mark is.
    pub of: Option<Exact>,
    /// The mark, or that the question counts, is assumed by the instrument.
    pub assumed: bool,
    /// Photos beside the answer, by content hash.
    pub photos: Vec<String>,
}

/// As it is kept: `[code, path, answer, mark, of, assumed, photos]`.
#[derive(Serialize, Deserialize)]
struct ReadingRow(String, Path, String, Exact, Option<Exact>, bool, Vec<String>);

/// One question without a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmarked {
    /// The indicator's code.
    pub code: String,
    /// Where it stands in the record.
    pub path: Path,
    /// The answer, `""` where there is none.
    pub answer: String,
}

/// Reads records of one instrument.
#[derive(Debug)]
pub struct Reader {
    form: Form,
    /// Questions that are looked up by name.
    told: Vec<(String, Path)>,
}

/// Questions that are looked up by name: those that rule sets may name under `[visit]`.
pub const TOLD: [&str; 2] = ["dapat_dinilai", "sebab_batal"];

impl Reader {
    /// Prepares an instrument.
    pub fn new(instrument: Arc<Instrument>) -> Self {
        Self::of(Form::of(instrument))
    }

    /// The same of a form that is ready.
    pub fn of(form: Form) -> Self {
        let instrument = form.instrument();
        let told = TOLD.iter().filter_map(|name| {
            let at = instrument.nodes.iter().position(|node| node.name == *name)?;
            let path = instrument.path_outside_rows(NodeId(u32::try_from(at).ok()?))?;
            Some(((*name).to_owned(), path))
        });
        let told = told.collect();
        Self { form, told }
    }

    /// What answers and rows are called in records of it.
    pub fn keys(&self) -> &Keys {
        self.form.keys()
    }

    /// What a record says.
    pub fn read(&self, saved: Saved) -> Evidence {
        evidence_of_with(&self.form.read(saved, &no_clock()), &self.told)
    }

    /// What a record says, and how many of its answers do not hold by this clock (see [`Session::unsound`]).
    pub fn examine(&self, saved: Saved, closed: bool, clock: &Clock) -> (Evidence, u32) {
        let mut session = self.form.read(saved, &no_clock());
        let evidence = evidence_of_with(&session, &self.told);
        session.check(clock);
        (evidence, session.unsound(closed))
    }
}

/// What a form that is being filled says so far.
pub fn evidence_of(session: &Session) -> Evidence {
    let told: Vec<_> = TOLD
        .iter()
        .filter_map(|name| {
            let (_, path, _) = session.asked().find(|(node, ..)| name_of(session, *node) == Some(name))?;
            Some(((*name).to_owned(), path.clone()))
        })
        .collect();
    evidence_of_with(session, &told)
}

fn name_of(session: &Session, node: NodeId) -> Option<&str> {
    session.instrument().node(node).map(|node| node.name.as_str())
}

/// Constraints may look at the day; marks do not.
fn no_clock() -> Clock {
    Clock { today: "1970-01-01".to_owned(), now: "1970-01-01T00:00:00.000+00:00".to_owned(), chance: 0 }
}

fn evidence_of_with(session: &Session, told: &[(String, Path)]) -> Evidence {
    let mut evidence = Evidence { refused: session.consent() == Some(false), ..Evidence::default() };
    for (name, path) in told {
        let answer = session.value(path);
        if session.is_relevant(path) && !answer.is_empty() {
            evidence.told.insert(name.clone(), answer.to_owned());
        }
    }
    if evidence.refused {
        return evidence;
    }
    for (id, path, answer) in session.asked() {
        let Some(node) = session.instrument().node(id) else { continue };
        let (Some(counts), NodeKind::Question(question)) = (&node.counts_for, &node.kind) else { continue };
        let marked = marked(session, question, path, answer);
        if let Some(Marked { mark, of, assumed }) = marked {
            evidence.readings.push(Reading {
                code: counts.indicator.clone(),
                path: path.clone(),
                answer: answer.to_owned(),
                mark,
                of,
                assumed: assumed || counts.source == Source::Assumed,
                photos: Vec::new(),
            });
        } else {
            let (code, path, answer) = (counts.indicator.clone(), path.clone(), answer.to_owned());
            evidence.unmarked.push(Unmarked { code, path, answer });
        }
    }
    add_photos(session, &mut evidence.readings);
    evidence
}

struct Marked {
    mark: Exact,
    of: Option<Exact>,
    assumed: bool,
}

fn marked(session: &Session, question: &Question, path: &Path, answer: &str) -> Option<Marked> {
    match question.kind {
        QuestionKind::SelectOne if !answer.is_empty() => {
            let choice = session.choice(path, answer)?;
            let (mark, assumed) = mark_of(&choice)?;
            Some(Marked { mark, of: None, assumed })
        }
        QuestionKind::SelectMultiple if !answer.is_empty() => {
            let ticked: Vec<&str> = answer.split_whitespace().collect();
            let (mut mark, mut of, mut assumed) = (Exact::ZERO, Exact::ZERO, false);
            for choice in session.choices(path) {
                let Some((worth, is_assumed)) = mark_of(&choice) else { continue };
                of = of.plus(worth).ok()?;
                assumed |= is_assumed;
                if ticked.contains(&choice.name.as_str()) {
                    mark = mark.plus(worth).ok()?;
                }
            }
            (of > Exact::ZERO).then_some(Marked { mark, of: Some(of), assumed })
        }
        _ => None,
    }
}

fn mark_of(choice: &Choice) -> Option<(Exact, bool)> {
    let mark = choice.mark.as_ref()?;
    Some((
        mark.value.parse().ok().filter(|mark: &Exact| !mark.is_negative())?,
        mark.source == Source::Assumed,
    ))
}

/// A photo is beside an answer where both stand in the same group.
fn add_photos(session: &Session, readings: &mut [Reading]) {
    let mut photos = BTreeMap::<Path, Vec<String>>::new();
    for (id, path, answer) in session.asked() {
        let node = session.instrument().node(id);
        let is_photo = node.is_some_and(
            |node| matches!(&node.kind, NodeKind::Question(question) if question.kind == QuestionKind::Image),
        );
        if let (true, false, Some(group)) = (is_photo, answer.is_empty(), path.parent()) {
            photos.entry(group).or_default().push(answer.to_owned());
        }
    }
    if photos.is_empty() {
        return;
    }
    for reading in readings {
        if let Some(beside) = reading.path.parent().and_then(|group| photos.get(&group)) {
            reading.photos.clone_from(beside);
        }
    }
}

impl From<ReadingRow> for Reading {
    fn from(ReadingRow(code, path, answer, mark, of, assumed, photos): ReadingRow) -> Self {
        Self { code, path, answer, mark, of, assumed, photos }
    }
}

impl From<Reading> for ReadingRow {
    fn from(Reading { code, path, answer, mark, of, assumed, photos }: Reading) -> Self {
        Self(code, path, answer, mark, of, assumed, photos)
    }
}
