//! A parsed expression: its parts in one flat list, each after the parts that it is made of.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::expression::function::Function;
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
    /// `.`: the node that the expression belongs to, or inside a predicate the node that is looked at.
    #[serde(rename = ".")]
    Here,
    /// `current()` inside a predicate: the node that the whole expression belongs to.
    #[serde(rename = "@")]
    Origin,
    /// `/`, where a path is worked out step by step.
    #[serde(rename = "/")]
    Root,
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
    /// A call that only the host may know, or with a wrong number of arguments; see [`Scope::is_open`].
    ///
    /// [`Scope::is_open`]: crate::expression::Scope::is_open
    #[serde(rename = "x")]
    Foreign(String, Vec<PartId>),
    /// Steps from some nodes on, and the form's nodes that the steps may lead to.
    #[serde(rename = "p")]
    Path(PartId, Vec<Step>, Vec<NodeId>),
    /// `(...)[predicate]`: some of the nodes, each looked at by its place among all of them.
    #[serde(rename = "[")]
    Filter(PartId, PartId),
}

/// One step of a path: where to, which nodes there, and what must hold of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step(pub(crate) Axis, pub(crate) Test, pub(crate) Vec<PartId>);

/// Where a step leads from a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Axis {
    #[serde(rename = "c")]
    Child,
    #[serde(rename = "d")]
    Descendant,
    #[serde(rename = "ds")]
    DescendantOrSelf,
    #[serde(rename = "p")]
    Parent,
    #[serde(rename = "a")]
    Ancestor,
    #[serde(rename = "as")]
    AncestorOrSelf,
    #[serde(rename = "s")]
    OneSelf,
    #[serde(rename = "@")]
    Attribute,
    #[serde(rename = "f")]
    Following,
    #[serde(rename = "fs")]
    FollowingSibling,
    #[serde(rename = "b")]
    Preceding,
    #[serde(rename = "bs")]
    PrecedingSibling,
}

impl Axis {
    /// The axis that `XPath` 1.0 calls so; none for `namespace`, which no form needs.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "child" => Self::Child,
            "descendant" => Self::Descendant,
            "descendant-or-self" => Self::DescendantOrSelf,
            "parent" => Self::Parent,
            "ancestor" => Self::Ancestor,
            "ancestor-or-self" => Self::AncestorOrSelf,
            "self" => Self::OneSelf,
            "attribute" => Self::Attribute,
            "following" => Self::Following,
            "following-sibling" => Self::FollowingSibling,
            "preceding" => Self::Preceding,
            "preceding-sibling" => Self::PrecedingSibling,
            _ => return None,
        })
    }

    /// True where places count from the node backwards.
    pub(crate) fn is_reverse(self) -> bool {
        matches!(self, Self::Ancestor | Self::AncestorOrSelf | Self::Preceding | Self::PrecedingSibling)
    }
}

/// Which nodes of an axis a step takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Test {
    /// `*`: every element, or every attribute on its axis.
    #[serde(rename = "*")]
    Any,
    /// Elements or attributes called so, with the prefix as written; `prefix:*` for all of a namespace.
    #[serde(rename = "n")]
    Name(String),
    /// `node()`.
    #[serde(rename = "o")]
    Node,
    /// `text()`.
    #[serde(rename = "t")]
    Text,
    /// `comment()`.
    #[serde(rename = "c")]
    Comment,
    /// `processing-instruction()`, and its target where one is named.
    #[serde(rename = "i")]
    Instruction(Option<String>),
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
            let read = match part {
                Part::Node(id) => std::slice::from_ref(id),
                Part::Path(_, _, read) => read.as_slice(),
                _ => &[],
            };
            for id in read {
                if !found.contains(id) {
                    found.push(*id);
                }
            }
        }
        found
    }

    /// True where it reads rows by their number or through a path of steps, so that it may see any
    /// row from anywhere.
    pub fn reads_any_row(&self) -> bool {
        let walks = |part: &Part| matches!(part, Part::Path(_, _, read) if !read.is_empty());
        self.calls(Function::IndexedRepeat)
            || self.parts.iter().any(|part| walks(part) || matches!(part, Part::Filter(..)))
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
                Part::Call(_, arguments) | Part::Foreign(_, arguments) => {
                    1 + deepest(arguments.iter(), &depth_of)?
                }
                Part::Path(start, steps, _) => {
                    let predicates = steps.iter().flat_map(|step| &step.2);
                    1 + deepest(std::iter::once(start).chain(predicates), &depth_of)?
                }
                Part::Filter(inner, predicate) => depth_of(inner)?.max(depth_of(predicate)?) + 1,
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

fn deepest<'a>(
    ids: impl Iterator<Item = &'a PartId>,
    depth_of: &impl Fn(&PartId) -> Result<usize, BadParts>,
) -> Result<usize, BadParts> {
    ids.map(depth_of).try_fold(0, |deepest, depth| Ok(deepest.max(depth?)))
}

impl From<Expression> for Vec<Part> {
    fn from(expression: Expression) -> Self {
        expression.parts
    }
}
