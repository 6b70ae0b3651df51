//! What every kind of log must do, run on both.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use replica::api::Role;
use replica::wire::{Have, Outcome, PullQuery, PullReply, PushReply, RefusalCode};
use replica::{Digest, Epoch, Record};

use sync_server::catalogue::Catalogue;

use super::client::{Device, from_start, keeping_agent};
use super::ground::{Ground, batch_of, on_both};
use super::server::{BONTANG, DUKCAPIL, KESEHATAN, interview, visit};

const STREAM: &str = "babel/2026";

on_both!(
    a_change_is_stored_once_however_often_it_is_sent,
    the_same_change_by_five_requests_at_once_a_thousand_times_is_stored_once,
    what_does_not_follow_is_refused_and_the_rest_is_stored,
    a_batch_of_two_offices_is_stored_in_both,
    pages_follow_each_other_and_digests_agree,
    what_was_acknowledged_is_there_after_a_restart,
    devices_codes_and_sessions_hold_after_a_restart,
    units_rounds_and_instruments_are_kept,
    a_record_is_read_back_whole_and_in_order,
);

fn a_change_is_stored_once_however_often_it_is_sent(ground: &Ground) {
    let server = ground.server();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let change = device.write(&mut record, "nama", "x");
    assert_eq!(device.push(&[change.clone(), change.clone()]), [Outcome::Stored(1), Outcome::Known(1)]);
    assert_eq!(device.push(std::slice::from_ref(&change)), [Outcome::Known(1)]);
    assert_eq!(device.push(&[change.clone(), device.write(&mut record, "b", "y")])[1], Outcome::Stored(2));
    assert_eq!(server.server().log.last().unwrap(), 2);
}

fn the_same_change_by_five_requests_at_once_a_thousand_times_is_stored_once(ground: &Ground) {
    const TIMES: usize = 1_000;
    let server = ground.server();
    let mut device = Device::enrol(&server, Role::Surveyor);
    device.agent = keeping_agent();
    let body = |n: usize| {
        let mut record = Record::start(&interview(DUKCAPIL, n as u64)).unwrap();
        device.batch(&[device.write(&mut record, "nama", "x")]).to_cbor()
    };
    let bodies: Vec<_> = (0..TIMES).map(body).collect();
    let (stored, known, together) = (AtomicUsize::new(0), AtomicUsize::new(0), Barrier::new(5));
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                for body in &bodies {
                    together.wait();
                    let answer = device.send(body);
                    let counted = match PushReply::from_cbor(&answer.body).unwrap().outcomes[..] {
                        [Outcome::Stored(_)] => &stored,
                        [Outcome::Known(_)] => &known,
                        ref other => panic!("{other:?}"),
                    };
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!((stored.into_inner(), known.into_inner()), (TIMES, 4 * TIMES));
    assert_eq!(server.server().log.digest(&STREAM.parse().unwrap(), u64::MAX).unwrap().count, TIMES as u64);
    assert_eq!(server.server().log.read_all(0, usize::MAX).unwrap().len(), TIMES);
}

fn what_does_not_follow_is_refused_and_the_rest_is_stored(ground: &Ground) {
    let server = ground.server();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let (first, second) = (a.write(&mut record, "a", "1"), a.write(&mut record, "a", "2"));
    let mut twin = Record::start(&visit(DUKCAPIL)).unwrap();
    let twin = a.write(&mut twin, "a", "other");
    let elsewhere = (visit(KESEHATAN), second.1.clone());
    let refused = Outcome::Refused;
    assert_eq!(
        a.push(&[second.clone(), first, elsewhere, twin, second]),
        [
            refused(RefusalCode::UnknownDependency),
            Outcome::Stored(1),
            refused(RefusalCode::UnknownDependency),
            refused(RefusalCode::Sequence),
            Outcome::Stored(2),
        ]
    );
    let mut own = Record::start(&interview(DUKCAPIL, 1)).unwrap();
    assert_eq!(a.push(&[a.write(&mut own, "a", "1")]), [Outcome::Stored(3)]);
    assert_eq!(b.push(&[b.write(&mut own, "a", "2")]), [refused(RefusalCode::NotPermitted)]);
}

fn a_batch_of_two_offices_is_stored_in_both(ground: &Ground) {
    let server = ground.server();
    let device = Device::enrol(&server, Role::Surveyor);
    let changes: Vec<_> = [DUKCAPIL, BONTANG, DUKCAPIL, BONTANG]
        .into_iter()
        .enumerate()
        .map(|(n, unit)| device.write(&mut Record::start(&interview(unit, n as u64)).unwrap(), "a", "1"))
        .collect();
    let places = |outcomes: &[Outcome]| {
        let place = |outcome: &Outcome| match outcome {
            Outcome::Stored(seq) | Outcome::Known(seq) => *seq,
            Outcome::Refused(code) => panic!("{code:?}"),
        };
        outcomes.iter().map(place).collect::<Vec<_>>()
    };
    let stored = places(&device.push(&changes));
    assert_eq!(stored, places(&device.push(&changes)));
    let log = server.server().log.as_ref();
    for (stream, own) in [("babel/2026", [stored[0], stored[2]]), ("kaltim/2026", [stored[1], stored[3]])] {
        let entries = log.read_since(&stream.parse().unwrap(), 0, u64::MAX, 10, 10_000).unwrap();
        assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), own);
        assert_eq!(log.digest(&stream.parse().unwrap(), u64::MAX).unwrap().count, 2);
    }
    let all = log.read_all(0, 10).unwrap();
    assert!(all.windows(2).all(|pair| pair[0].seq < pair[1].seq) && all.len() == 4);
}

fn pages_follow_each_other_and_digests_agree(ground: &Ground) {
    let server = ground.server();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let write = |n| a.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1");
    a.push(&(0..25).map(write).collect::<Vec<_>>());
    server.settle();
    let (mut query, mut seen, mut digest) =
        (PullQuery { limit: Some(7), ..from_start(STREAM) }, 0, Digest::EMPTY);
    loop {
        let page = b.pull(&query);
        assert_eq!((page.count, page.digest), (seen, digest));
        for entry in &page.entries {
            seen += 1;
            digest.toggle(&entry.hash);
        }
        query = PullQuery { after: page.upto, ..query };
        if !page.more {
            break;
        }
        assert_eq!(page.entries.len(), 7);
    }
    assert_eq!((seen, b.pull(&query).digest), (25, digest));
    answers_nothing_to_who_has_it_all(
        &b,
        &query,
        Have { epoch: server.server().log.epoch(), count: seen, digest },
    );
}

/// And says what it holds to who claims anything else.
fn answers_nothing_to_who_has_it_all(device: &Device, query: &PullQuery, have: Have) {
    let ask = |have: Have| {
        device.get(&format!("/api/v1/pull?{}", PullQuery { have: Some(have), ..query.clone() }.to_query()))
    };
    let answer = ask(have);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    for other in [
        Have { epoch: Epoch::new([9; 16]), ..have },
        Have { count: have.count + 1, ..have },
        Have { digest: Digest::EMPTY, ..have },
    ] {
        let reply = PullReply::from_cbor(&ask(other).body).unwrap();
        assert_eq!(Have { epoch: reply.epoch, count: reply.count, digest: reply.digest }, have);
    }
}

fn what_was_acknowledged_is_there_after_a_restart(ground: &Ground) {
    let server = ground.server();
    let mut device = Device::enrol(&server, Role::Surveyor);
    let changes: Vec<_> = (0..9)
        .map(|n| device.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1"))
        .collect();
    device.push(&changes);
    let id = server.server().log.id();
    drop(server);
    let server = ground.server();
    device.moves_to(&server);
    assert_eq!(server.server().log.id(), id);
    assert!(device.push(&changes).iter().all(|outcome| matches!(outcome, Outcome::Known(_))));
    let more = device.write(&mut Record::start(&interview(DUKCAPIL, 9)).unwrap(), "a", "1");
    assert_eq!(device.push(&[more]), [Outcome::Stored(10)]);
    server.settle();
    assert_eq!(device.pull(&from_start(STREAM)).entries.len(), 10);
}

fn devices_codes_and_sessions_hold_after_a_restart(ground: &Ground) {
    let server = ground.server();
    let code = server.code(Role::Surveyor, Some("babel"), None);
    let mut device = Device::enrol(&server, Role::Coordinator);
    drop(server);
    let server = ground.server();
    device.moves_to(&server);
    assert_eq!(device.get("/api/v1/home").status, 200, "a session holds, whichever server made it");
    let identity = &server.server().identity;
    let key = replica::attestation::DeviceKey::from_seed(&[230; 32]).public();
    let enrolled = identity.enrol(&code, &key, "Phone", sync_server::clock::now()).unwrap();
    assert_eq!(enrolled.office.as_ref().map(replica::OfficeId::as_str), Some("babel"));
    assert_eq!(identity.enrol(&code, &key, "Phone", sync_server::clock::now()).unwrap(), enrolled);
    let other = replica::attestation::DeviceKey::from_seed(&[231; 32]).public();
    assert!(identity.enrol(&code, &other, "Phone", sync_server::clock::now()).is_err());
    assert_eq!(identity.devices().unwrap().len(), 2);
    assert!(identity.revoke(enrolled.id, 5).unwrap());
    assert!(identity.device(enrolled.id).unwrap().unwrap().revoked);
    assert!(!identity.revoke(replica::DeviceId::new([9; 16]), 5).unwrap());
}

fn what_was_approved_holds_up_to_its_change(catalogue: &dyn Catalogue) {
    let (one, two) = (interview(DUKCAPIL, 1).record_id(), interview(DUKCAPIL, 2).record_id());
    let by = Some(replica::DeviceId::new([4; 16]));
    catalogue.approve(&[(one, 7), (two, 9)], by, 1).unwrap();
    catalogue.approve(&[(one, 5), (two, 12)], None, 2).unwrap();
    let none = interview(DUKCAPIL, 3).record_id();
    let approved = catalogue.approved(&[one, two, none]).unwrap();
    assert_eq!(approved, [(one, 7), (two, 12)].into());
}

fn units_rounds_and_instruments_are_kept(ground: &Ground) {
    use replica::RecordKind::Visit;
    use sync_server::catalogue::Compiled;
    let server = ground.server();
    let catalogue = &server.server().catalogue;
    let names: Vec<_> = catalogue.units().unwrap().into_iter().map(|unit| unit.id.to_string()).collect();
    assert_eq!(names, [BONTANG, DUKCAPIL, KESEHATAN]);
    let mut unit = catalogue.unit(&DUKCAPIL.parse().unwrap()).unwrap().unwrap();
    "badan".clone_into(&mut unit.kind);
    catalogue.put_units(std::slice::from_ref(&unit)).unwrap();
    assert_eq!(catalogue.unit(&unit.id).unwrap().as_ref(), Some(&unit));
    catalogue.open_round(&"2027".parse().unwrap(), 7).unwrap();
    catalogue.open_round(&"2027".parse().unwrap(), 9).unwrap();
    let rounds: Vec<_> = catalogue.rounds().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(rounds, ["2027", "2026"]);
    assert!(!catalogue.has_round(&"2028".parse().unwrap()).unwrap());
    assert!(catalogue.own_rounds().unwrap().is_empty());
    for round in ["2027", "2026", "2027"] {
        catalogue.mark_own(&round.parse().unwrap()).unwrap();
    }
    let own: Vec<_> = catalogue.own_rounds().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(own, ["2026", "2027"]);
    what_was_approved_holds_up_to_its_change(catalogue.as_ref());
    let first = catalogue.active_instrument(Visit).unwrap().unwrap();
    let json = catalogue.instrument(&first).unwrap().unwrap();
    let mut instrument: survey::instrument::Instrument = serde_json::from_slice(&json).unwrap();
    let old = Compiled::of(instrument.clone()).unwrap();
    "2".clone_into(&mut instrument.version);
    let new = Compiled::of(instrument).unwrap();
    catalogue.publish(&new, 3).unwrap();
    assert_eq!(catalogue.active_instrument(Visit).unwrap(), Some(new.hash));
    catalogue.publish(&old, 4).unwrap();
    assert_eq!(catalogue.active_instrument(Visit).unwrap(), Some(first));
    assert!(catalogue.has_instrument(&new.hash).unwrap());
}

fn a_record_is_read_back_whole_and_in_order(ground: &Ground) {
    let server = ground.server();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let changes: Vec<_> = (0..5).map(|n| device.write(&mut record, "a", &n.to_string())).collect();
    let outcomes = server.server().log.append(batch_of(&server, &device, &changes)).unwrap();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stored(_))));
    let log = server.server().log.as_ref();
    let id = visit(DUKCAPIL).record_id();
    assert_eq!(log.genesis(id).unwrap(), Some(visit(DUKCAPIL)));
    let read = log.changes_of(id, 4).unwrap();
    let bytes: Vec<_> = read.iter().map(|entry| &entry.bytes).collect();
    assert_eq!(bytes, changes.iter().take(4).map(|(_, bytes)| bytes).collect::<Vec<_>>());
    assert!(read.iter().all(|entry| entry.received_at == 1 && entry.actor == device.actor));
    assert!(log.changes_of(visit(KESEHATAN).record_id(), 9).unwrap().is_empty());
    assert_eq!(log.genesis(visit(KESEHATAN).record_id()).unwrap(), None);
    let some = log.read_since(&STREAM.parse().unwrap(), 1, 4, 9, bytes[0].len() * 2 + 20).unwrap();
    assert_eq!(some.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 3]);
}
