//! A release as it is read: what exports, pages and checks are made of.
//!
//! Everything in here is as the files say; nothing is looked up elsewhere. Orders are fixed: units by id, governments by
//! province and name, records by unit, kind (visits first) and id.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use replica::api::Unit;
use replica::{ContentHash, RecordId, UnitId};
use serde::de::DeserializeOwned;
use survey::instrument::Instrument;
use survey::scoring::methods::Method;
use survey::scoring::read::{ReadError, read_rules, read_skm};
use survey::scoring::rules::RuleSet;
use survey::scoring::skm::SkmRules;
use survey::session::{Form, Session};
use thiserror::Error;

use super::lines::{Answers, FrozenRecord, GovernmentResult, Photo, UnitResult};
use super::manifest::{
    ANSWERS, GOVERNMENT_SCORES, MANIFEST, Manifest, PHOTOS, RECORDS, RULES, SKM, UNIT_SCORES, UNITS,
    instrument_file,
};
use crate::database::StoreError;
use crate::exports::calendar::clock_at;

/// A release that was read whole.
#[derive(Debug)]
pub struct Frozen {
    /// Number, round, date, method, counts, what was open.
    pub manifest: Manifest,
    /// The rule set it was scored by; see [`Self::method`].
    pub rules: RuleSet,
    /// The rules of the satisfaction index.
    pub skm: SkmRules,
    /// The list of units, by id.
    pub units: Vec<Unit>,
    /// The score of each unit, in the order of [`Self::units`] and as many.
    pub results: Vec<UnitResult>,
    /// The score of each government, by province and name. `score.units` holds its units' scores in short.
    pub governments: Vec<GovernmentResult>,
    /// All records of the round, by unit, kind and id, those too that count for nothing.
    pub records: Vec<FrozenRecord>,
    /// Photos and other files that answers name.
    pub photos: Vec<Photo>,
    /// The instruments that records were filled with.
    pub instruments: BTreeMap<ContentHash, Arc<Instrument>>,
    forms: BTreeMap<ContentHash, Form>,
    /// The answers' file, and where in it each record's line stands: opened one by one, since a nation's are many.
    answers: Vec<u8>,
    answers_at: HashMap<RecordId, Range<usize>>,
}

/// Why a release cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FrozenError {
    /// There is none of this number.
    #[error("there is no release {0}; `loket release list` prints those there are")]
    Unknown(u32),
    /// A file is missing.
    #[error("{0} is not among the release's files")]
    Missing(String),
    /// A file is not what it should be.
    #[error("{file}, line {line}: {why}")]
    Line {
        /// Its name.
        file: String,
        /// From 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The rule set cannot be read.
    #[error("{file}: {source}")]
    Rules {
        /// Its name.
        file: String,
        /// Why.
        source: ReadError,
    },
    /// The disk.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Frozen {
    /// Reads a release; `file` gives each file by its name. Believes the files: whether they are those that were signed
    /// is for a check to say.
    ///
    /// # Errors
    /// [`FrozenError`] where a file is missing or not what it should be.
    pub fn read(mut file: impl FnMut(&str) -> Result<Vec<u8>, FrozenError>) -> Result<Self, FrozenError> {
        let manifest: Manifest = one(MANIFEST, &file(MANIFEST)?)?;
        let rules = |name: &str, source| FrozenError::Rules { file: name.to_owned(), source };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (mut instruments, mut forms) = (BTreeMap::new(), BTreeMap::new());
        for used in &manifest.instruments {
            let name = instrument_file(&used.hash);
            let instrument: Arc<Instrument> = Arc::new(one(&name, &file(&name)?)?);
            forms.insert(used.hash, Form::of(Arc::clone(&instrument)));
            instruments.insert(used.hash, instrument);
        }
        let answers = file(ANSWERS)?;
        Ok(Self {
            rules: read_rules(&text(file(RULES)?)).map_err(|fault| rules(RULES, fault))?,
            skm: read_skm(&text(file(SKM)?)).map_err(|fault| rules(SKM, fault))?,
            units: lines(UNITS, &file(UNITS)?)?,
            results: lines(UNIT_SCORES, &file(UNIT_SCORES)?)?,
            governments: lines(GOVERNMENT_SCORES, &file(GOVERNMENT_SCORES)?)?,
            records: lines(RECORDS, &file(RECORDS)?)?,
            photos: lines(PHOTOS, &file(PHOTOS)?)?,
            instruments,
            forms,
            answers_at: index(&answers)?,
            answers,
            manifest,
        })
    }

    /// The method that it was scored by.
    pub fn method(&self) -> Method<'_> {
        Method { rules: &self.rules, year: self.manifest.asked.year }
    }

    /// A unit and its score; none where it is not in the list.
    pub fn unit(&self, id: &UnitId) -> Option<(&Unit, &UnitResult)> {
        let at = self.units.binary_search_by(|unit| unit.id.cmp(id)).ok()?;
        Some((self.units.get(at)?, self.results.get(at)?))
    }

    /// The units of a government with their scores, by id.
    pub fn units_of<'f>(
        &'f self,
        name: &'f str,
        province: &'f str,
    ) -> impl Iterator<Item = (&'f Unit, &'f UnitResult)> {
        let all = self.units.iter().zip(&self.results);
        all.filter(move |(unit, _)| unit.government == name && unit.province == province)
    }

    /// A record's stored answers; none where they are not in the release ([`super::lines::RecordState::has_answers`]).
    /// Read from the file at each call.
    pub fn answers(&self, record: &RecordId) -> Option<Answers> {
        let at = self.answers_at.get(record)?.clone();
        serde_json::from_slice(self.answers.get(at)?).ok()
    }

    /// A record's form as it was filled: relevance, values with what is calculated, rows, choices, labels. None where
    /// its answers are not in the release. What the form reckons from the day is reckoned for the
    /// one on which the record was closed, else last written in; what it reckons from chance is the same everywhere.
    pub fn session(&self, record: &FrozenRecord) -> Option<Session> {
        let Answers { answers, rows, .. } = self.answers(&record.record)?;
        let form = self.forms.get(&record.instrument)?;
        let saved = form.keys().saved(answers, rows);
        let then = record.closed_at.or(record.edited_at).unwrap_or_default();
        Some(form.open(saved, &clock_at(then)).0)
    }
}

/// A file with one JSON value.
pub(super) fn one<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, FrozenError> {
    let fault = |error: serde_json::Error| FrozenError::Line {
        file: file.to_owned(),
        line: error.line(),
        why: error.to_string(),
    };
    serde_json::from_slice(bytes).map_err(fault)
}

/// A file with a JSON value a line.
/// # Errors
/// Where a line is not what it should be.
pub fn lines<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<Vec<T>, FrozenError> {
    let value = |(at, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|error| FrozenError::Line {
            file: file.to_owned(),
            line: at + 1,
            why: error.to_string(),
        })
    };
    bytes.split_inclusive(|byte| *byte == b'\n').enumerate().map(value).collect()
}

/// Where each record's line stands.
fn index(bytes: &[u8]) -> Result<HashMap<RecordId, Range<usize>>, FrozenError> {
    let (mut found, mut start) = (HashMap::new(), 0);
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let answers: Answers = serde_json::from_slice(line).map_err(|error| FrozenError::Line {
            file: ANSWERS.to_owned(),
            line: at + 1,
            why: error.to_string(),
        })?;
        found.insert(answers.record, start..start + line.len());
        start += line.len();
    }
    Ok(found)
}
