//! Moves a log from one kind to another: the same changes at the same places, with what was signed for them, so that
//! devices go on behind their cursors. What is copied passes the same rules as what devices send.

use std::sync::Arc;

use replica::wire::Outcome;
use replica::{Envelope, Limits, OfficeId};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::{Attested, Batch, BatchChange, Entry, Log, LogError, Seq};
use crate::database::StoreError;
use crate::verify::record_of;

/// Changes read at once.
const PAGE: usize = 2_000;

/// A change with what was signed for it.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The change.
    pub entry: Entry,
    /// The log's number of the attestation, by which the changes of one batch are known.
    pub number: i64,
    /// What the device signed.
    pub attested: Arc<Attested>,
}

/// Where a batch stood in the log that it is copied from.
#[derive(Debug, Clone)]
pub struct Stood {
    /// Number of the attestation.
    pub number: i64,
    /// Places of the changes, in order.
    pub places: Vec<Seq>,
}

/// Why a copy was not made, or is none. What was begun of it is left.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CopyError {
    /// There is something already, which a copy would mix with.
    #[error("there are changes or devices in the log that is copied to; name one that is new or empty")]
    NotEmpty,
    /// The target does not take a change that the source holds: the source is damaged.
    #[error(
        "the change at {place} does not pass: {why}; check the log that is copied from with `loket verify`"
    )]
    Refused {
        /// Its place.
        place: Seq,
        /// Why.
        why: String,
    },
    /// What was read back is not what was written.
    #[error("the copy differs: {from} changes were read and {to} are there, or their digests differ")]
    Differs {
        /// Changes read.
        from: u64,
        /// Changes there.
        to: u64,
    },
    /// A log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<StoreError> for CopyError {
    fn from(error: StoreError) -> Self {
        Self::Log(error.into())
    }
}

/// What a log holds, in one number and one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// How many changes.
    pub changes: u64,
    /// SHA-256 over all of them in order: places, records, writers, times, bytes, signatures.
    pub digest: [u8; 32],
}

/// A copy that is being made.
pub struct Copying<'a> {
    to: &'a dyn Log,
    read: Summing,
    there: Summing,
    after: Seq,
}

impl<'a> Copying<'a> {
    /// Begins a copy into an empty log.
    ///
    /// # Errors
    /// [`CopyError::NotEmpty`], or where the log fails.
    pub fn into(to: &'a dyn Log) -> Result<Self, CopyError> {
        if !to.read_all(0, 1)?.is_empty() {
            return Err(CopyError::NotEmpty);
        }
        Ok(Self { to, read: Summing::default(), there: Summing::default(), after: 0 })
    }

    /// Copies what the log holds behind what was copied already, and reads it back.
    ///
    /// # Errors
    /// See [`CopyError`].
    pub fn take(&mut self, from: &dyn Log) -> Result<(), CopyError> {
        let begins = self.after;
        loop {
            let page = from.read_signed(self.after, PAGE)?;
            let Some(last) = page.last() else { break };
            self.after = last.entry.seq;
            for signed in &page {
                self.read.add(signed);
            }
            store(self.to, &page)?;
        }
        self.there.read(self.to, begins)?;
        Ok(())
    }

    /// What both hold.
    ///
    /// # Errors
    /// [`CopyError::Differs`].
    pub fn end(self) -> Result<Sum, CopyError> {
        let (read, there) = (self.read.sum(), self.there.sum());
        if read == there {
            return Ok(there);
        }
        Err(CopyError::Differs { from: read.changes, to: there.changes })
    }
}

/// Copies all changes of a log that nobody writes to into an empty one, then reads the copy back.
///
/// # Errors
/// See [`CopyError`].
pub fn copy(from: &dyn Log, to: &dyn Log) -> Result<Sum, CopyError> {
    let mut copying = Copying::into(to)?;
    copying.take(from)?;
    copying.end()
}

fn store(to: &dyn Log, page: &[Signed]) -> Result<(), CopyError> {
    let batches = batches(page)?;
    let outcomes = to.take_over(&batches)?;
    for ((batch, stood), outcomes) in batches.iter().zip(outcomes) {
        let refused = outcomes.iter().position(|outcome| !matches!(outcome, Outcome::Stored(_)));
        if let Some(at) = refused {
            let place = stood.places.get(at).copied().unwrap_or_default();
            return Err(CopyError::Refused { place, why: format!("{:?}", outcomes.get(at)) });
        }
        debug_assert_eq!(batch.changes.len(), stood.places.len());
    }
    Ok(())
}

/// Reads a whole log and sums it up.
///
/// # Errors
/// Where the log fails.
pub fn sum_of(log: &dyn Log) -> Result<Sum, LogError> {
    let mut sum = Summing::default();
    sum.read(log, 0)?;
    Ok(sum.sum())
}

#[derive(Default)]
struct Summing {
    changes: u64,
    hash: Sha256,
}

impl Summing {
    /// Adds all that a log holds behind a place.
    fn read(&mut self, log: &dyn Log, mut after: Seq) -> Result<(), LogError> {
        loop {
            let page = log.read_signed(after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.entry.seq;
            for signed in &page {
                self.add(signed);
            }
        }
    }

    fn add(&mut self, Signed { entry, attested, .. }: &Signed) {
        self.changes += 1;
        self.hash.update(entry.seq.to_be_bytes());
        self.hash.update(entry.record.as_bytes());
        self.hash.update(entry.actor.as_bytes());
        self.hash.update(entry.received_at.to_be_bytes());
        self.hash.update((entry.bytes.len() as u64).to_be_bytes());
        self.hash.update(&entry.bytes);
        self.hash.update(attested.device.as_bytes());
        self.hash.update(attested.epoch.as_bytes());
        self.hash.update(attested.time.to_be_bytes());
        self.hash.update(attested.signature.as_bytes());
        for hash in &attested.hashes {
            self.hash.update(hash.as_bytes());
        }
    }

    fn sum(&self) -> Sum {
        Sum { changes: self.changes, digest: self.hash.clone().finalize().into() }
    }
}

/// Neighbours that were signed together and belong to one office, as the batches that they were.
fn batches(page: &[Signed]) -> Result<Vec<(Batch, Stood)>, CopyError> {
    let key = |signed: &Signed| -> (i64, OfficeId, i64) {
        (signed.number, signed.entry.genesis.office.clone(), signed.entry.received_at)
    };
    page.chunk_by(|one, next| key(one) == key(next)).map(batch).collect()
}

fn batch(run: &[Signed]) -> Result<(Batch, Stood), CopyError> {
    let mut batch = Batch {
        attested: run.first().map(|first| first.attested.as_ref().clone()).ok_or(LogError::Closed)?,
        records: Vec::new(),
        changes: Vec::new(),
        received_at: run.first().map_or(0, |first| first.entry.received_at),
    };
    for Signed { entry, .. } in run {
        let place = entry.seq;
        let refused = |why: String| CopyError::Refused { place, why };
        let envelope =
            Envelope::parse(&entry.bytes, &Limits::STANDARD).map_err(|error| refused(error.to_string()))?;
        if envelope.hash != entry.hash || entry.genesis.record_id() != entry.record {
            return Err(refused("its hash or its record's id is not its own".to_owned()));
        }
        let known = batch.records.iter().position(|record| record.id == entry.record);
        let record = known.unwrap_or_else(|| {
            batch.records.push(record_of(entry.genesis.as_ref().clone()));
            batch.records.len() - 1
        });
        let Envelope { hash, actor, seq: sequence, start_op, max_op, deps, .. } = envelope;
        let bytes = entry.bytes.clone();
        batch.changes.push(BatchChange { record, hash, actor, sequence, start_op, max_op, deps, bytes });
    }
    let number = run.first().map_or(0, |first| first.number);
    Ok((batch, Stood { number, places: run.iter().map(|signed| signed.entry.seq).collect() }))
}
