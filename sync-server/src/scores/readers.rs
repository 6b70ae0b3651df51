//! Reads what records say towards scores, and how many of their answers do not hold, each by the instrument it was filled
//! with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use replica::{ContentHash, Record, View as _};
use survey::instrument::Instrument;
use survey::scoring::evidence::{Evidence, Reader};
use survey::session::Saved;

use crate::catalogue::Catalogue;
use crate::database::StoreError;
use crate::exports::calendar::clock_at;

/// Instruments made ready, as they are met.
pub struct Readers {
    catalogue: Arc<dyn Catalogue>,
    known: Mutex<HashMap<ContentHash, Arc<Reader>>>,
}

impl Readers {
    /// Takes instruments from a catalogue.
    pub fn new(catalogue: Arc<dyn Catalogue>) -> Self {
        Self { catalogue, known: Mutex::default() }
    }

    /// The reader of an instrument; none where it was never published here.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn of(&self, hash: &ContentHash) -> Result<Option<Arc<Reader>>, StoreError> {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(hash) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(json) = self.catalogue.instrument(hash)? else { return Ok(None) };
        let Ok(instrument) = serde_json::from_slice::<Instrument>(&json) else { return Ok(None) };
        let reader = Arc::new(Reader::new(Arc::new(instrument)));
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(*hash, Arc::clone(&reader));
        Ok(Some(reader))
    }
}

/// What a record says towards scores.
pub fn evidence_of(reader: &Reader, record: &Record) -> Evidence {
    reader.read(saved(reader, record))
}

/// The same, and how many of its answers do not hold: by the day of the last edit, so that the same changes always come to
/// the same.
pub fn examined(reader: &Reader, record: &Record) -> (Evidence, u32) {
    let edited_at = record.last_edit().map_or(0, |edit| edit.time);
    reader.examine(saved(reader, record), record.is_closed(), &clock_at(edited_at))
}

fn saved(reader: &Reader, record: &Record) -> Saved {
    reader.keys().saved(record.answers(), record.rows())
}
