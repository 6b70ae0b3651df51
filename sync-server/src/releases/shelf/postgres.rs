//! Releases in the database that several servers share.

use std::sync::Arc;

use replica::ContentHash;
use tokio_postgres::Row;

use super::{Kept, Make, Order, Shelf, SignedManifest, parts};
use crate::database::StoreError;
use crate::postgres::{Database, Fault, Session, row};

/// The tables in a PostgreSQL database.
pub struct PostgresShelf(pub Arc<Database>);

/// Held to the end of the transaction, so that numbers follow each other without holes. Those who read go on.
const ALONE: &str = "LOCK TABLE release IN EXCLUSIVE MODE";
const BY_TOKEN: &str =
    "SELECT number, round, made_at, manifest, signature, key FROM release WHERE token = $1";
const BY_NUMBER: &str =
    "SELECT number, round, made_at, manifest, signature, key FROM release WHERE number = $1";
const ALL: &str = "SELECT number, round, made_at, manifest, signature, key FROM release ORDER BY number";
const NEXT: &str = "SELECT coalesce(max(number), 0) + 1, max(number) FILTER (WHERE round = $1) FROM release";
const PUT: &str = "INSERT INTO release (number, token, round, made_at, manifest, signature, key)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

impl Shelf for PostgresShelf {
    fn keep_file(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO release_part (hash, part, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let hash = hash.as_bytes().as_slice();
        for (part, packed) in parts::cut(bytes)? {
            self.0.call(async |session| {
                session.execute(sql, &[&hash, &part, &packed]).await?;
                Ok(())
            })?;
        }
        Ok(())
    }

    fn file(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM release_part WHERE hash = $1 AND part = $2";
        let key = hash.as_bytes().as_slice();
        let mut packed = Vec::new();
        // One by one: a call is given up where it takes long.
        loop {
            let at = i64::try_from(packed.len()).unwrap_or(i64::MAX);
            let part: Option<Vec<u8>> = self.0.call(async |session| {
                let found = session.row(sql, &[&key, &at]).await?;
                Ok(found.map(|found| found.try_get(0)).transpose()?)
            })?;
            match part {
                Some(part) => packed.push(part),
                None => return Ok(parts::joined(hash, &packed)),
            }
        }
    }

    fn put(&self, order: &Order, make: &Make<'_>) -> Result<Kept, StoreError> {
        self.0.call(async |session| put(session, order, make).await)?
    }

    fn all(&self) -> Result<Vec<Kept>, StoreError> {
        self.0.call(async |session| session.rows(ALL, &[]).await?.iter().map(kept_of).collect())
    }

    fn get(&self, number: u32) -> Result<Option<Kept>, StoreError> {
        self.0.call(async |session| {
            let found = session.row(BY_NUMBER, &[&i64::from(number)]).await?;
            found.map(|found| kept_of(&found)).transpose()
        })
    }
}

async fn put(
    session: &mut Session,
    order: &Order,
    make: &Make<'_>,
) -> Result<Result<Kept, StoreError>, Fault> {
    let (transaction, [alone, known, next, put]) = session.begin([ALONE, BY_TOKEN, NEXT, PUT]).await?;
    transaction.execute(&alone, &[]).await?;
    let (token, round) = (order.token.as_slice(), order.round.as_str());
    if let Some(done) = transaction.query_opt(&known, &[&token]).await? {
        return Ok(Ok(kept_of(&done)?));
    }
    let found = transaction.query_one(&next, &[&round]).await?;
    let follows: Option<i64> = found.try_get(1)?;
    let number = number_of(found.try_get(0)?)?;
    let SignedManifest { manifest, signature, key } = match make(number, follows.map(number_of).transpose()?)
    {
        Ok(signed) => signed,
        Err(error) => return Ok(Err(error)),
    };
    let (sign, by) = (signature.as_bytes().as_slice(), key.as_bytes().as_slice());
    transaction
        .execute(&put, &[&i64::from(number), &token, &round, &order.now, &manifest, &sign, &by])
        .await?;
    transaction.commit().await?;
    Ok(Ok(Kept { number, round: order.round.clone(), made_at: order.now, manifest, signature, key }))
}

fn kept_of(found: &Row) -> Result<Kept, Fault> {
    Ok(Kept {
        number: number_of(found.try_get(0)?)?,
        round: row::text(found, 1)?,
        made_at: found.try_get(2)?,
        manifest: found.try_get(3)?,
        signature: row::id(found, 4)?,
        key: row::id(found, 5)?,
    })
}

fn number_of(number: i64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| Fault::Row(format!("{number} is no number of a release")))
}
