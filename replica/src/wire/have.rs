//! What a device says that it holds of a stream, in as few characters as an address can carry.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{Digest, Epoch};

/// Bytes of a number.
const NUMBER: usize = 8;

/// How many changes of a stream a device knows of up to its cursor, and which: as the server of that epoch named them.
///
/// As text: base64url without padding of the epoch, the digest, and the count in as many big-endian bytes as it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Have {
    /// The epoch that the cursor belongs to.
    pub epoch: Epoch,
    /// How many changes.
    pub count: u64,
    /// The digest of those.
    pub digest: Digest,
}

/// A text that says no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("`have` is the base64url of an epoch, a digest, and a count without leading zeros")]
pub struct NotHave;

impl fmt::Display for Have {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count.to_be_bytes();
        let zeros = count.iter().take_while(|byte| **byte == 0).count();
        let bytes =
            [self.epoch.as_bytes().as_slice(), self.digest.as_bytes(), count.get(zeros..).unwrap_or(&[])];
        f.write_str(&Base64UrlUnpadded::encode_string(&bytes.concat()))
    }
}

impl FromStr for Have {
    type Err = NotHave;

    fn from_str(text: &str) -> Result<Self, NotHave> {
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| NotHave)?;
        let (epoch, rest) = bytes.split_at_checked(Epoch::LEN).ok_or(NotHave)?;
        let (digest, count) = rest.split_at_checked(Digest::LEN).ok_or(NotHave)?;
        if count.len() > NUMBER || count.first() == Some(&0) {
            return Err(NotHave);
        }
        let count = count.iter().fold(0, |so_far, byte| so_far << 8 | u64::from(*byte));
        let (epoch, digest) = (Epoch::try_from(epoch), Digest::try_from(digest));
        Ok(Self { epoch: epoch.map_err(|_| NotHave)?, count, digest: digest.map_err(|_| NotHave)? })
    }
}

impl TryFrom<String> for Have {
    type Error = NotHave;

    fn try_from(text: String) -> Result<Self, NotHave> {
        text.parse()
    }
}

impl From<Have> for String {
    fn from(have: Have) -> Self {
        have.to_string()
    }
}
