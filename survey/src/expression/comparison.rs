//! `= != < <= > >=` between two values.

use crate::expression::ast::Operator;
use crate::expression::dates::looks_like_a_day;
use crate::expression::numbers::text_of;
use crate::expression::tree::{Manner, Tree};
use crate::expression::value::Value;

/// True where any value of the left stands in that relation to any of the right. What no node at all
/// means, [`Manner`] says; equal to true or false, nodes are as a whole.
pub(crate) fn holds<T: Tree>(
    operator: Operator,
    left: Value<T::Node>,
    right: Value<T::Node>,
    tree: &T,
) -> bool {
    let whole = T::MANNER == Manner::OpenRosa
        && matches!(operator, Operator::Equal | Operator::NotEqual)
        && (matches!(left, Value::Boolean(_)) || matches!(right, Value::Boolean(_)));
    let (left, right) = if whole {
        (vec![Value::Boolean(left.into_boolean(tree))], vec![Value::Boolean(right.into_boolean(tree))])
    } else {
        (or_blank::<T>(left.into_all(tree)), or_blank::<T>(right.into_all(tree)))
    };
    left.iter().any(|left| right.iter().any(|right| pair_holds(operator, left, right, tree)))
}

fn or_blank<T: Tree>(values: Vec<Value<T::Node>>) -> Vec<Value<T::Node>> {
    if values.is_empty() && T::MANNER == Manner::JavaRosa { vec![Value::blank()] } else { values }
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
        (Value::Text(left), Value::Text(right))
            if T::MANNER == Manner::JavaRosa || !(looks_like_a_day(left) && looks_like_a_day(right)) =>
        {
            left == right
        }
        (Value::Boolean(_), _) | (_, Value::Boolean(_)) => {
            left.clone().into_boolean(tree) == right.clone().into_boolean(tree)
        }
        // Blank equals blank, also where one side is a blank number.
        (Value::Number(number), Value::Text(text)) | (Value::Text(text), Value::Number(number))
            if number.is_nan() && T::MANNER == Manner::JavaRosa =>
        {
            text.is_empty() && text_of(*number).is_empty()
        }
        _ => left.clone().into_number(tree) == right.clone().into_number(tree),
    }
}
