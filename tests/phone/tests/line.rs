//! The engine of the app over a line that is slow, far and unreliable, against the server: all arrives, once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use phone::line::{Line, Quality};
use phone::phone::{Phone, Setup};
use phone::random::Random;
use phone::store::Photo;
use replica::api::Role;
use replica::{ContentHash, Edit, Genesis, Record, RecordKind};
use sha2::{Digest as _, Sha256};
use survey::instrument::Instrument;
use sync_server::catalogue::{Compiled, form_of, read_units};
use sync_server::http::{self, Shared};
use sync_server::identity::Grant;
use sync_server::server::Server;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const UNITS: &str =
    "unit,government,province,kind,office\nDukcapil,Kota Bontang,Kalimantan Timur,dinas,kaltim\n";
const WITHIN: Duration = Duration::from_mins(2);

/// A server on a socket; it ends with its runtime.
struct Loket {
    address: SocketAddr,
    shared: Arc<Shared>,
    _runtime: Runtime,
}

fn loket(folder: &Path) -> Loket {
    let server = Server::open(folder).unwrap().unwrap();
    server.catalogue.put_units(&read_units(UNITS.as_bytes()).unwrap()).unwrap();
    server.catalogue.open_round(&"2026".parse().unwrap(), 1).unwrap();
    for kind in [RecordKind::Visit, RecordKind::Interview] {
        let compiled = instrument(kind);
        if !server.catalogue.has_instrument(&compiled.hash).unwrap() {
            server.catalogue.publish(&compiled, 1).unwrap();
        }
    }
    let shared = Arc::new(Shared::new(server, "http://127.0.0.1".to_owned()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(http::serve(listener, http::router(Arc::clone(&shared)), std::future::pending()));
    Loket { address, shared, _runtime: runtime }
}

fn instrument(kind: RecordKind) -> Compiled {
    let form_id = form_of(kind).to_owned();
    Compiled::of(Instrument {
        title: form_id.clone(),
        form_id,
        version: "1".to_owned(),
        languages: Vec::new(),
        nodes: Vec::new(),
        choice_lists: BTreeMap::new(),
        files: BTreeMap::new(),
        naming: None,
    })
    .unwrap()
}

fn enrol(loket: &Loket, folder: &Path, seed: u8) -> Phone {
    let grant = Grant { role: Role::Surveyor, person: None, office: None, unit: None };
    let identity = &loket.shared.server.identity;
    let code = identity.new_code(&grant, 3_600, sync_server::clock::now()).unwrap().to_string();
    let store = folder.join(format!("{seed}.sqlite"));
    let (address, code) = (loket.address, code.as_str());
    Phone::enrol(&Setup { address, code, store: &store, seed, backoff_first: 10, keeps: false }).unwrap()
}

fn genesis(n: u8) -> Genesis {
    Genesis {
        kind: RecordKind::Interview,
        office: "kaltim".parse().unwrap(),
        round: "2026".parse().unwrap(),
        unit: "kota-bontang-dukcapil".parse().unwrap(),
        instrument: instrument(RecordKind::Interview).hash,
        nonce: Some([n; 16]),
    }
}

fn hash_of(bytes: &[u8]) -> ContentHash {
    ContentHash::new(Sha256::digest(bytes).into())
}

/// So many records of so many changes each, one after the other.
fn write(phone: &mut Phone, records: u8, changes: u32) -> Vec<Record> {
    let records = (0..records).map(|n| {
        let mut record = Record::start(&genesis(n)).unwrap();
        let items = (0..changes).map(|at| {
            let edit = Edit::Answer {
                path: format!("pertanyaan_{}", at % 7).parse().unwrap(),
                value: format!("jawaban {at}").parse().unwrap(),
            };
            phone.change(&mut record, &[edit]).unwrap().unwrap()
        });
        let items: Vec<_> = items.collect();
        phone.store.write(&items).unwrap();
        record
    });
    records.collect()
}

fn settled(phone: &mut Phone, count: u64) {
    let stream = phone.home.streams[0].clone();
    for _ in 0..1_000 {
        if phone.store.cursor(&stream).unwrap().count == count {
            return;
        }
        phone.round().unwrap();
    }
    panic!("not all named: {:?}", phone.store.cursor(&stream));
}

#[test]
fn over_a_bad_line_everything_arrives_and_once() {
    const SEED: u64 = 11;
    println!("seed {SEED}");
    let folder = tempfile::tempdir().unwrap();
    let loket = loket(&folder.path().join("data"));
    let mut phone = enrol(&loket, folder.path(), 1);
    let records = write(&mut phone, 10, 20);
    let mut random = Random::new(SEED);
    let photos: Vec<ContentHash> = (0..4)
        .map(|n| {
            let mut bytes = random.bytes(60_000);
            bytes[..4].copy_from_slice(&[0xff, 0xd8, 0xff, 0xe0]);
            let (hash, record) = (hash_of(&bytes), records[n].id());
            phone.store.take_photo(&Photo { hash, record, bytes }).unwrap();
            hash
        })
        .collect();
    let round_trip = Duration::from_millis(20);
    let bad = Quality { speed: Some(400_000), round_trip, cut: 250, swallowed: 100, seed: SEED };
    let line = Line::open(loket.address, bad).unwrap();
    phone.net.go_by(line.address);
    phone.start().unwrap();
    phone.settle(WITHIN).unwrap();
    assert!(line.traffic().spoiled > 2, "the line was bad: {:?}", line.traffic());
    assert!(phone.faults > 2);

    let mut other = enrol(&loket, folder.path(), 2);
    other.start().unwrap();
    settled(&mut other, 200);
    assert_eq!(other.store.changes().unwrap(), 200);
    let held = other.store.held(&other.home.streams[0].clone()).unwrap();
    assert_eq!(held.named.iter().map(|named| named.hash).collect::<BTreeSet<_>>().len(), 200);
    for hash in photos {
        assert_eq!(hash_of(&other.net.photo(hash).unwrap()), hash);
    }
}

#[test]
fn nothing_new_is_one_call_of_few_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let loket = loket(&folder.path().join("data"));
    let mut phone = enrol(&loket, folder.path(), 1);
    write(&mut phone, 100, 3);
    phone.start().unwrap();
    phone.settle(WITHIN).unwrap();
    settled(&mut phone, 300);
    let before = phone.net.spent;
    phone.round().unwrap();
    assert_eq!(phone.net.spent.calls - before.calls, 1);
    assert!(phone.net.spent.bodies - before.bodies < 500);
}

#[test]
fn a_phone_and_a_server_that_lost_different_things_find_out_and_make_each_other_whole() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = loket(&data);
    let mut phone = enrol(&first, folder.path(), 1);
    write(&mut phone, 40, 50);
    phone.start().unwrap();
    phone.settle(WITHIN).unwrap();
    settled(&mut phone, 2_000);
    // The server is restored from a copy in which the last changes are not.
    drop(first);
    let log = rusqlite::Connection::open(data.join("log.sqlite")).unwrap();
    log.execute("DELETE FROM change WHERE seq > 1990", []).unwrap();
    drop(log);
    let second = loket(&data);
    phone.net.go_by(second.address);
    let stream = phone.home.streams[0].clone();
    assert_eq!(phone.store.lose(&stream, 600).unwrap(), 3);
    let before = phone.net.spent;
    phone.settle(WITHIN).unwrap();
    settled(&mut phone, 2_000);
    assert_eq!(phone.store.changes().unwrap(), 2_000);
    let spent = phone.net.spent.bodies - before.bodies;
    assert!(spent < 60_000, "{spent} bytes for 13 changes of 2,000");
}
