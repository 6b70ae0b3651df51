//! The score of a government from the scores of its units.

use std::collections::BTreeSet;

use super::assumption::{Assumed, Assumption};
use super::exact::{Exact, FigureError};
use super::mean::{mean_of, published};
use super::methods::{Method, PlaceError};
use super::result::{Counted, DimensionMean, GovernmentScore, UnitLine, UnitScore, UnitState, Value};
use super::rules::MeanOver;

/// A unit that a government has.
#[derive(Debug, Clone, Copy)]
pub struct UnitOf<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its score.
    pub score: &'a UnitScore,
}

/// Scores a government. Its mean is taken over what its units' scores show, two decimals, as published results do.
///
/// # Errors
/// Where the figures are too long to reckon exactly.
pub fn score_government(
    method: Method<'_>,
    name: &str,
    province: &str,
    units: &[UnitOf<'_>],
) -> Result<GovernmentScore, PlaceError> {
    let lines: Vec<UnitLine> = units.iter().map(|unit| line(method, unit)).collect();
    let counting: Vec<&UnitOf<'_>> = units
        .iter()
        .zip(&lines)
        .filter(|(_, line)| line.counted == Counted::Yes)
        .map(|(unit, _)| unit)
        .collect();
    let scores: Vec<Exact> = counting.iter().flat_map(|unit| counted_scores(method, unit.score)).collect();
    let left_out = lines.iter().filter(|line| line.counted == Counted::NotAssessed).count();
    let mean = mean_of(method.rules, &scores, left_out)?;
    let value = match mean {
        Some(exact) => Some(Value { shown: published(method.rules, exact)?, exact }),
        None => None,
    };
    let placed = value.map(|value| method.place(value.shown.exact())).transpose()?;
    let mut assumed: BTreeSet<Assumption> =
        counting.iter().flat_map(|unit| unit.score.assumed.iter().cloned()).collect();
    assumed.retain(|note| {
        !matches!(note.what, Assumed::Limits | Assumed::Between | Assumed::Zone | Assumed::Opinion)
    });
    assumed.extend(placed.iter().flat_map(|placed| placed.assumed.iter().cloned()));
    let mean_rule = &method.rules.mean;
    let over = mean_rule.over.assumption(method.year);
    assumed.extend(over.map(|why| Assumption::new(Assumed::MeanOver, "", why)));
    if left_out > 0 {
        let why = mean_rule.not_assessed.assumption(method.year);
        assumed.extend(why.map(|why| Assumption::new(Assumed::NotAssessed, "", why)));
    }
    Ok(GovernmentScore {
        name: name.to_owned(),
        province: province.to_owned(),
        rules: method.rules.id.clone(),
        year: method.year,
        value,
        placed,
        counted: scores.len(),
        dimensions: dimension_means(method, &counting)?,
        provisional: counting.iter().any(|unit| unit.score.provisional),
        partial: counting.iter().any(|unit| matches!(unit.score.state, UnitState::Partial { .. })),
        interviews: units.iter().map(|unit| unit.score.interviews).sum(),
        units: lines,
        assumed: assumed.into_iter().collect(),
    })
}

/// What of a unit goes into its government's mean: its score, or those of its products.
pub fn counted_scores(method: Method<'_>, unit: &UnitScore) -> Vec<Exact> {
    match method.rules.mean.over.value {
        MeanOver::Units => unit.value.iter().map(|value| value.shown.exact()).collect(),
        MeanOver::Products => unit.products.iter().map(|product| product.value.shown.exact()).collect(),
    }
}

/// Whether a unit of this kind is in its government's mean.
pub fn counts(method: Method<'_>, kind: &str, score: &UnitScore) -> Counted {
    match (&score.state, score.value) {
        (UnitState::NotAssessed { .. }, _) => Counted::NotAssessed,
        (_, None) => Counted::Empty,
        (_, Some(_)) if method.rules.units.apart.value.iter().any(|apart| apart == kind) => Counted::Apart,
        (_, Some(_)) => Counted::Yes,
    }
}

fn line(method: Method<'_>, unit: &UnitOf<'_>) -> UnitLine {
    let score = unit.score;
    let dimensions = score.dimensions.iter().map(|of| DimensionMean {
        id: of.id.clone(),
        name: of.name.clone(),
        name_en: of.name_en.clone(),
        value: of.value,
    });
    UnitLine {
        id: unit.id.to_owned(),
        name: unit.name.to_owned(),
        kind: unit.kind.to_owned(),
        value: score.value,
        placed: score.placed.clone(),
        counted: counts(method, unit.kind, score),
        state: score.state.clone(),
        provisional: score.provisional,
        interviews: score.interviews,
        refused: score.refused,
        dimensions: dimensions.collect(),
    }
}

fn dimension_means(method: Method<'_>, units: &[&UnitOf<'_>]) -> Result<Vec<DimensionMean>, FigureError> {
    let means = method.rules.dimensions.iter().map(|rule| {
        let values: Vec<Exact> = units
            .iter()
            .flat_map(|unit| &unit.score.dimensions)
            .filter(|dimension| dimension.id == rule.id)
            // What is shown of each unit, so that a reader can reckon it again.
            .filter_map(|dimension| Some(dimension.value?.shown.exact()))
            .collect();
        let mean = Exact::sum(values.iter().copied())?.over(Exact::count(values.len()))?;
        Ok(DimensionMean {
            id: rule.id.clone(),
            name: rule.name.clone(),
            name_en: rule.name_en.clone(),
            value: mean.map(Value::of).transpose()?,
        })
    });
    means.collect()
}
