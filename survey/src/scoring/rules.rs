//! A rule set: how one method of assessment turns answers into scores, as data.
//!
//! The files stand in `public/methods/*.toml`; [`super::read`] reads and checks them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::exact::{Exact, Score};
use super::origin::{Origin, Sourced};

/// One method of assessment, in force in some years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Short name: `2022-2024`.
    pub id: String,
    /// What the assessment was called.
    pub title: String,
    /// The years it was in force.
    pub years: Vec<u16>,
    /// The highest score there is.
    pub maximum: Sourced<Score>,
    /// How many interviews with citizens are wanted of each government.
    pub interviews: Sourced<u16>,
    /// How a government's score comes about.
    pub mean: Mean,
    /// How answers become marks.
    pub marks: Marks,
    /// What tells that a unit could not be assessed.
    pub visit: Visit,
    /// Which units count.
    pub units: Units,
    /// What a score is called, from the highest band down.
    pub bands: Vec<Band>,
    /// What the score is made of.
    pub dimensions: Vec<Dimension>,
    /// Words that an opinion may get behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<Suffix>,
    /// Rules that change a result afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// Years around it in which nothing was assessed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// What the sources leave open, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// Every source by the name that the figures use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, String>,
}

/// How a government's score comes about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mean {
    /// What the plain mean is taken over.
    pub over: Sourced<MeanOver>,
    /// How it is rounded.
    pub rounding: Sourced<Rounding>,
    /// What becomes of units that were not assessed.
    pub not_assessed: Sourced<Missing>,
    /// The repeat of the visit's form whose rows are the products.
    pub product_rows: String,
}

/// What a mean is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeanOver {
    /// Over units.
    Units,
    /// Over all products of all units.
    Products,
}

/// How a result is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To two decimals, halves up.
    HalfUpToHundredths,
}

/// What becomes of something that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The rest counts alone.
    LeftOut,
    /// It counts as nothing achieved.
    Zero,
}

/// How answers become marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// The mark that is worth everything; a choice's mark is divided by it.
    pub top: Sourced<Exact>,
    /// How a list of ticks is worth something.
    pub ticks: Sourced<Ticks>,
    /// What several answers to one indicator (questions, rows, interviews) come to.
    pub several: Sourced<Several>,
    /// What becomes of an indicator that nobody answered.
    pub unanswered: Sourced<Missing>,
}

/// How a list of ticks is worth something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ticks {
    /// The marks ticked by the marks that the list offered.
    ShareOfOffered,
}

/// What several answers come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Several {
    /// Their mean.
    Mean,
}

/// What tells that a unit could not be assessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// The question.
    pub question: String,
    /// The answer that says it could not.
    pub answer: String,
    /// The question that says why.
    pub reason: String,
}

/// Which units count towards a government's score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// Kinds that the sources name; others count, too.
    pub named: Sourced<Vec<String>>,
    /// Kinds that are scored, but not in the score of the place where they stand.
    pub apart: Sourced<Vec<String>>,
}

/// What scores in a range are called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// `A` to `E`, or the word for the quality, where the method has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The zone.
    pub zone: Zone,
    /// Why the zone is assumed, where the method itself names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_source: Option<Origin>,
    /// The opinion's name, where the method has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<String>,
    /// Where the opinion's name is from, if not from the band's source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion_source: Option<Origin>,
    /// The lowest score.
    pub from: Score,
    /// The highest score.
    pub to: Score,
    /// The highest score as it was printed, where that was a whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printed_to: Option<Score>,
    /// Years in which the limits were printed in hundredths all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exact_in: Vec<u16>,
    /// Where the limits are from.
    pub source: Origin,
    /// Years in which they are taken over without a source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed_in: Vec<u16>,
}

/// The three zones, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// Red.
    Merah,
    /// Yellow.
    Kuning,
    /// Green.
    Hijau,
}

/// A part of the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// The word of the workbooks' column `dimension`.
    pub id: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Per cent of the whole.
    pub weight: Sourced<Exact>,
    /// True where citizens' interviews make it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub perception: bool,
    /// How its indicators weigh among each other.
    pub indicator_weights: Sourced<WeightsBy>,
    /// What it is made of.
    pub variables: Vec<Variable>,
}

/// How indicators weigh among each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightsBy {
    /// Each has a weight in per cent of the dimension; they sum to 100.
    Percent,
    /// Each weighs its share of the sum of shares.
    Shares,
}

/// Indicators that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Short name within the dimension.
    pub id: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// What it is made of.
    pub indicators: Vec<Indicator>,
}

/// What is marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// The code of the workbooks' column `indicator`.
    pub code: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Its weight, see [`Dimension::indicator_weights`].
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: Exact,
    /// Codes of the workbooks that are read for it; its own code where none stand here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// Where the indicator and its weight are from.
    pub source: Origin,
}

/// Words that an opinion may get behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suffix {
    /// The words.
    pub text: String,
    /// When.
    pub when: String,
    /// Where that is from.
    pub source: Origin,
}

/// A rule that changes a result afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// Short name.
    pub id: String,
    /// When it holds and what it does.
    pub what: String,
    /// The years in which it is known.
    pub years: Vec<u16>,
    /// Points taken off; none where the amount is not known, and then nothing is taken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Exact>,
    /// Where it is from.
    pub source: Origin,
}

/// A year in which nothing was assessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The year.
    pub year: u16,
    /// Why.
    pub reason: String,
    /// Where that is from.
    pub source: Origin,
}

impl RuleSet {
    /// All indicators with their dimension and variable, in order.
    pub fn indicators(&self) -> impl Iterator<Item = (&Dimension, &Variable, &Indicator)> {
        self.dimensions.iter().flat_map(|dimension| {
            dimension.variables.iter().flat_map(move |variable| {
                variable.indicators.iter().map(move |indicator| (dimension, variable, indicator))
            })
        })
    }
}

impl Dimension {
    /// All its indicators, in order.
    pub fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        self.variables.iter().flat_map(|variable| &variable.indicators)
    }
}

impl Indicator {
    /// True where answers to the workbooks' indicator `code` count for it.
    pub fn reads(&self, code: &str) -> bool {
        if self.reads.is_empty() { self.code == code } else { self.reads.iter().any(|read| read == code) }
    }

    /// The codes of the workbooks that count for it.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let own = self.reads.is_empty().then_some(self.code.as_str());
        own.into_iter().chain(self.reads.iter().map(String::as_str))
    }
}

impl Zone {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merah => "merah",
            Self::Kuning => "kuning",
            Self::Hijau => "hijau",
        }
    }
}

fn one() -> Exact {
    Exact::ONE
}

fn is_one(weight: &Exact) -> bool {
    *weight == Exact::ONE
}
