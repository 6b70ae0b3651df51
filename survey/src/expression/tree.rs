//! What an expression is evaluated over: a small view of a tree of nodes, so that the same
//! evaluator runs over a form's answers and over an XML document.

use std::borrow::Cow;

use crate::expression::Value;
use crate::instrument::NodeId;

/// What the caller says of the moment: the time, and chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// The local day: `2026-11-22`.
    pub today: String,
    /// The local time with its offset: `2026-11-22T10:11:12.000+07:00`. The offset is also the one in
    /// which days and times without an own offset are understood.
    pub now: String,
    /// Random bits, drawn anew for each clock: what `random()`, `uuid()` and `randomize()` begin with.
    pub chance: u128,
}

/// Where two engines of the field read the same expression differently, whose reading holds.
///
/// | | `JavaRosa` | `OpenRosa` (Enketo) |
/// |---|---|---|
/// | nodes as true or false | the value of the first | whether there are any |
/// | no nodes in a comparison | blank | nothing holds |
/// | blank or no number in `sum`, `min`, `max` | passed over | makes it NaN |
/// | a day as a number | whole days | days at local midnight in UTC |
/// | a number as a day | whole local days | that moment, with its time |
/// | two texts that are days, compared | as texts | as moments |
/// | `round` of a negative half | upwards | away from 0 |
/// | `regex` | matches the whole text | matches somewhere |
/// | `true` in `boolean-from-string` | any case | as it stands |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As `JavaRosa` reads a form: what forms are filled with.
    JavaRosa,
    /// As `XPath` 1.0 has it, with the functions of Enketo: for documents.
    OpenRosa,
}

/// What kind of node one is, for the tests of a path's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeType {
    /// The document itself.
    Root,
    /// An element; every node of a form is one.
    Element,
    /// An attribute.
    Attribute,
    /// Text.
    Text,
    /// A comment.
    Comment,
    /// A processing instruction.
    Instruction,
}

/// A tree as seen from one of its nodes, the context node.
pub trait Tree {
    /// A handle on one node of the tree.
    type Node: Copy + PartialEq;

    /// Whose reading of expressions holds over this tree.
    const MANNER: Manner;

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

    /// The next 64 random bits.
    fn random(&self) -> u64;

    /// The node around a node.
    fn parent(&self, node: Self::Node) -> Option<Self::Node>;

    /// What stands right inside a node, in document order.
    fn children(&self, node: Self::Node) -> Vec<Self::Node>;

    /// Those of them that are elements called `name`; see [`Tree::is_called`].
    fn children_called(&self, node: Self::Node, name: &str) -> Vec<Self::Node> {
        let mut found = self.children(node);
        found.retain(|child| self.kind(*child) == NodeType::Element && self.is_called(*child, name));
        found
    }

    /// The attributes of a node.
    fn attributes(&self, _node: Self::Node) -> Vec<Self::Node> {
        Vec::new()
    }

    /// What kind of node it is.
    fn kind(&self, _node: Self::Node) -> NodeType {
        NodeType::Element
    }

    /// The name of a node as written, `""` where it has none.
    fn name(&self, node: Self::Node) -> Cow<'_, str>;

    /// True where a node is called `name`, which may have a prefix, and may be `prefix:*`.
    fn is_called(&self, node: Self::Node, name: &str) -> bool {
        self.name(node) == name
    }

    /// The namespace of a node's name.
    fn namespace(&self, _node: Self::Node) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// The element whose `id` is that.
    fn by_id(&self, _id: &str) -> Option<Self::Node> {
        None
    }

    /// Sorts as the nodes stand in the tree.
    fn place(&self, node: Self::Node) -> Vec<usize>;

    /// The secondary instance called `name`: a node that `root` stands in.
    fn instance(&self, _name: &str) -> Option<Self::Node> {
        None
    }

    /// The text called `key` in the language in force, for `jr:itext`.
    fn itext(&self, _key: &str) -> Option<String> {
        None
    }

    /// The form's version.
    #[allow(clippy::unnecessary_literal_bound, reason = "a form's version lives as long as the form")]
    fn version(&self) -> &str {
        ""
    }

    /// What a function that is not of ODK `XPath` comes to, where the host has such a one.
    fn foreign(&self, _name: &str, _arguments: &[Value<Self::Node>]) -> Option<Value<Self::Node>> {
        None
    }
}
