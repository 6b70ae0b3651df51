//! Where a figure of a rule set comes from, and what was assumed.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::instrument::Source;

/// Where a figure comes from. As text: `S2; S24` or `assumed` or `assumed: why`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Origin {
    /// Sources as the rule set lists them.
    Cited(String),
    /// The sources leave it open; why this figure was taken, `""` where nothing is said.
    Assumed(String),
}

/// A figure or rule with its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    /// The figure or rule.
    pub value: T,
    /// Where it comes from.
    pub source: Origin,
    /// Years in which it is taken over from another year without a source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed_in: Vec<u16>,
}

/// A source is blank.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a figure has no source; name one, or write `assumed: why`")]
pub struct NoOrigin;

impl Origin {
    /// Why the figure is assumed in `year`; none where a source has it.
    pub fn assumption(&self, year: u16, assumed_in: &[u16]) -> Option<String> {
        match self {
            Self::Assumed(why) => Some(why.clone()),
            Self::Cited(source) if assumed_in.contains(&year) => {
                Some(format!("{source} does not speak of {year}; taken over from the years around it"))
            }
            Self::Cited(_) => None,
        }
    }
}

impl<T> Sourced<T> {
    /// Why the figure is assumed in `year`; none where a source has it.
    pub fn assumption(&self, year: u16) -> Option<String> {
        self.source.assumption(year, &self.assumed_in)
    }
}

impl From<&Source> for Origin {
    fn from(source: &Source) -> Self {
        match source {
            Source::Assumed => Self::Assumed(String::new()),
            Source::Cited(text) => Self::Cited(text.clone()),
        }
    }
}

impl TryFrom<String> for Origin {
    type Error = NoOrigin;

    fn try_from(text: String) -> Result<Self, NoOrigin> {
        match text.trim() {
            "" => Err(NoOrigin),
            "assumed" => Ok(Self::Assumed(String::new())),
            text => Ok(text
                .strip_prefix("assumed:")
                .map_or_else(|| Self::Cited(text.to_owned()), |why| Self::Assumed(why.trim().to_owned()))),
        }
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cited(source) => f.write_str(source),
            Self::Assumed(why) if why.is_empty() => f.write_str("assumed"),
            Self::Assumed(why) => write!(f, "assumed: {why}"),
        }
    }
}
