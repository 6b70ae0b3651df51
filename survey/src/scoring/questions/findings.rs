//! *Where is it red?* Shortcomings by indicator and unit, sorted by how often they are found, and the gap between what
//! is posted and what citizens tell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scoring::exact::{Exact, FigureError, Score};
use crate::scoring::result::{UnitScore, Value};
use crate::scoring::rules::Zone;

/// Indicator x unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// The columns: units, in the order they were given.
    pub units: Vec<FindingUnit>,
    /// The rows: indicators, the one that fails most often first.
    pub indicators: Vec<FindingRow>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingUnit {
    /// The unit's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its score.
    pub value: Option<Value>,
    /// Its zone.
    pub zone: Option<Zone>,
    /// What the assessors found, 0 to 100 by weight, without what citizens tell.
    pub observed: Option<Value>,
    /// What citizens tell, 0 to 100.
    pub perceived: Option<Value>,
    /// Observed less perceived: high where good marks and bad experience meet.
    pub gap: Option<Score>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRow {
    /// The dimension's id.
    pub dimension: String,
    /// The indicator's code.
    pub code: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Units below full marks.
    pub fails: usize,
    /// Units that were marked.
    pub marked: usize,
    /// Mean over them, 0 to 100.
    pub mean: Option<Score>,
    /// What each unit has, 0 to 100, in the order of the columns; none where it was not marked.
    pub cells: Vec<Option<Score>>,
}

/// The map of findings.
///
/// # Errors
/// Where the figures are too long.
pub fn findings(units: &[(&str, &str, &UnitScore)]) -> Result<Findings, FigureError> {
    let mut rows = BTreeMap::<&str, FindingRow>::new();
    for (column, (_, _, score)) in units.iter().enumerate() {
        for dimension in &score.dimensions {
            for indicator in dimension.variables.iter().flat_map(|variable| &variable.indicators) {
                let row = rows.entry(&indicator.code).or_insert_with(|| FindingRow {
                    dimension: dimension.id.clone(),
                    code: indicator.code.clone(),
                    name: indicator.name.clone(),
                    name_en: indicator.name_en.clone(),
                    fails: 0,
                    marked: 0,
                    mean: None,
                    cells: vec![None; units.len()],
                });
                let Some(value) = indicator.value else { continue };
                row.marked += 1;
                row.fails += usize::from(value.exact < Exact::HUNDRED);
                if let Some(cell) = row.cells.get_mut(column) {
                    *cell = Some(value.shown);
                }
            }
        }
    }
    let mut indicators: Vec<FindingRow> = rows.into_values().collect();
    for row in &mut indicators {
        let sum: i64 = row.cells.iter().flatten().map(|score| score.in_hundredths()).sum();
        let mean = Exact::whole(sum).over(Exact::whole(100))?.unwrap_or(Exact::ZERO);
        row.mean = mean.over(Exact::count(row.marked))?.map(Exact::rounded).transpose()?;
    }
    indicators.sort_by(|a, b| {
        let by_fails = b.fails.cmp(&a.fails).then_with(|| a.mean.cmp(&b.mean));
        by_fails.then_with(|| a.code.cmp(&b.code))
    });
    let columns = units.iter().map(|(id, name, score)| column(id, name, score)).collect::<Result<_, _>>()?;
    Ok(Findings { units: columns, indicators })
}

fn column(id: &str, name: &str, score: &UnitScore) -> Result<FindingUnit, FigureError> {
    let part = |perception: bool| {
        let (mut sum, mut weights) = (Exact::ZERO, Exact::ZERO);
        for dimension in score.dimensions.iter().filter(|dimension| dimension.perception == perception) {
            if let Some(value) = dimension.value {
                sum = sum.plus(value.exact.times(dimension.weight)?)?;
                weights = weights.plus(dimension.weight)?;
            }
        }
        sum.over(weights)?.map(Value::of).transpose()
    };
    let (observed, perceived) = (part(false)?, part(true)?);
    let gap = match (observed, perceived) {
        (Some(observed), Some(perceived)) => {
            let (a, b) = (observed.shown.in_hundredths(), perceived.shown.in_hundredths());
            Some(Score::hundredths(a - b))
        }
        _ => None,
    };
    let zone = score.placed.as_ref().map(|placed| placed.zone);
    Ok(FindingUnit {
        id: id.to_owned(),
        name: name.to_owned(),
        value: score.value,
        zone,
        observed,
        perceived,
        gap,
    })
}

/// How many units have full marks on each indicator: what others found easy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    by_code: BTreeMap<String, Tally>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tally {
    full: usize,
    marked: usize,
    /// Of each unit: whether it has full marks.
    units: BTreeMap<String, bool>,
}

impl Board {
    /// Counts units.
    pub fn of<'u>(units: impl IntoIterator<Item = (&'u str, &'u UnitScore)>) -> Self {
        let mut board = Self::default();
        for (id, score) in units {
            let variables = score.dimensions.iter().flat_map(|dimension| &dimension.variables);
            for indicator in variables.flat_map(|variable| &variable.indicators) {
                let Some(value) = indicator.value else { continue };
                let tally = board.by_code.entry(indicator.code.clone()).or_default();
                let full = value.exact >= Exact::HUNDRED;
                tally.marked += 1;
                tally.full += usize::from(full);
                tally.units.insert(id.to_owned(), full);
            }
        }
        board
    }

    /// Units other than `unit` with full marks on an indicator, and those that were marked on it.
    pub fn full_except(&self, code: &str, unit: &str) -> (usize, usize) {
        let Some(tally) = self.by_code.get(code) else { return (0, 0) };
        match tally.units.get(unit) {
            Some(full) => (tally.full - usize::from(*full), tally.marked - 1),
            None => (tally.full, tally.marked),
        }
    }
}
