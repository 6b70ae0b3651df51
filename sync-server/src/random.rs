//! Random bytes from the operating system.

use crate::database::StoreError;

/// `N` random bytes.
///
/// # Errors
/// Where the system has none to give.
pub fn bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Random)?;
    Ok(bytes)
}
