//! The part of ODK `XPath` that `XLSForm` uses: parsed once when a workbook is compiled, evaluated
//! over a form's answers (or any other [`Tree`]).

mod ast;
mod comparison;
mod dates;
mod eval;
mod functions;
mod keys;
mod lexer;
mod numbers;
mod parser;
#[cfg(test)]
mod tests;
mod tree;
mod value;

pub use ast::{Expression, Function, MAX_DEPTH, MAX_LENGTH};
pub use lexer::references_in_text;
pub use numbers::{number_of, text_of};
pub use parser::{NoNames, ParseError, ParseErrorKind, PathStep, Scope, ScopeError};
pub use tree::{Clock, Tree};
pub use value::Value;

pub(crate) use dates::is_day;
#[cfg(feature = "xlsform")]
pub(crate) use parser::path_text;
