//! Instruments as they go over the line: packed once, as small as they get, since every phone fetches them and many have a
//! thin line.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use lru::LruCache;
use replica::ContentHash;

/// Instruments kept packed: those in force, and some that phones still have records of.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);
/// Up to this length the slowest way is quick enough, half a second.
const SHORT: usize = 1024 * 1024;
/// Brotli's window, as a power of two.
const WINDOW: u32 = 22;

/// Packed instruments by their hashes.
pub struct Packed(Mutex<LruCache<ContentHash, Bytes>>);

impl Default for Packed {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(KEPT)))
    }
}

impl Packed {
    /// An instrument's JSON in Brotli. Whoever asks for one that is being packed waits, so that it is packed once, however
    /// many phones ask at the same time. None where it cannot be packed.
    pub fn of(&self, hash: ContentHash, json: &[u8]) -> Option<Bytes> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(packed) = kept.get(&hash) {
            return Some(packed.clone());
        }
        let packed = Bytes::from(packed(json)?);
        kept.put(hash, packed.clone());
        Some(packed)
    }
}

fn packed(json: &[u8]) -> Option<Vec<u8>> {
    let quality = if json.len() <= SHORT { 11 } else { 6 };
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, quality, WINDOW);
    writer.write_all(json).ok()?;
    writer.flush().ok()?;
    Some(writer.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_the_instrument_and_is_packed_once() {
        let json = b"{\"nodes\":[]}".repeat(1_000);
        let kept = Packed::default();
        let hash = ContentHash::new([1; 32]);
        let packed = kept.of(hash, &json).unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_ref(), &mut unpacked).unwrap();
        assert_eq!(unpacked, json);
        assert_eq!(kept.of(hash, b"other").unwrap(), packed, "it is not packed again");
    }
}
