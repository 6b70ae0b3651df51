//! Reads an expression's text, resolving every name on the way.

use thiserror::Error;

use crate::expression::ast::{Expression, Function, MAX_DEPTH, MAX_LENGTH, Operator, Part, PartId};
use crate::expression::lexer::{Token, TokenKind, references_in_text, tokens};
use crate::instrument::NodeId;

/// What is wrong with an expression, and at which character (from 1).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("at character {at}: {kind}")]
pub struct ParseError {
    /// Character in the expression's text, from 1.
    pub at: usize,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Nothing there.
    #[error("the expression is empty")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("the expression is longer than {MAX_LENGTH} bytes; split it into several calculate questions")]
    TooLong,
    /// Deeper than [`MAX_DEPTH`].
    #[error("the expression nests deeper than {MAX_DEPTH}; move a part of it into a calculate question")]
    TooDeep,
    /// A character or word that cannot stand there.
    #[error("`{found}` cannot stand here")]
    Unexpected {
        /// What stands there.
        found: String,
    },
    /// Something else had to come.
    #[error("`{wanted}` is missing before `{found}`")]
    Missing {
        /// What is missing.
        wanted: &'static str,
        /// What stands there instead.
        found: String,
    },
    /// The text ends where a value had to come.
    #[error("the expression ends where a value should follow")]
    Unfinished,
    /// Too many points.
    #[error("`{text}` is not a number")]
    NotANumber {
        /// As written.
        text: String,
    },
    /// A quote without its partner.
    #[error("the text that begins here has no closing quote")]
    UnclosedText,
    /// `${` without `}`.
    #[error("the reference that begins here has no `}}`")]
    UnclosedReference,
    /// No such function.
    #[error("there is no function `{name}`{}", similar(.name))]
    UnknownFunction {
        /// As written.
        name: String,
    },
    /// Too few or too many arguments.
    #[error("`{name}` takes {}, not {given}", arguments(*.least, *.most))]
    Arguments {
        /// The function.
        name: &'static str,
        /// How many were given.
        given: usize,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// An argument must be a reference.
    #[error("argument {number} of `{name}` must be a reference such as ${{name}}")]
    WantsReference {
        /// The function.
        name: &'static str,
        /// Which argument, from 1.
        number: usize,
    },
    /// A reference that leads nowhere.
    #[error(transparent)]
    Reference(#[from] ScopeError),
    /// A regular expression that cannot be read.
    #[error("`{pattern}` is not a regular expression that this version reads: {reason}")]
    Pattern {
        /// As written.
        pattern: String,
        /// From the reader.
        reason: String,
    },
    /// Part of `XPath` that this version does not take.
    #[error("`{what}` is not taken by this version; {instead}")]
    Unsupported {
        /// What was written.
        what: &'static str,
        /// What to write.
        instead: &'static str,
    },
}

/// A name that means no node, or more than one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScopeError {
    /// No question, group or repeat is called so.
    #[error("no question, group or repeat is called `{name}`{}", did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// As written.
        name: String,
        /// A name that is much like it.
        nearest: Option<String>,
    },
    /// Several are called so.
    #[error("more than one question is called `{name}`; give them different names to refer to one")]
    Ambiguous {
        /// As written.
        name: String,
    },
    /// A path that leads nowhere.
    #[error("the path `{path}` leads to no question; write ${{name}} instead")]
    NoPath {
        /// As written.
        path: String,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean ${{{nearest}}}?"),
        None => "; write a name of the `name` column".to_owned(),
    }
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// `..`
    Up,
    /// A name.
    Child(String),
}

/// Which names an expression can use.
pub trait Scope {
    /// What `${name}` means.
    ///
    /// # Errors
    /// Where it means nothing, or several things.
    fn reference(&self, name: &str) -> Result<NodeId, ScopeError>;

    /// What a path means, from the top or from the node that the expression belongs to.
    ///
    /// # Errors
    /// Where it leads nowhere.
    fn path(&self, absolute: bool, steps: &[PathStep]) -> Result<NodeId, ScopeError>;

    /// True where a bare name is a column of a choice, as in a choice filter.
    fn has_columns(&self) -> bool;
}

/// A scope without any name.
#[derive(Debug, Clone, Copy)]
pub struct NoNames;

impl Scope for NoNames {
    fn reference(&self, name: &str) -> Result<NodeId, ScopeError> {
        Err(ScopeError::Unknown { name: name.to_owned(), nearest: None })
    }

    fn path(&self, absolute: bool, steps: &[PathStep]) -> Result<NodeId, ScopeError> {
        Err(ScopeError::NoPath { path: path_text(absolute, steps) })
    }

    fn has_columns(&self) -> bool {
        false
    }
}

/// A path as it was written.
pub(crate) fn path_text(absolute: bool, steps: &[PathStep]) -> String {
    let steps: Vec<&str> = steps
        .iter()
        .map(|step| match step {
            PathStep::Up => "..",
            PathStep::Child(name) => name,
        })
        .collect();
    format!("{}{}", if absolute { "/" } else { "" }, steps.join("/"))
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn parse(text: &str, scope: &dyn Scope) -> Result<Self, ParseError> {
        if text.len() > MAX_LENGTH {
            return Err(ParseError { at: 1, kind: ParseErrorKind::TooLong });
        }
        let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0, parts: Vec::new(), scope };
        if parser.peek() == &TokenKind::End {
            return Err(ParseError { at: 1, kind: ParseErrorKind::Empty });
        }
        parser.binary(0)?;
        if parser.peek() != &TokenKind::End {
            return Err(parser.unexpected());
        }
        Self::try_from(parser.parts).map_err(|_| ParseError { at: 1, kind: ParseErrorKind::TooDeep })
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    parts: Vec<Part>,
    scope: &'a dyn Scope,
}

const PRECEDENCES: usize = 7;

impl Parser<'_> {
    fn peek(&self) -> &TokenKind {
        self.tokens.get(self.next).map_or(&TokenKind::End, |token| &token.kind)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(1, |token| token.at)
    }

    fn take(&mut self) -> TokenKind {
        let kind = self.peek().clone();
        self.next += 1;
        kind
    }

    fn takes(&mut self, symbol: &'static str) -> bool {
        let found = self.peek() == &TokenKind::Symbol(symbol);
        self.next += usize::from(found);
        found
    }

    fn wants(&mut self, symbol: &'static str) -> Result<(), ParseError> {
        if self.takes(symbol) {
            return Ok(());
        }
        let kind = ParseErrorKind::Missing { wanted: symbol, found: shown(self.peek()) };
        Err(ParseError { at: self.at(), kind })
    }

    fn unexpected(&self) -> ParseError {
        let kind = match self.peek() {
            TokenKind::End => ParseErrorKind::Unfinished,
            TokenKind::Symbol("[") => ParseErrorKind::Unsupported {
                what: "[",
                instead: "use indexed-repeat() to read one row of a repeat",
            },
            other => ParseErrorKind::Unexpected { found: shown(other) },
        };
        ParseError { at: self.at(), kind }
    }

    fn push(&mut self, part: Part) -> PartId {
        self.parts.push(part);
        PartId::try_from(self.parts.len() - 1).unwrap_or(PartId::MAX)
    }

    /// Operators of one precedence, from the loosest (0, `or`) to the tightest.
    fn binary(&mut self, precedence: usize) -> Result<PartId, ParseError> {
        if precedence >= PRECEDENCES {
            return self.unary();
        }
        let mut left = self.binary(precedence + 1)?;
        while let Some(operator) = operator(self.peek(), precedence) {
            self.next += 1;
            let right = self.binary(precedence + 1)?;
            left = self.push(Part::Operation(operator, left, right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<PartId, ParseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ParseError { at: self.at(), kind: ParseErrorKind::TooDeep });
        }
        let id = if self.takes("-") {
            let inner = self.unary()?;
            self.push(Part::Negate(inner))
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(id)
    }

    fn primary(&mut self) -> Result<PartId, ParseError> {
        let at = self.at();
        match self.peek().clone() {
            TokenKind::Number(number) => {
                self.next += 1;
                Ok(self.push(Part::Number(number)))
            }
            TokenKind::Text(text) => {
                self.next += 1;
                Ok(self.push(Part::Text(text)))
            }
            TokenKind::Reference(name) => {
                let id =
                    self.scope.reference(&name).map_err(|error| ParseError { at, kind: error.into() })?;
                self.next += 1;
                self.ends_path()?;
                Ok(self.push(Part::Node(id)))
            }
            TokenKind::Symbol("(") => {
                self.next += 1;
                let inner = self.binary(0)?;
                self.wants(")")?;
                self.ends_path()?;
                Ok(inner)
            }
            TokenKind::Name(name) if self.follows("(") => {
                if name == "current" {
                    return self.current(at);
                }
                let call = self.call(&name, at)?;
                self.ends_path()?;
                Ok(call)
            }
            TokenKind::Name(_) | TokenKind::Symbol("." | ".." | "/" | "//" | "*") => self.path(at),
            _ => Err(self.unexpected()),
        }
    }

    fn follows(&self, symbol: &'static str) -> bool {
        self.tokens.get(self.next + 1).is_some_and(|token| token.kind == TokenKind::Symbol(symbol))
    }

    /// Nothing may be appended to a reference or a call: no path, no predicate.
    fn ends_path(&self) -> Result<(), ParseError> {
        match self.peek() {
            TokenKind::Symbol("[" | "/" | "//") => Err(self.unexpected()),
            _ => Ok(()),
        }
    }

    /// `current()` and `current()/../name`: the context is always the node of the expression here.
    fn current(&mut self, at: usize) -> Result<PartId, ParseError> {
        self.next += 1;
        self.wants("(")?;
        self.wants(")")?;
        if !self.takes("/") {
            return Ok(self.push(Part::Here));
        }
        self.path_from(at, false, false)
    }

    fn path(&mut self, at: usize) -> Result<PartId, ParseError> {
        let absolute = self.takes("/");
        self.path_from(at, absolute, true)
    }

    fn path_from(&mut self, at: usize, absolute: bool, columns: bool) -> Result<PartId, ParseError> {
        let mut steps = Vec::new();
        loop {
            match self.take() {
                TokenKind::Symbol(".") => {}
                TokenKind::Symbol("..") => steps.push(PathStep::Up),
                TokenKind::Name(name) => steps.push(PathStep::Child(name)),
                _ => {
                    self.next -= 1;
                    return Err(self.unexpected());
                }
            }
            if !self.takes("/") {
                break;
            }
        }
        self.ends_path()?;
        let part = self.resolve(at, absolute, columns, &steps)?;
        Ok(self.push(part))
    }

    fn resolve(
        &self,
        at: usize,
        absolute: bool,
        columns: bool,
        steps: &[PathStep],
    ) -> Result<Part, ParseError> {
        if !absolute && steps.iter().all(|step| *step == PathStep::Up) {
            let too_deep = |_| ParseError { at, kind: ParseErrorKind::TooDeep };
            let levels = u8::try_from(steps.len()).map_err(too_deep)?;
            return Ok(if levels == 0 { Part::Here } else { Part::Up(levels) });
        }
        if let ([PathStep::Child(name)], true) = (steps, columns && self.scope.has_columns())
            && !absolute
        {
            return Ok(Part::Column(name.clone()));
        }
        let id = self.scope.path(absolute, steps);
        Ok(Part::Node(id.map_err(|error| ParseError { at, kind: error.into() })?))
    }

    fn call(&mut self, name: &str, at: usize) -> Result<PartId, ParseError> {
        let unknown = || ParseError { at, kind: ParseErrorKind::UnknownFunction { name: name.to_owned() } };
        let function = Function::named(name).ok_or_else(unknown)?;
        self.next += 1;
        self.wants("(")?;
        let mut arguments = Vec::new();
        if !self.takes(")") {
            loop {
                arguments.push(self.binary(0)?);
                if !self.takes(",") {
                    break;
                }
            }
            self.wants(")")?;
        }
        let (least, most) = function.arguments();
        let given = arguments.len();
        if given < least || given > most {
            return Err(ParseError {
                at,
                kind: ParseErrorKind::Arguments { name: function.name(), given, least, most },
            });
        }
        self.check_arguments(function, &arguments).map_err(|kind| ParseError { at, kind })?;
        Ok(self.push(Part::Call(function, arguments)))
    }

    fn argument(&self, id: Option<&PartId>) -> Option<&Part> {
        self.parts.get(usize::try_from(*id?).ok()?)
    }

    /// What a function needs of its arguments beyond their number.
    fn check_arguments(&mut self, function: Function, arguments: &[PartId]) -> Result<(), ParseErrorKind> {
        let name = function.name();
        match function {
            Function::IndexedRepeat => {
                if arguments.len().is_multiple_of(2) {
                    let (least, most) = function.arguments();
                    return Err(ParseErrorKind::Arguments { name, given: arguments.len(), least, most });
                }
                for (index, argument) in arguments.iter().enumerate() {
                    let reference = matches!(self.argument(Some(argument)), Some(Part::Node(_)));
                    if (index == 0 || index % 2 == 1) && !reference {
                        return Err(ParseErrorKind::WantsReference { name, number: index + 1 });
                    }
                }
                Ok(())
            }
            Function::Position => match self.argument(arguments.first()) {
                None | Some(Part::Here | Part::Up(_) | Part::Node(_)) => Ok(()),
                Some(_) => Err(ParseErrorKind::WantsReference { name, number: 1 }),
            },
            Function::ChoiceName => self.choice_name(arguments),
            Function::Regex => match self.argument(arguments.get(1)) {
                Some(Part::Text(pattern)) => match regex_lite::Regex::new(pattern) {
                    Ok(_) => Ok(()),
                    Err(error) => {
                        Err(ParseErrorKind::Pattern { pattern: pattern.clone(), reason: error.to_string() })
                    }
                },
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The second argument of `jr:choice-name` is a reference in quotes: `'${name}'`.
    fn choice_name(&mut self, arguments: &[PartId]) -> Result<(), ParseErrorKind> {
        let wanted = ParseErrorKind::WantsReference { name: Function::ChoiceName.name(), number: 2 };
        let id = match self.argument(arguments.get(1)) {
            Some(Part::Node(_)) => return Ok(()),
            Some(Part::Text(text)) => {
                if let Some((_, name)) = references_in_text(text).first() {
                    self.scope.reference(name)?
                } else {
                    let steps: Vec<PathStep> = text
                        .split('/')
                        .filter(|step| !step.is_empty())
                        .map(
                            |step| if step == ".." { PathStep::Up } else { PathStep::Child(step.to_owned()) },
                        )
                        .collect();
                    self.scope.path(text.starts_with('/'), &steps)?
                }
            }
            _ => return Err(wanted),
        };
        let place = arguments.get(1).and_then(|id| usize::try_from(*id).ok());
        match place.and_then(|place| self.parts.get_mut(place)) {
            Some(part) => *part = Part::Node(id),
            None => return Err(wanted),
        }
        Ok(())
    }
}

fn operator(token: &TokenKind, precedence: usize) -> Option<Operator> {
    let text = match token {
        TokenKind::Symbol(symbol) => symbol,
        TokenKind::Name(name) => name.as_str(),
        _ => return None,
    };
    let (operator, of) = match text {
        "or" => (Operator::Or, 0),
        "and" => (Operator::And, 1),
        "=" => (Operator::Equal, 2),
        "!=" => (Operator::NotEqual, 2),
        "<" => (Operator::Less, 3),
        "<=" => (Operator::LessOrEqual, 3),
        ">" => (Operator::Greater, 3),
        ">=" => (Operator::GreaterOrEqual, 3),
        "+" => (Operator::Add, 4),
        "-" => (Operator::Subtract, 4),
        "*" => (Operator::Multiply, 5),
        "div" => (Operator::Divide, 5),
        "mod" => (Operator::Modulo, 5),
        "|" => (Operator::Union, 6),
        _ => return None,
    };
    (of == precedence).then_some(operator)
}

fn shown(token: &TokenKind) -> String {
    match token {
        TokenKind::Number(number) => number.to_string(),
        TokenKind::Text(text) => format!("'{text}'"),
        TokenKind::Reference(name) => format!("${{{name}}}"),
        TokenKind::Name(name) => name.clone(),
        TokenKind::Symbol(symbol) => (*symbol).to_owned(),
        TokenKind::End => "the end".to_owned(),
    }
}

fn arguments(least: usize, most: usize) -> String {
    match (least, most) {
        (0, 0) => "no argument".to_owned(),
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) if most >= 10_000 => format!("at least {least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    }
}

/// A hint for the usual slips: capitals, and the blank or underscore in place of a hyphen.
fn similar(name: &str) -> String {
    let plain = name.to_lowercase().replace('_', "-");
    match Function::named(&plain) {
        Some(function) => format!("; write `{}`", function.name()),
        None => String::new(),
    }
}
