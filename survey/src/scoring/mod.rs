//! The assessment's rules, and what follows from them.
//!
//! How the pieces fit together:
//!
//! 1. A [`rules::RuleSet`] is one method as data (`public/methods/*.toml`). `read` reads it, [`check`] refuses
//!    one that does not hold together, [`methods::Methods`] finds the one of a year, and
//!    [`methods::Method::place`] says what a score is called. Every figure has an [`origin::Origin`].
//! 2. [`evidence::Reader`] turns one record into [`evidence::Evidence`]: its answers with marks, by the instrument
//!    that it was filled with. No rule set is needed, so this is kept per version of a record.
//! 3. [`unit::score_unit`] makes a [`result::UnitScore`] of a unit's evidence and a method: indicators, variables,
//!    dimensions, score. With [`unit::Depth::Answers`] every number opens down to paths, answers and photos.
//! 4. [`government::score_government`] makes a [`result::GovernmentScore`] of the units' scores;
//!    [`mean::mean_of`] is the rule under it, also for lists that come without answers.
//! 5. [`questions`] are pure functions over such scores: change, lift, findings, standing.
//! 6. [`skm`] is the satisfaction index, apart from all that. [`interval`] says how sure perception is.
//!
//! All figures are [`exact::Exact`] fractions until an [`exact::Score`] with two decimals is shown; results carry
//! both as a [`result::Value`]. What no source says is listed as an [`assumption::Assumption`] on every result
//! that rests on it.
//!
//! What the phone needs is step 2 with [`evidence::evidence_of`] and step 3: the provisional score of a unit.

pub mod api;
pub mod assumption;
pub mod check;
pub mod evidence;
pub mod exact;
pub mod government;
pub mod interval;
pub mod level;
pub mod mean;
pub mod methods;
pub mod origin;
pub mod questions;
#[cfg(feature = "methods")]
pub mod read;
pub mod result;
pub mod rules;
pub mod skm;
pub mod unit;
