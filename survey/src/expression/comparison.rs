//! `= != < <= > >=` between two values.

use crate::expression::ast::Operator;
use crate::expression::numbers::text_of;
use crate::expression::tree::Tree;
use crate::expression::value::Value;

/// True where any value of the left stands in that relation to any of the right. No node at all
/// compares as blank, as in `JavaRosa`.
pub(crate) fn holds<T: Tree>(
    operator: Operator,
    left: Value<T::Node>,
    right: Value<T::Node>,
    tree: &T,
) -> bool {
    let (left, right) = (or_blank(left.into_all(tree)), or_blank(right.into_all(tree)));
    left.iter().any(|left| right.iter().any(|right| pair_holds(operator, left, right, tree)))
}

fn or_blank<N: Copy>(values: Vec<Value<N>>) -> Vec<Value<N>> {
    if values.is_empty() { vec![Value::blank()] } else { values }
}

fn pair_holds<T: Tree>(operator: Operator, left: &Value<T::Node>, right: &Value<T::Node>, tree: &T) -> bool {
    let numbers = || (left.clone().into_number(tree), right.clone().into_number(tree));
    match operator {
        Operator::Equal => equal(left, right, tree),
        Operator::NotEqual => !equal(left, right, tree),
        Operator::Less => numbers().0 < numbers().1,
        Operator::LessOrEqual => numbers().0 <= numbers().1,
        Operator::Greater => numbers().0 > numbers().1,
        Operator::GreaterOrEqual => numbers().0 >= numbers().1,
        _ => false,
    }
}

// Exact, as IEEE 754 and XPath 1.0 have it.
#[allow(clippy::float_cmp)]
fn equal<T: Tree>(left: &Value<T::Node>, right: &Value<T::Node>, tree: &T) -> bool {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Boolean(_), _) | (_, Value::Boolean(_)) => {
            left.clone().into_boolean(tree) == right.clone().into_boolean(tree)
        }
        // Blank equals blank, also where one side is a blank number.
        (Value::Number(number), Value::Text(text)) | (Value::Text(text), Value::Number(number))
            if number.is_nan() =>
        {
            text.is_empty() && text_of(*number).is_empty()
        }
        _ => left.clone().into_number(tree) == right.clone().into_number(tree),
    }
}
