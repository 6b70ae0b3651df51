//! Reconciliation: the call by which a device finds out where it and the log differ, see [`replica::wire::reconcile`].

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use replica::StreamId;
use replica::wire::reconcile::{self, Named, Places, ReconcileReply, ReconcileRequest};
use replica::wire::{MAX_PULL_BYTES, MAX_QUESTION_BYTES};
use serde::Deserialize;

use super::body::{self, Parameters};
use super::session::Session;
use super::sync::{Answer, cbor, may_read};
use super::{Problem, Shared, blocking};
use crate::log::{Log, LogError, Seq};
use crate::server::Server;

/// What the question is about.
#[derive(Deserialize)]
pub struct About {
    stream: StreamId,
}

/// `POST /api/v1/reconcile?stream=`.
pub async fn reconcile(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(About { stream }): Parameters<About>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    may_read(&device, &stream)?;
    let _turn = shared.turns.take(device.id).await?;
    let bytes = body::read(&headers, body, MAX_QUESTION_BYTES).await?;
    let request =
        ReconcileRequest::from_cbor(&bytes).map_err(|error| Problem::malformed(error.to_string()))?;
    let shared = Arc::clone(&shared);
    let reply = blocking(move || answer(&shared.server, &stream, &request)).await?;
    Ok(cbor(reply.to_cbor()))
}

fn answer(server: &Server, stream: &StreamId, request: &ReconcileRequest) -> Result<ReconcileReply, Problem> {
    let log = server.log.as_ref();
    let (epoch, last) = (log.epoch(), log.last()?);
    let ends = request.ranges.iter().map(|range| range.upto).chain(request.wanted.last().copied());
    // What was named once may be looked at again by a worker that begins anew: until then nobody is told of it.
    if ends.max().is_some_and(|end| end.min(last) > server.worker.upto()) {
        return Err(Problem::busy("The server is still reading its log. Ask again in a moment.", 1));
    }
    let ranges = reconcile::answer(&mut InLog { log, stream, last }, &request.ranges)?;
    let Answer { geneses, entries, .. } = wanted(server, stream, &request.wanted)?;
    Ok(ReconcileReply { epoch, ranges, geneses, entries })
}

/// The wanted changes, as many as fit an answer.
fn wanted(server: &Server, stream: &StreamId, wanted: &[Seq]) -> Result<Answer, LogError> {
    let (mut answer, mut room) = (Answer::default(), MAX_PULL_BYTES / 2);
    for run in wanted.chunk_by(|one, next| one + 1 == *next) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let after = first.saturating_sub(1);
        let entries = server.log.read_since(stream, after, *last, run.len(), room)?;
        let aside = server.projection.set_aside_between(after, *last)?;
        let whole = entries.len() == run.len();
        for entry in entries {
            room = room.saturating_sub(entry.bytes.len());
            let hidden = aside.contains(&entry.seq);
            answer.add(entry, hidden);
        }
        if !whole || room == 0 {
            break;
        }
    }
    Ok(answer)
}

/// A stream up to the last place that was in use when the question came, so that one answer agrees with itself.
struct InLog<'a> {
    log: &'a dyn Log,
    stream: &'a StreamId,
    last: Seq,
}

impl Places for InLog<'_> {
    type Error = LogError;

    fn upto(&mut self, place: u64) -> Result<(u64, replica::Digest), LogError> {
        let known = self.log.digest(self.stream, place.min(self.last))?;
        Ok((known.count, known.digest))
    }

    fn list(&mut self, after: u64, upto: u64) -> Result<Vec<Named>, LogError> {
        let upto = upto.min(self.last);
        let entries = self.log.read_since(self.stream, after, upto, usize::MAX, usize::MAX)?;
        Ok(entries.iter().map(|entry| Named { seq: entry.seq, hash: entry.hash }).collect())
    }
}
