//! Clashes: one place in a record, more than one value, written without knowing of each other.

use serde::{Deserialize, Serialize};

use crate::id::Actor;
use crate::key::{AnswerPath, RowPath};

/// The value of a row's clash that keeps the row.
pub const ROW_PRESENT: &str = "present";
/// The value of a row's clash that takes the row away.
pub const ROW_REMOVED: &str = "removed";

/// Where a clash is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "at", content = "path")]
pub enum ClashKey {
    /// An answer: different values.
    Answer(AnswerPath),
    /// A row: removed by one and edited by another.
    Row(RowPath),
    /// The record: closed by one and opened again by another.
    State(StateKey),
}

/// What is known of a record as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKey {
    /// When it was closed; blank where it is open.
    Closed,
    /// When the consent was taken back; blank where it stands.
    Withdrawn,
}

impl StateKey {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Closed, Self::Withdrawn];

    /// The key in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A place with more than one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Where.
    pub key: ClashKey,
    /// The distinct values, sorted by value, at least two.
    pub options: Vec<Version>,
}

/// One value of a clash, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The value. For a row, [`ROW_PRESENT`] or [`ROW_REMOVED`]; for a state, Unix
    /// seconds as text, or the empty text.
    pub value: String,
    /// Who wrote it; nothing where the actor is none of Loket's.
    pub actor: Option<Actor>,
    /// When, in Unix seconds of the writing device: a claim.
    pub time: i64,
    /// Whether this is the value that holds until somebody chooses: the same on every device.
    pub holds_now: bool,
}
