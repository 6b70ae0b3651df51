//! The score of one unit from what its records say, with everything it is made of.

use std::collections::{BTreeMap, BTreeSet};

use super::assumption::{Assumed, Assumption};
use super::evidence::{Evidence, Reading, Unmarked};
use super::exact::{Exact, FigureError};
use super::methods::{Method, PlaceError};
use super::result::{
    DimensionScore, IndicatorScore, Left, ProductScore, UnitScore, UnitState, Used, Value, VariableScore,
};
use super::rules::{Dimension, Indicator, MeanOver, Missing, Variable, WeightsBy};

/// A record of a unit and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The record's id.
    pub record: &'a str,
    /// What it says.
    pub evidence: &'a Evidence,
}

/// All that was recorded of one unit in one round.
#[derive(Debug, Clone, Default)]
pub struct UnitRecords<'a> {
    /// The visit; none where nobody began one.
    pub visit: Option<Said<'a>>,
    /// The visit was closed.
    pub visit_closed: bool,
    /// Interviews that were closed and not withdrawn, in any order.
    pub interviews: Vec<Said<'a>>,
}

/// How deep a score is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Down to indicators: for lists of many units.
    Indicators,
    /// Down to every answer.
    Answers,
}

/// Scores one unit.
///
/// # Errors
/// Where the figures are too long to reckon exactly.
pub fn score_unit(method: Method<'_>, of: &UnitRecords<'_>, depth: Depth) -> Result<UnitScore, PlaceError> {
    let refused = of.interviews.iter().filter(|said| said.evidence.refused).count();
    let mut score = UnitScore {
        rules: method.rules.id.clone(),
        year: method.year,
        state: UnitState::Empty,
        provisional: !of.visit_closed,
        value: None,
        placed: None,
        dimensions: Vec::new(),
        products: Vec::new(),
        interviews: of.interviews.len() - refused,
        refused,
        assumed: Vec::new(),
    };
    if let Some(reason) = not_assessed(method, of) {
        score.state = UnitState::NotAssessed { reason };
        return Ok(score);
    }
    let pool = Pool::of(of);
    let maker = Maker { method, depth };
    let whole = maker.whole(&pool, None)?;
    score.dimensions = whole.dimensions;
    if pool.by_code.is_empty() {
        return Ok(score);
    }
    let mut missing = whole.missing;
    score.value = whole.value.map(Value::of).transpose()?;
    if method.rules.mean.over.value == MeanOver::Products {
        let mut values = Vec::new();
        for row in pool.rows(&method.rules.mean.product_rows) {
            let product = maker.whole(&pool, Some(&row))?;
            missing.extend(product.missing);
            if let Some(value) = product.value {
                values.push(value);
                let value = Value::of(value)?;
                score.products.push(ProductScore { row, value, dimensions: product.dimensions });
            }
        }
        let mean = Exact::sum(values.iter().copied())?.over(Exact::count(values.len()))?;
        score.value = mean.map(Value::of).transpose()?;
    }
    score.placed = score.value.map(|value| method.place(value.exact)).transpose()?;
    score.assumed = assumed(method, &score, &pool);
    missing.dedup();
    score.state = match (score.value, missing.is_empty()) {
        (None, _) => UnitState::Empty,
        (Some(_), true) => UnitState::Whole,
        (Some(_), false) => UnitState::Partial { missing },
    };
    Ok(score)
}

fn not_assessed(method: Method<'_>, of: &UnitRecords<'_>) -> Option<String> {
    let (visit, rule) = (of.visit?.evidence, &method.rules.visit);
    let told = visit.told.get(&rule.question)?;
    (*told == rule.answer).then(|| visit.told.get(&rule.reason).cloned().unwrap_or_default())
}

/// Everything said of a unit, by indicator.
struct Pool<'a> {
    by_code: BTreeMap<&'a str, Vec<(&'a str, &'a Reading)>>,
    unmarked: BTreeMap<&'a str, Vec<(&'a str, &'a Unmarked)>>,
}

impl<'a> Pool<'a> {
    fn of(records: &UnitRecords<'a>) -> Self {
        let mut said: Vec<_> = records.interviews.clone();
        // Merged in any order, the records are the same.
        said.sort_by(|a, b| a.record.cmp(b.record));
        let mut pool = Self { by_code: BTreeMap::new(), unmarked: BTreeMap::new() };
        for Said { record, evidence } in records.visit.into_iter().chain(said) {
            for reading in &evidence.readings {
                pool.by_code.entry(&reading.code).or_default().push((record, reading));
            }
            for question in &evidence.unmarked {
                pool.unmarked.entry(&question.code).or_default().push((record, question));
            }
        }
        pool
    }

    /// The rows of a repeat that any counted answer stands in, in order of their names.
    fn rows(&self, repeat: &str) -> BTreeSet<String> {
        let readings = self.by_code.values().flatten();
        readings.filter_map(|(_, reading)| row_of(reading, repeat).map(str::to_owned)).collect()
    }
}

/// The row of `repeat` that a reading stands in.
fn row_of<'r>(reading: &'r Reading, repeat: &str) -> Option<&'r str> {
    reading.path.steps().find(|step| step.name == repeat)?.row
}

/// Makes the parts of a score.
struct Maker<'a> {
    method: Method<'a>,
    depth: Depth,
}

/// A score put together.
struct Whole {
    value: Option<Exact>,
    dimensions: Vec<DimensionScore>,
    missing: Vec<String>,
}

impl Maker<'_> {
    /// All answers together, or those of one product with those that belong to no product.
    fn whole(&self, pool: &Pool<'_>, row: Option<&str>) -> Result<Whole, FigureError> {
        let rules = self.method.rules;
        let mut dimensions =
            rules.dimensions.iter().map(|of| self.dimension(of, pool, row)).collect::<Result<Vec<_>, _>>()?;
        let present = |dimension: &DimensionScore| Some((dimension.weight, dimension.value?.exact));
        let mean = weighted_mean(dimensions.iter().filter_map(present))?;
        let scale = rules.maximum.value.exact().over(Exact::HUNDRED)?.unwrap_or(Exact::ONE);
        let weight = Exact::sum(dimensions.iter().filter_map(present).map(|(weight, _)| weight))?;
        for dimension in &mut dimensions {
            // Points of the whole that one point of this dimension brings.
            let Some(share) = dimension.weight.over(weight)? else { continue };
            let share = share.times(scale)?;
            let points = dimension.value.map(|value| value.exact.times(share).and_then(Value::of));
            dimension.points = points.transpose()?;
            for indicator in dimension.variables.iter_mut().flat_map(|variable| &mut variable.indicators) {
                indicator.lacking = indicator.lacking.map(|lacking| lacking.times(share)).transpose()?;
            }
        }
        let missing =
            dimensions.iter().filter(|dimension| dimension.value.is_none()).map(|of| of.id.clone()).collect();
        let value = mean.map(|mean| mean.times(scale)).transpose()?;
        Ok(Whole { value, dimensions, missing })
    }

    fn dimension(
        &self,
        of: &Dimension,
        pool: &Pool<'_>,
        row: Option<&str>,
    ) -> Result<DimensionScore, FigureError> {
        let shares = Exact::sum(of.indicators().map(|indicator| indicator.weight))?;
        let mut variables = of
            .variables
            .iter()
            .map(|variable| self.variable(of, variable, shares, pool, row))
            .collect::<Result<Vec<_>, _>>()?;
        let indicators = || variables.iter().flat_map(|variable| &variable.indicators);
        let present = |of: &IndicatorScore| Some((of.weight, of.value?.exact));
        let value = weighted_mean(indicators().filter_map(present))?;
        let weight = Exact::sum(indicators().filter_map(present).map(|(weight, _)| weight))?;
        for indicator in variables.iter_mut().flat_map(|variable| &mut variable.indicators) {
            if let (Some(value), Some(share)) = (indicator.value, indicator.weight.over(weight)?) {
                indicator.lacking = Some(Exact::HUNDRED.minus(value.exact)?.times(share)?);
            }
        }
        Ok(DimensionScore {
            id: of.id.clone(),
            name: of.name.clone(),
            name_en: of.name_en.clone(),
            weight: of.weight.value,
            perception: of.perception,
            value: value.map(Value::of).transpose()?,
            points: None,
            variables,
        })
    }

    fn variable(
        &self,
        dimension: &Dimension,
        of: &Variable,
        shares: Exact,
        pool: &Pool<'_>,
        row: Option<&str>,
    ) -> Result<VariableScore, FigureError> {
        let mut indicators = Vec::with_capacity(of.indicators.len());
        for indicator in &of.indicators {
            let weight = match dimension.indicator_weights.value {
                WeightsBy::Percent => indicator.weight,
                WeightsBy::Shares => {
                    indicator.weight.times(Exact::HUNDRED)?.over(shares)?.unwrap_or(Exact::ZERO)
                }
            };
            indicators.push(self.indicator(indicator, weight, pool, row)?);
        }
        let present = |of: &IndicatorScore| Some((of.weight, of.value?.exact));
        let value = weighted_mean(indicators.iter().filter_map(present))?;
        Ok(VariableScore {
            id: of.id.clone(),
            name: of.name.clone(),
            name_en: of.name_en.clone(),
            value: value.map(Value::of).transpose()?,
            indicators,
        })
    }

    fn indicator(
        &self,
        of: &Indicator,
        weight: Exact,
        pool: &Pool<'_>,
        row: Option<&str>,
    ) -> Result<IndicatorScore, FigureError> {
        let rules = self.method.rules;
        let counts = |reading: &Reading| {
            row.is_none_or(|row| {
                row_of(reading, &rules.mean.product_rows).is_none_or(|stands_in| stands_in == row)
            })
        };
        let readings: Vec<(&str, &Reading)> = of
            .codes()
            .filter_map(|code| pool.by_code.get(code))
            .flatten()
            .filter(|(_, reading)| counts(reading))
            .copied()
            .collect();
        let value = match mean_mark(readings.iter().map(|(_, reading)| *reading), rules.marks.top.value)? {
            None if rules.marks.unanswered.value == Missing::Zero => Some(Exact::ZERO),
            mean => mean.map(|mean| mean.times(Exact::HUNDRED)).transpose()?,
        };
        let mut score = IndicatorScore {
            code: of.code.clone(),
            name: of.name.clone(),
            name_en: of.name_en.clone(),
            weight,
            value: value.map(Value::of).transpose()?,
            lacking: None,
            answers: readings.len(),
            assumed: self.assumed_of(of, &readings),
            readings: Vec::new(),
            unmarked: Vec::new(),
        };
        if self.depth == Depth::Answers {
            let used = |&(record, reading): &(&str, &Reading)| Used {
                record: record.to_owned(),
                reading: reading.clone(),
            };
            score.readings = readings.iter().map(used).collect();
            let unmarked = of.codes().filter_map(|code| pool.unmarked.get(code)).flatten();
            score.unmarked = unmarked
                .map(|&(record, question)| Left { record: record.to_owned(), question: question.clone() })
                .collect();
        }
        Ok(score)
    }

    fn assumed_of(&self, of: &Indicator, readings: &[(&str, &Reading)]) -> Vec<Assumption> {
        let own = of.source.assumption(self.method.year, &[]);
        let own = own.map(|why| Assumption::new(Assumed::Indicator, &of.code, why));
        let marks = readings.iter().any(|(_, reading)| reading.assumed);
        let marks = marks.then(|| Assumption::new(Assumed::Marks, &of.code, String::new()));
        own.into_iter().chain(marks).collect()
    }
}

/// What a unit's score rests on that no source says.
fn assumed(method: Method<'_>, score: &UnitScore, pool: &Pool<'_>) -> Vec<Assumption> {
    let (rules, year) = (method.rules, method.year);
    let mut found = BTreeSet::new();
    let mut note = |what, of: &str, why: Option<String>| {
        found.extend(why.map(|why| Assumption::new(what, of, why)));
    };
    for (rule, has) in rules.dimensions.iter().zip(&score.dimensions) {
        if has.value.is_some() {
            note(Assumed::Weight, &rule.id, rule.weight.assumption(year));
            note(Assumed::IndicatorWeights, &rule.id, rule.indicator_weights.assumption(year));
        }
    }
    let readings = || pool.by_code.values().flatten().map(|(_, reading)| reading);
    if readings().any(|reading| reading.of.is_none()) {
        note(Assumed::TopMark, "", rules.marks.top.assumption(year));
    }
    if readings().any(|reading| reading.of.is_some()) {
        note(Assumed::Ticks, "", rules.marks.ticks.assumption(year));
    }
    note(Assumed::Several, "", rules.marks.several.assumption(year));
    note(Assumed::Maximum, "", rules.maximum.assumption(year));
    let indicators = || {
        let variables = score.dimensions.iter().flat_map(|dimension| &dimension.variables);
        variables.flat_map(|variable| &variable.indicators)
    };
    if indicators().any(|indicator| indicator.answers == 0) {
        note(Assumed::Unanswered, "", rules.marks.unanswered.assumption(year));
    }
    found.extend(indicators().flat_map(|indicator| indicator.assumed.iter().cloned()));
    found.extend(score.placed.iter().flat_map(|placed| placed.assumed.iter().cloned()));
    found.into_iter().collect()
}

/// The mean of weighted figures; none where nothing weighs anything.
fn weighted_mean(of: impl Iterator<Item = (Exact, Exact)>) -> Result<Option<Exact>, FigureError> {
    let (mut sum, mut weights) = (Exact::ZERO, Exact::ZERO);
    for (weight, value) in of {
        sum = sum.plus(weight.times(value)?)?;
        weights = weights.plus(weight)?;
    }
    sum.over(weights)
}

/// The mean of marks as shares of what could be had, 0 to 1; none where there are none.
pub(super) fn mean_mark<'r>(
    readings: impl Iterator<Item = &'r Reading>,
    top: Exact,
) -> Result<Option<Exact>, FigureError> {
    let (mut sums, mut count) = (BTreeMap::<Exact, Exact>::new(), 0_usize);
    for reading in readings {
        let of = reading.of.unwrap_or(top);
        let sum = sums.entry(of).or_insert(Exact::ZERO);
        *sum = sum.plus(reading.mark.min(of))?;
        count += 1;
    }
    let mut whole = Exact::ZERO;
    for (of, sum) in sums {
        whole = whole.plus(sum.over(of)?.unwrap_or(Exact::ZERO))?;
    }
    whole.over(Exact::count(count))
}
