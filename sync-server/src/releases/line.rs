//! A release in a list: what the command prints and `GET /api/v1/releases` answers with.

use replica::PublicKey;
use serde::{Deserialize, Serialize};

use super::frozen::{FrozenError, one};
use super::key;
use super::manifest::{Asked, Counts, FileEntry, MANIFEST, Manifest, Open, Rules};
use super::shelf::Kept;

/// A release in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseLine {
    /// Its number.
    pub number: u32,
    /// The release of the same round before it.
    pub follows: Option<u32>,
    /// Round, method, date.
    pub asked: Asked,
    /// The rule set.
    pub rules: Rules,
    /// What was open.
    pub open: Open,
    /// How much there is in it.
    pub counts: Counts,
    /// When it was made, by the server's clock, Unix seconds.
    pub made_at: i64,
    /// The key that it is signed with.
    pub key: PublicKey,
    /// SHA-256 of the key, to compare.
    pub fingerprint: String,
    /// Its files but the manifest and the signature.
    pub files: Vec<FileEntry>,
}

/// `GET /api/v1/releases`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseList {
    /// The newest first.
    pub releases: Vec<ReleaseLine>,
}

impl ReleaseLine {
    /// Of a kept release.
    ///
    /// # Errors
    /// Where its manifest cannot be read.
    pub fn of(kept: &Kept) -> Result<Self, FrozenError> {
        let manifest: Manifest = one(MANIFEST, &kept.manifest)?;
        Ok(Self {
            number: kept.number,
            follows: manifest.follows,
            asked: manifest.asked,
            rules: manifest.rules,
            open: manifest.open,
            counts: manifest.counts,
            made_at: kept.made_at,
            key: kept.key,
            fingerprint: key::fingerprint(&kept.key),
            files: manifest.files,
        })
    }
}
