//! The part of ODK `XPath` that `XLSForm` uses: parsed once when a workbook is compiled, evaluated
//! over a form's answers (or any other [`Tree`]).

mod ast;
mod comparison;
mod dates;
mod eval;
mod fault;
mod function;
mod functions;
mod keys;
mod lexer;
mod numbers;
mod parser;
mod paths;
mod scope;
mod steps;
#[cfg(test)]
mod tests;
mod tree;
mod value;

pub use ast::{Expression, MAX_DEPTH, MAX_LENGTH};
pub use eval::Misuse;
pub use fault::{ParseError, ParseErrorKind};
pub use function::Function;
pub use lexer::references_in_text;
pub use numbers::{number_of, text_of};
pub use scope::{NoNames, PathStep, Scope, ScopeError};
pub use tree::{Clock, Manner, NodeType, Tree};
pub use value::Value;

pub(crate) use dates::is_day;
#[cfg(feature = "xlsform")]
pub(crate) use lexer::LAST_SAVED;
#[cfg(feature = "xlsform")]
pub(crate) use scope::path_text;
