//! How sure the perception part is: a bootstrap over interviews, the same for the same seed everywhere.

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Reading};
use super::exact::{Exact, FigureError, Score};
use super::methods::Method;
use super::rules::{Dimension, WeightsBy};
use super::unit::mean_mark;

/// What stands for a full mark while samples are drawn: whole numbers, so that every machine gets the same.
const FULL: i64 = 1_000_000_000;

/// Draws whole numbers: `SplitMix64`, which is small and the same on every machine.
#[derive(Debug, Clone)]
pub struct Draws(u64);

/// The interval that holds the perception part with some confidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end, of 0 to 100.
    pub low: Score,
    /// Upper end.
    pub high: Score,
    /// Per cent of the samples that lie within.
    pub confidence: u8,
    /// Standard deviation of the single interviews.
    pub spread: Score,
    /// Interviews it rests on.
    pub interviews: usize,
    /// Samples that were drawn.
    pub samples: u32,
}

/// Per cent of samples inside an interval.
const CONFIDENCE: u8 = 95;

impl Draws {
    /// Begins with a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any 64 bits.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.any()) * u128::try_from(end).unwrap_or(0);
        usize::try_from(wide >> 64).unwrap_or(0)
    }
}

/// The interval of the perception part of a unit (one group of interviews) or a government (one group a unit, each
/// drawn for itself, then their mean). None where the method has no such part, or fewer than two interviews answer it.
///
/// # Errors
/// Where the figures are too long.
pub fn perception_interval(
    method: Method<'_>,
    groups: &[Vec<&Evidence>],
    samples: u32,
    draws: &mut Draws,
) -> Result<Option<Interval>, FigureError> {
    let Some(dimension) = method.rules.dimensions.iter().find(|dimension| dimension.perception) else {
        return Ok(None);
    };
    let plan = Plan::of(method, dimension)?;
    let mut marks = Vec::new();
    for group in groups {
        let interviews =
            group.iter().map(|evidence| plan.marks_of(evidence)).collect::<Result<Vec<_>, _>>()?;
        let answered: Vec<_> =
            interviews.into_iter().filter(|marks| marks.iter().any(Option::is_some)).collect();
        if !answered.is_empty() {
            marks.push(answered);
        }
    }
    let interviews: usize = marks.iter().map(Vec::len).sum();
    if interviews < 2 || samples == 0 {
        return Ok(None);
    }
    let mut means: Vec<i64> = (0..samples).map(|_| plan.sample(&marks, draws)).collect();
    means.sort_unstable();
    let tail = usize::from(100 - CONFIDENCE);
    let cut = means.len() * tail / 200;
    let at = |index: usize| means.get(index).copied().unwrap_or_default();
    let singles: Vec<i64> =
        marks.iter().flatten().filter_map(|marks| plan.mean(&[marks.as_slice()])).collect();
    Ok(Some(Interval {
        low: hundredths(at(cut)),
        high: hundredths(at(means.len() - 1 - cut)),
        confidence: CONFIDENCE,
        spread: hundredths(deviation(&singles)),
        interviews,
        samples,
    }))
}

/// The indicators of the perception part.
struct Plan<'a> {
    top: Exact,
    /// Codes and whole-number weights.
    indicators: Vec<(Vec<&'a str>, i64)>,
}

type Marks = Vec<Option<i64>>;

impl<'a> Plan<'a> {
    fn of(method: Method<'a>, dimension: &'a Dimension) -> Result<Self, FigureError> {
        // Only proportions matter; shares and per cent are taken in thousandths.
        let scale = match dimension.indicator_weights.value {
            WeightsBy::Percent | WeightsBy::Shares => Exact::whole(1000),
        };
        let mut indicators = Vec::new();
        for indicator in dimension.indicators() {
            let weight = indicator.weight.times(scale)?.rounded()?.in_hundredths() / 100;
            indicators.push((indicator.codes().collect(), weight));
        }
        Ok(Self { top: method.rules.marks.top.value, indicators })
    }

    fn marks_of(&self, evidence: &Evidence) -> Result<Marks, FigureError> {
        let marks = self.indicators.iter().map(|(codes, _)| {
            let counts = |reading: &&Reading| codes.contains(&reading.code.as_str());
            let mean = mean_mark(evidence.readings.iter().filter(counts), self.top)?;
            // Hundredths of FULL / 100 are FULL-ths of one.
            let whole = mean.map(|mean| mean.times(Exact::whole(FULL / 100))?.rounded()).transpose()?;
            Ok(whole.map(Score::in_hundredths))
        });
        marks.collect()
    }

    /// The perception part of some interviews, of FULL; none where nothing was answered.
    fn mean(&self, interviews: &[&[Option<i64>]]) -> Option<i64> {
        let (mut sum, mut weights) = (0_i128, 0_i128);
        for (index, (_, weight)) in self.indicators.iter().enumerate() {
            let (mut marks, mut count) = (0_i128, 0_i128);
            for mark in interviews.iter().filter_map(|interview| *interview.get(index)?) {
                marks += i128::from(mark);
                count += 1;
            }
            if let Some(mean) = marks.checked_div(count) {
                sum += mean * i128::from(*weight);
                weights += i128::from(*weight);
            }
        }
        i64::try_from(sum.checked_div(weights)?).ok()
    }

    /// The mean over groups, each drawn anew with as many interviews as it has.
    fn sample(&self, groups: &[Vec<Marks>], draws: &mut Draws) -> i64 {
        let (mut sum, mut count) = (0_i64, 0_i64);
        for group in groups {
            let again: Vec<&[Option<i64>]> = (0..group.len())
                .filter_map(|_| group.get(draws.below(group.len())).map(Vec::as_slice))
                .collect();
            if let Some(mean) = self.mean(&again) {
                sum += mean;
                count += 1;
            }
        }
        sum.checked_div(count).unwrap_or_default()
    }
}

fn hundredths(of_full: i64) -> Score {
    let whole = i128::from(of_full) * 10_000;
    let half = i128::from(FULL) / 2;
    Score::hundredths(i64::try_from((whole + half) / i128::from(FULL)).unwrap_or_default())
}

/// The standard deviation of a sample.
fn deviation(of: &[i64]) -> i64 {
    let count = i128::try_from(of.len()).unwrap_or(i128::MAX);
    let sum: i128 = of.iter().map(|value| i128::from(*value)).sum();
    let (Some(mean), true) = (sum.checked_div(count), count > 1) else { return 0 };
    let squares: i128 = of.iter().map(|value| (i128::from(*value) - mean).pow(2)).sum();
    i64::try_from((squares / (count - 1)).isqrt()).unwrap_or_default()
}
