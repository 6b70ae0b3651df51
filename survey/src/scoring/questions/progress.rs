//! *Are we getting there?* The list that would lift a government, followed through its own assessments over the months.
//!
//! An office assesses itself by the same instrument and the same rules; its rounds stand beside the Ombudsman's, and are
//! never mixed with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lift::{Candidate, Lift};
use crate::scoring::exact::Score;
use crate::scoring::result::{UnitScore, Value};

/// A list to work off, and how far one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The round that the list was made from.
    pub from: String,
    /// Where one stood then.
    pub then: Value,
    /// The target.
    pub target: Score,
    /// Whether the list reaches it.
    pub reaches: bool,
    /// The own rounds after it, in the order in which they were opened, with what each came to.
    pub rounds: Vec<Later>,
    /// The list, the largest gain first.
    pub steps: Vec<Step>,
    /// Steps that stand at full marks in the last round that has an answer.
    pub done: usize,
}

/// A later round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    /// The round.
    pub round: String,
    /// The government's score in it; none where nothing was answered.
    pub value: Option<Value>,
}

/// One step of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is to be mended, and where it stood.
    pub candidate: Candidate,
    /// What it stood at in each later round; none where nobody answered it.
    pub later: Vec<Option<Score>>,
    /// It stands at full marks in the last round that has an answer.
    pub done: bool,
}

/// A round as it is followed.
#[derive(Debug)]
pub struct Round<'a> {
    /// The round.
    pub round: &'a str,
    /// The government's score in it.
    pub value: Option<Value>,
    /// Its units' scores, by id.
    pub units: BTreeMap<&'a str, &'a UnitScore>,
}

/// Follows `list`, made from the round `from`, through later rounds.
pub fn progress(from: &str, list: Lift, later: &[Round<'_>]) -> Progress {
    let follow = |candidate: Candidate| {
        let at = |round: &Round<'_>| marked(round.units.get(candidate.unit.as_str())?, &candidate.code);
        let later: Vec<Option<Score>> = later.iter().map(at).collect();
        let newest = later.iter().rev().flatten().next();
        let done = newest.is_some_and(|score| *score == Score::hundredths(10_000));
        Step { candidate, later, done }
    };
    let steps: Vec<Step> = list.set.into_iter().map(follow).collect();
    Progress {
        from: from.to_owned(),
        then: list.now,
        target: list.target,
        reaches: list.reaches,
        rounds: later
            .iter()
            .map(|round| Later { round: round.round.to_owned(), value: round.value })
            .collect(),
        done: steps.iter().filter(|step| step.done).count(),
        steps,
    }
}

/// What an indicator of a unit stands at.
fn marked(score: &UnitScore, code: &str) -> Option<Score> {
    let variables = score.dimensions.iter().flat_map(|dimension| &dimension.variables);
    let mut indicators = variables.flat_map(|variable| &variable.indicators);
    indicators.find(|indicator| indicator.code == code)?.value.map(|value| value.shown)
}
