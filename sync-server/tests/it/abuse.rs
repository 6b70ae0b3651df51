//! What a hostile or broken sender gets: a plain answer, while nothing is stored and all go on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use replica::Record;
use replica::api::Role;
use replica::wire::{MAX_BATCH_BYTES, MAX_CHANGE_BYTES, Outcome, PushReply, RefusalCode};
use serde_json::json;

use super::client::{Device, keeping_agent, read};
use super::server::{DUKCAPIL, TestServer, interview, visit};

/// Pseudo-random bytes that a seed decides (xorshift).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}

fn still_serves(server: &TestServer, device: &Device, n: u64) {
    let mut record = Record::start(&interview(DUKCAPIL, n)).unwrap();
    let last = server.server().log.last().unwrap();
    assert_eq!(device.push(&[device.write(&mut record, "a", "1")]), [Outcome::Stored(last + 1)]);
}

#[test]
fn ten_thousand_random_bodies_store_nothing() {
    let server = TestServer::start();
    let mut device = Device::enrol(&server, Role::Surveyor);
    device.agent = keeping_agent();
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let sound = device.batch(&[device.write(&mut record, "a", "1")]).to_cbor();
    let mut noise = Noise(0x10ce7);
    for n in 0..10_000 {
        // Half of them noise, half a sound batch with one byte changed somewhere.
        let body = if n % 2 == 0 {
            let length = usize::try_from(noise.next() % 600).unwrap();
            noise.bytes(length)
        } else {
            let mut body = sound.clone();
            let place = usize::try_from(noise.next()).unwrap_or(0) % body.len();
            body[place] ^= u8::try_from(noise.next() % 255).unwrap() + 1;
            body
        };
        let answer = device.send(&body);
        // A byte changed in the genesis names another record, which the change does not build on.
        if answer.status == 200 {
            let reply = PushReply::from_cbor(&answer.body).unwrap();
            assert!(matches!(reply.outcomes[..], [Outcome::Refused(_)]), "body {n}: {reply:?}");
        } else {
            assert!((400..500).contains(&answer.status), "body {n}: {}", answer.status);
            answer.problem();
        }
    }
    assert_eq!(server.server().log.last().unwrap(), 0);
    still_serves(&server, &device, 1);
}

#[test]
fn a_truncated_batch_is_refused_at_every_length() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let sound = device.batch(&[device.write(&mut record, "a", "1")]).to_cbor();
    for length in 0..sound.len() {
        let answer = device.send(&sound[..length]);
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{length}");
    }
    let trailing = [sound.clone(), vec![0]].concat();
    assert_eq!(device.send(&trailing).problem(), "malformed");
    assert_eq!(server.server().log.last().unwrap(), 0);
}

#[test]
fn a_body_that_is_too_large_as_sent_or_inflated_is_refused() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let answer = device.send(&vec![0; MAX_BATCH_BYTES + 1]);
    assert_eq!((answer.status, answer.problem().as_str()), (413, "too-large"));
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let send = |body: &[u8], encoding: &str| {
        let request = device
            .agent
            .post(server.url("/api/v1/push"))
            .header("authorization", device.bearer())
            .header("content-encoding", encoding);
        read(request.send(body).unwrap())
    };
    let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
    assert!(bomb.len() < MAX_BATCH_BYTES);
    assert_eq!(send(&bomb, "gzip").status, 413);
    assert_eq!(send(b"no gzip at all", "gzip").problem(), "malformed");
    assert_eq!(send(b"x", "br").status, 415);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let sound = device.batch(&[device.write(&mut record, "a", "1")]).to_cbor();
    assert_eq!(send(&gzip(&sound)[..20], "gzip").problem(), "malformed");
    assert_eq!(send(&gzip(&sound), "gzip").status, 200);
}

#[test]
fn a_change_that_is_too_large_is_refused_alone() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let sound = device.write(&mut record, "a", "1");
    let mut noise = sound.1.clone();
    noise.resize(MAX_CHANGE_BYTES + 1, 0);
    // What a device signs for bytes that are no change is the hash that the server reckons too.
    let mut batch = device.batch(std::slice::from_ref(&sound));
    batch.items.push(replica::wire::PushItem { genesis: 0, bytes: noise.clone() });
    let hashes = [hash(&sound.1), hash(&noise)];
    batch.attestation = device.key.attest(batch.attestation.epoch, 1, &hashes);
    let answer = device.send(&batch.to_cbor());
    let reply = PushReply::from_cbor(&answer.body).unwrap();
    assert_eq!(reply.outcomes, [Outcome::Stored(1), Outcome::Refused(RefusalCode::TooLarge)]);
}

fn hash(chunk: &[u8]) -> replica::ChangeHash {
    use sha2::Digest as _;
    replica::ChangeHash::new(sha2::Sha256::digest(&chunk[8..]).into())
}

#[test]
fn a_change_that_went_bad_on_the_device_is_named() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let changes = [device.write(&mut record, "a", "1"), device.write(&mut record, "a", "2")];
    let mut batch = device.batch(&changes);
    let last = batch.items[1].bytes.len() - 1;
    batch.items[1].bytes[last] ^= 1;
    let answer = device.send(&batch.to_cbor());
    assert_eq!(answer.status, 422);
    assert!(String::from_utf8(answer.body).unwrap().contains("items[1]"));
}

#[test]
fn more_changes_than_a_batch_may_hold_are_refused() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let one = device.write(&mut record, "a", "1");
    let answer = device.send(&device.batch(&vec![one; 257]).to_cbor());
    assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"));
    assert_eq!(server.server().log.last().unwrap(), 0);
}

#[test]
fn nonsense_in_json_and_addresses_is_answered_in_json() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Coordinator);
    for path in ["enrol", "challenge", "session", "codes"] {
        let path = format!("/api/v1/{path}");
        for body in [json!(null), json!([]), json!({"device": "zz"}), json!({"code": 7})] {
            let answer = device.post(&path, &body);
            assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{path}");
        }
        assert_eq!(device.post(&path, &json!("x".repeat(20_000))).status, 413, "{path}");
    }
    for path in [
        "pull",
        "pull?stream=babel&after=0",
        "pull?stream=babel/2026&after=-1",
        "pull?stream=babel/2026&after=x",
        "photos/zz",
        "instruments/zz",
        "coverage?round=..",
    ] {
        assert_eq!(device.get(&format!("/api/v1/{path}")).problem(), "malformed", "{path}");
    }
    for (path, status) in [("/api/v1/nothing", 404), ("/api/x", 404), ("/no.js", 404), ("/api/v1/push", 405)]
    {
        let answer = device.get(path);
        assert_eq!(answer.status, status, "{path}");
        answer.problem();
    }
    let unknown = format!("/api/v1/instruments/{}", "0".repeat(64));
    assert_eq!(device.get(&unknown).problem(), "not-found");
    assert_eq!(device.get("/api/v1/pull?stream=babel/1999&after=7").status, 200);
}

#[test]
fn raw_nonsense_and_broken_connections_do_not_stop_the_server() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut noise = Noise(0xbad);
    for n in 0..200 {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let _ = match n % 3 {
            0 => stream.write_all(&noise.bytes(200)),
            1 => {
                stream.write_all(b"POST /api/v1/push HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nshort")
            }
            _ => stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx: "),
        };
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 5"));
    }
    still_serves(&server, &device, 9);
}

#[test]
fn a_head_without_end_is_cut_off() {
    let server = TestServer::start();
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx: ");
    let mut sent = 0;
    while sent < 1024 * 1024 && stream.write_all(&[b'a'; 4096]).is_ok() {
        sent += 4096;
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}
