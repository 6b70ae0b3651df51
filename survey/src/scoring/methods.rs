//! Which method a year has, and what a score is called under it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::assumption::{Assumed, Assumption};
use super::exact::{Exact, FigureError, Score};
use super::origin::Origin;
use super::rules::{Band, RuleSet, Zone};

/// The first year that a rule set of Loket has.
const FIRST: u16 = 2015;

/// All rule sets there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Methods(Vec<RuleSet>);

/// A rule set in one of its years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// The year.
    pub year: u16,
}

/// A year has no method.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum YearError {
    /// Nothing was assessed.
    #[error("{year}: there was no assessment ({reason}); take one of {known}")]
    NotAssessed {
        /// The year.
        year: u16,
        /// Why.
        reason: String,
        /// The years there are.
        known: String,
    },
    /// Before the first rule set.
    #[error(
        "{year}: the assessment of those years used another scale (0 to 1000 in 2013-2014) that no rule set \
         describes; take one of {known}"
    )]
    Before {
        /// The year.
        year: u16,
        /// The years there are.
        known: String,
    },
    /// No rule set names it.
    #[error(
        "{year}: no rule set is known for this year; take one of {known}, or add a file for {year} to the \
         folder of methods"
    )]
    Unknown {
        /// The year.
        year: u16,
        /// The years there are.
        known: String,
    },
    /// Two rule sets name it.
    #[error("{year}: both {first} and {second} claim this year; take it out of one of them")]
    Twice {
        /// The year.
        year: u16,
        /// One rule set.
        first: String,
        /// The other.
        second: String,
    },
}

/// A score that the method cannot have given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// Above the maximum, or below 0.
    #[error("{score} is outside the scale of {year}, which goes from 0 to {maximum}")]
    OffScale {
        /// The score.
        score: String,
        /// The year.
        year: u16,
        /// The highest score.
        maximum: Score,
    },
    /// No number.
    #[error(transparent)]
    Figure(#[from] FigureError),
}

/// What a score is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// `A` to `E` or the word for the quality; null where the method has no categories.
    pub category: Option<String>,
    /// The zone.
    pub zone: Zone,
    /// The opinion's name; null where the method gives none.
    pub opinion: Option<String>,
    /// What in this is assumed, and why; left out where nothing is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Assumption>,
}

impl Methods {
    /// Takes checked rule sets together.
    ///
    /// # Errors
    /// Where two claim one year.
    pub fn of(mut sets: Vec<RuleSet>) -> Result<Self, YearError> {
        sets.sort_by(|a, b| a.years.cmp(&b.years));
        for (index, set) in sets.iter().enumerate() {
            for other in sets.iter().skip(index + 1) {
                if let Some(&year) = set.years.iter().find(|year| other.years.contains(year)) {
                    return Err(YearError::Twice { year, first: set.id.clone(), second: other.id.clone() });
                }
            }
        }
        Ok(Self(sets))
    }

    /// All rule sets, the oldest first.
    pub fn sets(&self) -> &[RuleSet] {
        &self.0
    }

    /// All years that have a method, in order.
    pub fn years(&self) -> Vec<u16> {
        let mut years: Vec<u16> = self.0.iter().flat_map(|set| set.years.iter().copied()).collect();
        years.sort_unstable();
        years
    }

    /// The method of a year.
    ///
    /// # Errors
    /// [`YearError`], which names the years there are.
    pub fn of_year(&self, year: u16) -> Result<Method<'_>, YearError> {
        if let Some(rules) = self.0.iter().find(|set| set.years.contains(&year)) {
            return Ok(Method { rules, year });
        }
        let known = self.years().iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let gap = self.0.iter().flat_map(|set| &set.gaps).find(|gap| gap.year == year);
        Err(match gap {
            Some(gap) => YearError::NotAssessed { year, reason: gap.reason.clone(), known },
            None if year < FIRST => YearError::Before { year, known },
            None => YearError::Unknown { year, known },
        })
    }
}

impl<'a> Method<'a> {
    /// What a score is called. It is rounded to two decimals first, halves up.
    ///
    /// # Errors
    /// Where the score is off the scale.
    pub fn place(self, score: Exact) -> Result<Placed, PlaceError> {
        let maximum = self.rules.maximum.value;
        let rounded = score.rounded()?;
        let band = self.band(rounded).filter(|_| !score.is_negative() && score <= maximum.exact());
        match band {
            Some(band) => Ok(self.placed(band, rounded)),
            None => Err(PlaceError::OffScale { score: score.to_string(), year: self.year, maximum }),
        }
    }

    /// The band that a score falls into; none off the scale.
    pub fn band(self, score: Score) -> Option<&'a Band> {
        self.rules.bands.iter().find(|band| band.from <= score && score <= band.to)
    }

    /// The band above the one that a score falls into; none in the highest, and off the scale.
    pub fn next_band(self, score: Score) -> Option<&'a Band> {
        let at = self.rules.bands.iter().position(|band| band.from <= score && score <= band.to)?;
        self.rules.bands.get(at.checked_sub(1)?)
    }

    fn placed(self, band: &Band, score: Score) -> Placed {
        let limits = format!("{}-{}", band.from, band.to);
        let mut assumed = Vec::new();
        let mut note = |what, why: Option<String>| {
            assumed.extend(why.map(|why| Assumption::new(what, &limits, why)));
        };
        let between =
            band.printed_to.filter(|printed| score > *printed && !band.exact_in.contains(&self.year));
        note(Assumed::Limits, band.source.assumption(self.year, &band.assumed_in));
        note(Assumed::Between, between.map(|printed| between_whole_limits(self.year, printed)));
        let origin = |origin: &Option<Origin>| origin.as_ref()?.assumption(self.year, &[]);
        note(Assumed::Zone, origin(&band.zone_source));
        note(Assumed::Opinion, origin(&band.opinion_source));
        Placed { category: band.category.clone(), zone: band.zone, opinion: band.opinion.clone(), assumed }
    }
}

fn between_whole_limits(year: u16, printed: Score) -> String {
    format!(
        "the limits of {year} were printed in whole numbers; what lies above {printed} and below the next one is \
         counted to the lower band"
    )
}
