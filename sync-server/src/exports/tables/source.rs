//! What tables are made of: a frozen release, as far as they need it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use replica::RecordKind;
use survey::instrument::Instrument;
use survey::scoring::assumption::Assumption;
use survey::scoring::questions::standing::Rank;
use survey::scoring::result::{Counted, GovernmentScore, UnitScore};
use survey::session::Session;

use crate::releases::lines::RecordState;

/// Opens a record with its instrument; none where its answers are not in the release.
pub type Open<'a> = &'a dyn Fn(&RecordRow) -> Option<Session>;

/// A release.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// What it is.
    pub head: Head,
    /// Governments with their scores, in any order.
    pub governments: Vec<GovernmentRow>,
    /// Units with their scores, in any order.
    pub units: Vec<UnitRow>,
    /// Records, those too that count for nothing, in any order.
    pub records: Vec<RecordRow>,
    /// The instruments that they were filled with, by hash in hex.
    pub instruments: BTreeMap<String, Arc<Instrument>>,
}

/// What a release says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Its number, from 1.
    pub number: u32,
    /// The round that was closed.
    pub round: String,
    /// The year whose method it was scored by.
    pub year: u16,
    /// The rule set: `2022-2024`.
    pub rules: String,
    /// What the assessment was called.
    pub title: String,
    /// When it was frozen, in Unix seconds.
    pub released_at: i64,
    /// The hash that names all of it, in hex.
    pub digest: String,
    /// What in its scores is assumed.
    pub assumed: Vec<Assumption>,
}

/// A government.
#[derive(Debug, Clone)]
pub struct GovernmentRow {
    /// Its score.
    pub score: GovernmentScore,
    /// Its place among all that have a score, whichever of them are in the tables.
    pub nation: Option<Rank>,
    /// Its place among those of its province.
    pub province: Option<Rank>,
}

/// A unit.
#[derive(Debug, Clone)]
pub struct UnitRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind: `dukcapil`.
    pub kind: String,
    /// Its government's name.
    pub government: String,
    /// Where it lies.
    pub province: String,
    /// Whose it is.
    pub office: String,
    /// Whether it counts for its government.
    pub counted: Counted,
    /// Its score.
    pub score: UnitScore,
}

/// A visit or interview.
#[derive(Debug, Clone)]
pub struct RecordRow {
    /// Its id.
    pub id: String,
    /// Visit or interview.
    pub kind: RecordKind,
    /// The id of its unit.
    pub unit: String,
    /// The hash of its instrument, in hex.
    pub instrument: String,
    /// When it was closed, in Unix seconds.
    pub closed_at: Option<i64>,
    /// What it is worth.
    pub state: RecordState,
    /// Its place in the release's list of records.
    pub at: usize,
    /// What was answered differently, and not chosen between.
    pub clashes: Vec<ClashRow>,
}

/// One value of a place with several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClashRow {
    /// Where: the path of an answer or row, or the word for a state.
    pub place: String,
    /// The value.
    pub value: String,
    /// It is the one that counts.
    pub holds: bool,
}

impl Source {
    /// Sorted by what things are, so that tables do not depend on the order in which they were read.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.governments
            .sort_by(|a, b| (&a.score.province, &a.score.name).cmp(&(&b.score.province, &b.score.name)));
        self.units.sort_by(|a, b| {
            (&a.province, &a.government, &a.name, &a.id).cmp(&(&b.province, &b.government, &b.name, &b.id))
        });
        let place: BTreeMap<&str, usize> =
            self.units.iter().enumerate().map(|(at, unit)| (unit.id.as_str(), at)).collect();
        let last = place.len();
        self.records.sort_by_cached_key(|record| {
            (place.get(record.unit.as_str()).copied().unwrap_or(last), record.id.clone())
        });
        for record in &mut self.records {
            record.clashes.sort();
        }
        self
    }

    /// What belongs to the units that `sees` lets through: those units, their records, and the governments that have
    /// any of them.
    #[must_use]
    pub fn only(mut self, sees: impl Fn(&UnitRow) -> bool) -> Self {
        self.units.retain(sees);
        let units: BTreeSet<&str> = self.units.iter().map(|unit| unit.id.as_str()).collect();
        let of: BTreeSet<(&str, &str)> =
            self.units.iter().map(|unit| (unit.government.as_str(), unit.province.as_str())).collect();
        self.records.retain(|record| units.contains(record.unit.as_str()));
        self.governments.retain(|row| of.contains(&(row.score.name.as_str(), row.score.province.as_str())));
        self
    }
}
