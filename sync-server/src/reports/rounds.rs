//! The rounds and years that a page of results leads to, and that a round can be compared with.

use replica::RoundId;

use super::published::Facts;
use super::reckoned::Reckoned;
use super::report::Link;
use super::{ReportError, Writing};
use crate::scores::pages::Named;

impl Reckoned<'_> {
    /// The Ombudsman's rounds, the one opened last first.
    fn rounds(&self) -> Result<Vec<RoundId>, ReportError> {
        let own = self.sources.catalogue.own_rounds()?;
        let all = self.sources.catalogue.rounds()?;
        Ok(all.into_iter().filter(|round| !own.contains(round)).collect())
    }

    /// Ways to the overviews of all rounds; none where there is only this one.
    pub fn other_rounds(&self, writing: &Writing) -> Result<Vec<Link>, ReportError> {
        let rounds = self.rounds()?;
        let link = |round: &RoundId| Link {
            text: writing.words.fill("round_title", &[("round", round)]),
            query: writing.link(&[("round", round.as_str())]),
            here: *round == self.scored.round,
        };
        Ok(if rounds.len() > 1 { rounds.iter().map(link).collect() } else { Vec::new() })
    }

    /// What this round of a government can be compared with, and what it is compared with where nothing else is asked
    /// for, first: rounds opened earlier in which it has a score, the last first, then the years that were published.
    /// Nothing where it has no score in this round.
    pub fn earlier(&self, name: &str, facts: &Facts<'_>) -> Result<Vec<String>, ReportError> {
        let named = Named { name, province: None };
        let mut ends = Vec::new();
        if !self.is_scored(name) {
            return Ok(ends);
        }
        for round in self.rounds()?.into_iter().skip_while(|round| *round != self.scored.round).skip(1) {
            let scored = self.sources.score(Some(round.clone()), None)?;
            if scored.named(&named).is_ok_and(|government| government.value.is_some()) {
                ends.push(round.to_string());
            }
        }
        for year in facts.of(name).into_iter().rev().map(|result| result.year.to_string()) {
            if !ends.contains(&year) {
                ends.push(year);
            }
        }
        Ok(ends)
    }

    /// Ways to the same page that compare the round with something else.
    pub fn compared(writing: &Writing, name: &str, earlier: &[String]) -> Vec<Link> {
        let shown = writing.query.from.as_ref().or(earlier.first());
        let link = |end: &String| Link {
            text: writing.words.fill("compare_with", &[("year", end)]),
            query: writing.link(&[("government", name), ("from", end)]),
            here: shown == Some(end),
        };
        if earlier.len() > 1 { earlier.iter().map(link).collect() } else { Vec::new() }
    }
}
