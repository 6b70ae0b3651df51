//! What the functions of ODK `XPath` do. Meaning: the ODK form reference, and `JavaRosa` where that is silent.

mod choices;
mod coding;
mod geometry;
mod moments;
mod nodes;
mod numeric;
mod sets;
mod texts;

use crate::expression::ast::{Part, PartId};
use crate::expression::eval::{Evaluation, Misuse};
use crate::expression::function::Function;
use crate::expression::tree::{Manner, Tree};
use crate::expression::value::Value;
use crate::instrument::NodeId;

pub(crate) type Result<T> = Value<<T as Tree>::Node>;

/// Calls `function`. Parsing has checked how many arguments there are; a missing one reads as blank.
#[rustfmt::skip]
pub(crate) fn call<T: Tree>(e: &Evaluation<'_, T>, function: Function, arguments: &[PartId]) -> Result<T> {
    use Function as F;
    let given = Arguments { e, ids: arguments, function };
    match function {
        F::If | F::True | F::False | F::Not | F::Boolean | F::BooleanFromString | F::Coalesce | F::Once | F::Depend
        | F::Checklist | F::WeightedChecklist => flow(&given, function),
        F::Today | F::Now | F::Date | F::DateTime | F::DecimalDateTime | F::DecimalTime | F::FormatDate
        | F::FormatDateTime => moments::call(&given, function),
        F::Selected | F::SelectedAt | F::CountSelected | F::ChoiceName | F::Itext | F::Pulldata | F::Instance
        | F::Version => choices::call(&given, function),
        F::Count | F::CountNonEmpty | F::Sum | F::Min | F::Max | F::Position | F::Last | F::IndexedRepeat
        | F::Randomize => sets::call(&given, function),
        F::Id | F::Lang | F::LocalName | F::Name | F::NamespaceUri => nodes::call(&given, function),
        F::Abs | F::Acos | F::Asin | F::Atan | F::Atan2 | F::Ceiling | F::Cos | F::Exp | F::Exp10 | F::Floor | F::Int
        | F::Log | F::Log10 | F::Number | F::Pi | F::Pow | F::Random | F::Round | F::Sin | F::Sqrt | F::Tan => {
            Value::Number(numeric::call(&given, function))
        }
        F::Area | F::Distance | F::Geofence | F::Intersects => geometry::call(&given, function),
        F::Base64Decode | F::Digest | F::ExtractSigned | F::Uuid => coding::call(&given, function),
        F::Concat | F::Contains | F::EndsWith | F::Join | F::NormalizeSpace | F::Regex | F::StartsWith | F::String
        | F::StringLength | F::Substr | F::Substring | F::SubstringAfter | F::SubstringBefore | F::Translate => {
            texts::call(&given, function)
        }
    }
}

/// The arguments of one call, evaluated when asked for.
pub(crate) struct Arguments<'a, T: Tree> {
    e: &'a Evaluation<'a, T>,
    ids: &'a [PartId],
    function: Function,
}

impl<'a, T: Tree> Arguments<'a, T> {
    fn tree(&self) -> &'a T {
        self.e.tree
    }

    fn len(&self) -> usize {
        self.ids.len()
    }

    fn value(&self, index: usize) -> Result<T> {
        self.ids.get(index).map_or_else(Value::blank, |id| self.e.part(*id))
    }

    /// The argument, or the context node where there is none.
    fn value_or_here(&self, index: usize) -> Result<T> {
        if index < self.ids.len() {
            self.value(index)
        } else {
            Value::Nodes(self.e.focus.here.into_iter().collect())
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

    /// The nodes that the argument is; none where it is something else, which is a misuse.
    fn nodes(&self, index: usize) -> Option<Vec<T::Node>> {
        let value = self.value(index);
        if let Value::Nodes(nodes) = value {
            return Some(nodes);
        }
        self.misused("nodes, such as ${name} or a path");
        None
    }

    /// Every value of every argument from `index` on, nodes one by one.
    fn all(&self, index: usize) -> impl Iterator<Item = Result<T>> {
        self.ids.iter().skip(index).flat_map(|id| self.e.part(*id).into_all(self.e.tree))
    }

    /// As [`Arguments::all`], where no node at all counts as a blank unless it is the only argument, as in
    /// `JavaRosa`.
    fn pieces(&self, index: usize) -> Vec<String> {
        let several = self.ids.len() > index + 1;
        let piece = |id: &PartId| {
            let mut values = self.e.part(*id).into_all(self.e.tree);
            if values.is_empty() && several {
                values.push(Value::blank());
            }
            values
        };
        let values = self.ids.iter().skip(index).flat_map(piece);
        values.map(|value| value.into_text(self.e.tree)).collect()
    }

    fn reference(&self, index: usize) -> Option<NodeId> {
        match self.e.expression.part(*self.ids.get(index)?) {
            Some(Part::Node(id)) => Some(*id),
            _ => None,
        }
    }

    fn misused(&self, wanted: &'static str) -> Result<T> {
        self.e.misused(Misuse::Argument { function: self.function.name(), wanted })
    }
}

fn flow<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    match function {
        Function::If => given.value(if given.boolean(0) { 1 } else { 2 }),
        Function::True => Value::Boolean(true),
        Function::Not => Value::Boolean(!given.boolean(0)),
        Function::Boolean => Value::Boolean(given.boolean(0)),
        Function::BooleanFromString => {
            let text = given.text(0);
            let any_case = T::MANNER == Manner::JavaRosa && text.eq_ignore_ascii_case("true");
            Value::Boolean(any_case || text == "1" || text == "true")
        }
        Function::Coalesce => {
            let first = given.value(0).single(given.tree());
            if first.clone().into_answer(given.tree()).is_empty() {
                given.value(1).single(given.tree())
            } else {
                first
            }
        }
        Function::Depend => given.value(0),
        Function::Once => once(given),
        Function::Checklist => checklist(given),
        Function::WeightedChecklist => weighted_checklist(given),
        _ => Value::Boolean(false),
    }
}

/// The value that the node has already, or else the argument.
fn once<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let here = given.e.focus.here.map_or_else(Value::blank, |node| given.tree().value(node));
    match here {
        Value::Text(text) if text.is_empty() => given.value(0).single(given.tree()),
        present => present,
    }
}

/// True where at least the first and at most the second number of the rest hold; -1 is no bound.
fn checklist<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let held = given.all(2).filter(|value| value.clone().into_boolean(given.tree())).count();
    within(given, count(held))
}

/// As [`checklist`], of pairs: what may hold, and its weight.
fn weighted_checklist<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let mut sum = 0.0;
    for at in (2..given.len()).step_by(2) {
        let factors = given.value(at).into_all(given.tree());
        let weights = given.value(at + 1).into_all(given.tree());
        for (factor, weight) in factors.into_iter().zip(weights) {
            if factor.into_boolean(given.tree()) {
                let weight = weight.into_number(given.tree());
                sum += if weight.is_nan() { 0.0 } else { weight };
            }
        }
    }
    within(given, sum)
}

fn within<T: Tree>(given: &Arguments<'_, T>, held: f64) -> Result<T> {
    let (least, most) = (given.number(0), given.number(1));
    Value::Boolean((least < 0.0 || held >= least) && (most < 0.0 || held <= most))
}

#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f64 {
    number as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn index(number: f64) -> Option<usize> {
    (0.0..1e9).contains(&number).then_some(number as usize)
}
