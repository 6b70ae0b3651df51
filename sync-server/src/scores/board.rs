//! The scores of a round by a method, kept in memory and brought up to date unit by unit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use replica::api::Unit;
use replica::{RecordKind, RoundId, UnitId};
use survey::scoring::government::{UnitOf, score_government};
use survey::scoring::methods::Method;
use survey::scoring::result::{GovernmentScore, UnitScore};
use survey::scoring::unit::{Depth, Said, UnitRecords, score_unit};

use super::ScoresError;
use crate::log::Seq;
use crate::projection::{EvidenceRow, Projection};

/// A government's name and province.
pub type GovernmentKey = (String, String);

/// The scores of one round by one method.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// The last change that is counted.
    pub upto: Seq,
    /// Every unit of the catalogue with its score.
    pub units: BTreeMap<UnitId, (Arc<Unit>, Arc<UnitScore>)>,
    /// Every government.
    pub governments: BTreeMap<GovernmentKey, Arc<GovernmentScore>>,
}

/// Boards by round and year.
#[derive(Default)]
pub struct Boards(Mutex<HashMap<(RoundId, u16), Arc<Board>>>);

/// Boards that are kept; more than any office looks at side by side.
const KEPT: usize = 8;

impl Boards {
    /// The scores of a round as of now. Only units with a change since the last look are reckoned anew.
    ///
    /// # Errors
    /// Where a store fails, or a figure is too long.
    pub fn of(
        &self,
        projection: &Projection,
        units: &[Unit],
        method: Method<'_>,
        round: &RoundId,
    ) -> Result<Arc<Board>, ScoresError> {
        let key = (round.clone(), method.year);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let upto = projection.upto()?;
        let board = match known {
            // A projection built anew, or a log put back, begins again.
            Some(known) if known.upto <= upto => {
                Board::brought_up(&known, projection, units, method, round, upto)?
            }
            _ => Arc::new(Board::anew(projection, units, method, round, upto)?),
        };
        let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if boards.len() >= KEPT && !boards.contains_key(&key) {
            boards.clear();
        }
        boards.insert(key, Arc::clone(&board));
        Ok(board)
    }
}

impl Board {
    /// Everything from what the projection holds.
    ///
    /// # Errors
    /// See [`Boards::of`].
    pub fn anew(
        projection: &Projection,
        units: &[Unit],
        method: Method<'_>,
        round: &RoundId,
        upto: Seq,
    ) -> Result<Self, ScoresError> {
        let mut scores = HashMap::<UnitId, Arc<UnitScore>>::new();
        let mut rows: Vec<EvidenceRow> = Vec::new();
        let mut fault = None;
        let mut close = |rows: &mut Vec<EvidenceRow>| {
            if let Some(unit) = rows.first().map(|row| row.unit.clone()) {
                match score_rows(method, rows, Depth::Indicators) {
                    Ok(score) => drop(scores.insert(unit, Arc::new(score))),
                    Err(error) => fault = Some(error),
                }
            }
            rows.clear();
        };
        projection.evidence(round, |row| {
            if rows.first().is_some_and(|first| first.unit != row.unit) {
                close(&mut rows);
            }
            rows.push(row);
        })?;
        close(&mut rows);
        if let Some(error) = fault {
            return Err(error);
        }
        Self::of_scores(units, method, upto, scores)
    }

    /// Puts units and their scores together.
    ///
    /// # Errors
    /// Where a figure is too long.
    pub fn of_scores(
        units: &[Unit],
        method: Method<'_>,
        upto: Seq,
        mut scores: HashMap<UnitId, Arc<UnitScore>>,
    ) -> Result<Self, ScoresError> {
        let empty = Arc::new(score_unit(method, &UnitRecords::default(), Depth::Indicators)?);
        let mut board = Self { upto, ..Self::default() };
        for unit in units {
            let score = scores.remove(&unit.id).unwrap_or_else(|| Arc::clone(&empty));
            board.units.insert(unit.id.clone(), (Arc::new(unit.clone()), score));
        }
        let all = units.iter().map(key_of).collect();
        board.rescore(method, &all)?;
        Ok(board)
    }

    fn brought_up(
        known: &Arc<Self>,
        projection: &Projection,
        units: &[Unit],
        method: Method<'_>,
        round: &RoundId,
        upto: Seq,
    ) -> Result<Arc<Self>, ScoresError> {
        let moved = units.len() != known.units.len()
            || units.iter().any(|unit| known.units.get(&unit.id).is_none_or(|(known, _)| **known != *unit));
        if moved {
            return Ok(Arc::new(Self::anew(projection, units, method, round, upto)?));
        }
        let touched = if upto == known.upto { Vec::new() } else { projection.touched(round, known.upto)? };
        if touched.is_empty() && upto == known.upto {
            return Ok(Arc::clone(known));
        }
        let mut board = known.as_ref().clone();
        board.upto = upto;
        let mut governments = BTreeSet::new();
        for id in touched {
            let rows = projection.evidence_of(round, &id)?;
            let Some((unit, score)) = board.units.get_mut(&id) else { continue };
            *score = Arc::new(score_rows(method, &rows, Depth::Indicators)?);
            governments.insert(key_of(unit));
        }
        board.rescore(method, &governments)?;
        Ok(Arc::new(board))
    }

    fn rescore(
        &mut self,
        method: Method<'_>,
        governments: &BTreeSet<GovernmentKey>,
    ) -> Result<(), ScoresError> {
        let mut of = BTreeMap::<GovernmentKey, Vec<&(Arc<Unit>, Arc<UnitScore>)>>::new();
        for both in self.units.values() {
            let key = key_of(&both.0);
            if governments.contains(&key) {
                of.entry(key).or_default().push(both);
            }
        }
        let mut scored = Vec::new();
        for ((name, province), units) in of {
            let lines: Vec<UnitOf<'_>> = units
                .iter()
                .map(|(unit, score)| UnitOf {
                    id: unit.id.as_str(),
                    name: &unit.name,
                    kind: &unit.kind,
                    score: score.as_ref(),
                })
                .collect();
            let score = score_government(method, &name, &province, &lines)?;
            scored.push(((name, province), Arc::new(score)));
        }
        self.governments.extend(scored);
        Ok(())
    }

    /// The units of a government, by id.
    pub fn units_of<'b>(
        &'b self,
        name: &'b str,
        province: &'b str,
    ) -> impl Iterator<Item = &'b (Arc<Unit>, Arc<UnitScore>)> {
        self.units.values().filter(move |(unit, _)| unit.government == name && unit.province == province)
    }
}

fn key_of(unit: &Unit) -> GovernmentKey {
    (unit.government.clone(), unit.province.clone())
}

/// The score of the unit that these records are about.
///
/// # Errors
/// Where a figure is too long.
pub fn score_rows(method: Method<'_>, rows: &[EvidenceRow], depth: Depth) -> Result<UnitScore, ScoresError> {
    let names: Vec<String> = rows.iter().map(|row| row.record.to_string()).collect();
    let mut records = UnitRecords::default();
    // Where the instrument changed during a round there may be two visits: the one written in last counts, by what
    // the devices say, since each store takes changes in at other places.
    let mut latest = None;
    for (row, record) in rows.iter().zip(&names) {
        let said = Said { record, evidence: &row.evidence };
        match row.kind {
            RecordKind::Interview => records.interviews.push(said),
            RecordKind::Visit if latest < Some((row.edited_at, row.record)) => {
                latest = Some((row.edited_at, row.record));
                records.visit = Some(said);
                records.visit_closed = row.closed;
            }
            RecordKind::Visit => {}
        }
    }
    Ok(score_unit(method, &records, depth)?)
}
