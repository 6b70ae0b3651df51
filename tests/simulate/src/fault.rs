//! What a simulation found.

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A promise was broken.
    #[error("{0}")]
    Broken(String),
    /// The simulation could not be set up on this machine.
    #[error("the simulation could not be set up: {0}")]
    SetUp(String),
}

impl Fault {
    /// A promise was broken.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::Broken(what.into())
    }

    /// The machine does not do what it should.
    pub fn set_up(error: &dyn std::fmt::Display) -> Self {
        Self::SetUp(error.to_string())
    }
}
