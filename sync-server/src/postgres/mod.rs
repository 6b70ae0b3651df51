//! One PostgreSQL database that any number of servers share: its connections, and what to do where they break.
//!
//! Every call may run twice: where a connection breaks, nobody knows whether its last transaction was stored, so the
//! call is made again on a new one, and all that loket writes is written so that this changes nothing.

pub mod fault;
pub mod hold;
mod life;
pub mod row;
mod session;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::Instant;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};

use crate::database::StoreError;
pub use fault::Fault;
pub use life::Life;
pub use life::REOPENS;
pub use session::Session;

/// Time to reach one server, and for it to say which life it is in.
const CONNECT: Duration = Duration::from_secs(3);
/// Time for one attempt at a call, the commit and the standby's word included.
const ANSWER: Duration = Duration::from_secs(5);
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
    /// One for each server of the address.
    servers: Vec<Config>,
    /// The server that took the last connection.
    preferred: AtomicUsize,
    /// Runs the connections; none only while it is being dropped.
    runtime: Option<Runtime>,
    idle: Mutex<Vec<Session>>,
    /// None until the first connection.
    life: RwLock<Option<Life>>,
}

impl Database {
    /// Connects, and makes the tables where there are none. Several hosts may be named, as in
    /// `postgres://user@one,two/loket`: the one that can be written to is found at each connection.
    ///
    /// # Errors
    /// Where the address is none, no server can be reached, or the tables are of another version.
    pub fn open(address: &str) -> Result<Arc<Self>, StoreError> {
        Self::open_by(address, None)
    }

    /// The same of a log that is closed, with the word that lets one in.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_by(address: &str, word: Option<&str>) -> Result<Arc<Self>, StoreError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|source| StoreError::File { path: "the database's thread".to_owned(), source })?;
        let database = Self {
            servers: configured(address, word)?,
            preferred: AtomicUsize::new(0),
            runtime: Some(runtime),
            idle: Mutex::default(),
            life: RwLock::new(None),
        };
        let first = database.handle()?.block_on(database.session())?;
        database.give_back(first);
        Ok(Arc::new(database))
    }

    /// The life of the log that the newest connection met.
    pub fn life(&self) -> Life {
        // There is one from the start: whoever has a database has connected.
        self.met().unwrap_or(Life::NONE)
    }

    fn met(&self) -> Option<Life> {
        *self.life.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call, again and again for a while where no server takes it. Blocks, so it must not be called from async code.
    ///
    /// # Errors
    /// Where the database refuses, or nobody took the call in time.
    pub fn call<T>(&self, work: impl AsyncFn(&mut Session) -> Result<T, Fault>) -> Result<T, StoreError> {
        let (session, value) = self.keep(work)?;
        self.give_back(session);
        Ok(value)
    }

    /// The same, and the connection that the call was made on, which nobody else uses from then on.
    ///
    /// # Errors
    /// As [`Self::call`].
    #[expect(clippy::needless_pass_by_value, reason = "a closure reads best where it is called")]
    pub fn keep<T>(
        &self,
        work: impl AsyncFn(&mut Session) -> Result<T, Fault>,
    ) -> Result<(Session, T), StoreError> {
        let handle = self.handle()?;
        handle.block_on(async {
            let (end, mut pause) = (Instant::now() + PATIENCE, PAUSE.0);
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
    ) -> Result<(Session, T), StoreError> {
        let mut session = self.session().await?;
        // A session that did not answer, or failed, is never lent again: it may hold a lock or a transaction.
        let done = tokio::time::timeout(ANSWER, work(&mut session)).await;
        let value = done.map_err(|_| StoreError::Unreachable("it gave no answer in time".to_owned()))??;
        session.is_sound()?;
        Ok((session, value))
    }

    async fn session(&self) -> Result<Session, StoreError> {
        loop {
            let kept = self.idle.lock().map_err(|_| StoreError::Poisoned)?.pop();
            let Some(session) = kept else { break };
            if session.life() == self.met() && !session.is_closed() {
                return Ok(session);
            }
        }
        let (first, count) = (self.preferred.load(Ordering::Relaxed), self.servers.len());
        let mut last = StoreError::Unreachable("no server is named".to_owned());
        for server in (first..first + count).map(|server| server % count) {
            let Some(config) = self.servers.get(server) else { continue };
            let silent = StoreError::Unreachable("it gave no answer in time".to_owned());
            match tokio::time::timeout(CONNECT, Session::connect(config)).await.unwrap_or(Err(silent)) {
                Ok(session) => match self.adopt(&session) {
                    Ok(()) => {
                        self.preferred.store(server, Ordering::Relaxed);
                        return Ok(session);
                    }
                    Err(error) => last = error,
                },
                Err(error) if error.is_passing() => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// Goes over to the life that a session met, unless that has been replaced by a later one: a primary that was cut
    /// off may come back and not know yet that another took its place.
    fn adopt(&self, session: &Session) -> Result<(), StoreError> {
        let Some(met) = session.life() else { return Err(StoreError::Poisoned) };
        let mut life = self.life.write().unwrap_or_else(PoisonError::into_inner);
        match *life {
            Some(known) if met.cluster == known.cluster && met.timeline < known.timeline => {
                let why =
                    "it is the server that another one replaced; where a backup was put back, restart loket";
                return Err(StoreError::Unreachable(why.to_owned()));
            }
            Some(known) if known == met => {}
            Some(_) => {
                tracing::warn!(epoch = %met.epoch, "the database began a new life; devices will compare");
            }
            None => {}
        }
        *life = Some(met);
        Ok(())
    }

    fn give_back(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT && session.life() == self.met() {
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

/// Settings for each server that an address names.
fn configured(address: &str, word: Option<&str>) -> Result<Vec<Config>, StoreError> {
    let all: Config = address
        .parse()
        .map_err(|error| StoreError::Postgres(format!("this is no address of it: {error}")))?;
    let ports = all.get_ports();
    let server = |(place, host): (usize, &Host)| {
        let mut config = Config::new();
        match host {
            Host::Tcp(name) => config.host(name),
            #[cfg(unix)]
            Host::Unix(path) => config.host_path(path),
        };
        if let Some(port) = ports.get(place).or(ports.first()) {
            config.port(*port);
        }
        if let Some(user) = all.get_user() {
            config.user(user);
        }
        if let Some(password) = all.get_password() {
            config.password(password);
        }
        if let Some(name) = all.get_dbname() {
            config.dbname(name);
        }
        let options = all.get_options().map(str::to_owned);
        let options = options.into_iter().chain(word.map(|word| format!("-c loket.copying={word}")));
        let options = options.collect::<Vec<_>>().join(" ");
        if !options.is_empty() {
            config.options(options);
        }
        config
            .application_name(all.get_application_name().unwrap_or("loket"))
            .ssl_mode(all.get_ssl_mode())
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(CONNECT)
            .keepalives_idle(Duration::from_secs(2))
            .keepalives_interval(Duration::from_secs(1))
            .keepalives_retries(3)
            .tcp_user_timeout(SILENCE);
        config
    };
    let servers: Vec<_> = all.get_hosts().iter().enumerate().map(server).collect();
    if servers.is_empty() {
        return Err(StoreError::Postgres("this address names no server".to_owned()));
    }
    Ok(servers)
}
