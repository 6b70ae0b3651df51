//! Reads what records say towards scores, each by the instrument it was filled with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use replica::{ContentHash, Record, View as _};
use survey::instrument::Instrument;
use survey::scoring::evidence::{Evidence, Reader};

use crate::catalogue::Catalogue;
use crate::database::StoreError;

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
    reader.read(reader.keys().saved(record.answers(), record.rows()))
}
