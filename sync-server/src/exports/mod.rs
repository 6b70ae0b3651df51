//! Files that a release leaves the house in: the same tables, written for spreadsheets, statistics programs and people.
//!
//! [`table`] is what every writer takes: named columns with labels in two languages and cells that are either a value
//! or a reason why there is none.

pub mod table;
