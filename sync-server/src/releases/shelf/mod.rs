//! Where releases are kept: numbered rows, and files by hash, which several releases may share. Nothing that was kept is
//! ever changed.

mod parts;
mod postgres;
mod sqlite;

use replica::{ContentHash, PublicKey, RoundId, Signature};

use crate::database::StoreError;

pub use postgres::PostgresShelf;
pub use sqlite::SqliteShelf;

/// A release as it is kept; its files stand apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub number: u32,
    /// The round.
    pub round: RoundId,
    /// When it was made, by the server's clock, Unix seconds. Not part of the release.
    pub made_at: i64,
    /// The bytes of `manifest.json`.
    pub manifest: Vec<u8>,
    /// Over the manifest.
    pub signature: Signature,
    /// Whose signature it is.
    pub key: PublicKey,
}

/// A manifest that was signed under the number it got.
#[derive(Debug, Clone)]
pub struct SignedManifest {
    /// The bytes of `manifest.json`.
    pub manifest: Vec<u8>,
    /// Over the manifest.
    pub signature: Signature,
    /// Whose signature it is.
    pub key: PublicKey,
}

/// A release that is to be kept.
#[derive(Debug, Clone)]
pub struct Order {
    /// Drawn once: an order that was carried out, and whose answer was lost, is not carried out again.
    pub token: [u8; 16],
    /// The round.
    pub round: RoundId,
    /// The server's clock, Unix seconds.
    pub now: i64,
}

/// Writes the manifest for the number that the release gets, and for the release of the same round before it.
pub type Make<'m> = dyn Fn(u32, Option<u32>) -> Result<SignedManifest, StoreError> + 'm;

/// The kept releases. Each call is durable when it returns, and may be made by any number of servers at once.
pub trait Shelf: Send + Sync {
    /// Keeps a file by its hash; one that is there already is left as it is.
    ///
    /// # Errors
    /// Where the store fails.
    fn keep_file(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError>;

    /// The file of that hash, if it is there whole and unchanged.
    ///
    /// # Errors
    /// Where the store fails.
    fn file(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a release under the next number. Its files are kept before.
    ///
    /// # Errors
    /// As `make`, or where the store fails.
    fn put(&self, order: &Order, make: &Make<'_>) -> Result<Kept, StoreError>;

    /// All releases, by number.
    ///
    /// # Errors
    /// Where the store fails.
    fn all(&self) -> Result<Vec<Kept>, StoreError>;

    /// The release of that number.
    ///
    /// # Errors
    /// Where the store fails.
    fn get(&self, number: u32) -> Result<Option<Kept>, StoreError>;
}
