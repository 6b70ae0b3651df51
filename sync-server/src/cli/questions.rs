//! `loket scores`, `standing`, `unit`, `findings`, `lift`, `progress`, `change`: the questions that scores answer, as JSON.

use clap::Args;
use replica::api::ApproveReply;
use replica::{RoundId, UnitId};
use survey::scoring::exact::{FigureError, Score};
use survey::scoring::questions::standing::TARGET;

use super::opened::Opened;
use super::{CommandError, Data, print_json, refused};
use crate::clock;
use crate::scores::changes::{End, changed};
use crate::scores::pages::{Named, Scored};

/// A score as people write it, with a decimal comma too.
fn as_written(text: &str) -> Result<Score, FigureError> {
    text.trim().replace(',', ".").parse()
}

/// Which round, and by which method.
#[derive(Args)]
pub struct Which {
    /// The round; the one opened last where it is left out.
    #[arg(long)]
    round: Option<RoundId>,
    /// The year whose method holds; the round's own where it is left out.
    #[arg(long = "method", value_name = "YEAR")]
    year: Option<u16>,
    #[command(flatten)]
    data: Data,
}

/// Which government.
#[derive(Args)]
pub struct Whose {
    /// The government as the list of units names it.
    government: String,
    /// Its province, where two governments have one name.
    #[arg(long)]
    province: Option<String>,
}

/// Who wants to come where.
#[derive(Args)]
pub struct Aim {
    #[command(flatten)]
    whose: Whose,
    /// One unit of it alone.
    #[arg(long)]
    unit: Option<UnitId>,
    /// The target.
    #[arg(long, default_value_t = TARGET, value_parser = as_written)]
    target: Score,
}

/// Every government's score, category, zone and rank.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    which: Which,
}

/// Where a government stands: score, dimensions, units, rank, next band, target, and how sure that is.
#[derive(Args)]
pub struct Standing {
    #[command(flatten)]
    whose: Whose,
    /// The target.
    #[arg(long, default_value_t = TARGET, value_parser = as_written)]
    target: Score,
    #[command(flatten)]
    which: Which,
}

/// A unit's score, every number down to the answers and photos it comes from.
#[derive(Args)]
pub struct Unit {
    /// The unit's id, as `loket units list` prints it.
    unit: UnitId,
    #[command(flatten)]
    which: Which,
}

/// Where it is red: indicator by unit, what fails most often first.
#[derive(Args)]
pub struct Findings {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    which: Which,
}

/// All units in the red zone, the lowest first.
#[derive(Args)]
pub struct Red {
    /// Only those of this province.
    #[arg(long)]
    province: Option<String>,
    #[command(flatten)]
    which: Which,
}

/// Says that a unit's records were looked through and found in order, as they stand now: those that are closed and have
/// no open clash. Whoever changes one later makes it wait again.
#[derive(Args)]
pub struct Approve {
    /// The unit's id, as `loket units list` prints it.
    unit: UnitId,
    #[command(flatten)]
    which: Which,
}

/// What would lift a government, or one unit, to a target with the fewest indicators.
#[derive(Args)]
pub struct Lift {
    #[command(flatten)]
    aim: Aim,
    #[command(flatten)]
    which: Which,
}

/// How far a government has come with the list that would lift it, by the rounds in which it assesses itself
/// (`loket round open --own`).
#[derive(Args)]
pub struct Progress {
    #[command(flatten)]
    aim: Aim,
    /// The year whose method holds; each round's own where it is left out.
    #[arg(long = "method", value_name = "YEAR")]
    year: Option<u16>,
    #[command(flatten)]
    data: Data,
}

/// What changed between two rounds or published years: method, units, and real change, which sum to the whole.
#[derive(Args)]
pub struct Change {
    #[command(flatten)]
    whose: Whose,
    /// The earlier round, or published year.
    #[arg(long)]
    from: String,
    /// The later one.
    #[arg(long)]
    to: String,
    /// The year whose method holds for the earlier round, where it is not the round's own.
    #[arg(long)]
    from_method: Option<u16>,
    /// The same for the later one.
    #[arg(long)]
    to_method: Option<u16>,
    #[command(flatten)]
    data: Data,
}

impl Which {
    fn ask<T: serde::Serialize>(
        self,
        question: impl FnOnce(&Scored<'_>, &Opened) -> Result<T, CommandError>,
    ) -> Result<(), CommandError> {
        let opened = Opened::of(&self.data)?;
        let scored = opened.sources().score(self.round, self.year).map_err(refused)?;
        print_json(&question(&scored, &opened)?)
    }
}

impl Whose {
    fn named(&self) -> Named<'_> {
        Named { name: &self.government, province: self.province.as_deref() }
    }
}

impl List {
    pub fn run(self) -> Result<(), CommandError> {
        self.which.ask(|scored, _| Ok(scored.list(|_| true)))
    }
}

impl Standing {
    pub fn run(self) -> Result<(), CommandError> {
        let Self { whose, target, which } = self;
        which.ask(|scored, opened| {
            let published = opened.sources().published().map_err(refused)?;
            scored.government(&whose.named(), target, published).map_err(refused)
        })
    }
}

impl Unit {
    pub fn run(self) -> Result<(), CommandError> {
        let unit = self.unit;
        self.which.ask(|scored, _| scored.unit(&unit).map_err(refused))
    }
}

impl Findings {
    pub fn run(self) -> Result<(), CommandError> {
        let whose = self.whose;
        self.which.ask(|scored, _| scored.findings(&whose.named()).map_err(refused))
    }
}

impl Red {
    pub fn run(self) -> Result<(), CommandError> {
        let Self { province, which } = self;
        let sees = |unit: &replica::api::Unit| {
            province.as_ref().is_none_or(|province| unit.province.eq_ignore_ascii_case(province))
        };
        which.ask(|scored, _| Ok(scored.red(sees)))
    }
}

impl Approve {
    pub fn run(self) -> Result<(), CommandError> {
        let unit = self.unit;
        self.which.ask(|scored, _| {
            let approved = scored.approve(&unit, scored.by().upto, None, clock::now()).map_err(refused)?;
            Ok(ApproveReply { approved })
        })
    }
}

impl Lift {
    pub fn run(self) -> Result<(), CommandError> {
        let Self { aim: Aim { whose, unit, target }, which } = self;
        which.ask(|scored, _| scored.lift(&whose.named(), unit.as_ref(), target).map_err(refused))
    }
}

impl Progress {
    pub fn run(self) -> Result<(), CommandError> {
        let opened = Opened::of(&self.data)?;
        let Aim { whose, unit, target } = &self.aim;
        let found = opened.sources().progress(&whose.named(), unit.as_ref(), *target, self.year);
        print_json(&found.map_err(refused)?)
    }
}

impl Change {
    pub fn run(self) -> Result<(), CommandError> {
        let opened = Opened::of(&self.data)?;
        let published = opened.sources().published().map_err(refused)?;
        let from = End { name: self.from, method: self.from_method };
        let to = End { name: self.to, method: self.to_method };
        let change = changed(opened.sources(), &self.whose.named(), &from, &to, &published);
        print_json(&change.map_err(refused)?)
    }
}
