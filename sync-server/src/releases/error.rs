//! What keeps a release from being made or read.

use replica::{ContentHash, RecordId, RoundId};
use survey::scoring::exact::FigureError;
use survey::scoring::methods::PlaceError;
use thiserror::Error;

use super::frozen::FrozenError;
use super::manifest::Open;
use crate::database::StoreError;
use crate::log::{LogError, Seq};
use crate::scores::ScoresError;

/// Why there is no release.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// Not all changes were looked at yet.
    #[error("the server has looked at changes up to {upto} of {last}; wait a moment and ask again")]
    Behind {
        /// How far it came.
        upto: Seq,
        /// The last change.
        last: Seq,
    },
    /// Something is open, and nobody decided to release all the same.
    #[error("round {round} is not ready: {}. Settle these, or release all the same with --accept-open; they are told in the release", told(.open))]
    Open {
        /// The round.
        round: RoundId,
        /// What is open.
        open: Open,
    },
    /// An office's assessment of itself.
    #[error(
        "round {0} is an office's assessment of itself, not the Ombudsman's; it is followed, and never released"
    )]
    Own(RoundId),
    /// No record.
    #[error("round {0} has no records, so there is nothing to release")]
    Nothing(RoundId),
    /// An instrument is not here.
    #[error(
        "record {record} was filled with the instrument {hash}, which is not here; publish it with `loket instrument publish`"
    )]
    Instrument {
        /// The instrument.
        hash: ContentHash,
        /// A record that needs it.
        record: RecordId,
    },
    /// A record cannot be opened at its version.
    #[error("record {record}: {why}")]
    Record {
        /// The record.
        record: RecordId,
        /// What is wrong.
        why: String,
    },
    /// No day.
    #[error("`{0}` is no day; write it as 2026-11-25")]
    Date(String),
    /// The rule set's file is not among those that come along.
    #[error("the rule set {0} has no file of its own here, so it cannot be frozen")]
    Rules(String),
    /// A file cannot be written, or what was kept cannot be read.
    #[error(transparent)]
    Frozen(#[from] FrozenError),
    /// Scores cannot be reckoned.
    #[error(transparent)]
    Scores(#[from] ScoresError),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// JSON cannot be written, which no content makes happen.
    #[error("a line cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<StoreError> for ReleaseError {
    fn from(error: StoreError) -> Self {
        Self::Log(error.into())
    }
}

impl From<FigureError> for ReleaseError {
    fn from(error: FigureError) -> Self {
        Self::Scores(error.into())
    }
}

impl From<PlaceError> for ReleaseError {
    fn from(error: PlaceError) -> Self {
        Self::Scores(error.into())
    }
}

/// What is open, for the command line.
fn told(open: &Open) -> String {
    let Open { clashes, visits, set_aside, photos_missing, unlisted } = *open;
    let all = [
        (clashes, "differing answers that nobody has chosen between"),
        (visits, "visits that count and are not closed"),
        (set_aside, "changes that could not be applied"),
        (photos_missing, "photos or files that answers name and that are not here"),
        (unlisted, "records of units that are not in the list of units"),
    ];
    let some = all.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    some.collect::<Vec<_>>().join(", ")
}
