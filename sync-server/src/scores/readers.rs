//! Reads what records say towards scores, and how many of their answers do not hold, each by the instrument it was filled
//! with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use replica::{ContentHash, Record, View as _};
use survey::instrument::Instrument;
use survey::path::Path;
use survey::scoring::evidence::{Evidence, Reader};
use survey::session::{Clock, Saved};

use crate::catalogue::Catalogue;
use crate::database::StoreError;
use crate::exports::calendar;

/// Seconds that eastern Indonesia's clocks are ahead of UTC.
const WIT: i64 = 9 * 3_600;
/// The last second of the year 9999.
const LATEST: i64 = 253_402_300_799;

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
    reader.read(saved(record))
}

/// The same, and how many of its answers do not hold. The day is that of the last edit where it begins first in
/// Indonesia, so that the same changes always come to the same, and no answer is late because the server is.
pub fn examined(reader: &Reader, record: &Record) -> (Evidence, u32) {
    let edited_at = record.last_edit().map_or(0, |edit| edit.time);
    let now = calendar::moment_text(edited_at.clamp(0, LATEST - WIT) + WIT).replace('Z', ".000+09:00");
    let today = now.chars().take_while(|c| *c != 'T').collect();
    reader.examine(saved(record), record.is_closed(), &Clock { today, now, chance: 0 })
}

fn saved(record: &Record) -> Saved {
    let path = |text: String| text.parse::<Path>().ok();
    let answers = record.answers().into_iter().filter_map(|(key, answer)| Some((path(key)?, answer)));
    let rows = record.rows().into_iter().filter_map(path);
    Saved { answers: answers.collect(), rows: rows.collect() }
}
