//! A government's list, followed through its own assessments.

use replica::UnitId;
use survey::scoring::exact::Score;
use survey::scoring::questions::lift::Lift;
use survey::scoring::questions::progress::{Progress, Round, progress};

use super::ScoresError;
use super::pages::{Named, Scored, Sources};

impl Sources<'_> {
    /// The list that would bring a government, or one unit of it, to a target, and how far its own assessments have come
    /// with it. The list is made from the Ombudsman's last round; where that has no score of it, from its first own one.
    ///
    /// # Errors
    /// Where there is no such government or unit, nothing to make a list from, or a store fails.
    pub fn progress(
        self,
        of: &Named<'_>,
        unit: Option<&UnitId>,
        target: Score,
        year: Option<u16>,
    ) -> Result<Progress, ScoresError> {
        let own: Vec<Scored<'_>> = self
            .catalogue
            .own_rounds()?
            .into_iter()
            .map(|round| self.score(Some(round), year))
            .collect::<Result<_, _>>()?;
        let official = match self.score(None, year) {
            Ok(scored) => Some(scored),
            Err(ScoresError::NotFound(_)) if !own.is_empty() => None,
            Err(error) => return Err(error),
        };
        let listed = |scored: &Scored<'_>| match scored.lift(of, unit, target) {
            Ok(list) => Ok(Some(list)),
            // Nothing was answered there: the next round may make the list.
            Err(ScoresError::Asked(_)) => Ok(None),
            Err(error) => Err(error),
        };
        if let Some(scored) = &official
            && let Some(list) = listed(scored)?
        {
            return follow(scored, list, &own, of);
        }
        for (place, scored) in own.iter().enumerate() {
            if let Some(list) = listed(scored)? {
                return follow(scored, list, own.get(place + 1..).unwrap_or_default(), of);
            }
        }
        let message = "there is no score yet to make a list from: nothing that counts was answered";
        Err(ScoresError::Asked(message.to_owned()))
    }
}

fn follow(
    from: &Scored<'_>,
    list: Lift,
    later: &[Scored<'_>],
    of: &Named<'_>,
) -> Result<Progress, ScoresError> {
    let mut rounds = Vec::new();
    let names: Vec<String> = later.iter().map(|scored| scored.by().round).collect();
    for (scored, name) in later.iter().zip(&names) {
        let government = scored.named(of)?;
        let units = scored.units_of(government);
        rounds.push(Round { round: name, value: government.value, units: units.into_iter().collect() });
    }
    Ok(progress(&from.by().round, list, &rounds))
}
