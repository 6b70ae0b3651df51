//! The questions about scores, answered once for the commands and the HTTP interface.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use replica::api::Unit;
use replica::{RecordKind, RoundId, UnitId};
use survey::scoring::api::{
    Chosen, GovernmentLine, GovernmentPage, Published, Red, RedUnit, ScoredBy, Scores, Sure, UnitPage,
};
use survey::scoring::evidence::Evidence;
use survey::scoring::exact::Score;
use survey::scoring::government::counts;
use survey::scoring::interval::{Draws, perception_interval};
use survey::scoring::level::Level;
use survey::scoring::methods::{Method, Placed};
use survey::scoring::questions::findings::{Board as Elsewhere, Findings, findings};
use survey::scoring::questions::lift::{Lift, candidates, lift, unrounded};
use survey::scoring::questions::standing::{Rank, standing};
use survey::scoring::result::{Counted, GovernmentScore, UnitScore, UnitState};
use survey::scoring::rules::Zone;
use survey::scoring::unit::Depth;

use super::board::{Board, score_rows};
use super::{ScoresError, Scoring, scored_by, spoken};
use crate::catalogue::Catalogue;
use crate::clashes::to_decide;
use crate::projection::{EvidenceRow, Projection};

/// Samples that an interval is made of.
pub const SAMPLES: u32 = 1_000;
/// What the samples are drawn by: the same everywhere, so that a figure does not change from look to look.
pub const SEED: u64 = 2_026;

/// Where answers come from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Rule sets and boards.
    pub scoring: &'a Scoring,
    /// What the records say.
    pub projection: &'a Projection,
    /// Units, rounds, instruments.
    pub catalogue: &'a dyn Catalogue,
}

/// A round by a method, scored.
pub struct Scored<'a> {
    pub(super) sources: Sources<'a>,
    pub(crate) round: RoundId,
    pub(super) method: Method<'a>,
    chosen: Chosen,
    pub(super) board: Arc<Board>,
}

/// A government by name; the province where two have one name.
#[derive(Debug, Clone)]
pub struct Named<'n> {
    /// The name.
    pub name: &'n str,
    /// The province.
    pub province: Option<&'n str>,
}

impl<'a> Sources<'a> {
    /// What others published, with what their year's method calls it.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn published(self) -> Result<Vec<Published>, ScoresError> {
        let results = self.catalogue.published()?.into_iter().map(|of| Published {
            year: of.year,
            level: of.level,
            entity: of.entity,
            parent: of.parent,
            score: of.score,
            placed: self.placed(of.year, of.score),
            words: of.said,
            source: of.source,
        });
        Ok(results.collect())
    }

    fn placed(self, year: u16, score: Score) -> Option<Placed> {
        self.scoring.methods.of_year(year).ok()?.place(score.exact()).ok()
    }

    /// The round opened last that is no office's assessment of itself.
    fn official_round(self) -> Result<Option<RoundId>, ScoresError> {
        let own = self.catalogue.own_rounds()?;
        Ok(self.catalogue.rounds()?.into_iter().find(|round| !own.contains(round)))
    }

    /// Scores a round; the Ombudsman's opened last where none is named.
    ///
    /// # Errors
    /// Where there is no such round or method, or a store fails.
    pub fn score(self, round: Option<RoundId>, year: Option<u16>) -> Result<Scored<'a>, ScoresError> {
        let round = match round {
            Some(round) if self.catalogue.has_round(&round)? => round,
            Some(round) => {
                let there: Vec<_> =
                    self.catalogue.rounds()?.iter().map(|of| of.as_str().to_owned()).collect();
                let message = format!("there is no round {round}; there are: {}", there.join(", "));
                return Err(ScoresError::NotFound(message));
            }
            None => self.official_round()?.ok_or_else(|| {
                ScoresError::NotFound("no round is open; open one with `loket round open`".to_owned())
            })?,
        };
        let (method, chosen) = self.scoring.method_for(self.catalogue, &round, year)?;
        let units = self.catalogue.units()?;
        let board = self.scoring.boards.of(self.projection, &units, method, &round)?;
        Ok(Scored { sources: self, round, method, chosen, board })
    }
}

impl Scored<'_> {
    /// What was scored, and how.
    pub fn by(&self) -> ScoredBy {
        scored_by(&self.round, self.method, self.chosen, self.board.upto)
    }

    /// The method that it was scored by.
    pub fn method(&self) -> Method<'_> {
        self.method
    }

    /// Every government that `sees` lets through, the best first.
    pub fn list(&self, sees: impl Fn(&Unit) -> bool) -> Scores {
        let visible = self.seen(sees);
        let mut all: HashMap<Level, Vec<Score>> = HashMap::new();
        for of in self.board.governments.values() {
            let scores = all.entry(Level::of(&of.name, &of.province)).or_default();
            scores.extend(of.value.map(|value| value.shown));
        }
        for scores in all.values_mut() {
            scores.sort_unstable();
        }
        let rank = |level: Level, score: Score| {
            let peers = all.get(&level).map_or(&[][..], Vec::as_slice);
            let place = peers.len() - peers.partition_point(|other| *other <= score) + 1;
            Rank { place, of: peers.len() }
        };
        let line = |of: &Arc<GovernmentScore>| GovernmentLine {
            name: of.name.clone(),
            province: of.province.clone(),
            value: of.value,
            placed: of.placed.clone(),
            level: Level::of(&of.name, &of.province),
            rank: of.value.map(|value| rank(Level::of(&of.name, &of.province), value.shown)),
            counted: of.counted,
            units: of.units.len(),
            provisional: of.provisional,
            partial: of.partial,
            interviews: of.interviews,
            assumed: !of.assumed.is_empty(),
        };
        let mut governments: Vec<GovernmentLine> = self
            .board
            .governments
            .values()
            .filter(|of| visible.contains(&(of.name.as_str(), of.province.as_str())))
            .map(line)
            .collect();
        governments.sort_by(|a, b| {
            let score = |of: &GovernmentLine| of.value.map(|value| value.shown);
            score(b).cmp(&score(a)).then_with(|| (&a.name, &a.province).cmp(&(&b.name, &b.province)))
        });
        Scores { by: self.by(), governments }
    }

    fn seen(&self, sees: impl Fn(&Unit) -> bool) -> HashSet<(&str, &str)> {
        let units = self.board.units.values().filter(|(unit, _)| sees(unit));
        units.map(|(unit, _)| (unit.government.as_str(), unit.province.as_str())).collect()
    }

    /// The government of that name.
    ///
    /// # Errors
    /// Where there is none, or several.
    pub fn named(&self, of: &Named<'_>) -> Result<&Arc<GovernmentScore>, ScoresError> {
        let fits = |government: &&Arc<GovernmentScore>| {
            government.name.eq_ignore_ascii_case(of.name)
                && of.province.is_none_or(|province| government.province.eq_ignore_ascii_case(province))
        };
        let mut found = self.board.governments.values().filter(fits);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(ScoresError::NotFound(format!(
                "there is no government `{}` in the list of units; names are written as there. `loket published list \
                 --of` tells what was published of others",
                of.name
            ))),
            (Some(one), Some(other)) => Err(ScoresError::Asked(format!(
                "`{}` lies in {} and in {}; name the province too",
                of.name, one.province, other.province
            ))),
        }
    }

    /// A government's units and their scores.
    pub(crate) fn units_of<'s>(&'s self, of: &'s GovernmentScore) -> Vec<(&'s str, &'s UnitScore)> {
        let units = self.board.units_of(&of.name, &of.province);
        units.map(|(unit, score)| (unit.id.as_str(), score.as_ref())).collect()
    }

    /// Where a government stands, and how sure that is.
    ///
    /// # Errors
    /// Where there is no such government, or a store fails.
    pub fn government(
        &self,
        of: &Named<'_>,
        target: Score,
        published: Vec<Published>,
    ) -> Result<GovernmentPage, ScoresError> {
        let government = self.named(of)?.as_ref().clone();
        let mut rows = Vec::new();
        for unit in &government.units {
            if let Ok(id) = unit.id.parse::<UnitId>() {
                rows.push(self.sources.projection.evidence_of(&self.round, &id)?);
            }
        }
        let all: Vec<GovernmentScore> =
            self.board.governments.values().map(|of| of.as_ref().clone()).collect();
        let standing = standing(self.method, &government, &all, target);
        let ids: Vec<&str> = government.units.iter().map(|unit| unit.id.as_str()).collect();
        let mut sure = self.sure(&rows, &ids)?;
        sure.open_visits =
            government.units.iter().filter(|unit| has_visit(unit.counted) && unit.provisional).count();
        sure.empty_units = government.units.iter().filter(|unit| unit.counted == Counted::Empty).count();
        let skm = self.sources.scoring.skm.index_of(interviews(rows.iter().flatten()))?;
        let about = |of: &Published| of.entity == government.name || of.parent == government.name;
        let published = published.into_iter().filter(about).collect();
        Ok(GovernmentPage { by: self.by(), government, standing, sure, skm, published })
    }

    /// A unit, down to its answers.
    ///
    /// # Errors
    /// Where there is no such unit, or a store fails.
    pub fn unit(&self, id: &UnitId) -> Result<UnitPage, ScoresError> {
        let (unit, _) = self.unit_of(id)?;
        let rows = self.sources.projection.evidence_of(&self.round, id)?;
        let score = score_rows(self.method, &rows, Depth::Answers)?;
        let skm = self.sources.scoring.skm.index_of(interviews(rows.iter()))?;
        let spoken = spoken::of(self.sources.catalogue, &score, &rows)?;
        let mut sure = self.sure(std::slice::from_ref(&rows), &[id.as_str()])?;
        sure.open_visits = usize::from(rows.iter().any(|row| row.kind == RecordKind::Visit && !row.closed));
        sure.empty_units = usize::from(score.state == UnitState::Empty);
        Ok(UnitPage {
            by: self.by(),
            id: unit.id.as_str().to_owned(),
            name: unit.name.clone(),
            kind: unit.kind.clone(),
            government: unit.government.clone(),
            province: unit.province.clone(),
            score,
            sure,
            skm,
            spoken,
        })
    }

    /// The unit of that id in the list of units.
    ///
    /// # Errors
    /// Where there is none.
    pub fn unit_of(&self, id: &UnitId) -> Result<&(Arc<Unit>, Arc<UnitScore>), ScoresError> {
        let found = self.board.units.get(id);
        found.ok_or_else(|| ScoresError::NotFound(format!("there is no unit {id} in the list of units")))
    }

    /// The units in the lowest zone that `sees` lets through, the lowest first.
    pub fn red(&self, sees: impl Fn(&Unit) -> bool) -> Red {
        let unit = |(unit, score): &(Arc<Unit>, Arc<UnitScore>)| {
            let placed = score.placed.clone().filter(|placed| placed.zone == Zone::Merah)?;
            Some(RedUnit {
                id: unit.id.as_str().to_owned(),
                name: unit.name.clone(),
                government: unit.government.clone(),
                province: unit.province.clone(),
                value: score.value?,
                placed,
                provisional: score.provisional,
            })
        };
        let mut units: Vec<RedUnit> =
            self.board.units.values().filter(|(unit, _)| sees(unit)).filter_map(unit).collect();
        units.sort_by(|a, b| (a.value.shown, &a.name, &a.id).cmp(&(b.value.shown, &b.name, &b.id)));
        Red { by: self.by(), units }
    }

    /// Where it is red in a government.
    ///
    /// # Errors
    /// Where there is no such government.
    pub fn findings(&self, of: &Named<'_>) -> Result<Findings, ScoresError> {
        let government = self.named(of)?;
        let units: Vec<(&str, &str, &UnitScore)> = self
            .board
            .units_of(&government.name, &government.province)
            .map(|(unit, score)| (unit.id.as_str(), unit.name.as_str(), score.as_ref()))
            .collect();
        Ok(findings(&units)?)
    }

    /// What would bring a government, or one unit of it, to a target.
    ///
    /// # Errors
    /// Where there is no such government or unit, or it has no score yet.
    pub fn lift(&self, of: &Named<'_>, unit: Option<&UnitId>, target: Score) -> Result<Lift, ScoresError> {
        let government = self.named(of)?;
        let maximum = self.method.rules.maximum.value;
        if target > maximum || target < Score::hundredths(0) {
            return Err(ScoresError::Asked(format!(
                "a target lies between 0 and {maximum}, not at {target}"
            )));
        }
        let units: Vec<_> = self
            .board
            .units_of(&government.name, &government.province)
            .filter(|(of, _)| unit.is_none_or(|unit| of.id == *unit))
            .map(|(of, score)| {
                let counted = match (unit, score.value) {
                    // Alone, a unit that its government leaves out is its own mean.
                    (Some(_), Some(_)) => Counted::Yes,
                    _ => counts(self.method, &of.kind, score),
                };
                (of.id.as_str(), of.name.as_str(), score.as_ref(), counted)
            })
            .collect();
        let now = match unit {
            // Only a unit of this government: who asks may see no other.
            Some(_) if units.is_empty() => {
                return Err(ScoresError::NotFound(format!("{} has no such unit", government.name)));
            }
            Some(_) => units.first().and_then(|(_, _, score, _)| score.value),
            None => government.value,
        };
        let now = now.ok_or_else(|| {
            ScoresError::Asked("there is no score yet to lift: nothing that counts was answered".to_owned())
        })?;
        let elsewhere =
            Elsewhere::of(self.board.units.iter().map(|(id, (_, score))| (id.as_str(), score.as_ref())));
        let exact = unrounded(self.method, &units)?.unwrap_or(now.exact);
        Ok(lift(now, exact, target, candidates(self.method, &units, &elsewhere)?)?)
    }

    fn sure(&self, rows: &[Vec<EvidenceRow>], units: &[&str]) -> Result<Sure, ScoresError> {
        let groups: Vec<Vec<&Evidence>> =
            rows.iter().map(|rows| interviews(rows.iter()).into_iter().collect()).collect();
        let all = || groups.iter().flatten();
        let clashes = to_decide(self.sources.projection, self.sources.catalogue, &self.round)?;
        let mut open: Vec<_> = clashes
            .iter()
            .filter(|clash| units.contains(&clash.unit.as_str()))
            .map(|clash| (clash.record, clash.key.clone()))
            .collect();
        open.dedup();
        Ok(Sure {
            interviews: all().filter(|evidence| !evidence.refused).count(),
            target: usize::from(self.method.rules.interviews.value),
            refused: all().filter(|evidence| evidence.refused).count(),
            interval: perception_interval(self.method, &groups, SAMPLES, &mut Draws::new(SEED))?,
            open_visits: 0,
            clashes: open.len(),
            empty_units: 0,
            approval: self.approval(&rows.iter().flatten().collect::<Vec<_>>())?,
        })
    }
}

fn has_visit(counted: Counted) -> bool {
    matches!(counted, Counted::Yes | Counted::Apart)
}

fn interviews<'r>(rows: impl Iterator<Item = &'r EvidenceRow>) -> Vec<&'r Evidence> {
    rows.filter(|row| row.kind == RecordKind::Interview).map(|row| &row.evidence).collect()
}
