//! Photos: their parts come in, their whole goes out.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use replica::api::Role;
use replica::{ContentHash, RecordId};
use serde::Deserialize;
use tokio::runtime::Handle;

use super::body::{self, Parameters, Place};
use super::session::Session;
use super::{Problem, Shared, blocking};
use crate::catalogue::PhotoOf;
use crate::clock;
use crate::identity::Device;
use crate::photos::{Held, MAX_PART, PhotoError};
use crate::server::Server;

/// Where a part begins, and how many bytes are here, as in the tus protocol.
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// Whose photo a part belongs to, and how long the whole is.
#[derive(Deserialize)]
pub struct Part {
    record: RecordId,
    length: u64,
}

/// `GET /api/v1/photos/{hash}`.
pub async fn read(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Place(hash): Place<ContentHash>,
) -> Result<Response, Problem> {
    if !device.role.pulls() {
        return Err(Problem::not_permitted("A device of this role reads nothing back."));
    }
    let server = Arc::clone(&shared);
    let turn = shared.photo_turns.read().await?;
    let found = blocking(move || {
        let shared = server;
        let offices = shared.server.catalogue.offices_of_photo(&hash)?;
        if !offices.iter().any(|office| device.serves(office)) {
            return Ok(None);
        }
        shared.server.photos.read(&hash).map_err(|error| refused(&error))
    })
    .await?;
    drop(turn);
    let (bytes, media_type) = found.ok_or_else(|| Problem::not_found("This photo is not here."))?;
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
    ];
    Ok((fixed, bytes).into_response())
}

/// `HEAD /api/v1/photos/{hash}`.
pub async fn held(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Place(hash): Place<ContentHash>,
) -> Result<Response, Problem> {
    sends_photos(&device)?;
    let _turn = shared.photo_turns.take(device.id).await?;
    let server = Arc::clone(&shared);
    let held = blocking(move || server.server.photos.held(device.id, &hash).map_err(|error| refused(&error)))
        .await?;
    Ok(offset(StatusCode::OK, held.bytes()))
}

/// `PATCH /api/v1/photos/{hash}?record=&length=`.
pub async fn take(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Place(hash): Place<ContentHash>,
    Parameters(part): Parameters<Part>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    sends_photos(&device)?;
    let begins =
        headers.get(OFFSET).and_then(|value| value.to_str().ok()?.parse().ok()).ok_or_else(|| {
            Problem::malformed("The header Upload-Offset is missing or no number.").at("Upload-Offset")
        })?;
    let sent = Sent { shared: Arc::clone(&shared), device, hash, part, begins };
    let mut arriving = Arriving { sent: Arc::new(sent), bytes: Vec::new() };
    body::arrive(&headers, body, MAX_PART, &mut arriving.bytes).await?;
    let bytes = std::mem::take(&mut arriving.bytes);
    let sent = Arc::clone(&arriving.sent);
    let _turn = shared.photo_turns.take(sent.device.id).await?;
    blocking(move || sent.store(&bytes)).await
}

/// A part that comes in. Where its line breaks, or it takes too long, what came until then is kept: on a bad line that
/// may be all the progress there is.
struct Arriving {
    sent: Arc<Sent>,
    bytes: Vec<u8>,
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if let (false, Ok(runtime)) = (bytes.is_empty(), Handle::try_current()) {
            let sent = Arc::clone(&self.sent);
            runtime.spawn(async move {
                let Ok(_turn) = sent.shared.photo_turns.take(sent.device.id).await else { return };
                let storing = Arc::clone(&sent);
                if let Err(problem) = blocking(move || storing.store(&bytes)).await {
                    tracing::debug!(code = problem.code(), "a part that broke off was not kept");
                }
            });
        }
    }
}

/// Where a part belongs.
struct Sent {
    shared: Arc<Shared>,
    device: Device,
    hash: ContentHash,
    part: Part,
    begins: u64,
}

impl Sent {
    fn store(&self, bytes: &[u8]) -> Result<Response, Problem> {
        store(&self.shared.server, &self.device, self.hash, &self.part, self.begins, bytes)
    }
}

fn store(
    server: &Server,
    device: &Device,
    hash: ContentHash,
    part: &Part,
    begins: u64,
    bytes: &[u8],
) -> Result<Response, Problem> {
    let genesis = server.log.genesis(part.record)?;
    let known = genesis.filter(|genesis| device.serves_unit(&genesis.office, &genesis.unit));
    let Some(genesis) = known else {
        let message = "The record of this photo is not here yet; send its changes first.";
        return Err(Problem::untrue("unknown-record", message).at("record"));
    };
    match server.photos.take(device.id, &hash, part.length, begins, bytes) {
        Ok(held) => {
            if let Held::Whole(length) = held {
                let Part { record, .. } = *part;
                let photo = PhotoOf { hash, record, office: genesis.office, device: device.id, length };
                server.catalogue.put_photo(&photo, clock::now())?;
            }
            Ok(offset(StatusCode::NO_CONTENT, held.bytes()))
        }
        Err(PhotoError::Offset { held }) => {
            let message = PhotoError::Offset { held }.to_string();
            let problem = Problem::new(StatusCode::CONFLICT, "offset", message).at("Upload-Offset");
            let mut response = problem.into_response();
            response.headers_mut().insert(OFFSET, HeaderValue::from(held));
            Ok(response)
        }
        Err(error) => Err(refused(&error)),
    }
}

fn refused(error: &PhotoError) -> Problem {
    let message = error.to_string();
    match error {
        PhotoError::Store(_) => {
            tracing::error!(cause = %error, "the store of photos failed");
            Problem::busy("The server's photos are away for a moment. Try again soon.", 10)
        }
        PhotoError::Damaged(_) => {
            tracing::error!(cause = %error, "a photo is not handed out");
            Problem::new(StatusCode::NOT_FOUND, "damaged", "This photo is damaged where the server keeps it.")
        }
        PhotoError::Io(_)
        | PhotoError::Offset { .. }
        | PhotoError::Bucket { .. }
        | PhotoError::Place(_)
        | PhotoError::Ended => Problem::ours(error),
        PhotoError::Length => Problem::too_large(message).at("length"),
        PhotoError::PastEnd => Problem::untrue("past-end", message),
        PhotoError::Hash => Problem::untrue("hash", message),
    }
}

fn sends_photos(device: &Device) -> Result<(), Problem> {
    if device.role == Role::Surveyor {
        return Ok(());
    }
    Err(Problem::not_permitted("A device of this role sends no photos."))
}

fn offset(status: StatusCode, held: u64) -> Response {
    (
        status,
        [(OFFSET, HeaderValue::from(held)), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
    )
        .into_response()
}
