//! Sets of nodes: `count count-non-empty sum min max position last indexed-repeat randomize`.

use crate::expression::function::Function;
use crate::expression::functions::{Arguments, Result, count, index};
use crate::expression::tree::{Manner, Tree};
use crate::expression::value::Value;
use crate::shuffle::{seed_of, shuffled};

pub(crate) fn call<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let tree = given.tree();
    match function {
        Function::Count => given.nodes(0).map_or(Value::blank(), |nodes| Value::Number(count(nodes.len()))),
        Function::CountNonEmpty => given.nodes(0).map_or(Value::blank(), |nodes| {
            let filled = |node: &T::Node| !tree.value(*node).into_answer(tree).is_empty();
            Value::Number(count(nodes.into_iter().filter(filled).count()))
        }),
        Function::Sum => given
            .nodes(0)
            .map_or(Value::blank(), |_| Value::Number(numbers(given).into_iter().sum::<f64>() + 0.0)),
        Function::Min => Value::Number(extreme(&numbers(given), f64::min)),
        Function::Max => Value::Number(extreme(&numbers(given), f64::max)),
        Function::Position => position(given),
        Function::Last => Value::Number(count(given.e.focus.place.map_or(1, |(_, size)| size))),
        Function::Randomize => randomize(given),
        _ => indexed_repeat(given),
    }
}

/// Every argument as a number; blank ones and what is no number as [`Manner`] says.
fn numbers<T: Tree>(given: &Arguments<'_, T>) -> Vec<f64> {
    let mut numbers: Vec<f64> = given.all(0).map(|value| value.into_number(given.tree())).collect();
    if T::MANNER == Manner::JavaRosa {
        numbers.retain(|number| !number.is_nan());
    }
    numbers
}

fn extreme(numbers: &[f64], of: fn(f64, f64) -> f64) -> f64 {
    if numbers.iter().any(|number| number.is_nan()) {
        return f64::NAN;
    }
    numbers.iter().copied().reduce(of).unwrap_or(f64::NAN)
}

fn position<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    if let (0, Some((place, _))) = (given.len(), given.e.focus.place) {
        return Value::Number(count(place));
    }
    match given.value_or_here(0) {
        Value::Nodes(nodes) => match nodes.first() {
            Some(node) => Value::Number(count(given.tree().position(*node))),
            None => given.misused("a node that is there"),
        },
        _ => given.misused("nodes"),
    }
}

/// `indexed-repeat(question, repeat, number[, inner repeat, number]...)`. A number below 1 means the
/// first row, as in `JavaRosa`.
fn indexed_repeat<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let mut rows = Vec::new();
    for at in (1..given.len()).step_by(2) {
        let number = given.number(at + 1);
        match (given.reference(at), index(number.max(1.0))) {
            (Some(repeat), Some(number)) => rows.push((repeat, number)),
            _ => return Value::blank(),
        }
    }
    let node = given.reference(0).and_then(|question| given.tree().in_rows(question, &rows));
    Value::Nodes(node.into_iter().collect())
}

fn randomize<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let Some(nodes) = given.nodes(0) else { return Value::blank() };
    if given.len() < 2 {
        return Value::Nodes(shuffled(nodes, given.tree().random().cast_signed()));
    }
    let text = given.text(1);
    let number = given.number(1);
    if number.is_nan() && T::MANNER == Manner::OpenRosa {
        return given.misused("a number as its seed");
    }
    Value::Nodes(shuffled(nodes, seed_of(&text)))
}
