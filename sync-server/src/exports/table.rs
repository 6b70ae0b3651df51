//! Tables as exports take them: one table a level (governments, units, indicators, visits, rows of repeats, interviews).

use std::fmt;

use survey::scoring::exact::Score;
use thiserror::Error;

/// Longest name, in bytes: Stata's limit, the shortest of all formats.
pub const NAME: usize = 32;

/// A name that every format takes: a small letter first, then small letters, digits and `_`, at most [`NAME`] of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Words that Stata or SPSS keep for themselves, small letters.
const KEPT: [&str; 32] = [
    "all", "and", "by", "byte", "double", "else", "end", "eq", "float", "for", "ge", "gt", "if", "in", "int",
    "le", "long", "lt", "ne", "not", "null", "or", "pi", "rc", "skip", "strl", "then", "to", "true", "using",
    "while", "with",
];

/// A text is no [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no name for a column or table; begin with a small letter, then small letters, digits and _ up to {NAME}"
)]
pub struct NameError(String);

/// A text for people, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Label {
    /// Indonesian.
    pub id: String,
    /// English.
    pub en: String,
}

/// A level's rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it is called in files: `units`.
    pub name: Name,
    /// What it is called for people.
    pub label: Label,
    /// Its columns; names differ.
    pub columns: Vec<Column>,
    /// Its rows, each as long as the columns, in an order that follows from what they hold.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What it is called in files.
    pub name: Name,
    /// What it is called for people: the question as asked, or what the figure is.
    pub label: Label,
    /// What its cells hold.
    pub kind: Kind,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers.
    Whole,
    /// Decimals with so many places; a score has two.
    Decimal(u8),
    /// Days.
    Date,
    /// Moments in UTC, to the second.
    Moment,
    /// One of these; cells point into the list. Yes and no is one of these too.
    Choice(Vec<Choice>),
}

/// One choice of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its number where a format wants numbers; they differ within a column.
    pub code: i32,
    /// Its name in the instrument: `hijau`.
    pub name: String,
    /// What people read.
    pub label: Label,
}

/// A cell: a value of its column's kind, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// There is no value.
    Missing(Missing),
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A decimal, in units of its column's last place: 9371 is 93.71 in a column of two places.
    Decimal(i64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since 1970-01-01T00:00:00Z.
    Moment(i64),
    /// A place in its column's choices.
    Choice(usize),
}

/// Why there is no value. Statistics programs keep the reasons apart (`.a` to `.d` in Stata, -9991 to -9994 in SPSS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// Asked, and not answered.
    Unanswered,
    /// The question did not apply: its `relevant` did not hold.
    NotRelevant,
    /// The person did not agree to the interview, or refused the answer.
    Refused,
    /// The unit could not be assessed, or the figure cannot be known from what there is.
    NotAssessed,
}

impl Name {
    /// The name that comes nearest to a text: other letters become `_`, what is too long is cut, and a word that a
    /// statistics program keeps for itself gets a `_` behind it. Different texts may come out the same.
    pub fn near(text: &str) -> Self {
        let small = text.chars().flat_map(char::to_lowercase);
        let mut name: String = small
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' })
            .take(NAME)
            .collect();
        if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
            name.insert_str(0, "q_");
        }
        let is_stata_text = name
            .strip_prefix("str")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|letter| letter.is_ascii_digit()));
        if is_stata_text || KEPT.contains(&name.as_str()) {
            name.push('_');
        }
        name.truncate(NAME);
        Self(name)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let all = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if first && all && text.len() <= NAME { Ok(Self(text)) } else { Err(NameError(text)) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Cell {
    /// A count.
    pub fn count(number: usize) -> Self {
        Self::Whole(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Score> for Cell {
    fn from(score: Score) -> Self {
        Self::Decimal(score.in_hundredths())
    }
}

impl Missing {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Unanswered, Self::NotRelevant, Self::Refused, Self::NotAssessed];

    /// Its number in formats that mark missing values with numbers: -9991 to -9994, far from any count or difference of
    /// scores. A column that does hold such a value gets more nines before ([`super::sav`]).
    pub fn code(self) -> i32 {
        match self {
            Self::Unanswered => -9991,
            Self::NotRelevant => -9992,
            Self::Refused => -9993,
            Self::NotAssessed => -9994,
        }
    }

    /// Its name where a format has none of its own for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::NotRelevant => "not_relevant",
            Self::Refused => "refused",
            Self::NotAssessed => "not_assessed",
        }
    }

    /// Its letter in Stata: `a` to `d`.
    pub fn letter(self) -> char {
        match self {
            Self::Unanswered => 'a',
            Self::NotRelevant => 'b',
            Self::Refused => 'c',
            Self::NotAssessed => 'd',
        }
    }

    /// What people read.
    pub fn label(self) -> Label {
        let (id, en) = match self {
            Self::Unanswered => ("tidak dijawab", "not answered"),
            Self::NotRelevant => ("tidak berlaku", "does not apply"),
            Self::Refused => ("menolak", "refused"),
            Self::NotAssessed => ("tidak dapat dinilai", "could not be assessed"),
        };
        Label { id: id.to_owned(), en: en.to_owned() }
    }
}
