//! `GET /odata/v1/releases/{number}/...`: releases for Excel and Power BI. Whoever asks has a key as password, or a
//! coordinator's session, and is shown what belongs to its office.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lru::LruCache;
use replica::api::Role;
use replica::{OfficeId, UnitId};
use serde_json::json;

use super::Shared;
use super::session::enrolled;
use crate::database::StoreError;
use crate::exports::folder::digest;
use crate::exports::table::Table;
use crate::exports::tables::source::{Source, UnitRow};
use crate::identity::attempts::Attempts;
use crate::odata::{Asked, Fault, answer};
use crate::releases::bundle::Bundle;
use crate::releases::frozen::FrozenError;
use crate::{clock, keys};

/// Releases whose tables are kept made: a nation's take some hundred megabytes.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);
/// Longest page that may be wished for; the service cuts it further.
const DIGITS: usize = 6;

const VERSION: (HeaderName, HeaderValue) =
    (HeaderName::from_static("odata-version"), HeaderValue::from_static("4.0"));
const NO_STORE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// A release, as far as somebody may see it.
type Seen = (u32, Scope);

/// What somebody may see; none is everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Scope {
    office: Option<OfficeId>,
    unit: Option<UnitId>,
}

impl Scope {
    fn sees(&self, unit: &UnitRow) -> bool {
        let own = |own: Option<&str>, of: &str| own.is_none_or(|own| own == of);
        own(self.office.as_ref().map(OfficeId::as_str), &unit.office)
            && own(self.unit.as_ref().map(UnitId::as_str), &unit.id)
    }
}

/// What requests share.
pub(super) struct Service {
    /// Tables that were made. Held while some are made, so that they are made once.
    made: Mutex<LruCache<Seen, Arc<Vec<Table>>>>,
    /// Wrong keys. Apart from wrong codes: a workbook with an ended key must keep no phone from enrolling.
    attempts: Attempts,
}

impl Default for Service {
    fn default() -> Self {
        Self { made: Mutex::new(LruCache::new(KEPT)), attempts: Attempts::default() }
    }
}

/// The addresses of the service.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/releases/{number}", get(service))
        .route("/releases/{number}/", get(service))
        .route("/releases/{number}/{*path}", get(inside))
        .fallback(nothing)
        .method_not_allowed_fallback(only_reading)
}

/// An answer that is an error in the standard's JSON.
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    target: Option<String>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), target: None }
    }

    fn ours(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %cause, "a release could not be shown");
        let message = "The server could not do this now. Try again later.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server-fault", message)
    }

    fn sign_in() -> Self {
        let message = "Sign in with any name and a key as password. `loket key make` makes one.";
        Self::new(StatusCode::UNAUTHORIZED, "no-key", message)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        if error.is_passing() {
            let message = "The server's database is away for a moment. Try again soon.";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message);
        }
        Self::ours(&error)
    }
}

impl From<FrozenError> for Refusal {
    fn from(error: FrozenError) -> Self {
        match error {
            FrozenError::Unknown(number) => {
                let message = format!("There is no release {number}.");
                Self::new(StatusCode::NOT_FOUND, "no-release", message)
            }
            FrozenError::Store(error) => error.into(),
            other => Self::ours(&other),
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match fault {
            Fault::Query { target, message } => Self { status, code: "query", message, target: Some(target) },
            Fault::Unknown { target, message } => {
                Self { status, code: "not-implemented", message, target: Some(target) }
            }
            Fault::Missing(message) => Self::new(status, "not-found", message),
            Fault::Ours(message) => Self::ours(&Fault::Ours(message)),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = json!({"code": self.code, "message": self.message});
        if let Some(target) = self.target {
            error["target"] = target.into();
        }
        let json =
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json;odata.metadata=minimal"));
        let body = json!({ "error": error }).to_string();
        let mut response = (self.status, [VERSION, NO_STORE, json], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Basic realm=\"Loket\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}

async fn nothing() -> Refusal {
    let message = "There is nothing here. A release is at /odata/v1/releases/NUMBER/.";
    Refusal::new(StatusCode::NOT_FOUND, "not-found", message)
}

async fn only_reading() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Releases are only read.")
}

async fn service(
    state: State<Arc<Shared>>,
    address: ConnectInfo<SocketAddr>,
    Path(number): Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    inside(state, address, Path((number, String::new())), query, headers).await
}

async fn inside(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    Path((number, path)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let scope = scope_of(&shared, address, &headers).await?;
    let number: u32 = number
        .parse()
        .map_err(|_| Refusal::new(StatusCode::NOT_FOUND, "no-release", "A release has a number, from 1."))?;
    blocking(move || {
        let tables = tables_of(&shared, number, scope)?;
        let root = format!("{}/odata/v1/releases/{number}/", shared.public_url.trim_end_matches('/'));
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let asked = Asked {
            root: &root,
            path: &path,
            query: query.as_deref().unwrap_or_default(),
            accept: text(header::ACCEPT),
            page: wished_page(text(HeaderName::from_static("prefer"))),
        };
        let answered = answer(&tables, &asked)?;
        let media_type = (header::CONTENT_TYPE, HeaderValue::from_static(answered.media_type));
        let mut response = ([VERSION, NO_STORE, media_type], Body::from(answered.body)).into_response();
        if let Some(rows) = answered.page {
            let applied = HeaderValue::try_from(format!("odata.maxpagesize={rows}"));
            if let Ok(applied) = applied {
                response.headers_mut().insert("preference-applied", applied);
            }
        }
        Ok(response)
    })
    .await
}

/// Rows of a page that the header `Prefer` wishes for.
fn wished_page(prefer: &str) -> Option<usize> {
    let wish = |part: &str| {
        let (name, value) = part.trim().split_once('=')?;
        let is_it = matches!(name.trim(), "odata.maxpagesize" | "maxpagesize");
        let value = value.trim();
        (is_it && value.len() <= DIGITS).then(|| value.parse().ok())?
    };
    prefer.split([',', ';']).find_map(wish)
}

/// What whoever asks may see.
async fn scope_of(shared: &Arc<Shared>, address: SocketAddr, headers: &HeaderMap) -> Result<Scope, Refusal> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, secret) = given.and_then(|given| given.split_once(' ')).ok_or_else(Refusal::sign_in)?;
    let now = clock::now();
    if scheme.eq_ignore_ascii_case("bearer") {
        let token = shared.server.identity.check_token(secret, now);
        let (id, _) = token.map_err(|_| Refusal::sign_in())?;
        let device = enrolled(shared, id).await.map_err(|_| Refusal::sign_in())?;
        let device = device.filter(|device| device.role == Role::Coordinator).ok_or_else(Refusal::sign_in)?;
        return Ok(Scope { office: device.office, unit: device.unit });
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refusal::sign_in());
    }
    let attempts = &shared.odata.attempts;
    if !attempts.allows(address.ip(), now) {
        let message = "Too many wrong keys came from here. Wait a minute.";
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", message));
    }
    let decoded = STANDARD.decode(secret.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let password =
        decoded.as_deref().and_then(|text| text.split_once(':')).map(|(_, password)| password.to_owned());
    let server = Arc::clone(shared);
    let found = blocking(move || match password {
        Some(password) => Ok(keys::checked(server.server.keys.as_ref(), &password, now)?),
        None => Ok(None),
    })
    .await?;
    let Some(key) = found else {
        attempts.failed(address.ip(), now);
        return Err(Refusal::sign_in());
    };
    Ok(Scope { office: key.office, unit: None })
}

/// The tables of a release that somebody may see.
fn tables_of(shared: &Shared, number: u32, scope: Scope) -> Result<Arc<Vec<Table>>, Refusal> {
    let mut made = locked(&shared.odata.made);
    let seen = (number, scope);
    if let Some(tables) = made.get(&seen) {
        return Ok(Arc::clone(tables));
    }
    let bundle = Bundle::open(shared.server.shelf.as_ref(), number)?;
    let frozen = bundle.read()?;
    let source = Source::of(&frozen, &digest(&bundle)).only(|unit| seen.1.sees(unit));
    let tables = Arc::new(source.tables(&frozen));
    made.put(seen, Arc::clone(&tables));
    Ok(tables)
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs what reads the disk on a thread that may wait.
async fn blocking<T, F>(work: F) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Refusal> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Refusal::ours(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_long_as_is_wished_where_the_wish_is_a_number() {
        assert_eq!(wished_page("odata.maxpagesize=20"), Some(20));
        assert_eq!(wished_page("respond-async, maxpagesize = 5"), Some(5));
        for prefer in
            ["", "odata.maxpagesize", "odata.maxpagesize=-1", "odata.maxpagesize=99999999999", "x=1"]
        {
            assert_eq!(wished_page(prefer), None, "{prefer}");
        }
    }
}
