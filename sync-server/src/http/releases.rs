//! Releases: which there are, for coordinators; and their files, for coordinators of all offices.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use replica::api::Role;

use super::body::Place;
use super::session::Session;
use super::{Problem, Shared, blocking};
use crate::exports::folder::Export;
use crate::identity::Device;
use crate::releases::bundle::Bundle;
use crate::releases::frozen::FrozenError;
use crate::releases::line::{ReleaseLine, ReleaseList};

/// `GET /api/v1/releases`.
pub async fn list(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
) -> Result<Json<ReleaseList>, Problem> {
    if device.role != Role::Coordinator {
        return Err(Problem::not_permitted("Releases are for coordinators."));
    }
    blocking(move || {
        let kept = shared.server.shelf.all()?;
        let releases = kept.iter().rev().map(ReleaseLine::of).collect::<Result<_, _>>()?;
        Ok(Json(ReleaseList { releases }))
    })
    .await
}

/// `GET /api/v1/releases/{number}/{file}`: a file as it was signed.
pub async fn file(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Place((number, name)): Place<(u32, String)>,
) -> Result<Response, Problem> {
    if !may_read(&device) {
        return Err(Problem::not_permitted(ALL_OFFICES));
    }
    let saved_as = format!("release-{number}-{name}");
    let bytes =
        blocking(move || Ok(Bundle::open(shared.server.shelf.as_ref(), number)?.file(&name)?)).await?;
    Ok(attached(&saved_as, "private, max-age=31536000, immutable", bytes))
}

/// `GET /api/v1/releases/{number}/exports/{file}`: its tables or a rapor, written now; the same bytes each time.
pub async fn export(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Place((number, name)): Place<(u32, String)>,
) -> Result<Response, Problem> {
    if !may_read(&device) {
        return Err(Problem::not_permitted(ALL_OFFICES));
    }
    let found = blocking(move || {
        let bundle = Bundle::open(shared.server.shelf.as_ref(), number)?;
        let export = Export::of(&bundle).map_err(|error| Problem::ours(&error))?;
        export.file(&name).map_err(|error| Problem::ours(&error))
    })
    .await?;
    let file = found.ok_or_else(|| Problem::not_found("The release offers no such file."))?;
    Ok(attached(&file.name, "private, no-store", file.bytes))
}

/// A file to save under this name.
fn attached(name: &str, kept: &'static str, bytes: Vec<u8>) -> Response {
    let saved_as = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type(name))),
        (header::CONTENT_DISPOSITION, saved_as.unwrap_or(HeaderValue::from_static("attachment"))),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
    ];
    (fixed, bytes).into_response()
}

const ALL_OFFICES: &str =
    "A release holds the answers of every office; ask a coordinator who serves them all.";

/// A release holds the answers of every office.
pub(super) fn may_read(device: &Device) -> bool {
    device.role == Role::Coordinator && device.office.is_none() && device.unit.is_none()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("json") => "application/json",
        Some("jsonl") => "application/jsonl",
        Some("toml") => "application/toml",
        Some("xml") => "application/xml",
        Some("zip") => "application/zip",
        Some("pdf") => "application/pdf",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("pem") => "application/x-pem-file",
        _ => "application/octet-stream",
    }
}

impl From<FrozenError> for Problem {
    fn from(error: FrozenError) -> Self {
        match error {
            FrozenError::Store(error) => error.into(),
            FrozenError::Unknown(_) | FrozenError::Missing(_) => Self::not_found(error.to_string()),
            error => Self::ours(&error),
        }
    }
}
