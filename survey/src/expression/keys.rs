//! What a choice filter asks of single columns, so that a list can be looked up instead of read through.

use crate::expression::ast::{Expression, Operator, Part, PartId};
use crate::expression::tree::Tree;
use crate::expression::value::Value;

impl Expression {
    /// Columns that must equal a value wherever the whole holds (`district = ${d} and ...`), each with a text that
    /// the value comes to. Only texts: numbers equal more than one text.
    pub fn keys<T: Tree>(&self, tree: &T) -> Vec<(&str, String)> {
        let mut found = Vec::new();
        let mut open = vec![self.last()];
        while let Some(id) = open.pop() {
            match self.part(id) {
                Some(Part::Operation(Operator::And, left, right)) => open.extend([*left, *right]),
                Some(Part::Operation(Operator::Equal, left, right)) => {
                    found.extend(self.key(*left, *right, tree).or_else(|| self.key(*right, *left, tree)));
                }
                _ => {}
            }
        }
        found
    }

    fn key<T: Tree>(&self, column: PartId, value: PartId, tree: &T) -> Option<(&str, String)> {
        let Some(Part::Column(name)) = self.part(column) else { return None };
        if !self.is_apart(value) {
            return None;
        }
        let value = self.value_of(value, tree);
        match value.into_all(tree).as_slice() {
            // No node compares as blank.
            [] => Some((name, String::new())),
            [Value::Text(text)] => Some((name, text.clone())),
            _ => None,
        }
    }

    /// True where a part surely does not look at the choice: it is a text or a reference to an answer.
    fn is_apart(&self, id: PartId) -> bool {
        matches!(self.part(id), Some(Part::Text(_) | Part::Node(_)))
    }
}
