//! What an expression comes to, and how each kind of value becomes another.

use crate::expression::numbers::{number_of, text_of};
use crate::expression::tree::Tree;

/// What an expression comes to. Dates are texts (`2026-11-22`), as they are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<N> {
    /// Text; `""` is blank.
    Text(String),
    /// A number; NaN is blank.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Nodes in document order.
    Nodes(Vec<N>),
}

impl<N: Copy> Value<N> {
    /// The blank value.
    pub fn blank() -> Self {
        Self::Text(String::new())
    }

    /// A single value in place of nodes: that of the first, or blank where there is none.
    #[must_use]
    pub fn single<T: Tree<Node = N>>(self, tree: &T) -> Self {
        match self {
            Self::Nodes(nodes) => nodes.first().map_or_else(Self::blank, |node| tree.value(*node)),
            other => other,
        }
    }

    /// As text; what is stored for a calculated answer. NaN is blank there, so it is here.
    pub fn into_text<T: Tree<Node = N>>(self, tree: &T) -> String {
        match self.single(tree) {
            Self::Text(text) => text,
            Self::Number(number) => text_of(number),
            Self::Boolean(value) => value.to_string(),
            Self::Nodes(_) => String::new(),
        }
    }

    /// As a number; NaN where it is none. A day counts as days since 1970-01-01.
    pub fn into_number<T: Tree<Node = N>>(self, tree: &T) -> f64 {
        match self.single(tree) {
            Self::Text(text) => number_of(&text),
            Self::Number(number) => number,
            Self::Boolean(value) => f64::from(u8::from(value)),
            Self::Nodes(_) => f64::NAN,
        }
    }

    /// As true or false: a number but 0 and NaN, a text but the blank one. Nodes count by the
    /// value of the first, as in `JavaRosa`.
    pub fn into_boolean<T: Tree<Node = N>>(self, tree: &T) -> bool {
        match self.single(tree) {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => number != 0.0 && !number.is_nan(),
            Self::Boolean(value) => value,
            Self::Nodes(_) => false,
        }
    }

    /// Every single value: that of each node, or the value itself.
    pub fn into_all<T: Tree<Node = N>>(self, tree: &T) -> Vec<Self> {
        match self {
            Self::Nodes(nodes) => nodes.into_iter().map(|node| tree.value(node)).collect(),
            other => vec![other],
        }
    }
}
