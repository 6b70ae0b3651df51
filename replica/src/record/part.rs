//! The parts of a record, and the keys under which they stand in its one map: each key says by itself what it is of.
//!
//! A path of a question begins with no `/` and ends in no `]`, a row's ends in one, and all else begins with a `/`.

use std::borrow::Cow;

use crate::clash::StateKey;

/// Before a comment's id.
const COMMENT: &str = "/comment/";

/// A part of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Answers by path.
    Answers,
    /// The marks of rows by path.
    Rows,
    /// What is known of the record as a whole.
    State,
    /// Comments by id.
    Comments,
}

impl Part {
    /// The part that a key of the document is of, and what it is called there; nothing where it is none that records
    /// are written under.
    pub(crate) fn of(key: &str) -> Option<(Self, &str)> {
        if let Some(id) = key.strip_prefix(COMMENT) {
            return Some((Self::Comments, id));
        }
        if let Some(name) = key.strip_prefix('/') {
            let known = StateKey::ALL.into_iter().any(|state| state.as_str() == name);
            return known.then_some((Self::State, name));
        }
        Some((if key.ends_with(']') { Self::Rows } else { Self::Answers }, key))
    }

    /// The key in the document of what is called so in this part.
    pub(crate) fn key(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Answers | Self::Rows => Cow::Borrowed(name),
            Self::State => Cow::Owned(format!("/{name}")),
            Self::Comments => Cow::Owned(format!("{COMMENT}{name}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn a_key_says_what_it_is_of_and_what_a_record_is_never_written_under_is_of_nothing() {
        let named = [
            (Part::Answers, "umur", "umur"),
            (Part::Answers, "standar[k3j2]/loket", "standar[k3j2]/loket"),
            (Part::Rows, "standar[k3j2]", "standar[k3j2]"),
            (Part::State, "closed", "/closed"),
            (Part::State, "withdrawn", "/withdrawn"),
            (Part::Comments, "k1", "/comment/k1"),
        ];
        for (part, name, key) in named {
            assert_eq!(part.key(name), key);
            assert_eq!(Part::of(key), Some((part, name)));
        }
        for foreign in ["/record", "/", "/closed/x", "/comment", "/umur"] {
            assert_eq!(Part::of(foreign), None, "{foreign}");
        }
    }
}
