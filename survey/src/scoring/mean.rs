//! A government's score: the plain mean of what was scored, rounded once.

use super::exact::{Exact, FigureError, Score};
use super::rules::{Missing, Rounding, RuleSet};

/// The mean of `scores` under a rule set, `not_assessed` more being without a score; none where
/// nothing was scored.
///
/// # Errors
/// Where the figures are too long.
pub fn mean_of(rules: &RuleSet, scores: &[Exact], not_assessed: usize) -> Result<Option<Exact>, FigureError> {
    let count = match rules.mean.not_assessed.value {
        Missing::LeftOut => scores.len(),
        Missing::Zero if scores.is_empty() => 0,
        Missing::Zero => scores.len().saturating_add(not_assessed),
    };
    Exact::sum(scores.iter().copied())?.over(Exact::count(count))
}

/// A figure rounded as the rule set says.
///
/// # Errors
/// Where the figure is too long.
pub fn published(rules: &RuleSet, exact: Exact) -> Result<Score, FigureError> {
    match rules.mean.rounding.value {
        Rounding::HalfUpToHundredths => exact.rounded(),
    }
}
