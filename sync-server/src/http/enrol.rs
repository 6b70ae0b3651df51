//! Enrolment: a one-time code makes a device known; a coordinator makes codes.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use replica::OfficeId;
use replica::api::{CodeReply, CodeRequest, EnrolReply, EnrolRequest, Role};

use super::session::Session;
use super::{Problem, Shared, blocking, body};
use crate::clock;
use crate::database::StoreError;
use crate::identity::{Code, Device, EnrolError, Grant};
use crate::server::Server;

/// Seconds that a code made by a coordinator can be used in.
const CODE_SECONDS: i64 = 48 * 60 * 60;

/// `POST /api/v1/enrol`.
pub async fn enrol(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<EnrolReply>, Problem> {
    let request: EnrolRequest = body::json(&headers, body).await?;
    let now = clock::now();
    if !shared.server.attempts.allows(address.ip(), now) {
        let message = "Too many wrong codes came from here. Wait a minute.";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", message));
    }
    blocking(move || {
        let server = &shared.server;
        let enrolled = match request.code.parse::<Code>() {
            Ok(code) => server.identity.enrol(&code, &request.public_key, &request.name, now),
            Err(_) => Err(EnrolError::Code),
        };
        if matches!(enrolled, Err(EnrolError::Code)) {
            server.attempts.failed(address.ip(), now);
        }
        let device = enrolled.map_err(refused)?;
        let offices = offices_of(server, &device)?;
        let Device { id, role, person, unit, .. } = device;
        Ok(Json(EnrolReply { device: id, role, person, offices, unit }))
    })
    .await
}

/// `POST /api/v1/codes`.
pub async fn new_code(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<CodeReply>, Problem> {
    let request: CodeRequest = body::json(&headers, body).await?;
    if device.role != Role::Coordinator
        || request.office.as_ref().is_some_and(|office| !device.serves(office))
    {
        return Err(Problem::not_permitted("Only a coordinator of the office makes codes for it."));
    }
    blocking(move || {
        let server = &shared.server;
        if let Some(unit) = &request.unit {
            let known = server.catalogue.unit(unit)?;
            let office = request.office.as_ref().or(device.office.as_ref());
            if known.is_none_or(|known| office.is_some_and(|office| known.office != *office)) {
                return Err(Problem::untrue("unknown-unit", "The office has no such unit.").at("unit"));
            }
        }
        let CodeRequest { role, person, office, unit } = request;
        let person = Some(person.trim().to_owned()).filter(|name| !name.is_empty());
        let now = clock::now();
        // A coordinator of one office hands out that office and no more.
        let grant = Grant { role, person, office: office.or(device.office), unit };
        let code = server.identity.new_code(&grant, CODE_SECONDS, now)?;
        Ok(Json(CodeReply { code: code.to_string(), expires: now + CODE_SECONDS }))
    })
    .await
}

/// The offices that a device serves: its one, or all that have units.
pub fn offices_of(server: &Server, device: &Device) -> Result<Vec<OfficeId>, StoreError> {
    if let Some(office) = &device.office {
        return Ok(vec![office.clone()]);
    }
    let mut offices: Vec<_> = server.catalogue.units()?.into_iter().map(|unit| unit.office).collect();
    offices.sort();
    offices.dedup();
    Ok(offices)
}

fn refused(error: EnrolError) -> Problem {
    let message = error.to_string();
    match error {
        EnrolError::Code => Problem::new(StatusCode::FORBIDDEN, "code", message).at("code"),
        EnrolError::Key => Problem::untrue("key", message).at("public_key"),
        EnrolError::Name => Problem::untrue("name", message).at("name"),
        EnrolError::Store(error) => error.into(),
    }
}
