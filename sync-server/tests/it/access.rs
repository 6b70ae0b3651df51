//! Who gets in, and how far.

use replica::api::{CodeReply, Home, Role};
use replica::attestation::DeviceKey;
use replica::wire::{Outcome, RefusalCode};
use replica::{ContentHash, Record};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::client::{Device, agent, post_json, read};
use super::server::{BONTANG, DUKCAPIL, KESEHATAN, TestServer, interview, visit};

#[test]
fn a_code_enrols_one_device_and_answers_that_one_again() {
    let server = TestServer::start();
    let code = server.code(Role::Surveyor, None, None).to_string();
    let enrol = |seed: u8, code: &str| {
        let key = DeviceKey::from_seed(&[seed; 32]).public();
        let body = json!({"code": code, "public_key": key, "name": "Phone"});
        post_json(&agent(), &server.url("/api/v1/enrol"), &body)
    };
    let typed = code.to_lowercase().replace('-', " ");
    assert_eq!(enrol(201, &typed).status, 200);
    assert_eq!(enrol(201, &code).status, 200);
    let second = enrol(202, &code);
    assert_eq!((second.status, second.problem().as_str()), (403, "code"));
}

#[test]
fn whoever_guesses_codes_has_to_wait() {
    let server = TestServer::start();
    let key = DeviceKey::from_seed(&[203; 32]).public();
    let guess = || {
        let body = json!({"code": "00000000", "public_key": key, "name": "x"});
        post_json(&agent(), &server.url("/api/v1/enrol"), &body).status
    };
    let answers: Vec<_> = (0..12).map(|_| guess()).collect();
    assert_eq!(answers[..10], [403; 10]);
    assert!(answers[11] == 429 || answers[11] == 403);
    assert!(answers.contains(&429));
}

#[test]
fn an_old_code_enrols_nobody() {
    let server = TestServer::start();
    let grant = sync_server::identity::Grant { role: Role::Surveyor, person: None, office: None, unit: None };
    let code = server.server().identity.new_code(&grant, 60, 1_000).unwrap();
    let key = DeviceKey::from_seed(&[204; 32]).public();
    let body = json!({"code": code.to_string(), "public_key": key, "name": "x"});
    assert_eq!(post_json(&agent(), &server.url("/api/v1/enrol"), &body).problem(), "code");
}

#[test]
fn a_session_needs_the_devices_own_signature() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let challenge = device.post("/api/v1/challenge", &json!({"device": device.key.device()}));
    let challenge: replica::api::ChallengeReply = serde_json::from_slice(&challenge.body).unwrap();
    let other = DeviceKey::from_seed(&[205; 32]);
    let signature = other.answer(&challenge.challenge);
    let body =
        json!({"device": device.key.device(), "challenge": challenge.challenge, "signature": signature});
    let answer = device.post("/api/v1/session", &body);
    assert_eq!((answer.status, answer.problem().as_str()), (401, "challenge"));
}

#[test]
fn without_a_session_nothing_is_told_and_nothing_taken() {
    let server = TestServer::start();
    let mut device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let body = device.batch(&[device.write(&mut record, "a", "1")]).to_cbor();
    for token in ["", "00", &"0".repeat(80)] {
        device.token = token.to_owned();
        assert_eq!(device.send(&body).status, 401);
        for path in
            ["home", "pull?stream=babel/2026&after=0", "coverage", &format!("photos/{}", "0".repeat(64))]
        {
            assert_eq!(device.get(&format!("/api/v1/{path}")).status, 401, "{path}");
        }
    }
    assert_eq!(server.server().log.last().unwrap(), 0);
}

#[test]
fn a_device_that_was_shut_out_is_out_at_once() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    assert_eq!(device.get("/api/v1/home").status, 200);
    assert!(server.server().identity.revoke(device.key.device(), 1).unwrap());
    assert_eq!(device.get("/api/v1/home").problem(), "not-enrolled");
    let challenge = device.post("/api/v1/challenge", &json!({"device": device.key.device()}));
    let challenge: replica::api::ChallengeReply = serde_json::from_slice(&challenge.body).unwrap();
    let signature = device.key.answer(&challenge.challenge);
    let body =
        json!({"device": device.key.device(), "challenge": challenge.challenge, "signature": signature});
    assert_eq!(device.post("/api/v1/session", &body).status, 401);
}

#[test]
fn a_kiosk_adds_interviews_of_its_unit_and_reads_nothing() {
    let server = TestServer::start();
    let kiosk = Device::enrol_for(&server, Role::Kiosk, Some("babel"), Some(DUKCAPIL));
    let refused = [Outcome::Refused(RefusalCode::NotPermitted)];
    let mut own = Record::start(&interview(DUKCAPIL, 1)).unwrap();
    assert_eq!(kiosk.push(&[kiosk.write(&mut own, "a", "1")]), [Outcome::Stored(1)]);
    let mut elsewhere = Record::start(&interview(KESEHATAN, 2)).unwrap();
    assert_eq!(kiosk.push(&[kiosk.write(&mut elsewhere, "a", "1")]), refused);
    let mut a_visit = Record::start(&visit(DUKCAPIL)).unwrap();
    assert_eq!(kiosk.push(&[kiosk.write(&mut a_visit, "a", "1")]), refused);
    let photo = format!("photos/{}", "0".repeat(64));
    for path in ["pull?stream=babel/2026&after=0", "coverage", &photo] {
        assert_eq!(kiosk.get(&format!("/api/v1/{path}")).problem(), "not-permitted", "{path}");
    }
    let home: Home = serde_json::from_slice(&kiosk.get("/api/v1/home").body).unwrap();
    assert_eq!(home.units.iter().map(|unit| unit.id.as_str()).collect::<Vec<_>>(), [DUKCAPIL]);
    assert!(home.streams.is_empty() && home.devices.is_empty());
}

#[test]
fn a_coordinator_writes_nothing_and_makes_codes_for_the_own_office() {
    let server = TestServer::start();
    let coordinator = Device::enrol_for(&server, Role::Coordinator, Some("babel"), None);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let body = coordinator.batch(&[coordinator.write(&mut record, "a", "1")]).to_cbor();
    assert_eq!(coordinator.send(&body).problem(), "not-permitted");
    let ask = |office: &str, unit: Option<&str>| {
        coordinator
            .post("/api/v1/codes", &json!({"role": "kiosk", "person": "", "office": office, "unit": unit}))
    };
    let made: CodeReply = serde_json::from_slice(&ask("babel", Some(DUKCAPIL)).body).unwrap();
    assert_eq!(made.code.len(), 9);
    assert_eq!(ask("kaltim", None).problem(), "not-permitted");
    assert_eq!(ask("babel", Some(BONTANG)).problem(), "unknown-unit");
    let surveyor = Device::enrol(&server, Role::Surveyor);
    let body = json!({"role": "coordinator", "person": "", "office": "babel"});
    assert_eq!(surveyor.post("/api/v1/codes", &body).problem(), "not-permitted");
}

#[test]
fn home_tells_what_there_is_and_is_not_sent_again() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let answer = device.get("/api/v1/home");
    let home: Home = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(home.units.len(), 3);
    let streams: Vec<_> = home.streams.iter().map(ToString::to_string).collect();
    assert_eq!(streams, ["babel/2026", "kaltim/2026"]);
    let instrument = device.get(&format!("/api/v1/instruments/{}", home.instruments.visit));
    assert_eq!(instrument.status, 200);
    assert!(instrument.header("cache-control").contains("immutable"));
    assert_eq!(ContentHash::new(Sha256::digest(&instrument.body).into()), home.instruments.visit);
    let packed = device.agent.get(server.url(&format!("/api/v1/instruments/{}", home.instruments.visit)));
    let packed = packed.header("authorization", device.bearer()).header("accept-encoding", "gzip, br");
    let packed = read(packed.call().unwrap());
    assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("br", "accept-encoding"));
    let mut json = Vec::new();
    brotli::BrotliDecompress(&mut packed.body.as_slice(), &mut json).unwrap();
    assert_eq!(json, instrument.body);
    let again = device
        .agent
        .get(server.url("/api/v1/home"))
        .header("authorization", device.bearer())
        .header("if-none-match", answer.header("etag"))
        .call()
        .unwrap();
    assert_eq!(again.status(), 304);
}
