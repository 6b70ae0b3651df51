//! Where an answer stands in a filled form: `standar[k3j2]/persyaratan/loket`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One step: a node's name, and the row where the node is a repeat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Name of the group, repeat or question.
    pub name: String,
    /// The row, for repeats.
    pub row: Option<RowId>,
}

/// Identity of a row in a repeat: 1 to 16 of `a-z0-9`, chosen at random by the device that adds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(String);

/// Steps from the top of the form to one node or row.
///
/// As text, steps are joined by `/` and a row stands in square brackets; this text is also the
/// key of the answer in a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(Vec<Step>);

/// A text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a path: steps are names joined by `/`, rows are `[a-z0-9]`, 512 bytes at most")]
pub struct PathError {
    /// What was given, cut to 80 characters.
    pub text: String,
}

/// Longest path as text, in bytes.
pub const MAX_PATH_BYTES: usize = 512;

impl RowId {
    /// Takes 1 to 16 characters of `a-z0-9`.
    ///
    /// # Errors
    /// Anything else.
    pub fn new(text: &str) -> Result<Self, PathError> {
        let fits = (1..=16).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if fits { Ok(Self(text.to_owned())) } else { Err(PathError::at(text)) }
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Path {
    /// The top of the form.
    pub fn top() -> Self {
        Self::default()
    }

    /// The steps from the top.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// This path with one more step to a group or question.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        self.with(Step { name: name.to_owned(), row: None })
    }

    /// This path with one more step to a row of a repeat.
    #[must_use]
    pub fn row(&self, repeat: &str, row: RowId) -> Self {
        self.with(Step { name: repeat.to_owned(), row: Some(row) })
    }

    /// The path one step up; none at the top.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// True where `self` is `other` or stands inside it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl PathError {
    fn at(text: &str) -> Self {
        Self { text: text.chars().take(80).collect() }
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            f.write_str(&step.name)?;
            if let Some(row) = &step.row {
                write!(f, "[{row}]")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Step {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let (name, row) = match text.strip_suffix(']').and_then(|t| t.split_once('[')) {
            Some((name, row)) => (name, Some(RowId::new(row)?)),
            None => (text, None),
        };
        let fits = !name.is_empty() && !name.contains(['[', ']', '/']) && !name.contains(char::is_whitespace);
        if fits { Ok(Self { name: name.to_owned(), row }) } else { Err(PathError::at(text)) }
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_PATH_BYTES {
            return Err(PathError::at(text));
        }
        if text.is_empty() {
            return Ok(Self::top());
        }
        text.split('/').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl TryFrom<String> for Path {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}
