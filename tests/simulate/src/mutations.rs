//! Turns off one safety rule at a time: the simulation must notice each.

use replica::mutation::{self, Rule};

use crate::run;
use crate::schedule::Schedule;
use crate::site::Ground;

/// Schedules that a rule may need to be noticed.
pub const SEEDS: u64 = 400;

/// Schedules that a known rule may need where its seed plays out otherwise by now.
const AGAIN: u64 = 100;

/// A seed by which each rule was noticed.
const KNOWN: [(Rule, u64); 20] = [
    (Rule::JournalFlush, 0),
    (Rule::JournalReplay, 0),
    (Rule::JournalClearedWithChange, 1),
    (Rule::ChangeWithOutbox, 1),
    (Rule::OutboxUntilAck, 12),
    (Rule::CursorWithChanges, 21),
    (Rule::IdempotentByHash, 0),
    (Rule::EpochCheck, 6),
    (Rule::EpochWithAck, 32),
    (Rule::DigestCompare, 6),
    (Rule::OfferedAgain, 0),
    (Rule::DependencyCheck, 6),
    (Rule::SequenceCheck, 2),
    (Rule::ActorOfDevice, 7),
    (Rule::DerivedRoot, 0),
    (Rule::TabDrawnAnew, 38),
    (Rule::BuildsOnView, 10),
    (Rule::RowTouched, 62),
    (Rule::SetAsideHidden, 2),
    (Rule::PhotoWhole, 121),
];

/// Which rules were noticed to be off.
#[derive(Debug)]
pub struct Report(Vec<(Rule, Option<u64>)>);

impl Report {
    /// Whether every one was.
    pub fn all_caught(&self) -> bool {
        self.0.iter().all(|(_, seed)| seed.is_some())
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (rule, _) in self.0.iter().filter(|(_, seed)| seed.is_none()) {
            writeln!(f, "{rule:?}: NOT CAUGHT")?;
        }
        let caught = self.0.iter().filter(|(_, seed)| seed.is_some()).count();
        write!(f, "caught {caught} of {}", self.0.len())
    }
}

/// Plays at most so many schedules for each rule, with that rule off, and tells of each as soon as it is done.
pub fn run(ground: &Ground, seeds: u64, mut tell: impl FnMut(Rule, Option<u64>)) -> Report {
    let caught = Rule::ALL.into_iter().map(|rule| {
        let seed = noticed(ground, rule, 0..seeds);
        tell(rule, seed);
        (rule, seed)
    });
    Report(caught.collect())
}

/// Every rule, each first with the seed that noticed it before.
pub fn run_known(ground: &Ground) -> Report {
    let again = |(rule, seed): (Rule, u64)| (rule, noticed(ground, rule, [seed].into_iter().chain(0..AGAIN)));
    Report(KNOWN.into_iter().map(again).collect())
}

fn noticed(ground: &Ground, rule: Rule, mut seeds: impl Iterator<Item = u64>) -> Option<u64> {
    mutation::turn_off(Some(rule));
    let seed = seeds.find(|seed| run::play(ground, &Schedule::draw(*seed)).is_err());
    mutation::turn_off(None);
    seed
}
