//! A transaction that keeps all others from writing until it ends, however many servers there are and whatever version
//! they are of: it locks the tables.

use std::sync::Arc;

use super::{Database, Session};
use crate::database::StoreError;

/// Held until it is let go; where its connection breaks, it is let go by itself, and [`Held::end`] says so.
pub struct Held {
    database: Arc<Database>,
    session: Session,
}

impl Held {
    /// Waits until no transaction writes in these tables any more, and lets none begin. In the order in which loket writes in
    /// them, so that nobody waits in a circle.
    ///
    /// # Errors
    /// Where the database is away, or somebody writes for long.
    pub fn take(database: &Arc<Database>, tables: &[&str]) -> Result<Self, StoreError> {
        let sql = format!(
            "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0;
             LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE",
            tables.join(", ")
        );
        let (session, ()) = database.keep(async |session| session.batch(&sql).await)?;
        Ok(Self { database: Arc::clone(database), session })
    }

    /// Runs the last statements, and lets go. Where this succeeds, nobody else wrote since it was taken.
    ///
    /// # Errors
    /// Where the connection broke meanwhile, or the statements are refused; then nothing of them is done.
    pub fn end(self, sql: &str) -> Result<(), StoreError> {
        let Self { database, session } = self;
        database.handle()?.block_on(session.batch(&format!("{sql}; COMMIT")))?;
        session.is_sound()
    }
}
