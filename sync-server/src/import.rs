//! Taking in a phone's backup: each batch by the same rules as over the line, under its writer's own signature; each
//! photo of a record that is here.

use std::collections::BTreeMap;
use std::fmt;

use replica::backup::{Backup, BackupError, Photo, Signed};
use replica::wire::{Outcome, RefusalCode};
use replica::{ChangeHash, ContentHash, DeviceId, Envelope, Genesis, Limits, RecordId};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::catalogue::{Catalogue, PhotoOf};
use crate::database::StoreError;
use crate::identity::Identity;
use crate::log::{Log, LogError, Seq};
use crate::photos::Photos;
use crate::verify::{self, BatchError, Sender};

/// Where what is taken in goes.
#[derive(Clone, Copy)]
pub struct Destination<'a> {
    /// Changes.
    pub log: &'a dyn Log,
    /// Who may.
    pub identity: &'a Identity,
    /// What there is to write in.
    pub catalogue: &'a dyn Catalogue,
    /// Photos.
    pub photos: &'a Photos,
}

/// Why a backup was not taken in. What was stored before stays, and is known when the file is taken in again.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file is none, or not whole.
    #[error(transparent)]
    File(#[from] BackupError),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The data folder failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What.
    pub what: Refused,
    /// Why.
    pub why: String,
}

/// What was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// One change of a record.
    Change(RecordId, ChangeHash),
    /// A whole batch of a device, with so many changes.
    Batch(DeviceId, usize),
    /// A photo of a record.
    Photo(RecordId, ContentHash),
}

/// What became of a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Changes that are in the log now and were not.
    pub stored: usize,
    /// Changes that were there.
    pub known: usize,
    /// Photos that are here now and were not.
    pub photos_stored: usize,
    /// Photos that were there.
    pub photos_known: usize,
    /// What was not taken.
    pub refused: Vec<Refusal>,
    /// What was typed and is not a change yet: only a phone can go on with it.
    pub typed: usize,
}

/// Takes in a backup at `now` (Unix seconds). Doing it again changes nothing.
///
/// # Errors
/// [`ImportError`].
pub fn import(into: Destination<'_>, file: &[u8], now: i64) -> Result<Report, ImportError> {
    let backup = Backup::parse(file)?;
    let mut taking = Taking { into, now, outcomes: BTreeMap::new(), report: Report::default() };
    // A batch may build on one that stands behind it, by another device: all are tried again as long as some went in.
    let mut waiting: Vec<&Signed> = backup.batches.iter().collect();
    while !waiting.is_empty() {
        let before = taking.stored();
        let mut again = Vec::new();
        for signed in waiting {
            if taking.batch(signed)? {
                again.push(signed);
            }
        }
        waiting = if taking.stored() > before { again } else { Vec::new() };
    }
    for one in &backup.photos {
        taking.photo(one)?;
    }
    Ok(taking.end(backup.typed.len()))
}

struct Taking<'a> {
    into: Destination<'a>,
    now: i64,
    /// What became of each change at last.
    outcomes: BTreeMap<ChangeHash, (RecordId, Outcome)>,
    report: Report,
}

impl Taking<'_> {
    /// Hands in one batch; whether something of it waits for other changes.
    fn batch(&mut self, signed: &Signed) -> Result<bool, ImportError> {
        let request = signed.request.clone();
        let (device, changes) = (request.attestation.device, request.items.len());
        let Some(writer) = self.into.identity.device(device)? else {
            self.refuse(Refused::Batch(device, changes), "no such device was ever connected here");
            return Ok(false);
        };
        // The names of the changes, for the report; a batch that holds one that is none is refused below or one by one.
        let named: Vec<_> = request
            .items
            .iter()
            .map(|item| {
                let record = usize::try_from(item.genesis).ok().and_then(|at| request.geneses.get(at));
                let hash = Envelope::parse(&item.bytes, &Limits::STANDARD).map(|envelope| envelope.hash);
                record.map(Genesis::record_id).zip(hash.ok())
            })
            .collect();
        let sender = Sender { writer: &writer, carrier: None };
        let Destination { log, catalogue, .. } = self.into;
        let (batch, receipt) = match verify::push(request, sender, catalogue, log, self.now) {
            Ok(checked) => checked,
            Err(BatchError::Log(error)) => return Err(error.into()),
            Err(error) => {
                self.refuse(Refused::Batch(device, changes), &error.to_string());
                return Ok(false);
            }
        };
        let stored = if batch.changes.is_empty() { Vec::new() } else { log.append(batch)? };
        let mut waits = false;
        for (named, outcome) in named.into_iter().zip(receipt.outcomes(stored)) {
            waits |= matches!(outcome, Outcome::Refused(code) if code.waits_for_others());
            let Some((record, hash)) = named else {
                self.refuse(Refused::Batch(device, 1), "it is not a sound change");
                continue;
            };
            let last = self.outcomes.entry(hash).or_insert((record, outcome));
            if !matches!(last.1, Outcome::Stored(_)) {
                last.1 = outcome;
            }
        }
        Ok(waits)
    }

    fn photo(&mut self, photo: &Photo<'_>) -> Result<(), ImportError> {
        let Photo { genesis, bytes, .. } = photo;
        let (record, hash) = (genesis.record_id(), ContentHash::new(Sha256::digest(bytes).into()));
        let Destination { log, catalogue, photos, .. } = self.into;
        let known = log.genesis(record)?.zip(log.changes_of(record, Seq::MAX)?.pop());
        let Some((genesis, last)) = known else {
            self.refuse(Refused::Photo(record, hash), "its record is not here");
            return Ok(());
        };
        let (device, length) = (last.actor.device(), bytes.len() as u64);
        match photos.keep(&hash, bytes) {
            Ok(true) => self.report.photos_stored += 1,
            Ok(false) => self.report.photos_known += 1,
            Err(error) => {
                self.refuse(Refused::Photo(record, hash), &error.to_string());
                return Ok(());
            }
        }
        catalogue.put_photo(&PhotoOf { hash, record, office: genesis.office, device, length }, self.now)?;
        Ok(())
    }

    fn stored(&self) -> usize {
        self.outcomes.values().filter(|(_, outcome)| matches!(outcome, Outcome::Stored(_))).count()
    }

    fn refuse(&mut self, what: Refused, why: &str) {
        self.report.refused.push(Refusal { what, why: why.to_owned() });
    }

    fn end(mut self, typed: usize) -> Report {
        self.report.typed = typed;
        for (hash, (record, outcome)) in std::mem::take(&mut self.outcomes) {
            match outcome {
                Outcome::Stored(_) => self.report.stored += 1,
                Outcome::Known(_) => self.report.known += 1,
                Outcome::Refused(code) => self.refuse(Refused::Change(record, hash), why(code)),
            }
        }
        self.report
    }
}

/// Why a change is refused, for whoever runs the server.
fn why(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::ActorNotYours => "it is not by the device that signed it",
        RefusalCode::TooLarge | RefusalCode::TooManyOps => "it is larger than a change may be",
        RefusalCode::RecordFull => "the record has as many changes as it may have",
        RefusalCode::NotPermitted => "its writer may not write in this record",
        RefusalCode::Sequence => {
            "another change stands in its place: the device was copied, or its data put back"
        }
        RefusalCode::StartOp => "it counts on from changes that are not here",
        RefusalCode::UnknownDependency => {
            "it builds on changes that are not here; take in the files of its team first"
        }
        RefusalCode::UnknownRecord => "its unit, round or form does not exist here",
        RefusalCode::Malformed | RefusalCode::Unrecognised => "it is not a sound change",
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Refused::Change(record, hash) => write!(f, "change {hash} of record {record}: {}", self.why),
            Refused::Batch(device, changes) => {
                write!(f, "{changes} changes of device {device}: {}", self.why)
            }
            Refused::Photo(record, hash) => write!(f, "photo {hash} of record {record}: {}", self.why),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, known, photos_stored, photos_known, refused, typed } = self;
        writeln!(f, "changes: {stored} stored, {known} were here")?;
        writeln!(f, "photos: {photos_stored} stored, {photos_known} were here")?;
        write!(f, "refused: {}", refused.len())?;
        for refusal in refused {
            write!(f, "\n  {refusal}")?;
        }
        if *typed > 0 {
            write!(f, "\nunfinished: {typed} typed entries; take the file in on a phone to go on with them")?;
        }
        Ok(())
    }
}
