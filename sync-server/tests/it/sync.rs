//! Push and pull: what is stored, once, in order, and given to whom.

use replica::api::Role;
use replica::wire::{Outcome, PullQuery, RefusalCode};
use replica::{ChangeHash, Digest, Edit, Envelope, Genesis, Limits, Record, Seen, View as _};

use super::client::{Device, from_start};
use super::field::Field;
use super::server::{BONTANG, DUKCAPIL, KESEHATAN, TestServer, interview, visit};

const STREAM: &str = "babel/2026";

fn hash(bytes: &[u8]) -> ChangeHash {
    Envelope::parse(bytes, &Limits::STANDARD).unwrap().hash
}

#[test]
fn what_one_device_pushes_another_pulls() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let changes = [a.write(&mut record, "nama", "Dukcapil"), a.write(&mut record, "loket", "3")];
    assert_eq!(a.push(&changes), [Outcome::Stored(1), Outcome::Stored(2)]);
    server.settle();
    let page = b.pull(&from_start(STREAM));
    assert_eq!((page.upto, page.more, page.count), (2, false, 0));
    let mut theirs = Record::start(&page.geneses[0]).unwrap();
    for entry in &page.entries {
        theirs.apply(entry.bytes.as_ref().unwrap()).unwrap();
    }
    assert_eq!(theirs.answers(), record.answers());
    assert_eq!(theirs.heads(), record.heads());
}

#[test]
fn two_devices_merge_and_a_clash_shows_in_the_coverage() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let (mut on_a, mut on_b) =
        (Record::start(&visit(DUKCAPIL)).unwrap(), Record::start(&visit(DUKCAPIL)).unwrap());
    let first = a.write(&mut on_a, "loket", "3");
    let second = b.write(&mut on_b, "loket", "4");
    a.push(&[first]);
    b.push(std::slice::from_ref(&second));
    server.settle();
    let coordinator = Device::enrol(&server, Role::Coordinator);
    let coverage: replica::api::Coverage =
        serde_json::from_slice(&coordinator.get("/api/v1/coverage").body).unwrap();
    assert_eq!(coverage.clashes.len(), 1);
    let values: Vec<_> = coverage.clashes[0].options.iter().map(|option| option.value.as_str()).collect();
    assert_eq!(values, ["3", "4"]);
    assert!(coverage.clashes[0].options.iter().all(|option| option.who.starts_with("Phone")));
    let unit = |coverage: &replica::api::Coverage| {
        let units = coverage.governments.iter().flat_map(|government| &government.units);
        units.clone().find(|unit| unit.id.as_str() == DUKCAPIL).unwrap().clone()
    };
    assert_eq!((unit(&coverage).visits_open, unit(&coverage).clashes), (1, 1));

    on_a.apply(&second.1).unwrap();
    let key = on_a.clashes()[0].key.clone();
    let settled = a.edit(&mut on_a, &[Edit::Settle { key, value: "4".to_owned() }, Edit::Close { at: 9 }]);
    a.push(&[settled]);
    server.settle();
    let coverage: replica::api::Coverage =
        serde_json::from_slice(&coordinator.get("/api/v1/coverage").body).unwrap();
    assert!(coverage.clashes.is_empty());
    assert_eq!((unit(&coverage).visits_open, unit(&coverage).visits_closed), (0, 1));
}

#[test]
fn answers_that_a_merge_broke_show_in_the_coverage_until_they_are_mended() {
    let field = Field::start();
    let (a, b) = (&field.surveyor, Device::enrol(&field.server, Role::Surveyor));
    let (came, done, day) = ("aduan_masuk", "aduan_selesai", "tanggal_kunjungan");
    let mut on_a = Record::start(&Genesis { instrument: field.visit.0, ..visit(DUKCAPIL) }).unwrap();
    let begun =
        [(came, "10"), (done, "4"), (day, "2026-09-21")].map(|(path, value)| a.write(&mut on_a, path, value));
    a.push(&begun);
    let mut on_b = on_a.clone();
    let fewer = a.write(&mut on_a, came, "5");
    let more = b.write(&mut on_b, done, "8");
    let coordinator = Device::enrol(&field.server, Role::Coordinator);
    let shown = || {
        field.server.settle();
        let coverage: replica::api::Coverage =
            serde_json::from_slice(&coordinator.get("/api/v1/coverage").body).unwrap();
        let units = coverage.governments.iter().flat_map(|government| &government.units);
        let unit = units.clone().find(|unit| unit.id.as_str() == DUKCAPIL).unwrap();
        (unit.clashes, unit.unsound)
    };
    a.push(&[fewer]);
    assert_eq!(shown(), (0, 0));
    b.push(std::slice::from_ref(&more));
    assert_eq!(shown(), (0, 1), "of five complaints eight are settled");
    on_a.apply(&more.1).unwrap();
    let mended = a.write(&mut on_a, came, "12");
    a.push(&[mended]);
    assert_eq!(shown(), (0, 0));
    let closed = a.edit(&mut on_a, &[Edit::Close { at: 9 }]);
    a.push(&[closed]);
    assert!(shown().1 > 0, "what must be answered and is not is asked of a visit once it is closed");
}

#[test]
fn a_change_sent_twice_is_stored_once() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let change = device.write(&mut record, "nama", "x");
    assert_eq!(device.push(&[change.clone(), change.clone()]), [Outcome::Stored(1), Outcome::Known(1)]);
    assert_eq!(device.push(&[change]), [Outcome::Known(1)]);
    assert_eq!(server.server().log.last().unwrap(), 1);
}

#[test]
fn a_refused_change_does_not_hold_up_the_others() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let (mut one, mut two) =
        (Record::start(&visit(DUKCAPIL)).unwrap(), Record::start(&visit(KESEHATAN)).unwrap());
    let mut nowhere = Record::start(&visit("nowhere")).unwrap();
    let changes = [
        device.write(&mut one, "a", "1"),
        device.write(&mut nowhere, "a", "1"),
        device.write(&mut two, "a", "1"),
    ];
    let outcomes = device.push(&changes);
    assert_eq!(
        outcomes,
        [Outcome::Stored(1), Outcome::Refused(RefusalCode::UnknownRecord), Outcome::Stored(2)]
    );
}

#[test]
fn an_actor_of_another_device_is_refused() {
    let server = TestServer::start();
    let (mut thief, owner) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    thief.actor = owner.actor;
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let forged = thief.write(&mut record, "a", "1");
    assert_eq!(thief.push(&[forged]), [Outcome::Refused(RefusalCode::ActorNotYours)]);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let honest = owner.write(&mut record, "a", "2");
    assert_eq!(owner.push(&[honest]), [Outcome::Stored(1)]);
}

#[test]
fn a_change_whose_basis_is_missing_waits_for_it() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let (first, second) = (device.write(&mut record, "a", "1"), device.write(&mut record, "a", "2"));
    let refused = [Outcome::Refused(RefusalCode::UnknownDependency)];
    assert_eq!(device.push(std::slice::from_ref(&second)), refused);
    assert_eq!(device.push(&[second.clone(), first.clone()]), [refused[0], Outcome::Stored(1)]);
    assert_eq!(device.push(&[first, second]), [Outcome::Known(1), Outcome::Stored(2)]);
}

#[test]
fn a_basis_in_another_record_is_no_basis() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let first = device.write(&mut record, "a", "1");
    let (_, second) = device.write(&mut record, "a", "2");
    device.push(&[first]);
    assert_eq!(
        device.push(&[(visit(KESEHATAN), second)]),
        [Outcome::Refused(RefusalCode::UnknownDependency)]
    );
}

#[test]
fn another_change_under_a_used_number_is_refused() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let (mut one, mut other) =
        (Record::start(&visit(DUKCAPIL)).unwrap(), Record::start(&visit(DUKCAPIL)).unwrap());
    let (first, twin) = (device.write(&mut one, "a", "1"), device.write(&mut other, "a", "2"));
    assert_eq!(device.push(&[first]), [Outcome::Stored(1)]);
    assert_eq!(device.push(&[twin]), [Outcome::Refused(RefusalCode::Sequence)]);
}

#[test]
fn an_interview_is_written_by_the_device_that_began_it() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let mut record = Record::start(&interview(DUKCAPIL, 1)).unwrap();
    let first = a.write(&mut record, "umur", "40");
    assert_eq!(a.push(&[first]), [Outcome::Stored(1)]);
    let theirs = b.write(&mut record, "umur", "20");
    assert_eq!(b.push(&[theirs]), [Outcome::Refused(RefusalCode::NotPermitted)]);
    let mut own = Record::start(&interview(DUKCAPIL, 2)).unwrap();
    let theirs = b.write(&mut own, "umur", "20");
    assert_eq!(b.push(&[theirs]), [Outcome::Stored(2)]);
}

#[test]
fn operations_numbered_ahead_of_the_record_are_refused() {
    use automerge::{ActorId, Change, ExpandedChange};
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let (genesis, bytes) = device.write(&mut record, "a", "1");
    let mut ahead: ExpandedChange = Change::try_from(bytes.as_slice()).unwrap().decode();
    ahead.hash = None;
    ahead.start_op = 1_000_000.try_into().unwrap();
    ahead.actor_id = ActorId::from(device.actor.as_bytes().as_slice());
    let ahead = Change::from(ahead).raw_bytes().to_vec();
    assert_eq!(device.push(&[(genesis.clone(), ahead)]), [Outcome::Refused(RefusalCode::StartOp)]);
    assert_eq!(device.push(&[(genesis, bytes)]), [Outcome::Stored(1)]);
}

#[test]
fn a_device_of_one_office_neither_writes_nor_reads_in_another() {
    let server = TestServer::start();
    let device = Device::enrol_for(&server, Role::Surveyor, Some("babel"), None);
    let mut record = Record::start(&visit(BONTANG)).unwrap();
    let change = device.write(&mut record, "a", "1");
    assert_eq!(device.push(&[change]), [Outcome::Refused(RefusalCode::NotPermitted)]);
    assert_eq!(device.get("/api/v1/pull?stream=kaltim/2026&after=0").problem(), "not-permitted");
    // A unit of another office is not taken into one's own by naming it so.
    let mut foreign = visit(BONTANG);
    foreign.office = "babel".parse().unwrap();
    let mut record = Record::start(&foreign).unwrap();
    let change = device.write(&mut record, "a", "1");
    assert_eq!(device.push(&[change]), [Outcome::Refused(RefusalCode::UnknownRecord)]);
}

#[test]
fn a_batch_signed_for_other_changes_is_refused_whole() {
    let server = TestServer::start();
    let a = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let changes = [a.write(&mut record, "a", "1"), a.write(&mut record, "a", "2")];
    let mut batch = a.batch(&changes);
    batch.items.swap(0, 1);
    let answer = a.send(&batch.to_cbor());
    assert_eq!((answer.status, answer.problem().as_str()), (422, "attestation"));
    assert_eq!(server.server().log.last().unwrap(), 0);
}

#[test]
fn the_own_changes_are_named_and_not_sent_back() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let change = device.write(&mut record, "a", "1");
    device.push(std::slice::from_ref(&change));
    server.settle();
    let page = device.pull(&from_start(STREAM));
    assert_eq!((page.entries[0].hash, page.entries[0].bytes.clone()), (hash(&change.1), None));
}

#[test]
fn pages_follow_each_other_without_a_gap_and_digests_agree() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let changes: Vec<_> =
        (0..25).map(|n| a.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1")).collect();
    a.push(&changes);
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
    assert_eq!(seen, 25);
    let last = b.pull(&query);
    assert_eq!((last.count, last.digest, last.entries.len()), (25, digest, 0));
}

#[test]
fn an_older_copy_of_the_folder_is_told_apart_by_the_digest() {
    let server = TestServer::start();
    let mut device = Device::enrol(&server, Role::Surveyor);
    let push = |device: &Device, n| {
        device.push(&[device.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1")])
    };
    for n in 0..3 {
        push(&device, n);
    }
    let (folder, kept) = server.stop();
    let backup = tempfile::tempdir().unwrap();
    for name in ["log.sqlite", "log.sqlite-wal"] {
        if folder.join(name).exists() {
            std::fs::copy(folder.join(name), backup.path().join(name)).unwrap();
        }
    }
    let server = TestServer::on(folder);
    device.moves_to(&server);
    push(&device, 3);
    push(&device, 4);
    server.settle();
    let held = device.pull(&from_start(STREAM));
    let query = PullQuery { after: held.upto, ..from_start(STREAM) };
    let before = device.pull(&query);
    let (folder, _) = server.stop();
    // A projection that is ahead of the older log is not believed.
    std::fs::copy(folder.join("projection.sqlite"), backup.path().join("projection.sqlite")).unwrap();
    drop(kept);

    let server = TestServer::on(backup.path().to_owned());
    device.moves_to(&server);
    let other = Device::enrol(&server, Role::Surveyor);
    let after = device.pull(&query);
    assert_ne!(after.epoch, before.epoch, "each start is an epoch of its own, whatever file it begins with");
    assert_eq!((before.count, after.count), (5, 3));
    server.settle();
    assert_eq!(server.server().projection.progress().unwrap().unwrap().upto, 3);
    // Even once other changes have filled the hole, the digest tells.
    push(&other, 10);
    push(&other, 11);
    server.settle();
    let after = device.pull(&query);
    assert_eq!(after.count, before.count);
    assert_ne!(after.digest, before.digest);
    // Whatever the device holds it can push again.
    assert!(matches!(push(&device, 3)[..], [Outcome::Stored(_)]));
}

#[test]
fn honest_devices_that_write_merge_and_send_in_any_rhythm_are_never_refused() {
    let server = TestServer::start();
    for seed in 1..=6u64 {
        let devices: Vec<_> = (0..3).map(|_| Device::enrol(&server, Role::Surveyor)).collect();
        let mut genesis = visit(DUKCAPIL);
        genesis.round = format!("r{seed}").parse().unwrap();
        server.server().catalogue.open_round(&genesis.round, 1).unwrap();
        let mut copies: Vec<_> = (0..3).map(|_| Record::start(&genesis).unwrap()).collect();
        let (mut outboxes, mut logged) = (vec![Vec::new(); 3], Vec::<Vec<u8>>::new());
        let mut state = seed;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        for step in 0..120 {
            let who = draw(3);
            let (device, copy) = (&devices[who], &mut copies[who]);
            match draw(4) {
                // What was seen a while ago is as good a basis as what is there now.
                0 => {
                    let edit = Edit::Answer {
                        path: format!("q{}", draw(4)).parse().unwrap(),
                        value: format!("{step}").parse().unwrap(),
                    };
                    let made =
                        copy.commit_from(&Seen::default(), &[edit], &device.actor, 1).unwrap().unwrap();
                    outboxes[who].push((genesis.clone(), made.bytes));
                }
                1 => outboxes[who].push(device.write(copy, &format!("q{}", draw(4)), &format!("{step}"))),
                2 => {
                    for bytes in &logged {
                        copy.apply(bytes).unwrap();
                    }
                }
                _ => {
                    let outcomes = device.push(&outboxes[who]);
                    let stored = |outcome: &Outcome| matches!(outcome, Outcome::Stored(_));
                    assert!(outcomes.iter().all(stored), "seed {seed}, step {step}: {outcomes:?}");
                    logged.extend(outboxes[who].drain(..).map(|(_, bytes)| bytes));
                }
            }
        }
    }
    server.settle();
    assert_eq!(server.server().projection.set_aside().unwrap(), []);
}
