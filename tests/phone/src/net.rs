//! The calls that the app makes, over real sockets.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use replica::api::{ChallengeReply, EnrolReply, Home, SessionReply};
use replica::attestation::DeviceKey;
use replica::sync::SyncFault;
use replica::wire::reconcile::{ReconcileReply, ReconcileRequest};
use replica::wire::{MEDIA_TYPE, PullQuery, PullReply, PushReply, PushRequest};
use replica::{ContentHash, RecordId, StreamId};
use serde_json::json;
use ureq::Agent;
use ureq::config::AutoHeaderValue;
use ureq::http::{Request, Response};

use crate::fault::Fault;

/// What the app gives calls that carry much.
const LONG: Duration = Duration::from_secs(70);

/// What calls have cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// How many there were.
    pub calls: u64,
    /// Bytes of their bodies, and of those of the answers, as they were sent.
    pub bodies: u64,
}

/// The server, as this phone reaches it.
pub struct Net {
    base: String,
    agent: Agent,
    token: String,
    /// What calls have cost so far.
    pub spent: Spent,
}

struct Answer {
    status: u16,
    offset: Option<u32>,
    retry_after: Option<u64>,
    body: Vec<u8>,
}

impl Net {
    /// The server at this address; with one connection for all calls, or one for each.
    pub fn new(address: SocketAddr, keeps: bool) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(LONG));
        // As the app, which names no program and takes whatever comes.
        let mut config = config.user_agent(AutoHeaderValue::None).accept(AutoHeaderValue::None);
        if !keeps {
            config = config.max_idle_connections(0);
        }
        let agent = config.build().into();
        Self { base: format!("http://{address}"), agent, token: String::new(), spent: Spent::default() }
    }

    /// Goes another way from now on, as when a phone changes from one network to another.
    pub fn go_by(&mut self, address: SocketAddr) {
        self.base = format!("http://{address}");
    }

    /// Trades a code for an identity.
    ///
    /// # Errors
    /// [`Fault::Server`] where the server does not want it.
    pub fn enrol(&mut self, code: &str, key: &DeviceKey) -> Result<EnrolReply, Fault> {
        let body = json!({"code": code, "public_key": key.public(), "name": "phone"});
        self.json("POST", "/api/v1/enrol", Some(&body)).map_err(|fault| wrong("enrolment", fault))
    }

    /// What the device may see.
    ///
    /// # Errors
    /// [`Fault::Server`].
    pub fn home(&mut self) -> Result<Home, Fault> {
        self.json("GET", "/api/v1/home", None).map_err(|fault| wrong("home", fault))
    }

    /// An instrument's JSON.
    ///
    /// # Errors
    /// [`Fault::Server`].
    pub fn instrument(&mut self, hash: ContentHash) -> Result<Vec<u8>, Fault> {
        let answer = self.call("GET", &format!("/api/v1/instruments/{hash}"), None, &[]);
        answer.and_then(fine).map(|answer| answer.body).map_err(|fault| wrong("an instrument", fault))
    }

    /// Challenge, signature, session.
    ///
    /// # Errors
    /// [`SyncFault`].
    pub fn sign_in(&mut self, key: &DeviceKey) -> Result<(), SyncFault> {
        let device = key.device();
        let asked = json!({ "device": device });
        let ChallengeReply { challenge } = self.json("POST", "/api/v1/challenge", Some(&asked))?;
        let answer = json!({"device": device, "challenge": challenge, "signature": key.answer(&challenge)});
        let SessionReply { token, .. } = self.json("POST", "/api/v1/session", Some(&answer))?;
        self.token = token;
        Ok(())
    }

    /// Sends a batch.
    ///
    /// # Errors
    /// [`SyncFault`].
    pub fn push(&mut self, request: &PushRequest) -> Result<PushReply, SyncFault> {
        let answer = self.cbor("POST", "/api/v1/push", Some(&request.to_cbor()))?;
        PushReply::from_cbor(&answer).map_err(|_| SyncFault::BadReply)
    }

    /// Asks for what is new.
    ///
    /// # Errors
    /// [`SyncFault`].
    pub fn pull(&mut self, query: &PullQuery) -> Result<PullReply, SyncFault> {
        let answer = self.cbor("GET", &format!("/api/v1/pull?{}", query.to_query()), None)?;
        query.read(&answer).map_err(|_| SyncFault::BadReply)
    }

    /// Asks what the server holds.
    ///
    /// # Errors
    /// [`SyncFault`].
    pub fn reconcile(
        &mut self,
        stream: &StreamId,
        request: &ReconcileRequest,
    ) -> Result<ReconcileReply, SyncFault> {
        let path = format!("/api/v1/reconcile?stream={stream}");
        let answer = self.cbor("POST", &path, Some(&request.to_cbor()))?;
        ReconcileReply::from_cbor(&answer).map_err(|_| SyncFault::BadReply)
    }

    /// How many bytes of a photo the server holds.
    ///
    /// # Errors
    /// [`SyncFault`].
    pub fn photo_held(&mut self, hash: ContentHash) -> Result<u32, SyncFault> {
        let answer = self.call("HEAD", &format!("/api/v1/photos/{hash}"), None, &[])?;
        fine(answer)?.offset.ok_or(SyncFault::BadReply)
    }

    /// Sends one part of a photo; tells how many bytes the server holds then. Nothing where it does not know the
    /// record yet.
    ///
    /// # Errors
    /// [`SyncFault`].
    pub fn photo_part(
        &mut self,
        hash: ContentHash,
        record: RecordId,
        length: usize,
        begins: u32,
        part: &[u8],
    ) -> Result<Option<u32>, SyncFault> {
        let path = format!("/api/v1/photos/{hash}?record={record}&length={length}");
        let offset = begins.to_string();
        let headers = [("upload-offset", offset.as_str()), ("content-type", "application/octet-stream")];
        let answer = self.call("PATCH", &path, Some(part), &headers)?;
        match (answer.status, answer.offset) {
            (204 | 409, Some(held)) => Ok(Some(held)),
            (422, _) => Ok(None),
            _ => Err(fine(answer).err().unwrap_or(SyncFault::BadReply)),
        }
    }

    /// A whole photo.
    ///
    /// # Errors
    /// [`SyncFault`].
    pub fn photo(&mut self, hash: ContentHash) -> Result<Vec<u8>, SyncFault> {
        fine(self.call("GET", &format!("/api/v1/photos/{hash}"), None, &[])?).map(|answer| answer.body)
    }

    fn json<T: serde::de::DeserializeOwned>(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<T, SyncFault> {
        let body = body.map(|body| body.to_string().into_bytes());
        let answer = self.call(method, path, body.as_deref(), &[("content-type", "application/json")])?;
        serde_json::from_slice(&fine(answer)?.body).map_err(|_| SyncFault::BadReply)
    }

    fn cbor(&mut self, method: &str, path: &str, body: Option<&[u8]>) -> Result<Vec<u8>, SyncFault> {
        let packed = body.filter(|body| body.len() >= 200).map(gzip);
        let mut headers = Vec::new();
        if body.is_some() {
            headers.push(("content-type", MEDIA_TYPE));
        }
        if packed.is_some() {
            headers.push(("content-encoding", "gzip"));
        }
        let answer = self.call(method, path, packed.as_deref().or(body), &headers)?;
        fine(answer).map(|answer| answer.body)
    }

    fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, SyncFault> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.spent.calls += 1;
        self.spent.bodies += body.map_or(0, |body| body.len() as u64);
        let answered = match body {
            Some(body) => request.body(body).map_err(|_| SyncFault::BadReply).map(|r| self.agent.run(r))?,
            None => request.body(()).map_err(|_| SyncFault::BadReply).map(|r| self.agent.run(r))?,
        };
        // The head of an answer may say how the body is packed that it does not have.
        let has_body = method != "HEAD";
        let answer = answered.map_err(|error| as_fault(&error)).and_then(|found| read(found, has_body))?;
        self.spent.bodies += answer.body.len() as u64;
        Ok(answer)
    }
}

fn read(mut response: Response<ureq::Body>, has_body: bool) -> Result<Answer, SyncFault> {
    let number = |name: &str| response.headers().get(name)?.to_str().ok()?.parse::<u64>().ok();
    let offset = number("upload-offset").and_then(|offset| u32::try_from(offset).ok());
    let (status, retry_after) = (response.status().as_u16(), number("retry-after"));
    let mut body = Vec::new();
    if has_body {
        response.body_mut().as_reader().read_to_end(&mut body).map_err(|_| SyncFault::Network)?;
    }
    Ok(Answer { status, offset, retry_after, body })
}

fn as_fault(error: &ureq::Error) -> SyncFault {
    if matches!(error, ureq::Error::Timeout(_)) { SyncFault::Timeout } else { SyncFault::Network }
}

fn fine(answer: Answer) -> Result<Answer, SyncFault> {
    match answer.status {
        200..=299 | 304 => Ok(answer),
        401 => Err(SyncFault::Unauthorised),
        413 => Err(SyncFault::TooLarge),
        429 | 503 => Err(SyncFault::Busy(answer.retry_after.unwrap_or(1) * 1_000)),
        400..=499 => Err(SyncFault::Rejected),
        _ => Err(SyncFault::Server),
    }
}

fn wrong(what: &str, fault: SyncFault) -> Fault {
    Fault::Server(format!("{what}: {fault:?}"))
}

/// The bytes as the app sends them.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to a vector has no way to fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
