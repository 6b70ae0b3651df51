//! The phone's store: one `SQLite` file in WAL with `synchronous=FULL`, so that what is written stays, as the app's
//! transactions with strict durability do.

use std::collections::BTreeSet;
use std::path::Path;

use replica::sync::{Cursor, Held, OutboxItem};
use replica::wire::reconcile::Named;
use replica::wire::{PullReply, RefusalCode};
use replica::{ChangeHash, ContentHash, Epoch, Genesis, RecordId, StreamId};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::fault::Fault;

const SCHEMA: &str = "
CREATE TABLE record (id BLOB PRIMARY KEY, stream TEXT NOT NULL, genesis BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE change (hash BLOB PRIMARY KEY, record BLOB NOT NULL, own INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX change_by_record ON change (record);
CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE);
CREATE TABLE name (stream TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (stream, seq))
  WITHOUT ROWID;
CREATE TABLE stream (name TEXT PRIMARY KEY, cursor TEXT NOT NULL);
CREATE TABLE photo (hash BLOB PRIMARY KEY, record BLOB NOT NULL, bytes BLOB NOT NULL, sent INTEGER NOT NULL);
";

/// What the phone keeps.
pub struct Store(Connection);

/// A photo that waits.
pub struct Photo {
    /// Its name.
    pub hash: ContentHash,
    /// Its record.
    pub record: RecordId,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Store {
    /// A new store in this file.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub fn create(path: &Path) -> Result<Self, Fault> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self(connection))
    }

    /// Keeps own changes and puts them in the outbox.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn write(&mut self, items: &[OutboxItem]) -> Result<(), Fault> {
        let tx = self.0.transaction()?;
        for item in items {
            keep(&tx, &item.genesis, item.hash, true, &item.bytes)?;
            enqueue(&tx, item.hash)?;
        }
        Ok(tx.commit()?)
    }

    /// Keeps a photo that waits for the server.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn take_photo(&self, photo: &Photo) -> Result<(), Fault> {
        let sql = "INSERT OR IGNORE INTO photo (hash, record, bytes, sent) VALUES (?1, ?2, ?3, 0)";
        self.0.execute(sql, params![photo.hash.as_bytes(), photo.record.as_bytes(), photo.bytes])?;
        Ok(())
    }

    /// The photos that wait.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn photos_waiting(&self) -> Result<Vec<Photo>, Fault> {
        let mut statement = self.0.prepare_cached("SELECT hash, record, bytes FROM photo WHERE sent = 0")?;
        let rows = statement
            .query_map([], |row| Ok(Photo { hash: id(row, 0)?, record: id(row, 1)?, bytes: row.get(2)? }))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Notes that the server has a photo.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn photo_sent(&self, hash: ContentHash) -> Result<(), Fault> {
        self.0.execute("UPDATE photo SET sent = 1 WHERE hash = ?1", [hash.as_bytes()])?;
        Ok(())
    }

    /// How far a stream has been followed.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn cursor(&self, stream: &StreamId) -> Result<Cursor, Fault> {
        Ok(cursor_of(&self.0, stream)?)
    }

    /// The first changes that wait, see [`replica::sync::Effect::ReadOutbox`].
    ///
    /// # Errors
    /// Where the store fails.
    pub fn outbox(
        &self,
        max_bytes: usize,
        max_changes: usize,
        skip: &BTreeSet<ChangeHash>,
    ) -> Result<Vec<OutboxItem>, Fault> {
        let mut statement = self.0.prepare_cached(
            "SELECT c.hash, r.genesis, c.bytes FROM outbox o JOIN change c ON c.hash = o.hash
             JOIN record r ON r.id = c.record ORDER BY o.position",
        )?;
        let (mut rows, mut items, mut room) = (statement.query([])?, Vec::new(), max_bytes);
        while items.len() < max_changes
            && let Some(row) = rows.next()?
        {
            let hash = id(row, 0)?;
            if skip.contains(&hash) {
                continue;
            }
            let bytes: Vec<u8> = row.get(2)?;
            if bytes.len() > room && !items.is_empty() {
                break;
            }
            room = room.saturating_sub(bytes.len());
            items.push(OutboxItem { genesis: genesis_of(row, 1)?, hash, bytes });
        }
        Ok(items)
    }

    /// How many changes wait.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn waiting(&self) -> Result<u64, Fault> {
        Ok(self.0.query_row("SELECT count(*) FROM outbox", [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// How many changes are here.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn changes(&self) -> Result<u64, Fault> {
        Ok(self.0.query_row("SELECT count(*) FROM change", [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// See [`replica::sync::Effect::Settle`].
    ///
    /// # Errors
    /// Where the store fails.
    pub fn settle(
        &mut self,
        epoch: Option<Epoch>,
        acked: &[ChangeHash],
        refused: &[(ChangeHash, RefusalCode)],
    ) -> Result<(), Fault> {
        let tx = self.0.transaction()?;
        let leaves = refused.iter().filter(|(_, code)| !code.may_pass_later()).map(|(hash, _)| hash);
        let mut streams = BTreeSet::new();
        for hash in acked.iter().chain(leaves) {
            let sql = "SELECT stream FROM record JOIN change ON record.id = change.record WHERE hash = ?1";
            let stream: String = tx.prepare_cached(sql)?.query_row([hash.as_bytes()], |row| row.get(0))?;
            streams.insert(stream);
            dequeue(&tx, hash)?;
        }
        for stream in streams.iter().filter_map(|name| name.parse().ok()) {
            let cursor = cursor_of(&tx, &stream)?;
            if cursor.epoch.is_none() {
                put_cursor(&tx, &stream, Cursor { epoch, ..cursor })?;
            }
        }
        Ok(tx.commit()?)
    }

    /// See [`replica::sync::Effect::TakeIn`].
    ///
    /// # Errors
    /// Where the store fails.
    pub fn take_in(
        &mut self,
        stream: &StreamId,
        reply: &PullReply,
        cursor: Option<Cursor>,
    ) -> Result<(), Fault> {
        let tx = self.0.transaction()?;
        for entry in &reply.entries {
            let genesis = usize::try_from(entry.genesis).ok().and_then(|at| reply.geneses.get(at));
            if let (Some(genesis), Some(bytes)) = (genesis, &entry.bytes) {
                keep(&tx, genesis, entry.hash, false, bytes)?;
            }
            dequeue(&tx, &entry.hash)?;
            if cursor.is_some() {
                name(&tx, stream, &Named { seq: entry.seq, hash: entry.hash })?;
            }
        }
        if let Some(cursor) = cursor {
            put_cursor(&tx, stream, cursor)?;
        }
        Ok(tx.commit()?)
    }

    /// See [`replica::sync::Effect::ReadHeld`].
    ///
    /// # Errors
    /// Where the store fails.
    pub fn held(&self, stream: &StreamId) -> Result<Held, Fault> {
        let mut all = self.0.prepare_cached("SELECT hash FROM change")?;
        let mut unnamed: BTreeSet<ChangeHash> =
            all.query_map([], |row| id(row, 0))?.collect::<rusqlite::Result<_>>()?;
        let mut statement = self.0.prepare_cached("SELECT seq, hash FROM name WHERE stream = ?1")?;
        let rows = statement.query_map([stream.to_string()], |row| {
            Ok(Named { seq: row.get::<_, i64>(0)?.unsigned_abs(), hash: id(row, 1)? })
        })?;
        let all_named: Vec<Named> = rows.collect::<rusqlite::Result<_>>()?;
        let named = all_named.into_iter().filter(|one| unnamed.remove(&one.hash)).collect();
        Ok(Held { named, unnamed })
    }

    /// Loses every so many-th change of a stream that the server has named, as a damaged store does.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn lose(&self, stream: &StreamId, each: u32) -> Result<usize, Fault> {
        let sql =
            "DELETE FROM change WHERE hash IN (SELECT hash FROM name WHERE stream = ?1 AND seq % ?2 = 0)";
        Ok(self.0.execute(sql, params![stream.to_string(), each])?)
    }

    /// See [`replica::sync::Effect::Mend`].
    ///
    /// # Errors
    /// Where the store fails.
    pub fn mend(&mut self, stream: &StreamId, named: &[Named], cursor: Cursor) -> Result<(), Fault> {
        let tx = self.0.transaction()?;
        tx.execute("DELETE FROM name WHERE stream = ?1", [stream.to_string()])?;
        for one in named {
            name(&tx, stream, one)?;
            dequeue(&tx, &one.hash)?;
        }
        tx.execute(
            "INSERT OR IGNORE INTO outbox (hash) SELECT c.hash FROM change c JOIN record r ON r.id = c.record
             WHERE c.own = 1 AND r.stream = ?1 AND c.hash NOT IN (SELECT hash FROM name WHERE stream = ?1)
             ORDER BY c.rowid",
            [stream.to_string()],
        )?;
        tx.execute("UPDATE photo SET sent = 0", [])?;
        put_cursor(&tx, stream, cursor)?;
        Ok(tx.commit()?)
    }
}

fn keep(
    tx: &Transaction<'_>,
    genesis: &Genesis,
    hash: ChangeHash,
    own: bool,
    bytes: &[u8],
) -> rusqlite::Result<()> {
    let record = genesis.record_id();
    let encoded = minicbor::to_vec(genesis).unwrap_or_default();
    tx.prepare_cached("INSERT OR IGNORE INTO record (id, stream, genesis) VALUES (?1, ?2, ?3)")?
        .execute(params![record.as_bytes(), genesis.stream().to_string(), encoded])?;
    tx.prepare_cached("INSERT OR IGNORE INTO change (hash, record, own, bytes) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![hash.as_bytes(), record.as_bytes(), own, bytes])?;
    Ok(())
}

fn enqueue(tx: &Transaction<'_>, hash: ChangeHash) -> rusqlite::Result<usize> {
    tx.prepare_cached("INSERT OR IGNORE INTO outbox (hash) VALUES (?1)")?.execute([hash.as_bytes()])
}

fn dequeue(tx: &Transaction<'_>, hash: &ChangeHash) -> rusqlite::Result<usize> {
    tx.prepare_cached("DELETE FROM outbox WHERE hash = ?1")?.execute([hash.as_bytes()])
}

fn name(tx: &Transaction<'_>, stream: &StreamId, one: &Named) -> rusqlite::Result<usize> {
    let seq = i64::try_from(one.seq).unwrap_or(i64::MAX);
    tx.prepare_cached("INSERT OR REPLACE INTO name (stream, seq, hash) VALUES (?1, ?2, ?3)")?
        .execute(params![stream.to_string(), seq, one.hash.as_bytes()])
}

fn cursor_of(connection: &Connection, stream: &StreamId) -> rusqlite::Result<Cursor> {
    let mut statement = connection.prepare_cached("SELECT cursor FROM stream WHERE name = ?1")?;
    let text: Option<String> = statement.query_row([stream.to_string()], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn put_cursor(tx: &Transaction<'_>, stream: &StreamId, cursor: Cursor) -> rusqlite::Result<usize> {
    let text = serde_json::to_string(&cursor).unwrap_or_default();
    tx.prepare_cached("INSERT OR REPLACE INTO stream (name, cursor) VALUES (?1, ?2)")?
        .execute(params![stream.to_string(), text])
}

fn id<T: for<'a> TryFrom<&'a [u8]>>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    T::try_from(row.get_ref(index)?.as_blob()?).map_err(|_| rusqlite::Error::InvalidQuery)
}

fn genesis_of(row: &Row<'_>, index: usize) -> rusqlite::Result<Genesis> {
    minicbor::decode(row.get_ref(index)?.as_blob()?).map_err(|_| rusqlite::Error::InvalidQuery)
}
