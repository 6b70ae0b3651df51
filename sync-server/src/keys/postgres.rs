//! Keys in the database that several servers share.

use std::sync::Arc;

use tokio_postgres::Row;

use super::{AccessKey, Keys};
use crate::database::StoreError;
use crate::postgres::{Database, Fault, row};

/// The table in a PostgreSQL database.
pub struct PostgresKeys(pub Arc<Database>);

const FIND: &str = "SELECT id, name, office, made_at, ends_at, revoked_at FROM access_key WHERE hash = $1";
const ALL: &str = "SELECT id, name, office, made_at, ends_at, revoked_at FROM access_key ORDER BY made_at, id COLLATE \"C\"";

impl Keys for PostgresKeys {
    fn put(&self, hash: &[u8; 32], key: &AccessKey) -> Result<(), StoreError> {
        // A call may run twice; the same hash is the same key.
        let sql = "INSERT INTO access_key (hash, id, name, office, made_at, ends_at)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING";
        let office = key.office.as_ref().map(ToString::to_string);
        let (hash, AccessKey { id, name, made_at, ends_at, .. }) = (hash.as_slice(), key);
        self.0.call(async |session| {
            session.execute(sql, &[&hash, id, name, &office, made_at, ends_at]).await?;
            Ok(())
        })
    }

    fn find(&self, hash: &[u8; 32]) -> Result<Option<AccessKey>, StoreError> {
        self.0.call(async |session| {
            let found = session.row(FIND, &[&hash.as_slice()]).await?;
            found.map(|found| key_of(&found)).transpose()
        })
    }

    fn all(&self) -> Result<Vec<AccessKey>, StoreError> {
        self.0.call(async |session| session.rows(ALL, &[]).await?.iter().map(key_of).collect())
    }

    fn revoke(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE access_key SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1";
        self.0.call(async |session| Ok(session.execute(sql, &[&id, &now]).await? > 0))
    }
}

fn key_of(found: &Row) -> Result<AccessKey, Fault> {
    Ok(AccessKey {
        id: found.try_get(0)?,
        name: found.try_get(1)?,
        office: row::optional_text(found, 2)?,
        made_at: found.try_get(3)?,
        ends_at: found.try_get(4)?,
        revoked_at: found.try_get(5)?,
    })
}
