//! What the log adds up to, for questions that a log answers slowly. Built by the worker alone,
//! and built anew from the log whenever it is missing or belongs to another one.

mod evidence;
mod read;

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use replica::{ChangeHash, Clash, DeviceId, Epoch, Genesis, RecordId};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use survey::scoring::evidence::Evidence;

use crate::database::{self, StoreError};
use crate::log::Seq;

pub use evidence::EvidenceRow;
pub use read::{ClashRow, UnitCount};

/// The format of the file; another one is thrown away and built anew.
const FORMAT: i64 = 5;

/// The read model in `projection.sqlite`.
pub struct Projection {
    writing: Mutex<Connection>,
    reading: Mutex<Connection>,
}

/// How far the worker has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The log that was followed.
    pub log: Epoch,
    /// The last change that was looked at.
    pub upto: Seq,
    /// Its hash; none at the start.
    pub hash: Option<ChangeHash>,
}

/// What a record's document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// When it was closed (Unix seconds, a claim); none while it is open.
    pub closed_at: Option<i64>,
    /// When consent was withdrawn (Unix seconds, a claim).
    pub withdrawn_at: Option<i64>,
    /// Values that were written without knowing of each other.
    pub clashes: Vec<Clash>,
}

/// What the worker learned of one record.
#[derive(Debug, Clone)]
pub struct RecordUpdate {
    /// The record.
    pub id: RecordId,
    /// What it began with.
    pub genesis: Genesis,
    /// Its document now.
    pub summary: Summary,
    /// When it was last written in (Unix seconds, a claim); none where nobody has.
    pub edited_at: Option<i64>,
    /// What it says towards scores; none where its instrument was never published here.
    pub evidence: Option<Evidence>,
    /// Answers that do not hold (`Session::unsound`); 0 where its instrument was never published here.
    pub unsound: u32,
    /// Its last change.
    pub last_seq: Seq,
}

/// A change that no device is given, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Its place in the log.
    pub seq: Seq,
    /// Its hash.
    pub hash: ChangeHash,
    /// Its record.
    pub record: RecordId,
    /// Who sent it.
    pub device: DeviceId,
    /// Why.
    pub reason: String,
}

impl Projection {
    /// Opens the projection, empty where there is none. One of another format, or that cannot be
    /// read, is thrown away: it can be built anew.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_known(path).or_else(|error| {
            tracing::warn!(%error, "the projection cannot be used; building it anew");
            Self::delete(path)?;
            Self::open_known(path)
        })
    }

    fn open_known(path: &Path) -> Result<Self, StoreError> {
        let writing = database::open(path)?;
        database::check_format(&writing, "projection.sqlite", FORMAT)?;
        // It can be built anew, so it need not wait for the disk.
        writing.pragma_update(None, "synchronous", "NORMAL")?;
        writing.execute_batch(include_str!("schema.sql"))?;
        let reading = database::open_to_read(path)?;
        Ok(Self { writing: Mutex::new(writing), reading: Mutex::new(reading) })
    }

    /// Deletes the file and what `SQLite` keeps beside it.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn delete(path: &Path) -> Result<(), StoreError> {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            if let Err(source) = std::fs::remove_file(&name)
                && source.kind() != io::ErrorKind::NotFound
            {
                return Err(StoreError::File { path: path.display().to_string(), source });
            }
        }
        Ok(())
    }

    /// How far the worker has come; none in an empty projection.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn progress(&self) -> Result<Option<Progress>, StoreError> {
        let connection = lock(&self.writing)?;
        let found = connection
            .query_row("SELECT epoch, upto, hash FROM progress", [], |row| {
                let upto: i64 = row.get(1)?;
                let hash: Option<[u8; 32]> = row.get(2)?;
                Ok(Progress {
                    log: database::blob(row, 0)?,
                    upto: u64::try_from(upto).unwrap_or(0),
                    hash: hash.map(ChangeHash::new),
                })
            })
            .optional()?;
        Ok(found)
    }

    /// Throws everything away and begins with this log.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn begin(&self, log: Epoch) -> Result<(), StoreError> {
        let mut connection = lock(&self.writing)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in ["evidence", "clash", "record", "set_aside", "progress"] {
            transaction.execute(&format!("DELETE FROM {table}"), [])?;
        }
        let sql = "INSERT INTO progress (one, epoch, upto) VALUES (1, ?1, 0)";
        transaction.execute(sql, [log.as_bytes()])?;
        transaction.commit()?;
        Ok(())
    }

    /// Writes what was learned, and how far, in one step.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn write(
        &self,
        updates: &[RecordUpdate],
        aside: &[SetAside],
        upto: Seq,
        hash: &ChangeHash,
    ) -> Result<(), StoreError> {
        let mut connection = lock(&self.writing)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for update in updates {
            write_record(&transaction, update)?;
            if let Some(evidence) = &update.evidence {
                evidence::write(&transaction, &update.id, evidence)?;
            }
        }
        for set_aside in aside {
            write_aside(&transaction, set_aside)?;
        }
        let sql = "UPDATE progress SET upto = ?1, hash = ?2";
        transaction.execute(sql, params![signed(upto), hash.as_bytes()])?;
        transaction.commit()?;
        Ok(())
    }

    fn reading(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        lock(&self.reading)
    }
}

fn write_record(connection: &Connection, update: &RecordUpdate) -> rusqlite::Result<()> {
    let (id, genesis, summary) = (update.id.as_bytes(), &update.genesis, &update.summary);
    let mut record = connection.prepare_cached(
        "INSERT INTO record
             (id, kind, office, round, unit, instrument, closed_at, withdrawn_at, edited_at, last_seq, unsound)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (id) DO UPDATE SET closed_at = excluded.closed_at,
             withdrawn_at = excluded.withdrawn_at, edited_at = excluded.edited_at, last_seq = excluded.last_seq,
             unsound = excluded.unsound",
    )?;
    record.execute(params![
        id,
        genesis.kind.as_str(),
        genesis.office.as_str(),
        genesis.round.as_str(),
        genesis.unit.as_str(),
        genesis.instrument.as_bytes(),
        summary.closed_at,
        summary.withdrawn_at,
        update.edited_at,
        signed(update.last_seq),
        update.unsound
    ])?;
    connection.prepare_cached("DELETE FROM clash WHERE record = ?1")?.execute([id])?;
    let mut row = connection.prepare_cached(
        "INSERT OR IGNORE INTO clash (record, key, value, device, time) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for clash in &summary.clashes {
        let key = serde_json::to_string(&clash.key)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        for option in &clash.options {
            let device = option.actor.map(|actor| *actor.device().as_bytes());
            row.execute(params![id, key, option.value, device, option.time])?;
        }
    }
    Ok(())
}

fn write_aside(connection: &Connection, aside: &SetAside) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO set_aside (seq, hash, record, device, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    statement.execute(params![
        signed(aside.seq),
        aside.hash.as_bytes(),
        aside.record.as_bytes(),
        aside.device.as_bytes(),
        aside.reason
    ])?;
    Ok(())
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn lock(connection: &Mutex<Connection>) -> Result<MutexGuard<'_, Connection>, StoreError> {
    connection.lock().map_err(|_| StoreError::Poisoned)
}
