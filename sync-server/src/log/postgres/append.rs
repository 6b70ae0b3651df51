//! Storing what batches hold for one office, in one transaction: what the rules ask is read first, all at once, and
//! what they let through is written at the end, all at once, so that a long line to the database costs little.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::convert::Infallible;

use futures_util::TryFutureExt as _;
use futures_util::future::{try_join_all, try_join4};
use replica::wire::Outcome;
use replica::{Actor, ChangeHash, RecordId, RoundId};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Statement, Transaction};

use super::rows;
use crate::log::copy::Stood;
use crate::log::rules::{self, RecordState, View};
use crate::log::{Attested, Batch, BatchChange, BatchRecord, Seq, StreamDigest};
use crate::postgres::{Fault, Session, row};

/// The changes of one batch that belong to the office.
pub struct Part<'a> {
    /// The batch's place in its group.
    pub number: usize,
    /// The batch.
    pub batch: &'a Batch,
    /// Places of the changes in it.
    pub places: Vec<usize>,
    /// Where it stood in the log that it is copied from; it is stored under the same numbers.
    pub stood: Option<&'a Stood>,
}

/// Held until the transaction ends, committed or not: one transaction an office at a time.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7018467))";
const CHANGES: &str = "SELECT hash, seq, record FROM change WHERE office = $1 AND hash = ANY($2)";
const RECORDS: &str = "SELECT id, author, max_op, changes FROM record WHERE office = $1 AND id = ANY($2)";
const SEQUENCES: &str = "SELECT w.record, w.actor, coalesce((SELECT max(c.sequence) FROM change c
        WHERE c.office = $1 AND c.record = w.record AND c.actor = w.actor), 0)
    FROM unnest($2::bytea[], $3::bytea[]) AS w (record, actor)";
const PLACES: &str = "SELECT xid, first FROM take_places($1)";
const PUT_RECORDS: &str = "INSERT INTO record (office, id, round, genesis, author, max_op, changes)
    SELECT $1, * FROM unnest($2::bytea[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bigint[])
    ON CONFLICT (office, id) DO UPDATE SET max_op = excluded.max_op, changes = excluded.changes";
const PUT_ATTESTATIONS: &str =
    "INSERT INTO attestation (office, number, device, epoch, time, signature, hashes, received_at)
    SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bigint[])
    ON CONFLICT (office, number) DO NOTHING";
const PUT_CHANGES: &str = "INSERT INTO change (office, xid, seq, hash, round, stream_count, stream_digest, record,
        actor, sequence, attestation, received_at, bytes)
    SELECT $1, $2, * FROM unnest($3::bigint[], $4::bytea[], $5::text[], $6::bigint[], $7::bytea[], $8::bytea[],
        $9::bytea[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[])";
/// Writes nothing but a mark in the write-ahead log, so that the commit is confirmed like any other: what is answered
/// as known may have been committed by a server that broke before its standby had it.
const MARK: &str = "SELECT pg_logical_emit_message(true, 'loket', '')";

/// Stores the parts; one list of outcomes a part, in order.
pub async fn office(
    session: &mut Session,
    office: &str,
    parts: &[Part<'_>],
) -> Result<Vec<Vec<Outcome>>, Fault> {
    let (transaction, statements) = session
        .begin([
            LOCK,
            CHANGES,
            RECORDS,
            SEQUENCES,
            rows::DIGEST,
            PLACES,
            PUT_RECORDS,
            PUT_ATTESTATIONS,
            PUT_CHANGES,
            MARK,
        ])
        .await?;
    let [lock, changes, records, sequences, digest, places, put @ .., mark] = statements;
    transaction.execute(&lock, &[&office]).await?;
    let asked = Asked::of(parts);
    let mut held =
        Held::read(&transaction, office, &asked, [&changes, &records, &sequences, &digest]).await?;
    let (mut outcomes, fresh) = held.decide(parts);
    if fresh.is_empty() {
        transaction.execute(&mark, &[]).await?;
    } else {
        let (xid, seqs) = match stood(&fresh, parts) {
            // Older than every transaction: there for all readers at once.
            Some(seqs) => (0, seqs),
            None => take(&transaction, &places, fresh.len()).await?,
        };
        put_all(&transaction, office, xid, &seqs, held, &fresh, parts, &put).await?;
        for outcome in outcomes.iter_mut().flatten() {
            *outcome = in_place(*outcome, &seqs);
        }
    }
    transaction.commit().await?;
    Ok(outcomes)
}

/// Marks the place of a change that is only about to get one: its number among the fresh ones.
const FRESH: Seq = 1 << 63;

fn in_place(outcome: Outcome, seqs: &[Seq]) -> Outcome {
    let settle = |seq: Seq| {
        let number = usize::try_from(seq & !FRESH).unwrap_or(usize::MAX);
        if seq & FRESH == 0 { seq } else { seqs.get(number).copied().unwrap_or(seq) }
    };
    match outcome {
        Outcome::Stored(seq) => Outcome::Stored(settle(seq)),
        Outcome::Known(seq) => Outcome::Known(settle(seq)),
        Outcome::Refused(code) => Outcome::Refused(code),
    }
}

/// The next places, and the number of the transaction that they are given to.
async fn take(
    transaction: &Transaction<'_>,
    places: &Statement,
    count: usize,
) -> Result<(i64, Vec<Seq>), Fault> {
    let wanted = i64::try_from(count).unwrap_or(i64::MAX);
    let taken = transaction.query_one(places, &[&wanted]).await?;
    let (xid, first): (i64, Seq) = (taken.try_get(0)?, rows::place(&taken, 1)?);
    Ok((xid, (first..).take(count).collect()))
}

/// The places that copied changes had; none where they were not copied.
fn stood(fresh: &[Fresh<'_>], parts: &[Part<'_>]) -> Option<Vec<Seq>> {
    fresh
        .iter()
        .map(|one| {
            let part = parts.get(one.part)?;
            let at = part.batch.changes.iter().position(|change| std::ptr::eq(change, one.change))?;
            part.stood?.places.get(at).copied()
        })
        .collect()
}

fn pieces<'a>(
    parts: &'a [Part<'a>],
) -> impl Iterator<Item = (usize, &'a Batch, &'a BatchRecord, &'a BatchChange)> {
    parts.iter().enumerate().flat_map(|(number, part)| {
        part.places.iter().filter_map(move |place| {
            let change = part.batch.changes.get(*place)?;
            Some((number, part.batch, part.batch.records.get(change.record)?, change))
        })
    })
}

/// What the rules are going to ask.
struct Asked<'a> {
    hashes: Vec<&'a [u8]>,
    records: BTreeMap<RecordId, &'a BatchRecord>,
    writers: Vec<(RecordId, Actor)>,
    rounds: BTreeSet<RoundId>,
}

impl<'a> Asked<'a> {
    fn of(parts: &'a [Part<'a>]) -> Self {
        let (mut hashes, mut records) = (HashSet::new(), BTreeMap::new());
        let (mut writers, mut rounds) = (BTreeSet::new(), BTreeSet::new());
        for (_, _, record, change) in pieces(parts) {
            hashes.extend(change.deps.iter().chain([&change.hash]).map(|hash| hash.as_bytes().as_slice()));
            records.insert(record.id, record);
            writers.insert((record.id, change.actor));
            rounds.insert(record.genesis.round.clone());
        }
        Self { hashes: hashes.into_iter().collect(), records, writers: writers.into_iter().collect(), rounds }
    }
}

/// What the office holds of what is asked, kept up while the rules decide.
struct Held<'a> {
    /// Records by their number here.
    records: Vec<(&'a BatchRecord, RecordState)>,
    numbers: HashMap<RecordId, i64>,
    places: HashMap<ChangeHash, (Seq, Option<i64>)>,
    sequences: HashMap<(i64, Actor), u64>,
    streams: BTreeMap<RoundId, StreamDigest>,
    touched: BTreeSet<i64>,
}

/// A change that the rules let through.
struct Fresh<'a> {
    part: usize,
    record: i64,
    round: &'a RoundId,
    change: &'a BatchChange,
    digest: StreamDigest,
}

impl<'a> Held<'a> {
    async fn read(
        transaction: &Transaction<'_>,
        office: &str,
        asked: &Asked<'a>,
        [changes, records, sequences, digest]: [&Statement; 4],
    ) -> Result<Self, Fault> {
        let ids: Vec<&[u8]> = asked.records.keys().map(|id| id.as_bytes().as_slice()).collect();
        let writers =
            |part: fn(&(RecordId, Actor)) -> &[u8]| asked.writers.iter().map(part).collect::<Vec<_>>();
        let (of, by) = (writers(|(record, _)| record.as_bytes()), writers(|(_, actor)| actor.as_bytes()));
        let mut held = Self::empty(&asked.records);
        // Sent together, so that all of it costs one round trip.
        let of_office = [&office as &(dyn ToSql + Sync), &ids];
        let of_changes = [&office as &(dyn ToSql + Sync), &asked.hashes];
        let of_writers = [&office as &(dyn ToSql + Sync), &of, &by];
        let rounds = asked.rounds.iter().map(async |round| {
            let found = transaction.query_opt(digest, &[&office, &round.as_str(), &i64::MAX]).await?;
            let running = found.map(|found| rows::digest(&found, 0)).transpose()?.unwrap_or_default();
            Ok::<_, Fault>((round.clone(), running))
        });
        let (records, changes, sequences, streams) = try_join4(
            transaction.query(records, &of_office).err_into(),
            transaction.query(changes, &of_changes).err_into(),
            transaction.query(sequences, &of_writers).err_into(),
            try_join_all(rounds),
        )
        .await?;
        for found in records {
            held.known(row::id(&found, 0)?, &found)?;
        }
        for found in changes {
            let number = held.numbers.get(&row::id::<RecordId>(&found, 2)?).copied();
            held.places.insert(row::id(&found, 0)?, (row::count(&found, 1)?, number));
        }
        for found in sequences {
            if let Some(number) = held.numbers.get(&row::id::<RecordId>(&found, 0)?) {
                held.sequences.insert((*number, row::id(&found, 1)?), row::count(&found, 2)?);
            }
        }
        held.streams = streams.into_iter().collect();
        Ok(held)
    }

    fn empty(asked: &BTreeMap<RecordId, &'a BatchRecord>) -> Self {
        let (mut records, mut numbers) = (Vec::new(), HashMap::new());
        for (number, (id, record)) in (0_i64..).zip(asked) {
            numbers.insert(*id, number);
            records.push((
                *record,
                RecordState { number, author: None, max_op: record.root_max_op, changes: 0 },
            ));
        }
        Self {
            records,
            numbers,
            places: HashMap::new(),
            sequences: HashMap::new(),
            streams: BTreeMap::new(),
            touched: BTreeSet::new(),
        }
    }

    fn known(&mut self, id: RecordId, found: &tokio_postgres::Row) -> Result<(), Fault> {
        let number = self.numbers.get(&id).copied();
        if let Some((_, state)) =
            number.and_then(|number| self.records.get_mut(usize::try_from(number).ok()?))
        {
            state.author = Some(row::id(found, 1)?);
            state.max_op = row::count(found, 2)?;
            state.changes = row::count(found, 3)?;
        }
        Ok(())
    }

    fn decide(&mut self, parts: &'a [Part<'a>]) -> (Vec<Vec<Outcome>>, Vec<Fresh<'a>>) {
        let mut outcomes: Vec<Vec<Outcome>> =
            parts.iter().map(|part| Vec::with_capacity(part.places.len())).collect();
        let mut fresh = Vec::new();
        for (part, _, record, change) in pieces(parts) {
            let outcome = self.one(part, record, change, &mut fresh);
            if let Some(of_part) = outcomes.get_mut(part) {
                of_part.push(outcome);
            }
        }
        (outcomes, fresh)
    }

    fn one(
        &mut self,
        part: usize,
        record: &'a BatchRecord,
        change: &'a BatchChange,
        fresh: &mut Vec<Fresh<'a>>,
    ) -> Outcome {
        let refused = Outcome::Refused(replica::wire::RefusalCode::UnknownRecord);
        let Some(number) = self.numbers.get(&record.id).copied() else { return refused };
        let Some(index) = usize::try_from(number).ok() else { return refused };
        let Some(state) = self.records.get(index).map(|(_, state)| state.clone()) else { return refused };
        let Ok(decided) = rules::decide(self, record, &state, change);
        if let Some(outcome) = decided {
            return outcome;
        }
        let place = FRESH | fresh.len() as u64;
        let running = self.streams.entry(record.genesis.round.clone()).or_default();
        running.count += 1;
        running.digest.toggle(&change.hash);
        fresh.push(Fresh { part, record: number, round: &record.genesis.round, change, digest: *running });
        self.places.insert(change.hash, (place, Some(number)));
        self.sequences.insert((number, change.actor), change.sequence);
        self.touched.insert(number);
        if let Some((_, state)) = self.records.get_mut(index) {
            state.author.get_or_insert(change.actor.device());
            state.max_op = state.max_op.max(change.max_op);
            state.changes += 1;
        }
        Outcome::Stored(place)
    }

    fn record(&self, number: i64) -> Option<&(&'a BatchRecord, RecordState)> {
        self.records.get(usize::try_from(number).ok()?)
    }
}

impl View for Held<'_> {
    type Error = Infallible;

    fn place(&mut self, hash: &ChangeHash) -> Result<Option<Seq>, Infallible> {
        Ok(self.places.get(hash).map(|(seq, _)| *seq))
    }

    fn holds(&mut self, record: i64, hash: &ChangeHash) -> Result<bool, Infallible> {
        Ok(self.places.get(hash).is_some_and(|(_, of)| *of == Some(record)))
    }

    fn last_sequence(&mut self, record: i64, actor: &Actor) -> Result<u64, Infallible> {
        Ok(self.sequences.get(&(record, *actor)).copied().unwrap_or(0))
    }
}

/// Writes records, attestations and changes, a statement each.
#[expect(clippy::too_many_arguments, reason = "the parts of one transaction, each named")]
async fn put_all(
    transaction: &Transaction<'_>,
    office: &str,
    xid: i64,
    seqs: &[Seq],
    held: Held<'_>,
    fresh: &[Fresh<'_>],
    parts: &[Part<'_>],
    put: &[Statement],
) -> Result<(), Fault> {
    let [put_records, put_attestations, put_changes] = put else {
        return Err(Fault::Row("three statements write".to_owned()));
    };
    put_touched(transaction, put_records, office, &held).await?;
    let numbers = put_signed(transaction, put_attestations, office, seqs, fresh, parts).await?;
    let places: Vec<i64> = seqs.iter().copied().map(row::signed).collect();
    let of = |read: &dyn Fn(&Fresh<'_>) -> i64| fresh.iter().map(read).collect::<Vec<i64>>();
    let hashes: Vec<&[u8]> = fresh.iter().map(|one| one.change.hash.as_bytes().as_slice()).collect();
    let rounds: Vec<&str> = fresh.iter().map(|one| one.round.as_str()).collect();
    let digests: Vec<&[u8]> = fresh.iter().map(|one| one.digest.digest.as_bytes().as_slice()).collect();
    let records: Vec<&[u8]> = fresh
        .iter()
        .map(|one| held.record(one.record).map_or([].as_slice(), |(record, _)| record.id.as_bytes()))
        .collect();
    let actors: Vec<&[u8]> = fresh.iter().map(|one| one.change.actor.as_bytes().as_slice()).collect();
    let bytes: Vec<&[u8]> = fresh.iter().map(|one| one.change.bytes.as_slice()).collect();
    let counts = of(&|one| row::signed(one.digest.count));
    let sequences = of(&|one| row::signed(one.change.sequence));
    let attestations = of(&|one| numbers.get(&one.part).copied().unwrap_or(0));
    let received = of(&|one| parts.get(one.part).map_or(0, |part| part.batch.received_at));
    transaction
        .execute(
            put_changes,
            &[
                &office,
                &xid,
                &places,
                &hashes,
                &rounds,
                &counts,
                &digests,
                &records,
                &actors,
                &sequences,
                &attestations,
                &received,
                &bytes,
            ],
        )
        .await?;
    Ok(())
}

async fn put_touched(
    transaction: &Transaction<'_>,
    statement: &Statement,
    office: &str,
    held: &Held<'_>,
) -> Result<(), Fault> {
    let touched: Vec<_> = held.touched.iter().filter_map(|number| held.record(*number)).collect();
    let ids: Vec<&[u8]> = touched.iter().map(|(record, _)| record.id.as_bytes().as_slice()).collect();
    let rounds: Vec<&str> = touched.iter().map(|(record, _)| record.genesis.round.as_str()).collect();
    let geneses: Vec<Vec<u8>> = touched.iter().map(|(record, _)| record.genesis.to_cbor()).collect();
    let authors: Vec<Vec<u8>> = touched
        .iter()
        .map(|(_, state)| state.author.map(|author| author.as_bytes().to_vec()).unwrap_or_default())
        .collect();
    let max_ops: Vec<i64> = touched.iter().map(|(_, state)| row::signed(state.max_op)).collect();
    let changes: Vec<i64> = touched.iter().map(|(_, state)| row::signed(state.changes)).collect();
    transaction.execute(statement, &[&office, &ids, &rounds, &geneses, &authors, &max_ops, &changes]).await?;
    Ok(())
}

/// The attestations of those parts of which something is stored: their numbers, by part.
async fn put_signed(
    transaction: &Transaction<'_>,
    statement: &Statement,
    office: &str,
    seqs: &[Seq],
    fresh: &[Fresh<'_>],
    parts: &[Part<'_>],
) -> Result<HashMap<usize, i64>, Fault> {
    let mut numbers = HashMap::new();
    for (seq, one) in seqs.iter().zip(fresh) {
        let stood = parts.get(one.part).and_then(|part| part.stood);
        numbers.entry(one.part).or_insert(stood.map_or(row::signed(*seq), |stood| stood.number));
    }
    let signed: Vec<(i64, &Batch)> =
        numbers.iter().filter_map(|(part, number)| Some((*number, parts.get(*part)?.batch))).collect();
    let of = |read: fn(&Attested) -> Vec<u8>| {
        signed.iter().map(|(_, batch)| read(&batch.attested)).collect::<Vec<_>>()
    };
    let keys: Vec<i64> = signed.iter().map(|(number, _)| *number).collect();
    let times: Vec<i64> = signed.iter().map(|(_, batch)| batch.attested.time).collect();
    let received: Vec<i64> = signed.iter().map(|(_, batch)| batch.received_at).collect();
    let devices = of(|attested| attested.device.as_bytes().to_vec());
    let epochs = of(|attested| attested.epoch.as_bytes().to_vec());
    let signatures = of(|attested| attested.signature.as_bytes().to_vec());
    let hashes = of(|attested| attested.hashes.iter().flat_map(|hash| *hash.as_bytes()).collect());
    transaction
        .execute(statement, &[&office, &keys, &devices, &epochs, &times, &signatures, &hashes, &received])
        .await?;
    Ok(numbers)
}
