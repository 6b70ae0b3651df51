//! Push and pull: the two calls that carry changes.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use replica::api::Role;
use replica::mutation::{Rule, is_off};
use replica::wire::{
    MAX_BATCH_BYTES, MAX_PULL_BYTES, MAX_PULL_CHANGES, MEDIA_TYPE, PullEntry, PullQuery, PullReply,
    PushReply, PushRequest,
};
use replica::{DeviceId, Genesis, RecordId, StreamId};

use super::body::{self, Parameters};
use super::session::Session;
use super::{Problem, Shared, blocking};
use crate::clock;
use crate::identity::Device;
use crate::log::{Entry, LogError};
use crate::server::Server;
use crate::verify::{self, BatchError, Sender};

/// `POST /api/v1/push`.
pub async fn push(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if !device.role.pushes() {
        return Err(Problem::not_permitted("A device of this role sends no changes."));
    }
    let _turn = shared.turns.take(device.id).await?;
    let bytes = body::read(&headers, body, MAX_BATCH_BYTES).await?;
    let shared = Arc::clone(&shared);
    let reply = blocking(move || take(&shared.server, &device, &bytes)).await?;
    Ok(cbor(reply.to_cbor()))
}

fn take(server: &Server, device: &Device, bytes: &[u8]) -> Result<PushReply, Problem> {
    let request = PushRequest::from_cbor(bytes).map_err(|error| Problem::malformed(error.to_string()))?;
    let log = server.log.as_ref();
    // Asked first: should the log lose something from here on, the device is told the epoch that has passed, and looks.
    let epoch = log.epoch();
    let writer = writer_of(server, device, request.attestation.device)?;
    let carrier = writer.is_some().then_some(device);
    let sender = Sender { writer: writer.as_ref().unwrap_or(device), carrier };
    let (batch, receipt) = verify::push(request, sender, server.catalogue.as_ref(), log, clock::now())?;
    let outcomes = if batch.changes.is_empty() { Vec::new() } else { log.append(batch)? };
    server.worker.wake();
    Ok(PushReply { epoch, outcomes: receipt.outcomes(outcomes) })
}

/// The device that signed, where it is another than the one that sends: a surveyor's may hand in what stood in the
/// backup of another.
fn writer_of(server: &Server, device: &Device, signed: DeviceId) -> Result<Option<Device>, Problem> {
    if signed == device.id {
        return Ok(None);
    }
    let known = if device.role == Role::Surveyor { server.identity.device(signed)? } else { None };
    known.map(Some).ok_or_else(|| BatchError::Device.into())
}

/// `GET /api/v1/pull`.
pub async fn pull(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(query): Parameters<PullQuery>,
) -> Result<Response, Problem> {
    may_read(&device, &query.stream)?;
    let (reply, is_new) = blocking(move || {
        let reply = page(&shared.server, &device, &query)?;
        let is_new = !query.says_all_of(&reply);
        Ok((reply, is_new))
    })
    .await?;
    Ok(if is_new { cbor(reply.to_cbor()) } else { nothing_new() })
}

/// Whether a device may know what is in a stream.
///
/// # Errors
/// 403 where it may not.
pub(super) fn may_read(device: &Device, stream: &StreamId) -> Result<(), Problem> {
    if !device.role.pulls() {
        return Err(Problem::not_permitted("A device of this role reads nothing back."));
    }
    if !device.serves(&stream.office) {
        return Err(Problem::not_permitted("This device works for another office.").at("stream"));
    }
    Ok(())
}

fn page(server: &Server, device: &Device, query: &PullQuery) -> Result<PullReply, LogError> {
    let (log, stream, after) = (server.log.as_ref(), &query.stream, query.after);
    let epoch = log.epoch();
    // `loket import` may have written, in a process of its own.
    server.worker.wake();
    // What the worker has not yet looked at is shown to nobody.
    let visible = server.worker.upto();
    let limit = query.limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.map_or(MAX_PULL_CHANGES, |limit| limit.clamp(1, MAX_PULL_CHANGES));
    let known = log.digest(stream, after)?;
    let entries = log.read_since(stream, after, visible, limit, MAX_PULL_BYTES / 2)?;
    let upto = entries.last().map_or(after, |entry| entry.seq);
    let more = !entries.is_empty() && !log.read_since(stream, upto, visible, 1, 1)?.is_empty();
    let aside = server.projection.set_aside_between(after, upto)?;
    let mut answer = Answer::default();
    for entry in entries {
        let is_own = entry.actor.device() == device.id;
        let hidden = is_own || (aside.contains(&entry.seq) && !is_off(Rule::SetAsideHidden));
        answer.add(entry, hidden);
    }
    let Answer { geneses, entries, .. } = answer;
    let (count, digest) = (known.count, known.digest);
    Ok(PullReply { epoch, upto, more, count, digest, geneses, entries })
}

/// Changes and the records that they belong to, each record once.
#[derive(Default)]
pub(super) struct Answer {
    places: HashMap<RecordId, u32>,
    pub(super) geneses: Vec<Genesis>,
    pub(super) entries: Vec<PullEntry>,
}

impl Answer {
    pub(super) fn add(&mut self, entry: Entry, hidden: bool) {
        let next = u32::try_from(self.geneses.len()).unwrap_or(u32::MAX);
        let genesis = *self.places.entry(entry.record).or_insert_with(|| {
            self.geneses.push(entry.genesis.as_ref().clone());
            next
        });
        let bytes = (!hidden).then_some(entry.bytes);
        self.entries.push(PullEntry { seq: entry.seq, genesis, hash: entry.hash, bytes });
    }
}

/// An answer in CBOR that nobody keeps.
pub(super) fn cbor(bytes: Vec<u8>) -> Response {
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (fixed, bytes).into_response()
}

/// The server holds what the device has, and no more.
fn nothing_new() -> Response {
    (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
}

impl From<BatchError> for Problem {
    fn from(error: BatchError) -> Self {
        let message = error.to_string();
        match error {
            BatchError::Device | BatchError::Signature => {
                Self::untrue("attestation", message).at("attestation")
            }
            BatchError::Unreadable { place, .. } => {
                Self::untrue("attestation", message).at(format!("items[{place}]"))
            }
            BatchError::Log(error) => error.into(),
        }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Store(error) => error.into(),
            LogError::Closed => Self::ours(&error),
        }
    }
}
