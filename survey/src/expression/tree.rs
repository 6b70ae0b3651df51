//! What an expression is evaluated over: a small view of a tree of nodes, so that the same
//! evaluator runs over a form's answers and over any other tree.

use std::borrow::Cow;

use crate::expression::Value;
use crate::instrument::NodeId;

/// What time it is, as the caller says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// The local day: `2026-11-22`.
    pub today: String,
    /// The local time with its offset: `2026-11-22T10:11:12.000+07:00`.
    pub now: String,
}

/// A tree as seen from one of its nodes, the context node.
pub trait Tree {
    /// A handle on one node of the tree.
    type Node: Copy;

    /// The context node: `.`.
    fn here(&self) -> Option<Self::Node>;

    /// The node `levels` above the context node: `..` is 1.
    fn up(&self, levels: u8) -> Option<Self::Node>;

    /// The relevant nodes that a reference means from the context node, in document order.
    fn select(&self, reference: NodeId) -> Vec<Self::Node>;

    /// The node that a reference means in rows given by number, counted from 1; see `indexed-repeat`.
    fn in_rows(&self, reference: NodeId, rows: &[(NodeId, usize)]) -> Option<Self::Node>;

    /// The value of a node; blank where it has none.
    fn value(&self, node: Self::Node) -> Value<Self::Node>;

    /// Where a node stands among its like, counted from 1.
    fn position(&self, node: Self::Node) -> usize;

    /// The label of the choice called `name` of the question at `question`.
    fn choice_label(&self, question: NodeId, name: &str) -> Option<String>;

    /// A column of the choice that a filter looks at.
    fn column(&self, name: &str) -> Option<Cow<'_, str>>;

    /// What time it is.
    fn clock(&self) -> &Clock;
}
