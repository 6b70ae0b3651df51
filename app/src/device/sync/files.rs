//! Files that a person saves from the server.

use super::Sync;
use crate::device::net::NetError;

impl Sync {
    /// A file of a release, for coordinators who serve all offices.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn release_file(&self, address: &str) -> Result<Vec<u8>, NetError> {
        self.0.sign().await;
        self.0.net.release_file(address).await
    }
}
