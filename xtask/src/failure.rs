//! What went wrong in a step, and what the person can do about it.

use std::fmt;
use std::path::Path;

/// A step that failed.
#[derive(Debug)]
pub struct Failure {
    what: String,
    remedy: String,
}

/// The outcome of a step.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// `what` went wrong; `remedy` says what to do.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    /// A file or folder that cannot be read or written.
    pub fn file(path: &Path, error: &dyn fmt::Display) -> Self {
        Self::new(format!("{}: {error}", path.display()), "Check that the path exists and may be written.")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.what, self.remedy)
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::new(error.to_string(), crate::HELP)
    }
}
