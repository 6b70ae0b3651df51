//! *What changed?* The difference of two years taken apart into method, units and real change; the parts sum to the
//! whole exactly, and where the data does not allow a part it says so.
//!
//! With S(m, U, y) a score by method m over units U with the answers of year y, and C the units that both years have:
//!
//! ```text
//! dropped = S(old, C, old) - S(old, all, old)
//! real    = S(old, C, new) - S(old, C, old)      the new answers under the old rules
//! method  = S(new, C, new) - S(old, C, new)
//! added   = S(new, all, new) - S(new, C, new)
//! ```
//!
//! Where the new answers cannot be scored wholly under the old rules, the old answers under the new rules take that
//! place (`method` first, then `real`). Where neither is known, `method` and `real` stay one part.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::scoring::exact::{Exact, FigureError, Score};

/// One year of a government.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The year.
    pub year: u16,
    /// The rule set it was scored by.
    pub rules: String,
    /// The published or reckoned score.
    pub total: Score,
    /// Its units that count; empty where only the total is known.
    pub units: Vec<SideUnit>,
}

/// One unit in one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideUnit {
    /// What names it in both years.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What goes into the mean by its year's method: its score, or its products'.
    pub scores: Vec<Score>,
    /// The same answers by the other year's method, only where they answer all that it asks for.
    pub by_other: Option<Vec<Score>>,
    /// What the other year's method asks for and these answers lack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<String>,
    /// What its own year's method asks for and these answers lack: its scores are of a part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_lacking: Vec<String>,
}

/// The difference of two years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The earlier year and its score.
    pub before: (u16, Score),
    /// The later year and its score.
    pub after: (u16, Score),
    /// What is to be explained.
    pub difference: Score,
    /// Its parts; they sum to it.
    pub parts: Vec<Part>,
    /// The way the method's part was found; none where it was not, or both years have one method.
    pub way: Option<Way>,
    /// Why some parts could not be told from each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Unknown>,
    /// Units that only the earlier year has; none are named where not all units of both years are known.
    pub dropped: Vec<String>,
    /// Units that only the later year has; likewise.
    pub added: Vec<String>,
    /// Each unit that both years have.
    pub units: Vec<UnitChange>,
}

/// One part of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is, several where they cannot be told apart.
    pub of: Vec<Cause>,
    /// Points.
    pub points: Score,
}

/// Why a score differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Units that are no longer assessed.
    UnitsDropped,
    /// Other answers of the same units under the same rules.
    Real,
    /// Other rules for the same answers of the same units.
    Method,
    /// Units that are assessed now.
    UnitsAdded,
}

/// How the method's part was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The later year's answers were scored by the earlier rules, too.
    NewAnswersByOldRules,
    /// The earlier year's answers were scored by the later rules, too.
    OldAnswersByNewRules,
}

/// Why a part could not be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Unknown {
    /// Only the total of that year is known.
    NoUnits {
        /// The year.
        year: u16,
    },
    /// The units that are known do not make that year's total: some are missing.
    UnitsDoNotMakeTotal {
        /// The year.
        year: u16,
        /// What they make.
        units_make: Score,
    },
    /// No unit was assessed in both years.
    NoCommonUnit,
    /// A unit's answers lack what the rules of one of the years ask for.
    AnswersLack {
        /// The year of the answers.
        year: u16,
        /// The unit.
        unit: String,
        /// Dimensions that they lack.
        lacking: Vec<String>,
    },
}

/// One unit that both years have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitChange {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its score in the earlier year.
    pub before: Score,
    /// Its score in the later year.
    pub after: Score,
}

/// Takes the difference of two years apart.
///
/// # Errors
/// Where the figures are too long.
pub fn change(before: &Side, after: &Side) -> Result<Change, FigureError> {
    let old: BTreeMap<&str, &SideUnit> = before.units.iter().map(|unit| (unit.id.as_str(), unit)).collect();
    let new: BTreeMap<&str, &SideUnit> = after.units.iter().map(|unit| (unit.id.as_str(), unit)).collect();
    let common: BTreeSet<&str> = old.keys().filter(|id| new.contains_key(*id)).copied().collect();
    let mut change = Change {
        before: (before.year, before.total),
        after: (after.year, after.total),
        difference: minus(after.total, before.total),
        parts: Vec::new(),
        way: None,
        unknown: Vec::new(),
        dropped: only_in(&old, &common),
        added: only_in(&new, &common),
        units: unit_changes(&old, &new, &common)?,
    };
    change.unknown.extend(whole_units(before)?);
    change.unknown.extend(whole_units(after)?);
    if !change.unknown.is_empty() {
        change.dropped.clear();
        change.added.clear();
    } else if common.is_empty() {
        change.unknown.push(Unknown::NoCommonUnit);
    }
    if !change.unknown.is_empty() {
        let mut all = vec![Cause::UnitsDropped, Cause::Real, Cause::Method, Cause::UnitsAdded];
        if before.rules == after.rules {
            all.retain(|cause| *cause != Cause::Method);
            change.parts.push(Part { of: vec![Cause::Method], points: Score::hundredths(0) });
        }
        change.parts.insert(0, Part { of: all, points: change.difference });
        return Ok(change);
    }
    take_apart(&mut change, before, after, &Both { old, new, common })?;
    Ok(change)
}

/// The units of both years.
struct Both<'a> {
    old: BTreeMap<&'a str, &'a SideUnit>,
    new: BTreeMap<&'a str, &'a SideUnit>,
    common: BTreeSet<&'a str>,
}

fn take_apart(change: &mut Change, before: &Side, after: &Side, both: &Both<'_>) -> Result<(), FigureError> {
    let of_common = |units: &BTreeMap<&str, &SideUnit>, by_other: bool| {
        let scores = both
            .common
            .iter()
            .filter_map(|id| units.get(id))
            .map(|unit| if by_other { unit.by_other.clone() } else { Some(unit.scores.clone()) });
        scores.collect::<Option<Vec<_>>>().map(|scores| mean(scores.into_iter().flatten())).transpose()
    };
    let is_whole = |units: &BTreeMap<&str, &SideUnit>| {
        both.common.iter().filter_map(|id| units.get(id)).all(|unit| unit.own_lacking.is_empty())
    };
    // A score of a part stands beside no whole one: what the rules make of it cannot be told.
    let comparable = is_whole(&both.old) && is_whole(&both.new);
    // Blank only where a unit has no product at all, which no side holds.
    let old_common = of_common(&both.old, false)?.flatten().unwrap_or(before.total);
    let new_common = of_common(&both.new, false)?.flatten().unwrap_or(after.total);
    let mut add = |of: &[Cause], points: Score| change.parts.push(Part { of: of.to_vec(), points });
    add(&[Cause::UnitsDropped], minus(old_common, before.total));
    if before.rules == after.rules {
        add(&[Cause::Real], minus(new_common, old_common));
        add(&[Cause::Method], Score::hundredths(0));
    } else if let Some(between) = of_common(&both.new, true)?.flatten().filter(|_| comparable) {
        add(&[Cause::Real], minus(between, old_common));
        add(&[Cause::Method], minus(new_common, between));
        change.way = Some(Way::NewAnswersByOldRules);
    } else if let Some(between) = of_common(&both.old, true)?.flatten().filter(|_| comparable) {
        add(&[Cause::Real], minus(new_common, between));
        add(&[Cause::Method], minus(between, old_common));
        change.way = Some(Way::OldAnswersByNewRules);
    } else {
        add(&[Cause::Real, Cause::Method], minus(new_common, old_common));
        for (side, units) in [(before, &both.old), (after, &both.new)] {
            let common = both.common.iter().filter_map(|id| units.get(id));
            let lacks = |unit: &&&SideUnit| unit.by_other.is_none() || !unit.own_lacking.is_empty();
            let lacking = common.filter(lacks).map(|unit| Unknown::AnswersLack {
                year: side.year,
                unit: unit.name.clone(),
                lacking: [unit.own_lacking.as_slice(), &unit.lacking].concat(),
            });
            change.unknown.extend(lacking);
        }
    }
    change.parts.push(Part { of: vec![Cause::UnitsAdded], points: minus(after.total, new_common) });
    Ok(())
}

fn only_in(units: &BTreeMap<&str, &SideUnit>, common: &BTreeSet<&str>) -> Vec<String> {
    units.iter().filter(|(id, _)| !common.contains(*id)).map(|(_, unit)| unit.name.clone()).collect()
}

fn unit_changes(
    old: &BTreeMap<&str, &SideUnit>,
    new: &BTreeMap<&str, &SideUnit>,
    common: &BTreeSet<&str>,
) -> Result<Vec<UnitChange>, FigureError> {
    let mut changes = Vec::new();
    for id in common {
        if let (Some(old), Some(new)) = (old.get(id), new.get(id))
            && let (Some(before), Some(after)) =
                (mean(old.scores.iter().copied())?, mean(new.scores.iter().copied())?)
        {
            changes.push(UnitChange { id: old.id.clone(), name: new.name.clone(), before, after });
        }
    }
    Ok(changes)
}

/// Why the units of a year cannot be used; none where they make its total.
fn whole_units(side: &Side) -> Result<Option<Unknown>, FigureError> {
    let scores = side.units.iter().flat_map(|unit| unit.scores.iter().copied());
    Ok(match mean(scores)? {
        None => Some(Unknown::NoUnits { year: side.year }),
        Some(mean) if mean != side.total => {
            Some(Unknown::UnitsDoNotMakeTotal { year: side.year, units_make: mean })
        }
        Some(_) => None,
    })
}

fn mean(scores: impl Iterator<Item = Score>) -> Result<Option<Score>, FigureError> {
    let scores: Vec<Exact> = scores.map(Score::exact).collect();
    let count = Exact::count(scores.len());
    Exact::sum(scores)?.over(count)?.map(Exact::rounded).transpose()
}

fn minus(a: Score, b: Score) -> Score {
    Score::hundredths(a.in_hundredths().saturating_sub(b.in_hundredths()))
}
