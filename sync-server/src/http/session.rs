//! Sessions: a device proves that it holds its key, and is known by a token from then on.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use replica::api::{ChallengeReply, ChallengeRequest, SessionReply, SessionRequest};
use replica::{DeviceId, attestation};

use super::{Problem, Shared, blocking, body};
use crate::clock;
use crate::identity::Device;

/// The device that makes a request, by its token.
pub struct Session(pub Device);

/// The same, and when its token ends, in Unix seconds: for answers that go on.
pub struct Lasting(pub Device, pub i64);

impl FromRequestParts<Arc<Shared>> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        Lasting::from_request_parts(parts, shared).await.map(|Lasting(device, _)| Self(device))
    }
}

impl FromRequestParts<Arc<Shared>> for Lasting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(Problem::no_session)?;
        let identity = &shared.server.identity;
        let (id, ends) = identity.check_token(token, clock::now()).map_err(|_| Problem::no_session())?;
        let device = enrolled(shared, id).await?.ok_or_else(shut_out)?;
        Ok(Self(device, ends))
    }
}

/// A device that may use the server.
pub(super) async fn enrolled(shared: &Arc<Shared>, id: DeviceId) -> Result<Option<Device>, Problem> {
    let shared = Arc::clone(shared);
    let device = blocking(move || Ok(shared.server.identity.device(id)?)).await?;
    Ok(device.filter(|device| !device.revoked))
}

fn shut_out() -> Problem {
    let message = "This device is not enrolled, or was shut out. Ask the coordinator for a code.";
    Problem::new(StatusCode::UNAUTHORIZED, "not-enrolled", message)
}

/// `POST /api/v1/challenge`. Says nothing of whether the device is known.
pub async fn challenge(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ChallengeReply>, Problem> {
    let ChallengeRequest { device } = body::json(&headers, body).await?;
    let challenge = shared.server.identity.challenge(device, clock::now())?;
    Ok(Json(ChallengeReply { challenge }))
}

/// `POST /api/v1/session`.
pub async fn open(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SessionReply>, Problem> {
    let request: SessionRequest = body::json(&headers, body).await?;
    blocking(move || {
        let (identity, now) = (&shared.server.identity, clock::now());
        let refused = |why: &str| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "challenge",
                format!("The challenge was not answered: {why}."),
            )
        };
        identity
            .check_challenge(request.device, &request.challenge, now)
            .map_err(|error| refused(&error.to_string()))?;
        let device =
            identity.device(request.device)?.filter(|device| !device.revoked).ok_or_else(shut_out)?;
        attestation::verify_challenge(&device.public_key, &request.challenge, &request.signature)
            .map_err(|error| refused(&error.to_string()))?;
        let (token, expires) = identity.token(device.id, now);
        Ok(Json(SessionReply { token, expires }))
    })
    .await
}
