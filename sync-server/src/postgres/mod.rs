//! One PostgreSQL database that any number of servers share: its connections, and what to do where they break.
//!
//! Every call may run twice: where a connection breaks, nobody knows whether its last transaction was stored, so the
//! call is made again on a new one, and all that loket writes is written so that this changes nothing.

pub mod fault;
mod life;
pub mod row;
mod session;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::Instant;
use tokio_postgres::Config;
use tokio_postgres::config::TargetSessionAttrs;

use crate::database::StoreError;
pub use fault::Fault;
pub use life::Life;
pub use session::Session;

/// Time to reach one server of the list.
const CONNECT: Duration = Duration::from_secs(2);
/// Time for one attempt at a call, the commit and the standby's word included.
const ANSWER: Duration = Duration::from_secs(12);
/// How long a call is tried again while no server takes it: long enough for a standby to be promoted.
const PATIENCE: Duration = Duration::from_secs(15);
/// Shortest and longest pause between two attempts.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));
/// Silence after which a line counts as cut.
const SILENCE: Duration = Duration::from_secs(5);
/// Connections kept open.
const KEPT: usize = 8;

/// The database behind a `postgres://` address.
pub struct Database {
    config: Config,
    /// Runs the connections; none only while it is being dropped.
    runtime: Option<Runtime>,
    idle: Mutex<Vec<Session>>,
    life: RwLock<Life>,
    patience: Duration,
}

impl Database {
    /// Connects, and makes the tables where there are none. Several hosts may be named, as in
    /// `postgres://user@one,two/loket`: the one that can be written to is found at each connection.
    ///
    /// # Errors
    /// Where the address is none, no server can be reached, or the tables are of another version.
    pub fn open(address: &str) -> Result<Arc<Self>, StoreError> {
        let config = configured(address)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|source| StoreError::File { path: "the database's thread".to_owned(), source })?;
        let first = runtime.block_on(async {
            let session = Session::connect(&config).await?;
            life::prepare(&session).await?;
            Session::connect(&config).await
        });
        let (mut session, patience) = (first?, PATIENCE);
        let life = runtime.block_on(life::read(&mut session))?;
        session.life = Some(life);
        let (idle, life) = (Mutex::new(vec![session]), RwLock::new(life));
        Ok(Arc::new(Self { config, runtime: Some(runtime), idle, life, patience }))
    }

    /// The life of the log that the newest connection met.
    pub fn life(&self) -> Life {
        *self.life.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call, again and again for a while where no server takes it. Blocks, so it must not be called from async code.
    ///
    /// # Errors
    /// Where the database refuses, or nobody took the call in time.
    #[expect(clippy::needless_pass_by_value, reason = "a closure reads best where it is called")]
    pub fn call<T>(&self, work: impl AsyncFn(&mut Session) -> Result<T, Fault>) -> Result<T, StoreError> {
        let handle = self.handle()?;
        handle.block_on(async {
            let (end, mut pause) = (Instant::now() + self.patience, PAUSE.0);
            loop {
                match self.attempt(&work).await {
                    Err(error) if error.is_passing() && Instant::now() + pause < end => {
                        tracing::debug!(%error, "asking the database again");
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(PAUSE.1);
                    }
                    outcome => return outcome,
                }
            }
        })
    }

    async fn attempt<T>(
        &self,
        work: impl AsyncFn(&mut Session) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let mut session = self.session().await?;
        // A session that did not answer, or failed, is never lent again: it may hold a lock or a transaction.
        let done = tokio::time::timeout(ANSWER, work(&mut session)).await;
        let value = done.map_err(|_| StoreError::Unreachable("it gave no answer in time".to_owned()))??;
        session.is_sound()?;
        self.give_back(session);
        Ok(value)
    }

    async fn session(&self) -> Result<Session, StoreError> {
        let life = self.life();
        loop {
            let kept = self.idle.lock().map_err(|_| StoreError::Poisoned)?.pop();
            let Some(session) = kept else { break };
            if session.life == Some(life) && !session.is_closed() {
                return Ok(session);
            }
        }
        let session = tokio::time::timeout(ANSWER, async {
            let mut session = Session::connect(&self.config).await?;
            session.life = Some(life::read(&mut session).await?);
            Ok::<_, StoreError>(session)
        })
        .await
        .map_err(|_| StoreError::Unreachable("it gave no answer in time".to_owned()))??;
        if let Some(met) = session.life.filter(|met| *met != life) {
            tracing::warn!(epoch = %met.epoch, "the database began a new life; devices will compare what they hold");
            *self.life.write().unwrap_or_else(PoisonError::into_inner) = met;
        }
        Ok(session)
    }

    fn give_back(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT && session.life == Some(self.life()) {
            idle.push(session);
        }
    }

    fn handle(&self) -> Result<&Handle, StoreError> {
        self.runtime.as_ref().map(Runtime::handle).ok_or(StoreError::Poisoned)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it is not allowed where async code drops the last user.
            runtime.shutdown_background();
        }
    }
}

fn configured(address: &str) -> Result<Config, StoreError> {
    let mut config: Config = address
        .parse()
        .map_err(|error| StoreError::Postgres(format!("this is no address of it: {error}")))?;
    config
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .connect_timeout(CONNECT)
        .keepalives_idle(Duration::from_secs(2))
        .keepalives_interval(Duration::from_secs(1))
        .keepalives_retries(3)
        .tcp_user_timeout(SILENCE);
    if config.get_application_name().is_none() {
        config.application_name("loket");
    }
    Ok(config)
}
