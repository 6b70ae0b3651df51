//! Takes one answer in: checks that it is one of its question's type, stores it, stamps the form.

use thiserror::Error;

use crate::expression::is_day;
use crate::instrument::{Question, QuestionKind};
use crate::path::{Path, RowId};
use crate::session::instances::{InstanceId, Role};
use crate::session::plan::{question, repeat};
use crate::session::update::Work;
use crate::session::{Clock, Delta, Session};

/// Longest answer, in bytes; calculated values are cut to it.
/// What a record keeps of one answer is bounded alike.
pub const MAX_ANSWER_BYTES: usize = 32 * 1024;

/// Why an answer or row was not taken. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The form has no such question.
    #[error("the form has no question at `{0}`")]
    NoSuchQuestion(Path),
    /// The form has no such repeat, or the path names a row.
    #[error("the form has no repeat at `{0}`")]
    NoSuchRepeat(Path),
    /// The repeat has no such row.
    #[error("the form has no row at `{0}`")]
    NoSuchRow(Path),
    /// The repeat has a row of that id already, or had one.
    #[error("the row `{0}` is there already")]
    RowExists(Path),
    /// The rows follow from `repeat_count`; nobody adds or removes them.
    #[error("the rows of `{0}` follow from its repeat_count")]
    CountedRepeat(Path),
    /// No more rows fit.
    #[error("the form is full")]
    Full,
    /// A note, a calculation, a read-only question, `start`, `end` or `today`.
    #[error("the question is not answered by people")]
    NotAnswerable,
    /// Longer than [`MAX_ANSWER_BYTES`].
    #[error("the answer is longer than {MAX_ANSWER_BYTES} bytes")]
    TooLong,
    /// `integer` takes digits with an optional minus, within 64 bits.
    #[error("the answer is not a whole number")]
    NotAnInteger,
    /// `decimal` takes digits with an optional minus and point.
    #[error("the answer is not a number")]
    NotANumber,
    /// `date` takes a day that exists, as `2026-11-22`.
    #[error("the answer is not a day as year-month-day")]
    NotADate,
    /// Not one of the choices in force.
    #[error("`{0}` is not one of the choices")]
    NotAChoice(String),
    /// `acknowledge` takes `OK`.
    #[error("the answer is not OK")]
    NotAnAcknowledgement,
    /// `image` takes a SHA-256 as 64 hex digits.
    #[error("the answer is not the hash of a photo")]
    NotAPhoto,
    /// `geopoint` takes `latitude longitude [altitude [accuracy]]`.
    #[error("the answer is not a place")]
    NotAPlace,
}

impl Session {
    /// Answers a question; `""` blanks it. What hangs on it is right when this returns.
    ///
    /// # Errors
    /// Where the path is no question or the text is no answer of its type; nothing changes then.
    /// An answer that breaks its constraint is taken, and shows as [`crate::session::Problem`].
    pub fn answer(&mut self, path: &Path, value: &str, clock: &Clock) -> Result<Delta, AnswerError> {
        let at = self.instances.at(path).ok_or_else(|| AnswerError::NoSuchQuestion(path.clone()))?;
        let text = self.checked(at, path, value)?;
        if self.instances.get(at).is_some_and(|instance| instance.value == text) {
            return Ok(Delta::default());
        }
        self.clock = clock.clone();
        let mut work = Work::default();
        self.store(at, &text, &mut work);
        self.stamp_end(&mut work);
        Ok(self.finish(work))
    }

    /// Adds a row at the end of a repeat, given by its path without a row. Defaults of the row are set.
    ///
    /// # Errors
    /// Where there is no such repeat, its rows are counted, or the id is taken.
    pub fn add_row(&mut self, repeat: &Path, row: RowId, clock: &Clock) -> Result<Delta, AnswerError> {
        let none = || AnswerError::NoSuchRepeat(repeat.clone());
        let container = self.instances.at(repeat).ok_or_else(none)?;
        self.free_repeat(container, repeat)?;
        self.clock = clock.clone();
        let mut work = Work::default();
        self.build_row(container, row, true, &mut work).map_err(|path| match path {
            Some(path) => AnswerError::RowExists(path),
            None => AnswerError::Full,
        })?;
        self.rows_changed(container, false, &mut work);
        self.stamp_end(&mut work);
        Ok(self.finish(work))
    }

    /// Removes a row, given by its path. Its answers stay in the record.
    ///
    /// # Errors
    /// Where there is no such row or the rows are counted.
    pub fn remove_row(&mut self, row: &Path) -> Result<Delta, AnswerError> {
        let none = || AnswerError::NoSuchRow(row.clone());
        let at = self.instances.at(row).ok_or_else(none)?;
        let instance =
            self.instances.get(at).filter(|instance| instance.role == Role::Row).ok_or_else(none)?;
        let container = instance.parent.ok_or_else(none)?;
        self.free_repeat(container, row)?;
        let mut work = Work::default();
        self.instances.remove(at);
        self.rows_changed(container, true, &mut work);
        Ok(self.finish(work))
    }

    fn free_repeat(&self, container: InstanceId, path: &Path) -> Result<(), AnswerError> {
        let instance = self.instances.get(container).filter(|instance| instance.role == Role::Repeat);
        match instance.and_then(|instance| repeat(&self.instrument, instance.node?)) {
            Some(None) => Ok(()),
            Some(Some(_)) => Err(AnswerError::CountedRepeat(path.clone())),
            None => Err(AnswerError::NoSuchRepeat(path.clone())),
        }
    }

    fn checked(&self, at: InstanceId, path: &Path, value: &str) -> Result<String, AnswerError> {
        let no_question = || AnswerError::NoSuchQuestion(path.clone());
        let node = self.instances.get(at).and_then(|instance| instance.node).ok_or_else(no_question)?;
        let question = question(&self.instrument, node).ok_or_else(no_question)?;
        if !crate::session::plan::is_answerable(question) {
            return Err(AnswerError::NotAnswerable);
        }
        if value.len() > MAX_ANSWER_BYTES {
            return Err(AnswerError::TooLong);
        }
        if question.kind == QuestionKind::Text || value.trim().is_empty() {
            return Ok(if value.trim().is_empty() { String::new() } else { value.to_owned() });
        }
        self.typed(question, path, value.trim())
    }

    fn typed(&self, question: &Question, path: &Path, value: &str) -> Result<String, AnswerError> {
        let fits = |fits: bool, error: AnswerError| if fits { Ok(value.to_owned()) } else { Err(error) };
        match question.kind {
            QuestionKind::Integer => fits(is_integer(value), AnswerError::NotAnInteger),
            QuestionKind::Decimal => fits(is_decimal(value), AnswerError::NotANumber),
            QuestionKind::Date => fits(is_day(value), AnswerError::NotADate),
            QuestionKind::Acknowledge => fits(value == "OK", AnswerError::NotAnAcknowledgement),
            QuestionKind::Image => fits(is_hash(value), AnswerError::NotAPhoto),
            QuestionKind::Geopoint => fits(is_place(value), AnswerError::NotAPlace),
            QuestionKind::SelectOne => {
                let chosen = self.choices(path).iter().any(|choice| choice.name == value);
                fits(chosen, AnswerError::NotAChoice(value.to_owned()))
            }
            QuestionKind::SelectMultiple => self.several(path, value),
            _ => Ok(value.to_owned()),
        }
    }

    /// Names joined by one blank, each once, in the order given.
    fn several(&self, path: &Path, value: &str) -> Result<String, AnswerError> {
        let choices = self.choices(path);
        let mut names: Vec<&str> = Vec::new();
        for name in value.split_whitespace() {
            if !choices.iter().any(|choice| choice.name == name) {
                return Err(AnswerError::NotAChoice(name.to_owned()));
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names.join(" "))
    }

    /// Sets `end` to the time of the clock.
    pub(crate) fn stamp_end(&mut self, work: &mut Work) {
        let now = self.clock.now.clone();
        for node in self.plan.of_kind(QuestionKind::End).to_vec() {
            for at in self.matching(crate::session::instances::TOP, node) {
                self.store(at, &now, work);
            }
        }
    }

    /// Sets `start` and `today` from the clock.
    pub(crate) fn set_start_and_today(&mut self, work: &mut Work) {
        let Clock { today, now } = self.clock.clone();
        for (kind, text) in [(QuestionKind::Start, now), (QuestionKind::Today, today)] {
            for node in self.plan.of_kind(kind).to_vec() {
                for at in self.matching(crate::session::instances::TOP, node) {
                    self.store(at, &text, work);
                }
            }
        }
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok()
}

/// Digits with an optional minus and point, as `XPath` reads numbers.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_place(text: &str) -> bool {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let numbers: Vec<f64> =
        parts.iter().filter(|part| is_decimal(part)).filter_map(|part| part.parse().ok()).collect();
    let within = |index: usize, bound: f64| numbers.get(index).is_some_and(|number| number.abs() <= bound);
    (2..=4).contains(&parts.len()) && numbers.len() == parts.len() && within(0, 90.0) && within(1, 180.0)
}
