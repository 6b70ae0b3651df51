//! What the office decides and every device is told: units, rounds, instruments, and whose photos are whose.

mod import;
mod instruments;
mod postgres;
mod published;
mod sqlite;

use std::collections::{HashMap, HashSet};

use replica::api::Unit;
use replica::{ContentHash, DeviceId, OfficeId, RecordId, RecordKind, RoundId, UnitId};

use crate::database::StoreError;
use crate::log::Seq;

pub use import::{ImportFault, read_units, slug};
pub use instruments::{Compiled, CompiledWorkbook, compile, embedded, form_of};
pub use postgres::PostgresCatalogue;
pub use published::{Published, PublishedList, read_published};
pub use sqlite::SqliteCatalogue;

/// A photo and the record that it belongs to.
#[derive(Debug, Clone)]
pub struct PhotoOf {
    /// The photo.
    pub hash: ContentHash,
    /// The record.
    pub record: RecordId,
    /// The record's office.
    pub office: OfficeId,
    /// Who sent it.
    pub device: DeviceId,
    /// Bytes.
    pub length: u64,
}

/// Units, rounds, instruments and whose photos are whose, beside the log. What is written is durable when a call returns.
pub trait Catalogue: Send + Sync {
    /// Adds units, and updates those whose id is known, all or none.
    ///
    /// # Errors
    /// Where the store fails.
    fn put_units(&self, units: &[Unit]) -> Result<(), StoreError>;

    /// All units, by government and name.
    ///
    /// # Errors
    /// Where the store fails.
    fn units(&self) -> Result<Vec<Unit>, StoreError>;

    /// The unit of that id.
    ///
    /// # Errors
    /// Where the store fails.
    fn unit(&self, id: &UnitId) -> Result<Option<Unit>, StoreError>;

    /// Takes published results in the place of all that were there, all or none.
    ///
    /// # Errors
    /// Where the store fails.
    fn put_published(&self, results: &[Published]) -> Result<(), StoreError>;

    /// All published results, by year and name.
    ///
    /// # Errors
    /// Where the store fails.
    fn published(&self) -> Result<Vec<Published>, StoreError>;

    /// Opens a round; opening it again changes nothing.
    ///
    /// # Errors
    /// Where the store fails.
    fn open_round(&self, round: &RoundId, now: i64) -> Result<(), StoreError>;

    /// True where the round was opened.
    ///
    /// # Errors
    /// Where the store fails.
    fn has_round(&self, round: &RoundId) -> Result<bool, StoreError>;

    /// Says that a round is an office's assessment of itself: it is followed beside the Ombudsman's rounds, and never
    /// taken for one. Saying it again changes nothing.
    ///
    /// # Errors
    /// Where the store fails.
    fn mark_own(&self, round: &RoundId) -> Result<(), StoreError>;

    /// Rounds in which an office assesses itself, the one opened first first.
    ///
    /// # Errors
    /// Where the store fails.
    fn own_rounds(&self) -> Result<Vec<RoundId>, StoreError>;

    /// All rounds, the one opened last first.
    ///
    /// # Errors
    /// Where the store fails.
    fn rounds(&self) -> Result<Vec<RoundId>, StoreError>;

    /// Says that records were found in order, each up to that change of the log; what was said of it earlier and
    /// reaches further stays.
    ///
    /// # Errors
    /// Where the store fails.
    fn approve(&self, records: &[(RecordId, Seq)], by: Option<DeviceId>, now: i64) -> Result<(), StoreError>;

    /// Up to which change each of these records was found in order; without those that never were.
    ///
    /// # Errors
    /// Where the store fails.
    fn approved(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Seq>, StoreError>;

    /// Publishes an instrument: it is in force for its form from now on.
    ///
    /// # Errors
    /// Where the store fails.
    fn publish(&self, compiled: &Compiled, now: i64) -> Result<(), StoreError>;

    /// True where an instrument of this hash was ever published.
    ///
    /// # Errors
    /// Where the store fails.
    fn has_instrument(&self, hash: &ContentHash) -> Result<bool, StoreError>;

    /// The JSON of an instrument.
    ///
    /// # Errors
    /// Where the store fails.
    fn instrument(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError>;

    /// The instrument in force for records of a kind.
    ///
    /// # Errors
    /// Where the store fails.
    fn active_instrument(&self, kind: RecordKind) -> Result<Option<ContentHash>, StoreError>;

    /// Remembers that a whole photo belongs to a record.
    ///
    /// # Errors
    /// Where the store fails.
    fn put_photo(&self, photo: &PhotoOf, now: i64) -> Result<(), StoreError>;

    /// All whole photos.
    ///
    /// # Errors
    /// Where the store fails.
    fn photos(&self) -> Result<HashSet<ContentHash>, StoreError>;

    /// The offices of the records that a photo belongs to.
    ///
    /// # Errors
    /// Where the store fails.
    fn offices_of_photo(&self, hash: &ContentHash) -> Result<Vec<OfficeId>, StoreError>;
}
