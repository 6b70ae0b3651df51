//! The live state of one filled form: what is relevant, required, calculated and wrong, kept
//! right after each answer by working out only what hangs on it.

mod answer;
mod choices;
mod dice;
mod instances;
mod lists;
mod look;
mod merge;
#[cfg(test)]
#[cfg(feature = "xlsform")]
mod path_tests;
mod plan;
mod rows;
#[cfg(test)]
#[cfg(feature = "xlsform")]
mod tests;
#[cfg(test)]
#[cfg(feature = "xlsform")]
mod tests_meaning;
mod texts;
mod update;
mod values;
mod view;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use crate::expression::Clock;
use crate::instrument::{Instrument, NodeId, QuestionKind};
use crate::keys::Keys;
use crate::path::Path;
use dice::Dice;
use instances::{InstanceId, Instances};
use plan::Plan;
use update::Work;

pub use answer::{AnswerError, MAX_ANSWER_BYTES};
pub use rows::MAX_COUNTED_ROWS;

/// The live state of one filled form.
#[derive(Debug)]
pub struct Session {
    instrument: Arc<Instrument>,
    plan: Arc<Plan>,
    instances: Instances,
    /// Every stored answer, also of rows that are not there at the moment.
    answers: BTreeMap<Path, String>,
    clock: Clock,
    dice: Dice,
    language: usize,
    evaluations: Cell<u64>,
    /// By list and column.
    indexes: RefCell<HashMap<(String, String), choices::Index>>,
    /// What choices without a seed are shuffled by: another at each opening.
    chance: i64,
}

/// A form made ready once, to open many records of it.
#[derive(Debug, Clone)]
pub struct Form {
    instrument: Arc<Instrument>,
    plan: Arc<Plan>,
}

impl Form {
    /// Makes an instrument ready.
    pub fn of(instrument: Arc<Instrument>) -> Self {
        Self { plan: Arc::new(Plan::of(&instrument)), instrument }
    }

    /// The instrument.
    pub fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// What its answers and rows are called in records.
    pub fn keys(&self) -> &Keys {
        &self.plan.keys
    }

    /// Opens a record of it; see [`Session::open`].
    pub fn open(&self, saved: Saved, clock: &Clock) -> (Session, Delta) {
        self.open_by(saved, clock, Work::default())
    }

    /// Opens a record to read it: quicker, and knows values and relevance alone, nothing of what is required or wrong.
    pub(crate) fn read(&self, saved: Saved, clock: &Clock) -> Session {
        self.open_by(saved, clock, Work::values_alone()).0
    }

    fn open_by(&self, saved: Saved, clock: &Clock, work: Work) -> (Session, Delta) {
        Session::open_by(Arc::clone(&self.instrument), Arc::clone(&self.plan), saved, clock, work)
    }
}

/// Who fills a form, and on which device; blank where that is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The device.
    pub device: String,
    /// The person's name.
    pub person: String,
    /// Their e-mail address.
    pub email: String,
    /// Their telephone number.
    pub phone: String,
}

/// What a record holds of a form; [`Keys::saved`] makes it of the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// Answers by path, as text; `""` is an answer that was blanked.
    pub answers: BTreeMap<Path, String>,
    /// Every row there is, as the path of the row, in the order shown. Rows of a repeat with a
    /// `repeat_count` are not listed: they follow from the count.
    pub rows: Vec<Path>,
}

/// What one step changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// Stored answers that changed and have to be saved: the one given, `start`, `today` and `end`, and
    /// defaults. Never calculated values.
    pub written: Vec<(Path, String)>,
    /// Questions, groups and repeats whose value, relevance, problem, label or choices may look different.
    pub touched: Vec<Path>,
    /// Rows or the relevance of groups changed: read [`Session::children`] again.
    pub structure: bool,
    /// Questions that want to know where the device is now; see [`Session::record_place`].
    pub places: Vec<Path>,
}

/// One child of a group, repeat or row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it stands.
    pub path: Path,
    /// What it is.
    pub node: NodeId,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// It is blank and must not be.
    Required,
    /// It breaks the question's constraint.
    Constraint,
    /// It is none of the choices that are in force now.
    Choice,
}

/// How far a part of a form is filled.
///
/// Counts relevant questions that a person answers; not notes, calculations, read-only questions
/// nor `start`, `today`, `end`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Questions there are.
    pub questions: usize,
    /// Of these, answered, rightly or not.
    pub answered: usize,
    /// Of these, required and blank.
    pub required_left: usize,
    /// Of these, answered against their constraint, or with none of the choices in force.
    pub problems: usize,
}

impl Session {
    /// Opens a form with what is saved of it. With nothing saved it is new: `start`, `today` and
    /// defaults are set, and stand in the delta's `written`. The delta names no `touched` path,
    /// since there is nothing shown yet.
    pub fn open(instrument: Arc<Instrument>, saved: Saved, clock: &Clock) -> (Self, Delta) {
        Form::of(instrument).open(saved, clock)
    }

    fn open_by(
        instrument: Arc<Instrument>,
        plan: Arc<Plan>,
        saved: Saved,
        clock: &Clock,
        mut work: Work,
    ) -> (Self, Delta) {
        let new = saved.answers.is_empty() && saved.rows.is_empty();
        let mut session = Self {
            plan,
            instances: Instances::with_room(instrument.nodes.len() + 1),
            answers: saved.answers,
            clock: clock.clone(),
            dice: Dice::of(clock.chance),
            language: 0,
            evaluations: Cell::new(0),
            indexes: RefCell::default(),
            chance: crate::shuffle::seed_of(&format!("order of {}", clock.now)),
            instrument,
        };
        session.build_top(&rows::by_repeat(&saved.rows), new, &mut work);
        if new {
            session.set_start_and_today(&mut work);
        }
        session.settle(&mut work);
        let written = session.written(&work);
        let places = if new { session.start_places() } else { Vec::new() };
        (session, Delta { written, touched: Vec::new(), structure: true, places })
    }

    /// Goes by another clock from now on.
    fn set_clock(&mut self, clock: &Clock) {
        if self.clock.chance != clock.chance {
            self.dice.shake(clock.chance);
        }
        self.clock = clock.clone();
    }

    /// Works out what is required and wrong, by this clock, in a form that was opened to read values alone.
    pub(crate) fn check(&mut self, clock: &Clock) {
        self.set_clock(clock);
        let mut work = Work::default();
        for at in self.instances.ids() {
            self.work_out_all(at, false, &mut work);
        }
        self.settle(&mut work);
    }

    /// The form that is filled.
    pub fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// What its answers and rows are called in records.
    pub fn keys(&self) -> &Keys {
        &self.plan.keys
    }

    /// How many expressions were evaluated since the form was opened, for tests and benches.
    pub fn evaluations(&self) -> u64 {
        self.evaluations.get()
    }

    /// Chooses the language that `jr:choice-name` answers in, 0 until told; what shows it is
    /// worked out again.
    pub fn set_language(&mut self, language: usize) -> Delta {
        let mut work = Work::default();
        if self.language != language {
            self.language = language;
            self.redo_choice_names(&mut work);
        }
        self.finish(work)
    }

    /// What the filled form is called by its workbook's `instance_name`; `""` where it has none.
    pub fn name(&self) -> String {
        let naming = self.instrument.naming.as_ref();
        naming.map_or_else(String::new, |naming| self.text_of(naming, instances::TOP))
    }

    /// Questions that a new form asks the device's place for.
    fn start_places(&self) -> Vec<Path> {
        let nodes = self.plan.of_kind(QuestionKind::StartGeopoint);
        let at = nodes.iter().flat_map(|node| self.matching(instances::TOP, *node));
        at.filter_map(|at| Some(self.instances.get(at)?.path.clone())).collect()
    }

    fn written(&self, work: &Work) -> Vec<(Path, String)> {
        work.written
            .iter()
            .filter_map(|id| {
                let instance = self.instances.get(*id)?;
                Some((instance.path.clone(), instance.value.clone()))
            })
            .collect()
    }

    /// Settles what is left to do and says what changed.
    fn finish(&mut self, mut work: Work) -> Delta {
        self.settle(&mut work);
        let touched: BTreeSet<InstanceId> = std::mem::take(&mut work.touched);
        let touched =
            touched.iter().filter_map(|id| self.instances.get(*id)).map(|found| found.path.clone()).collect();
        let path = |id: &InstanceId| Some(self.instances.get(*id)?.path.clone());
        let places = work.places.iter().filter_map(path).collect();
        Delta { written: self.written(&work), touched, structure: work.structure, places }
    }
}
