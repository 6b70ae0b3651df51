//! What the server says when it cannot do what was asked: a status and JSON, for every fault.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use replica::api::{self, ProblemBody};

use crate::database::StoreError;

/// An answer that is not what was asked for.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
    place: String,
    /// Seconds to wait before asking again.
    wait: Option<u32>,
}

impl Problem {
    /// A problem with its stable code and a sentence for people.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), place: String::new(), wait: None }
    }

    /// Where in the request it is: a field, a parameter, a place in a batch.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// 400: the request cannot be read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", message)
    }

    /// 401: no session, or one that has ended.
    pub fn no_session() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "no-session",
            "Sign in again: there is no session, or it has ended.",
        )
    }

    /// 403: signed in, and still not allowed.
    pub fn not_permitted(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-permitted", message)
    }

    /// 404.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    /// 413.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
    }

    /// 422: readable, but not true.
    pub fn untrue(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// 503: later, after so many seconds.
    pub fn busy(message: impl Into<String>, wait: u32) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).after(wait)
    }

    /// Says after how many seconds to ask again.
    #[must_use]
    pub fn after(mut self, wait: u32) -> Self {
        self.wait = Some(wait);
        self
    }

    /// 500: a fault of ours; the cause goes to the server's own log only.
    pub fn ours(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %cause, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server-fault",
            "The server could not do this now. Nothing was lost; try again later.",
        )
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_passing() {
            tracing::warn!(%error, "a request has to come again");
            return Self::busy("The server's database is away for a moment. Try again soon.", 2);
        }
        Self::ours(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let location = (!self.place.is_empty()).then_some(self.place);
        let body = ProblemBody {
            error: api::Problem { code: self.code.to_owned(), message: self.message, location },
        };
        let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        let mut response = (self.status, no_store, Json(body)).into_response();
        if let Some(wait) = self.wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}
