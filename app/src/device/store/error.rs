//! What the browser says went wrong, in the store's words.

use device_store::StoreError;
use indexed_db_futures::error::{DomException, Error as IdbError, OpenDbError};

/// From a browser's exception, by its standard name.
pub(super) fn from_dom(exception: &web_sys::DomException) -> StoreError {
    let said = || format!("{}: {}", exception.name(), exception.message());
    match exception.name().as_str() {
        "QuotaExceededError" => StoreError::Full,
        "SecurityError" | "NotAllowedError" => StoreError::Forbidden,
        "VersionError" => StoreError::Newer,
        // A closed connection says InvalidStateError; WebKit's lost server process, UnknownError; a
        // connection closed under a running transaction, AbortError.
        "InvalidStateError" | "UnknownError" | "AbortError" => StoreError::Lost(said()),
        _ => StoreError::Failed(said()),
    }
}

/// From an error of a request or transaction.
pub(super) fn from_idb(error: IdbError) -> StoreError {
    match error {
        IdbError::DomException(exception) => from_exception(exception),
        other => StoreError::Failed(other.to_string()),
    }
}

fn from_exception(exception: DomException) -> StoreError {
    from_dom(&exception.into())
}

/// From an error of opening.
pub(super) fn from_opening(error: OpenDbError) -> StoreError {
    match error {
        OpenDbError::Base(error) => from_idb(error),
        OpenDbError::NullFactory | OpenDbError::UnsupportedEnvironment => StoreError::Forbidden,
        OpenDbError::VersionZero => StoreError::Failed(error.to_string()),
    }
}
