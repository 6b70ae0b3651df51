//! Scores at the edge of the server: what records, lists and published results say, by the rule sets that come along.
//!
//! What a score is stands in [`survey::scoring`]. Here [`readers`] turn documents into evidence (the worker keeps it
//! in the projection), [`board`] holds the scores of a round and reckons touched units anew, [`pages`] answers the
//! questions that the commands and the HTTP interface share, and [`table`] reads lists that people hand over. What others
//! published stands in the catalogue, apart from what is reckoned here.

mod approval;
mod asked;
pub mod board;
pub mod changes;
pub mod methods;
pub mod pages;
pub mod progress;
pub mod readers;
mod spoken;
pub mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use replica::RoundId;
use survey::scoring::api::{Chosen, MethodLine, ScoredBy};
use survey::scoring::exact::FigureError;
use survey::scoring::methods::{Method, Methods, PlaceError, YearError};
use survey::scoring::rules::RuleSet;
use survey::scoring::skm::SkmRules;
use thiserror::Error;

use crate::catalogue::Catalogue;
use crate::database::StoreError;
use asked::Asked;
use board::Boards;
use methods::MethodsError;

/// Why there is no answer about scores.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScoresError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The year has no method.
    #[error(transparent)]
    Year(#[from] YearError),
    /// A score cannot be placed, or is too long to reckon.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A figure is too long to reckon.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// What was asked about is not there; what, and what to do.
    #[error("{0}")]
    NotFound(String),
    /// The question cannot be answered as it was asked; why, and what to do.
    #[error("{0}")]
    Asked(String),
}

/// The rule sets, and the boards made by them.
pub struct Scoring {
    /// The rule sets by year.
    pub methods: Methods,
    /// Their files by their short names.
    pub texts: BTreeMap<String, String>,
    /// The satisfaction index.
    pub skm: SkmRules,
    /// What was reckoned.
    pub boards: Boards,
    /// What forms ask for.
    asked: Asked,
}

impl Scoring {
    /// By the rule sets of a folder, or those that come along.
    ///
    /// # Errors
    /// Where the folder cannot be read, or a rule set is not sound.
    pub fn by(folder: Option<&Path>) -> Result<Self, MethodsError> {
        let (methods::Loaded { methods, texts }, skm) = (methods::load(folder)?, methods::embedded_skm()?);
        Ok(Self { methods, texts, skm, boards: Boards::default(), asked: Asked::default() })
    }

    /// The method that was asked for; or that of the year which the round's name begins with; or, where that year has
    /// none, the newest that the workbooks in force can answer.
    ///
    /// # Errors
    /// Where the year asked for has no method, or the store fails.
    pub fn method_for(
        &self,
        catalogue: &dyn Catalogue,
        round: &RoundId,
        asked: Option<u16>,
    ) -> Result<(Method<'_>, Chosen), ScoresError> {
        if let Some(year) = asked {
            return Ok((self.methods.of_year(year)?, Chosen::Asked));
        }
        let year = round.as_str().get(..4).and_then(|year| year.parse().ok());
        if let Some(method) = year.and_then(|year: u16| self.methods.of_year(year).ok()) {
            return Ok((method, Chosen::Round));
        }
        let forms = self.asked.in_force(catalogue)?;
        let answerable = self.methods.sets().iter().rev().find(|rules| {
            let answered = |code: &str| forms.iter().any(|codes| codes.contains(code));
            rules.dimensions.iter().all(|of| of.indicators().any(|of| of.codes().any(answered)))
        });
        let rules = answerable.or(self.methods.sets().last());
        let newest = rules.and_then(|rules| Some(Method { rules, year: *rules.years.iter().max()? }));
        newest.map(|method| (method, Chosen::Newest)).ok_or_else(|| {
            ScoresError::NotFound("there is no rule set; add one to the folder of methods".to_owned())
        })
    }
}

/// What was scored by what, for the head of every answer.
pub fn scored_by(round: &RoundId, method: Method<'_>, chosen: Chosen, upto: u64) -> ScoredBy {
    ScoredBy {
        round: round.as_str().to_owned(),
        year: method.year,
        rules: method.rules.id.clone(),
        title: method.rules.title.clone(),
        chosen,
        upto,
    }
}

/// A rule set in a list, with what in its bands is assumed.
pub fn method_line(rules: &RuleSet) -> MethodLine {
    let mut assumed = BTreeSet::new();
    for &year in &rules.years {
        let method = Method { rules, year };
        for limit in rules.bands.iter().flat_map(|band| [band.from, band.to]) {
            // The limits of a sound rule set lie on its scale.
            assumed.extend(method.place(limit.exact()).into_iter().flat_map(|placed| placed.assumed));
        }
    }
    MethodLine {
        rules: rules.id.clone(),
        title: rules.title.clone(),
        years: rules.years.clone(),
        open: rules.open.clone(),
        assumed: assumed.into_iter().collect(),
    }
}
