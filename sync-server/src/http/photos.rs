//! Photos: their parts come in, their whole goes out.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use replica::api::Role;
use replica::{ContentHash, RecordId};
use serde::Deserialize;

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
    let found = blocking(move || {
        let offices = shared.server.catalogue.offices_of_photo(&hash)?;
        if !offices.iter().any(|office| device.serves(office)) {
            return Ok(None);
        }
        shared.server.photos.read(&hash).map_err(|error| Problem::ours(&error))
    })
    .await?;
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
    let held =
        blocking(move || shared.server.photos.held(device.id, &hash).map_err(|error| Problem::ours(&error)))
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
    let bytes = body::read(&headers, body, MAX_PART).await?;
    blocking(move || store(&shared.server, &device, hash, &part, begins, &bytes)).await
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
        PhotoError::Io(_) | PhotoError::Offset { .. } => Problem::ours(error),
        PhotoError::Length => Problem::too_large(message).at("length"),
        PhotoError::PastEnd => Problem::untrue("past-end", message),
        PhotoError::Hash => Problem::untrue("hash", message),
        PhotoError::TooMany => Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-photos", message),
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
