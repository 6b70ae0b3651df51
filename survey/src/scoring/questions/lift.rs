//! *What would lift us?* The least set of indicators that brings a unit, or a government through its units, to a target.
//!
//! Full marks for an indicator add a fixed number of points, whatever else is mended, so the largest gains reach a
//! target with the fewest indicators. Among sets of that size those are preferred that others found easy. Reckoned
//! without rounding, from the unrounded scores of the units, too: a target is never reached by the luck of a half, and
//! never missed by a hundredth, since rounding takes less than half of one from a mean that has reached it.

use serde::{Deserialize, Serialize};

use super::findings::Board;
use crate::scoring::exact::{Exact, FigureError, Score};
use crate::scoring::mean::mean_of;
use crate::scoring::methods::Method;
use crate::scoring::result::{Counted, UnitScore, Value};
use crate::scoring::rules::MeanOver;

/// Something that could be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The unit's id.
    pub unit: String,
    /// The unit's name.
    pub unit_name: String,
    /// The indicator's code.
    pub code: String,
    /// The indicator's name in Indonesian.
    pub name: String,
    /// The indicator's name in English.
    pub name_en: String,
    /// True where citizens' answers make it: the office cannot mend it by itself.
    pub perception: bool,
    /// What it stands at, 0 to 100.
    pub now: Score,
    /// Points that full marks add to the score in question.
    pub gain: Exact,
    /// Of the units elsewhere that were marked on it, how many have full marks.
    pub full_elsewhere: usize,
    /// Units elsewhere that were marked on it.
    pub marked_elsewhere: usize,
}

/// What would reach a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// Where it stands.
    pub now: Value,
    /// The target.
    pub target: Score,
    /// Whether the target can be reached by these candidates at all.
    pub reaches: bool,
    /// Where the set brings it.
    pub then: Value,
    /// The set, the largest gain first; empty where the target is reached already. All candidates where it cannot
    /// be reached.
    pub set: Vec<Candidate>,
}

impl Candidate {
    /// How easy others found it, 0 to 1; 0 where nobody elsewhere was marked on it.
    fn ease(&self) -> Exact {
        let full = i128::try_from(self.full_elsewhere).unwrap_or(i128::MAX);
        let marked = i128::try_from(self.marked_elsewhere).unwrap_or(i128::MAX);
        Exact::fraction(full, marked).unwrap_or(Exact::ZERO)
    }
}

/// The least set that brings a score to `target`: `now` as it is shown, `unrounded` as [`unrounded`] has it.
///
/// # Errors
/// Where the figures are too long.
pub fn lift(
    now: Value,
    unrounded: Exact,
    target: Score,
    mut candidates: Vec<Candidate>,
) -> Result<Lift, FigureError> {
    if now.shown >= target {
        return Ok(Lift { now, target, reaches: true, then: now, set: Vec::new() });
    }
    candidates.retain(|candidate| candidate.gain > Exact::ZERO);
    candidates.sort_by(|a, b| {
        let by_gain = b.gain.cmp(&a.gain).then_with(|| b.ease().cmp(&a.ease()));
        by_gain.then_with(|| (&a.unit, &a.code).cmp(&(&b.unit, &b.code)))
    });
    let wanted = target.exact().minus(unrounded)?;
    let (mut size, mut gained) = (0, Exact::ZERO);
    for candidate in &candidates {
        if gained >= wanted {
            break;
        }
        gained = gained.plus(candidate.gain)?;
        size += 1;
    }
    let rest = candidates.split_off(size);
    let reaches = gained >= wanted;
    if reaches {
        make_easier(&mut candidates, rest, gained.minus(wanted)?)?;
    }
    let then = unrounded.plus(Exact::sum(candidates.iter().map(|candidate| candidate.gain))?)?;
    candidates.sort_by(|a, b| b.gain.cmp(&a.gain).then_with(|| (&a.unit, &a.code).cmp(&(&b.unit, &b.code))));
    Ok(Lift { now, target, reaches, then: Value::of(then)?, set: candidates })
}

/// Swaps members for easier ones outside while the target stays reached; `spare` is what lies above it.
fn make_easier(
    set: &mut [Candidate],
    mut outside: Vec<Candidate>,
    mut spare: Exact,
) -> Result<(), FigureError> {
    loop {
        let mut best: Option<(Exact, usize, usize, Exact)> = None;
        for (inside, member) in set.iter().enumerate() {
            for (other, candidate) in outside.iter().enumerate() {
                let (easier, costs) =
                    (candidate.ease().minus(member.ease())?, member.gain.minus(candidate.gain)?);
                let better = best.as_ref().is_none_or(|(most, ..)| easier > *most);
                if easier > Exact::ZERO && costs <= spare && better {
                    best = Some((easier, inside, other, costs));
                }
            }
        }
        let Some((_, inside, other, costs)) = best else { return Ok(()) };
        if let (Some(member), Some(candidate)) = (set.get_mut(inside), outside.get_mut(other)) {
            std::mem::swap(member, candidate);
        }
        spare = spare.minus(costs)?;
    }
}

/// The mean of some units without any rounding; none where nothing counts.
///
/// # Errors
/// Where the figures are too long.
pub fn unrounded(
    method: Method<'_>,
    units: &[(&str, &str, &UnitScore, Counted)],
) -> Result<Option<Exact>, FigureError> {
    let counted = units.iter().filter(|(.., counted)| *counted == Counted::Yes);
    let scores = counted.flat_map(|(_, _, score, _)| match method.rules.mean.over.value {
        MeanOver::Units => score.value.iter().map(|value| value.exact).collect::<Vec<_>>(),
        MeanOver::Products => score.products.iter().map(|product| product.value.exact).collect(),
    });
    mean_of(method.rules, &scores.collect::<Vec<_>>(), 0)
}

/// What could be mended in some units so that their mean rises; one unit alone is its own mean.
///
/// `elsewhere` says what others found easy.
///
/// # Errors
/// Where the figures are too long.
pub fn candidates(
    method: Method<'_>,
    units: &[(&str, &str, &UnitScore, Counted)],
    elsewhere: &Board,
) -> Result<Vec<Candidate>, FigureError> {
    let counted = || units.iter().filter(|(.., counted)| *counted == Counted::Yes);
    let parts: usize = counted().map(|(_, _, score, _)| parts_of(method, score)).sum();
    let mut found = Vec::new();
    for (id, name, score, _) in counted() {
        for dimension in &score.dimensions {
            for indicator in dimension.variables.iter().flat_map(|variable| &variable.indicators) {
                let Some(value) = indicator.value else { continue };
                let lacking = lacking(method, score, &indicator.code)?;
                let Some(gain) = lacking.over(Exact::count(parts))?.filter(|gain| *gain > Exact::ZERO) else {
                    continue;
                };
                let (full_elsewhere, marked_elsewhere) = elsewhere.full_except(&indicator.code, id);
                found.push(Candidate {
                    unit: (*id).to_owned(),
                    unit_name: (*name).to_owned(),
                    code: indicator.code.clone(),
                    name: indicator.name.clone(),
                    name_en: indicator.name_en.clone(),
                    perception: dimension.perception,
                    now: value.shown,
                    gain,
                    full_elsewhere,
                    marked_elsewhere,
                });
            }
        }
    }
    Ok(found)
}

fn parts_of(method: Method<'_>, score: &UnitScore) -> usize {
    match method.rules.mean.over.value {
        MeanOver::Units => 1,
        MeanOver::Products => score.products.len(),
    }
}

/// Points that full marks add: to the unit, or to the sum of its products.
fn lacking(method: Method<'_>, score: &UnitScore, code: &str) -> Result<Exact, FigureError> {
    let of = |dimensions: &[crate::scoring::result::DimensionScore]| {
        let variables = dimensions.iter().flat_map(|dimension| &dimension.variables);
        let mut indicators = variables.flat_map(|variable| &variable.indicators);
        indicators.find(|indicator| indicator.code == code)?.lacking
    };
    match method.rules.mean.over.value {
        MeanOver::Units => Ok(of(&score.dimensions).unwrap_or(Exact::ZERO)),
        MeanOver::Products => Exact::sum(score.products.iter().filter_map(|product| of(&product.dimensions))),
    }
}
