//! A device that does what the wire asks for, and, where a test wants it, what it must not.

use std::io::Read as _;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use replica::api::{ChallengeReply, EnrolReply, ProblemBody, Role, SessionReply};
use replica::attestation::DeviceKey;
use replica::wire::{Outcome, PullQuery, PullReply, PushItem, PushReply, PushRequest};
use replica::{Actor, ChangeHash, Edit, Envelope, Epoch, Genesis, Limits, Record, TabId};
use serde_json::json;
use ureq::Agent;

use super::server::TestServer;

/// How long a device waits for a server that may be gone.
const PATIENCE: Duration = Duration::from_secs(2);

static SEEDS: AtomicU8 = AtomicU8::new(1);

pub struct Device {
    pub key: DeviceKey,
    pub actor: Actor,
    pub token: String,
    pub base: String,
    pub agent: Agent,
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The code of a problem; every one must be JSON with a code and a sentence.
    pub fn problem(&self) -> String {
        let body: ProblemBody = serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}: {:?}", self.status, String::from_utf8_lossy(&self.body)));
        assert!(self.status >= 400 && !body.error.message.is_empty());
        body.error.code
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// One that opens a connection for each request: the server closes one whose body it did not want
/// to read to its end.
pub fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_idle_connections(0).build().into()
}

/// One that keeps its connection.
pub fn keeping_agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

pub fn read(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let mut body = Vec::new();
    response.body_mut().as_reader().read_to_end(&mut body).unwrap();
    Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
}

fn try_read(mut response: ureq::http::Response<ureq::Body>) -> Option<Answer> {
    let mut body = Vec::new();
    response.body_mut().as_reader().read_to_end(&mut body).ok()?;
    Some(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body })
}

pub fn post_json(agent: &Agent, url: &str, body: &serde_json::Value) -> Answer {
    read(agent.post(url).send(body.to_string().as_bytes()).unwrap())
}

impl Device {
    pub fn enrol(server: &TestServer, role: Role) -> Self {
        Self::enrol_for(server, role, None, None)
    }

    pub fn enrol_for(server: &TestServer, role: Role, office: Option<&str>, unit: Option<&str>) -> Self {
        let seed = SEEDS.fetch_add(1, Ordering::Relaxed);
        let key = DeviceKey::from_seed(&[seed; 32]);
        let code = server.code(role, office, unit);
        let body =
            json!({"code": code.to_string(), "public_key": key.public(), "name": format!("Phone {seed}")});
        let agent = agent();
        let answer = post_json(&agent, &server.url("/api/v1/enrol"), &body);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let enrolled: EnrolReply = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((enrolled.device, enrolled.role), (key.device(), role));
        let actor = Actor::of(key.device(), TabId::new([seed; 8]));
        let mut device = Self { key, actor, token: String::new(), base: server.url(""), agent };
        device.open_session();
        device
    }

    /// Talks to another server of the same folder from now on.
    pub fn moves_to(&mut self, server: &TestServer) {
        self.base = server.url("");
    }

    pub fn open_session(&mut self) {
        let challenge = self.post("/api/v1/challenge", &json!({"device": self.key.device()}));
        let ChallengeReply { challenge } = serde_json::from_slice(&challenge.body).unwrap();
        let signature = self.key.answer(&challenge);
        let body = json!({"device": self.key.device(), "challenge": challenge, "signature": signature});
        let session = self.post("/api/v1/session", &body);
        assert_eq!(session.status, 200, "{}", String::from_utf8_lossy(&session.body));
        let SessionReply { token, .. } = serde_json::from_slice(&session.body).unwrap();
        self.token = token;
    }

    pub fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.base)).header("authorization", self.bearer());
        read(request.send(body.to_string().as_bytes()).unwrap())
    }

    pub fn get(&self, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.base)).header("authorization", self.bearer());
        read(request.call().unwrap())
    }

    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// A signed batch of these changes.
    pub fn batch(&self, changes: &[(Genesis, Vec<u8>)]) -> PushRequest {
        let mut geneses = Vec::<Genesis>::new();
        let mut items = Vec::new();
        let mut hashes = Vec::new();
        for (genesis, bytes) in changes {
            let place = geneses.iter().position(|known| known == genesis).unwrap_or_else(|| {
                geneses.push(genesis.clone());
                geneses.len() - 1
            });
            let hash = Envelope::parse(bytes, &Limits::STANDARD).map_or(ChangeHash::new([0; 32]), |e| e.hash);
            hashes.push(hash);
            items.push(PushItem { genesis: u32::try_from(place).unwrap(), bytes: bytes.clone() });
        }
        let attestation = self.key.attest(Epoch::new([0; 16]), 1_790_000_000, &hashes);
        PushRequest { attestation, geneses, items }
    }

    pub fn send(&self, body: &[u8]) -> Answer {
        let request = self
            .agent
            .post(format!("{}/api/v1/push", self.base))
            .header("authorization", self.bearer())
            .header("content-type", replica::wire::MEDIA_TYPE);
        read(request.send(body).unwrap())
    }

    /// The same, where the server may be gone or silent.
    pub fn try_send(&self, body: &[u8]) -> Option<Answer> {
        let url = format!("{}/api/v1/push", self.base);
        let request = self.agent.post(url).header("authorization", self.bearer());
        request.config().timeout_global(Some(PATIENCE)).build().send(body).ok().and_then(try_read)
    }

    /// As [`Self::get`], where the server may be gone or silent.
    pub fn try_get(&self, path: &str) -> Option<Answer> {
        let request = self.agent.get(format!("{}{path}", self.base)).header("authorization", self.bearer());
        request.config().timeout_global(Some(PATIENCE)).build().call().ok().and_then(try_read)
    }

    pub fn push(&self, changes: &[(Genesis, Vec<u8>)]) -> Vec<Outcome> {
        let answer = self.send(&self.batch(changes).to_cbor());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        PushReply::from_cbor(&answer.body).unwrap().outcomes
    }

    pub fn pull(&self, query: &PullQuery) -> PullReply {
        let answer = self.get(&format!("/api/v1/pull?{}", query.to_query()));
        assert!([200, 204].contains(&answer.status), "{}", String::from_utf8_lossy(&answer.body));
        query.read(&answer.body).unwrap()
    }

    /// One change that writes an answer on top of all that the record holds.
    pub fn write(&self, record: &mut Record, path: &str, value: &str) -> (Genesis, Vec<u8>) {
        let edit = Edit::Answer { path: path.parse().unwrap(), value: value.parse().unwrap() };
        self.edit(record, &[edit])
    }

    pub fn edit(&self, record: &mut Record, edits: &[Edit]) -> (Genesis, Vec<u8>) {
        let made = record.commit(edits, &self.actor, 1_790_000_000).unwrap().unwrap();
        (record.genesis().clone(), made.bytes)
    }
}

pub fn from_start(stream: &str) -> PullQuery {
    PullQuery { stream: stream.parse().unwrap(), after: 0, have: None, limit: None }
}
