//! The log in a PostgreSQL database that any number of servers share.
//!
//! Within one office changes are stored one transaction after the other, whichever server stores them, so that each
//! office's running digest holds. Transactions of different offices run side by side and may end in another order than
//! that of their places; who follows all of them is therefore shown only what stands below every transaction under way.

mod append;
mod rows;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use replica::wire::{Outcome, RefusalCode};
use replica::{Epoch, Genesis, OfficeId, RecordId, StreamId};

use super::copy::{Signed, Stood};
use super::writer::{Store, Writer};
use super::{Batch, Entry, Log, LogError, Seq, StreamDigest};
use crate::postgres::{Database, row};
use append::Part;
use rows::{entries, limit_of};

/// Threads that write; an office always comes to the same one, so that its batches wait together.
const LANES: usize = 4;
/// How often the worker looks for what other servers stored.
const WATCH: Duration = Duration::from_millis(200);

/// The log in a PostgreSQL database.
pub struct PostgresLog {
    database: Arc<Database>,
    lanes: Vec<Writer>,
    bound: Bound,
}

/// What a reader of all offices is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Only what stands below every transaction under way.
    Settled,
    /// All that is committed: skips what commits later below it. For the test that shows this.
    #[doc(hidden)]
    Committed,
}

impl PostgresLog {
    /// The log in this database.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub fn new(database: Arc<Database>) -> Result<Self, LogError> {
        Self::bounded(database, Bound::Settled)
    }

    /// The same with another bound for readers.
    ///
    /// # Errors
    /// As [`Self::new`].
    #[doc(hidden)]
    pub fn bounded(database: Arc<Database>, bound: Bound) -> Result<Self, LogError> {
        let lane = |_| Writer::start(Lane(Arc::clone(&database)));
        let lanes = (0..LANES).map(lane).collect::<Result<_, _>>()?;
        Ok(Self { database, lanes, bound })
    }

    fn lane(&self, office: &OfficeId) -> Option<&Writer> {
        let mut hasher = DefaultHasher::new();
        office.hash(&mut hasher);
        self.lanes.get(usize::try_from(hasher.finish() % LANES as u64).unwrap_or(0))
    }

    fn append_to(&self, office: &OfficeId, batch: Batch) -> Result<Vec<Outcome>, LogError> {
        self.lane(office).ok_or(LogError::Closed)?.append(batch)
    }
}

/// The offices that changes of a batch belong to, and which.
fn offices(batch: &Batch) -> BTreeMap<OfficeId, Vec<usize>> {
    let mut offices = BTreeMap::<OfficeId, Vec<usize>>::new();
    for (place, change) in batch.changes.iter().enumerate() {
        if let Some(record) = batch.records.get(change.record) {
            offices.entry(record.genesis.office.clone()).or_default().push(place);
        }
    }
    offices
}

impl Log for PostgresLog {
    fn id(&self) -> Epoch {
        self.database.life().id
    }

    fn epoch(&self) -> Epoch {
        self.database.life().epoch
    }

    fn watch(&self) -> Option<Duration> {
        Some(WATCH)
    }

    /// One transaction an office: a batch of several is stored office by office.
    fn append(&self, batch: Batch) -> Result<Vec<Outcome>, LogError> {
        let offices = offices(&batch);
        if let [(office, places)] = offices.iter().collect::<Vec<_>>()[..]
            && places.len() == batch.changes.len()
        {
            return self.append_to(office, batch);
        }
        let mut outcomes = vec![Outcome::Refused(RefusalCode::UnknownRecord); batch.changes.len()];
        for (office, places) in offices {
            let changes = places.iter().filter_map(|place| batch.changes.get(*place).cloned()).collect();
            let part = Batch { changes, ..batch.clone() };
            for (place, outcome) in places.into_iter().zip(self.append_to(&office, part)?) {
                if let Some(slot) = outcomes.get_mut(place) {
                    *slot = outcome;
                }
            }
        }
        Ok(outcomes)
    }

    fn read_since(
        &self,
        stream: &StreamId,
        after: Seq,
        upto: Seq,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<Entry>, LogError> {
        let (office, round) = (stream.office.as_str(), stream.round.as_str());
        let (after, upto, limit) = (row::signed(after), row::signed(upto), limit_of(limit));
        let found = self.database.call(async |session| {
            let rows = session.rows(rows::SINCE, &[&office, &round, &after, &upto, &limit]).await?;
            entries(&rows, bytes)
        })?;
        Ok(found)
    }

    fn read_all(&self, after: Seq, limit: usize) -> Result<Vec<Entry>, LogError> {
        let (after, limit) = (row::signed(after), limit_of(limit));
        let found = self.database.call(async |session| {
            let (settled, bound) = rows::bound(session, self.bound).await?;
            let rows = session.rows(rows::ALL, &[&after, &settled, &bound, &limit]).await?;
            entries(&rows, usize::MAX)
        })?;
        Ok(found)
    }

    fn read_signed(&self, after: Seq, limit: usize) -> Result<Vec<Signed>, LogError> {
        let entries = self.read_all(after, limit)?;
        let Some(last) = entries.last() else { return Ok(Vec::new()) };
        let (after, upto) = (row::signed(after), row::signed(last.seq));
        let signed = self
            .database
            .call(async |session| rows::attestations(&session.rows(rows::SIGNED, &[&after, &upto]).await?))?;
        let join = |(entry, (number, attested))| Signed { entry, number, attested };
        Ok(entries.into_iter().zip(signed).map(join).collect())
    }

    fn take_over(&self, batches: &[(Batch, Stood)]) -> Result<Vec<Vec<Outcome>>, LogError> {
        let mut outcomes = Vec::new();
        for run in batches.chunk_by(|(one, _), (next, _)| office_of(one) == office_of(next)) {
            let part = |(number, (batch, stood)): (usize, &'_ (Batch, Stood))| {
                let places = (0..batch.changes.len()).collect();
                (number, batch.clone(), places, stood.clone())
            };
            let own: Vec<(usize, Batch, Vec<usize>, Stood)> = run.iter().enumerate().map(part).collect();
            let Some(office) = own.first().and_then(|(_, batch, ..)| office_of(batch)) else { continue };
            let stored = self.database.call(async |session| {
                let parts: Vec<_> = own
                    .iter()
                    .map(|(number, batch, places, stood)| Part {
                        number: *number,
                        batch,
                        places: places.clone(),
                        stood: Some(stood),
                    })
                    .collect();
                let stored = append::office(session, office.as_str(), &parts).await?;
                session
                    .batch("SELECT setval('loket.place', greatest((SELECT max(seq) FROM loket.change), 1))")
                    .await?;
                Ok(stored)
            })?;
            outcomes.extend(stored);
        }
        Ok(outcomes)
    }

    fn changes_of(&self, record: RecordId, upto: Seq) -> Result<Vec<Entry>, LogError> {
        let upto = row::signed(upto);
        let found = self.database.call(async |session| {
            let rows = session.rows(rows::OF_RECORD, &[&record.as_bytes().as_slice(), &upto]).await?;
            entries(&rows, usize::MAX)
        })?;
        Ok(found)
    }

    fn genesis(&self, record: RecordId) -> Result<Option<Genesis>, LogError> {
        let found = self.database.call(async |session| {
            let sql = "SELECT genesis FROM record WHERE id = $1";
            let found = session.row(sql, &[&record.as_bytes().as_slice()]).await?;
            found.map(|found| row::genesis(&found, 0)).transpose()
        })?;
        Ok(found)
    }

    fn digest(&self, stream: &StreamId, upto: Seq) -> Result<StreamDigest, LogError> {
        let (office, round, upto) = (stream.office.as_str(), stream.round.as_str(), row::signed(upto));
        let found = self.database.call(async |session| {
            let found = session.row(rows::DIGEST, &[&office, &round, &upto]).await?;
            found.map(|found| rows::digest(&found, 0)).transpose()
        })?;
        Ok(found.unwrap_or_default())
    }

    fn last(&self) -> Result<Seq, LogError> {
        let found = self.database.call(async |session| {
            let (settled, bound) = rows::bound(session, self.bound).await?;
            let found = session.row(rows::LAST, &[&settled, &bound]).await?;
            found.map_or(Ok(0), |found| row::count(&found, 0))
        })?;
        Ok(found)
    }
}

/// The office of a batch's first change.
fn office_of(batch: &Batch) -> Option<&OfficeId> {
    let change = batch.changes.first()?;
    batch.records.get(change.record).map(|record| &record.genesis.office)
}

/// One of the threads that write.
struct Lane(Arc<Database>);

impl Store for Lane {
    fn store(&mut self, batches: &[Batch]) -> Result<Vec<Vec<Outcome>>, LogError> {
        let mut outcomes: Vec<Vec<Outcome>> = batches
            .iter()
            .map(|batch| vec![Outcome::Refused(RefusalCode::UnknownRecord); batch.changes.len()])
            .collect();
        let mut parts = BTreeMap::<OfficeId, Vec<Part<'_>>>::new();
        for (number, batch) in batches.iter().enumerate() {
            for (office, places) in offices(batch) {
                parts.entry(office).or_default().push(Part { number, batch, places, stood: None });
            }
        }
        for (office, parts) in parts {
            let stored =
                self.0.call(async |session| append::office(session, office.as_str(), &parts).await)?;
            for (part, stored) in parts.iter().zip(stored) {
                let Some(of_batch) = outcomes.get_mut(part.number) else { continue };
                for (place, outcome) in part.places.iter().zip(stored) {
                    if let Some(slot) = of_batch.get_mut(*place) {
                        *slot = outcome;
                    }
                }
            }
        }
        Ok(outcomes)
    }
}
