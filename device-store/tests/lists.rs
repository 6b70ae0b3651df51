//! What lists show of a visit whose answers do not hold any more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use std::cell::Cell;
use std::rc::Rc;

use common::{now, visit};
use device_store::desk::Desk;
use device_store::memory::{Disk, Memory};
use device_store::{RecordRow, Store};
use replica::attestation::DeviceKey;
use replica::{Actor, Edit, TabId};

const TIME: i64 = 1_760_000_000;

fn actor() -> Actor {
    Actor::of(DeviceKey::from_seed(&[1; 32]).device(), TabId::new([1; 8]))
}

/// A visit that is whole on the server.
fn at_rest() -> Store {
    let store = Store::new(Memory::open(&Disk::default(), Rc::new(Cell::new(1_760_000_000_000))));
    let edit = Edit::Answer { path: "a/b".parse().unwrap(), value: "1".parse().unwrap() };
    now(Desk::keep_whole(&store, actor(), &visit(), &[edit], TIME)).unwrap();
    let waiting: Vec<_> = now(store.unsent()).unwrap().changes.iter().map(|change| change.hash).collect();
    now(store.settle(None, &waiting, &[])).unwrap();
    store
}

fn row(store: &Store) -> RecordRow {
    now(store.record_row(visit().record_id())).unwrap()
}

/// The row once these many changes were read and this many answers in them do not hold.
fn reckoned(store: &Store, unsound: Option<u32>, changes: usize) -> RecordRow {
    let summary = row(store).summary;
    now(store.summarise(visit().record_id(), summary, unsound, changes)).unwrap()
}

/// Writes one more answer as a form does of which so many answers do not hold.
fn write(store: &Store, unsound: u32) {
    let (id, tab) = (visit().record_id(), TabId::new([1; 8]));
    let opened = now(Desk::open(store.clone(), actor(), tab, id, TIME, async || Vec::new())).unwrap();
    let value = unsound.to_string();
    let edit = Edit::Answer { path: "a/c".parse().unwrap(), value: value.parse().unwrap() };
    now(opened.desk.write(&[edit])).unwrap();
    opened.desk.note_unsound(unsound);
    now(opened.desk.commit(TIME)).unwrap();
}

#[test]
fn answers_that_do_not_hold_want_attention_until_they_are_mended() {
    let store = at_rest();
    assert!(now(store.wanting_attention()).unwrap().is_empty());
    reckoned(&store, Some(2), 1);
    let wanting = now(store.wanting_attention()).unwrap();
    assert_eq!(wanting.iter().map(|row| row.unsound).collect::<Vec<_>>(), [2]);
    assert!(wanting[0].is_on_server(), "it is a task, and nothing waits to be sent");
    assert_eq!(reckoned(&store, None, 1).unsound, 2, "nobody reckoned it anew");
    reckoned(&store, Some(0), 1);
    assert!(now(store.wanting_attention()).unwrap().is_empty());
}

#[test]
fn a_form_that_is_left_says_how_many_answers_do_not_hold() {
    let store = at_rest();
    reckoned(&store, Some(2), 1);
    write(&store, 1);
    assert_eq!((row(&store).unsound, row(&store).stale), (1, false));
}

#[test]
fn a_visit_whose_form_is_not_here_is_reckoned_later() {
    let store = at_rest();
    assert!(reckoned(&store, None, 0).stale);
    assert_eq!(now(store.wanting_attention()).unwrap().len(), 1);
}
