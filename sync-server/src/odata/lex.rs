//! The words of `$filter`.

use super::Fault;
use super::value::Value;
use crate::exports::calendar::{day_of, moment_of};

/// Longest filter, in bytes.
const LONGEST: usize = 4_096;
/// Most words of one.
const MOST: usize = 600;

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    Open,
    Close,
    Comma,
    /// A property, function or operator.
    Name(String),
    /// A value.
    Literal(Value<'static>),
}

/// The words of a filter, in order.
pub(super) fn words(text: &str) -> Result<Vec<Word>, Fault> {
    if text.len() > LONGEST {
        return Err(Fault::query("$filter", format!("a filter has {LONGEST} bytes at most")));
    }
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if words.len() == MOST {
            return Err(Fault::query("$filter", format!("a filter has {MOST} words at most")));
        }
        let (word, after) = match first {
            '(' => (Word::Open, rest.split_at(1).1),
            ')' => (Word::Close, rest.split_at(1).1),
            ',' => (Word::Comma, rest.split_at(1).1),
            '\'' => quoted(rest)?,
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '\''));
                let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                (plain(word)?, after)
            }
        };
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

/// A text in quotes, in which two quotes stand for one.
fn quoted(text: &str) -> Result<(Word, &str), Fault> {
    let mut value = String::new();
    let mut rest = text.get(1..).unwrap_or_default();
    loop {
        let Some((part, after)) = rest.split_once('\'') else {
            return Err(Fault::query("$filter", "a text is not closed by '"));
        };
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Ok((Word::Literal(Value::Text(value.into())), after)),
        }
    }
}

fn plain(word: &str) -> Result<Word, Fault> {
    let literal = match word {
        "null" => Some(Value::Null),
        "true" => Some(Value::Truth(true)),
        "false" => Some(Value::Truth(false)),
        _ => None,
    };
    let literal = literal
        .or_else(|| Value::number(word))
        .or_else(|| day_of(word).map(Value::Day))
        .or_else(|| word.ends_with('Z').then(|| moment_of(word).map(Value::Moment))?)
        .or_else(|| word.get(19..)?.contains(['+', '-']).then(|| moment_of(word).map(Value::Moment))?);
    if let Some(literal) = literal {
        return Ok(Word::Literal(literal));
    }
    let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    if is_name {
        Ok(Word::Name(word.to_owned()))
    } else {
        let shown: String = word.chars().take(40).collect();
        Err(Fault::query("$filter", format!("`{shown}` is neither a property nor a value")))
    }
}
