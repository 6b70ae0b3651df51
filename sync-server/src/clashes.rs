//! The open clashes that people have to decide.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use replica::{ClashKey, ContentHash, RoundId};
use survey::instrument::Instrument;
use survey::keys::Keys;

use crate::catalogue::Catalogue;
use crate::database::StoreError;
use crate::projection::{ClashRow, Projection};

/// Those of a round, without those that nobody can decide: `start`, `end` and `today`, which each device stamps by itself.
///
/// # Errors
/// Where a store fails.
pub fn to_decide(
    projection: &Projection,
    catalogue: &dyn Catalogue,
    round: &RoundId,
) -> Result<Vec<ClashRow>, StoreError> {
    let mut clashes = projection.clashes(round)?;
    let mut instruments = HashMap::<ContentHash, Option<(Keys, Instrument)>>::new();
    for clash in &clashes {
        if let Entry::Vacant(place) = instruments.entry(clash.instrument) {
            let json = catalogue.instrument(&clash.instrument)?;
            let instrument: Option<Instrument> = json.and_then(|json| serde_json::from_slice(&json).ok());
            place.insert(instrument.map(|instrument| (Keys::of(&instrument), instrument)));
        }
    }
    clashes.retain(|clash| match (&clash.key, instruments.get(&clash.instrument)) {
        (ClashKey::Answer(key), Some(Some((keys, instrument)))) => {
            let node = keys.node(key.as_str()).and_then(|id| instrument.node(id));
            node.is_none_or(|node| !node.is_stamp())
        }
        _ => true,
    });
    Ok(clashes)
}
