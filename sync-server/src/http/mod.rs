//! The server's addresses, and the limits that hold for all of them.

mod assets;
mod body;
mod enrol;
mod error;
mod events;
mod headers;
mod home;
mod odata;
mod packed;
mod photos;
mod reconcile;
mod releases;
mod report;
mod scores;
mod serve;
mod session;
mod sync;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;

pub use error::Problem;
pub use serve::serve;

use crate::server::Server;

/// How long requests may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// For one request, the arrival of its body included.
    pub request: Duration,
    /// The longest pause within a body.
    pub pause: Duration,
}

impl Default for Times {
    /// 1 MiB at 10 kB/s.
    fn default() -> Self {
        Self { request: Duration::from_mins(2), pause: Duration::from_secs(20) }
    }
}

/// What all requests share.
pub struct Shared {
    /// The parts of the server.
    pub server: Server,
    /// Where devices reach it.
    pub public_url: String,
    policy: HeaderValue,
    times: Times,
    turns: turns::Turns,
    /// Photos have turns of their own: a store of theirs that is slow must not hold up answers.
    photo_turns: turns::Turns,
    listeners: events::Listeners,
    odata: odata::Service,
    packed: packed::Packed,
}

impl Shared {
    /// Makes a running server ready for requests.
    pub fn new(server: Server, public_url: String) -> Self {
        let policy = policy_of(&assets::index_page());
        Self {
            server,
            public_url,
            policy,
            times: Times::default(),
            turns: turns::Turns::default(),
            photo_turns: turns::Turns::default(),
            listeners: events::Listeners::default(),
            odata: odata::Service::default(),
            packed: packed::Packed::default(),
        }
    }

    /// The same with other times.
    #[must_use]
    pub fn timed(mut self, times: Times) -> Self {
        self.times = times;
        self
    }

    /// The content security policy. A debug build serves a bundle that may change under it.
    fn policy(&self) -> HeaderValue {
        if cfg!(debug_assertions) { policy_of(&assets::index_page()) } else { self.policy.clone() }
    }

    fn over_tls(&self) -> bool {
        self.public_url.starts_with("https:")
    }
}

fn policy_of(index: &str) -> HeaderValue {
    // The policy holds visible ASCII only; where it did not, the strictest one stands in.
    HeaderValue::try_from(headers::content_security_policy(index))
        .unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// All addresses.
pub fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/enrol", post(enrol::enrol))
        .route("/challenge", post(session::challenge))
        .route("/session", post(session::open))
        .route("/home", get(home::home))
        .route("/instruments/{hash}", get(home::instrument))
        .route("/push", post(sync::push))
        .route("/pull", get(sync::pull))
        .route("/reconcile", post(reconcile::reconcile))
        .route("/events", get(events::events))
        .route("/photos/{hash}", get(photos::read).head(photos::held).patch(photos::take))
        .route("/coverage", get(home::coverage))
        .route("/aside", get(home::set_aside))
        .route("/report", get(report::report))
        .route("/codes", post(enrol::new_code))
        .route("/approve", post(scores::approve))
        .route("/scores", get(scores::list))
        .route("/scores/government", get(scores::government))
        .route("/scores/unit/{id}", get(scores::unit))
        .route("/scores/findings", get(scores::findings))
        .route("/scores/lift", get(scores::lift))
        .route("/scores/progress", get(scores::progress))
        .route("/scores/change", get(scores::change))
        .route("/published", get(scores::published))
        .route("/releases", get(releases::list))
        .route("/releases/{number}/{file}", get(releases::file))
        .route("/releases/{number}/exports/{file}", get(releases::export))
        .route("/methods", get(scores::methods))
        .route("/methods/{year}", get(scores::method))
        .method_not_allowed_fallback(wrong_method);
    Router::new()
        .route("/healthz", get(healthz))
        .nest("/api/v1", api)
        .nest("/odata/v1", odata::routes())
        .fallback(assets::serve)
        .layer(CompressionLayer::new().br(true).gzip(true))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), limits))
        .layer(RequestBodyTimeoutLayer::new(shared.times.pause))
        .layer(TraceLayer::new_for_http())
        .with_state(shared)
}

async fn healthz() -> impl IntoResponse {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], "{\"ok\":true}")
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "This call exists, but not with this method.")
}

/// Ends what takes too long, and puts the fixed headers on every answer.
async fn limits(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let is_api = ["/api/", "/odata/"].iter().any(|begin| request.uri().path().starts_with(begin));
    let answered = tokio::time::timeout(shared.times.request, next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| {
        let message = "The request took too long to arrive. Send less at once.";
        Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", message).into_response()
    });
    if is_api && response.status() == StatusCode::NO_CONTENT {
        // There is nothing that a browser could show.
        headers::add_transport(response.headers_mut(), shared.over_tls());
    } else if is_api {
        headers::add_to_api(response.headers_mut(), shared.over_tls());
    } else if headers::is_part_of_pages(response.headers()) {
        headers::add_to_part(response.headers_mut(), shared.over_tls());
    } else {
        headers::add_to_page(response.headers_mut(), &shared.policy(), shared.over_tls());
    }
    response
}

/// Runs what reads or writes the disk on a thread that may wait.
async fn blocking<T, F>(work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Problem> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Problem::ours(&error)))
}
