//! The log's queries, and reading their rows.

use std::collections::HashMap;
use std::sync::Arc;

use replica::{ChangeHash, Genesis, RecordId};
use tokio_postgres::Row;

use super::Bound;
use crate::log::{Attested, Entry, Seq, StreamDigest};
use crate::postgres::{Fault, Session, row};

/// Changes of one stream: office, round, after, upto, limit.
pub const SINCE: &str = "SELECT c.seq, c.hash, c.actor, c.received_at, c.bytes, c.record, r.genesis
    FROM change c JOIN record r ON r.office = c.office AND r.id = c.record
    WHERE c.office = $1 AND c.round = $2 AND c.seq > $3 AND c.seq <= $4 ORDER BY c.seq LIMIT $5";
/// Changes of all streams: after, settled, bound, limit.
pub const ALL: &str = "SELECT c.seq, c.hash, c.actor, c.received_at, c.bytes, c.record, r.genesis
    FROM change c JOIN record r ON r.office = c.office AND r.id = c.record
    WHERE c.seq > $1 AND (c.seq <= $2 OR c.xid < $3) ORDER BY c.seq LIMIT $4";
/// Changes of one record: id, upto.
pub const OF_RECORD: &str = "SELECT c.seq, c.hash, c.actor, c.received_at, c.bytes, c.record, r.genesis
    FROM record r JOIN change c ON c.office = r.office AND c.record = r.id
    WHERE r.id = $1 AND c.seq <= $2 ORDER BY c.seq";
/// What was signed for each change: after, upto.
pub const SIGNED: &str = "SELECT a.number, a.device, a.epoch, a.time, a.signature, a.hashes
    FROM change c JOIN attestation a ON a.office = c.office AND a.number = c.attestation
    WHERE c.seq > $1 AND c.seq <= $2 ORDER BY c.seq";
/// The running digest of a stream: office, round, upto.
pub const DIGEST: &str = "SELECT stream_count, stream_digest FROM change
    WHERE office = $1 AND round = $2 AND seq <= $3 ORDER BY seq DESC LIMIT 1";
/// The last settled place: settled, bound.
pub const LAST: &str = "SELECT seq FROM change WHERE seq <= $1 OR xid < $2 ORDER BY seq DESC LIMIT 1";
/// Every transaction numbered below it has ended, and what it wrote is seen by the next statement.
const BOUND: &str = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/// Up to which place all is settled anyway, and below which transaction. Places are given out in the order of
/// transactions, so what is seen below the bound has no hole that could still be filled.
pub async fn bound(session: &mut Session, bound: Bound) -> Result<(i64, i64), Fault> {
    let settled = session.life().map_or(0, |life| life.settled);
    if bound == Bound::Committed {
        return Ok((row::signed(settled), i64::MAX));
    }
    let found = session.row(BOUND, &[]).await?;
    let found = found.ok_or_else(|| Fault::Row("the server names no snapshot".to_owned()))?;
    Ok((row::signed(settled), found.try_get(0)?))
}

/// Rows as entries, as many as fit `most` bytes, one at least. The changes of one record share its genesis.
pub fn entries(rows: &[Row], most: usize) -> Result<Vec<Entry>, Fault> {
    let (mut entries, mut size) = (Vec::<Entry>::new(), 0usize);
    let mut begun = HashMap::<RecordId, Arc<Genesis>>::new();
    for found in rows {
        let bytes: &[u8] = found.try_get(4)?;
        size = size.saturating_add(bytes.len());
        if size > most && !entries.is_empty() {
            break;
        }
        let record: RecordId = row::id(found, 5)?;
        let genesis = match begun.get(&record) {
            Some(known) => Arc::clone(known),
            None => Arc::clone(begun.entry(record).or_insert(Arc::new(row::genesis(found, 6)?))),
        };
        entries.push(Entry {
            seq: row::count(found, 0)?,
            record,
            genesis,
            hash: row::id(found, 1)?,
            actor: row::id(found, 2)?,
            received_at: found.try_get(3)?,
            bytes: bytes.to_vec(),
        });
    }
    Ok(entries)
}

/// Rows of [`SIGNED`]; neighbours that were signed together share what was signed.
pub fn attestations(rows: &[Row]) -> Result<Vec<(i64, Arc<Attested>)>, Fault> {
    let mut found = Vec::<(i64, Arc<Attested>)>::new();
    for one in rows {
        let number = one.try_get(0)?;
        if let Some((_, attested)) = found.last().filter(|(last, _)| *last == number) {
            let again = (number, Arc::clone(attested));
            found.push(again);
            continue;
        }
        let hashes: &[u8] = one.try_get(5)?;
        let attested = Attested {
            device: row::id(one, 1)?,
            epoch: row::id(one, 2)?,
            time: one.try_get(3)?,
            signature: row::id(one, 4)?,
            hashes: hashes.chunks(ChangeHash::LEN).map(ChangeHash::try_from).collect::<Result<_, _>>()?,
        };
        found.push((number, Arc::new(attested)));
    }
    Ok(found)
}

/// A running digest out of two columns.
pub fn digest(found: &Row, index: usize) -> Result<StreamDigest, Fault> {
    Ok(StreamDigest { count: row::count(found, index)?, digest: row::id(found, index + 1)? })
}

/// A place that was just given out.
pub fn place(found: &Row, index: usize) -> Result<Seq, Fault> {
    row::count(found, index)
}

/// A bigint for LIMIT.
pub fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
