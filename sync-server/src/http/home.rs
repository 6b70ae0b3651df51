//! What a device is told before it can work alone, and what a coordinator looks at.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use replica::api::{ActiveInstruments, Aside, Coverage, Home, KnownDevice, MethodInForce, Role};
use replica::{ContentHash, RecordKind, RoundId, StreamId};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::body::{Parameters, Place};
use super::enrol::offices_of;
use super::session::Session;
use super::{Problem, Shared, assets, blocking};
use crate::aside;
use crate::clock;
use crate::coverage;
use crate::identity::Device;
use crate::server::Server;

/// `GET /api/v1/home`.
pub async fn home(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let home = blocking(move || home_of(&shared.server, &device)).await?;
    let json = serde_json::to_vec(&home).map_err(|error| Problem::ours(&error))?;
    let hash = hex::encode(&Sha256::digest(&json)[..12]);
    let etag = format!("W/\"{hash}\"");
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::VARY, HeaderValue::from_static("authorization, accept-encoding")),
    ];
    let mut response = if assets::is_known(&headers, &etag) {
        (StatusCode::NOT_MODIFIED, fixed).into_response()
    } else {
        (fixed, json).into_response()
    };
    if let Ok(etag) = HeaderValue::try_from(etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// `GET /api/v1/instruments/{hash}`.
pub async fn instrument(
    State(shared): State<Arc<Shared>>,
    Session(_): Session,
    Place(hash): Place<ContentHash>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let takes_brotli = assets::accepts_brotli(&headers);
    let found = blocking(move || {
        let json = || shared.server.catalogue.instrument(&hash);
        Ok(if takes_brotli { shared.packed.of(hash, json)? } else { json()?.map(Bytes::from) })
    });
    let none = || Problem::not_found("No instrument of this hash was published.");
    let body = found.await?.ok_or_else(none)?;
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
    ];
    let mut response = (fixed, body).into_response();
    // What is not packed here, the layer above packs as it does all answers.
    if takes_brotli {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    Ok(response)
}

/// Which round is asked about; the one in force where it is left out.
#[derive(Deserialize)]
pub struct OfRound {
    round: Option<RoundId>,
}

/// `GET /api/v1/coverage`.
pub async fn coverage(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(OfRound { round }): Parameters<OfRound>,
) -> Result<Json<Coverage>, Problem> {
    if device.role != Role::Coordinator {
        return Err(Problem::not_permitted("Coverage is for coordinators."));
    }
    blocking(move || {
        let server = &shared.server;
        let round = match round {
            Some(round) => round,
            None => newest(&server.catalogue.rounds()?)?,
        };
        Ok(Json(coverage::of(server, &device, round, clock::now())?))
    })
    .await
}

/// `GET /api/v1/aside`.
pub async fn set_aside(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
) -> Result<Json<Aside>, Problem> {
    if device.role != Role::Coordinator {
        return Err(Problem::not_permitted("What was set aside is for coordinators."));
    }
    blocking(move || Ok(Json(aside::of(&shared.server, &device)?))).await
}

fn home_of(server: &Server, device: &Device) -> Result<Home, Problem> {
    let rounds = server.catalogue.rounds()?;
    let offices = offices_of(server, device)?;
    let follows = device.role.pulls();
    let stream = |round: &RoundId| {
        let round = round.clone();
        offices.iter().map(move |office| StreamId { office: office.clone(), round: round.clone() })
    };
    let units = server.catalogue.units()?;
    let method = match device.role {
        Role::Surveyor => method_in_force(server, &newest(&rounds)?)?,
        Role::Coordinator | Role::Kiosk => None,
    };
    Ok(Home {
        role: device.role,
        person: device.person.clone(),
        unit: device.unit.clone(),
        round: newest(&rounds)?,
        streams: if follows { rounds.iter().flat_map(stream).collect() } else { Vec::new() },
        rounds,
        units: units.into_iter().filter(|unit| device.serves_unit(&unit.office, &unit.id)).collect(),
        instruments: ActiveInstruments {
            visit: active(server, RecordKind::Visit)?,
            interview: active(server, RecordKind::Interview)?,
        },
        method,
        devices: if follows { known_devices(server, device)? } else { Vec::new() },
        epoch: server.log.epoch(),
    })
}

/// By which rule set a surveyor's phone reckons what a unit's score would be.
fn method_in_force(server: &Server, round: &RoundId) -> Result<Option<MethodInForce>, Problem> {
    let scoring = &server.scoring;
    let Ok((method, _)) = scoring.method_for(server.catalogue.as_ref(), round, None) else { return Ok(None) };
    // The same bytes as the answer to `GET /api/v1/methods/{year}`.
    let json = serde_json::to_vec(method.rules).map_err(|error| Problem::ours(&error))?;
    let rules = ContentHash::new(Sha256::digest(&json).into());
    Ok(Some(MethodInForce { year: method.year, rules }))
}

/// Whose changes the device may meet; those shut out too, since what they wrote stays.
fn known_devices(server: &Server, device: &Device) -> Result<Vec<KnownDevice>, Problem> {
    let meets = |other: &Device| match (&device.office, &other.office) {
        (Some(own), Some(theirs)) => own == theirs,
        _ => true,
    };
    let all = server.identity.devices()?.into_iter().filter(meets);
    Ok(all.map(|Device { id, person, role, .. }| KnownDevice { device: id, person, role }).collect())
}

fn newest(rounds: &[RoundId]) -> Result<RoundId, Problem> {
    rounds.first().cloned().ok_or_else(|| not_ready("no round is open"))
}

fn active(server: &Server, kind: RecordKind) -> Result<ContentHash, Problem> {
    let found = server.catalogue.active_instrument(kind)?;
    found.ok_or_else(|| {
        not_ready(&format!("no instrument for a record of kind {} is published", kind.as_str()))
    })
}

fn not_ready(what: &str) -> Problem {
    let message = format!("The server is not set up yet: {what}.");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", message)
}
