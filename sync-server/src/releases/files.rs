//! The bytes of a release: files by name, lines of JSON, hashes.

use std::collections::BTreeMap;

use replica::ContentHash;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::error::ReleaseError;
use super::manifest::FileEntry;

/// Files by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Adds a file.
    pub fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.0.insert(name.to_owned(), bytes);
    }

    /// The bytes of a file.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// What a manifest says of them.
    pub fn entries(&self) -> Vec<FileEntry> {
        let entry = |(name, bytes): (&str, &[u8])| FileEntry {
            name: name.to_owned(),
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            sha256: hash_of(bytes),
        };
        self.iter().map(entry).collect()
    }
}

/// SHA-256.
pub fn hash_of(bytes: &[u8]) -> ContentHash {
    ContentHash::new(Sha256::digest(bytes).into())
}

/// Writes a value as a line.
///
/// # Errors
/// Where JSON cannot be written, which no line makes happen.
pub fn line(into: &mut Vec<u8>, value: &impl Serialize) -> Result<(), ReleaseError> {
    serde_json::to_writer(&mut *into, value)?;
    into.push(b'\n');
    Ok(())
}

/// Writes a value for people to read, too.
///
/// # Errors
/// Where JSON cannot be written, which no value makes happen.
pub fn document(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
