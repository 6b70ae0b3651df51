//! What a session has to know of its instrument beyond the instrument itself, worked out once.

use std::collections::{BTreeMap, HashMap};

use crate::dependencies::{self, Dependencies};
use crate::expression::{Expression, Function};
use crate::instrument::{Instrument, NodeId, NodeKind, Question, QuestionKind};
use crate::keys::Keys;

/// See the module.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) dependencies: Dependencies,
    pub(crate) keys: Keys,
    /// First node of each name.
    pub(crate) names: BTreeMap<String, NodeId>,
    /// Nodes at the top, in document order.
    pub(crate) top: Vec<NodeId>,
    shapes: Vec<Shape>,
    by_kind: HashMap<QuestionKind, Vec<NodeId>>,
    triggered: HashMap<NodeId, Vec<NodeId>>,
}

/// Where one node stands.
#[derive(Debug, Default)]
struct Shape {
    /// From the top to the node itself.
    chain: Vec<NodeId>,
    /// Place among its parent's children.
    slot: usize,
    children: Vec<NodeId>,
}

impl Plan {
    pub(crate) fn of(instrument: &Instrument) -> Self {
        let mut plan = Self {
            dependencies: Dependencies::of(instrument),
            keys: Keys::of(instrument),
            names: dependencies::names(instrument),
            top: Vec::new(),
            shapes: Vec::with_capacity(instrument.nodes.len()),
            by_kind: HashMap::new(),
            triggered: HashMap::new(),
        };
        for (node, id) in instrument.nodes.iter().zip(0..) {
            plan.place(NodeId(id), node.parent);
            if let NodeKind::Question(question) = &node.kind {
                plan.by_kind.entry(question.kind).or_default().push(NodeId(id));
                for trigger in &question.triggers {
                    plan.triggered.entry(*trigger).or_default().push(NodeId(id));
                }
            }
        }
        plan
    }

    /// A parent that does not stand before its child is none of ours: the child goes to the top.
    fn place(&mut self, id: NodeId, parent: Option<NodeId>) {
        let parent = parent.filter(|parent| parent.0 < id.0);
        let mut chain = parent.map_or_else(Vec::new, |parent| self.chain(parent).to_vec());
        chain.push(id);
        let siblings = match parent.and_then(|parent| self.shapes.get_mut(index(parent))) {
            Some(shape) => &mut shape.children,
            None => &mut self.top,
        };
        let slot = siblings.len();
        siblings.push(id);
        self.shapes.push(Shape { chain, slot, children: Vec::new() });
    }

    /// Nodes from the top down to `node`, itself the last.
    pub(crate) fn chain(&self, node: NodeId) -> &[NodeId] {
        self.shapes.get(index(node)).map_or(&[], |shape| shape.chain.as_slice())
    }

    /// Place of `node` among its parent's children.
    pub(crate) fn slot(&self, node: NodeId) -> usize {
        self.shapes.get(index(node)).map_or(usize::MAX, |shape| shape.slot)
    }

    pub(crate) fn children(&self, node: NodeId) -> &[NodeId] {
        self.shapes.get(index(node)).map_or(&[], |shape| shape.children.as_slice())
    }

    /// How many nodes `node` stands inside of.
    pub(crate) fn depth(&self, node: NodeId) -> usize {
        self.chain(node).len().saturating_sub(1)
    }

    pub(crate) fn is_within(&self, node: NodeId, outer: NodeId) -> bool {
        self.chain(node).contains(&outer)
    }

    /// Every question of a type.
    pub(crate) fn of_kind(&self, kind: QuestionKind) -> &[NodeId] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The questions that a change of `node` triggers.
    pub(crate) fn triggered(&self, node: NodeId) -> &[NodeId] {
        self.triggered.get(&node).map_or(&[], Vec::as_slice)
    }

    /// `node` and all nodes inside it.
    pub(crate) fn inside(&self, node: NodeId) -> Vec<NodeId> {
        let mut found = vec![node];
        let mut next = 0;
        while let Some(at) = found.get(next).copied() {
            found.extend_from_slice(self.children(at));
            next += 1;
        }
        found
    }
}

fn index(node: NodeId) -> usize {
    usize::try_from(node.0).unwrap_or(usize::MAX)
}

/// The question at `node`; none where it is a group or repeat.
pub(crate) fn question(instrument: &Instrument, node: NodeId) -> Option<&Question> {
    match &instrument.node(node)?.kind {
        NodeKind::Question(question) => Some(question),
        _ => None,
    }
}

/// Some where the node is a repeat; inside, its `repeat_count`.
#[allow(clippy::option_option)]
pub(crate) fn repeat(instrument: &Instrument, node: NodeId) -> Option<Option<&Expression>> {
    match &instrument.node(node)?.kind {
        NodeKind::Repeat { count } => Some(count.as_ref()),
        _ => None,
    }
}

/// True for a question whose answer a person gives, unless it is read only at the moment.
pub(crate) fn is_answerable(question: &Question) -> bool {
    !is_calculated(question) && !question.kind.is_unseen() && question.kind != QuestionKind::Note
}

/// True where the value follows from others at any time, so that it is not stored.
pub(crate) fn is_calculated(question: &Question) -> bool {
    question.calculation.is_some() && question.triggers.is_empty()
}

/// True where the expression's value depends on the language.
pub(crate) fn speaks(expression: &Expression) -> bool {
    expression.calls(Function::ChoiceName)
}
