//! Texts: `concat contains substr regex join translate ...`.

use crate::expression::function::Function;
use crate::expression::functions::{Arguments, Result, count};
use crate::expression::numbers::round;
use crate::expression::tree::{Manner, Tree};
use crate::expression::value::Value;

pub(crate) fn call<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let first = || given.text_or_here(0);
    let tree = given.tree();
    match function {
        Function::Concat => Value::Text(given.all(0).map(|value| value.into_text(tree)).collect()),
        Function::Contains => Value::Boolean(first().contains(&given.text(1))),
        Function::StartsWith => Value::Boolean(first().starts_with(&given.text(1))),
        Function::EndsWith => Value::Boolean(first().ends_with(&given.text(1))),
        Function::Join => Value::Text(given.pieces(1).join(&first())),
        Function::NormalizeSpace => Value::Text(normalized(&first())),
        Function::Regex => Value::Boolean(matches(&first(), &given.text(1), T::MANNER)),
        Function::StringLength => Value::Number(count(first().chars().count())),
        Function::Substr => {
            let end = if given.len() > 2 { given.number(2) } else { f64::INFINITY };
            Value::Text(substr(&first(), given.number(1), end))
        }
        Function::Substring => {
            let length = (given.len() > 2).then(|| given.number(2));
            Value::Text(substring(&first(), given.number(1), length))
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

/// Blanks as XML has them: a form feed is none.
fn normalized(text: &str) -> String {
    let words = text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// In forms the whole text has to match, as in `JavaRosa`.
fn matches(text: &str, pattern: &str, manner: Manner) -> bool {
    let pattern = match manner {
        Manner::JavaRosa => format!("^(?:{pattern})$"),
        Manner::OpenRosa => pattern.to_owned(),
    };
    regex_lite::Regex::new(&pattern).is_ok_and(|regex| regex.is_match(text))
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

/// The function of `XPath` 1.0: characters from `start` (from 1) on, `length` of them or all, both rounded.
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let whole = |number: f64| round(number, 0.0, Manner::JavaRosa);
    let from = whole(start);
    let end = length.map(|length| from + whole(length));
    let at = |place: usize| count(place + 1) >= from && end.is_none_or(|end| count(place + 1) < end);
    text.chars().enumerate().filter(|(place, _)| at(*place)).map(|(_, character)| character).collect()
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
