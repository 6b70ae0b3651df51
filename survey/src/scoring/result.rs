//! Scores as they are shown and sent: every number with what it is made of, down to the answers.

use serde::{Deserialize, Serialize};

use super::assumption::Assumption;
use super::evidence::{Reading, Unmarked};
use super::exact::{Exact, FigureError, Score};
use super::methods::Placed;

/// A figure as it is shown, and exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Value {
    /// Two decimals, halves up.
    pub shown: Score,
    /// Not rounded.
    pub exact: Exact,
}

/// How far a unit's score can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum UnitState {
    /// Every dimension has answers.
    Whole,
    /// Some dimensions have none: the rest counts alone, by weight.
    Partial {
        /// Ids of the dimensions without answers.
        missing: Vec<String>,
    },
    /// The visit says that the unit could not be assessed.
    NotAssessed {
        /// The choice that says why, `""` where none was made.
        reason: String,
    },
    /// Nobody answered anything that counts.
    Empty,
}

/// The score of one unit under one method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitScore {
    /// The rule set: `2022-2024`.
    pub rules: String,
    /// The year whose method holds.
    pub year: u16,
    /// How far it can be relied on.
    pub state: UnitState,
    /// The visit is not closed, or there is none: the figure may change.
    pub provisional: bool,
    /// The score; none where nothing was answered, or the unit was not assessed.
    pub value: Option<Value>,
    /// What it is called.
    pub placed: Option<Placed>,
    /// What it is made of. Where the mean is over products: all products together, to look at.
    pub dimensions: Vec<DimensionScore>,
    /// Each product apart, where the mean is over products.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<ProductScore>,
    /// Interviews that were counted.
    pub interviews: usize,
    /// Interviews in which the person did not agree to be asked; they count for nothing.
    pub refused: usize,
    /// What in this is assumed, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Assumption>,
}

/// One product under a method whose mean is over products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductScore {
    /// The row of the visit's form.
    pub row: String,
    /// Its score.
    pub value: Value,
    /// What it is made of.
    pub dimensions: Vec<DimensionScore>,
}

/// One dimension, of 0 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DimensionScore {
    /// Its id: `input`.
    pub id: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Per cent of the whole, by the rule set.
    pub weight: Exact,
    /// True where citizens' interviews make it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub perception: bool,
    /// 0 to 100; none where nobody answered.
    pub value: Option<Value>,
    /// Points of the unit's score that it brings; none where nobody answered.
    pub points: Option<Value>,
    /// What it is made of.
    pub variables: Vec<VariableScore>,
}

/// One variable, of 0 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableScore {
    /// Its id within the dimension.
    pub id: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// 0 to 100; none where nobody answered.
    pub value: Option<Value>,
    /// What it is made of.
    pub indicators: Vec<IndicatorScore>,
}

/// One indicator, of 0 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorScore {
    /// Its code: `pr-01`.
    pub code: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Per cent of its dimension, by the rule set.
    pub weight: Exact,
    /// 0 to 100; none where nobody answered.
    pub value: Option<Value>,
    /// Points of the unit's score that full marks here would add; 0 at full marks, none where nobody answered.
    pub lacking: Option<Exact>,
    /// Answers that were counted.
    pub answers: usize,
    /// What in it is assumed, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Assumption>,
    /// The answers, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Used>,
    /// Questions without a mark, where the answers were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmarked: Vec<Left>,
}

/// An answer that was counted, and in which record it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// The record's id.
    pub record: String,
    /// The answer.
    pub reading: Reading,
}

/// A question without a mark, and in which record it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The record's id.
    pub record: String,
    /// The question.
    pub question: Unmarked,
}

/// Why a unit is not in its government's mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// It is.
    Yes,
    /// Its kind is scored by itself.
    Apart,
    /// It could not be assessed.
    NotAssessed,
    /// Nobody answered anything that counts.
    Empty,
}

/// A unit as its government's score sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind: `dukcapil`.
    pub kind: String,
    /// Its score.
    pub value: Option<Value>,
    /// What it is called.
    pub placed: Option<Placed>,
    /// Whether it counts.
    pub counted: Counted,
    /// How far its score can be relied on.
    pub state: UnitState,
    /// Its visit is not closed.
    pub provisional: bool,
    /// Interviews that were counted.
    pub interviews: usize,
    /// Interviews in which the person did not agree.
    pub refused: usize,
    /// Each dimension of 0 to 100, by id.
    pub dimensions: Vec<DimensionMean>,
}

/// A dimension without what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DimensionMean {
    /// Its id.
    pub id: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// 0 to 100; none where nobody answered.
    pub value: Option<Value>,
}

/// The score of a city, regency, province, ministry or agency under one method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GovernmentScore {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub province: String,
    /// The rule set.
    pub rules: String,
    /// The year whose method holds.
    pub year: u16,
    /// The score; none where no unit was scored.
    pub value: Option<Value>,
    /// What it is called.
    pub placed: Option<Placed>,
    /// What was averaged: units, or products.
    pub counted: usize,
    /// Mean of each dimension over the units that count.
    pub dimensions: Vec<DimensionMean>,
    /// All its units.
    pub units: Vec<UnitLine>,
    /// Some unit's score may change.
    pub provisional: bool,
    /// Some unit that counts lacks a dimension.
    pub partial: bool,
    /// Interviews that were counted.
    pub interviews: usize,
    /// What in this is assumed, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Assumption>,
}

impl Value {
    /// Of an exact figure.
    ///
    /// # Errors
    /// Where it is too long.
    pub fn of(exact: Exact) -> Result<Self, FigureError> {
        Ok(Self { shown: exact.rounded()?, exact })
    }
}
