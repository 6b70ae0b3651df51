//! A change that can no longer be read comes again from the server, and until it does nobody writes over what others said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use std::cell::Cell;
use std::rc::Rc;

use common::{interview, now, visit};
use device_store::Store;
use device_store::database::Part;
use device_store::desk::Desk;
use device_store::memory::{Disk, Memory};
use device_store::schema::{CHANGES, RECORDS};
use replica::sync::Cursor;
use replica::wire::reconcile::Named;
use replica::wire::{PullEntry, PullReply, RefusalCode};
use replica::{Actor, ChangeHash, DeviceId, Digest, Edit, Epoch, Record, RecordId, TabId, View as _};

const DEVICE: DeviceId = DeviceId::new([7; 16]);

fn answer(value: &str) -> Edit {
    Edit::Answer { path: "loket".parse().unwrap(), value: value.parse().unwrap() }
}

fn opened(disk: &Disk) -> Store {
    Store::new(Memory::open(disk, Rc::new(Cell::new(1_760_000_000_000))))
}

fn desk(store: &Store, tab: u8, others: Vec<TabId>) -> Desk {
    let id = TabId::new([tab; 8]);
    let record = visit().record_id();
    let desk = Desk::open(store.clone(), Actor::of(DEVICE, id), id, record, 1_760_000_000, async || others);
    now(desk).unwrap().desk
}

/// A visit with one change that the server has taken.
fn acknowledged(store: &Store) -> (RecordId, ChangeHash) {
    let record = now(store.create_record(&visit())).unwrap().id;
    let first = desk(store, 1, Vec::new());
    now(first.write(&[answer("satu")])).unwrap();
    assert_eq!(now(first.commit(1_760_000_000)).unwrap(), Some(true));
    let hash = now(store.unsent()).unwrap().changes[0].hash;
    now(store.settle(Some(Epoch::new([3; 16])), &[hash], &[])).unwrap();
    (record, hash)
}

fn damage(disk: &Disk, record: RecordId, hash: ChangeHash) {
    disk.damage(CHANGES, &vec![Part::Text(record.to_string()), Part::Text(hash.to_string())]);
}

#[test]
fn a_record_whose_index_row_is_damaged_holds_up_no_other_that_is_offered_again() {
    let disk = Disk::default();
    let store = opened(&disk);
    let actor = Actor::of(DEVICE, TabId::new([1; 8]));
    for n in [1, 2] {
        now(Desk::keep_whole(&store, actor, &interview(n), &[answer("satu")], 1_760_000_000)).unwrap();
    }
    let all: Vec<_> = now(store.unsent()).unwrap().changes.iter().map(|change| change.hash).collect();
    let refused: Vec<_> = all.iter().map(|hash| (*hash, RefusalCode::NotPermitted)).collect();
    now(store.settle(None, &[], &refused)).unwrap();
    assert_eq!((now(store.refused_len()).unwrap(), now(store.outbox_len()).unwrap()), (2, 0));
    disk.damage(RECORDS, &vec![Part::Text(interview(1).record_id().to_string())]);
    assert_eq!(now(store.refused_again()).unwrap().len(), 2);
    assert_eq!((now(store.refused_len()).unwrap(), now(store.outbox_len()).unwrap()), (0, 2));
    let other = now(store.record_row(interview(2).record_id())).unwrap();
    assert_eq!((other.unsent, other.refused), (1, 0));
}

#[test]
fn what_was_typed_on_a_change_that_is_gone_clashes_with_what_came_meanwhile() {
    let disk = Disk::default();
    let store = opened(&disk);
    let (record, hash) = acknowledged(&store);
    let open = desk(&store, 2, Vec::new());
    now(open.write(&[answer("dua")])).unwrap();
    damage(&disk, record, hash);
    // Another tab, which has never seen what is typed in the open one.
    let other = desk(&store, 3, vec![TabId::new([2; 8])]);
    now(other.write(&[answer("tiga")])).unwrap();
    now(other.commit(1_760_000_001)).unwrap();
    drop((open, other));

    let again = desk(&store, 4, Vec::new());
    now(again.commit(1_760_000_002)).unwrap();
    let clashes = again.record().clashes();
    let values: Vec<_> = clashes[0].options.iter().map(|option| option.value.as_str()).collect();
    assert_eq!(values, ["dua", "tiga"]);
}

#[test]
fn the_same_tab_writes_on_under_another_name_where_a_change_of_its_own_is_gone() {
    let disk = Disk::default();
    let store = opened(&disk);
    let (record, hash) = acknowledged(&store);
    let gone = now(store.load_record(record)).unwrap().changes[0].clone();
    damage(&disk, record, hash);
    for value in ["dua", "tiga"] {
        let again = desk(&store, 1, Vec::new());
        now(again.write(&[answer(value)])).unwrap();
        assert_eq!(now(again.commit(1_760_000_001)).unwrap(), Some(true));
    }
    let kept = now(store.load_record(record)).unwrap();
    let all = kept.changes.iter().chain([&gone]);
    assert_eq!(
        Record::load(&visit(), all).unwrap().change_count(),
        3,
        "none contradicts the one that was gone"
    );
}

#[test]
fn a_stream_counts_fewer_than_the_server_until_what_was_damaged_is_here_again() {
    let disk = Disk::default();
    let store = opened(&disk);
    let (record, hash) = acknowledged(&store);
    let stream = visit().stream();
    let entry = |bytes| PullEntry { seq: 1, genesis: 0, hash, bytes };
    let page = |bytes| PullReply {
        epoch: Epoch::new([3; 16]),
        upto: 1,
        more: false,
        count: 0,
        digest: Digest::EMPTY,
        geneses: vec![visit()],
        entries: vec![entry(bytes)],
    };
    let mut digest = Digest::EMPTY;
    digest.toggle(&hash);
    let cursor = Cursor { epoch: Some(Epoch::new([3; 16])), after: 1, count: 1, digest };
    let bytes = now(store.load_record(record)).unwrap().changes[0].clone();
    now(store.take_in(&stream, &page(None), Some(cursor))).unwrap();
    assert_eq!(now(store.cursor(&stream)).unwrap(), cursor);

    damage(&disk, record, hash);
    drop(desk(&store, 2, Vec::new()));
    assert_eq!(now(store.cursor(&stream)).unwrap().count, 0);
    // An engine that does not know of the damage goes on from its own count.
    now(store.take_in(&stream, &PullReply { entries: Vec::new(), ..page(None) }, Some(cursor))).unwrap();
    assert_eq!(now(store.cursor(&stream)).unwrap().count, 0);
    // A comparison that began before the damage does not heal it.
    let named = [Named { seq: 1, hash }];
    now(store.mend(&stream, &named, cursor)).unwrap();
    assert_eq!(now(store.cursor(&stream)).unwrap().count, 0);

    now(store.take_in(&stream, &page(Some(bytes)), None)).unwrap();
    now(store.mend(&stream, &named, cursor)).unwrap();
    assert_eq!(now(store.cursor(&stream)).unwrap(), cursor);

    // What the server has set aside it names, and does not give: it is not asked for at every start.
    damage(&disk, record, hash);
    drop(desk(&store, 2, Vec::new()));
    assert_eq!(now(store.cursor(&stream)).unwrap().count, 0);
    now(store.take_in(&stream, &page(None), None)).unwrap();
    assert_eq!(now(store.cursor(&stream)).unwrap(), cursor);
}
