//! Which indicators a form asks for, read once for each form: a form never changes under its hash.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use replica::{ContentHash, RecordKind};
use survey::instrument::Instrument;

use crate::catalogue::Catalogue;
use crate::database::StoreError;

type Codes = Arc<BTreeSet<String>>;

/// Codes of indicators by form, as they are met.
#[derive(Default)]
pub(super) struct Asked(Mutex<HashMap<ContentHash, Codes>>);

impl Asked {
    /// Those of the forms in force, a set for each form.
    ///
    /// # Errors
    /// Where the store fails.
    pub(super) fn in_force(&self, catalogue: &dyn Catalogue) -> Result<Vec<Codes>, StoreError> {
        let mut all = Vec::new();
        for kind in [RecordKind::Visit, RecordKind::Interview] {
            if let Some(hash) = catalogue.active_instrument(kind)? {
                all.push(self.of(catalogue, hash)?);
            }
        }
        Ok(all)
    }

    fn of(&self, catalogue: &dyn Catalogue, hash: ContentHash) -> Result<Codes, StoreError> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(codes) = known().get(&hash) {
            return Ok(Arc::clone(codes));
        }
        let json = catalogue.instrument(&hash)?;
        let instrument: Option<Instrument> = json.and_then(|json| serde_json::from_slice(&json).ok());
        let nodes = instrument.into_iter().flat_map(|instrument| instrument.nodes);
        let codes = Arc::new(nodes.filter_map(|node| Some(node.counts_for?.indicator)).collect());
        known().insert(hash, Arc::clone(&codes));
        Ok(codes)
    }
}
