//! The log in one `SQLite` file: one thread writes, in groups; any number of threads read.

mod append;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use replica::wire::Outcome;
use replica::{ChangeHash, Digest, Epoch, Genesis, RecordId, StreamId};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::copy::{Signed, Stood};
use super::writer::{Store, Writer};
use super::{Attested, Batch, Entry, Log, LogError, Seq, StreamDigest};
use crate::database::{self, StoreError};
use crate::random;

/// The format of the file that this version writes.
pub const FORMAT: i64 = 2;
/// Reading connections kept open.
const READERS: usize = 8;

/// The log in `log.sqlite`.
pub struct SqliteLog {
    id: Epoch,
    epoch: Epoch,
    path: PathBuf,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteLog {
    /// Opens the log, making it where there is none.
    ///
    /// The file may be an older copy that somebody put back, with nothing on it that says so, and a device that was
    /// told that its changes are kept would never look again. So each opening is an epoch of its own: devices that
    /// come back compare what they hold with what is here, which costs a round trip or two where nothing is amiss.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or is of a later version.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let connection = database::open(path)?;
        database::check_format(&connection, "log.sqlite", FORMAT)?;
        connection.execute_batch(include_str!("sqlite/schema.sql"))?;
        let drawn: [u8; 16] = random::bytes()?;
        connection.execute("INSERT OR IGNORE INTO log (name, value) VALUES ('epoch', ?1)", [drawn])?;
        let sql = "SELECT value FROM log WHERE name = 'epoch'";
        let id = connection.query_row(sql, [], |row| database::blob(row, 0))?;
        let writer = Writer::start(Writing(connection))?;
        let epoch = Epoch::new(random::bytes()?);
        Ok(Self { id, epoch, path: path.to_owned(), writer, readers: Mutex::default() })
    }

    /// Lends a reading connection for the time of `read`.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LogError> {
        let kept = self.readers.lock().map_err(|_| StoreError::Poisoned)?.pop();
        let connection = match kept {
            Some(connection) => connection,
            None => database::open_to_read(&self.path)?,
        };
        let result = read(&connection);
        let mut readers = self.readers.lock().map_err(|_| StoreError::Poisoned)?;
        if readers.len() < READERS {
            readers.push(connection);
        }
        drop(readers);
        Ok(result?)
    }
}

/// The connection that writes.
struct Writing(Connection);

impl Store for Writing {
    fn store(&mut self, batches: &[Batch]) -> Result<Vec<Vec<Outcome>>, LogError> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcomes =
            batches.iter().map(|batch| append::batch(&transaction, batch, None)).collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(outcomes)
    }
}

/// Makes a copy, which nobody has open, a log of its own: what was built from the first is not believed of it.
///
/// # Errors
/// Where the file cannot be read or written.
pub fn renew_id(path: &Path) -> Result<(), StoreError> {
    let connection = database::open(path)?;
    let drawn: [u8; 16] = random::bytes()?;
    connection.execute("UPDATE log SET value = ?1 WHERE name = 'epoch'", [drawn])?;
    Ok(())
}

/// Columns of an [`Entry`], in the order that [`Genealogy::entry`] reads them.
const ENTRY: &str = "SELECT c.seq, c.hash, c.actor, c.received_at, c.bytes, c.record, r.id, r.genesis
                     FROM change c JOIN record r ON r.number = c.record";

impl Log for SqliteLog {
    fn id(&self) -> Epoch {
        self.id
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn append(&self, batch: Batch) -> Result<Vec<Outcome>, LogError> {
        self.writer.append(batch)
    }

    fn read_since(
        &self,
        stream: &StreamId,
        after: Seq,
        upto: Seq,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.read(|connection| {
            let Some(number) = stream_number(connection, stream)? else { return Ok(Vec::new()) };
            let sql =
                format!("{ENTRY} WHERE c.stream = ?1 AND c.seq > ?2 AND c.seq <= ?3 ORDER BY c.seq LIMIT ?4");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query(params![number, signed(after), signed(upto), limit_of(limit)])?;
            collect(rows, bytes)
        })
    }

    fn read_all(&self, after: Seq, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.read(|connection| {
            let sql = format!("{ENTRY} WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2");
            let mut statement = connection.prepare_cached(&sql)?;
            collect(statement.query(params![signed(after), limit_of(limit)])?, usize::MAX)
        })
    }

    fn read_signed(&self, after: Seq, limit: usize) -> Result<Vec<Signed>, LogError> {
        let entries = self.read_all(after, limit)?;
        let Some(last) = entries.last() else { return Ok(Vec::new()) };
        let signed = self.read(|connection| attestations(connection, after, last.seq))?;
        let join = |(entry, (number, attested))| Signed { entry, number, attested };
        Ok(entries.into_iter().zip(signed).map(join).collect())
    }

    fn take_over(&self, batches: &[(Batch, Stood)]) -> Result<Vec<Vec<Outcome>>, LogError> {
        let mut connection = database::open(&self.path)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let take = |(batch, stood): &(Batch, Stood)| append::batch(&transaction, batch, Some(stood));
        let outcomes = batches.iter().map(take).collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(outcomes)
    }

    fn changes_of(&self, record: RecordId, upto: Seq) -> Result<Vec<Entry>, LogError> {
        self.read(|connection| {
            let sql = format!(
                "{ENTRY} WHERE c.record = (SELECT number FROM record WHERE id = ?1) AND c.seq <= ?2 ORDER BY c.seq"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            collect(statement.query(params![record.as_bytes(), signed(upto)])?, usize::MAX)
        })
    }

    fn genesis(&self, record: RecordId) -> Result<Option<Genesis>, LogError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT genesis FROM record WHERE id = ?1")?;
            statement.query_row([record.as_bytes()], |row| genesis_of(row, 0)).optional()
        })
    }

    fn digest(&self, stream: &StreamId, upto: Seq) -> Result<StreamDigest, LogError> {
        self.read(|connection| {
            let Some(number) = stream_number(connection, stream)? else { return Ok(StreamDigest::default()) };
            running_digest(connection, number, upto)
        })
    }

    fn last(&self) -> Result<Seq, LogError> {
        self.read(|connection| {
            connection.query_row("SELECT coalesce(max(seq), 0) FROM change", [], |row| unsigned(row, 0))
        })
    }
}

/// What was signed for each change after `after` up to and with `upto`, in order of places.
fn attestations(
    connection: &Connection,
    after: Seq,
    upto: Seq,
) -> rusqlite::Result<Vec<(i64, Arc<Attested>)>> {
    let mut statement = connection.prepare_cached(
        "SELECT a.number, a.device, a.epoch, a.time, a.signature, a.hashes
         FROM change c JOIN attestation a ON a.number = c.attestation
         WHERE c.seq > ?1 AND c.seq <= ?2 ORDER BY c.seq",
    )?;
    let mut rows = statement.query(params![signed(after), signed(upto)])?;
    let mut found = Vec::<(i64, Arc<Attested>)>::new();
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        if let Some((last, attested)) = found.last().filter(|(last, _)| *last == number) {
            let again = (*last, Arc::clone(attested));
            found.push(again);
            continue;
        }
        let hashes = row.get_ref(5)?.as_blob()?.chunks(ChangeHash::LEN).map(ChangeHash::try_from);
        let attested = Attested {
            device: database::blob(row, 1)?,
            epoch: database::blob(row, 2)?,
            time: row.get(3)?,
            signature: database::blob(row, 4)?,
            hashes: hashes
                .collect::<Result<_, _>>()
                .map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, Type::Blob, Box::new(error)))?,
        };
        found.push((number, Arc::new(attested)));
    }
    Ok(found)
}

fn stream_number(connection: &Connection, stream: &StreamId) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT number FROM stream WHERE name = ?1")?;
    statement.query_row([stream.to_string()], |row| row.get(0)).optional()
}

fn running_digest(connection: &Connection, stream: i64, upto: Seq) -> rusqlite::Result<StreamDigest> {
    let mut statement = connection.prepare_cached(
        "SELECT stream_count, stream_digest FROM change WHERE stream = ?1 AND seq <= ?2
         ORDER BY seq DESC LIMIT 1",
    )?;
    let found = statement
        .query_row(params![stream, signed(upto)], |row| {
            Ok(StreamDigest { count: unsigned(row, 0)?, digest: database::blob::<Digest>(row, 1)? })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn collect(mut rows: rusqlite::Rows<'_>, most: usize) -> rusqlite::Result<Vec<Entry>> {
    let (mut entries, mut size) = (Vec::<Entry>::new(), 0usize);
    let mut genealogy = Genealogy::default();
    while let Some(row) = rows.next()? {
        let entry = genealogy.entry(row)?;
        size = size.saturating_add(entry.bytes.len());
        if size > most && !entries.is_empty() {
            break;
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Lets the changes of one record share its genesis.
#[derive(Default)]
struct Genealogy(std::collections::HashMap<i64, (RecordId, Arc<Genesis>)>);

impl Genealogy {
    fn entry(&mut self, row: &Row<'_>) -> rusqlite::Result<Entry> {
        let number = row.get(5)?;
        let (record, genesis) = if let Some((record, genesis)) = self.0.get(&number) {
            (*record, Arc::clone(genesis))
        } else {
            let (record, genesis) = (database::blob(row, 6)?, Arc::new(genesis_of(row, 7)?));
            self.0.insert(number, (record, Arc::clone(&genesis)));
            (record, genesis)
        };
        Ok(Entry {
            seq: unsigned(row, 0)?,
            record,
            genesis,
            hash: database::blob::<ChangeHash>(row, 1)?,
            actor: database::blob(row, 2)?,
            received_at: row.get(3)?,
            bytes: row.get(4)?,
        })
    }
}

/// Reads a genesis out of a column.
///
/// # Errors
/// Where the column holds none.
pub fn genesis_of(row: &Row<'_>, index: usize) -> rusqlite::Result<Genesis> {
    let bytes = row.get_ref(index)?.as_blob()?;
    minicbor::decode(bytes)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Blob, Box::new(error)))
}

fn unsigned(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(index, value))
}

/// `SQLite` counts in signed numbers; a place beyond them is beyond the log's end just as well.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
