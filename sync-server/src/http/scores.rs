//! Scores, for coordinators: the same answers as the commands print.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use replica::api::{ApproveReply, ApproveRequest, Role, Unit};
use replica::{RoundId, UnitId};
use serde::Deserialize;
use survey::scoring::api::{GovernmentPage, MethodLine, PublishedList, Scores, UnitPage};
use survey::scoring::exact::Score;
use survey::scoring::questions::change::Change;
use survey::scoring::questions::findings::Findings;
use survey::scoring::questions::lift::Lift;
use survey::scoring::questions::progress::Progress;
use survey::scoring::questions::standing::TARGET;
use survey::scoring::rules::RuleSet;

use super::body::{Parameters, Place};
use super::session::Session;
use super::{Problem, Shared, blocking, body};
use crate::clock;
use crate::identity::Device;
use crate::scores::changes::{End, changed};
use crate::scores::pages::{Named, Scored, Sources};
use crate::scores::{ScoresError, method_line};
use crate::server::Server;

/// What every question about a round may name.
#[derive(Deserialize)]
pub struct Asked {
    round: Option<RoundId>,
    method: Option<u16>,
    name: Option<String>,
    province: Option<String>,
    unit: Option<UnitId>,
    target: Option<Score>,
    from: Option<String>,
    to: Option<String>,
    from_method: Option<u16>,
    to_method: Option<u16>,
    entity: Option<String>,
    year: Option<u16>,
}

/// `GET /api/v1/scores`.
pub async fn list(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Scores>, Problem> {
    answer(shared, device, asked, |scored, device, _| Ok(scored.list(|unit| sees(device, unit)))).await
}

/// `GET /api/v1/scores/government`.
pub async fn government(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<GovernmentPage>, Problem> {
    let server = Arc::clone(&shared);
    answer(shared, device, asked, move |scored, _, asked| {
        let published = sources(&server.server).published()?;
        scored.government(&asked.named()?, asked.target.unwrap_or(TARGET), published)
    })
    .await
}

/// `GET /api/v1/scores/unit/{id}`.
pub async fn unit(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Place(id): Place<UnitId>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<UnitPage>, Problem> {
    answer(shared, device, asked, move |scored, device, _| {
        if sees(device, &scored.unit_of(&id)?.0) { scored.unit(&id) } else { Err(not_yours()) }
    })
    .await
}

/// `POST /api/v1/approve`.
pub async fn approve(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ApproveReply>, Problem> {
    only_coordinators(&device)?;
    let ApproveRequest { unit, round, upto } = body::json(&headers, body).await?;
    blocking(move || {
        let scored = sources(&shared.server).score(Some(round), None)?;
        if !sees(&device, &scored.unit_of(&unit)?.0) {
            return Err(not_yours().into());
        }
        Ok(Json(ApproveReply { approved: scored.approve(&unit, upto, Some(device.id), clock::now())? }))
    })
    .await
}

/// `GET /api/v1/scores/findings`.
pub async fn findings(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Findings>, Problem> {
    answer(shared, device, asked, |scored, _, asked| scored.findings(&asked.named()?)).await
}

/// `GET /api/v1/scores/lift`.
pub async fn lift(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Lift>, Problem> {
    answer(shared, device, asked, |scored, _, asked| {
        scored.lift(&asked.named()?, asked.unit.as_ref(), asked.target.unwrap_or(TARGET))
    })
    .await
}

/// `GET /api/v1/scores/progress`.
pub async fn progress(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Progress>, Problem> {
    only_coordinators(&device)?;
    blocking(move || {
        let server = &shared.server;
        may_see(server, &device, &asked)?;
        let target = asked.target.unwrap_or(TARGET);
        Ok(Json(sources(server).progress(&asked.named()?, asked.unit.as_ref(), target, asked.method)?))
    })
    .await
}

/// `GET /api/v1/scores/change`.
pub async fn change(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Change>, Problem> {
    only_coordinators(&device)?;
    blocking(move || {
        let server = &shared.server;
        may_see(server, &device, &asked)?;
        let end = |name: &Option<String>, method| {
            let name =
                name.clone().ok_or_else(|| ScoresError::Asked("name both `from` and `to`".to_owned()))?;
            Ok::<_, ScoresError>(End { name, method })
        };
        let (from, to) = (end(&asked.from, asked.from_method)?, end(&asked.to, asked.to_method)?);
        let published = sources(server).published()?;
        Ok(Json(changed(sources(server), &asked.named()?, &from, &to, &published)?))
    })
    .await
}

/// `GET /api/v1/published`.
pub async fn published(
    State(shared): State<Arc<Shared>>,
    Session(device): Session,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<PublishedList>, Problem> {
    only_coordinators(&device)?;
    blocking(move || {
        let mut results = sources(&shared.server).published()?;
        results.retain(|of| {
            let named = asked.entity.as_ref().is_none_or(|name| of.entity == *name || of.parent == *name);
            named && asked.year.is_none_or(|year| of.year == year)
        });
        Ok(Json(PublishedList { results }))
    })
    .await
}

/// `GET /api/v1/methods`.
pub async fn methods(State(shared): State<Arc<Shared>>, Session(_): Session) -> Json<Vec<MethodLine>> {
    Json(shared.server.scoring.methods.sets().iter().map(method_line).collect())
}

/// `GET /api/v1/methods/{year}`: the rule set, for whoever works with it; phones score a visit by it.
pub async fn method(
    State(shared): State<Arc<Shared>>,
    Session(_): Session,
    Place(year): Place<u16>,
) -> Result<Json<RuleSet>, Problem> {
    Ok(Json(shared.server.scoring.methods.of_year(year).map_err(ScoresError::from)?.rules.clone()))
}

async fn answer<T: Send + 'static>(
    shared: Arc<Shared>,
    device: Device,
    asked: Asked,
    question: impl FnOnce(&Scored<'_>, &Device, &Asked) -> Result<T, ScoresError> + Send + 'static,
) -> Result<Json<T>, Problem> {
    only_coordinators(&device)?;
    blocking(move || {
        let server = &shared.server;
        may_see(server, &device, &asked)?;
        let scored = sources(server).score(asked.round.clone(), asked.method)?;
        Ok(Json(question(&scored, &device, &asked)?))
    })
    .await
}

pub(super) fn sources(server: &Server) -> Sources<'_> {
    Sources { scoring: &server.scoring, projection: &server.projection, catalogue: server.catalogue.as_ref() }
}

/// A government is seen by those who see any of its units.
fn may_see(server: &Server, device: &Device, asked: &Asked) -> Result<(), Problem> {
    let Some(name) = &asked.name else { return Ok(()) };
    let of = |unit: &Unit| unit.government.eq_ignore_ascii_case(name) && sees(device, unit);
    if server.catalogue.units()?.iter().any(of) { Ok(()) } else { Err(not_yours().into()) }
}

pub(super) fn sees(device: &Device, unit: &Unit) -> bool {
    device.serves_unit(&unit.office, &unit.id)
}

fn not_yours() -> ScoresError {
    ScoresError::NotFound("there is no such government or unit among those of your office".to_owned())
}

fn only_coordinators(device: &Device) -> Result<(), Problem> {
    if device.role == Role::Coordinator {
        return Ok(());
    }
    Err(Problem::not_permitted("Scores are shown to coordinators."))
}

impl Asked {
    fn named(&self) -> Result<Named<'_>, ScoresError> {
        let name = self.name.as_deref();
        let name = name.ok_or_else(|| ScoresError::Asked("name the government with `name`".to_owned()))?;
        Ok(Named { name, province: self.province.as_deref() })
    }
}

impl From<ScoresError> for Problem {
    fn from(error: ScoresError) -> Self {
        match error {
            ScoresError::Store(error) => error.into(),
            ScoresError::NotFound(_) | ScoresError::Year(_) => Self::not_found(error.to_string()),
            ScoresError::Asked(_) => Self::new(StatusCode::BAD_REQUEST, "question", error.to_string()),
            ScoresError::Place(_) | ScoresError::Figure(_) => Self::ours(&error),
        }
    }
}
