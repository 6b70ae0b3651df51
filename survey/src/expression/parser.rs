//! Reads an expression's text, resolving every name on the way.

use crate::expression::ast::{Expression, MAX_DEPTH, MAX_LENGTH, Operator, Part, PartId};
use crate::expression::fault::{ParseError, ParseErrorKind};
use crate::expression::function::Function;
use crate::expression::lexer::{Token, TokenKind, references_in_text, tokens};
use crate::expression::paths::{From, Schema};
use crate::expression::scope::{PathStep, Scope};

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn parse(text: &str, scope: &dyn Scope) -> Result<Self, ParseError> {
        if text.len() > MAX_LENGTH {
            return Err(ParseError { at: 1, kind: ParseErrorKind::TooLong });
        }
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens, next: 0, depth: 0, parts: Vec::new(), contexts: Vec::new(), scope };
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

pub(crate) struct Parser<'a> {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    pub(crate) parts: Vec<Part>,
    /// Inside predicates: what the nodes looked at may be, the innermost predicate last.
    pub(crate) contexts: Vec<Schema>,
    pub(crate) scope: &'a dyn Scope,
}

const PRECEDENCES: usize = 6;

impl Parser<'_> {
    pub(crate) fn peek(&self) -> &TokenKind {
        self.tokens.get(self.next).map_or(&TokenKind::End, |token| &token.kind)
    }

    pub(crate) fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(1, |token| token.at)
    }

    pub(crate) fn take(&mut self) -> TokenKind {
        let kind = self.peek().clone();
        self.next += 1;
        kind
    }

    pub(crate) fn takes(&mut self, symbol: &'static str) -> bool {
        let found = self.peek() == &TokenKind::Symbol(symbol);
        self.next += usize::from(found);
        found
    }

    pub(crate) fn wants(&mut self, symbol: &'static str) -> Result<(), ParseError> {
        if self.takes(symbol) {
            return Ok(());
        }
        let kind = ParseErrorKind::Missing { wanted: symbol, found: shown(self.peek()) };
        Err(ParseError { at: self.at(), kind })
    }

    pub(crate) fn unexpected(&self) -> ParseError {
        let kind = match self.peek() {
            TokenKind::End => ParseErrorKind::Unfinished,
            other => ParseErrorKind::Unexpected { found: shown(other) },
        };
        ParseError { at: self.at(), kind }
    }

    pub(crate) fn push(&mut self, part: Part) -> PartId {
        self.parts.push(part);
        PartId::try_from(self.parts.len() - 1).unwrap_or(PartId::MAX)
    }

    /// Operators of one precedence, from the loosest (0, `or`) to the tightest but `|`.
    pub(crate) fn binary(&mut self, precedence: usize) -> Result<PartId, ParseError> {
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
            self.union()?
        };
        self.depth -= 1;
        Ok(id)
    }

    fn union(&mut self) -> Result<PartId, ParseError> {
        let mut left = self.primary()?;
        while self.takes("|") {
            let right = self.primary()?;
            left = self.push(Part::Operation(Operator::Union, left, right));
        }
        Ok(left)
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
                let part = self.push(Part::Node(id));
                self.path_on(part)
            }
            TokenKind::Symbol("(") => {
                self.next += 1;
                let inner = self.binary(0)?;
                self.wants(")")?;
                self.path_on(inner)
            }
            TokenKind::Name(name) if self.follows("(") && !is_node_type(&name) => {
                if name == "current" {
                    return self.current();
                }
                let call = self.call(&name, at)?;
                self.path_on(call)
            }
            TokenKind::Name(_) | TokenKind::Symbol("." | ".." | "/" | "//" | "*" | "@") => {
                self.path(From::Context)
            }
            _ => Err(self.unexpected()),
        }
    }

    pub(crate) fn follows(&self, symbol: &'static str) -> bool {
        self.tokens.get(self.next + 1).is_some_and(|token| token.kind == TokenKind::Symbol(symbol))
    }

    /// `current()` and `current()/../name`.
    fn current(&mut self) -> Result<PartId, ParseError> {
        self.next += 1;
        self.wants("(")?;
        self.wants(")")?;
        let origin = if self.contexts.is_empty() { Part::Here } else { Part::Origin };
        if self.peek() == &TokenKind::Symbol("/") && !self.scope.is_open() {
            self.next += 1;
            return self.path(From::Origin);
        }
        let part = self.push(origin);
        self.path_on(part)
    }

    fn call(&mut self, name: &str, at: usize) -> Result<PartId, ParseError> {
        let function = Function::named(name);
        if function.is_none() && !self.scope.is_open() {
            return Err(ParseError { at, kind: ParseErrorKind::UnknownFunction { name: name.to_owned() } });
        }
        let arguments = self.arguments()?;
        let given = arguments.len();
        match function {
            Some(function) if (function.arguments().0..=function.arguments().1).contains(&given) => {
                self.check_arguments(function, &arguments).map_err(|kind| ParseError { at, kind })?;
                Ok(self.push(Part::Call(function, arguments)))
            }
            Some(function) if !self.scope.is_open() => {
                let (least, most) = function.arguments();
                let kind = ParseErrorKind::Arguments { name: function.name(), given, least, most };
                Err(ParseError { at, kind })
            }
            _ => Ok(self.push(Part::Foreign(name.to_owned(), arguments))),
        }
    }

    fn arguments(&mut self) -> Result<Vec<PartId>, ParseError> {
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
        Ok(arguments)
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
                Some(Part::Number(_) | Part::Text(_) | Part::Negate(_)) => {
                    Err(ParseErrorKind::WantsReference { name, number: 1 })
                }
                _ => Ok(()),
            },
            Function::ChoiceName => self.choice_name(arguments),
            Function::Regex if !self.scope.is_open() => match self.argument(arguments.get(1)) {
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

/// True for what is a node test with brackets and no function.
pub(crate) fn is_node_type(name: &str) -> bool {
    matches!(name, "node" | "text" | "comment" | "processing-instruction")
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
