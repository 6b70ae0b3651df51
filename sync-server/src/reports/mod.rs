//! Pages of results: a question is asked by a query, a [`report::Report`] answers it in words, figures and pictures, in the
//! language asked for; [`html`] makes a page of it. The command line prints the same as JSON.

mod change;
pub mod html;
mod journey;
mod ladder;
mod progress;
mod published;
mod reckoned;
pub mod releases;
pub mod report;
mod rounds;
mod unit;
pub mod words;

use replica::api::Unit;
use replica::{RoundId, UnitId};
use serde::Deserialize;
use survey::scoring::exact::{Exact, FigureError, Score};
use thiserror::Error;

use crate::database::StoreError;
use crate::releases::frozen::FrozenError;
use crate::scores::ScoresError;
use crate::scores::pages::Sources;
use published::Facts;
use reckoned::Reckoned;
use report::{Link, Report};
use words::{Language, Words};

/// What a report is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Query {
    /// The government that the page is about; all of them where it is left out.
    pub government: Option<String>,
    /// The unit that the page is about.
    pub unit: Option<UnitId>,
    /// Only what lies in this province.
    pub province: Option<String>,
    /// The year; the latest where it is left out.
    pub year: Option<u16>,
    /// The release that the page is about, by number; all of them where it is `all`.
    pub release: Option<String>,
    /// The round that is scored; the Ombudsman's opened last where it is left out.
    pub round: Option<RoundId>,
    /// What a government's round is compared with: an earlier round or a published year, by its name; the latest
    /// earlier round where it is left out, else the latest year.
    pub from: Option<String>,
    /// The target; 90 where it is left out.
    pub target: Option<String>,
    /// `id` or `en`.
    #[serde(default)]
    pub lang: String,
    /// Width of pictures, in CSS pixels.
    pub width: Option<u32>,
}

/// Why there is no report.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The records cannot be scored, or what was asked about is not there.
    #[error(transparent)]
    Scores(#[from] ScoresError),
    /// A release cannot be read, or is not there.
    #[error(transparent)]
    Release(#[from] FrozenError),
    /// A figure cannot be reckoned with.
    #[error(transparent)]
    Figure(#[from] FigureError),
}

/// What every report is written with.
pub(crate) struct Writing {
    words: Words,
    width: f64,
    target: Score,
    query: Query,
}

/// Answers a query from what was published and from the records of the round opened last; of these, only units that `sees` lets
/// through.
///
/// # Errors
/// See [`ReportError`]; [`ReportError::Figure`] where the target is no number.
pub fn write(
    sources: Sources<'_>,
    query: Query,
    sees: impl Fn(&Unit) -> bool,
) -> Result<Report, ReportError> {
    let writing = Writing::of(query)?;
    let units: Vec<Unit> = sources.catalogue.units()?.into_iter().filter(|unit| sees(unit)).collect();
    let scored = sources.score(writing.query.round.clone(), None)?;
    let reckoned = Reckoned { scored, sources, units: &units };
    if let Some(id) = &writing.query.unit {
        return reckoned.unit(&writing, id);
    }
    let facts = Facts {
        methods: &sources.scoring.methods,
        results: sources.catalogue.published()?,
        units: units.clone(),
    };
    if let Some(government) = writing.query.government.clone() {
        let mut report = facts.government(&writing, &government)?;
        let earlier = reckoned.earlier(&government, &facts)?;
        report.sections.extend(reckoned.government(&writing, &government, &earlier)?);
        report.links.extend(Reckoned::compared(&writing, &government, &earlier));
        return Ok(report);
    }
    let mut report = facts.overview(&writing)?;
    report.links.extend(reckoned.other_rounds(&writing)?);
    let query = writing.link(&[("release", "all")]);
    report.links.push(Link { text: writing.words.say("releases"), query, here: false });
    let own = [Some(reckoned.overview(&writing)), reckoned.red_units(&writing)].into_iter().flatten();
    let place = 1.min(report.sections.len());
    report.sections.splice(place..place, own);
    Ok(report)
}

impl Writing {
    fn of(query: Query) -> Result<Self, ReportError> {
        let target = query.target.as_deref().unwrap_or("90").parse::<Exact>()?.rounded()?;
        let width = f64::from(query.width.unwrap_or(900).clamp(300, 1200));
        Ok(Self { words: Language::of(&query.lang).words(), width, target, query })
    }

    /// The query of another report, with this one's target, and with its round where the parts name no other.
    fn link(&self, parts: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parts {
            query.append_pair(name, value);
        }
        let names_round = parts.iter().any(|(name, _)| *name == "round");
        if let Some(round) = self.query.round.as_ref().filter(|_| !names_round) {
            query.append_pair("round", round.as_str());
        }
        if self.query.target.is_some() {
            query.append_pair("target", &self.target.to_string());
        }
        query.finish()
    }

    /// The target as people read it: `90`, `92,50`.
    fn target_text(&self) -> String {
        let text = self.words.figure(self.target);
        text.strip_suffix(",00").or_else(|| text.strip_suffix(".00")).unwrap_or(&text).to_owned()
    }
}

#[cfg(test)]
mod tests;
