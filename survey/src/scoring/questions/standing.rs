//! *Where do we stand?* Rank among others, and how far it is to the next band and to a target.

use serde::{Deserialize, Serialize};

use crate::scoring::exact::Score;
use crate::scoring::level::Level;
use crate::scoring::methods::Method;
use crate::scoring::result::GovernmentScore;
use crate::scoring::rules::Zone;

/// The target that governments of the reports behind this project set themselves (Bontang for 2024).
pub const TARGET: Score = Score::of_points(90);

/// Where a government stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The kind of government that it is ranked among.
    pub level: Level,
    /// Among all of its kind that were scored.
    pub nation: Option<Rank>,
    /// Among those of its kind in its province.
    pub province: Option<Rank>,
    /// The band above; none in the highest.
    pub next: Option<NextBand>,
    /// The target.
    pub target: Score,
    /// Points that lack to it; 0 where it is reached.
    pub to_target: Option<Score>,
}

/// A place among others; those with the same score share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// From 1.
    pub place: usize,
    /// How many there are.
    pub of: usize,
}

/// The band above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextBand {
    /// Its category, where the method has any.
    pub category: Option<String>,
    /// Its zone.
    pub zone: Zone,
    /// Where it begins.
    pub from: Score,
    /// Points that lack.
    pub lacking: Score,
}

/// Where `government` stands among `all`, itself included.
pub fn standing(
    method: Method<'_>,
    government: &GovernmentScore,
    all: &[GovernmentScore],
    target: Score,
) -> Standing {
    let shown = government.value.map(|value| value.shown);
    let level = Level::of(&government.name, &government.province);
    let peers: Vec<&GovernmentScore> =
        all.iter().filter(|other| Level::of(&other.name, &other.province) == level).collect();
    let in_province = |other: &&GovernmentScore| other.province == government.province;
    let next = shown.and_then(|shown| {
        let band = method.next_band(shown)?;
        let lacking = minus(band.from, shown);
        Some(NextBand { category: band.category.clone(), zone: band.zone, from: band.from, lacking })
    });
    Standing {
        level,
        nation: shown.map(|shown| rank(shown, peers.iter().copied())),
        province: shown.map(|shown| rank(shown, peers.iter().copied().filter(in_province))),
        next,
        target,
        to_target: shown.map(|shown| minus(target, shown).max(Score::of_points(0))),
    }
}

fn rank<'g>(shown: Score, among: impl Iterator<Item = &'g GovernmentScore>) -> Rank {
    let (mut better, mut of) = (0, 0);
    for other in among.filter_map(|other| other.value) {
        of += 1;
        better += usize::from(other.shown > shown);
    }
    Rank { place: better + 1, of }
}

fn minus(a: Score, b: Score) -> Score {
    Score::hundredths(a.in_hundredths().saturating_sub(b.in_hundredths()))
}
