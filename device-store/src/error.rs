//! What can go wrong with the data kept on this device, told apart so that a page can say what to do.

use replica::RecordId;

/// A row that is there and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the row {key} in {store} cannot be read: {why}")]
pub struct CorruptRow {
    /// The object store that the row is in.
    pub store: String,
    /// The row's key, as far as it can be made out.
    pub key: String,
    /// What is wrong with it, for whoever repairs it.
    pub why: String,
}

/// What the store could not do, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room is left. Nothing of the write was kept; making room (photos, other sites) helps.
    #[error("there is no room left on this device")]
    Full,
    /// The browser does not let this site keep data (private mode, cookies refused, a policy).
    #[error("the browser does not let this site keep data")]
    Forbidden,
    /// Another tab holds an older version of the data open; closing it helps.
    #[error("another tab holds the data open")]
    Blocked,
    /// The data was written by a newer version of the app; reloading helps.
    #[error("the data on this device belongs to a newer version of the app")]
    Newer,
    /// The browser closed the connection twice in a row; restarting the browser helps.
    #[error("the connection to the data on this device was lost: {0}")]
    Lost(String),
    /// A row cannot be read. Nothing else is touched by it.
    #[error(transparent)]
    Corrupt(#[from] CorruptRow),
    /// No record of this id is on this device.
    #[error("record {0} is not on this device")]
    NoSuchRecord(RecordId),
    /// The record does not take an edit or a change; nothing was kept of it.
    #[error("the record does not take it: {0}")]
    Record(String),
    /// A text or number could not be turned into what the browser stores, or the browser refused for
    /// a reason that has no name of its own here.
    #[error("the browser refused: {0}")]
    Failed(String),
}

impl StoreError {
    /// What cannot be read is as good as not there.
    ///
    /// # Errors
    /// Everything else.
    pub fn or_none<T>(self) -> Result<Option<T>, Self> {
        match self {
            Self::Corrupt(_) => Ok(None),
            other => Err(other),
        }
    }

    /// A short name for catalogues of texts: `full`, `forbidden`, `blocked`, `newer`, `lost`, `corrupt`,
    /// `no_record`, `record`, `failed`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Forbidden => "forbidden",
            Self::Blocked => "blocked",
            Self::Newer => "newer",
            Self::Lost(_) => "lost",
            Self::Corrupt(_) => "corrupt",
            Self::NoSuchRecord(_) => "no_record",
            Self::Record(_) => "record",
            Self::Failed(_) => "failed",
        }
    }
}

impl From<replica::RecordError> for StoreError {
    fn from(error: replica::RecordError) -> Self {
        Self::Record(error.to_string())
    }
}
