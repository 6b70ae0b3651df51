//! Walks the steps of a path: axes, node tests, predicates.

use crate::expression::ast::{Axis, PartId, Step, Test};
use crate::expression::eval::{Evaluation, Focus};
use crate::expression::tree::{NodeType, Tree};
use crate::expression::value::Value;

/// The top of the tree that `from` stands in.
pub(crate) fn root<T: Tree>(tree: &T, from: Option<T::Node>) -> Option<T::Node> {
    let mut at = from?;
    while let Some(above) = tree.parent(at) {
        at = above;
    }
    Some(at)
}

/// Where the steps lead from `nodes`, each node once and in document order.
pub(crate) fn walk<T: Tree>(e: &Evaluation<'_, T>, nodes: Vec<T::Node>, steps: &[Step]) -> Vec<T::Node> {
    let mut at = nodes;
    for Step(axis, test, predicates) in steps {
        let several = at.len() > 1;
        let mut found = Vec::new();
        for node in at {
            let mut reached = reached(e.tree, node, *axis, test);
            for predicate in predicates {
                reached = kept(e, reached, *predicate);
            }
            found.append(&mut reached);
        }
        // Children and attributes of different nodes are different, and of nodes in order in order,
        // unless one stands inside another.
        let plain = matches!(axis, Axis::Child | Axis::Attribute | Axis::OneSelf);
        if axis.is_reverse() && !several {
            found.reverse();
        }
        at = if several && !plain { in_order(e.tree, found) } else { found };
    }
    at
}

/// The nodes for which a predicate holds; a number holds for the node at that place.
#[allow(clippy::cast_precision_loss, reason = "no tree has so many nodes")]
#[allow(clippy::float_cmp, reason = "places are whole")]
pub(crate) fn kept<T: Tree>(e: &Evaluation<'_, T>, nodes: Vec<T::Node>, predicate: PartId) -> Vec<T::Node> {
    let size = nodes.len();
    let holds = |place: usize, node: T::Node| {
        let focus = Focus { here: Some(node), place: Some((place, size)) };
        let inner = Evaluation { expression: e.expression, tree: e.tree, focus, misuse: e.misuse };
        match inner.part(predicate) {
            Value::Number(number) => number == place as f64,
            other => other.into_boolean(e.tree),
        }
    };
    nodes.into_iter().zip(1..).filter(|(node, place)| holds(*place, *node)).map(|(node, _)| node).collect()
}

/// Nodes as they stand in the tree, each once.
pub(crate) fn in_order<T: Tree>(tree: &T, nodes: Vec<T::Node>) -> Vec<T::Node> {
    if nodes.len() < 2 {
        return nodes;
    }
    let mut placed: Vec<(Vec<usize>, T::Node)> =
        nodes.into_iter().map(|node| (tree.place(node), node)).collect();
    placed.sort_by(|(left, _), (right, _)| left.cmp(right));
    placed.dedup_by(|(left, _), (right, _)| left == right);
    placed.into_iter().map(|(_, node)| node).collect()
}

/// Where one step leads from one node, before its predicates.
fn reached<T: Tree>(tree: &T, node: T::Node, axis: Axis, test: &Test) -> Vec<T::Node> {
    if let (Axis::Child, Test::Name(name)) = (axis, test) {
        return tree.children_called(node, name);
    }
    let mut reached = along(tree, node, axis);
    reached.retain(|node| passes(tree, *node, axis, test));
    reached
}

/// The nodes of an axis, nearest first.
fn along<T: Tree>(tree: &T, node: T::Node, axis: Axis) -> Vec<T::Node> {
    match axis {
        Axis::OneSelf => vec![node],
        Axis::Child => tree.children(node),
        Axis::Attribute => tree.attributes(node),
        Axis::Parent => tree.parent(node).into_iter().collect(),
        Axis::Ancestor => ancestors(tree, node),
        Axis::AncestorOrSelf => {
            let mut found = vec![node];
            found.extend(ancestors(tree, node));
            found
        }
        Axis::Descendant => descendants(tree, node),
        Axis::DescendantOrSelf => {
            let mut found = vec![node];
            found.extend(descendants(tree, node));
            found
        }
        Axis::FollowingSibling => siblings(tree, node).1,
        Axis::PrecedingSibling => {
            let mut before = siblings(tree, node).0;
            before.reverse();
            before
        }
        Axis::Following => {
            // What stands inside an attribute's element comes behind the attribute.
            let inside = (tree.kind(node) == NodeType::Attribute).then(|| tree.parent(node)).flatten();
            let mut after = inside.map_or_else(Vec::new, |element| descendants(tree, element));
            after.extend(beside(tree, node, |at| siblings(tree, at).1));
            after
        }
        Axis::Preceding => {
            let mut before = beside(tree, node, |at| siblings(tree, at).0);
            before = in_order(tree, before);
            before.reverse();
            before
        }
    }
}

fn ancestors<T: Tree>(tree: &T, node: T::Node) -> Vec<T::Node> {
    std::iter::successors(tree.parent(node), |at| tree.parent(*at)).collect()
}

/// Everything inside a node, in document order.
fn descendants<T: Tree>(tree: &T, node: T::Node) -> Vec<T::Node> {
    let mut found = Vec::new();
    let mut open = tree.children(node);
    open.reverse();
    while let Some(at) = open.pop() {
        found.push(at);
        let mut inner = tree.children(at);
        inner.reverse();
        open.append(&mut inner);
    }
    found
}

/// What stands before a node in the same parent, and what behind it. An attribute has no siblings.
fn siblings<T: Tree>(tree: &T, node: T::Node) -> (Vec<T::Node>, Vec<T::Node>) {
    let mut all = tree.parent(node).map_or_else(Vec::new, |parent| tree.children(parent));
    let Some(place) = all.iter().position(|sibling| *sibling == node) else {
        return (Vec::new(), Vec::new());
    };
    let after = all.split_off(place + 1);
    all.pop();
    (all, after)
}

/// What stands beside a node and beside everything around it, with all inside.
fn beside<T: Tree>(tree: &T, node: T::Node, of: impl Fn(T::Node) -> Vec<T::Node>) -> Vec<T::Node> {
    let mut found = Vec::new();
    let mut at = Some(node);
    while let Some(current) = at {
        for sibling in of(current) {
            found.push(sibling);
            found.extend(descendants(tree, sibling));
        }
        at = tree.parent(current);
    }
    found
}

fn passes<T: Tree>(tree: &T, node: T::Node, axis: Axis, test: &Test) -> bool {
    let principal = if axis == Axis::Attribute { NodeType::Attribute } else { NodeType::Element };
    match test {
        Test::Node => true,
        Test::Any => tree.kind(node) == principal,
        Test::Name(name) => tree.kind(node) == principal && tree.is_called(node, name),
        Test::Text => tree.kind(node) == NodeType::Text,
        Test::Comment => tree.kind(node) == NodeType::Comment,
        Test::Instruction(target) => {
            tree.kind(node) == NodeType::Instruction
                && target.as_ref().is_none_or(|target| tree.name(node) == target.as_str())
        }
    }
}
