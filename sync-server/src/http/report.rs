//! `GET /api/v1/report`: a page of results, for coordinators.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use replica::api::Role;

use super::scores::{sees, sources};
use super::session::Session;
use super::{Problem, Shared, blocking};
use crate::http::body::Parameters;
use crate::reports::{self, Query, ReportError, html};

/// The inside of a page, in the language and for the width asked for.
pub async fn report(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(query): Parameters<Query>,
) -> Result<Html<String>, Problem> {
    if device.role != Role::Coordinator {
        return Err(Problem::not_permitted("Results are for coordinators."));
    }
    blocking(move || match reports::write(sources(&shared.server), query, |unit| sees(&device, unit)) {
        Ok(report) => Ok(Html(html::page(&report))),
        Err(ReportError::Figure(fault)) => Err(Problem::malformed(fault.to_string()).at("target")),
        Err(ReportError::Scores(fault)) => Err(fault.into()),
        Err(fault) => Err(Problem::ours(&fault)),
    })
    .await
}
