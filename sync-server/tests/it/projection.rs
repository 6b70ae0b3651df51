//! The projection: follows the log, survives bad changes, and can be built anew.

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Change, ExpandedChange, ScalarValue};
use replica::api::Role;
use replica::wire::Outcome;
use replica::{ContentHash, Edit, Genesis, Record};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::client::{Device, from_start};
use super::server::{BONTANG, DUKCAPIL, KESEHATAN, TestServer, interview, visit};

/// A change of the device that reads well, and writes in an object that does not exist.
pub fn poison(device: &Device, genesis: &Genesis) -> Vec<u8> {
    let actor = ActorId::from(device.actor.as_bytes().as_slice());
    let change = ExpandedChange {
        operations: vec![Op {
            action: OpType::Put(ScalarValue::Str("x".into())),
            obj: ObjectId::Id(OpId::new(7, &actor)),
            key: Key::Map("a".into()),
            pred: SortedVec::<OpId>::new(),
            insert: false,
        }],
        actor_id: actor,
        hash: None,
        seq: 1,
        start_op: 2.try_into().unwrap(),
        time: 0,
        message: None,
        deps: vec![genesis.root().hash.into()],
        extra_bytes: Vec::new(),
        author: None,
    };
    Change::from(change).raw_bytes().to_vec()
}

#[test]
fn a_change_that_breaks_its_document_is_set_aside_and_the_next_goes_on() {
    let server = TestServer::start();
    let (bad, good) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let genesis = visit(DUKCAPIL);
    let mut before = Record::start(&genesis).unwrap();
    let first = good.write(&mut before, "a", "1");
    assert_eq!(good.push(&[first]), [Outcome::Stored(1)]);
    assert_eq!(bad.push(&[(genesis.clone(), poison(&bad, &genesis))]), [Outcome::Stored(2)]);
    let second = good.write(&mut before, "b", "2");
    assert_eq!(good.push(&[second]), [Outcome::Stored(3)]);
    server.settle();

    let aside = server.server().projection.set_aside().unwrap();
    assert_eq!(aside.len(), 1);
    assert_eq!((aside[0].seq, aside[0].device), (2, bad.key.device()));
    assert!(!aside[0].reason.is_empty());
    let coordinator = Device::enrol(&server, Role::Coordinator);
    let shown: replica::api::Aside = serde_json::from_slice(&coordinator.get("/api/v1/aside").body).unwrap();
    assert_eq!(shown.changes.len(), 1);
    assert_eq!((shown.changes[0].seq, shown.changes[0].reason.as_str()), (2, aside[0].reason.as_str()));
    assert!(shown.changes[0].who.starts_with("Phone"));
    let elsewhere = Device::enrol_for(&server, Role::Coordinator, Some("kaltim"), None);
    let hidden: replica::api::Aside = serde_json::from_slice(&elsewhere.get("/api/v1/aside").body).unwrap();
    assert!(hidden.changes.is_empty());
    assert_eq!(bad.get("/api/v1/aside").problem(), "not-permitted");
    let other = Device::enrol(&server, Role::Surveyor);
    let page = other.pull(&from_start("babel/2026"));
    let given: Vec<_> = page.entries.iter().map(|entry| (entry.seq, entry.bytes.is_some())).collect();
    assert_eq!(given, [(1, true), (2, false), (3, true)]);
}

#[test]
fn what_builds_on_a_change_that_was_set_aside_is_set_aside_too() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let genesis = visit(DUKCAPIL);
    let poison = poison(&device, &genesis);
    let mut after: ExpandedChange = Change::try_from(poison.as_slice()).unwrap().decode();
    after.deps = vec![Change::try_from(poison.as_slice()).unwrap().hash()];
    (after.seq, after.start_op, after.hash) = (2, 3.try_into().unwrap(), None);
    after.operations[0].obj = ObjectId::Root;
    let after = Change::from(after).raw_bytes().to_vec();
    let outcomes = device.push(&[(genesis.clone(), poison), (genesis, after)]);
    assert_eq!(outcomes, [Outcome::Stored(1), Outcome::Stored(2)]);
    server.settle();
    let aside = server.server().projection.set_aside().unwrap();
    assert_eq!(aside.iter().map(|one| one.seq).collect::<Vec<_>>(), [2, 1]);
}

fn rows(folder: &std::path::Path) -> Vec<Vec<Value>> {
    let connection = Connection::open(folder.join("projection.sqlite")).unwrap();
    let mut all = Vec::new();
    for table in ["progress", "record", "clash", "set_aside"] {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| (0..columns).map(|index| row.get(index)).collect::<Result<Vec<Value>, _>>())
            .unwrap();
        all.extend(rows.map(Result::unwrap));
    }
    all
}

fn fill(server: &TestServer) {
    let (a, b) = (Device::enrol(server, Role::Surveyor), Device::enrol(server, Role::Surveyor));
    for (n, unit) in [DUKCAPIL, KESEHATAN, BONTANG].into_iter().enumerate() {
        let (mut on_a, mut on_b) =
            (Record::start(&visit(unit)).unwrap(), Record::start(&visit(unit)).unwrap());
        a.push(&[a.write(&mut on_a, "loket", "3"), a.edit(&mut on_a, &[Edit::Close { at: 5 }])]);
        b.push(&[b.write(&mut on_b, "loket", "4")]);
        let mut spoken = Record::start(&interview(unit, n as u64)).unwrap();
        b.push(&[b.edit(&mut spoken, &[Edit::Close { at: 7 }])]);
    }
    let bad = Device::enrol(server, Role::Surveyor);
    let genesis = visit(DUKCAPIL);
    bad.push(&[(genesis.clone(), poison(&bad, &genesis))]);
    server.settle();
}

#[test]
fn a_projection_that_was_deleted_is_built_anew_and_says_the_same() {
    let server = TestServer::start();
    fill(&server);
    let (folder, _kept) = server.stop();
    let before = rows(&folder);
    assert!(before.len() > 10);
    std::fs::remove_file(folder.join("projection.sqlite")).unwrap();
    let server = TestServer::on(folder.clone());
    server.settle();
    drop(server);
    assert_eq!(rows(&folder), before);
}

#[test]
fn a_projection_of_another_log_is_thrown_away() {
    let one = TestServer::start();
    fill(&one);
    let (from, _kept) = one.stop();
    let two = TestServer::start();
    let device = Device::enrol(&two, Role::Surveyor);
    device.push(&[device.write(&mut Record::start(&visit(DUKCAPIL)).unwrap(), "a", "1")]);
    two.settle();
    let (folder, _kept_too) = two.stop();
    let right = rows(&folder);
    std::fs::copy(from.join("projection.sqlite"), folder.join("projection.sqlite")).unwrap();
    let server = TestServer::on(folder.clone());
    server.settle();
    drop(server);
    assert_eq!(rows(&folder), right);
}

#[test]
fn a_projection_that_cannot_be_read_is_built_anew() {
    let server = TestServer::start();
    fill(&server);
    let (folder, _kept) = server.stop();
    let before = rows(&folder);
    for nonsense in [b"no database".to_vec(), vec![7; 20_000]] {
        std::fs::write(folder.join("projection.sqlite"), nonsense).unwrap();
        let server = TestServer::on(folder.clone());
        server.settle();
        drop(server);
        assert_eq!(rows(&folder), before);
    }
    let connection = Connection::open(folder.join("projection.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let server = TestServer::on(folder.clone());
    server.settle();
    drop(server);
    assert_eq!(rows(&folder), before);
}

#[test]
fn a_log_of_a_later_version_is_left_alone() {
    let (folder, _kept) = TestServer::start().stop();
    let connection = Connection::open(folder.join("log.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let refused = sync_server::server::Server::open(&folder).err().unwrap();
    assert!(refused.to_string().contains("later version"), "{refused}");
}

#[test]
fn withdrawn_interviews_do_not_count() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&interview(DUKCAPIL, 1)).unwrap();
    device.push(&[device.edit(&mut record, &[Edit::Close { at: 7 }])]);
    server.settle();
    let count = || {
        let counts = server.server().projection.unit_counts(&"2026".parse().unwrap()).unwrap();
        counts[&DUKCAPIL.parse().unwrap()].interviews
    };
    assert_eq!(count(), 1);
    device.push(&[device.edit(&mut record, &[Edit::Withdraw { at: 8 }])]);
    server.settle();
    assert_eq!(count(), 0);
}

#[test]
fn an_unknown_instrument_makes_no_record() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let genesis = Genesis { instrument: ContentHash::new([9; 32]), ..visit(DUKCAPIL) };
    let outcomes = device.push(&[device.write(&mut Record::start(&genesis).unwrap(), "a", "1")]);
    assert_eq!(outcomes, [Outcome::Refused(replica::wire::RefusalCode::UnknownRecord)]);
}
