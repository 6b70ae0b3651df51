//! Reading requests: bodies bounded before and after they are inflated, parameters with their place.

use std::io::Read as _;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use flate2::read::GzDecoder;
use futures_util::StreamExt as _;
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;

use super::Problem;

/// Largest body of the calls in JSON, in bytes.
const JSON: usize = 16 * 1024;

/// The bytes of a body of at most `limit` bytes, as sent and inflated alike.
///
/// # Errors
/// 413 where it is longer, 400 where it breaks off or is no gzip, 415 for any other encoding.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::too_large(format!("The body may have {limit} bytes at most."));
    let sent = axum::body::to_bytes(body, limit).await.map_err(|error| {
        if error.into_inner().is::<LengthLimitError>() {
            too_large()
        } else {
            Problem::malformed("The body broke off before its end.")
        }
    })?;
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(sent.into()),
        Some(b"gzip") => {
            let mut inflated = Vec::new();
            let most = limit as u64 + 1;
            GzDecoder::new(sent.as_ref())
                .take(most)
                .read_to_end(&mut inflated)
                .map_err(|_| Problem::malformed("The body is not gzip, though its header says so."))?;
            if inflated.len() > limit { Err(too_large()) } else { Ok(inflated) }
        }
        Some(_) => {
            let message = "Bodies are taken as they are, or with Content-Encoding: gzip.";
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoding", message))
        }
    }
}

/// The same into `arrived`, as it comes in: where the body breaks off, all that came until then stands there. What is
/// packed, or too large, leaves nothing.
///
/// # Errors
/// As [`read`], but 408 where it breaks off.
pub async fn arrive(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    arrived: &mut Vec<u8>,
) -> Result<(), Problem> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        *arrived = read(headers, body, limit).await?;
        return Ok(());
    }
    let mut body = body.into_data_stream();
    while let Some(piece) = body.next().await {
        // Not 400, which a device would take for its own fault: it sends again.
        let piece = piece.map_err(|_| {
            let message = "The body broke off before its end. Send again what is missing.";
            Problem::new(StatusCode::REQUEST_TIMEOUT, "broke-off", message)
        })?;
        if arrived.len() + piece.len() > limit {
            arrived.clear();
            return Err(Problem::too_large(format!("The body may have {limit} bytes at most.")));
        }
        arrived.extend_from_slice(&piece);
    }
    Ok(())
}

/// A body that holds JSON.
///
/// # Errors
/// As [`read`], and 400 where it is not the JSON that the call takes.
pub async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let bytes = read(headers, body, JSON).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Problem::malformed("The body is not the JSON that this call takes.").at(error.to_string())
    })
}

/// The parameters behind the question mark.
pub struct Parameters<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(found)| Self(found))
            .map_err(|error| Problem::malformed("A parameter is missing or wrong.").at(error.body_text()))
    }
}

/// The one part of the path that varies.
pub struct Place<T>(pub T);

impl<S, T> FromRequestParts<S> for Place<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Path::<T>::from_request_parts(parts, state)
            .await
            .map(|Path(found)| Self(found))
            .map_err(|error| Problem::malformed("The address is wrong.").at(error.body_text()))
    }
}
