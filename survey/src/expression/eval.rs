//! Evaluates an expression over a tree. Total: every expression has a value over every tree.

use std::cell::RefCell;

use thiserror::Error;

use crate::expression::ast::{Expression, Operator, Part, PartId};
use crate::expression::comparison;
use crate::expression::functions;
use crate::expression::steps;
use crate::expression::tree::Tree;
use crate::expression::value::Value;

/// What was asked of a function that it cannot answer. Forms read on with a blank; see
/// [`Expression::try_evaluate`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Misuse {
    /// No such function, or not with so many arguments.
    #[error("there is no function `{name}` of {given} arguments")]
    Unknown {
        /// As written.
        name: String,
        /// How many arguments were given.
        given: usize,
    },
    /// An argument that the function cannot take.
    #[error("`{function}` wants {wanted}")]
    Argument {
        /// The function.
        function: &'static str,
        /// What it wants.
        wanted: &'static str,
    },
    /// A path after something that is no nodes.
    #[error("a path can only follow nodes")]
    NoNodes,
}

impl Expression {
    /// What the expression comes to over `tree`.
    pub fn evaluate<T: Tree>(&self, tree: &T) -> Value<T::Node> {
        self.evaluate_with(tree, &RefCell::new(None))
    }

    /// As [`Expression::evaluate`], for hosts that want to hear what went wrong on the way.
    ///
    /// # Errors
    /// The first misuse of a function that was met; parts that are not needed are not looked at.
    pub fn try_evaluate<T: Tree>(&self, tree: &T) -> Result<Value<T::Node>, Misuse> {
        let misuse = RefCell::new(None);
        let value = self.evaluate_with(tree, &misuse);
        misuse.into_inner().map_or(Ok(value), Err)
    }

    /// As [`Expression::evaluate`], as the text of an answer: blank for no node and for NaN.
    pub fn text_over<T: Tree>(&self, tree: &T) -> String {
        self.evaluate(tree).into_answer(tree)
    }

    /// As [`Expression::evaluate`], as true or false.
    pub fn holds_over<T: Tree>(&self, tree: &T) -> bool {
        self.evaluate(tree).into_boolean(tree)
    }

    fn evaluate_with<T: Tree>(&self, tree: &T, misuse: &RefCell<Option<Misuse>>) -> Value<T::Node> {
        let focus = Focus { here: tree.here(), place: None };
        Evaluation { expression: self, tree, focus, misuse }.part(self.last())
    }

    /// What one part comes to by itself.
    pub(crate) fn value_of<T: Tree>(&self, part: PartId, tree: &T) -> Value<T::Node> {
        let focus = Focus { here: tree.here(), place: None };
        Evaluation { expression: self, tree, focus, misuse: &RefCell::new(None) }.part(part)
    }
}

/// What a part is looked at from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Focus<N> {
    pub(crate) here: Option<N>,
    /// Inside a predicate: the place of the node among those looked at, from 1, and how many there are.
    pub(crate) place: Option<(usize, usize)>,
}

/// One evaluation of one expression.
pub(crate) struct Evaluation<'a, T: Tree> {
    pub(crate) expression: &'a Expression,
    pub(crate) tree: &'a T,
    pub(crate) focus: Focus<T::Node>,
    pub(crate) misuse: &'a RefCell<Option<Misuse>>,
}

impl<T: Tree> Evaluation<'_, T> {
    /// The value of one part. Recursion is bounded by [`crate::expression::MAX_DEPTH`].
    pub(crate) fn part(&self, id: PartId) -> Value<T::Node> {
        match self.expression.part(id) {
            None => Value::blank(),
            Some(Part::Number(number)) => Value::Number(*number),
            Some(Part::Text(text)) => Value::Text(text.clone()),
            Some(Part::Here) => Value::Nodes(self.focus.here.into_iter().collect()),
            Some(Part::Origin) => Value::Nodes(self.tree.here().into_iter().collect()),
            Some(Part::Root) => Value::Nodes(steps::root(self.tree, self.focus.here).into_iter().collect()),
            Some(Part::Up(levels)) => Value::Nodes(self.tree.up(*levels).into_iter().collect()),
            Some(Part::Node(id)) => Value::Nodes(self.tree.select(*id)),
            Some(Part::Column(name)) => {
                Value::Text(self.tree.column(name).map(std::borrow::Cow::into_owned).unwrap_or_default())
            }
            Some(Part::Negate(inner)) => Value::Number(-self.number(*inner)),
            Some(Part::Operation(..)) => self.operations(id),
            Some(Part::Call(function, arguments)) => functions::call(self, *function, arguments),
            Some(Part::Foreign(name, arguments)) => self.foreign(name, arguments),
            Some(Part::Path(start, steps, _)) => match self.part(*start) {
                Value::Nodes(nodes) => Value::Nodes(steps::walk(self, nodes, steps)),
                _ => self.misused(Misuse::NoNodes),
            },
            Some(Part::Filter(inner, predicate)) => match self.part(*inner) {
                Value::Nodes(nodes) => Value::Nodes(steps::kept(self, nodes, *predicate)),
                _ => self.misused(Misuse::NoNodes),
            },
        }
    }

    pub(crate) fn number(&self, id: PartId) -> f64 {
        self.part(id).into_number(self.tree)
    }

    pub(crate) fn boolean(&self, id: PartId) -> bool {
        self.part(id).into_boolean(self.tree)
    }

    /// Notes the first misuse, and goes on with a blank.
    pub(crate) fn misused(&self, misuse: Misuse) -> Value<T::Node> {
        self.misuse.borrow_mut().get_or_insert(misuse);
        Value::blank()
    }

    fn foreign(&self, name: &str, arguments: &[PartId]) -> Value<T::Node> {
        let values: Vec<Value<T::Node>> = arguments.iter().map(|id| self.part(*id)).collect();
        let unknown = || self.misused(Misuse::Unknown { name: name.to_owned(), given: arguments.len() });
        self.tree.foreign(name, &values).unwrap_or_else(unknown)
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
                    Value::Nodes(steps::in_order(tree, nodes))
                }
                _ => self.misused(Misuse::NoNodes),
            },
            _ => Value::Boolean(comparison::holds(operator, left, self.part(right), tree)),
        }
    }
}
