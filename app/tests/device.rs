//! The device layer in a real browser: IndexedDB, locks, tabs.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use loket_app::device::store::{self, NewChange, NewPhoto, Purge, STORES, Store, StoreError, Summary};
use replica::sync::{Cursor, Held};
use replica::wire::reconcile::Named;
use replica::wire::{PullEntry, PullReply, RefusalCode};
use replica::{ChangeHash, ContentHash, Digest, Epoch, Genesis, RecordKind, StreamId, TabId};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const TAB: TabId = TabId::new([1; 8]);
const EPOCH: Epoch = Epoch::new([9; 16]);

fn interview(n: u16) -> Genesis {
    let mut nonce = [0; 16];
    nonce[..2].copy_from_slice(&n.to_be_bytes());
    Genesis {
        kind: RecordKind::Interview,
        office: "bangka-belitung".parse().unwrap(),
        round: "2025".parse().unwrap(),
        unit: format!("unit-{}", n % 10).parse().unwrap(),
        instrument: ContentHash::new([5; 32]),
        nonce: Some(nonce),
    }
}

fn hash(n: u8) -> ChangeHash {
    ChangeHash::new([n; 32])
}

fn change(genesis: &Genesis, n: u8, journal: Vec<u64>) -> NewChange {
    NewChange {
        record: genesis.record_id(),
        hash: hash(n),
        bytes: vec![n; 100],
        journal,
        summary: Summary { answers: 1, ..Summary::default() },
        unsound: None,
        counted: usize::MAX,
    }
}

/// An empty store of its own, so that tests do not meet.
async fn empty(name: &str) -> Store {
    let name = format!("test-{name}");
    store::delete_named(&name).await.unwrap();
    store::open_named(&name).await.unwrap()
}

async fn again(name: &str) -> Store {
    store::open_named(&format!("test-{name}")).await.unwrap()
}

/// Polls a future so often and no more; what it had begun is dropped, as when a tab dies.
async fn cut_off<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            // The last poll began something; let it not be waited for.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[wasm_bindgen_test]
async fn a_commit_cut_off_anywhere_is_kept_whole_or_not_at_all() {
    let mut whole = 0;
    for polls in 1..60 {
        let store = empty("atomic").await;
        let genesis = interview(1);
        let record = store.create_record(&genesis).await.unwrap().id;
        let position = store.journal_write(record, TAB, &["typed"]).await.unwrap();
        let done = cut_off(store.commit(&change(&genesis, 1, vec![position])), polls).await.is_some();

        let kept = again("atomic").await.load_record(record).await.unwrap();
        let waiting = store.outbox_len().await.unwrap();
        let state = (kept.changes.len(), kept.journal.len(), waiting, kept.row.unsent, kept.row.journal);
        let (before, after) = ((0, 1, 0, 0, true), (1, 0, 1, 1, false));
        assert!(state == before || state == after, "after {polls} polls: {state:?}");
        if done {
            assert_eq!(state, after);
            whole += 1;
        }
        store.close();
    }
    assert!(whole > 0, "no commit ran to its end");
}

#[wasm_bindgen_test]
async fn a_write_that_fails_half_way_leaves_nothing_behind() {
    let store = empty("half-way").await;
    let record = interview(1).record_id();
    let photo = NewPhoto {
        hash: ContentHash::new([8; 32]),
        record,
        path: "bukti".into(),
        mime: "image/jpeg".into(),
        bytes: vec![1],
        from_server: false,
    };
    // The photo and its bytes are written before the record, which is not there, is looked for.
    assert_eq!(store.photo_add(&photo).await, Err(StoreError::NoSuchRecord(record)));
    assert_eq!(store.photo(photo.hash).await.unwrap(), None);
    assert_eq!(store.photo_bytes(photo.hash).await.unwrap(), None);
    assert_eq!(store.commit(&change(&interview(1), 1, vec![])).await, Err(StoreError::NoSuchRecord(record)));
    assert_eq!(store.outbox_len().await.unwrap(), 0);
}

#[wasm_bindgen_test]
async fn the_journal_is_there_in_order_after_reopening() {
    let store = empty("journal").await;
    let genesis = interview(1);
    let record = store.create_record(&genesis).await.unwrap().id;
    for typed in ["a", "ab", "abc"] {
        store.journal_write(record, TAB, &[typed]).await.unwrap();
    }
    store.close();
    let kept = again("journal").await.load_record(record).await.unwrap();
    let typed: Vec<&str> = kept.journal.iter().map(|row| row.entry.as_str()).collect();
    assert_eq!(typed, [r#"["a"]"#, r#"["ab"]"#, r#"["abc"]"#]);
    assert!(kept.row.journal);
}

#[wasm_bindgen_test]
async fn the_outbox_keeps_its_order_and_only_what_was_acknowledged_leaves_it() {
    let store = empty("outbox").await;
    let genesis = interview(1);
    let record = store.create_record(&genesis).await.unwrap().id;
    for n in [3, 1, 2, 4] {
        store.commit(&change(&genesis, n, vec![])).await.unwrap();
        store.commit(&change(&genesis, n, vec![])).await.unwrap();
    }
    let batch = store.outbox_read(3, 1_000_000, &BTreeSet::new()).await.unwrap();
    assert_eq!(batch.changes.iter().map(|c| c.hash).collect::<Vec<_>>(), [hash(3), hash(1), hash(2)]);
    assert_eq!(batch.changes[0].genesis, genesis);
    assert_eq!(store.outbox_read(9, 250, &BTreeSet::new()).await.unwrap().changes.len(), 2);
    assert_eq!(store.outbox_read(9, 1, &BTreeSet::new()).await.unwrap().changes.len(), 1, "one at least");

    let refused = [(hash(3), RefusalCode::TooLarge), (hash(4), RefusalCode::Unrecognised)];
    let settlement = store.settle(Some(EPOCH), &[hash(1), hash(8)], &refused).await.unwrap();
    assert_eq!((settlement.acked, settlement.refused, settlement.records.len()), (1, 2, 1));
    let left = store.outbox_read(9, 1_000_000, &BTreeSet::new()).await.unwrap();
    assert_eq!(left.changes.iter().map(|c| c.hash).collect::<Vec<_>>(), [hash(2), hash(4)]);
    let left = store.outbox_read(9, 1_000_000, &BTreeSet::from([hash(2)])).await.unwrap();
    assert_eq!(left.changes.iter().map(|c| c.hash).collect::<Vec<_>>(), [hash(4)]);
    let row = store.record_row(record).await.unwrap();
    assert_eq!((row.changes, row.unsent, row.refused), (4, 2, 2));
    let shown = store.refused().await.unwrap().rows;
    assert_eq!(
        (shown[0].code, shown[0].tried_again, shown[0].bytes.len()),
        (RefusalCode::TooLarge, false, 100)
    );
    assert!(shown[1].tried_again);

    store.settle(Some(EPOCH), &[hash(4)], &[]).await.unwrap();
    assert_eq!(store.refused().await.unwrap().rows.len(), 1, "what passed later is refused no more");
    assert_eq!(store.refused_again().await.unwrap(), BTreeSet::from([record]));
    assert_eq!((store.outbox_len().await.unwrap(), store.refused_len().await.unwrap()), (2, 0));
    let row = store.record_row(record).await.unwrap();
    assert_eq!((row.changes, row.unsent, row.refused), (4, 2, 0));
    store.settle(Some(EPOCH), &[], &[(hash(3), RefusalCode::TooLarge)]).await.unwrap();
    store.refused_drop(hash(3)).await.unwrap();
    let row = store.record_row(record).await.unwrap();
    assert_eq!((row.changes, row.unsent, row.refused), (3, 1, 0));
}

#[wasm_bindgen_test]
async fn a_change_that_waits_for_anothers_stays_in_the_outbox_and_is_not_called_refused() {
    let store = empty("waits").await;
    let genesis = interview(1);
    let record = store.create_record(&genesis).await.unwrap().id;
    store.commit(&change(&genesis, 1, vec![])).await.unwrap();
    let refused = [(hash(1), RefusalCode::UnknownDependency)];
    let settlement = store.settle(Some(EPOCH), &[], &refused).await.unwrap();
    assert_eq!((settlement.acked, settlement.refused), (0, 0));
    assert_eq!(store.outbox_len().await.unwrap(), 1);
    assert!(store.refused().await.unwrap().rows.is_empty());
    let row = store.record_row(record).await.unwrap();
    assert_eq!((row.unsent, row.refused), (1, 0));
}

fn page(entries: &[(u64, u8, Option<&[u8]>)]) -> PullReply {
    let entry = |(seq, n, bytes): &(u64, u8, Option<&[u8]>)| PullEntry {
        seq: *seq,
        genesis: 0,
        hash: hash(*n),
        bytes: bytes.map(<[u8]>::to_vec),
    };
    PullReply {
        epoch: EPOCH,
        upto: entries.last().map_or(0, |entry| entry.0),
        more: false,
        count: 0,
        digest: Digest::EMPTY,
        geneses: vec![interview(1)],
        entries: entries.iter().map(entry).collect(),
    }
}

fn cursor(after: u64) -> Cursor {
    Cursor { epoch: Some(EPOCH), after, count: after, ..Cursor::default() }
}

#[wasm_bindgen_test]
async fn the_cursor_moves_with_the_data_or_not_at_all() {
    let stream = interview(1).stream();
    let mut whole = 0;
    for polls in 1..60 {
        let store = empty("cursor").await;
        let first = page(&[(1, 1, Some(&[1])), (2, 2, Some(&[2]))]);
        let done = cut_off(store.take_in(&stream, &first, Some(cursor(2))), polls).await.is_some();
        let again = again("cursor").await;
        let read = again.cursor(&stream).await.unwrap();
        let held = match again.load_record(interview(1).record_id()).await {
            Ok(record) => record.changes.len(),
            Err(StoreError::NoSuchRecord(_)) => 0,
            Err(other) => panic!("{other}"),
        };
        let state = (read.after, held);
        assert!(state == (0, 0) || state == (2, 2), "after {polls} polls: {state:?}");
        whole += usize::from(done);
        store.close();
        again.close();
    }
    assert!(whole > 0);
}

#[wasm_bindgen_test]
async fn a_page_taken_in_again_brings_nothing_new() {
    let store = empty("twice").await;
    let stream = interview(1).stream();
    let first = page(&[(1, 1, Some(&[1])), (2, 2, Some(&[2]))]);
    assert_eq!(store.take_in(&stream, &first, Some(cursor(2))).await.unwrap().new, 2);
    let again = store.take_in(&stream, &first, Some(cursor(2))).await.unwrap();
    assert_eq!((again.new, again.records.len()), (0, 0));
    assert_eq!(store.cursor(&stream).await.unwrap(), cursor(2));
    let row = store.record_row(interview(1).record_id()).await.unwrap();
    assert_eq!((row.changes, row.stale, row.unsent), (2, true, 0));
}

#[wasm_bindgen_test]
async fn what_a_restored_server_forgot_is_offered_again_and_what_it_names_is_acknowledged() {
    let store = empty("mend").await;
    let genesis = interview(1);
    let stream: StreamId = genesis.stream();
    store.create_record(&genesis).await.unwrap();
    for n in [1, 2, 3] {
        store.commit(&change(&genesis, n, vec![])).await.unwrap();
    }
    store.settle(Some(EPOCH), &[hash(1), hash(2)], &[]).await.unwrap();
    assert_eq!(store.cursor(&stream).await.unwrap(), Cursor { epoch: Some(EPOCH), ..Cursor::default() });
    // The restored server names 1, and 3, whose acknowledgement was lost; it has forgotten 2.
    let all = page(&[(1, 1, None), (9, 3, None)]);
    store.take_in(&stream, &all, Some(cursor(9))).await.unwrap();
    assert_eq!(store.outbox_len().await.unwrap(), 0);
    let named = [Named { seq: 1, hash: hash(1) }, Named { seq: 9, hash: hash(3) }];
    let held = store.held(&stream).await.unwrap();
    assert_eq!(held, Held { named: named.to_vec(), unnamed: BTreeSet::from([hash(2)]) });
    let mended = [Named { seq: 1, hash: hash(1) }, Named { seq: 4, hash: hash(3) }];
    assert_eq!(store.mend(&stream, &mended, cursor(10)).await.unwrap(), 1);
    assert_eq!(store.mend(&stream, &mended, cursor(10)).await.unwrap(), 0);
    assert_eq!(store.cursor(&stream).await.unwrap(), cursor(10));
    assert_eq!(store.held(&stream).await.unwrap().named, mended);
    let waiting = store.outbox_read(9, 1_000_000, &BTreeSet::new()).await.unwrap().changes;
    assert_eq!(waiting.iter().map(|c| c.hash).collect::<Vec<_>>(), [hash(2)]);
    assert_eq!(store.record_row(genesis.record_id()).await.unwrap().unsent, 1);
}

#[wasm_bindgen_test]
async fn a_purged_record_leaves_no_byte_and_an_unsent_one_stays() {
    const MARKER: &str = "MARKER-of-the-last-citizen";
    let store = empty("purge").await;
    let genesis = interview(1);
    let record = store.create_record(&genesis).await.unwrap().id;
    let position = store.journal_write(record, TAB, &[MARKER]).await.unwrap();
    assert_eq!(store.purge_record(record).await.unwrap(), Purge::Kept);
    let mut marked = change(&genesis, 1, vec![position]);
    marked.bytes = MARKER.as_bytes().to_vec();
    store.commit(&marked).await.unwrap();
    let photo = NewPhoto {
        hash: ContentHash::new([8; 32]),
        record,
        path: "bukti".into(),
        mime: "image/jpeg".into(),
        bytes: MARKER.as_bytes().to_vec(),
        from_server: false,
    };
    store.photo_add(&photo).await.unwrap();
    assert_eq!(store.purge_record(record).await.unwrap(), Purge::Kept);
    assert_eq!(store.discard_record(record).await.unwrap(), Purge::Kept);
    store.settle(Some(EPOCH), &[hash(1)], &[]).await.unwrap();
    assert_eq!(store.purge_record(record).await.unwrap(), Purge::Kept, "its photo waits");
    store.photo_progress(photo.hash, 26).await.unwrap();
    assert!(everything("purge").await.contains(MARKER), "the search must be able to find it");
    assert_eq!(store.purge_record(record).await.unwrap(), Purge::Gone);
    let left = everything("purge").await;
    assert!(!left.contains(MARKER) && !left.contains(&record.to_string()), "{left}");
}

#[wasm_bindgen_test]
async fn what_a_citizen_began_and_left_can_be_discarded() {
    let store = empty("discard").await;
    let record = store.create_record(&interview(1)).await.unwrap().id;
    store.journal_write(record, TAB, &["MARKER"]).await.unwrap();
    assert_eq!(store.discard_record(record).await.unwrap(), Purge::Gone);
    assert!(!everything("discard").await.contains("MARKER"));
}

#[wasm_bindgen_test]
async fn lists_of_a_thousand_records_read_the_index_only() {
    let store = empty("thousand").await;
    for n in 0..1000 {
        store.create_record(&interview(n)).await.unwrap();
    }
    // Whatever stands in the documents, a list does not look at it.
    write_raw(
        "thousand",
        "changes",
        &[("record", interview(1).record_id().to_string()), ("hash", "x".into())],
    )
    .await;
    let all = store.list_records(None, None).await.unwrap();
    assert_eq!((all.rows.len(), all.corrupt.len()), (1000, 0));
    let unit = "unit-3".parse().unwrap();
    assert_eq!(store.list_records(None, Some(&unit)).await.unwrap().rows.len(), 100);
    let interviews = store.list_records(Some(RecordKind::Interview), Some(&unit)).await.unwrap();
    assert_eq!(interviews.rows.len(), 100);
    assert_eq!(store.list_records(Some(RecordKind::Visit), None).await.unwrap().rows.len(), 0);
}

#[wasm_bindgen_test]
async fn what_pages_show_of_all_records_is_what_their_rows_say_those_of_older_versions_too() {
    let store = empty("overview").await;
    for n in 0..200 {
        let genesis = interview(n);
        let made = NewChange { hash: ChangeHash::new([0; 32]), ..change(&genesis, 1, vec![]) };
        let hash = ChangeHash::new(std::array::from_fn(|at| n.to_be_bytes()[at % 2]));
        let closed_at = (n % 3 == 0).then_some(1_760_000_000);
        let summary = Summary { closed_at, clashes: u32::from(n == 7), ..Summary::default() };
        store.commit_new(&genesis, &NewChange { hash, summary, ..made }).await.unwrap();
        if n != 5 {
            store.settle(Some(EPOCH), &[hash], &[]).await.unwrap();
        }
    }
    let visit = Genesis { kind: RecordKind::Visit, nonce: None, ..interview(4) };
    store.create_record(&visit).await.unwrap();

    let units = ["unit-0".parse().unwrap(), "unit-4".parse().unwrap()];
    let shown = store.overview(&units).await.unwrap();
    assert_eq!(shown.records, 201);
    assert_eq!(shown.visits.iter().map(|row| row.id).collect::<Vec<_>>(), [visit.record_id()]);
    let attention: BTreeSet<_> = shown.attention.iter().map(|row| row.id).collect();
    let wanted = [interview(5).record_id(), interview(7).record_id(), visit.record_id()];
    assert_eq!(attention, BTreeSet::from(wanted));
    let finished = |unit: u16| (0..200).filter(|n| n % 3 == 0 && n % 10 == unit).count();
    let counted: Vec<_> = units.iter().map(|unit| shown.finished_at(unit) as usize).collect();
    assert_eq!(counted, [finished(0), finished(4)]);

    unmark("overview").await;
    assert_eq!(store.overview(&units).await.unwrap(), shown);
}

#[wasm_bindgen_test]
async fn a_damaged_row_is_reported_and_holds_up_nothing() {
    let store = empty("damaged").await;
    let genesis = interview(1);
    let record = store.create_record(&genesis).await.unwrap().id;
    store.commit(&change(&genesis, 1, vec![])).await.unwrap();
    store.commit(&change(&genesis, 2, vec![])).await.unwrap();
    write_raw("damaged", "records", &[("id", "rubbish".into())]).await;
    write_raw("damaged", "changes", &[("record", record.to_string()), ("hash", hash(1).to_string())]).await;

    let list = store.list_records(None, None).await.unwrap();
    assert_eq!((list.rows.len(), list.corrupt.len()), (1, 1));
    assert!(list.corrupt[0].key.contains("rubbish"), "{:?}", list.corrupt);
    let kept = store.load_record(record).await.unwrap();
    assert_eq!((kept.changes.len(), kept.corrupt.len()), (1, 1));
    let batch = store.outbox_read(9, 1_000_000, &BTreeSet::new()).await.unwrap();
    assert_eq!((batch.changes.len(), batch.corrupt.len()), (1, 1));
    assert_eq!(batch.changes[0].hash, hash(2));
    assert_eq!(store.clear_damaged(record).await.unwrap(), 0, "it is nowhere else");
    // What the server sends heals the change, and the index row of its record.
    write_raw("damaged", "records", &[("id", record.to_string())]).await;
    let all = page(&[(1, 1, Some(&[1; 100]))]);
    store.take_in(&genesis.stream(), &all, Some(cursor(1))).await.unwrap();
    let healed = store.load_record(record).await.unwrap();
    assert_eq!((healed.corrupt, healed.changes.len()), (vec![], 2));
    assert_eq!((healed.row.changes, healed.row.unsent, healed.row.stale), (2, 1, true));
    // Damaged again, it makes room for what the server has, and is not counted as held.
    assert_eq!(store.held(&genesis.stream()).await.unwrap().named.len(), 1);
    write_raw("damaged", "changes", &[("record", record.to_string()), ("hash", hash(1).to_string())]).await;
    assert_eq!(store.clear_damaged(record).await.unwrap(), 1);
    let held = store.held(&genesis.stream()).await.unwrap();
    assert_eq!(held, Held { named: vec![], unnamed: BTreeSet::from([hash(2)]) });
}

#[wasm_bindgen_test]
async fn two_handles_see_the_same() {
    let one = empty("two").await;
    let two = again("two").await;
    let genesis = interview(1);
    one.create_record(&genesis).await.unwrap();
    two.commit(&change(&genesis, 1, vec![])).await.unwrap();
    one.commit(&change(&genesis, 2, vec![])).await.unwrap();
    let row = two.record_row(genesis.record_id()).await.unwrap();
    assert_eq!((row.changes, row.unsent), (2, 2));
    assert_eq!(one.record_row(genesis.record_id()).await.unwrap(), row);
}

#[wasm_bindgen_test]
async fn a_lost_connection_is_opened_again() {
    let store = empty("lost").await;
    let genesis = interview(1);
    store.create_record(&genesis).await.unwrap();
    store.sever();
    store.commit(&change(&genesis, 1, vec![])).await.unwrap();
    store.sever();
    assert_eq!(store.outbox_len().await.unwrap(), 1);
}

#[wasm_bindgen_test]
async fn a_newer_layout_is_let_in_and_then_said() {
    let store = empty("newer").await;
    let request = raw_open("newer", Some(99)).unwrap();
    done(&request).await;
    request.result().unwrap().unchecked_into::<web_sys::IdbDatabase>().close();
    assert_eq!(store.outbox_len().await, Err(StoreError::Newer));
}

#[wasm_bindgen_test]
async fn photos_wait_in_order_and_leave_when_all_their_bytes_are_sent() {
    let store = empty("photos").await;
    let record = store.create_record(&interview(1)).await.unwrap().id;
    let photo = |n: u8, from_server| NewPhoto {
        hash: ContentHash::new([n; 32]),
        record,
        path: "bukti".into(),
        mime: "image/jpeg".into(),
        bytes: vec![n; 10],
        from_server,
    };
    for n in [1, 2] {
        store.photo_add(&photo(n, false)).await.unwrap();
        store.photo_add(&photo(n, false)).await.unwrap();
    }
    store.photo_add(&photo(3, true)).await.unwrap();
    assert_eq!(store.record_row(record).await.unwrap().photos_unsent, 2);
    store.photo_progress(photo(1, false).hash, 4).await.unwrap();
    assert_eq!(store.photos_waiting(9).await.unwrap().rows.len(), 2);
    store.photo_progress(photo(1, false).hash, 10).await.unwrap();
    store.photo_progress(photo(1, false).hash, 10).await.unwrap();
    assert_eq!(store.photos_waiting_len().await.unwrap(), 1);
    assert_eq!(store.record_row(record).await.unwrap().photos_unsent, 1);
    assert_eq!(store.photo_bytes(photo(2, false).hash).await.unwrap(), Some(vec![2; 10]));
    assert_eq!(store.photos_of(record).await.unwrap().rows.len(), 3);
}

// The browser's own interface, to look behind the store's back.

fn raw_open(name: &str, version: Option<u32>) -> Result<web_sys::IdbOpenDbRequest, JsValue> {
    let factory = web_sys::window().unwrap().indexed_db()?.unwrap();
    match version {
        Some(version) => factory.open_with_u32(&format!("test-{name}"), version),
        None => factory.open(&format!("test-{name}")),
    }
}

async fn done(request: &web_sys::IdbRequest) {
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    wasm_bindgen_futures::JsFuture::from(promise).await.unwrap();
}

async fn raw(name: &str) -> web_sys::IdbDatabase {
    let request = raw_open(name, None).unwrap();
    done(&request).await;
    request.result().unwrap().unchecked_into()
}

/// Leaves the index rows as a version that knew no marks kept them.
async fn unmark(name: &str) {
    let database = raw(name).await;
    let stores = js_sys::Array::of2(&"records".into(), &"meta".into());
    let transaction = database
        .transaction_with_str_sequence_and_mode(&stores, web_sys::IdbTransactionMode::Readwrite)
        .unwrap();
    let records = transaction.object_store("records").unwrap();
    let all = records.get_all().unwrap();
    done(&all).await;
    for row in js_sys::Array::from(&all.result().unwrap()).iter() {
        for mark in ["attention", "finished"] {
            js_sys::Reflect::delete_property(row.unchecked_ref::<js_sys::Object>(), &mark.into()).unwrap();
        }
        done(&records.put(&row).unwrap()).await;
    }
    done(&transaction.object_store("meta").unwrap().delete(&"marked".into()).unwrap()).await;
    database.close();
}

async fn write_raw(name: &str, store: &str, fields: &[(&str, String)]) {
    let database = raw(name).await;
    let row = js_sys::Object::new();
    for (field, value) in fields {
        js_sys::Reflect::set(&row, &(*field).into(), &value.as_str().into()).unwrap();
    }
    let transaction =
        database.transaction_with_str_and_mode(store, web_sys::IdbTransactionMode::Readwrite).unwrap();
    done(&transaction.object_store(store).unwrap().put(&row).unwrap()).await;
    database.close();
}

/// Every row of every store as text, byte arrays read as text too.
async fn everything(name: &str) -> String {
    let database = raw(name).await;
    let mut text = String::new();
    for store in STORES {
        let transaction = database.transaction_with_str(store).unwrap();
        let request = transaction.object_store(store).unwrap().get_all().unwrap();
        done(&request).await;
        for row in js_sys::Array::from(&request.result().unwrap()).iter() {
            for value in js_sys::Object::values(row.unchecked_ref::<js_sys::Object>()).iter() {
                match value.dyn_into::<js_sys::Uint8Array>() {
                    Ok(bytes) => text.push_str(&String::from_utf8_lossy(&bytes.to_vec())),
                    Err(value) => {
                        text.push_str(&js_sys::JSON::stringify(&value).map(String::from).unwrap_or_default());
                    }
                }
                text.push('\n');
            }
        }
    }
    database.close();
    text
}
