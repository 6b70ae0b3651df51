//! What the server says of ranges, and gives again to a device that lost it.

use replica::api::Role;
use replica::wire::reconcile::{PARTS, Range, RangeReply, ReconcileReply, ReconcileRequest};
use replica::wire::{MAX_QUESTION_BYTES, Outcome};
use replica::{Digest, Genesis, Record};

use super::client::{Answer, Device, from_start, read};
use super::server::{BONTANG, DUKCAPIL, TestServer, interview};

const STREAM: &str = "babel/2026";

fn ask(device: &Device, stream: &str, body: &[u8]) -> Answer {
    let url = format!("{}/api/v1/reconcile?stream={stream}", device.base);
    read(device.agent.post(url).header("authorization", device.bearer()).send(body).unwrap())
}

fn asked(device: &Device, request: &ReconcileRequest) -> ReconcileReply {
    let answer = ask(device, STREAM, &request.to_cbor());
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    ReconcileReply::from_cbor(&answer.body).unwrap()
}

fn whole(upto: u64) -> Range {
    Range { after: 0, upto, count: 0, digest: Digest::EMPTY }
}

/// A server with so many interviews of one stream, and one of another in between.
fn filled(count: u64) -> (TestServer, Device, Vec<(Genesis, Vec<u8>)>) {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let write = |n, unit| device.write(&mut Record::start(&interview(unit, n)).unwrap(), "a", "1");
    let changes: Vec<_> = (0..count).map(|n| write(n, DUKCAPIL)).collect();
    for (n, some) in changes.chunks(100).enumerate() {
        let outcomes = device.push(some);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stored(_))));
        device.push(&[write(n as u64, BONTANG)]);
    }
    server.settle();
    (server, device, changes)
}

#[test]
fn parts_lead_to_lists_that_are_what_a_pull_names() {
    let (server, device, changes) = filled(300);
    let last = server.server().log.last().unwrap();
    let reply = asked(&device, &ReconcileRequest { ranges: vec![whole(last)], wanted: vec![] });
    let RangeReply::Parts(parts) = &reply.ranges[0] else { panic!("{reply:?}") };
    assert_eq!(parts.len() as u64, PARTS);
    assert_eq!(parts.iter().map(|part| part.count).sum::<u64>(), 300);
    assert!(parts.is_sorted_by(|one, next| one.upto == next.after));
    let blank = |part: &Range| Range { count: 0, digest: Digest::EMPTY, ..*part };
    let lists =
        asked(&device, &ReconcileRequest { ranges: parts.iter().map(blank).collect(), wanted: vec![] });
    let listed = lists.ranges.iter().flat_map(|reply| match reply {
        RangeReply::Lists(named) => named.clone(),
        other => panic!("{other:?}"),
    });
    let pulled = device.pull(&from_start(STREAM)).entries;
    assert_eq!(pulled.len(), changes.len());
    assert!(
        listed.map(|named| (named.seq, named.hash)).eq(pulled.iter().map(|entry| (entry.seq, entry.hash)))
    );
    let same = asked(&device, &ReconcileRequest { ranges: parts.clone(), wanted: vec![] });
    assert!(same.ranges.iter().all(|reply| *reply == RangeReply::Same));
}

#[test]
fn wanted_changes_come_whole_also_to_the_device_that_wrote_them() {
    let (_server, device, changes) = filled(20);
    let reply = asked(&device, &ReconcileRequest { ranges: vec![], wanted: vec![2, 3, 7] });
    let sent: Vec<_> = reply.entries.iter().map(|entry| (entry.seq, entry.bytes.clone())).collect();
    let bytes = |n: usize| Some(changes[n - 1].1.clone());
    assert_eq!(sent, [(2, bytes(2)), (3, bytes(3)), (7, bytes(7))]);
    assert_eq!(reply.geneses[reply.entries[2].genesis as usize], changes[6].0);
    // The twenty-first place belongs to another stream.
    assert!(asked(&device, &ReconcileRequest { ranges: vec![], wanted: vec![21] }).entries.is_empty());
}

#[test]
fn questions_that_may_not_be_asked_or_make_no_sense_are_refused() {
    let (server, device, _) = filled(5);
    let kiosk = Device::enrol_for(&server, Role::Kiosk, Some("babel"), Some(DUKCAPIL));
    let other = Device::enrol_for(&server, Role::Surveyor, Some("kaltim"), None);
    let fine = ReconcileRequest { ranges: vec![whole(5)], wanted: vec![] };
    for stranger in [&kiosk, &other] {
        assert_eq!(ask(stranger, STREAM, &fine.to_cbor()).problem(), "not-permitted");
    }
    let backwards = Range { after: 5, upto: 5, ..whole(5) };
    let silly = [
        ReconcileRequest { ranges: vec![backwards], wanted: vec![] }.to_cbor(),
        ReconcileRequest { ranges: vec![], wanted: vec![3, 3] }.to_cbor(),
        ReconcileRequest { ranges: vec![whole(1); 257], wanted: vec![] }.to_cbor(),
        b"nonsense".to_vec(),
        vec![],
    ];
    for body in silly {
        assert_eq!(ask(&device, STREAM, &body).problem(), "malformed");
    }
    assert_eq!(ask(&device, STREAM, &vec![0; MAX_QUESTION_BYTES + 1]).problem(), "too-large");
    assert_eq!(ask(&device, "nowhere", &fine.to_cbor()).problem(), "malformed");
    let ends = ReconcileRequest { ranges: vec![whole(u64::MAX)], wanted: vec![u64::MAX] };
    assert!(matches!(&asked(&device, &ends).ranges[0], RangeReply::Lists(named) if named.len() == 5));
}
