//! Which life of the log a connection meets, and how a new one begins.
//!
//! A life ends wherever the database may have lost what it had acknowledged and cannot tell by itself: when another
//! cluster holds the tables (a dump put back), when the timeline changed (a standby promoted, a backup rolled forward),
//! and when the server process started anew (its disk may have been put back). A synchronous standby has lost nothing
//! when it is promoted, but neither it nor loket can know that it was synchronous to the last: so it begins a life too,
//! which costs each device the comparison of a few ranges, and no change.

use replica::Epoch;
use tokio_postgres::Transaction;

use super::{Fault, Session, row};
use crate::database::StoreError;
use crate::log::Seq;
use crate::random;

/// The format of the tables that this version writes.
const FORMAT: i64 = 2;

/// One life of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Names the log in all its lives.
    pub id: Epoch,
    /// Names this life.
    pub epoch: Epoch,
    /// The cluster's system identifier.
    pub cluster: u64,
    /// The cluster's timeline: one more after each promotion.
    pub timeline: u32,
    /// Up to here places were written in a cluster that numbered transactions otherwise; all of that is settled.
    pub settled: Seq,
}

impl Life {
    /// Stands where nothing was met yet.
    pub(super) const NONE: Self =
        Self { id: Epoch::new([0; 16]), epoch: Epoch::new([0; 16]), cluster: 0, timeline: 0, settled: 0 };
}

/// The server that is connected, as it names itself.
const HERE: &str = "SELECT (SELECT system_identifier FROM pg_control_system())::text,
                           substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
                           extract(epoch FROM pg_postmaster_start_time())::text";
const KEPT: &str = "SELECT id, epoch, settled, cluster, timeline, started, format,
    (SELECT why FROM closed WHERE coalesce(current_setting('loket.copying', true), '') NOT IN (token, 'reopen')) FROM life";
/// The word of the one who opens a closed log again.
pub const REOPENS: &str = "reopen";
const RENEW: &str = "UPDATE life SET epoch = $1, cluster = $2, timeline = $3, started = $4,
    settled = CASE WHEN cluster = $2 THEN settled ELSE (SELECT coalesce(max(seq), 0) FROM change) END";

/// The life that the connected server is in. Makes the tables where the newest is missing, and begins a life where the server
/// is another one than was there.
pub async fn read(session: &mut Session) -> Result<Life, StoreError> {
    let known = session.row("SELECT to_regclass('loket.closed') IS NOT NULL", &[]).await?;
    if !known.is_some_and(|known| known.try_get(0).unwrap_or(false)) {
        prepare(session).await?;
    }
    let here = here(session).await?;
    let kept = session.row(KEPT, &[]).await?;
    if let Some(why) = kept.as_ref().map(|kept| kept.try_get::<_, Option<String>>(7)).transpose()?.flatten() {
        return Err(StoreError::Closed(why));
    }
    if let Some(kept) = kept
        && let Some(life) = same(&kept, &here)?
    {
        return Ok(life);
    }
    Ok(renew(session, &here).await?)
}

/// Makes schema and tables. Servers that start together wait for each other.
async fn prepare(session: &Session) -> Result<(), Fault> {
    session.batch("SELECT pg_advisory_lock(7018467000)").await?;
    session.batch("SET client_min_messages = error; CREATE SCHEMA IF NOT EXISTS loket").await?;
    session.batch(include_str!("schema.sql")).await?;
    session.batch("SET client_min_messages = warning; SELECT pg_advisory_unlock(7018467000)").await
}

struct Here {
    cluster: String,
    timeline: String,
    started: String,
}

async fn here(session: &mut Session) -> Result<Here, Fault> {
    let row = session.row(HERE, &[]).await?;
    let row = row.ok_or_else(|| Fault::Row("the server does not say which it is".to_owned()))?;
    Ok(Here { cluster: row.try_get(0)?, timeline: row.try_get(1)?, started: row.try_get(2)? })
}

/// The life of a row, where its server is the one that is here.
fn same(kept: &tokio_postgres::Row, here: &Here) -> Result<Option<Life>, Fault> {
    let found: i64 = kept.try_get(6)?;
    if found != FORMAT {
        let file = "the database".to_owned();
        let error = if found > FORMAT {
            StoreError::Later { file, found }
        } else {
            StoreError::Earlier { file, found }
        };
        return Err(error.into());
    }
    let is_here = kept.try_get::<_, &str>(3)? == here.cluster
        && kept.try_get::<_, &str>(4)? == here.timeline
        && kept.try_get::<_, &str>(5)? == here.started;
    let life = || {
        let unread = |what: &str| Fault::Row(format!("the cluster's {what} is no number"));
        Ok::<_, Fault>(Life {
            cluster: here.cluster.parse().map_err(|_| unread("identifier"))?,
            timeline: u32::from_str_radix(&here.timeline, 16).map_err(|_| unread("timeline"))?,
            id: row::id(kept, 0)?,
            epoch: row::id(kept, 1)?,
            settled: row::count(kept, 2)?,
        })
    };
    if is_here { life().map(Some) } else { Ok(None) }
}

/// Begins a new life, once, however many servers notice.
async fn renew(session: &mut Session, here: &Here) -> Result<Life, Fault> {
    let drawn = Epoch::new(random::bytes()?);
    let (transaction, [first, lock, renew]) = session
        .begin([
            "INSERT INTO life (format, id, epoch, cluster, timeline, started, settled)
             VALUES ($1, $2, $2, '', '', '', 0) ON CONFLICT DO NOTHING",
            "SELECT id, epoch, settled, cluster, timeline, started, format FROM life FOR UPDATE",
            RENEW,
        ])
        .await?;
    transaction.execute(&first, &[&FORMAT, &drawn.as_bytes().as_slice()]).await?;
    let life = settle(&transaction, &lock, &renew, here, drawn).await?;
    transaction.commit().await?;
    Ok(life)
}

async fn settle(
    transaction: &Transaction<'_>,
    lock: &tokio_postgres::Statement,
    renew: &tokio_postgres::Statement,
    here: &Here,
    drawn: Epoch,
) -> Result<Life, Fault> {
    // Another server may have been quicker while this one waited for the row.
    if let Some(life) = same(&transaction.query_one(lock, &[]).await?, here)? {
        return Ok(life);
    }
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&drawn.as_bytes().as_slice(), &here.cluster, &here.timeline, &here.started];
    transaction.execute(renew, &values).await?;
    same(&transaction.query_one(lock, &[]).await?, here)?
        .ok_or_else(|| Fault::Row("the new life was not written".to_owned()))
}
