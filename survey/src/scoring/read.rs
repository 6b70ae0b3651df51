//! Reads a rule set from TOML and checks it.

use thiserror::Error;

use super::check::RuleFault;
use super::rules::RuleSet;

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
    if toml.len() > LARGEST {
        return Err(ReadError::Large(toml.len()));
    }
    let rules: RuleSet = toml::from_str(toml).map_err(|error| ReadError::Shape(error.to_string()))?;
    let faults = rules.faults();
    if faults.is_empty() { Ok(rules) } else { Err(ReadError::Faults(faults)) }
}
