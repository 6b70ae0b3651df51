//! Records on the desk, tabs and locks, in a real browser.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use loket_app::device::desk::Desk;
use loket_app::device::locks::{self, Mode};
use loket_app::device::store::{self, Store, StoreError};
use loket_app::device::tabs::{News, Tabs};
use loket_app::device::{clock, photo, web};
use replica::{ContentHash, DeviceId, Edit, Genesis, RecordKind, TabId, View as _};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const DEVICE: DeviceId = DeviceId::new([3; 16]);

fn visit() -> Genesis {
    Genesis {
        kind: RecordKind::Visit,
        office: "bangka-belitung".parse().unwrap(),
        round: "2025".parse().unwrap(),
        unit: "dukcapil".parse().unwrap(),
        instrument: ContentHash::new([5; 32]),
        nonce: None,
    }
}

fn answer(path: &str, value: &str) -> Edit {
    Edit::Answer { path: path.parse().unwrap(), value: value.parse().unwrap() }
}

async fn empty(name: &str) -> Store {
    let name = format!("test-desk-{name}");
    store::delete_named(&name).await.unwrap();
    store::open_named(&name).await.unwrap()
}

async fn open(store: &Store, tabs: &Tabs) -> Desk {
    let row = store.create_record(&visit()).await.unwrap();
    Desk::open(store.clone(), tabs.clone(), DEVICE, row.id).await.unwrap()
}

fn value(desk: &Desk, path: &str) -> Option<String> {
    desk.read(|record| record.answer(path))
}

#[wasm_bindgen_test]
async fn what_a_lost_tab_typed_is_there_and_can_be_committed() {
    let store = empty("replay").await;
    let tabs = Tabs::join().await.unwrap();
    let desk = open(&store, &tabs).await;
    desk.write(&[answer("a", "1")]).await.unwrap();
    desk.write(&[answer("a", "2"), answer("b", "x")]).await.unwrap();
    assert_eq!(store.outbox_len().await.unwrap(), 0, "typing makes no change");
    // The tab goes without a word: its lock is released, its journal stays.
    drop((desk, tabs));

    let tabs = Tabs::join().await.unwrap();
    let desk = open(&store, &tabs).await;
    assert_eq!((value(&desk, "a"), value(&desk, "b")), (Some("2".into()), Some("x".into())));
    assert_eq!(desk.pending().len(), 3);
    assert!(desk.commit(clock::unix_seconds()).await.unwrap());
    assert!(!desk.commit(clock::unix_seconds()).await.unwrap(), "nothing is left to commit");
    let row = store.record_row(desk.id()).await.unwrap();
    assert_eq!((row.changes, row.unsent, row.journal, row.summary.answers), (1, 1, false, 2));
    assert_eq!(value(&desk, "a"), Some("2".into()));
}

#[wasm_bindgen_test]
async fn what_another_open_tab_typed_is_left_to_it() {
    let store = empty("live").await;
    let tabs = Tabs::join().await.unwrap();
    let desk = open(&store, &tabs).await;
    desk.write(&[answer("a", "1")]).await.unwrap();
    // This tab holds one desk a record, so another tab looks with a lock of its own name and the store.
    let other = Tabs::join().await.unwrap();
    assert!(other.others().await.contains(&tabs.id()));
    let id = desk.id();
    let open_here = Desk::open(store.clone(), other.clone(), DEVICE, id).await.unwrap();
    assert_eq!(open_here.pending().len(), 1, "the same desk");
    drop((desk, open_here));
    let desk = Desk::open(store.clone(), other, DEVICE, id).await.unwrap();
    assert_eq!(desk.pending(), vec![], "the other tab is there still, and commits it itself");
    drop(tabs);
}

#[wasm_bindgen_test]
async fn two_tabs_that_write_apart_clash_and_neither_is_lost() {
    let store = empty("clash").await;
    let (one, two) = (Tabs::join().await.unwrap(), Tabs::join().await.unwrap());
    let first = open(&store, &one).await;
    first.write(&[answer("a", "one"), answer("b", "b")]).await.unwrap();
    let id = first.id();
    // The second tab never saw what the first one typed.
    let mut apart = replica::Record::start(&visit()).unwrap();
    let actor = replica::Actor::of(DeviceId::new([4; 16]), two.id());
    let made = apart.commit(&[answer("a", "two")], &actor, 5).unwrap().unwrap();
    let change = store::NewChange {
        record: id,
        hash: made.hash,
        bytes: made.bytes,
        journal: vec![],
        summary: store::Summary::default(),
        unsound: None,
        counted: usize::MAX,
    };
    store.commit(&change).await.unwrap();
    assert!(first.refresh().await.unwrap());
    assert!(!first.refresh().await.unwrap());
    first.commit(clock::unix_seconds()).await.unwrap();
    let clashes = first.read(replica::Record::clashes);
    assert_eq!(clashes.len(), 1);
    let values: BTreeSet<_> = clashes[0].options.iter().map(|version| version.value.as_str()).collect();
    assert_eq!(values, BTreeSet::from(["one", "two"]));
    assert_eq!(value(&first, "b"), Some("b".into()));
    assert_eq!(store.record_row(id).await.unwrap().summary.clashes, 1);
}

#[wasm_bindgen_test]
async fn edits_kept_whole_become_one_closed_change_and_no_journal() {
    let store = empty("whole").await;
    let tabs = Tabs::join().await.unwrap();
    let genesis = Genesis { kind: RecordKind::Interview, nonce: Some(web::random().unwrap()), ..visit() };
    let edits = [answer("u1", "4"), Edit::Close { at: 1_800_000_000 }];
    Desk::keep_whole(&store, &tabs, DEVICE, &genesis, &edits).await.unwrap();
    let row = store.record_row(genesis.record_id()).await.unwrap();
    assert_eq!((row.changes, row.unsent, row.journal), (1, 1, false));
    assert_eq!(row.summary.closed_at, Some(1_800_000_000));
    // A closed interview takes no more answers, and says so; what was typed is not lost.
    let desk = Desk::open(store.clone(), tabs, DEVICE, row.id).await.unwrap();
    desk.write(&[answer("u2", "1")]).await.unwrap();
    assert!(matches!(desk.commit(1).await, Err(StoreError::Record(_))));
    assert_eq!(value(&desk, "u1"), Some("4".into()));
    assert_eq!(desk.pending().len(), 1);
    desk.discard().await.unwrap();
    assert!(!store.record_row(row.id).await.unwrap().journal);
}

#[wasm_bindgen_test]
async fn a_lock_keeps_the_second_out_until_it_is_dropped() {
    let name = "test-lock";
    let first = locks::try_lock(name, Mode::Exclusive).await;
    assert!(first.is_some());
    assert!(locks::try_lock(name, Mode::Exclusive).await.is_none());
    assert!(locks::try_lock(name, Mode::Shared).await.is_none());
    assert!(locks::held().await.contains(&name.to_owned()));
    drop(first);
    let second = locks::lock(name, Mode::Shared).await;
    assert!(locks::try_lock(name, Mode::Shared).await.is_some());
    assert!(locks::try_lock(name, Mode::Exclusive).await.is_none());
    drop(second);
}

#[wasm_bindgen_test]
async fn an_open_desk_holds_the_lock_that_updates_wait_for() {
    let store = empty("form").await;
    let tabs = Tabs::join().await.unwrap();
    let desk = open(&store, &tabs).await;
    assert!(locks::try_lock(locks::FORM, Mode::Exclusive).await.is_none());
    drop(desk);
    let free = locks::lock(locks::FORM, Mode::Exclusive).await;
    drop(free);
}

#[wasm_bindgen_test]
async fn tabs_hear_each_other_and_themselves() {
    let (one, two) = (Tabs::join().await.unwrap(), Tabs::join().await.unwrap());
    let heard: Rc<RefCell<Vec<(TabId, News)>>> = Rc::default();
    let done: Rc<RefCell<Option<js_sys::Function>>> = Rc::default();
    let promise = js_sys::Promise::new(&mut |resolve, _| *done.borrow_mut() = Some(resolve));
    let listen = |tabs: &Tabs| {
        let (id, heard, done) = (tabs.id(), Rc::clone(&heard), Rc::clone(&done));
        tabs.listen(move |news| {
            heard.borrow_mut().push((id, news.clone()));
            if heard.borrow().len() == 2 {
                let done = done.borrow().clone().unwrap();
                done.call0(&wasm_bindgen::JsValue::UNDEFINED).unwrap();
            }
        })
    };
    let _subscriptions = (listen(&one), listen(&two));
    let news = News::Record { record: visit().record_id() };
    one.tell(&news);
    wasm_bindgen_futures::JsFuture::from(promise).await.unwrap();
    assert_eq!(*heard.borrow(), [(one.id(), news.clone()), (two.id(), news)]);
}

#[wasm_bindgen_test]
async fn a_photo_is_made_small_and_named_by_what_it_is() {
    let document = web_sys::window().unwrap().document().unwrap();
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas").unwrap().unchecked_into();
    canvas.set_width(4000);
    canvas.set_height(1000);
    let data = canvas.to_data_url_with_type("image/png").unwrap();
    let answer = wasm_bindgen_futures::JsFuture::from(web_sys::window().unwrap().fetch_with_str(&data));
    let answer: web_sys::Response = answer.await.unwrap().unchecked_into();
    let blob = wasm_bindgen_futures::JsFuture::from(answer.blob().unwrap()).await.unwrap();
    let file = web_sys::File::new_with_blob_sequence(&js_sys::Array::of1(&blob), "x.png").unwrap();
    let taken = photo::take(&file, None).await.unwrap();
    assert_eq!(taken.bytes[..3], [0xff, 0xd8, 0xff], "a JPEG");
    assert_eq!(taken.hash, photo::hash_of(&taken.bytes));
    // The frame header holds height and width.
    let frame =
        taken.bytes.windows(2).position(|two| two[0] == 0xff && matches!(two[1], 0xc0 | 0xc2)).unwrap();
    assert_eq!(taken.bytes[frame + 5..frame + 9], [0x01, 0x90, 0x06, 0x40], "400 by 1600");
    let text = js_sys::Array::of1(&"no picture".into());
    let rubbish = web_sys::File::new_with_str_sequence(&text, "x.jpg").unwrap();
    assert!(matches!(photo::take(&rubbish, None).await, Err(photo::PhotoError::NotAPicture(_))));
}

#[wasm_bindgen_test]
fn times_are_written_as_iso_8601() {
    let now = clock::now();
    assert_eq!(now.len(), "2025-08-17T09:30:05.042+07:00".len(), "{now}");
    assert!(now.starts_with(&clock::today()));
    assert!(!js_sys::Date::parse(&now).is_nan());
}
