//! `GET /api/v1/report`: a page of results, for coordinators.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use replica::api::{Role, Unit};

use super::releases::may_read;
use super::scores::{sees, sources};
use super::session::Session;
use super::{Problem, Shared, blocking};
use crate::http::body::Parameters;
use crate::identity::Device;
use crate::reports::releases::{self, Reader};
use crate::reports::report::Report;
use crate::reports::{self, Query, ReportError, html};
use crate::server::Server;

/// The inside of a page, in the language and for the width asked for.
pub async fn report(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(query): Parameters<Query>,
) -> Result<Html<String>, Problem> {
    if device.role != Role::Coordinator {
        return Err(Problem::not_permitted("Results are for coordinators."));
    }
    blocking(move || match write(&shared.server, query, &device) {
        Ok(report) => Ok(Html(html::page(&report))),
        Err(ReportError::Figure(fault)) => Err(Problem::malformed(fault.to_string()).at("target")),
        Err(ReportError::Scores(fault)) => Err(fault.into()),
        Err(ReportError::Release(fault)) => Err(fault.into()),
        Err(fault) => Err(Problem::ours(&fault)),
    })
    .await
}

fn write(server: &Server, query: Query, device: &Device) -> Result<Report, ReportError> {
    if query.release.is_none() {
        return reports::write(sources(server), query, |unit| sees(device, unit));
    }
    let units = server.catalogue.units()?;
    let reader = Reader {
        sees: &|name, province| {
            let of = |unit: &Unit| unit.government == name && unit.province == province && sees(device, unit);
            device.office.is_none() && device.unit.is_none() || units.iter().any(of)
        },
        has_files: may_read(device),
    };
    releases::releases(server.shelf.as_ref(), query, &reader)
}
