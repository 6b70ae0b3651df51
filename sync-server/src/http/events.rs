//! Server-sent events: an answer that stays open and says when there is more to pull.
//!
//! The token goes in the header as everywhere, so that it stands in no address: the app reads the answer with `fetch`.
//! A device that hears nothing of this asks by itself now and then, so nothing depends on an event being heard.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use replica::{DeviceId, StreamId};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, oneshot};
use tokio::time::Instant;

use super::serve::Stopping;
use super::session::{Lasting, enrolled};
use super::{Problem, Shared};
use crate::clock;
use crate::identity::Device;
use crate::worker::News;

/// Answers that one device may hold open; with one more the oldest ends, which may belong to a line long gone.
const PER_DEVICE: usize = 2;
/// Answers open in all, so that pushes and pulls always find a connection.
const IN_ALL: usize = 512;
/// So often something is sent, so that both sides notice a line that is gone.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Events of one device are at least so far apart.
const APART: Duration = Duration::from_millis(200);
/// Seconds after which a device that found no place may ask again.
const LATER: u32 = 60;

/// `GET /api/v1/events`.
pub async fn events(
    State(shared): State<Arc<Shared>>,
    Extension(Stopping(stopping)): Extension<Stopping>,
    Lasting(device, ends): Lasting,
) -> Result<Response, Problem> {
    if !device.role.pulls() {
        return Err(Problem::not_permitted("A device of this role reads nothing back."));
    }
    let Some((place, replaced)) = shared.listeners.enter(device.id) else {
        return Err(Problem::busy("Too many devices listen already. Ask now and then instead.", LATER));
    };
    let news = shared.server.worker.listen();
    let leaving = Leaving { shared: Arc::clone(&shared), device: device.id, place };
    let listening =
        Listening { _leaving: leaving, shared, device, ends, news, replaced, stopping, spoke: None };
    let body = Body::from_stream(stream::unfold(listening, |mut listening| async {
        let said = listening.next().await?;
        Some((Ok::<_, std::convert::Infallible>(said), listening))
    }));
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((fixed, body).into_response())
}

/// One open answer.
struct Listening {
    _leaving: Leaving,
    shared: Arc<Shared>,
    device: Device,
    ends: i64,
    news: broadcast::Receiver<News>,
    replaced: oneshot::Receiver<()>,
    stopping: tokio::sync::watch::Receiver<bool>,
    /// When something was last said.
    spoke: Option<Instant>,
}

impl Listening {
    /// What to say next; nothing where the answer ends.
    async fn next(&mut self) -> Option<String> {
        let Some(spoke) = self.spoke else {
            self.spoke = Some(Instant::now());
            return Some(": here\n\n".to_owned());
        };
        let mut due = BTreeSet::new();
        loop {
            // What comes soon after an event waits a little and goes with what comes meanwhile.
            let until = if due.is_empty() { spoke + HEARTBEAT } else { spoke + APART };
            let heard = tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                _ = &mut self.replaced => return None,
                () = tokio::time::sleep_until(until) => break,
                heard = self.news.recv() => heard,
            };
            match heard {
                Ok(news) => self.sort(&news, &mut due),
                Err(RecvError::Lagged(_)) => drop(due.insert(String::new())),
                Err(RecvError::Closed) => return None,
            }
        }
        if due.is_empty() && !self.may_stay().await {
            return None;
        }
        self.spoke = Some(Instant::now());
        Some(if due.is_empty() { ":\n\n".to_owned() } else { due.iter().map(|name| event(name)).collect() })
    }

    /// The streams in which somebody else wrote and that the device may read.
    fn sort(&self, news: &News, due: &mut BTreeSet<String>) {
        let theirs = |(stream, author): &&(StreamId, DeviceId)| {
            *author != self.device.id && self.device.serves(&stream.office)
        };
        due.extend(news.iter().filter(theirs).map(|(stream, _)| stream.to_string()));
    }

    /// Whether the device may go on to listen: its token has not ended, nobody has shut it out.
    async fn may_stay(&mut self) -> bool {
        if clock::now() > self.ends {
            return false;
        }
        match enrolled(&self.shared, self.device.id).await {
            Ok(Some(device)) => {
                self.device = device;
                true
            }
            _ => false,
        }
    }
}

/// `more`, with the stream; without one where it may be any.
fn event(stream: &str) -> String {
    format!("event: more\ndata: {stream}\n\n")
}

/// Who listens.
#[derive(Default)]
pub struct Listeners(Mutex<Open>);

#[derive(Default)]
struct Open {
    count: usize,
    last: u64,
    places: HashMap<DeviceId, VecDeque<(u64, oneshot::Sender<()>)>>,
}

impl Listeners {
    /// A place, and what tells when a later one of the same device replaces it; none where all are taken.
    fn enter(&self, device: DeviceId) -> Option<(u64, oneshot::Receiver<()>)> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.count >= IN_ALL {
            return None;
        }
        open.count += 1;
        open.last += 1;
        let place = open.last;
        let (tell, replaced) = oneshot::channel();
        let own = open.places.entry(device).or_default();
        own.push_back((place, tell));
        if own.len() > PER_DEVICE {
            // Dropping the sender tells it; its place is given back when its answer ends.
            drop(own.pop_front());
        }
        Some((place, replaced))
    }

    fn leave(&self, device: DeviceId, place: u64) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.count = open.count.saturating_sub(1);
        if let Some(own) = open.places.get_mut(&device) {
            own.retain(|(taken, _)| *taken != place);
            if own.is_empty() {
                open.places.remove(&device);
            }
        }
    }
}

/// Gives the place back when the answer ends, however it does.
struct Leaving {
    shared: Arc<Shared>,
    device: DeviceId,
    place: u64,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.shared.listeners.leave(self.device, self.place);
    }
}
