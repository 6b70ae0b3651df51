//! Instruments that are on this device, each read once in a page's life.

use std::cell::RefCell;
use std::sync::Arc;

use replica::ContentHash;
use survey::instrument::{Instrument, InstrumentHash};

use super::store::Store;

thread_local! {
    static READ: RefCell<Vec<(ContentHash, Arc<Instrument>)>> = const { RefCell::new(Vec::new()) };
}

/// The instrument of this hash; none where it is not on this device.
pub async fn instrument(store: &Store, hash: ContentHash) -> Option<Arc<Instrument>> {
    let same = |(of, known): &(ContentHash, Arc<Instrument>)| (*of == hash).then(|| Arc::clone(known));
    let known = READ.with_borrow(|read| read.iter().find_map(same));
    if known.is_some() {
        return known;
    }
    let json = store.instrument(hash).await.ok()??;
    let instrument: Arc<Instrument> = Arc::new(serde_json::from_slice(&json).ok()?);
    debug_assert_eq!(InstrumentHash::of(&json).0, *hash.as_bytes());
    READ.with_borrow_mut(|read| read.push((hash, Arc::clone(&instrument))));
    Some(instrument)
}
