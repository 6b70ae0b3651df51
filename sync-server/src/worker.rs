//! Follows the log, builds records, and writes down what they say. Each change goes into Automerge's own document too, so
//! that no device is ever given one that another client of Automerge would not take, or would read otherwise. Automerge
//! can panic on a change that was made to hurt; here, and only here, that is survived: such a change is set aside with its
//! reason, and the next one goes on.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use lru::LruCache;
use replica::{
    Applied, DeviceId, Document, Envelope, Epoch, Genesis, Limits, Record, RecordId, RecordKind, StreamId,
    View as _,
};
use survey::scoring::evidence::Evidence;
use tokio::sync::{broadcast, watch};

use crate::database::StoreError;
use crate::log::{Entry, Log, LogError, Seq};
use crate::projection::{Projection, RecordUpdate, SetAside, Summary};
use crate::scores::readers::{Readers, evidence_of, examined};

/// Changes looked at between two writes of the projection.
const STEP: usize = 256;
/// Visits kept open between steps: to open one anew costs milliseconds, to keep it open a few hundred kilobytes.
const KEPT: usize = 64;
/// Documents open at a time: those, and all that one step may touch.
const OPEN: NonZeroUsize = NonZeroUsize::MIN.saturating_add(STEP + KEPT - 1);
/// Pause after a fault of the disk.
const PAUSE: Duration = Duration::from_secs(1);
/// Steps that those who listen may be behind before they are told only that they missed some.
const BEHIND: usize = 64;

/// What a step brought into sight: who wrote in which stream.
pub type News = Arc<BTreeSet<(StreamId, DeviceId)>>;

/// Builds the projection from the log, one step at a time.
pub struct Worker {
    log: Arc<dyn Log>,
    projection: Arc<Projection>,
    readers: Readers,
    upto: Seq,
    /// The life of the log that `upto` is true of.
    epoch: Epoch,
    open: LruCache<RecordId, Twice>,
    /// What the last step brought.
    fresh: BTreeSet<(StreamId, DeviceId)>,
}

/// A record as devices read it, and as Automerge holds it.
struct Twice {
    record: Record,
    document: Document,
}

impl Twice {
    fn load(genesis: &Genesis, changes: &[&[u8]]) -> Result<Self, String> {
        let record = Record::load(genesis, changes).map_err(|error| error.to_string())?;
        let document = Document::load(genesis, changes).map_err(|error| error.to_string())?;
        Ok(Self { record, document })
    }

    /// One after the other, as they came in: what went in so before goes in so again, even where all at once does not.
    fn load_each(genesis: &Genesis, changes: &[&[u8]]) -> Result<Self, String> {
        let mut twice = Self::load(genesis, &[])?;
        changes.iter().try_for_each(|change| twice.apply(change))?;
        Ok(twice)
    }

    fn apply(&mut self, bytes: &[u8]) -> Result<(), String> {
        match self.record.apply(bytes).map_err(|error| error.to_string())? {
            Applied::New(_) | Applied::Known(_) => {}
            Applied::Waiting(_) => return Err("it builds on changes that are not there".to_owned()),
        }
        let keys = self.document.apply(bytes).map_err(|error| error.to_string())?;
        if self.document.agrees_with(&self.record, &keys) {
            return Ok(());
        }
        Err("Automerge reads it otherwise than devices do".to_owned())
    }
}

impl Worker {
    /// Goes on where the projection ends, or begins anew where it belongs to another log: one of
    /// another log, or an older copy that was put back.
    ///
    /// # Errors
    /// Where a store fails.
    pub fn new(log: Arc<dyn Log>, projection: Arc<Projection>, readers: Readers) -> Result<Self, LogError> {
        let epoch = log.epoch();
        let upto = join(log.as_ref(), &projection)?;
        let (open, fresh) = (LruCache::new(OPEN), BTreeSet::new());
        Ok(Self { log, projection, readers, upto, epoch, open, fresh })
    }

    /// Looks again where the log began a new life under a running server: it may have lost what was built from it.
    fn meet(&mut self) -> Result<(), LogError> {
        let epoch = self.log.epoch();
        if epoch != self.epoch {
            self.open.clear();
            self.upto = join(self.log.as_ref(), &self.projection)?;
            self.epoch = epoch;
        }
        Ok(())
    }

    /// Takes in some changes; false where there were none.
    ///
    /// # Errors
    /// Where a store fails; nothing of the step is written then.
    pub fn step(&mut self) -> Result<bool, LogError> {
        self.meet()?;
        let entries = self.log.read_all(self.upto, STEP)?;
        if self.log.epoch() != self.epoch {
            // What was read may be of another life than what it would be added to.
            return Ok(true);
        }
        let Some((last, hash)) = entries.last().map(|entry| (entry.seq, entry.hash)) else {
            return Ok(false);
        };
        let (mut updates, mut aside) = (HashMap::new(), Vec::new());
        for entry in &entries {
            match self.take(entry, &aside) {
                Ok(summary) => {
                    let update = RecordUpdate {
                        id: entry.record,
                        genesis: entry.genesis.as_ref().clone(),
                        summary,
                        edited_at: None,
                        evidence: None,
                        unsound: 0,
                        last_seq: entry.seq,
                    };
                    updates.insert(entry.record, update);
                }
                Err(Fault::Aside(reason)) => {
                    tracing::warn!(seq = entry.seq, record = %entry.record, reason, "a change is set aside");
                    aside.push(aside_of(entry, reason));
                }
                Err(Fault::Log(error)) => {
                    // What is open is ahead of what is written; read it anew next time.
                    self.open.clear();
                    return Err(error);
                }
            }
        }
        let mut updates: Vec<_> = updates.into_values().collect();
        for update in &mut updates {
            self.reopen(update, last, &aside)?;
            update.edited_at =
                self.open.peek(&update.id).and_then(|open| open.record.last_edit()).map(|edit| edit.time);
            if let Some((evidence, unsound)) = self.said(update)? {
                (update.evidence, update.unsound) = (Some(evidence), unsound);
            }
        }
        if let Err(error) = self.projection.write(&updates, &aside, last, &hash) {
            self.open.clear();
            return Err(error.into());
        }
        // Nobody but its own device writes in an interview, and once mostly; a visit's next change may come any moment.
        for update in updates.iter().filter(|update| update.genesis.kind == RecordKind::Interview) {
            self.open.pop(&update.id);
        }
        while self.open.len() > KEPT {
            self.open.pop_lru();
        }
        self.upto = last;
        self.fresh = entries.iter().map(|entry| (entry.genesis.stream(), entry.actor.device())).collect();
        Ok(true)
    }

    fn take(&mut self, entry: &Entry, aside: &[SetAside]) -> Result<Summary, Fault> {
        let envelope =
            Envelope::parse(&entry.bytes, &Limits::STANDARD).map_err(|e| Fault::Aside(e.to_string()))?;
        let builds_on_aside = envelope.deps.iter().any(|dep| aside.iter().any(|other| other.hash == *dep))
            || self.projection.any_set_aside(&envelope.deps)?;
        if builds_on_aside {
            return Err(Fault::Aside("it builds on a change that was set aside".to_owned()));
        }
        let mut open = match self.open.pop(&entry.record) {
            Some(open) => open,
            None => self.load(entry.record, &entry.genesis, entry.seq.saturating_sub(1), aside)?,
        };
        // A document that panicked may be half changed: it is dropped, never used again.
        let (open, summary) = guarded(move || {
            open.apply(&entry.bytes)?;
            let summary = summary_of(&open.record);
            Ok((open, summary))
        })?;
        self.open.put(entry.record, open);
        Ok(summary)
    }

    /// A document that broke within the step was dropped: it is built again, without what broke it.
    fn reopen(&mut self, update: &RecordUpdate, upto: Seq, aside: &[SetAside]) -> Result<(), LogError> {
        if self.open.contains(&update.id) {
            return Ok(());
        }
        match self.load(update.id, &update.genesis, upto, aside) {
            Ok(open) => drop(self.open.put(update.id, open)),
            Err(Fault::Aside(reason)) => tracing::warn!(record = %update.id, reason, "a record says nothing"),
            Err(Fault::Log(error)) => return Err(error),
        }
        Ok(())
    }

    /// What a record says towards scores, and how many of its answers do not hold. Asked once a step, however many of its
    /// changes came in.
    fn said(&mut self, update: &RecordUpdate) -> Result<Option<(Evidence, u32)>, LogError> {
        let (Some(open), Some(reader)) =
            (self.open.peek(&update.id), self.readers.of(&update.genesis.instrument)?)
        else {
            return Ok(None);
        };
        // What breaks here says nothing; the document itself was found sound.
        // An interview is written by one device, and no merge breaks it.
        let read = || match update.genesis.kind {
            RecordKind::Visit => examined(&reader, &open.record),
            RecordKind::Interview => (evidence_of(&reader, &open.record), 0),
        };
        Ok(catch_unwind(AssertUnwindSafe(read)).ok())
    }

    /// The record as it was up to a place, without what was set aside.
    fn load(&self, id: RecordId, genesis: &Genesis, upto: Seq, aside: &[SetAside]) -> Result<Twice, Fault> {
        let changes = self.log.changes_of(id, upto)?;
        let hidden = match changes.first() {
            Some(first) => self.projection.set_aside_between(first.seq.saturating_sub(1), upto)?,
            None => HashSet::default(),
        };
        let is_hidden = |seq: Seq| hidden.contains(&seq) || aside.iter().any(|other| other.seq == seq);
        let sound: Vec<_> = changes.into_iter().filter(|change| !is_hidden(change.seq)).collect();
        let changes: Vec<&[u8]> = sound.iter().map(|change| change.bytes.as_slice()).collect();
        guarded(|| Twice::load(genesis, &changes))
            .or_else(|_| guarded(|| Twice::load_each(genesis, &changes)))
    }

    /// Moves the worker to a thread of its own.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(mut self) -> Result<WorkerThread, StoreError> {
        let (wake, woken) = sync_channel(1);
        let (tell, upto) = watch::channel(self.upto);
        let news = broadcast::Sender::new(BEHIND);
        let spread = news.clone();
        let thread = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || self.run(&woken, &tell, &spread))
            .map_err(|source| StoreError::File { path: "the worker's thread".to_owned(), source })?;
        let started = WorkerThread { wake: Some(wake), upto, news, thread: Mutex::new(Some(thread)) };
        started.wake();
        Ok(started)
    }

    fn run(&mut self, woken: &Receiver<()>, tell: &watch::Sender<Seq>, spread: &broadcast::Sender<News>) {
        let watch = self.log.watch();
        while is_woken(woken, watch) {
            loop {
                match self.step() {
                    Ok(true) => {
                        // Less than before where the log lost something.
                        tell.send_replace(self.upto);
                        // Nobody may be listening.
                        let _ = spread.send(Arc::new(std::mem::take(&mut self.fresh)));
                    }
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!(%error, "the worker pauses");
                        if matches!(woken.recv_timeout(PAUSE), Err(RecvTimeoutError::Disconnected)) {
                            return;
                        }
                    }
                }
            }
        }
    }
}

/// Waits until somebody wakes the worker, or it is time to look for what other servers wrote; false where it is to end.
fn is_woken(woken: &Receiver<()>, watch: Option<Duration>) -> bool {
    match watch {
        Some(pause) => !matches!(woken.recv_timeout(pause), Err(RecvTimeoutError::Disconnected)),
        None => woken.recv().is_ok(),
    }
}

/// Where a projection goes on: at its end, or at the start where it belongs to another log.
fn join(log: &dyn Log, projection: &Projection) -> Result<Seq, LogError> {
    match projection.progress()? {
        Some(progress) if progress.log == log.id() && follows(log, &progress)? => Ok(progress.upto),
        found => {
            if found.is_some() {
                tracing::warn!("the projection belongs to another log; building it anew");
            }
            projection.begin(log.id())?;
            Ok(0)
        }
    }
}

/// The running worker; dropping it waits for the step under way.
pub struct WorkerThread {
    wake: Option<SyncSender<()>>,
    upto: watch::Receiver<Seq>,
    news: broadcast::Sender<News>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl WorkerThread {
    /// Says that there is something new in the log.
    pub fn wake(&self) {
        if let Some(wake) = &self.wake {
            // Where the channel is full the worker is about to look anyway.
            let _ = wake.try_send(());
        }
    }

    /// The last change that was looked at: all up to it may be shown.
    pub fn upto(&self) -> Seq {
        *self.upto.borrow()
    }

    /// Tells who wrote where, step by step, once it may be shown.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Tells of every step, for those who wait for one.
    pub fn follow(&self) -> watch::Receiver<Seq> {
        self.upto.clone()
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        drop(self.wake.take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

enum Fault {
    /// The change cannot be used.
    Aside(String),
    /// The store failed; the change may be sound.
    Log(LogError),
}

impl From<LogError> for Fault {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Log(error.into())
    }
}

/// Runs what may panic on foreign bytes.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(Fault::Aside),
        Err(_) => Err(Fault::Aside("the document broke when it was applied".to_owned())),
    }
}

fn summary_of(record: &Record) -> Summary {
    Summary { closed_at: record.closed_at(), withdrawn_at: record.withdrawn_at(), clashes: record.clashes() }
}

fn aside_of(entry: &Entry, reason: String) -> SetAside {
    SetAside { seq: entry.seq, hash: entry.hash, record: entry.record, device: entry.actor.device(), reason }
}

/// True where the log still holds the change that the projection ended with.
fn follows(log: &dyn Log, progress: &crate::projection::Progress) -> Result<bool, LogError> {
    if progress.upto == 0 {
        return Ok(true);
    }
    let at = log.read_all(progress.upto - 1, 1)?;
    Ok(at.first().is_some_and(|entry| entry.seq == progress.upto && Some(entry.hash) == progress.hash))
}
