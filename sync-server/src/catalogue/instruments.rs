//! Instruments: compiled from workbooks, kept for ever, the latest of each form in force.

use replica::{ContentHash, DeviceId, OfficeId, RecordId, RecordKind};
use rusqlite::{OptionalExtension as _, TransactionBehavior, params};
use rust_embed::Embed;
use survey::instrument::Instrument;
use survey::xlsform::{self, Attachments, Fault};

use super::Catalogue;
use crate::database::{self, StoreError};

/// The workbooks that this version brings along.
#[derive(Embed)]
#[folder = "../public/instruments"]
#[include = "*.xlsx"]
struct Workbooks;

/// The form id (`settings` sheet) that fills records of a kind.
pub fn form_of(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Visit => "kunjungan",
        RecordKind::Interview => "persepsi",
    }
}

/// An instrument with its bytes and its hash.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The instrument.
    pub instrument: Instrument,
    /// What is hashed, kept and sent.
    pub json: Vec<u8>,
    /// SHA-256 of it.
    pub hash: ContentHash,
}

impl Compiled {
    /// Of an instrument.
    ///
    /// # Errors
    /// Only where JSON cannot be written, which no instrument makes happen.
    pub fn of(instrument: Instrument) -> Result<Self, serde_json::Error> {
        let json = instrument.to_json()?;
        let hash = ContentHash::new(survey::instrument::InstrumentHash::of(&json).0);
        Ok(Self { instrument, json, hash })
    }
}

/// A workbook that compiled, and what its author may want to change.
#[derive(Debug)]
pub struct CompiledWorkbook {
    /// The instrument.
    pub compiled: Compiled,
    /// In the order of sheets and rows.
    pub warnings: Vec<Fault>,
}

/// Compiles a workbook with the files that stand beside it.
///
/// # Errors
/// Every fault as people read it, with sheet, row and column.
pub fn compile(workbook: &[u8], files: &dyn Attachments) -> Result<CompiledWorkbook, Vec<String>> {
    let xlsform::Compiled { instrument, warnings } = xlsform::compile_with(workbook, files)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let compiled = Compiled::of(instrument).map_err(|error| vec![error.to_string()])?;
    Ok(CompiledWorkbook { compiled, warnings })
}

/// Names and bytes of the workbooks that this version brings along.
pub fn embedded() -> Vec<(String, Vec<u8>)> {
    let mut workbooks: Vec<_> = Workbooks::iter()
        .filter_map(|name| Some((name.to_string(), Workbooks::get(&name)?.data.into_owned())))
        .collect();
    workbooks.sort();
    workbooks
}

impl Catalogue {
    /// Publishes an instrument: it is in force for its form from now on.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn publish(&self, compiled: &Compiled, now: i64) -> Result<(), StoreError> {
        let mut connection = self.writing()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Published again, an older one comes into force again: it gets the highest number.
        transaction.execute("DELETE FROM instrument WHERE hash = ?1", [compiled.hash.as_bytes()])?;
        transaction.execute(
            "INSERT INTO instrument (number, hash, form_id, title, version, json, published_at)
             SELECT coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6 FROM instrument",
            params![
                compiled.hash.as_bytes(),
                compiled.instrument.form_id,
                compiled.instrument.title,
                compiled.instrument.version,
                compiled.json,
                now
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// True where an instrument of this hash was ever published.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn has_instrument(&self, hash: &ContentHash) -> Result<bool, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT 1 FROM instrument WHERE hash = ?1")?;
        Ok(statement.exists([hash.as_bytes()])?)
    }

    /// The JSON of an instrument.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn instrument(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT json FROM instrument WHERE hash = ?1")?;
        Ok(statement.query_row([hash.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// The instrument in force for records of a kind.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn active_instrument(&self, kind: RecordKind) -> Result<Option<ContentHash>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection
            .prepare_cached("SELECT hash FROM instrument WHERE form_id = ?1 ORDER BY number DESC LIMIT 1")?;
        Ok(statement.query_row([form_of(kind)], |row| database::blob(row, 0)).optional()?)
    }

    /// Remembers that a whole photo belongs to a record.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn put_photo(&self, photo: &PhotoOf, now: i64) -> Result<(), StoreError> {
        self.writing()?.execute(
            "INSERT OR IGNORE INTO photo (hash, record, office, device, length, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                photo.hash.as_bytes(),
                photo.record.as_bytes(),
                photo.office.as_str(),
                photo.device.as_bytes(),
                i64::try_from(photo.length).unwrap_or(i64::MAX),
                now
            ],
        )?;
        Ok(())
    }

    /// The offices of the records that a photo belongs to.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn offices_of_photo(&self, hash: &ContentHash) -> Result<Vec<OfficeId>, StoreError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare_cached("SELECT DISTINCT office FROM photo WHERE hash = ?1")?;
        let offices = statement
            .query_map([hash.as_bytes()], |row| database::text(row, 0))?
            .collect::<Result<_, _>>()?;
        Ok(offices)
    }
}

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
