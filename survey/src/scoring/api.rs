//! The JSON that server and app exchange about scores, and that the commands print.

use serde::{Deserialize, Serialize};

use super::assumption::Assumption;
use super::exact::Score;
use super::interval::Interval;
use super::level::Level;
use super::methods::Placed;
use super::questions::standing::{Rank, Standing};
use super::result::{GovernmentScore, UnitScore, Value};
use super::skm::SkmIndex;
use crate::path::Path;

/// Which round was scored by which method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredBy {
    /// The round.
    pub round: String,
    /// The year whose method holds.
    pub year: u16,
    /// The rule set: `2022-2024`.
    pub rules: String,
    /// What the assessment was called.
    pub title: String,
    /// Why this year's method was taken.
    pub chosen: Chosen,
    /// The last change of the log that is counted.
    pub upto: u64,
}

/// Why a method was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// It was asked for.
    Asked,
    /// The round's name begins with its year.
    Round,
    /// The round's year has no rule set: the newest one that the workbooks can answer stands in.
    Newest,
}

/// `GET /api/v1/scores?round=&method=`: every government that the device may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scores {
    /// What was scored, and how.
    pub by: ScoredBy,
    /// The best first; those without a score at the end, by name.
    pub governments: Vec<GovernmentLine>,
}

/// A government in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GovernmentLine {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub province: String,
    /// Its score.
    pub value: Option<Value>,
    /// What it is called.
    pub placed: Option<Placed>,
    /// What kind of government it is.
    pub level: Level,
    /// Place among all of its kind.
    pub rank: Option<Rank>,
    /// What was averaged.
    pub counted: usize,
    /// Its units.
    pub units: usize,
    /// Some unit's score may change.
    pub provisional: bool,
    /// Some unit lacks a dimension.
    pub partial: bool,
    /// Interviews that were counted.
    pub interviews: usize,
    /// Whether anything in it is assumed; what, its page says.
    pub assumed: bool,
}

/// `GET /api/v1/scores/government?name=&province=&round=&method=&target=`: where do we stand, how sure is it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GovernmentPage {
    /// What was scored, and how.
    pub by: ScoredBy,
    /// The score with dimensions and units.
    pub government: GovernmentScore,
    /// Rank, next band, target.
    pub standing: Standing,
    /// How sure this is.
    pub sure: Sure,
    /// The satisfaction index over all its interviews: another survey's formula, never to be mixed up.
    pub skm: SkmIndex,
    /// What was published about it, kept apart from what is reckoned here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<Published>,
}

/// `GET /api/v1/scores/unit/{id}?round=&method=`: a unit, every number down to its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitPage {
    /// What was scored, and how.
    pub by: ScoredBy,
    /// The unit's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its government.
    pub government: String,
    /// Where it lies.
    pub province: String,
    /// The score, opened down to the answers.
    pub score: UnitScore,
    /// How sure this is.
    pub sure: Sure,
    /// The satisfaction index of its interviews.
    pub skm: SkmIndex,
    /// What was asked and answered, as people read it, for each answer that the score opens down to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spoken: Vec<Spoken>,
}

/// An answer in words, in both languages of the assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// The record.
    pub record: String,
    /// Where in it.
    pub path: Path,
    /// In Indonesian.
    pub id: InWords,
    /// In English.
    pub en: InWords,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InWords {
    /// The question's label, behind those of the groups and rows it stands in: `Produk 2 › 1. Persyaratan › Di loket`.
    pub question: String,
    /// The labels of what was chosen.
    pub answer: String,
}

/// How sure a score is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sure {
    /// Interviews that were counted.
    pub interviews: usize,
    /// Interviews that the method wants of a government (30).
    pub target: usize,
    /// Interviews in which the person did not agree.
    pub refused: usize,
    /// Interval of the perception part; none with fewer than two interviews.
    pub interval: Option<Interval>,
    /// Units whose visit is not closed.
    pub open_visits: usize,
    /// Answers that two people gave differently and nobody has chosen between.
    pub clashes: usize,
    /// Units without any counted answer.
    pub empty_units: usize,
    /// Records that a coordinator found in order.
    pub approval: Approval,
}

/// How many records a coordinator looked through and found in order, as they stand now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Records that count: visits, and interviews that were closed.
    pub records: usize,
    /// Those of them that were approved and did not change since.
    pub approved: usize,
}

/// `loket red`: the units of a round that stand in the lowest zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Red {
    /// What was scored, and how.
    pub by: ScoredBy,
    /// The lowest score first.
    pub units: Vec<RedUnit>,
}

/// A unit in the lowest zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedUnit {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its government.
    pub government: String,
    /// Where it lies.
    pub province: String,
    /// Its score.
    pub value: Value,
    /// What that is called.
    pub placed: Placed,
    /// Its score may change.
    pub provisional: bool,
}

/// A result as somebody published it: not reckoned by Loket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The year of the assessment.
    pub year: u16,
    /// `kota`, `kabupaten`, `provinsi`, `kementerian`, `unit`.
    pub level: String,
    /// Whose result it is.
    pub entity: String,
    /// What it belongs to: a province, a government.
    pub parent: String,
    /// The score.
    pub score: Score,
    /// What it is called by the year's method; none where that cannot be said.
    pub placed: Option<Placed>,
    /// The words that the source used, `""` where it gave only the figure.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// Where it was published.
    pub source: String,
}

/// `GET /api/v1/published?entity=&year=`: published results.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedList {
    /// By year, parent and entity.
    pub results: Vec<Published>,
}

/// `GET /api/v1/methods/{year}` answers a [`super::rules::RuleSet`]; this is one line of `GET /api/v1/methods`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodLine {
    /// The rule set.
    pub rules: String,
    /// What the assessment was called.
    pub title: String,
    /// Its years.
    pub years: Vec<u16>,
    /// What the sources leave open.
    pub open: Vec<String>,
    /// What in its bands is assumed.
    pub assumed: Vec<Assumption>,
}
