//! What is nowhere but on one phone is all in its backup, and comes out of it on another, once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use common::{interview, now, visit};
use device_store::database::Part;
use device_store::desk::Desk;
use device_store::memory::{Disk, Memory};
use device_store::schema::RECORDS;
use device_store::{MISSING, NewPhoto, RecordRow, Store};
use replica::attestation::DeviceKey;
use replica::backup::{Signed, Typed};
use replica::sync;
use replica::wire::{Outcome, RefusalCode};
use replica::{Actor, ContentHash, Edit, Epoch, Genesis, TabId};

fn store() -> Store {
    Store::new(Memory::open(&Disk::default(), Rc::new(Cell::new(1_760_000_000_000))))
}

fn answer(value: &str) -> Edit {
    Edit::Answer { path: "a/b".parse().unwrap(), value: value.parse().unwrap() }
}

/// A phone with a finished interview, one half-way, a photo and a refused change; and its batches as a backup has them.
fn phone(key: &DeviceKey) -> (Store, Signed) {
    let store = store();
    let actor = Actor::of(key.device(), TabId::new([1; 8]));
    now(Desk::keep_whole(&store, actor, &interview(1), &[answer("satu")], 1_760_000_000)).unwrap();
    now(Desk::keep_whole(&store, actor, &interview(2), &[answer("dua")], 1_760_000_000)).unwrap();
    let waiting = now(store.unsent()).unwrap();
    now(store.settle(None, &[], &[(waiting.changes[1].hash, RefusalCode::NotPermitted)])).unwrap();
    let half = now(store.create_record(&interview(3))).unwrap();
    now(store.journal_write(half.id, TabId::new([1; 8]), &serde_json::json!({"basis": [], "edits": []})))
        .unwrap();
    let photo = NewPhoto {
        hash: ContentHash::new([8; 32]),
        record: interview(1).record_id(),
        path: "foto".to_owned(),
        mime: "image/jpeg".to_owned(),
        bytes: vec![1, 2, 3],
        from_server: false,
    };
    now(store.photo_add(&photo)).unwrap();
    let unsent = now(store.unsent()).unwrap();
    assert_eq!((unsent.changes.len(), unsent.typed.len(), unsent.photos.len()), (2, 1, 1));
    let request = sync::batch(&unsent.changes, key, Epoch::new([0; 16]), 1_760_000_000);
    (store, Signed { key: key.public(), request })
}

#[test]
fn all_that_is_nowhere_but_here_is_in_the_backup_and_nothing_is_lost_by_saving_it() {
    let (store, _) = phone(&DeviceKey::from_seed(&[1; 32]));
    let before = now(store.unsent()).unwrap();
    assert_eq!(now(store.unsent()).unwrap(), before);
    assert!(!before.is_empty() && before.corrupt.is_empty());
    assert_eq!(now(store.outbox_len()).unwrap(), 1, "the refused one has left the outbox and is in the file");
}

#[test]
fn another_phone_takes_a_batch_in_once_and_holds_it_until_the_server_has_it() {
    let (_, signed) = phone(&DeviceKey::from_seed(&[1; 32]));
    let envelopes = signed.check().unwrap();
    let other = store();
    let carried = now(other.carry("one", &signed, &envelopes)).unwrap();
    assert_eq!((carried.new, carried.known, carried.records.len()), (2, 0, 2));
    let again = now(other.carry("one", &signed, &envelopes)).unwrap();
    assert_eq!((again.new, again.known), (0, 2));

    let row = now(other.record_row(interview(1).record_id())).unwrap();
    assert_eq!((row.changes, row.unsent, row.carried, row.is_on_server()), (1, 0, 1, false));
    // It is not this phone's own, and goes into this phone's backup as it is.
    assert_eq!(now(other.outbox_len()).unwrap(), 0);
    let unsent = now(other.unsent()).unwrap();
    assert_eq!((unsent.changes.len(), unsent.carried.len()), (0, 1));
    assert_eq!(unsent.carried[0].bytes, signed.request.to_cbor());

    let waits = [Outcome::Stored(1), Outcome::Refused(RefusalCode::UnknownDependency)];
    now(other.carried_settle("one", &waits)).unwrap();
    assert_eq!(now(other.carried()).unwrap().rows[0].refusal, None);
    let refused = [Outcome::Known(1), Outcome::Refused(RefusalCode::NotPermitted)];
    now(other.carried_settle("one", &refused)).unwrap();
    assert_eq!(now(other.carried()).unwrap().rows[0].refusal, Some(RefusalCode::NotPermitted));
    let records = now(other.carried_settle("one", &[Outcome::Known(1), Outcome::Known(2)])).unwrap();
    assert!(records.contains(&interview(2).record_id()), "the other was on the server before");
    assert!(now(other.carried()).unwrap().rows.is_empty());
    assert!(now(other.record_row(interview(1).record_id())).unwrap().is_on_server());
}

/// A batch of two interviews, of which the server takes the first and refuses the second.
fn half_refused() -> Store {
    let (_, signed) = phone(&DeviceKey::from_seed(&[1; 32]));
    let other = store();
    now(other.carry("one", &signed, &signed.check().unwrap())).unwrap();
    let outcomes = [Outcome::Stored(1), Outcome::Refused(RefusalCode::NotPermitted)];
    now(other.carried_settle("one", &outcomes)).unwrap();
    other
}

fn row(store: &Store, genesis: &Genesis) -> RecordRow {
    now(store.record_row(genesis.record_id())).unwrap()
}

#[test]
fn what_the_server_refused_of_a_batch_is_refused_in_its_record_alone_until_it_is_offered_again() {
    let other = half_refused();
    assert!(row(&other, &interview(1)).is_on_server());
    let refused = row(&other, &interview(2));
    assert_eq!((refused.carried, refused.refused, refused.is_on_server()), (0, 1, false));
    let batch = now(other.carried()).unwrap().rows.remove(0);
    assert_eq!(batch.count(), 1);
    assert!(batch.left().iter().all(|(record, _)| *record == interview(2).record_id()));

    assert_eq!(now(other.refused_again()).unwrap(), BTreeSet::from([interview(2).record_id()]));
    let waits = row(&other, &interview(2));
    assert_eq!((waits.carried, waits.refused), (1, 0));
    assert_eq!(now(other.carried()).unwrap().rows[0].refusal, None);
    now(other.carried_settle("one", &[Outcome::Refused(RefusalCode::TooLarge)])).unwrap();
    assert_eq!((row(&other, &interview(1)).refused, row(&other, &interview(2)).refused), (0, 1));
    assert_eq!(now(other.unsent()).unwrap().carried.len(), 1, "it is in this phone's backup still");
}

#[test]
fn a_refused_batch_that_is_dropped_takes_along_what_the_server_lacks_and_nothing_else() {
    let other = half_refused();
    let records = now(other.carried_drop("one")).unwrap();
    assert_eq!(records, BTreeSet::from([interview(2).record_id()]));
    assert!(now(other.carried()).unwrap().rows.is_empty());
    assert_eq!(now(other.load_record(interview(2).record_id())).unwrap().changes.len(), 0);
    let dropped = row(&other, &interview(2));
    assert_eq!((dropped.changes, dropped.refused, dropped.stale), (0, 0, true));
    assert_eq!(now(other.load_record(interview(1).record_id())).unwrap().changes.len(), 1);
    assert_eq!(row(&other, &interview(1)).changes, 1);
}

#[test]
fn what_was_written_here_on_top_of_a_refused_batch_keeps_what_it_builds_on() {
    let (key, tab) = (DeviceKey::from_seed(&[1; 32]), TabId::new([1; 8]));
    let from = store();
    now(Desk::keep_whole(&from, Actor::of(key.device(), tab), &visit(), &[answer("satu")], 1_760_000_000))
        .unwrap();
    let changes = now(from.unsent()).unwrap().changes;
    let request = sync::batch(&changes, &key, Epoch::new([0; 16]), 1_760_000_000);
    let signed = Signed { key: key.public(), request };

    let other = store();
    now(other.carry("one", &signed, &signed.check().unwrap())).unwrap();
    let me = Actor::of(DeviceKey::from_seed(&[2; 32]).device(), tab);
    let id = visit().record_id();
    let opened = now(Desk::open(other.clone(), me, tab, id, 1_760_000_000, async || Vec::new())).unwrap();
    now(opened.desk.write(&[answer("dua")])).unwrap();
    now(opened.desk.commit(1_760_000_000)).unwrap();
    now(other.carried_settle("one", &[Outcome::Refused(RefusalCode::NotPermitted)])).unwrap();
    now(other.carried_drop("one")).unwrap();
    assert_eq!(now(other.load_record(id)).unwrap().changes.len(), 2);
    assert_eq!((row(&other, &visit()).changes, row(&other, &visit()).refused), (2, 0));
}

#[test]
fn what_came_in_two_batches_stays_in_sight_until_both_are_dropped() {
    let (key, tab) = (DeviceKey::from_seed(&[1; 32]), TabId::new([1; 8]));
    let (from, other) = (store(), store());
    for (name, genesis) in [("one", interview(7)), ("two", interview(8))] {
        let actor = Actor::of(key.device(), tab);
        now(Desk::keep_whole(&from, actor, &genesis, &[answer("satu")], 1_760_000_000)).unwrap();
        let changes = now(from.unsent()).unwrap().changes;
        let request = sync::batch(&changes, &key, Epoch::new([0; 16]), 1_760_000_000);
        let signed = Signed { key: key.public(), request };
        now(other.carry(name, &signed, &signed.check().unwrap())).unwrap();
        now(other.carried_settle(name, &[Outcome::Refused(RefusalCode::NotPermitted)])).unwrap();
    }
    let here = || now(other.load_record(interview(7).record_id())).unwrap().changes.len();
    now(other.carried_drop("one")).unwrap();
    assert_eq!(here(), 1);
    now(other.carried_drop("two")).unwrap();
    assert_eq!(here(), 0);
}

#[test]
fn the_phone_that_wrote_it_takes_its_own_backup_in_and_nothing_changes() {
    let (store, signed) = phone(&DeviceKey::from_seed(&[1; 32]));
    let before = now(store.unsent()).unwrap();
    let carried = now(store.carry("one", &signed, &signed.check().unwrap())).unwrap();
    assert_eq!((carried.new, carried.known), (0, 2));
    for typed in &before.typed {
        assert!(!now(store.take_in_typed(typed)).unwrap());
    }
    assert_eq!(now(store.unsent()).unwrap(), before);
}

#[test]
fn what_was_typed_comes_in_once_even_after_it_was_finished() {
    let (from, _) = phone(&DeviceKey::from_seed(&[1; 32]));
    let typed = now(from.unsent()).unwrap().typed.remove(0);
    let other = store();
    assert!(now(other.take_in_typed(&typed)).unwrap());
    assert!(!now(other.take_in_typed(&typed)).unwrap());
    let id = typed.genesis.record_id();
    let journal: Vec<u64> =
        now(other.load_record(id)).unwrap().journal.iter().filter_map(|row| row.position).collect();
    assert_eq!(journal.len(), 1);
    now(other.journal_forget(id, &journal)).unwrap();
    assert!(!now(other.take_in_typed(&typed)).unwrap(), "it was gone on with here");
}

#[test]
fn a_photo_that_the_server_refused_stays_in_the_backup_and_waits_to_be_offered_again() {
    let (store, _) = phone(&DeviceKey::from_seed(&[1; 32]));
    let hash = ContentHash::new([8; 32]);
    now(store.photo_refused(hash, "403")).unwrap();
    assert_eq!(now(store.unsent()).unwrap().photos.len(), 1);
    assert_eq!(now(store.photos_waiting(9)).unwrap().rows.len(), 1);
    assert!(!now(store.record_row(interview(1).record_id())).unwrap().is_on_server());
    now(store.photo_progress(hash, 3)).unwrap();
    assert_eq!(now(store.photos_waiting_len()).unwrap(), 0);
}

#[test]
fn one_of_which_no_bytes_are_left_waits_no_more() {
    let (store, _) = phone(&DeviceKey::from_seed(&[1; 32]));
    now(store.photo_refused(ContentHash::new([8; 32]), MISSING)).unwrap();
    assert_eq!(now(store.photos_waiting_len()).unwrap(), 0);
}

#[test]
fn two_entries_of_one_moment_are_both_taken_in_and_each_once() {
    let store = store();
    let entry = |text: &str| Typed {
        genesis: interview(4),
        tab: TabId::new([2; 8]),
        at: 1_760_000_000_000,
        entry: text.to_owned(),
    };
    assert!(now(store.take_in_typed(&entry("a"))).unwrap());
    assert!(now(store.take_in_typed(&entry("b"))).unwrap());
    assert!(!now(store.take_in_typed(&entry("a"))).unwrap());
}

#[test]
fn an_index_row_that_is_damaged_is_reckoned_anew_with_all_that_waits_and_what_was_refused() {
    let disk = Disk::default();
    let store = Store::new(Memory::open(&disk, Rc::new(Cell::new(1_760_000_000_000))));
    let key = DeviceKey::from_seed(&[1; 32]);
    let (actor, genesis) = (Actor::of(key.device(), TabId::new([1; 8])), interview(1));
    let record = genesis.record_id();
    now(Desk::keep_whole(&store, actor, &genesis, &[answer("satu")], 1_760_000_000)).unwrap();
    let hash = now(store.unsent()).unwrap().changes[0].hash;
    now(store.settle(None, &[], &[(hash, RefusalCode::NotPermitted)])).unwrap();
    let photo = NewPhoto {
        hash: ContentHash::new([8; 32]),
        record,
        path: "foto".to_owned(),
        mime: "image/jpeg".to_owned(),
        bytes: vec![1, 2, 3],
        from_server: false,
    };
    now(store.photo_add(&photo)).unwrap();
    disk.damage(RECORDS, &vec![Part::Text(record.to_string())]);
    assert!(now(store.overview(&[])).unwrap().damaged);
    // A photo of such a record holds up no other.
    now(store.photo_progress(photo.hash, 1)).unwrap();
    let row = now(store.create_record(&genesis)).unwrap();
    assert_eq!((row.changes, row.refused, row.photos_unsent, row.stale), (1, 1, 1, true));
    let shown = now(store.overview(&[])).unwrap();
    assert_eq!((shown.damaged, shown.attention.len()), (false, 1));
}

#[test]
fn a_photo_that_answers_in_two_records_is_sent_for_both() {
    let (store, _) = phone(&DeviceKey::from_seed(&[1; 32]));
    let hash = ContentHash::new([8; 32]);
    let again = |n: u8| NewPhoto {
        hash,
        record: interview(n).record_id(),
        path: "foto".to_owned(),
        mime: "image/jpeg".to_owned(),
        bytes: vec![1, 2, 3],
        from_server: false,
    };
    let waits_for =
        |store: &Store| now(store.photos_waiting(9)).unwrap().rows.first().map(|photo| photo.record);
    now(store.photo_add(&again(2))).unwrap();
    now(store.photo_add(&again(2))).unwrap();
    assert_eq!(waits_for(&store), Some(interview(1).record_id()));
    now(store.photo_progress(hash, 3)).unwrap();
    assert_eq!(waits_for(&store), Some(interview(2).record_id()), "the second record's turn");
    assert_eq!(now(store.record_row(interview(2).record_id())).unwrap().photos_unsent, 1);
    now(store.photo_progress(hash, 3)).unwrap();
    assert_eq!(waits_for(&store), None);
    // One that was sent long ago is sent for whoever uses it later.
    now(store.photo_add(&again(3))).unwrap();
    assert_eq!(waits_for(&store), Some(interview(3).record_id()));
    now(store.photo_progress(hash, 3)).unwrap();
    for n in [1, 2, 3] {
        assert_eq!(now(store.record_row(interview(n).record_id())).unwrap().photos_unsent, 0, "{n}");
    }
}
