//! What a release's files hold, a JSON object a line: fields in the order given here, no spaces, UTF-8, each line ended
//! by a line feed. Lines are sorted by what the fields say, never by when something arrived.

use std::collections::BTreeMap;

use replica::{ChangeHash, ClashKey, ContentHash, OfficeId, RecordId, RecordKind, UnitId};
use serde::{Deserialize, Serialize};
use survey::scoring::interval::Interval;
use survey::scoring::questions::standing::Rank;
use survey::scoring::result::{Counted, GovernmentScore, UnitScore};
use survey::scoring::skm::SkmIndex;

/// A record, at which version. Sorted by unit, kind (visits first) and record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenRecord {
    /// The unit that it is about.
    pub unit: UnitId,
    /// Visit or interview.
    pub kind: RecordKind,
    /// Its id.
    pub record: RecordId,
    /// The Ombudsman's office that it belongs to.
    pub office: OfficeId,
    /// What it was filled with.
    pub instrument: ContentHash,
    /// What it is worth.
    pub state: RecordState,
    /// When it was closed, in Unix seconds of the closing device: a claim.
    pub closed_at: Option<i64>,
    /// When it was last written in, in Unix seconds of the writing device: a claim.
    pub edited_at: Option<i64>,
    /// Its version: the changes that no other builds on, sorted.
    pub heads: Vec<ChangeHash>,
    /// How many changes that version is made of.
    pub changes: u64,
    /// Changes that could not be applied and are not in it, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<ChangeHash>,
}

/// What a record is worth in a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// It is closed and counts.
    Counted,
    /// A visit that counts and is not closed: its unit's score is provisional.
    Provisional,
    /// A visit in whose place another one of the same unit counts: the one written in last.
    Superseded,
    /// Its unit is not in the list of units.
    Unlisted,
    /// None of its changes could be applied.
    Empty,
    /// An interview in which the person did not agree.
    Refused,
    /// An interview that was never closed.
    Unfinished,
    /// An interview of which the consent was taken back.
    Withdrawn,
}

/// A record's answers. Sorted as the records are; only records for which [`RecordState::has_answers`] have a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The record.
    pub record: RecordId,
    /// Every stored answer by its path (`standar[k3j2]/persyaratan_loket`), `""` where it was blanked. What the form
    /// calculates is not stored; [`super::frozen::Frozen::session`] has it.
    pub answers: BTreeMap<String, String>,
    /// The rows of repeats, each repeat's in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    /// Where two people wrote differently and nobody has chosen; the value that holds stands among the answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clashes: Vec<FrozenClash>,
}

/// A place with more than one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenClash {
    /// Where.
    pub place: ClashKey,
    /// The values, sorted.
    pub values: Vec<String>,
    /// The one that holds until somebody chooses.
    pub holds: Option<String>,
}

/// A photo, sound, film or other file that an answer names. Sorted as the records are, then by path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// The record.
    pub record: RecordId,
    /// The question's path.
    pub path: String,
    /// SHA-256 of the file, by which it is fetched.
    pub hash: ContentHash,
    /// Whether it was here when the release was made.
    pub here: bool,
}

/// A unit's score. Sorted by unit; a line for every unit of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitResult {
    /// The unit.
    pub unit: UnitId,
    /// Whether it is in its government's mean, and why not.
    pub counted: Counted,
    /// Score, zone, category, opinion, dimensions, variables, indicators, and what is assumed in them.
    pub score: UnitScore,
    /// How sure its perception part is; none with fewer than two interviews.
    pub interval: Option<Interval>,
    /// The satisfaction index of its interviews: another survey's formula, never to be mixed up.
    pub skm: SkmIndex,
    /// Clashes in records that count for it.
    pub clashes: u64,
}

/// A government's score. Sorted by province and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovernmentResult {
    /// Score, zone, category, opinion, dimensions, and its units in short.
    pub score: GovernmentScore,
    /// Its place among all governments that have a score.
    pub nation: Option<Rank>,
    /// Its place among those of its province.
    pub province: Option<Rank>,
    /// How sure its perception part is; none with fewer than two interviews.
    pub interval: Option<Interval>,
    /// The satisfaction index over all its interviews.
    pub skm: SkmIndex,
    /// Clashes in records that count for its units.
    pub clashes: u64,
}

impl RecordState {
    /// True where the record's answers are in the release: not those of people who did not agree, or no longer do, or
    /// had not finished.
    pub fn has_answers(self) -> bool {
        matches!(self, Self::Counted | Self::Provisional | Self::Superseded | Self::Unlisted)
    }

    /// True where its answers are in a score.
    pub fn counts(self) -> bool {
        matches!(self, Self::Counted | Self::Provisional)
    }
}
