//! Checks what a log holds against the devices' public keys alone, trusting nothing that the
//! server wrote beside the changes.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use replica::attestation::{Attestation, device_id};
use replica::{ChangeHash, DeviceId, Envelope, Genesis, Limits, PublicKey, RecordId};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::database::{self, StoreError};
use crate::log::sqlite::genesis_of;

/// What a check found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Records looked at.
    pub records: usize,
    /// Changes looked at.
    pub changes: usize,
    /// What is wrong, a sentence each; nothing where all holds.
    pub faults: Vec<String>,
}

/// Checks one record of a log, or all: that each change's bytes are those that its device signed,
/// that all it builds on stands before it in the same record, that no number of an actor is
/// missing, and that the record's id follows from what it began with. Changes that were cut off
/// at the end of a record leave no mark in it: who wrote them holds their hashes.
///
/// # Errors
/// Where the file cannot be read.
pub fn check(log: &Path, only: Option<RecordId>) -> Result<Findings, StoreError> {
    let connection = database::open_to_read(log)?;
    let keys = keys(&connection)?;
    let mut findings = Findings::default();
    let mut check = Check { connection: &connection, keys, signed: HashMap::new(), findings: &mut findings };
    for (number, id) in records(&connection, only)? {
        check.record(number, id)?;
    }
    Ok(findings)
}

fn keys(connection: &Connection) -> Result<HashMap<DeviceId, PublicKey>, StoreError> {
    let mut statement = connection.prepare("SELECT public_key FROM device")?;
    let keys = statement.query_map([], |row| database::blob::<PublicKey>(row, 0))?;
    Ok(keys.map(|key| key.map(|key| (device_id(&key), key))).collect::<Result<_, _>>()?)
}

fn records(connection: &Connection, only: Option<RecordId>) -> Result<Vec<(i64, RecordId)>, StoreError> {
    let mut statement =
        connection.prepare("SELECT number, id FROM record WHERE ?1 IS NULL OR id = ?1 ORDER BY number")?;
    let only = only.map(|id| id.as_bytes().to_vec());
    let records = statement.query_map([only], |row| Ok((row.get(0)?, database::blob(row, 1)?)))?;
    Ok(records.collect::<Result<_, _>>()?)
}

struct Check<'a> {
    connection: &'a Connection,
    keys: HashMap<DeviceId, PublicKey>,
    /// Who signed an attestation and for what; none where it does not hold.
    signed: HashMap<i64, Option<(DeviceId, HashSet<ChangeHash>)>>,
    findings: &'a mut Findings,
}

/// A change as its row has it.
struct Stored {
    seq: i64,
    hash: Vec<u8>,
    attestation: i64,
    bytes: Vec<u8>,
}

impl Check<'_> {
    fn record(&mut self, number: i64, id: RecordId) -> Result<(), StoreError> {
        self.findings.records += 1;
        let sql = "SELECT genesis FROM record WHERE number = ?1";
        let genesis: Option<Genesis> =
            self.connection.query_row(sql, [number], |row| genesis_of(row, 0)).optional().unwrap_or(None);
        let Some(genesis) = genesis.filter(|genesis| genesis.record_id() == id) else {
            self.fault(format!("record {id}: its id does not follow from what it began with"));
            return Ok(());
        };
        let (mut before, mut last) = (HashSet::from([genesis.root().hash]), HashMap::new());
        for change in self.changes(number)? {
            self.findings.changes += 1;
            let place = format!("record {id}, change {}", change.seq);
            let envelope = match Envelope::parse(&change.bytes, &Limits::STANDARD) {
                Ok(envelope) => envelope,
                Err(error) => {
                    self.fault(format!("{place}: {error}"));
                    continue;
                }
            };
            if change.hash != envelope.hash.as_bytes() {
                self.fault(format!("{place}: the hash beside it is not that of its bytes"));
            }
            if envelope.deps.is_empty() || envelope.deps.iter().any(|dep| !before.contains(dep)) {
                self.fault(format!("{place}: what it builds on does not stand before it"));
            }
            let number = last.entry(envelope.actor).or_insert(0);
            if envelope.seq != *number + 1 {
                self.fault(format!("{place}: its writer's change {} is missing", *number + 1));
            }
            *number = envelope.seq;
            if !self.is_signed(change.attestation, envelope.actor.device(), &envelope.hash)? {
                self.fault(format!("{place}: no sound signature of {} covers it", envelope.actor.device()));
            }
            before.insert(envelope.hash);
        }
        Ok(())
    }

    fn changes(&self, record: i64) -> Result<Vec<Stored>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, hash, attestation, bytes FROM change WHERE record = ?1 ORDER BY seq",
        )?;
        let stored = |row: &Row<'_>| {
            Ok(Stored { seq: row.get(0)?, hash: row.get(1)?, attestation: row.get(2)?, bytes: row.get(3)? })
        };
        Ok(statement.query_map([record], stored)?.collect::<Result<_, _>>()?)
    }

    fn is_signed(&mut self, number: i64, by: DeviceId, hash: &ChangeHash) -> Result<bool, StoreError> {
        if !self.signed.contains_key(&number) {
            let found = self.attested(number)?;
            self.signed.insert(number, found);
        }
        let signed = self.signed.get(&number).and_then(Option::as_ref);
        Ok(signed.is_some_and(|(device, hashes)| *device == by && hashes.contains(hash)))
    }

    fn attested(&self, number: i64) -> Result<Option<(DeviceId, HashSet<ChangeHash>)>, StoreError> {
        let sql = "SELECT device, epoch, time, signature, hashes FROM attestation WHERE number = ?1";
        let read = |row: &Row<'_>| {
            let attestation = Attestation {
                device: database::blob(row, 0)?,
                epoch: database::blob(row, 1)?,
                time: row.get(2)?,
                signature: database::blob(row, 3)?,
            };
            Ok((attestation, row.get::<_, Vec<u8>>(4)?))
        };
        let Some((attestation, bytes)) = self.connection.query_row(sql, [number], read).optional()? else {
            return Ok(None);
        };
        let hashes: Result<Vec<_>, _> = bytes.chunks(32).map(ChangeHash::try_from).collect();
        let (Ok(hashes), Some(key)) = (hashes, self.keys.get(&attestation.device)) else { return Ok(None) };
        if attestation.verify(key, &hashes).is_err() {
            return Ok(None);
        }
        Ok(Some((attestation.device, hashes.into_iter().collect())))
    }

    fn fault(&mut self, fault: String) {
        self.findings.faults.push(fault);
    }
}
