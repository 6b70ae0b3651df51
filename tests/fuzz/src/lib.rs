//! Fuzzing without a compiler of its own: inputs are mutated from a corpus, and kept where a target answers with
//! something it had not said before. A panic, an answer that breaks a target's own rule, or one that takes too long is
//! a failure; its input is written down.

pub mod corpus;
pub mod fuzz;
pub mod mutate;
pub mod target;
