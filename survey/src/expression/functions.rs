//! The functions of ODK `XPath` that this version has. Meaning: the ODK form reference.

use crate::expression::ast::{Function, Part, PartId};
use crate::expression::dates::{self, Moment};
use crate::expression::eval::Evaluation;
use crate::expression::numbers::{number_of, round};
use crate::expression::tree::Tree;
use crate::expression::value::Value;
use crate::instrument::NodeId;

type Result<T> = Value<<T as Tree>::Node>;

/// Calls `function`. Parsing has checked how many arguments there are; a missing one reads as blank.
pub(crate) fn call<T: Tree>(e: &Evaluation<'_, T>, function: Function, arguments: &[PartId]) -> Result<T> {
    let given = Arguments { e, ids: arguments };
    match function {
        Function::If => given.value(if given.boolean(0) { 1 } else { 2 }),
        Function::True => Value::Boolean(true),
        Function::False => Value::Boolean(false),
        Function::Not => Value::Boolean(!given.boolean(0)),
        Function::Boolean => Value::Boolean(given.boolean(0)),
        Function::BooleanFromString => Value::Boolean(matches!(given.text(0).as_str(), "1" | "true")),
        Function::Coalesce => {
            let first = given.text(0);
            if first.is_empty() { given.value(1).single(e.tree) } else { given.value(0).single(e.tree) }
        }
        Function::Once => once(&given),
        Function::Checklist => checklist(&given),
        Function::Today => Value::Text(e.tree.clock().today.clone()),
        Function::Now => Value::Text(e.tree.clock().now.clone()),
        Function::Date | Function::DecimalDateTime | Function::FormatDate | Function::FormatDateTime => {
            date(&given, function)
        }
        Function::Selected | Function::SelectedAt | Function::CountSelected | Function::ChoiceName => {
            selection(&given, function)
        }
        Function::Count
        | Function::CountNonEmpty
        | Function::Sum
        | Function::Min
        | Function::Max
        | Function::Position
        | Function::IndexedRepeat => nodes(&given, function),
        Function::Abs
        | Function::Ceiling
        | Function::Floor
        | Function::Int
        | Function::Number
        | Function::Pow
        | Function::Round => Value::Number(number(&given, function)),
        Function::Concat
        | Function::Contains
        | Function::EndsWith
        | Function::Join
        | Function::NormalizeSpace
        | Function::Regex
        | Function::StartsWith
        | Function::String
        | Function::StringLength
        | Function::Substr
        | Function::SubstringAfter
        | Function::SubstringBefore
        | Function::Translate => text(&given, function),
    }
}

/// The arguments of one call, evaluated when asked for.
struct Arguments<'a, T: Tree> {
    e: &'a Evaluation<'a, T>,
    ids: &'a [PartId],
}

impl<T: Tree> Arguments<'_, T> {
    fn value(&self, index: usize) -> Result<T> {
        self.ids.get(index).map_or_else(Value::blank, |id| self.e.part(*id))
    }

    /// The argument, or the context node where there is none.
    fn value_or_here(&self, index: usize) -> Result<T> {
        if index < self.ids.len() {
            self.value(index)
        } else {
            Value::Nodes(self.e.tree.here().into_iter().collect())
        }
    }

    fn boolean(&self, index: usize) -> bool {
        self.value(index).into_boolean(self.e.tree)
    }

    fn number(&self, index: usize) -> f64 {
        self.value(index).into_number(self.e.tree)
    }

    fn text(&self, index: usize) -> String {
        self.value(index).into_text(self.e.tree)
    }

    fn text_or_here(&self, index: usize) -> String {
        self.value_or_here(index).into_text(self.e.tree)
    }

    /// Every value of every argument from `index` on, nodes one by one.
    fn all(&self, index: usize) -> impl Iterator<Item = Result<T>> {
        self.ids.iter().skip(index).flat_map(|id| self.e.part(*id).into_all(self.e.tree))
    }

    fn reference(&self, index: usize) -> Option<NodeId> {
        match self.e.expression.part(*self.ids.get(index)?) {
            Some(Part::Node(id)) => Some(*id),
            _ => None,
        }
    }
}

/// The value that the node has already, or else the argument.
fn once<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let here = given.e.tree.here().map_or_else(Value::blank, |node| given.e.tree.value(node));
    match here {
        Value::Text(text) if text.is_empty() => given.value(0).single(given.e.tree),
        present => present,
    }
}

/// True where at least the first and at most the second number of the rest hold; -1 is no bound.
fn checklist<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let (least, most) = (given.number(0), given.number(1));
    let held = count(given.all(2).filter(|value| value.clone().into_boolean(given.e.tree)).count());
    Value::Boolean((least < 0.0 || held >= least) && (most < 0.0 || held <= most))
}

fn date<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let tree = given.e.tree;
    let moment = match given.value(0).single(tree) {
        Value::Text(text) => Moment::of(text.trim()).or_else(|| Moment::after(number_of(&text))),
        other => Moment::after(other.into_number(tree)),
    };
    let Some(moment) = moment else {
        return if function == Function::DecimalDateTime { Value::Number(f64::NAN) } else { Value::blank() };
    };
    match function {
        Function::Date => Value::Text(moment.day_text()),
        Function::DecimalDateTime => Value::Number(dates::days_of(&given.text(0)).unwrap_or(f64::NAN)),
        _ => Value::Text(moment.format(&given.text(1))),
    }
}

fn selection<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let list = given.text(0);
    let mut names = list.split_whitespace();
    match function {
        Function::Selected => {
            let name = given.text(1);
            Value::Boolean(names.any(|selected| selected == name.trim()))
        }
        Function::SelectedAt => {
            Value::Text(index(given.number(1)).and_then(|at| names.nth(at)).unwrap_or("").to_owned())
        }
        Function::CountSelected => Value::Number(count(names.count())),
        _ => {
            let label =
                given.reference(1).and_then(|question| given.e.tree.choice_label(question, list.trim()));
            Value::Text(label.unwrap_or_default())
        }
    }
}

fn nodes<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let tree = given.e.tree;
    // Blank and non-numeric values are passed over, as in JavaRosa.
    let numbers = || given.all(0).map(|value| value.into_number(tree)).filter(|number| !number.is_nan());
    match function {
        Function::Count => match given.value(0) {
            Value::Nodes(nodes) => Value::Number(count(nodes.len())),
            _ => Value::Number(f64::NAN),
        },
        Function::CountNonEmpty => Value::Number(count(
            given.all(0).filter(|value| !value.clone().into_text(tree).is_empty()).count(),
        )),
        Function::Sum => Value::Number(numbers().sum::<f64>() + 0.0),
        Function::Min => Value::Number(numbers().fold(f64::NAN, f64::min)),
        Function::Max => Value::Number(numbers().fold(f64::NAN, f64::max)),
        Function::Position => match given.value_or_here(0) {
            Value::Nodes(nodes) => {
                Value::Number(nodes.first().map_or(f64::NAN, |node| count(tree.position(*node))))
            }
            _ => Value::Number(f64::NAN),
        },
        _ => indexed_repeat(given),
    }
}

/// `indexed-repeat(question, repeat, number[, inner repeat, number]...)`.
fn indexed_repeat<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let mut rows = Vec::new();
    for at in (1..given.ids.len()).step_by(2) {
        match (given.reference(at), index(given.number(at + 1))) {
            (Some(repeat), Some(number)) => rows.push((repeat, number)),
            _ => return Value::blank(),
        }
    }
    let node = given.reference(0).and_then(|question| given.e.tree.in_rows(question, &rows));
    Value::Nodes(node.into_iter().collect())
}

fn number<T: Tree>(given: &Arguments<'_, T>, function: Function) -> f64 {
    let first = given.value_or_here(0).into_number(given.e.tree);
    match function {
        Function::Abs => first.abs(),
        Function::Ceiling => first.ceil(),
        Function::Floor => first.floor(),
        Function::Int => first.trunc(),
        Function::Pow => first.powf(given.number(1)),
        Function::Round => round(first, if given.ids.len() > 1 { given.number(1) } else { 0.0 }),
        _ => first,
    }
}

fn text<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let first = || given.text_or_here(0);
    let tree = given.e.tree;
    match function {
        Function::Concat => Value::Text(given.all(0).map(|value| value.into_text(tree)).collect()),
        Function::Contains => Value::Boolean(first().contains(&given.text(1))),
        Function::StartsWith => Value::Boolean(first().starts_with(&given.text(1))),
        Function::EndsWith => Value::Boolean(first().ends_with(&given.text(1))),
        Function::Join => {
            let values: Vec<String> = given.all(1).map(|value| value.into_text(tree)).collect();
            Value::Text(values.join(&first()))
        }
        Function::NormalizeSpace => Value::Text(first().split_whitespace().collect::<Vec<_>>().join(" ")),
        Function::Regex => Value::Boolean(matches_whole(&first(), &given.text(1))),
        Function::StringLength => Value::Number(count(first().chars().count())),
        Function::Substr => {
            let end = if given.ids.len() > 2 { given.number(2) } else { f64::INFINITY };
            Value::Text(substr(&first(), given.number(1), end))
        }
        Function::SubstringBefore => Value::Text(
            first().split_once(&given.text(1)).map(|(before, _)| before.to_owned()).unwrap_or_default(),
        ),
        Function::SubstringAfter => Value::Text(
            first().split_once(&given.text(1)).map(|(_, after)| after.to_owned()).unwrap_or_default(),
        ),
        Function::Translate => Value::Text(translate(&first(), &given.text(1), &given.text(2))),
        _ => Value::Text(first()),
    }
}

/// The whole text has to match, as in ODK.
fn matches_whole(text: &str, pattern: &str) -> bool {
    regex_lite::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(text))
}

/// Characters from `start` (from 0) up to but without `end`; negative ones count from the end.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn substr(text: &str, start: f64, end: f64) -> String {
    let length = text.chars().count() as f64;
    let place = |at: f64| if at < 0.0 { (length + at).max(0.0) } else { at.min(length) };
    if start.is_nan() || end.is_nan() || place(end) <= place(start) {
        return String::new();
    }
    let (start, end) = (place(start) as usize, place(end) as usize);
    text.chars().skip(start).take(end - start).collect()
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    text.chars()
        .filter_map(|character| match from.iter().position(|c| *c == character) {
            Some(index) => to.get(index).copied(),
            None => Some(character),
        })
        .collect()
}

#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f64 {
    number as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn index(number: f64) -> Option<usize> {
    (0.0..1e9).contains(&number).then_some(number as usize)
}
