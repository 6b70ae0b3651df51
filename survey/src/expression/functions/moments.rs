//! Days and times: `today now date date-time decimal-date-time decimal-time format-date format-date-time`.

use crate::expression::dates::{Moment, offset_of, part_of_day};
use crate::expression::function::Function;
use crate::expression::functions::{Arguments, Result};
use crate::expression::numbers::plain_number_of;
use crate::expression::tree::{Manner, Tree};
use crate::expression::value::Value;

pub(crate) fn call<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let now = given.tree().clock().now.as_str();
    match function {
        Function::Today => Value::Text(given.tree().clock().today.clone()),
        Function::Now => Value::Text(now.to_owned()),
        Function::DecimalDateTime => Value::Number(decimal(given)),
        Function::DecimalTime => {
            let text = given.text(0);
            let number = plain_number_of(&text);
            let part = part_of_day(text.trim(), now).unwrap_or(number - number.floor());
            Value::Number(part)
        }
        _ => Value::Text(moment(given, function).map_or_else(String::new, |moment| match function {
            Function::Date if T::MANNER == Manner::JavaRosa => moment.day_text(),
            Function::Date | Function::DateTime => {
                let always = T::MANNER == Manner::JavaRosa;
                moment.time_text(offset_of(now), always)
            }
            _ => moment.format(&given.text(1)),
        })),
    }
}

/// The local moment that the first argument means.
fn moment<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Option<Moment> {
    let offset = offset_of(&given.tree().clock().now);
    let number = match given.value(0).single(given.tree()) {
        Value::Text(text) => match Moment::of(text.trim()) {
            Some(moment) => return Some(moment.local(offset)),
            None => plain_number_of(&text),
        },
        Value::Boolean(_) => f64::NAN,
        other => other.into_number(given.tree()),
    };
    let whole_day = T::MANNER == Manner::JavaRosa && function == Function::Date;
    Moment::after(if whole_day { number.trunc() } else { number + f64::from(offset) / 1440.0 })
}

/// Days since 1970-01-01 in UTC, with the time as their fraction.
fn decimal<T: Tree>(given: &Arguments<'_, T>) -> f64 {
    match given.value(0).single(given.tree()) {
        Value::Text(text) => match Moment::of(text.trim()) {
            Some(moment) => moment.utc_days(offset_of(&given.tree().clock().now)),
            None => plain_number_of(&text),
        },
        other => other.into_number(given.tree()),
    }
}
