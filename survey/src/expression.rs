//! The part of ODK `XPath` that `XLSForm` uses.
use serde::{Deserialize, Serialize};
/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expression;
