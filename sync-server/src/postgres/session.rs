//! One connection with its settings and prepared statements, and what the server says beside its answers.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Row, Socket, Statement, Transaction};

use super::{Fault, Life, life};
use crate::database::StoreError;

/// `search_path` keeps loket's tables apart from others'. A commit waits for the standby as long as it takes: a time
/// limit of the server's would let it through unconfirmed, so ours ends the connection instead.
/// A loket that was cut off in the middle of a transaction must not hold up the others for long.
const SETTINGS: &str = "SET search_path = loket, public; SET statement_timeout = 0; SET lock_timeout = '4s';
    SET idle_in_transaction_session_timeout = '4s'; SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1;
    SET tcp_keepalives_count = 3; SET tcp_user_timeout = 4000";

/// A connection to the server that can be written to.
pub struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// Set where the server warned that a commit went without its standby's word.
    doubtful: Arc<AtomicBool>,
    /// The life that it met; none before it looked.
    life: Option<Life>,
}

impl Session {
    /// Connects to a server that can be written to, and finds out which life it is in.
    pub(super) async fn connect(config: &Config) -> Result<Self, StoreError> {
        let (client, connection) = config.connect(NoTls).await?;
        let doubtful = Arc::new(AtomicBool::new(false));
        tokio::spawn(drive(connection, Arc::clone(&doubtful)));
        client.batch_execute(SETTINGS).await?;
        // An acknowledgement means durable: what is set weaker than that is not taken.
        let row = client.query_one("SELECT current_setting('synchronous_commit')", &[]).await?;
        if row.try_get::<_, &str>(0)? == "off" {
            client.batch_execute("SET synchronous_commit = on").await?;
        }
        let mut session = Self { client, statements: HashMap::new(), doubtful, life: None };
        session.life = Some(life::read(&mut session).await?);
        Ok(session)
    }

    /// The life that the connection met.
    pub fn life(&self) -> Option<Life> {
        self.life
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Nothing was committed without the word of a standby that should have given it.
    pub(super) fn is_sound(&self) -> Result<(), StoreError> {
        if self.doubtful.load(Ordering::Acquire) {
            return Err(StoreError::Unreachable("a commit went without its standby's word".to_owned()));
        }
        Ok(())
    }

    /// Runs statements that give nothing back.
    ///
    /// # Errors
    /// Where the database refuses or is away.
    pub async fn batch(&self, sql: &str) -> Result<(), Fault> {
        Ok(self.client.batch_execute(sql).await?)
    }

    /// Rows of a query, prepared once a connection.
    ///
    /// # Errors
    /// Where the database refuses or is away.
    pub async fn rows(
        &mut self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Fault> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.query(&statement, values).await?)
    }

    /// Rows of a statement that is run too seldom to be kept prepared.
    ///
    /// # Errors
    /// Where the database refuses or is away.
    pub async fn rows_once(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Fault> {
        Ok(self.client.query(sql, values).await?)
    }

    /// The row of a query that gives one at most.
    ///
    /// # Errors
    /// Where the database refuses or is away.
    pub async fn row(
        &mut self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, Fault> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs one statement; how many rows it touched. It is durable afterwards.
    ///
    /// # Errors
    /// Where the database refuses or is away.
    pub async fn execute(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Fault> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.execute(&statement, values).await?)
    }

    /// Begins a transaction whose statements are prepared already, in the order given.
    ///
    /// # Errors
    /// Where the database refuses or is away.
    pub async fn begin<const N: usize>(
        &mut self,
        sql: [&'static str; N],
    ) -> Result<(Transaction<'_>, [Statement; N]), Fault> {
        let mut statements = Vec::with_capacity(N);
        for sql in sql {
            statements.push(self.prepared(sql).await?);
        }
        let statements =
            statements.try_into().map_err(|_| Fault::Row("as many statements as asked for".to_owned()))?;
        Ok((self.client.transaction().await?, statements))
    }

    async fn prepared(&mut self, sql: &'static str) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// Carries what the client asks until the connection ends. A commit whose wait for the standby was cut short is told by
/// a warning alone; any warning counts as one, since to ask again is cheap.
async fn drive(mut connection: Connection<Socket, NoTlsStream>, doubtful: Arc<AtomicBool>) {
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notice(notice))) if notice.severity() == "WARNING" => {
                tracing::warn!(notice = notice.message(), "the database warns");
                doubtful.store(true, Ordering::Release);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "a connection to the database broke off");
                return;
            }
            None => return,
        }
    }
}
