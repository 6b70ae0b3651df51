//! The one thread that writes: batches that wait together become durable together.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use replica::wire::Outcome;

use super::{Batch, LogError};
use crate::database::StoreError;

/// Batches that may wait; beyond it senders wait.
const WAITING: usize = 256;
/// Changes that one commit takes at most, about.
const GROUP: usize = 8_192;

type Reply = SyncSender<Result<Vec<Outcome>, LogError>>;

/// Stores a group of batches in one go: every batch of it is durable afterwards, or the group is given again in parts.
pub trait Store: Send + 'static {
    /// One list of outcomes a batch, in order.
    ///
    /// # Errors
    /// Where the store fails.
    fn store(&mut self, batches: &[Batch]) -> Result<Vec<Vec<Outcome>>, LogError>;
}

/// The writing thread; dropping it lets the thread finish what waits.
pub struct Writer {
    queue: Option<SyncSender<(Batch, Reply)>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread with what it stores into.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(store: impl Store) -> Result<Self, StoreError> {
        let (queue, waiting) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || run(store, &waiting))
            .map_err(|source| StoreError::File { path: "the log's writing thread".to_owned(), source })?;
        Ok(Self { queue: Some(queue), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a batch and waits until it is durable.
    ///
    /// # Errors
    /// Where the store fails, or is being closed.
    pub fn append(&self, batch: Batch) -> Result<Vec<Outcome>, LogError> {
        let (reply, answer) = sync_channel(1);
        let queue = self.queue.as_ref().ok_or(LogError::Closed)?;
        queue.send((batch, reply)).map_err(|_| LogError::Closed)?;
        answer.recv().map_err(|_| LogError::Closed)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

fn run(mut store: impl Store, waiting: &Receiver<(Batch, Reply)>) {
    while let Ok(first) = waiting.recv() {
        let mut size = first.0.changes.len();
        let mut group = vec![first];
        while size < GROUP {
            let Ok(next) = waiting.try_recv() else { break };
            size += next.0.changes.len();
            group.push(next);
        }
        commit(&mut store, group);
    }
}

/// One transaction for the whole group: every batch of it is durable, or none.
fn commit(store: &mut impl Store, group: Vec<(Batch, Reply)>) {
    let (batches, replies): (Vec<Batch>, Vec<Reply>) = group.into_iter().unzip();
    match store.store(&batches) {
        Ok(outcomes) => {
            for (reply, outcomes) in replies.into_iter().zip(outcomes) {
                let _ = reply.send(Ok(outcomes));
            }
        }
        Err(error) if error.is_passing() => {
            tracing::warn!(%error, "batches could not be stored now");
            for reply in replies {
                let _ = reply.send(Err(error.again()));
            }
        }
        // One batch that the store cannot take must not fail those it happened to wait with.
        Err(error) if batches.len() > 1 => {
            tracing::warn!(%error, "a group of batches failed; trying them one by one");
            for (batch, reply) in batches.into_iter().zip(replies) {
                commit(store, vec![(batch, reply)]);
            }
        }
        Err(error) => {
            tracing::error!(%error, "a batch could not be stored");
            let mut error = Some(error);
            for reply in replies {
                let error = error.take().unwrap_or(LogError::Closed);
                let _ = reply.send(Err(error));
            }
        }
    }
}
