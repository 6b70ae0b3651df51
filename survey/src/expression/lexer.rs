//! Cuts an expression's text into tokens.

use std::ops::Range;

use crate::expression::fault::{ParseError, ParseErrorKind};

/// A token and where it starts, in characters from 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    Number(f64),
    Text(String),
    /// `${name}`.
    Reference(String),
    /// A bare name, which may be an operator (`and`, `div`) by its place.
    Name(String),
    /// `( ) , / . .. + - * = != < <= > >= | [ ] @ //`.
    Symbol(&'static str),
    End,
}

// Longer ones first.
const SYMBOLS: [&str; 21] = [
    "..", "!=", "<=", ">=", "//", "::", "(", ")", ",", "/", ".", "+", "-", "*", "=", "<", ">", "|", "[", "]",
    "@",
];

/// The tokens of `text`, the last one [`TokenKind::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer { text, offset: 0, at: 1, after_value: false };
    let mut found = Vec::new();
    loop {
        let token = lexer.next()?;
        lexer.after_value = ends_value(&token.kind);
        let last = token.kind == TokenKind::End;
        found.push(token);
        if last {
            return Ok(found);
        }
    }
}

/// In front of a name: the answer in the record of the same form that was saved last on the device. No device here reads
/// one record for another, since a citizen must find no trace of the one before: it is blank, as on a new device.
pub(crate) const LAST_SAVED: &str = "last-saved#";

/// The `${name}` references in a label or hint: where each stands, in bytes, and the name.
pub fn references_in_text(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((start, rest)) = text.get(from..).and_then(|t| Some((from + t.find("${")?, t))) {
        let inside = rest.get(start - from + 2..).unwrap_or("");
        let Some(length) = inside.find('}') else { break };
        let name = inside.get(..length).unwrap_or("");
        found.push((start..start + length + 3, name.trim()));
        from = start + length + 3;
    }
    found
}

struct Lexer<'a> {
    text: &'a str,
    offset: usize,
    at: usize,
    /// The token before ended a value, so that a name is an operator here.
    after_value: bool,
}

fn ends_value(token: &TokenKind) -> bool {
    matches!(
        token,
        TokenKind::Number(_)
            | TokenKind::Text(_)
            | TokenKind::Reference(_)
            | TokenKind::Symbol(")" | "]" | "." | "..")
    )
}

/// The operator that a word begins with, where digits follow at once: `and1` in `1 and1`.
fn operator_before_digits(word: &str) -> Option<&'static str> {
    ["and", "or", "div", "mod"].into_iter().find(|operator| {
        word.strip_prefix(operator).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or("")
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let taken = self.rest().get(..bytes).unwrap_or("");
        self.offset += taken.len();
        self.at += taken.chars().count();
        taken
    }

    fn next(&mut self) -> Result<Token, ParseError> {
        let blank = self.rest().len() - self.rest().trim_start().len();
        self.advance(blank);
        let at = self.at;
        let kind = self.kind(at)?;
        Ok(Token { kind, at })
    }

    fn kind(&mut self, at: usize) -> Result<TokenKind, ParseError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(TokenKind::End) };
        let second_is_digit = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if first.is_ascii_digit() || (first == '.' && second_is_digit) {
            return self.number(at);
        }
        if let Some(closing) = closing_quote(first) {
            return self.quoted(first, closing, at);
        }
        if rest.starts_with("${") {
            let end = rest.find('}').ok_or(ParseError { at, kind: ParseErrorKind::UnclosedReference })?;
            let name = self.advance(end + 1).get(2..end).unwrap_or("").trim();
            return Ok(match name.strip_prefix(LAST_SAVED) {
                Some(_) => TokenKind::Text(String::new()),
                None => TokenKind::Reference(name.to_owned()),
            });
        }
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            self.advance(symbol.len());
            return Ok(TokenKind::Symbol(symbol));
        }
        if first.is_alphabetic() || first == '_' {
            return Ok(TokenKind::Name(self.name()));
        }
        Err(ParseError { at, kind: ParseErrorKind::Unexpected { found: first.to_string() } })
    }

    fn number(&mut self, at: usize) -> Result<TokenKind, ParseError> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let text = self.advance(end);
        let bad = || ParseError { at, kind: ParseErrorKind::NotANumber { text: text.to_owned() } };
        let number: f64 = text.parse().map_err(|_| bad())?;
        if number.is_finite() { Ok(TokenKind::Number(number)) } else { Err(bad()) }
    }

    fn quoted(&mut self, opening: char, closing: &[char], at: usize) -> Result<TokenKind, ParseError> {
        self.advance(opening.len_utf8());
        let end = self.rest().find(closing).ok_or(ParseError { at, kind: ParseErrorKind::UnclosedText })?;
        let text = self.advance(end).to_owned();
        let mark = self.rest().chars().next().map_or(0, char::len_utf8);
        self.advance(mark);
        Ok(TokenKind::Text(text))
    }

    /// A name may hold `-` and `.` as in `XML`, and one `:` before its local part (`jr:choice-name`).
    fn name(&mut self) -> String {
        let rest = self.rest();
        let mut end = 0;
        for (index, character) in rest.char_indices() {
            let next = rest.get(index + 1..).and_then(|t| t.chars().next());
            let prefix = character == ':' && next.is_some_and(char::is_alphabetic);
            if character == ':' && next == Some('*') {
                end = index + 2;
                break;
            }
            if !(character.is_alphanumeric() || matches!(character, '_' | '-' | '.') || prefix) {
                break;
            }
            end = index + character.len_utf8();
        }
        let split = if self.after_value { rest.get(..end).and_then(operator_before_digits) } else { None };
        self.advance(split.map_or(end, str::len)).to_owned()
    }
}

/// Spreadsheets turn straight quotes into curly ones while people type.
fn closing_quote(opening: char) -> Option<&'static [char]> {
    match opening {
        '\'' => Some(&['\'']),
        '"' => Some(&['"']),
        '‘' | '’' => Some(&['‘', '’']),
        '“' | '”' => Some(&['“', '”']),
        _ => None,
    }
}
