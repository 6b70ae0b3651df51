//! What changed for a government between two rounds or published years.

use replica::RoundId;
use survey::scoring::api::Published;
use survey::scoring::exact::Exact;
use survey::scoring::government::{counted_scores, counts};
use survey::scoring::methods::Method;
use survey::scoring::questions::change::{Change, Side, SideUnit, change};
use survey::scoring::result::{Counted, GovernmentScore, UnitScore, UnitState};

use super::ScoresError;
use super::pages::{Named, Scored, Sources};

impl Scored<'_> {
    /// This government's year as one side of a difference, `other` being the other side's method.
    fn side(&self, government: &GovernmentScore, other: Method<'_>) -> Result<Option<Side>, ScoresError> {
        let Some(total) = government.value else { return Ok(None) };
        let by_other = if other.rules.id == self.method.rules.id {
            None
        } else {
            let units = self.sources.catalogue.units()?;
            Some(self.sources.scoring.boards.of(self.sources.projection, &units, other, &self.round)?)
        };
        let mut units = Vec::new();
        for (unit, score) in self.board.units_of(&government.name, &government.province) {
            if counts(self.method, &unit.kind, score) != Counted::Yes {
                continue;
            }
            let theirs =
                by_other.as_ref().and_then(|board| board.units.get(&unit.id)).map(|(_, score)| score);
            let whole = theirs.filter(|score| score.state == UnitState::Whole);
            let shown =
                |scores: Vec<Exact>| scores.into_iter().map(Exact::rounded).collect::<Result<Vec<_>, _>>();
            let lacking = theirs.map(|score| lacking_of(score)).unwrap_or_default();
            units.push(SideUnit {
                id: unit.id.as_str().to_owned(),
                name: unit.name.clone(),
                scores: shown(counted_scores(self.method, score))?,
                by_other: whole.map(|score| shown(counted_scores(other, score))).transpose()?,
                lacking,
                own_lacking: lacking_of(score),
            });
        }
        let (year, rules) = (self.method.year, self.method.rules.id.clone());
        Ok(Some(Side { year, rules, total: total.shown, units }))
    }
}

/// What a unit's answers lack of what the rules ask for.
fn lacking_of(score: &UnitScore) -> Vec<String> {
    match &score.state {
        UnitState::Partial { missing } => missing.clone(),
        _ => Vec::new(),
    }
}

/// One end of a difference: a round that was scored here, or a year that was published.
#[derive(Debug, Clone)]
pub struct End {
    /// `2026` or `2026-mandiri`: a round; where there is none of that name, the published year.
    pub name: String,
    /// The year whose method holds for the round.
    pub method: Option<u16>,
}

/// What changed for a government between two rounds or published years.
///
/// # Errors
/// Where one of them has no score for it.
pub fn changed(
    sources: Sources<'_>,
    of: &Named<'_>,
    from: &End,
    to: &End,
    published: &[Published],
) -> Result<Change, ScoresError> {
    let (old, new) = (found(sources, of, from)?, found(sources, of, to)?);
    let (old_method, new_method) = (method_of(sources, &old)?, method_of(sources, &new)?);
    let mut before = side_of(&old, old_method, new_method, of, published)?;
    let mut after = side_of(&new, new_method, old_method, of, published)?;
    if matches!(old, Found::Published(_)) || matches!(new, Found::Published(_)) {
        // Published units have no ids; their names stand for them on both sides.
        for unit in before.units.iter_mut().chain(&mut after.units) {
            unit.id = unit.name.to_lowercase();
        }
    }
    Ok(change(&before, &after)?)
}

enum Found<'a> {
    Round(Box<Scored<'a>>),
    Published(u16),
}

fn found<'a>(sources: Sources<'a>, of: &Named<'_>, end: &End) -> Result<Found<'a>, ScoresError> {
    let round: Option<RoundId> = end.name.parse().ok();
    if let Some(round) = round.filter(|round| sources.catalogue.has_round(round).unwrap_or(false)) {
        let scored = sources.score(Some(round), end.method)?;
        if scored.named(of).is_ok_and(|government| government.value.is_some()) {
            return Ok(Found::Round(Box::new(scored)));
        }
    }
    end.name.parse().map(Found::Published).map_err(|_| {
        ScoresError::NotFound(format!(
            "the round {} has no score of {}, and it is no published year",
            end.name, of.name
        ))
    })
}

fn method_of<'a>(sources: Sources<'a>, found: &Found<'a>) -> Result<Method<'a>, ScoresError> {
    Ok(match found {
        Found::Round(scored) => scored.method,
        Found::Published(year) => sources.scoring.methods.of_year(*year)?,
    })
}

fn side_of(
    found: &Found<'_>,
    own: Method<'_>,
    other: Method<'_>,
    of: &Named<'_>,
    published: &[Published],
) -> Result<Side, ScoresError> {
    let missing = |year: &dyn std::fmt::Display| {
        ScoresError::NotFound(format!(
            "there is no result of {} for {year}, neither reckoned nor published",
            of.name
        ))
    };
    match found {
        Found::Round(scored) => scored.side(scored.named(of)?, other)?.ok_or_else(|| missing(&scored.round)),
        Found::Published(year) => {
            let of_year = || published.iter().filter(|of| of.year == *year);
            let is_it =
                |result: &&Published| result.level != "unit" && result.entity.eq_ignore_ascii_case(of.name);
            let total = of_year().find(is_it).ok_or_else(|| missing(year))?;
            let units = of_year().filter(|of| of.level == "unit" && of.parent == total.entity);
            let units = units.map(|of| SideUnit {
                id: of.entity.to_lowercase(),
                name: of.entity.clone(),
                scores: vec![of.score],
                by_other: None,
                lacking: Vec::new(),
                own_lacking: Vec::new(),
            });
            Ok(Side { year: *year, rules: own.rules.id.clone(), total: total.score, units: units.collect() })
        }
    }
}
