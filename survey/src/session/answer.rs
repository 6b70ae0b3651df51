//! Takes one answer in: checks that it is one of its question's type, stores it, stamps the form.

use thiserror::Error;

use crate::instrument::QuestionKind;
use crate::path::{Path, RowId};
use crate::session::instances::{InstanceId, Role, TOP};
use crate::session::plan::{question, repeat};
use crate::session::update::Work;
use crate::session::{Clock, Delta, Identity, Session};

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
    /// `time` takes `10:11` and more exact ones, `dateTime` a day, `T` and a time.
    #[error("the answer is not a time")]
    NotATime,
    /// Not one of the choices in force.
    #[error("`{0}` is not one of the choices")]
    NotAChoice(String),
    /// `acknowledge` takes `OK`.
    #[error("the answer is not OK")]
    NotAnAcknowledgement,
    /// `image` takes a SHA-256 as 64 hex digits.
    #[error("the answer is not the hash of a photo")]
    NotAPhoto,
    /// `audio`, `video` and `file` take a SHA-256 and the end of a file's name.
    #[error("the answer is not the hash of a file and the end of its name")]
    NotAFile,
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
        self.set_clock(clock);
        let mut work = Work::by_person();
        self.store(at, &text, &mut work);
        self.stamp_end(&mut work);
        Ok(self.finish(work))
    }

    /// Keeps where the device is, for a question of [`Delta::places`]; nothing changes where it is no place.
    pub fn record_place(&mut self, path: &Path, place: &str, clock: &Clock) -> Delta {
        let asked = self.instances.at(path).and_then(|at| {
            let question = question(&self.instrument, self.instances.get(at)?.node?)?;
            let places =
                matches!(question.kind, QuestionKind::StartGeopoint | QuestionKind::BackgroundGeopoint);
            let text = self.typed(at, question, place.trim()).ok().filter(|_| places)?;
            Some((at, text))
        });
        let Some((at, text)) = asked else { return Delta::default() };
        self.clock = clock.clone();
        let mut work = Work::by_person();
        self.store(at, &text, &mut work);
        self.finish(work)
    }

    /// Tells a new form who fills it, and on which device.
    pub fn introduce(&mut self, identity: &Identity) -> Delta {
        use QuestionKind::{DeviceId, Email, PhoneNumber, Username};
        let mut work = Work::default();
        let told = [
            (DeviceId, &identity.device),
            (Username, &identity.person),
            (Email, &identity.email),
            (PhoneNumber, &identity.phone),
        ];
        for (kind, text) in told {
            for node in self.plan.of_kind(kind).to_vec() {
                for at in self.matching(TOP, node) {
                    if self.instances.get(at).is_some_and(|instance| instance.value.is_empty()) {
                        self.store(at, text, &mut work);
                    }
                }
            }
        }
        self.finish(work)
    }

    /// Adds a row at the end of a repeat, given by its path without a row. Defaults of the row are set.
    ///
    /// # Errors
    /// Where there is no such repeat, its rows are counted, or the id is taken.
    pub fn add_row(&mut self, repeat: &Path, row: &RowId, clock: &Clock) -> Result<Delta, AnswerError> {
        let none = || AnswerError::NoSuchRepeat(repeat.clone());
        let container = self.instances.at(repeat).ok_or_else(none)?;
        self.free_repeat(container, repeat)?;
        self.set_clock(clock);
        let mut work = Work::by_person();
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
        let mut work = Work::by_person();
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
        let locked = self.instances.get(at).is_some_and(|instance| instance.read_only);
        if locked || !crate::session::plan::is_answerable(question) {
            return Err(AnswerError::NotAnswerable);
        }
        if value.len() > MAX_ANSWER_BYTES {
            return Err(AnswerError::TooLong);
        }
        if matches!(question.kind, QuestionKind::Text | QuestionKind::Barcode) || value.trim().is_empty() {
            return Ok(if value.trim().is_empty() { String::new() } else { value.to_owned() });
        }
        self.typed(at, question, value.trim())
    }

    /// Sets `end` to the time of the clock.
    pub(crate) fn stamp_end(&mut self, work: &mut Work) {
        let now = self.clock.now.clone();
        for node in self.plan.of_kind(QuestionKind::End).to_vec() {
            for at in self.matching(TOP, node) {
                self.store(at, &now, work);
            }
        }
    }

    /// Sets `start` and `today` from the clock.
    pub(crate) fn set_start_and_today(&mut self, work: &mut Work) {
        let Clock { today, now, .. } = self.clock.clone();
        for (kind, text) in [(QuestionKind::Start, now), (QuestionKind::Today, today)] {
            for node in self.plan.of_kind(kind).to_vec() {
                for at in self.matching(TOP, node) {
                    self.store(at, &text, work);
                }
            }
        }
    }
}
