//! The server, over HTTP: every call that the app makes, with time limits, and what went wrong in types.

mod fetch;
mod gzip;
mod listen;

use std::cell::RefCell;
use std::rc::Rc;

use replica::api::{
    ApproveReply, Aside, ChallengeReply, ChallengeRequest, CodeReply, CodeRequest, Coverage, EnrolReply,
    EnrolRequest, Home, MethodInForce, SessionReply, SessionRequest,
};
use replica::attestation::DeviceKey;
use replica::sync::SyncFault;
use replica::wire::reconcile::{ReconcileReply, ReconcileRequest};
use replica::wire::{self, PullQuery, PullReply, PushReply, PushRequest};
use replica::{ContentHash, RecordId, StreamId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::photo::hash_of;
use fetch::{Answer, Call};

/// For calls whose answers are small, in milliseconds.
const SHORT: u32 = 20_000;
/// For calls that carry much, in milliseconds: 1 MB at 15 kB/s.
const LONG: u32 = 70_000;
const JSON: &str = "application/json";
const OFFSET: &str = "Upload-Offset";
/// The code for a device that the server does not know, or not any more.
pub const NOT_ENROLLED: &str = "not-enrolled";

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// There is no way to the server.
    #[error("the server cannot be reached")]
    Offline,
    /// No answer in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// The server does not want it (a 4xx).
    #[error("refused ({status} {code}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The server's code.
        code: String,
        /// The server's words.
        message: String,
    },
    /// The server is in trouble (a 5xx), has too much to do (429), or answers what makes no sense (a 2xx).
    #[error("the server is in trouble ({status}): {message}")]
    Server {
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
        /// How long it asks to wait, in seconds.
        retry_after: Option<u32>,
    },
}

impl NetError {
    /// A short name for catalogues of texts: `offline`, `timeout`, `server`, or the server's own code for a
    /// refusal; `not-enrolled` where this device has no identity, or the server does not know it any more.
    pub fn code(&self) -> &str {
        match self {
            Self::Offline => "offline",
            Self::Timeout => "timeout",
            Self::Refused { code, .. } => code,
            Self::Server { .. } => "server",
        }
    }

    /// As the sync engine wants to know it.
    pub fn fault(&self) -> SyncFault {
        match self {
            Self::Offline => SyncFault::Network,
            Self::Timeout => SyncFault::Timeout,
            Self::Refused { status: 401, .. } => SyncFault::Unauthorised,
            Self::Refused { status: 413, .. } => SyncFault::TooLarge,
            Self::Refused { .. } => SyncFault::Rejected,
            Self::Server { retry_after: Some(seconds), .. } => SyncFault::Busy(u64::from(*seconds) * 1000),
            Self::Server { status: 200..=299, .. } => SyncFault::BadReply,
            Self::Server { .. } => SyncFault::Server,
        }
    }

    fn not_enrolled() -> Self {
        let message = "this device has no identity".to_owned();
        Self::Refused { status: 401, code: NOT_ENROLLED.to_owned(), message }
    }

    /// For an answer that is not what it should be.
    #[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
    fn garbled(why: impl ToString) -> Self {
        Self::Server { status: 200, message: why.to_string(), retry_after: None }
    }
}

/// Trades a one-time code for an identity with this key; `name` is what people call the device.
///
/// # Errors
/// [`NetError`]; [`NetError::Refused`] where the code is wrong, used or too old.
pub async fn enrol(code: &str, key: &DeviceKey, name: &str) -> Result<EnrolReply, NetError> {
    let request = EnrolRequest { code: code.to_owned(), public_key: key.public(), name: name.to_owned() };
    post("/api/v1/enrol", &request).await
}

/// What the server said when asked for something that may not have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fresh<T> {
    /// As it was.
    Same,
    /// This, under this `ETag`.
    New(T, Option<String>),
}

/// The server that this page came from. Cheap to clone; clones share the session.
#[derive(Clone, Default)]
pub struct Net(Rc<Inner>);

#[derive(Default)]
struct Inner {
    key: RefCell<Option<Rc<DeviceKey>>>,
    token: RefCell<Option<String>>,
}

impl Net {
    /// Signs in with this key from now on; with none, only enrolment works.
    pub fn use_key(&self, key: Option<DeviceKey>) {
        self.0.key.replace(key.map(Rc::new));
        self.0.token.take();
    }

    /// Gets a new token: challenge, signature, session.
    ///
    /// # Errors
    /// [`NetError`]; [`NetError::Refused`] with status 401 where the server does not know the device any more.
    pub async fn sign_in(&self) -> Result<(), NetError> {
        let key = self.0.key.borrow().clone().ok_or_else(NetError::not_enrolled)?;
        let device = key.device();
        let ask = ChallengeRequest { device };
        let ChallengeReply { challenge } = post("/api/v1/challenge", &ask).await?;
        let answer = SessionRequest { device, challenge, signature: key.answer(&challenge) };
        let reply: SessionReply = post("/api/v1/session", &answer).await?;
        // When it expires is told by the server's clock, which this device's may not agree with; a token is
        // used until the server says that it no longer holds.
        self.0.token.replace(Some(reply.token));
        Ok(())
    }

    /// What this device may see, unless it is still what `etag` stands for.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn home(&self, etag: Option<&str>) -> Result<Fresh<Home>, NetError> {
        let mut call = Call::get("/api/v1/home", SHORT);
        if let Some(etag) = etag {
            call = call.header("If-None-Match", etag);
        }
        let answer = self.signed(call).await?;
        if answer.status == 304 {
            return Ok(Fresh::Same);
        }
        Ok(Fresh::New(answer.json()?, answer.header("ETag")))
    }

    /// An instrument's JSON, whose hash is checked.
    ///
    /// # Errors
    /// [`NetError`]; [`NetError::Server`] where it has another hash.
    pub async fn instrument(&self, hash: ContentHash) -> Result<Vec<u8>, NetError> {
        let answer = self.signed(Call::get(format!("/api/v1/instruments/{hash}"), LONG)).await?;
        named(hash, answer.body)
    }

    /// The rule set of a year as JSON, whose hash is checked.
    ///
    /// # Errors
    /// [`NetError`]; [`NetError::Server`] where it has another hash.
    pub async fn rules(&self, method: MethodInForce) -> Result<Vec<u8>, NetError> {
        let answer = self.signed(Call::get(format!("/api/v1/methods/{}", method.year), LONG)).await?;
        named(method.rules, answer.body)
    }

    /// Sends a batch.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn push(&self, request: &PushRequest) -> Result<PushReply, NetError> {
        self.push_body(request.to_cbor()).await
    }

    /// Sends a batch as it is.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn push_body(&self, body: Vec<u8>) -> Result<PushReply, NetError> {
        let call = Call::post("/api/v1/push", LONG).body(wire::MEDIA_TYPE, body);
        let answer = self.signed(call).await?;
        PushReply::from_cbor(&answer.body).map_err(NetError::garbled)
    }

    /// Asks for what is new in a stream.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn pull(&self, query: &PullQuery) -> Result<PullReply, NetError> {
        let call = Call::get(format!("/api/v1/pull?{}", query.to_query()), LONG);
        let answer = self.signed(call).await?;
        query.read(&answer.body).map_err(NetError::garbled)
    }

    /// Asks what the server holds of a stream.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn reconcile(
        &self,
        stream: &StreamId,
        request: &ReconcileRequest,
    ) -> Result<ReconcileReply, NetError> {
        let call = Call::post(format!("/api/v1/reconcile?stream={stream}"), LONG);
        let answer = self.signed(call.body(wire::MEDIA_TYPE, request.to_cbor())).await?;
        ReconcileReply::from_cbor(&answer.body).map_err(NetError::garbled)
    }

    /// Listens to what the server says until the line breaks, or until nothing came for some time; `on_event` hears
    /// of every stream in which there is more, first of all of none when the line stands.
    ///
    /// # Errors
    /// [`NetError`] where the server lets nobody listen.
    pub async fn listen(&self, on_event: impl Fn(Option<StreamId>)) -> Result<(), NetError> {
        // Signing in is left to the sync itself.
        let token = self.0.token.borrow().clone().ok_or_else(NetError::not_enrolled)?;
        listen::listen(&token, on_event).await
    }

    /// How many bytes of a photo the server holds.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn photo_held(&self, hash: ContentHash) -> Result<u32, NetError> {
        let call = Call { method: "HEAD", ..Call::get(format!("/api/v1/photos/{hash}"), SHORT) };
        match self.signed(call).await {
            Ok(answer) => held(&answer),
            Err(NetError::Refused { status: 404, .. }) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Sends one part of a photo, from `begins` on; tells how many bytes the server holds then. Where it
    /// holds another number than `begins`, it takes nothing, and that number comes back.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn photo_part(
        &self,
        hash: ContentHash,
        record: RecordId,
        length: u32,
        begins: u32,
        part: &[u8],
    ) -> Result<u32, NetError> {
        let path = format!("/api/v1/photos/{hash}?record={record}&length={length}");
        let call = Call { method: "PATCH", ..Call::get(path, LONG) };
        let call = call.body("application/octet-stream", part.to_vec()).header(OFFSET, &begins.to_string());
        let answer = self.signed_raw(Call { as_it_is: true, ..call }).await?;
        if answer.status == 409 && answer.header(OFFSET).is_some() {
            return held(&answer);
        }
        held(&answer.or_problem()?)
    }

    /// A photo, whose hash is checked.
    ///
    /// # Errors
    /// [`NetError`]; [`NetError::Server`] where it has another hash.
    pub async fn photo(&self, hash: ContentHash) -> Result<Vec<u8>, NetError> {
        let answer = self.signed(Call::get(format!("/api/v1/photos/{hash}"), LONG)).await?;
        named(hash, answer.body)
    }

    /// How far the round is.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn coverage(&self) -> Result<Coverage, NetError> {
        self.signed(Call::get("/api/v1/coverage", SHORT)).await?.json()
    }

    /// What could not be applied.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn aside(&self) -> Result<Aside, NetError> {
        self.signed(Call::get("/api/v1/aside", SHORT)).await?.json()
    }

    /// A page of results, written by the server: the inside of a page, in which all that came from people is escaped.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn results(&self, query: &str) -> Result<String, NetError> {
        let query = query.trim_start_matches(['?', '&']);
        let answer = self.signed(Call::get(format!("/api/v1/report?{query}"), SHORT)).await?;
        String::from_utf8(answer.body).map_err(NetError::garbled)
    }

    /// Approves a unit's records, by the request that a page of results holds.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn approve(&self, request: String) -> Result<ApproveReply, NetError> {
        let call = Call::post("/api/v1/approve", SHORT).body(JSON, request.into_bytes());
        self.signed(call).await?.json()
    }

    /// A file of a release, for a coordinator who serves all offices.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn release_file(&self, address: &str) -> Result<Vec<u8>, NetError> {
        Ok(self.signed(Call::get(address, LONG)).await?.body)
    }

    /// A new enrolment code.
    ///
    /// # Errors
    /// [`NetError`].
    pub async fn make_code(&self, request: &CodeRequest) -> Result<CodeReply, NetError> {
        let body = serde_json::to_vec(request).map_err(NetError::garbled)?;
        self.signed(Call::post("/api/v1/codes", SHORT).body(JSON, body)).await?.json()
    }

    async fn signed(&self, call: Call) -> Result<Answer, NetError> {
        self.signed_raw(call).await?.or_problem()
    }

    /// Makes a call with the session's token; with a new one, once, where it has ended.
    async fn signed_raw(&self, call: Call) -> Result<Answer, NetError> {
        if self.0.token.borrow().is_none() {
            self.sign_in().await?;
        }
        let token = self.0.token.borrow().clone();
        let answer = fetch::send(&call, token.as_deref()).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        self.sign_in().await?;
        let token = self.0.token.borrow().clone();
        fetch::send(&call, token.as_deref()).await
    }
}

async fn post<Q: Serialize, A: DeserializeOwned>(path: &'static str, request: &Q) -> Result<A, NetError> {
    let body = serde_json::to_vec(request).map_err(NetError::garbled)?;
    fetch::send(&Call::post(path, SHORT).body(JSON, body), None).await?.or_problem()?.json()
}

fn named(hash: ContentHash, bytes: Vec<u8>) -> Result<Vec<u8>, NetError> {
    if hash_of(&bytes) == hash {
        Ok(bytes)
    } else {
        Err(NetError::garbled(format!("what came is not {hash}")))
    }
}

fn held(answer: &Answer) -> Result<u32, NetError> {
    let offset = answer.header(OFFSET).and_then(|text| text.parse().ok());
    offset.ok_or_else(|| NetError::garbled("the answer does not say how much is held"))
}
