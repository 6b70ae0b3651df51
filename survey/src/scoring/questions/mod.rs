//! The questions that scores answer, as pure functions: what changed, what would lift us and are we getting there,
//! where is it red, where do we stand.

pub mod change;
pub mod findings;
pub mod lift;
pub mod progress;
pub mod standing;
