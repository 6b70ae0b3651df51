//! Files that a release leaves the house in: the same tables, written for spreadsheets, statistics programs and people.
//!
//! [`table`] is what every writer takes: named columns with labels in two languages and cells that are either a value
//! or a reason why there is none. [`series`] is the same column by column, checked, for writers that go so.

pub mod calendar;
pub mod csv;
pub mod ddi;
pub mod dta;
pub mod folder;
pub mod origin;
pub mod parquet;
pub mod plain;
pub mod rapor;
#[cfg(test)]
pub(crate) mod sample;
pub mod sav;
pub mod series;
pub mod table;
pub mod tables;
pub mod xlsx;
pub(crate) mod xml;

/// A file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}
