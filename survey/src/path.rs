//! Where an answer stands in a filled form: `standar[k3j2]/persyaratan/loket`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One step: a node's name, and the row where the node is a repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'p> {
    /// Name of the group, repeat or question.
    pub name: &'p str,
    /// The row, for repeats.
    pub row: Option<&'p str>,
}

/// Identity of a row in a repeat: 1 to 16 of `a-z0-9`, chosen at random by the device that adds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(String);

/// Steps from the top of the form to one node or row.
///
/// Steps are joined by `/` and a row stands in square brackets. What the answer is called in a record has no groups that
/// nobody needs ([`crate::keys`]).
/// A form has many paths, each asked for often: a copy shares the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(Arc<str>);

/// A text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a path: steps are names joined by `/`, rows are `[a-z0-9]`, 512 bytes at most")]
pub struct PathError {
    /// What was given, cut to 80 characters.
    pub text: String,
}

/// Stands behind a repeat's name for whichever row.
pub(crate) const ANY_ROW: &str = "[]";

/// Longest path as text, in bytes.
pub const MAX_PATH_BYTES: usize = 512;

impl RowId {
    /// Takes 1 to 16 characters of `a-z0-9`.
    ///
    /// # Errors
    /// Anything else.
    pub fn new(text: &str) -> Result<Self, PathError> {
        if Self::fits(text) { Ok(Self(text.to_owned())) } else { Err(PathError::at(text)) }
    }

    fn fits(text: &str) -> bool {
        (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Path {
    /// The top of the form.
    pub fn top() -> Self {
        Self(Arc::from(""))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the top of the form.
    pub fn is_top(&self) -> bool {
        self.0.is_empty()
    }

    /// The steps from the top.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = Step<'_>> {
        self.0.split('/').filter(|step| !step.is_empty()).map(Step::of)
    }

    /// The last step; none at the top.
    pub fn last(&self) -> Option<Step<'_>> {
        self.steps().next_back()
    }

    /// This path with one more step to a group or question.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        self.then(Step { name, row: None })
    }

    /// This path with one more step to a row of a repeat.
    #[must_use]
    pub fn row(&self, repeat: &str, row: &RowId) -> Self {
        self.then(Step { name: repeat, row: Some(row.as_str()) })
    }

    /// This path with one more step.
    #[must_use]
    pub fn then(&self, step: Step<'_>) -> Self {
        let between = if self.is_top() { "" } else { "/" };
        let (open, row, close) = step.row.map_or(("", "", ""), |row| ("[", row, "]"));
        Self([&*self.0, between, step.name, open, row, close].concat().into())
    }

    /// This path with all steps of another behind it.
    pub(crate) fn joined(&self, inner: &Self) -> Self {
        inner.steps().fold(self.clone(), |path, step| path.then(step))
    }

    /// This path with [`ANY_ROW`] in the place of each row.
    pub(crate) fn without_rows(&self) -> Self {
        if !self.0.contains('[') {
            return self.clone();
        }
        self.steps().fold(Self::top(), |path, step| match step.row {
            Some(_) => path.child(&[step.name, ANY_ROW].concat()),
            None => path.child(step.name),
        })
    }

    /// This path, made by [`Path::without_rows`], with the rows that another stands in.
    pub(crate) fn with_rows_of(&self, other: &Self) -> Self {
        if !self.0.contains('[') {
            return self.clone();
        }
        let mut rows = other.steps().filter_map(|step| step.row);
        self.steps().fold(Self::top(), |path, step| {
            let row = step.row.and_then(|_| rows.next());
            path.then(Step { row, ..step })
        })
    }

    /// The path one step up; none at the top.
    pub fn parent(&self) -> Option<Self> {
        let above = self.0.rsplit_once('/').map_or("", |(above, _)| above);
        (!self.is_top()).then(|| Self(Arc::from(above)))
    }

    /// True where `self` is `other` or stands inside it.
    pub fn is_within(&self, other: &Self) -> bool {
        let rest = self.0.strip_prefix(&*other.0);
        other.is_top() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Default for Path {
    fn default() -> Self {
        Self::top()
    }
}

impl<'p> Step<'p> {
    fn of(text: &'p str) -> Self {
        match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((name, row)) => Self { name, row: Some(row) },
            None => Self { name: text, row: None },
        }
    }

    /// Whether it can stand in a path.
    fn is_sound(self) -> bool {
        let name = !self.name.is_empty()
            && !self.name.contains(['[', ']', '/'])
            && !self.name.contains(char::is_whitespace);
        name && self.row.is_none_or(RowId::fits)
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
        f.write_str(&self.0)
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_PATH_BYTES {
            return Err(PathError::at(text));
        }
        let sound = text.is_empty() || text.split('/').all(|step| Step::of(step).is_sound());
        if sound { Ok(Self(text.into())) } else { Err(PathError::at(text)) }
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
        path.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_built_step_by_step_is_what_is_read() {
        let row = RowId::new("k3j2").unwrap();
        let built = Path::top().row("standar", &row).child("persyaratan").child("loket");
        assert_eq!(built, path("standar[k3j2]/persyaratan/loket"));
        let again = built.steps().fold(Path::top(), |above, step| above.then(step));
        assert_eq!(again, built);
        let up: Vec<String> =
            std::iter::successors(Some(built), Path::parent).map(|path| path.to_string()).collect();
        assert_eq!(up, ["standar[k3j2]/persyaratan/loket", "standar[k3j2]/persyaratan", "standar[k3j2]", ""]);
        assert_eq!(path("standar[k3j2]").last(), Some(Step { name: "standar", row: Some("k3j2") }));
        assert_eq!((Path::top().last(), Path::top().parent()), (None, None));
    }

    #[test]
    fn a_path_is_within_those_above_it_and_no_others() {
        let all = ["", "a", "a/b", "a/bc", "a[x]", "a[x]/b", "ab"];
        let within = |text: &str| {
            let text = path(text);
            let outer: Vec<&str> = all.into_iter().filter(|outer| text.is_within(&path(outer))).collect();
            outer
        };
        assert_eq!(within("a/b"), ["", "a", "a/b"]);
        assert_eq!(within("a/bc"), ["", "a", "a/bc"]);
        assert_eq!(within("a[x]/b"), ["", "a[x]", "a[x]/b"]);
        assert_eq!(within("ab"), ["", "ab"]);
        assert_eq!(within(""), [""]);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in
            ["/", "a/", "/a", "a//b", "a[", "a]", "a[]", "a[X]", "a[x", "[x]", "a[x]b", "a b", "a[x][y]"]
        {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
        assert!("a".repeat(MAX_PATH_BYTES + 1).parse::<Path>().is_err());
    }
}
