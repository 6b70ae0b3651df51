//! Attacks on a server of Automerge changes, one a test: each is refused or set aside, the server serves on, and other
//! devices are unharmed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use automerge::legacy::OpType;
use automerge::transaction::Transactable as _;
use automerge::{ActorId, AutoCommit, Change, ExpandedChange, ObjType, ROOT, ScalarValue};
use replica::api::Role;
use replica::wire::{Outcome, PushItem, PushReply, RefusalCode};
use replica::{ChangeHash, Document, Genesis, Record};
use sha2::{Digest as _, Sha256};
use sync_server::http::Times;

use super::client::{Device, from_start};
use super::server::{DUKCAPIL, TestServer, interview, visit};

/// Sends changes signed as they are, whatever they are.
fn attack(device: &Device, changes: &[(Genesis, Vec<u8>)]) -> Vec<Outcome> {
    let mut batch = device.batch(&[]);
    for (place, (genesis, bytes)) in (0..).zip(changes) {
        batch.geneses.push(genesis.clone());
        batch.items.push(PushItem { genesis: place, bytes: bytes.clone() });
    }
    let hash = |bytes: &[u8]| ChangeHash::new(Sha256::digest(bytes.get(8..).unwrap_or_default()).into());
    let hashes: Vec<_> = changes.iter().map(|(_, bytes)| hash(bytes)).collect();
    batch.attestation = device.key.attest(batch.attestation.epoch, 1, &hashes);
    let answer = device.send(&batch.to_cbor());
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    PushReply::from_cbor(&answer.body).unwrap().outcomes
}

/// Two honest devices still reach each other.
fn others_are_unharmed(server: &TestServer) {
    let (a, b) = (Device::enrol(server, Role::Surveyor), Device::enrol(server, Role::Surveyor));
    let mut record = Record::start(&interview(DUKCAPIL, 0xfeed)).unwrap();
    let change = a.write(&mut record, "nama", "jujur");
    assert!(matches!(a.push(std::slice::from_ref(&change))[..], [Outcome::Stored(_)]));
    server.settle();
    let page = b.pull(&from_start("babel/2026"));
    assert_eq!(page.entries.last().unwrap().bytes.as_ref(), Some(&change.1));
}

/// The bytes with length and checksum put right.
fn resealed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut length = Vec::new();
    let mut rest = body.len();
    while rest >= 0x80 {
        length.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    length.push(u8::try_from(rest).unwrap());
    let hash = Sha256::new().chain_update([kind]).chain_update(&length).chain_update(body).finalize();
    [&[0x85, 0x6f, 0x4a, 0x83][..], &hash[..4], &[kind], &length, body].concat()
}

/// What stands behind the head of a chunk: magic, checksum, type, length.
fn body_of(chunk: &[u8]) -> &[u8] {
    let length = chunk[9..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    &chunk[9 + length..]
}

#[test]
fn a_change_that_inflates_without_end_is_refused_at_the_door() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut document = AutoCommit::new().with_actor(ActorId::from(device.actor.as_bytes().as_slice()));
    document.put(ROOT, "a", "a".repeat(48 * 1024 * 1024)).unwrap();
    let mut change = document.get_last_local_change().unwrap().clone();
    let bomb = change.bytes().to_vec();
    assert!(bomb.len() < 64 * 1024, "{} bytes on the wire", bomb.len());
    let began = Instant::now();
    let outcomes = attack(&device, &[(visit(DUKCAPIL), bomb)]);
    assert!(matches!(outcomes[..], [Outcome::Refused(_)]), "{outcomes:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(server.server().log.last().unwrap(), 0);
    others_are_unharmed(&server);
}

/// A change of two million puts of null under the key "k": all of it in run lengths.
fn flood(device: &Device) -> Vec<u8> {
    // 2,000,000 in LEB128: of a run, signed; of booleans, unsigned.
    let run = |value: &[u8]| [&[0x80, 0x89, 0xfa, 0x00], value].concat();
    let many = vec![0x80, 0x89, 0x7a];
    let columns =
        [(0x15, run(&[1, b'k'])), (0x34, many), (0x42, run(&[1])), (0x56, run(&[0])), (0x70, run(&[0]))];
    let mut body = vec![0, 24];
    body.extend(device.actor.as_bytes());
    // Sequence 1, first operation 2, time 0, no message, no other actors.
    body.extend([1, 2, 0, 0, 0, 5]);
    for (spec, data) in &columns {
        body.extend([*spec, u8::try_from(data.len()).unwrap()]);
    }
    for (_, data) in &columns {
        body.extend(data);
    }
    resealed(1, &body)
}

#[test]
fn millions_of_operations_in_a_few_bytes_are_refused_before_they_are_read() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let flood = flood(&device);
    assert!(flood.len() < 100, "{} bytes on the wire", flood.len());
    let began = Instant::now();
    let outcomes = attack(&device, &[(visit(DUKCAPIL), flood)]);
    assert_eq!(outcomes, [Outcome::Refused(RefusalCode::TooManyOps)]);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    others_are_unharmed(&server);
}

#[test]
fn a_forged_actor_does_not_lock_its_owner_out() {
    let server = TestServer::start();
    let (mut thief, owner) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    thief.actor = owner.actor;
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let forged = thief.write(&mut record, "a", "1");
    assert_eq!(attack(&thief, &[forged]), [Outcome::Refused(RefusalCode::ActorNotYours)]);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    for n in 1..4 {
        let honest = owner.write(&mut record, "a", &n.to_string());
        assert_eq!(owner.push(&[honest]), [Outcome::Stored(n)]);
    }
    others_are_unharmed(&server);
}

#[test]
fn changes_whose_first_parent_is_withheld_are_not_kept() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let chain: Vec<_> = (0..1_000).map(|n| device.write(&mut record, "a", &n.to_string())).collect();
    for orphans in chain[1..].chunks(250) {
        let outcomes = device.push(orphans);
        assert!(outcomes.iter().all(|one| *one == Outcome::Refused(RefusalCode::UnknownDependency)));
    }
    assert_eq!(server.server().log.last().unwrap(), 0);
    others_are_unharmed(&server);
}

#[test]
fn a_whole_document_is_no_change_however_well_it_is_sealed() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut document = AutoCommit::new();
    document.put(ROOT, "a", 1).unwrap();
    let saved = document.save();
    let mut broken = body_of(&saved).to_vec();
    for place in (0..broken.len()).step_by(3) {
        broken[place] ^= 0x5a;
    }
    let chunks = [saved.clone(), resealed(0, &broken), resealed(3, &broken), [saved.clone(), saved].concat()];
    for chunk in chunks {
        let outcomes = attack(&device, &[(visit(DUKCAPIL), chunk)]);
        assert!(matches!(outcomes[..], [Outcome::Refused(_)]), "{outcomes:?}");
    }
    others_are_unharmed(&server);
}

#[test]
fn corrupt_changes_with_good_checksums_reach_nobody_before_they_were_applied() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut state = 0x10ce7_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let (mut stored, mut refused) = (0, 0);
    for round in 0..20 {
        let corrupt: Vec<_> = (0..100)
            .map(|n| {
                let mut record = Record::start(&interview(DUKCAPIL, round * 1_000 + n)).unwrap();
                let (genesis, bytes) = device.write(&mut record, "jawaban", "panjang sekali");
                let mut body = body_of(&bytes).to_vec();
                for _ in 0..=draw(3) {
                    let place = draw(body.len());
                    body[place] ^= 1 << draw(8);
                }
                (genesis, resealed(1, &body))
            })
            .collect();
        for outcome in attack(&device, &corrupt) {
            match outcome {
                Outcome::Stored(_) => stored += 1,
                _ => refused += 1,
            }
        }
    }
    assert!(stored > 0 && refused > 0, "{stored} stored, {refused} refused");
    server.settle();
    // Whatever is given to others can be applied by them.
    let other = Device::enrol(&server, Role::Surveyor);
    let mut query = from_start("babel/2026");
    loop {
        let page = other.pull(&query);
        for entry in &page.entries {
            let genesis = &page.geneses[usize::try_from(entry.genesis).unwrap()];
            if let Some(bytes) = &entry.bytes {
                Record::start(genesis).unwrap().apply(bytes).unwrap();
                Document::load(genesis, [bytes]).unwrap();
            }
        }
        query.after = page.upto;
        if !page.more {
            break;
        }
    }
    others_are_unharmed(&server);
}

/// The device's first change with something of it rewritten, sealed again.
fn rewritten(device: &Device, change: impl FnOnce(&mut ExpandedChange)) -> (Genesis, Vec<u8>) {
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let (genesis, bytes) = device.write(&mut record, "a", "1");
    let mut expanded: ExpandedChange = Change::try_from(bytes.as_slice()).unwrap().decode();
    expanded.hash = None;
    change(&mut expanded);
    (genesis, Change::from(expanded).raw_bytes().to_vec())
}

#[test]
fn what_is_no_plain_value_under_a_key_is_set_aside_and_given_to_nobody() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let foreign: [OpType; 3] =
        [OpType::Make(ObjType::Text), OpType::Put(ScalarValue::counter(1)), OpType::Make(ObjType::List)];
    for (n, action) in foreign.into_iter().enumerate() {
        let mut record = Record::start(&interview(DUKCAPIL, 0xf000 + n as u64)).unwrap();
        let (genesis, bytes) = device.write(&mut record, "a", "1");
        let mut expanded = Change::try_from(bytes.as_slice()).unwrap().decode();
        (expanded.hash, expanded.operations[0].action) = (None, action);
        let change = Change::from(expanded).raw_bytes().to_vec();
        assert!(matches!(attack(&device, &[(genesis, change)])[..], [Outcome::Stored(_)]));
    }
    server.settle();
    assert_eq!(server.server().projection.set_aside().unwrap().len(), 3);
    let other = Device::enrol(&server, Role::Surveyor);
    let page = other.pull(&from_start("babel/2026"));
    assert!(page.entries.iter().all(|entry| entry.bytes.is_none()));
    others_are_unharmed(&server);
}

#[test]
fn a_far_future_time_and_a_huge_operation_number_win_nothing() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    for ahead in [1_000, 100_000_000 - 1, u64::from(u32::MAX)] {
        let change = rewritten(&device, |change| change.start_op = ahead.try_into().unwrap());
        let outcomes = attack(&device, &[change]);
        assert!(matches!(outcomes[..], [Outcome::Refused(_)]), "{ahead}: {outcomes:?}");
    }
    let change = rewritten(&device, |change| change.time = 1 << 50);
    assert!(matches!(attack(&device, &[change])[..], [Outcome::Refused(_)]));
    // A time that a clock may show is taken as a claim, beside the server's own.
    let change = rewritten(&device, |change| change.time = 200_000_000_000);
    assert!(matches!(attack(&device, &[change])[..], [Outcome::Stored(_)]));
    let entry = &server.server().log.read_all(0, 1).unwrap()[0];
    assert!((entry.received_at - sync_server::clock::now()).abs() < 60);
    others_are_unharmed(&server);
}

fn begin_push(server: &TestServer, device: &Device) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "POST /api/v1/push HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\ncontent-length: 100000\r\n\r\n",
        device.bearer()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[test]
fn a_body_sent_a_byte_at_a_time_is_ended_by_the_clock() {
    let times = Times { request: Duration::from_millis(900), pause: Duration::from_millis(500) };
    let server = TestServer::timed(times);
    let device = Device::enrol(&server, Role::Surveyor);
    // With bytes that trickle, and with none at all.
    for trickles in [true, false] {
        let mut stream = begin_push(&server, &device);
        let began = Instant::now();
        let mut writing = stream.try_clone().unwrap();
        let writer = std::thread::spawn(move || {
            while trickles && writing.write_all(b"x").is_ok() && began.elapsed() < Duration::from_secs(15) {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with("HTTP/1.1 4"), "{text}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        writer.join().unwrap();
    }
    others_are_unharmed(&server);
}

#[test]
fn one_device_cannot_take_all_turns_however_slowly_it_sends() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let slow: Vec<_> = (0..40).map(|_| begin_push(&server, &device)).collect();
    others_are_unharmed(&server);
    let busy = |stream: &TcpStream| {
        let mut answer = [0; 12];
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        (&*stream).read_exact(&mut answer).is_ok() && answer == *b"HTTP/1.1 429"
    };
    assert_eq!(slow.iter().filter(|stream| busy(stream)).count(), 32, "all but eight are told to wait");
}

#[test]
fn a_connection_cannot_be_turned_into_one_without_bounds() {
    let server = TestServer::start();
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let upgrade = "GET /api/v1/events HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, *b"HTTP/1.1 401");
    others_are_unharmed(&server);
}
