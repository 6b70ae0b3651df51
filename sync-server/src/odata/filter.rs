//! `$filter`: a bounded part of the standard's expressions, checked when it is read and then held against rows.
//!
//! `eq ne gt ge lt le`, `and or not`, parentheses, `contains startswith endswith tolower toupper`, texts, numbers, days,
//! moments, `true false null`. What is compared with null has no truth, except by `eq` and `ne`; a row is taken only
//! where the whole is true.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Fault;
use super::lex::{Word, words};
use super::value::{Type, Value};

/// How deep parentheses, `not` and functions may stand in each other.
const DEEPEST: usize = 24;

/// A filter over properties by their place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter(Expression);

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Property(usize),
    Literal(Value<'static>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(Comparison, Box<[Self; 2]>),
    Search(Search, Box<[Self; 2]>),
    Small(Box<Self>),
    Large(Box<Self>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Search {
    Contains,
    Starts,
    Ends,
}

impl Filter {
    /// Reads a filter; `property` gives the place and kind of a property.
    ///
    /// # Errors
    /// What is wrong with it, for whoever wrote it.
    pub(super) fn read(text: &str, property: impl Fn(&str) -> Option<(usize, Type)>) -> Result<Self, Fault> {
        let words = words(text)?;
        let mut reader = Reader { words: words.iter().peekable(), property: &property };
        let whole = reader.any(0)?;
        if let Some(word) = reader.words.next() {
            return Err(wrong(format!("{} was not expected", shown(Some(word)))));
        }
        Ok(Self(truth(whole)?.0))
    }

    /// Whether a row is taken; `value` gives the row's properties.
    pub(super) fn takes<'a>(&'a self, value: &dyn Fn(usize) -> Value<'a>) -> bool {
        evaluate(&self.0, value) == Value::Truth(true)
    }
}

/// An expression and its kind.
type Typed = (Expression, Type);

struct Reader<'a, P> {
    words: std::iter::Peekable<std::slice::Iter<'a, Word>>,
    property: &'a P,
}

impl<P: Fn(&str) -> Option<(usize, Type)>> Reader<'_, P> {
    fn any(&mut self, depth: usize) -> Result<Typed, Fault> {
        self.chain(depth, "or", Self::all, Expression::Any)
    }

    fn all(&mut self, depth: usize) -> Result<Typed, Fault> {
        self.chain(depth, "and", Self::comparison, Expression::All)
    }

    /// Parts that stand beside each other with a word between them.
    fn chain(
        &mut self,
        depth: usize,
        between: &str,
        part: impl Fn(&mut Self, usize) -> Result<Typed, Fault>,
        whole: impl FnOnce(Vec<Expression>) -> Expression,
    ) -> Result<Typed, Fault> {
        let first = part(self, depth)?;
        if !self.takes(between) {
            return Ok(first);
        }
        let mut parts = vec![truth(first)?.0, truth(part(self, depth)?)?.0];
        while self.takes(between) {
            parts.push(truth(part(self, depth)?)?.0);
        }
        Ok((whole(parts), Type::Truth))
    }

    fn comparison(&mut self, depth: usize) -> Result<Typed, Fault> {
        if self.takes("not") {
            let (inner, _) = truth(self.comparison(deeper(depth)?)?)?;
            return Ok((Expression::Not(Box::new(inner)), Type::Truth));
        }
        let (left, kind) = self.operand(depth)?;
        let Some(how) = self.operator() else { return Ok((left, kind)) };
        let (right, other) = self.operand(depth)?;
        if kind != other && kind != Type::Null && other != Type::Null {
            return Err(wrong(format!("{} cannot be compared with {}", named(kind), named(other))));
        }
        Ok((Expression::Compare(how, Box::new([left, right])), Type::Truth))
    }

    fn operator(&mut self) -> Option<Comparison> {
        let Some(Word::Name(name)) = self.words.peek() else { return None };
        let how = match name.as_str() {
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "gt" => Comparison::Greater,
            "ge" => Comparison::GreaterEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::LessEqual,
            _ => return None,
        };
        self.words.next();
        Some(how)
    }

    fn operand(&mut self, depth: usize) -> Result<Typed, Fault> {
        match self.words.next() {
            Some(Word::Open) => {
                let inner = self.any(deeper(depth)?)?;
                self.expect(&Word::Close)?;
                Ok(inner)
            }
            Some(Word::Literal(value)) => Ok((Expression::Literal(value.clone()), value.kind())),
            Some(Word::Name(name)) if matches!(self.words.peek(), Some(Word::Open)) => {
                self.function(name, depth)
            }
            Some(Word::Name(name)) => {
                let found = (self.property)(name);
                let (place, kind) =
                    found.ok_or_else(|| wrong(format!("there is no property `{name}` here")))?;
                Ok((Expression::Property(place), kind))
            }
            other => Err(wrong(format!("a value is missing before {}", shown(other)))),
        }
    }

    fn function(&mut self, name: &str, depth: usize) -> Result<Typed, Fault> {
        let depth = deeper(depth)?;
        self.expect(&Word::Open)?;
        let first = text(self.any(depth)?)?;
        let search = match name {
            "contains" => Search::Contains,
            "startswith" => Search::Starts,
            "endswith" => Search::Ends,
            "tolower" | "toupper" => {
                self.expect(&Word::Close)?;
                let inner = Box::new(first);
                let case =
                    if name == "tolower" { Expression::Small(inner) } else { Expression::Large(inner) };
                return Ok((case, Type::Text));
            }
            _ => {
                let known = "contains, startswith, endswith, tolower, toupper";
                return Err(Fault::unknown(
                    "$filter",
                    format!("`{name}` is not among the functions {known}"),
                ));
            }
        };
        self.expect(&Word::Comma)?;
        let second = text(self.any(depth)?)?;
        self.expect(&Word::Close)?;
        Ok((Expression::Search(search, Box::new([first, second])), Type::Truth))
    }

    fn takes(&mut self, name: &str) -> bool {
        self.words.next_if(|word| matches!(word, Word::Name(own) if own == name)).is_some()
    }

    fn expect(&mut self, wanted: &Word) -> Result<(), Fault> {
        match self.words.next() {
            Some(word) if word == wanted => Ok(()),
            other => Err(wrong(format!("{} is missing before {}", shown(Some(wanted)), shown(other)))),
        }
    }
}

fn truth((expression, kind): Typed) -> Result<Typed, Fault> {
    match kind {
        Type::Truth | Type::Null => Ok((expression, kind)),
        _ => Err(wrong(format!("{} stands where true or false is wanted", named(kind)))),
    }
}

fn text((expression, kind): Typed) -> Result<Expression, Fault> {
    match kind {
        Type::Text | Type::Null => Ok(expression),
        _ => Err(wrong(format!("{} stands where a text is wanted", named(kind)))),
    }
}

fn deeper(depth: usize) -> Result<usize, Fault> {
    if depth < DEEPEST { Ok(depth + 1) } else { Err(wrong(format!("it is deeper than {DEEPEST} levels"))) }
}

fn wrong(message: String) -> Fault {
    Fault::query("$filter", message)
}

fn shown(word: Option<&Word>) -> String {
    match word {
        None => "the end".to_owned(),
        Some(Word::Open) => "`(`".to_owned(),
        Some(Word::Close) => "`)`".to_owned(),
        Some(Word::Comma) => "`,`".to_owned(),
        Some(Word::Name(name)) => format!("`{}`", name.chars().take(40).collect::<String>()),
        Some(Word::Literal(value)) => named(value.kind()).to_owned(),
    }
}

fn named(kind: Type) -> &'static str {
    match kind {
        Type::Text => "a text",
        Type::Number => "a number",
        Type::Truth => "true or false",
        Type::Day => "a day",
        Type::Moment => "a moment",
        Type::Null => "null",
    }
}

fn evaluate<'a>(of: &'a Expression, value: &dyn Fn(usize) -> Value<'a>) -> Value<'a> {
    match of {
        Expression::Property(place) => value(*place),
        Expression::Literal(literal) => literal.clone(),
        Expression::All(parts) => together(parts, value, false),
        Expression::Any(parts) => together(parts, value, true),
        Expression::Not(inner) => match evaluate(inner, value) {
            Value::Truth(is) => Value::Truth(!is),
            _ => Value::Null,
        },
        Expression::Compare(how, sides) => {
            let [left, right] = sides.each_ref().map(|side| evaluate(side, value));
            compare(*how, &left, &right)
        }
        Expression::Search(how, sides) => match sides.each_ref().map(|side| evaluate(side, value)) {
            [Value::Text(text), Value::Text(part)] => Value::Truth(match how {
                Search::Contains => text.contains(part.as_ref()),
                Search::Starts => text.starts_with(part.as_ref()),
                Search::Ends => text.ends_with(part.as_ref()),
            }),
            _ => Value::Null,
        },
        Expression::Small(inner) => cased(evaluate(inner, value), str::to_lowercase),
        Expression::Large(inner) => cased(evaluate(inner, value), str::to_uppercase),
    }
}

/// `and` and `or` with null among them: what decides alone decides, else null has the last word.
fn together<'a>(parts: &'a [Expression], value: &dyn Fn(usize) -> Value<'a>, decides: bool) -> Value<'a> {
    let mut is_null = false;
    for part in parts {
        match evaluate(part, value) {
            Value::Truth(is) if is == decides => return Value::Truth(decides),
            Value::Truth(_) => {}
            _ => is_null = true,
        }
    }
    if is_null { Value::Null } else { Value::Truth(!decides) }
}

fn compare<'a>(how: Comparison, left: &Value<'_>, right: &Value<'_>) -> Value<'a> {
    let order = left.order(right);
    let is = match how {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        _ if *left == Value::Null || *right == Value::Null => return Value::Null,
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    };
    Value::Truth(is)
}

fn cased(value: Value<'_>, case: fn(&str) -> String) -> Value<'_> {
    match value {
        Value::Text(text) => Value::Text(Cow::Owned(case(&text))),
        other => other,
    }
}

#[cfg(test)]
mod tests;
