//! Files cut into parts that a row of any database holds, each compressed by itself.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use replica::ContentHash;
use sha2::{Digest as _, Sha256};

use crate::database::StoreError;

/// Bytes of a file in one part, before they are compressed.
const PART: usize = 1024 * 1024;

/// The parts of a file with their places; one, empty, of an empty file.
pub fn cut(bytes: &[u8]) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let parts = if bytes.is_empty() { vec![bytes] } else { bytes.chunks(PART).collect() };
    parts.into_iter().zip(0..).map(|(part, at)| Ok((at, packed(part)?))).collect()
}

/// A file out of its parts in order; none where they are not all there, or not as they were.
pub fn joined(hash: &ContentHash, parts: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for part in parts {
        // One byte more than a part holds tells a part that was made to swell.
        let limit = u64::try_from(PART).unwrap_or(u64::MAX).saturating_add(1);
        let read = GzDecoder::new(part.as_slice()).take(limit).read_to_end(&mut bytes).ok()?;
        if read > PART {
            return None;
        }
    }
    (Sha256::digest(&bytes).as_slice() == hash.as_bytes()).then_some(bytes)
}

fn packed(part: &[u8]) -> Result<Vec<u8>, StoreError> {
    let fault = |source| StoreError::File { path: "a part of a release".to_owned(), source };
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(part).map_err(fault)?;
    packer.finish().map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_whole_or_not_at_all() {
        for length in [0, 1, PART, PART + 1] {
            let bytes = vec![7; length];
            let hash = ContentHash::new(Sha256::digest(&bytes).into());
            let mut parts: Vec<Vec<u8>> = cut(&bytes).unwrap().into_iter().map(|(_, part)| part).collect();
            assert_eq!(parts.len(), length.div_ceil(PART).max(1));
            assert_eq!(joined(&hash, &parts), Some(bytes), "{length}");
            if length > 0 {
                parts.pop();
                assert_eq!(joined(&hash, &parts), None, "{length}");
            }
        }
        let swollen = packed(&vec![0; 2 * PART]).unwrap();
        let hash = ContentHash::new(Sha256::digest(vec![0; 2 * PART]).into());
        assert_eq!(joined(&hash, &[swollen]), None);
    }
}
