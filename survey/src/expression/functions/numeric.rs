//! Numbers: rounding, powers, trigonometry, chance.

use crate::expression::function::Function;
use crate::expression::functions::Arguments;
use crate::expression::numbers::round;
use crate::expression::tree::Tree;

pub(crate) fn call<T: Tree>(given: &Arguments<'_, T>, function: Function) -> f64 {
    match function {
        Function::Pi => return std::f64::consts::PI,
        Function::Random => return fraction(given.tree().random()),
        _ => {}
    }
    let first = given.value_or_here(0).into_number(given.tree());
    match function {
        Function::Abs => first.abs(),
        Function::Acos => first.acos(),
        Function::Asin => first.asin(),
        Function::Atan => first.atan(),
        Function::Atan2 => first.atan2(given.number(1)),
        Function::Ceiling => first.ceil(),
        Function::Cos => first.cos(),
        Function::Exp => first.exp(),
        Function::Exp10 => 10_f64.powf(first),
        Function::Floor => first.floor(),
        Function::Int => first.trunc(),
        Function::Log => first.ln(),
        Function::Log10 => first.log10(),
        Function::Pow => first.powf(given.number(1)),
        Function::Round => round(first, if given.len() > 1 { given.number(1) } else { 0.0 }, T::MANNER),
        Function::Sin => first.sin(),
        Function::Sqrt => first.sqrt(),
        Function::Tan => first.tan(),
        _ => first,
    }
}

/// 53 random bits as a number from 0 up to but without 1.
#[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / 9_007_199_254_740_992.0
}
