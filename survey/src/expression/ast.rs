//! A parsed expression: its parts in one flat list, each after the parts that it is made of.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::instrument::NodeId;

/// How deep an expression may nest; chains of operators of one side (`a or b or c`) count once.
pub const MAX_DEPTH: usize = 64;

/// Longest expression, in bytes of text.
pub const MAX_LENGTH: usize = 32_768;

/// A parsed expression.
///
/// Flat, so that neither reading it from foreign bytes nor evaluating it can exhaust the stack:
/// every part refers only to parts before it, and [`MAX_DEPTH`] is checked on the way in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Part>", into = "Vec<Part>")]
pub struct Expression {
    parts: Vec<Part>,
}

/// Place of a part in its expression.
pub(crate) type PartId = u32;

/// One part of an expression. Field and variant names are short because phones download them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Part {
    /// A number as written.
    #[serde(rename = "n")]
    Number(f64),
    /// A text in quotes.
    #[serde(rename = "t")]
    Text(String),
    /// `.`, the node that the expression belongs to.
    #[serde(rename = ".")]
    Here,
    /// `..`, `../..`: so many nodes up.
    #[serde(rename = "^")]
    Up(u8),
    /// `${name}`, or a path, already resolved.
    #[serde(rename = "r")]
    Node(NodeId),
    /// A bare name: a column of the choice that a filter looks at.
    #[serde(rename = "c")]
    Column(String),
    /// `-a`.
    #[serde(rename = "-")]
    Negate(PartId),
    /// `a + b` and the like.
    #[serde(rename = "o")]
    Operation(Operator, PartId, PartId),
    /// `name(a, b)`.
    #[serde(rename = "f")]
    Call(Function, Vec<PartId>),
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Operator {
    #[serde(rename = "or")]
    Or,
    #[serde(rename = "and")]
    And,
    #[serde(rename = "=")]
    Equal,
    #[serde(rename = "!=")]
    NotEqual,
    #[serde(rename = "<")]
    Less,
    #[serde(rename = "<=")]
    LessOrEqual,
    #[serde(rename = ">")]
    Greater,
    #[serde(rename = ">=")]
    GreaterOrEqual,
    #[serde(rename = "+")]
    Add,
    #[serde(rename = "-")]
    Subtract,
    #[serde(rename = "*")]
    Multiply,
    #[serde(rename = "div")]
    Divide,
    #[serde(rename = "mod")]
    Modulo,
    #[serde(rename = "|")]
    Union,
}

/// Parts that are no expression: empty, out of order or too deep.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("part {part} of the expression is out of order, or the expression is empty or nests deeper than 64")]
pub struct BadParts {
    part: usize,
}

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal;)*) => {
        /// A function of ODK `XPath`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Function {
            $(#[doc = $name] #[serde(rename = $name)] $variant,)*
        }

        impl Function {
            /// The function called `name`; none where this version has no such function.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// Its name as a workbook writes it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Fewest and most arguments.
            pub fn arguments(self) -> (usize, usize) {
                match self { $(Self::$variant => ($least, $most),)* }
            }
        }
    };
}

functions! {
    Abs "abs" 1 1;
    Boolean "boolean" 1 1;
    BooleanFromString "boolean-from-string" 1 1;
    Ceiling "ceiling" 1 1;
    Checklist "checklist" 2 10_000;
    ChoiceName "jr:choice-name" 2 2;
    Coalesce "coalesce" 2 2;
    Concat "concat" 0 10_000;
    Contains "contains" 2 2;
    Count "count" 1 1;
    CountNonEmpty "count-non-empty" 1 1;
    CountSelected "count-selected" 1 1;
    Date "date" 1 1;
    DecimalDateTime "decimal-date-time" 1 1;
    EndsWith "ends-with" 2 2;
    False "false" 0 0;
    Floor "floor" 1 1;
    FormatDate "format-date" 2 2;
    FormatDateTime "format-date-time" 2 2;
    If "if" 3 3;
    IndexedRepeat "indexed-repeat" 3 7;
    Int "int" 1 1;
    Join "join" 2 10_000;
    Max "max" 1 10_000;
    Min "min" 1 10_000;
    NormalizeSpace "normalize-space" 0 1;
    Not "not" 1 1;
    Now "now" 0 0;
    Number "number" 0 1;
    Once "once" 1 1;
    Position "position" 0 1;
    Pow "pow" 2 2;
    Regex "regex" 2 2;
    Round "round" 1 2;
    Selected "selected" 2 2;
    SelectedAt "selected-at" 2 2;
    StartsWith "starts-with" 2 2;
    String "string" 0 1;
    StringLength "string-length" 0 1;
    Substr "substr" 2 3;
    SubstringAfter "substring-after" 2 2;
    SubstringBefore "substring-before" 2 2;
    Sum "sum" 1 10_000;
    Today "today" 0 0;
    Translate "translate" 3 3;
    True "true" 0 0;
}

impl Expression {
    /// An expression that is always `text`.
    pub fn text(text: &str) -> Self {
        Self { parts: vec![Part::Text(text.to_owned())] }
    }

    /// `true()` or `false()`.
    pub fn constant(value: bool) -> Self {
        let function = if value { Function::True } else { Function::False };
        Self { parts: vec![Part::Call(function, Vec::new())] }
    }

    /// The text, where the expression is nothing but a text in quotes.
    pub fn as_text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Every node that it reads, each once, in order of first appearance.
    pub fn references(&self) -> Vec<NodeId> {
        let mut found = Vec::new();
        for part in &self.parts {
            if let Part::Node(id) = part
                && !found.contains(id)
            {
                found.push(*id);
            }
        }
        found
    }

    /// True where it reads rows by their number, so that it may see any row from anywhere.
    pub fn reads_any_row(&self) -> bool {
        self.calls(Function::IndexedRepeat)
    }

    /// True where it depends on where its own row stands.
    pub fn reads_position(&self) -> bool {
        self.calls(Function::Position)
    }

    /// The columns of a choice that it reads.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Column(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// True where it uses `function` anywhere.
    pub fn calls(&self, function: Function) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Call(f, _) if *f == function))
    }

    pub(crate) fn part(&self, id: PartId) -> Option<&Part> {
        self.parts.get(usize::try_from(id).ok()?)
    }

    pub(crate) fn last(&self) -> PartId {
        PartId::try_from(self.parts.len().saturating_sub(1)).unwrap_or(PartId::MAX)
    }
}

impl TryFrom<Vec<Part>> for Expression {
    type Error = BadParts;

    fn try_from(parts: Vec<Part>) -> Result<Self, BadParts> {
        let mut depths: Vec<usize> = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let bad = BadParts { part: index };
            let depth_of = |id: &PartId| {
                usize::try_from(*id).ok().and_then(|id| depths.get(id)).copied().ok_or_else(|| bad.clone())
            };
            let depth = match part {
                Part::Negate(inner) => 1 + depth_of(inner)?,
                // The evaluator walks down the left side in a loop, so only the right side nests.
                Part::Operation(_, left, right) => depth_of(left)?.max(1 + depth_of(right)?),
                Part::Call(_, arguments) => {
                    let mut deepest = 0;
                    for argument in arguments {
                        deepest = deepest.max(depth_of(argument)?);
                    }
                    1 + deepest
                }
                _ => 1,
            };
            if depth > MAX_DEPTH {
                return Err(bad);
            }
            depths.push(depth);
        }
        if parts.is_empty() { Err(BadParts { part: 0 }) } else { Ok(Self { parts }) }
    }
}

impl From<Expression> for Vec<Part> {
    fn from(expression: Expression) -> Self {
        expression.parts
    }
}
