//! What a release is made of: the file `manifest.json`, which is what gets signed.

use replica::{ContentHash, RoundId};
use serde::{Deserialize, Serialize};
use survey::scoring::api::Chosen;

/// The file that names all others.
pub const MANIFEST: &str = "manifest.json";
/// Ed25519 over the manifest's bytes: 64 bytes as they are.
pub const SIGNATURE: &str = "manifest.sig";
/// The public key that the signature is checked with, as PEM.
pub const PUBLIC_KEY: &str = "release.pem";
/// The rule set as its file stood.
pub const RULES: &str = "rules.toml";
/// The rules of the satisfaction index as their file stood.
pub const SKM: &str = "skm.toml";
/// A [`replica::api::Unit`] a line: the list of units as it stood.
pub const UNITS: &str = "units.jsonl";
/// A [`super::lines::FrozenRecord`] a line.
pub const RECORDS: &str = "records.jsonl";
/// A [`super::lines::Answers`] a line.
pub const ANSWERS: &str = "answers.jsonl";
/// A [`super::lines::Photo`] a line.
pub const PHOTOS: &str = "photos.jsonl";
/// A [`super::lines::UnitResult`] a line.
pub const UNIT_SCORES: &str = "scores-units.jsonl";
/// A [`super::lines::GovernmentResult`] a line.
pub const GOVERNMENT_SCORES: &str = "scores-governments.jsonl";
/// How the files are written; another number where their bytes would be others for the same records.
pub const FORMAT: &str = "loket release 1";

/// The file of an instrument, as its JSON was published.
pub fn instrument_file(hash: &ContentHash) -> String {
    format!("instrument-{hash}.json")
}

/// A release, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// Its number: 1, 2, 3 over all rounds of a store.
    pub number: u32,
    /// The release of the same round before it.
    pub follows: Option<u32>,
    /// What was asked for.
    pub asked: Asked,
    /// The rule set.
    pub rules: Rules,
    /// SHA-256 of the rules of the satisfaction index.
    pub skm: ContentHash,
    /// The instruments of its records, by hash.
    pub instruments: Vec<InstrumentUsed>,
    /// What was still open when it was made.
    pub open: Open,
    /// How much there is in it.
    pub counts: Counts,
    /// Every other file, by name.
    pub files: Vec<FileEntry>,
}

/// What was asked for when a release was made, and is not to be read from the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The round.
    pub round: RoundId,
    /// The year whose method holds.
    pub year: u16,
    /// Why this year's.
    pub chosen: Chosen,
    /// The day it is dated: `2026-11-25`.
    pub date: String,
    /// Someone decided to release although something was open.
    pub accepted_open: bool,
}

/// The rule set of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Its short name: `2022-2024`.
    pub id: String,
    /// What the assessment was called.
    pub title: String,
    /// SHA-256 of [`RULES`].
    pub sha256: ContentHash,
}

/// An instrument that records were filled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstrumentUsed {
    /// Its hash, which is SHA-256 of its file ([`instrument_file`]).
    pub hash: ContentHash,
    /// The form: `kunjungan`, `persepsi`.
    pub form: String,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Records of the round that were filled with it.
    pub records: u64,
}

/// What was open. All 0 in a release that nobody had to accept anything for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// Answers, rows and states that two people gave differently and nobody has chosen between, in records that count.
    pub clashes: u64,
    /// Visits that count and are not closed: their scores are provisional.
    pub visits: u64,
    /// Changes that could not be applied and are in no record.
    pub set_aside: u64,
    /// Photos and other files that answers name and that are not here.
    pub photos_missing: u64,
    /// Records of units that are not in the list of units; they count nowhere.
    pub unlisted: u64,
}

/// How much there is in a release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Governments in the list of units.
    pub governments: u64,
    /// Of these, with a score.
    pub governments_scored: u64,
    /// Units in the list.
    pub units: u64,
    /// Of these, with a score.
    pub units_scored: u64,
    /// Of these, of which the visit says that they could not be assessed.
    pub units_not_assessed: u64,
    /// Records of the round, those too that count for nothing.
    pub records: u64,
    /// Changes that these records are made of.
    pub changes: u64,
    /// Visits that count.
    pub visits: u64,
    /// Interviews that count.
    pub interviews: u64,
    /// Interviews in which the person did not agree.
    pub refused: u64,
    /// Interviews of which the consent was taken back. Their answers are not in the release.
    pub withdrawn: u64,
    /// Interviews that were never closed.
    pub unfinished: u64,
    /// Answers that are not blank, in [`ANSWERS`].
    pub answers: u64,
    /// Photos and other files that they name.
    pub photos: u64,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub length: u64,
    /// SHA-256 of them.
    pub sha256: ContentHash,
}

impl Open {
    /// True where anything is open.
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }
}
