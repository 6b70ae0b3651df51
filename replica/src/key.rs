//! Texts inside a record that are bounded: paths of questions, paths of rows, answers, comments.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Most bytes of a path.
pub const MAX_PATH_BYTES: usize = 512;
/// Most bytes of an answer.
pub const MAX_ANSWER_BYTES: usize = 32 * 1024;

/// Most bytes of a comment.
pub const MAX_COMMENT_BYTES: usize = 4 * 1024;

/// A text that cannot stand in a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a path.
    #[error(
        "a path is 1 to {MAX_PATH_BYTES} bytes of text without control characters, and begins with no slash"
    )]
    Path,
    /// The path of a row, where an answer's is wanted.
    #[error("an answer's path ends in the question's name, and not in a bracket")]
    Question,
    /// Not the path of a row.
    #[error("the path of a row ends in the row's id in brackets, such as standar[k3j2]")]
    Row,
    /// Too long an answer.
    #[error("an answer has at most {MAX_ANSWER_BYTES} bytes, this one has {found}")]
    Answer {
        /// Its bytes.
        found: usize,
    },
    /// Not the id of a comment.
    #[error("a comment's id is 1 to 32 lower-case letters and digits")]
    CommentId,
    /// No comment, or too long a one.
    #[error("a comment has 1 to {MAX_COMMENT_BYTES} bytes, this one has {found}")]
    Comment {
        /// Its bytes.
        found: usize,
    },
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl FromStr for $name {
            type Err = KeyError;

            fn from_str(text: &str) -> Result<Self, KeyError> {
                let check: fn(&str) -> Result<(), KeyError> = $check;
                check(text).map(|()| Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = KeyError;

            fn try_from(text: String) -> Result<Self, KeyError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0.into()
            }
        }
    };
}

text!(
    /// Where an answer stands, as the text of a path: `standar[k3j2]/persyaratan_loket`.
    AnswerPath, |text| if text.ends_with(']') { Err(KeyError::Question) } else { check_path(text) }
);
text!(
    /// Where a row stands, as the text of a path that ends in the row's id: `standar[k3j2]`.
    RowPath, |text| if check_path(text).is_ok() && text.ends_with(']') && row_starts(text).next_back().is_some() {
        Ok(())
    } else {
        Err(KeyError::Row)
    }
);
text!(
    /// An answer as it is stored: any text up to [`MAX_ANSWER_BYTES`]; empty is blank.
    Answer, |text| if text.len() <= MAX_ANSWER_BYTES {
        Ok(())
    } else {
        Err(KeyError::Answer { found: text.len() })
    }
);
text!(
    /// Names a comment within its record.
    CommentId, |text| if (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        Ok(())
    } else {
        Err(KeyError::CommentId)
    }
);
text!(
    /// What a comment says: any text that is not blank, up to [`MAX_COMMENT_BYTES`].
    CommentText, |text| if text.len() <= MAX_COMMENT_BYTES && !text.trim().is_empty() {
        Ok(())
    } else {
        Err(KeyError::Comment { found: text.len() })
    }
);

fn check_path(text: &str) -> Result<(), KeyError> {
    let length = (1..=MAX_PATH_BYTES).contains(&text.len());
    // What is no path in a record stands under keys that begin so.
    let sound = length && !text.starts_with('/') && !text.chars().any(char::is_control);
    if sound { Ok(()) } else { Err(KeyError::Path) }
}

/// The ends (past the closing bracket) of every prefix of the text that is a row.
fn row_starts(text: &str) -> impl DoubleEndedIterator<Item = usize> {
    text.match_indices(']').filter_map(|(end, _)| {
        let open = text[..end].rfind('[')?;
        let id = &text[open + 1..end];
        let named = open > 0 && !text[..open].ends_with('/') && !id.is_empty() && !id.contains([']', '/']);
        let whole = text[end + 1..].is_empty() || text[end + 1..].starts_with('/');
        (named && whole).then_some(end + 1)
    })
}

impl AnswerPath {
    /// Every row that the answer stands in, the outermost first.
    pub fn rows(&self) -> impl Iterator<Item = RowPath> {
        row_starts(&self.0).map(|end| RowPath(self.0[..end].into()))
    }
}

impl RowPath {
    /// Every row that this row stands in, the outermost first.
    pub fn enclosing(&self) -> impl Iterator<Item = RowPath> {
        row_starts(&self.0).filter(|end| *end < self.0.len()).map(|end| RowPath(self.0[..end].into()))
    }

    /// The path of the repeat that the row belongs to: `standar` of `standar[k3j2]`.
    pub fn repeat(&self) -> &str {
        self.0.rfind('[').map_or(&*self.0, |open| &self.0[..open])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_knows_the_rows_it_stands_in() {
        let rows =
            |path: &str| path.parse::<AnswerPath>().unwrap().rows().map(String::from).collect::<Vec<_>>();
        assert_eq!(rows("nama"), Vec::<String>::new());
        assert_eq!(rows("standar[k3j2]/persyaratan"), ["standar[k3j2]"]);
        assert_eq!(rows("a/b[1]/c[2]/d"), ["a/b[1]", "a/b[1]/c[2]"]);
        assert_eq!(rows("a[]/b"), Vec::<String>::new());
        assert_eq!(rows("]a["), Vec::<String>::new());
        let row: RowPath = "a/b[1]/c[2]".parse().unwrap();
        assert_eq!(row.repeat(), "a/b[1]/c");
        assert_eq!(row.enclosing().map(String::from).collect::<Vec<_>>(), ["a/b[1]"]);
    }

    #[test]
    fn what_is_no_path_no_row_and_no_answer_is_refused() {
        for wrong in ["", "a\nb", "a\u{0}", "/record", "a[x]", "]a]", &"a".repeat(513)] {
            assert!(wrong.parse::<AnswerPath>().is_err());
        }
        for wrong in ["", "a", "[x]", "a[]", "a[x]/b", "a/[x]", "a[x]]", "/a[x]"] {
            assert!(wrong.parse::<RowPath>().is_err(), "{wrong}");
        }
        assert!("".parse::<Answer>().is_ok());
        assert!("é".repeat(16 * 1024).parse::<Answer>().is_ok());
        assert!("x".repeat(32 * 1024 + 1).parse::<Answer>().is_err());
        for wrong in ["", "A", "a b", &"a".repeat(33)] {
            assert!(wrong.parse::<CommentId>().is_err(), "{wrong}");
        }
        for wrong in ["", " \n", &"x".repeat(4 * 1024 + 1)] {
            assert!(wrong.parse::<CommentText>().is_err());
        }
    }
}
