//! Evaluates an expression over a tree. Total: every expression has a value over every tree.

use crate::expression::ast::{Expression, Operator, Part, PartId};
use crate::expression::comparison;
use crate::expression::functions;
use crate::expression::tree::Tree;
use crate::expression::value::Value;

impl Expression {
    /// What the expression comes to over `tree`.
    pub fn evaluate<T: Tree>(&self, tree: &T) -> Value<T::Node> {
        Evaluation { expression: self, tree }.part(self.last())
    }

    /// As [`Expression::evaluate`], as text: blank for no node and for NaN.
    pub fn text_over<T: Tree>(&self, tree: &T) -> String {
        self.evaluate(tree).into_text(tree)
    }

    /// As [`Expression::evaluate`], as true or false.
    pub fn holds_over<T: Tree>(&self, tree: &T) -> bool {
        self.evaluate(tree).into_boolean(tree)
    }
}

/// One evaluation of one expression.
pub(crate) struct Evaluation<'a, T: Tree> {
    pub(crate) expression: &'a Expression,
    pub(crate) tree: &'a T,
}

impl<T: Tree> Evaluation<'_, T> {
    /// The value of one part. Recursion is bounded by [`crate::expression::MAX_DEPTH`].
    pub(crate) fn part(&self, id: PartId) -> Value<T::Node> {
        match self.expression.part(id) {
            None => Value::blank(),
            Some(Part::Number(number)) => Value::Number(*number),
            Some(Part::Text(text)) => Value::Text(text.clone()),
            Some(Part::Here) => Value::Nodes(self.tree.here().into_iter().collect()),
            Some(Part::Up(levels)) => Value::Nodes(self.tree.up(*levels).into_iter().collect()),
            Some(Part::Node(id)) => Value::Nodes(self.tree.select(*id)),
            Some(Part::Column(name)) => {
                Value::Text(self.tree.column(name).map(std::borrow::Cow::into_owned).unwrap_or_default())
            }
            Some(Part::Negate(inner)) => Value::Number(-self.number(*inner)),
            Some(Part::Operation(..)) => self.operations(id),
            Some(Part::Call(function, arguments)) => functions::call(self, *function, arguments),
        }
    }

    pub(crate) fn number(&self, id: PartId) -> f64 {
        self.part(id).into_number(self.tree)
    }

    pub(crate) fn boolean(&self, id: PartId) -> bool {
        self.part(id).into_boolean(self.tree)
    }

    /// Walks down the left side first, then applies the operators on the way back up, so that a
    /// chain of a thousand `or` needs no stack.
    fn operations(&self, id: PartId) -> Value<T::Node> {
        let mut pending = Vec::new();
        let mut left = id;
        while let Some(Part::Operation(operator, inner, right)) = self.expression.part(left) {
            pending.push((*operator, *right));
            left = *inner;
        }
        let mut value = self.part(left);
        while let Some((operator, right)) = pending.pop() {
            value = self.apply(operator, value, right);
        }
        value
    }

    fn apply(&self, operator: Operator, left: Value<T::Node>, right: PartId) -> Value<T::Node> {
        let tree = self.tree;
        let left_number = |left: Value<T::Node>| left.into_number(tree);
        match operator {
            Operator::Or => Value::Boolean(left.into_boolean(tree) || self.boolean(right)),
            Operator::And => Value::Boolean(left.into_boolean(tree) && self.boolean(right)),
            Operator::Add => Value::Number(left_number(left) + self.number(right)),
            Operator::Subtract => Value::Number(left_number(left) - self.number(right)),
            Operator::Multiply => Value::Number(left_number(left) * self.number(right)),
            Operator::Divide => Value::Number(left_number(left) / self.number(right)),
            Operator::Modulo => Value::Number(left_number(left) % self.number(right)),
            Operator::Union => match (left, self.part(right)) {
                (Value::Nodes(mut nodes), Value::Nodes(more)) => {
                    nodes.extend(more);
                    Value::Nodes(nodes)
                }
                (left, _) => left,
            },
            _ => Value::Boolean(comparison::holds(operator, left, self.part(right), tree)),
        }
    }
}
