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
    /// An instrument's JSON in Brotli, read and packed where that was not done yet; none where there is no such. Whoever
    /// asks for one that is being packed waits, so that it is packed once, however many phones ask at the same time.
    pub fn of<E>(
        &self,
        hash: ContentHash,
        json: impl FnOnce() -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Bytes>, E> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(packed) = kept.get(&hash) {
            return Ok(Some(packed.clone()));
        }
        let packed = json()?.map(|json| Bytes::from(packed(&json)));
        if let Some(packed) = &packed {
            kept.put(hash, packed.clone());
        }
        Ok(packed)
    }
}

fn packed(json: &[u8]) -> Vec<u8> {
    let quality = if json.len() <= SHORT { 11 } else { 6 };
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, quality, WINDOW);
    // Writing into memory has no way to fail.
    let _ = writer.write_all(json);
    writer.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_the_instrument_and_is_packed_once() {
        let json = b"{\"nodes\":[]}".repeat(1_000);
        let kept = Packed::default();
        let hash = ContentHash::new([1; 32]);
        let none = || Ok::<_, ()>(None);
        assert_eq!(kept.of(hash, none), Ok(None));
        let packed = kept.of(hash, || Ok::<_, ()>(Some(json.clone()))).unwrap().unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_ref(), &mut unpacked).unwrap();
        assert_eq!(unpacked, json);
        assert_eq!(kept.of(hash, none), Ok(Some(packed)), "it is neither read nor packed again");
    }
}
