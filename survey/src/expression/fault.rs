//! What can be wrong with an expression's text, in words that say what to write.

use thiserror::Error;

use crate::expression::ast::{MAX_DEPTH, MAX_LENGTH};
use crate::expression::function::Function;
use crate::expression::scope::ScopeError;

/// What is wrong with an expression, and at which character (from 1).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("at character {at}: {kind}")]
pub struct ParseError {
    /// Character in the expression's text, from 1.
    pub at: usize,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Nothing there.
    #[error("the expression is empty")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("the expression is longer than {MAX_LENGTH} bytes; split it into several calculate questions")]
    TooLong,
    /// Deeper than [`MAX_DEPTH`].
    #[error("the expression nests deeper than {MAX_DEPTH}; move a part of it into a calculate question")]
    TooDeep,
    /// A character or word that cannot stand there.
    #[error("`{found}` cannot stand here")]
    Unexpected {
        /// What stands there.
        found: String,
    },
    /// Something else had to come.
    #[error("`{wanted}` is missing before `{found}`")]
    Missing {
        /// What is missing.
        wanted: &'static str,
        /// What stands there instead.
        found: String,
    },
    /// The text ends where a value had to come.
    #[error("the expression ends where a value should follow")]
    Unfinished,
    /// Too many points.
    #[error("`{text}` is not a number")]
    NotANumber {
        /// As written.
        text: String,
    },
    /// A quote without its partner.
    #[error("the text that begins here has no closing quote")]
    UnclosedText,
    /// `${` without `}`.
    #[error("the reference that begins here has no `}}`")]
    UnclosedReference,
    /// No such function.
    #[error("there is no function `{name}`{}", similar(.name))]
    UnknownFunction {
        /// As written.
        name: String,
    },
    /// Too few or too many arguments.
    #[error("`{name}` takes {}, not {given}", arguments(*.least, *.most))]
    Arguments {
        /// The function.
        name: &'static str,
        /// How many were given.
        given: usize,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// An argument must be a reference.
    #[error("argument {number} of `{name}` must be a reference such as ${{name}}")]
    WantsReference {
        /// The function.
        name: &'static str,
        /// Which argument, from 1.
        number: usize,
    },
    /// A reference that leads nowhere.
    #[error(transparent)]
    Reference(#[from] ScopeError),
    /// A regular expression that cannot be read.
    #[error("`{pattern}` is not a regular expression that this version reads: {reason}")]
    Pattern {
        /// As written.
        pattern: String,
        /// From the reader.
        reason: String,
    },
    /// Part of `XPath` that this version does not take.
    #[error("`{what}` is not taken by this version; {instead}")]
    Unsupported {
        /// What was written.
        what: &'static str,
        /// What to write.
        instead: &'static str,
    },
}

fn arguments(least: usize, most: usize) -> String {
    match (least, most) {
        (0, 0) => "no argument".to_owned(),
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) if most >= 10_000 => format!("at least {least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    }
}

/// A hint for the usual slips: capitals, and the blank or underscore in place of a hyphen.
fn similar(name: &str) -> String {
    let plain = name.to_lowercase().replace('_', "-");
    match Function::named(&plain) {
        Some(function) => format!("; write `{}`", function.name()),
        None => String::new(),
    }
}
