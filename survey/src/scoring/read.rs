//! Reads a rule set from TOML and checks it.

use serde::de::DeserializeOwned;
use thiserror::Error;

use super::check::RuleFault;
use super::rules::RuleSet;
use super::skm::SkmRules;

/// Largest file that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Why a rule set cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Too large to be one.
    #[error("the file has {0} bytes, which is more than any rule set needs ({LARGEST})")]
    Large(usize),
    /// Not TOML, or not of this shape; names line and column.
    #[error("{0}")]
    Shape(String),
    /// It does not hold together.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<RuleFault>),
}

/// Reads and checks a rule set.
///
/// # Errors
/// [`ReadError`]: all faults, with their places.
pub fn read_rules(toml: &str) -> Result<RuleSet, ReadError> {
    let rules: RuleSet = parse(toml)?;
    sound(rules.faults()).map(|()| rules)
}

/// Reads and checks the rules of the satisfaction index.
///
/// # Errors
/// As [`read_rules`].
pub fn read_skm(toml: &str) -> Result<SkmRules, ReadError> {
    let rules: SkmRules = parse(toml)?;
    sound(rules.faults()).map(|()| rules)
}

fn parse<T: DeserializeOwned>(toml: &str) -> Result<T, ReadError> {
    if toml.len() > LARGEST {
        return Err(ReadError::Large(toml.len()));
    }
    toml::from_str(toml).map_err(|error| ReadError::Shape(error.to_string()))
}

fn sound(faults: Vec<RuleFault>) -> Result<(), ReadError> {
    if faults.is_empty() { Ok(()) } else { Err(ReadError::Faults(faults)) }
}
