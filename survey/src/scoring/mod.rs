//! The assessment's rules, and what follows from them.
//!
//! A [`rules::RuleSet`] is one method as data (`public/methods/*.toml`): [`read`] reads and checks it,
//! [`methods::Methods`] finds the one of a year, [`methods::Method::place`] says what a score is called.
//!
//! [`mean::mean_of`] is a government's score from the scores of its units (or products). All figures are
//! [`exact::Exact`] fractions until a published [`exact::Score`] with two decimals is made of them.

pub mod check;
pub mod exact;
pub mod mean;
pub mod methods;
pub mod origin;
#[cfg(feature = "methods")]
pub mod read;
pub mod rules;
