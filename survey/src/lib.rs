//! The survey domain: instruments compiled from `XLSForm` workbooks, the expressions inside
//! them, and the live session of one form being filled.
//!
//! Nothing here reads a clock, a random number, a disk or a network; callers pass those in.

mod dependencies;
pub mod expression;
pub mod instrument;
pub mod keys;
pub mod path;
pub mod scoring;
pub mod session;
mod shuffle;
#[cfg(test)]
#[cfg(feature = "xlsform")]
mod test_form;
#[cfg(feature = "xlsform")]
pub mod xlsform;
