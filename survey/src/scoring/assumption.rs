//! What a score rests on that no source says; shown wherever the score is.

use serde::{Deserialize, Serialize};

/// One assumption.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Assumption {
    /// What is assumed.
    pub what: Assumed,
    /// Of which part: a dimension's id, an indicator's code, a band's limits; `""` where it holds for all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of: String,
    /// Why this was taken, as the rule set says it; `""` where nothing is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What may be assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Assumed {
    /// The limits of a band.
    Limits,
    /// To which band a score between two whole-number limits belongs.
    Between,
    /// The zone of a band.
    Zone,
    /// The opinion's name.
    Opinion,
    /// The highest score.
    Maximum,
    /// What the mean is taken over.
    MeanOver,
    /// What becomes of what was not assessed.
    NotAssessed,
    /// A dimension's weight.
    Weight,
    /// The weights within a dimension.
    IndicatorWeights,
    /// That an indicator counts, or its weight.
    Indicator,
    /// Marks of choices, by the instrument.
    Marks,
    /// The top mark.
    TopMark,
    /// How ticks count.
    Ticks,
    /// How several answers meet.
    Several,
    /// How unanswered indicators count.
    Unanswered,
    /// Formula or table of the satisfaction index.
    Index,
}

impl Assumption {
    /// That something is assumed.
    pub fn new(what: Assumed, of: &str, why: impl Into<String>) -> Self {
        Self { what, of: of.to_owned(), why: why.into() }
    }
}
