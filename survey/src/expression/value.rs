//! What an expression comes to, and how each kind of value becomes another.

use crate::expression::dates;
use crate::expression::numbers::{number_of, plain_number_of, text_of};
use crate::expression::tree::{Manner, Tree};

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

    /// As text, in which NaN is `NaN`, as in `XPath` 1.0; what is stored is [`Value::into_answer`].
    pub fn into_text<T: Tree<Node = N>>(self, tree: &T) -> String {
        match self.single(tree) {
            Self::Number(number) if number.is_nan() => "NaN".to_owned(),
            other => other.into_answer(tree),
        }
    }

    /// As text; what is stored for a calculated answer: NaN is blank there.
    pub fn into_answer<T: Tree<Node = N>>(self, tree: &T) -> String {
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
            Self::Text(text) => number_over(&text, tree),
            Self::Number(number) => number,
            Self::Boolean(value) => f64::from(u8::from(value)),
            Self::Nodes(_) => f64::NAN,
        }
    }

    /// As true or false: a number but 0 and NaN, a text but the blank one. Nodes as [`Manner`] says.
    pub fn into_boolean<T: Tree<Node = N>>(self, tree: &T) -> bool {
        if let (Self::Nodes(nodes), Manner::OpenRosa) = (&self, T::MANNER) {
            return !nodes.is_empty();
        }
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

/// The number that a text stands for over `tree`, days and times among them.
pub(crate) fn number_over<T: Tree>(text: &str, tree: &T) -> f64 {
    match T::MANNER {
        Manner::JavaRosa => number_of(text),
        Manner::OpenRosa => {
            let number = plain_number_of(text);
            if number.is_nan() {
                dates::utc_days_of(text, &tree.clock().now).unwrap_or(number)
            } else {
                number
            }
        }
    }
}
