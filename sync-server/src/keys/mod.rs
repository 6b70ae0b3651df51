//! Keys that programs read releases with: Excel and Power BI cannot sign in as a device does, they have a name and a
//! password. A key is such a password. It only reads, it ends by itself, and only its hash is kept.

mod postgres;
mod sqlite;

use std::fmt;
use std::str::FromStr;

use replica::OfficeId;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::database::StoreError;
use crate::random;

pub use postgres::PostgresKeys;
pub use sqlite::SqliteKeys;

/// What every key begins with, so that people and programs that look for lost secrets know one.
const PREFIX: &str = "loket_";
/// Random bytes of a key: nobody guesses one, so its hash needs no slowness.
const BYTES: usize = 20;
/// Longest name of a key, in characters.
const NAME: usize = 80;

/// A key as it is handed out, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; BYTES]);

/// A text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a key begins with {PREFIX} and has 40 digits from 0 to f behind it")]
pub struct KeyError;

/// A name is none.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MakeError {
    /// It is blank or too long.
    #[error(
        "a key's name has 1 to {NAME} characters; name what it is for: \"Power BI of the planning desk\""
    )]
    Name,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// What it is called in lists: the first eight digits of its hash.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The office whose units it shows; none shows all.
    pub office: Option<OfficeId>,
    /// When it was made, in Unix seconds.
    pub made_at: i64,
    /// When it ends.
    pub ends_at: i64,
    /// When it was taken back.
    pub revoked_at: Option<i64>,
}

/// The table of keys. Each call is durable when it returns.
pub trait Keys: Send + Sync {
    /// Keeps a key by its hash.
    ///
    /// # Errors
    /// Where the store fails.
    fn put(&self, hash: &[u8; 32], key: &AccessKey) -> Result<(), StoreError>;

    /// The key of that hash.
    ///
    /// # Errors
    /// Where the store fails.
    fn find(&self, hash: &[u8; 32]) -> Result<Option<AccessKey>, StoreError>;

    /// All keys, in the order in which they were made.
    ///
    /// # Errors
    /// Where the store fails.
    fn all(&self) -> Result<Vec<AccessKey>, StoreError>;

    /// Takes a key back from now on. False where there is no such key.
    ///
    /// # Errors
    /// Where the store fails.
    fn revoke(&self, id: &str, now: i64) -> Result<bool, StoreError>;
}

impl Key {
    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest([b"loket key 1", &self.0[..]].concat()).into()
    }
}

/// Makes a key that reads what belongs to an office, for `seconds` from `now`.
///
/// # Errors
/// Where the name is none, or the store fails.
pub fn make(
    keys: &dyn Keys,
    name: &str,
    office: Option<OfficeId>,
    seconds: i64,
    now: i64,
) -> Result<(Key, AccessKey), MakeError> {
    let name = name.trim();
    if !(1..=NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(MakeError::Name);
    }
    let key = Key(random::bytes()?);
    let hash = key.hash();
    let id = hex::encode(hash).chars().take(8).collect();
    let (ends_at, revoked_at) = (now.saturating_add(seconds), None);
    let made = AccessKey { id, name: name.to_owned(), office, made_at: now, ends_at, revoked_at };
    keys.put(&hash, &made)?;
    Ok((key, made))
}

/// The key of this text, if it holds at `now`.
///
/// # Errors
/// Where the store fails.
pub fn checked(keys: &dyn Keys, text: &str, now: i64) -> Result<Option<AccessKey>, StoreError> {
    let Ok(key) = text.parse::<Key>() else { return Ok(None) };
    let found = keys.find(&key.hash())?;
    Ok(found.filter(|key| key.revoked_at.is_none() && key.ends_at > now))
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let digits = text.trim().strip_prefix(PREFIX).ok_or(KeyError)?;
        let mut bytes = [0; BYTES];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| KeyError)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", hex::encode(self.0))
    }
}

/// A key is a secret, so logs show none.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_handed_out_and_shown_in_no_log() {
        let key = Key(random::bytes().unwrap());
        assert!(key.to_string().parse::<Key>().unwrap() == key);
        assert_eq!(format!("{key:?}"), "Key(..)");
        for text in ["", "loket_", "loket_zz", &key.to_string()[..45], "LOKET_00"] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_holds_until_it_ends_or_is_taken_back_and_only_its_hash_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log.sqlite");
        let keys = SqliteKeys::open(&file).unwrap();
        let (key, made) = make(&keys, " Excel ", Some("babel".parse().unwrap()), 100, 1_000).unwrap();
        let (other, _) = make(&keys, "Power BI", None, 100, 1_000).unwrap();
        assert_eq!((made.name.as_str(), made.ends_at), ("Excel", 1_100));
        assert_eq!(checked(&keys, &key.to_string(), 1_099).unwrap(), Some(made.clone()));
        assert_eq!(checked(&keys, &key.to_string(), 1_100).unwrap(), None);
        assert_eq!(checked(&keys, "loket_00", 1_000).unwrap(), None);
        assert!(keys.revoke(&made.id, 1_050).unwrap() && !keys.revoke("nothing", 1_050).unwrap());
        assert_eq!(checked(&keys, &key.to_string(), 1_060).unwrap(), None);
        assert!(checked(&keys, &other.to_string(), 1_060).unwrap().is_some());
        assert_eq!(keys.all().unwrap().len(), 2);
        assert!(matches!(make(&keys, "  ", None, 100, 1_000), Err(MakeError::Name)));
        let kept: Vec<u8> = ["log.sqlite", "log.sqlite-wal"]
            .iter()
            .flat_map(|name| std::fs::read(folder.path().join(name)).unwrap_or_default())
            .collect();
        let (text, bytes) = (key.to_string(), key.0);
        assert!(!kept.windows(text.len()).any(|part| part == text.as_bytes()));
        assert!(!kept.windows(bytes.len()).any(|part| part == bytes));
    }
}
