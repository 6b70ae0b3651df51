//! What can go wrong in a bench or test of the line.

/// Something that ends the run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A file, a socket or a program.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The phone's store.
    #[error("the phone's store: {0}")]
    Store(#[from] rusqlite::Error),
    /// The server does not do what it should.
    #[error("the server: {0}")]
    Server(String),
    /// A record could not be written.
    #[error("a record: {0}")]
    Record(#[from] replica::RecordError),
    /// What should hold does not.
    #[error("{0}")]
    Wrong(String),
}

impl Fault {
    /// For `map_err`, with what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
