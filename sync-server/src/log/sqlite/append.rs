//! Storing one batch within a transaction.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use replica::wire::{Outcome, RefusalCode};
use replica::{Actor, ChangeHash};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{running_digest, signed, unsigned};
use crate::database;
use crate::log::copy::Stood;
use crate::log::rules::{self, RecordState, View};
use crate::log::{Batch, BatchChange, BatchRecord, Seq, StreamDigest};

/// Stores what can be stored; one outcome for each change, in order.
/// Where it stood in another log, it is stored under the same numbers.
pub fn batch(
    connection: &Connection,
    batch: &Batch,
    stood: Option<&Stood>,
) -> rusqlite::Result<Vec<Outcome>> {
    let mut appending = Appending { connection, batch, stood, attestation: None, records: HashMap::new() };
    let place = |at: usize| stood.and_then(|stood| stood.places.get(at).copied());
    batch.changes.iter().enumerate().map(|(at, change)| appending.change(change, place(at))).collect()
}

struct Appending<'a> {
    connection: &'a Connection,
    batch: &'a Batch,
    stood: Option<&'a Stood>,
    /// Written with the first change that is stored.
    attestation: Option<i64>,
    /// By place in the batch.
    records: HashMap<usize, RecordState>,
}

impl Appending<'_> {
    fn change(&mut self, change: &BatchChange, place: Option<Seq>) -> rusqlite::Result<Outcome> {
        let Some(record) = self.batch.records.get(change.record) else {
            return Ok(Outcome::Refused(RefusalCode::UnknownRecord));
        };
        let mut state = match self.records.entry(change.record) {
            Slot::Occupied(known) => known.get().clone(),
            Slot::Vacant(place) => place.insert(find_record(self.connection, record)?).clone(),
        };
        if let Some(outcome) = rules::decide(&mut Rows(self.connection), record, &state, change)? {
            return Ok(outcome);
        }
        let stream = stream_of(self.connection, record)?;
        if state.number == UNKNOWN {
            state.number = new_record(self.connection, record, stream, change)?;
            state.author = Some(change.actor.device());
        }
        let seq = self.insert(change, &state, stream, place)?;
        state.max_op = state.max_op.max(change.max_op);
        state.changes += 1;
        let mut statement = self
            .connection
            .prepare_cached("UPDATE record SET max_op = ?2, changes = ?3 WHERE number = ?1")?;
        statement.execute(params![state.number, signed(state.max_op), signed(state.changes)])?;
        self.records.insert(change.record, state);
        Ok(Outcome::Stored(seq))
    }

    fn insert(
        &mut self,
        change: &BatchChange,
        record: &RecordState,
        stream: i64,
        place: Option<Seq>,
    ) -> rusqlite::Result<Seq> {
        let attestation = self.attestation()?;
        let StreamDigest { count, mut digest } = running_digest(self.connection, stream, Seq::MAX)?;
        digest.toggle(&change.hash);
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO change (hash, stream, stream_count, stream_digest, record, actor, sequence,
                                 attestation, received_at, bytes, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        let number = statement.insert(params![
            change.hash.as_bytes(),
            stream,
            signed(count + 1),
            digest.as_bytes(),
            record.number,
            change.actor.as_bytes(),
            signed(change.sequence),
            attestation,
            self.batch.received_at,
            change.bytes,
            place.map(signed)
        ])?;
        u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, number))
    }

    fn attestation(&mut self) -> rusqlite::Result<i64> {
        if let Some(number) = self.attestation {
            return Ok(number);
        }
        let attested = &self.batch.attested;
        let hashes: Vec<u8> = attested.hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO attestation (device, epoch, time, signature, hashes, received_at, number)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (number) DO NOTHING",
        )?;
        let stood = self.stood.map(|stood| stood.number);
        statement.execute(params![
            attested.device.as_bytes(),
            attested.epoch.as_bytes(),
            attested.time,
            attested.signature.as_bytes().as_slice(),
            hashes,
            self.batch.received_at,
            stood
        ])?;
        let number = stood.unwrap_or_else(|| self.connection.last_insert_rowid());
        self.attestation = Some(number);
        Ok(number)
    }
}

/// No row has this number.
const UNKNOWN: i64 = 0;

fn find_record(connection: &Connection, record: &BatchRecord) -> rusqlite::Result<RecordState> {
    let mut statement =
        connection.prepare_cached("SELECT number, author, max_op, changes FROM record WHERE id = ?1")?;
    let found = statement
        .query_row([record.id.as_bytes()], |row| {
            Ok(RecordState {
                number: row.get(0)?,
                author: Some(database::blob(row, 1)?),
                max_op: unsigned(row, 2)?,
                changes: unsigned(row, 3)?,
            })
        })
        .optional()?;
    Ok(found.unwrap_or(RecordState { number: UNKNOWN, author: None, max_op: record.root_max_op, changes: 0 }))
}

fn new_record(
    connection: &Connection,
    record: &BatchRecord,
    stream: i64,
    first: &BatchChange,
) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO record (id, stream, genesis, author, max_op, changes) VALUES (?1, ?2, ?3, ?4, ?5, 0)",
    )?;
    let author = first.actor.device();
    statement.insert(params![
        record.id.as_bytes(),
        stream,
        record.genesis.to_cbor(),
        author.as_bytes(),
        signed(record.root_max_op)
    ])
}

fn stream_of(connection: &Connection, record: &BatchRecord) -> rusqlite::Result<i64> {
    let stream = record.genesis.stream();
    if let Some(number) = super::stream_number(connection, &stream)? {
        return Ok(number);
    }
    connection.prepare_cached("INSERT INTO stream (name) VALUES (?1)")?.insert([stream.to_string()])
}

/// The stored rows, as the rules see them.
struct Rows<'a>(&'a Connection);

impl View for Rows<'_> {
    type Error = rusqlite::Error;

    fn place(&mut self, hash: &ChangeHash) -> rusqlite::Result<Option<Seq>> {
        let mut statement = self.0.prepare_cached("SELECT seq FROM change WHERE hash = ?1")?;
        statement.query_row([hash.as_bytes()], |row| unsigned(row, 0)).optional()
    }

    fn holds(&mut self, record: i64, hash: &ChangeHash) -> rusqlite::Result<bool> {
        let mut statement = self.0.prepare_cached("SELECT 1 FROM change WHERE hash = ?1 AND record = ?2")?;
        statement.exists(params![hash.as_bytes(), record])
    }

    fn last_sequence(&mut self, record: i64, actor: &Actor) -> rusqlite::Result<u64> {
        let mut statement = self.0.prepare_cached(
            "SELECT coalesce(max(sequence), 0) FROM change WHERE record = ?1 AND actor = ?2",
        )?;
        statement.query_row(params![record, actor.as_bytes()], |row| unsigned(row, 0))
    }
}
