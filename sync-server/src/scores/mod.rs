//! Scores at the edge of the server: the rule sets it brings along, and lists that people hand over.
//!
//! What a score is stands in [`survey::scoring`]; here files are read into its types.

pub mod methods;
pub mod table;
