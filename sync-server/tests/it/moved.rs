//! A log that is copied or moved while others would write: nothing of what they were told is stored is missing.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use replica::api::Role;
use replica::wire::{Outcome, PushReply};
use replica::{Record, RecordId};
use sync_server::database::StoreError;
use sync_server::log::copy::sum_of;
use sync_server::log::{Log, LogError};
use sync_server::postgres::REOPENS;
use sync_server::server::Server;
use sync_server::store::{Address, Store};

use super::binary::run;
use super::client::Device;
use super::cluster::Cluster;
use super::ground::batch_of;
use super::server::{BONTANG, DUKCAPIL, TestServer, interview};

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn log(word: &str, from: &str, to: &str) -> Output {
    run(&["log", word, "--from", from, "--to", to])
}

/// The records that a log holds.
fn records(log: &dyn Log) -> BTreeSet<RecordId> {
    log.read_all(0, usize::MAX >> 1).unwrap().into_iter().map(|entry| entry.record).collect()
}

/// Sends records of its own until told to stop, or refused; which of them the server said are stored.
fn sends(device: &Device, first: u64, stop: &AtomicBool, stored: &AtomicUsize) -> Vec<RecordId> {
    let mut mine = Vec::new();
    for n in first.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let unit = if n % 2 == 0 { DUKCAPIL } else { BONTANG };
        let mut record = Record::start(&interview(unit, n)).unwrap();
        let batch = device.batch(&[device.write(&mut record, "a", "1")]).to_cbor();
        let answer = device.send(&batch);
        match answer.status {
            200 => {
                let outcomes = PushReply::from_cbor(&answer.body).unwrap().outcomes;
                assert!(matches!(outcomes[..], [Outcome::Stored(_)]), "{outcomes:?}");
                mine.push(record.id());
                stored.fetch_add(1, Ordering::SeqCst);
            }
            503 => {}
            _ => break,
        }
    }
    mine
}

/// Runs a command while three devices send to a server on the database, each into its own records; what it said, and all
/// that was acknowledged before it began and until the devices stopped.
fn while_devices_send(
    server: &TestServer,
    until_refused: bool,
    command: impl FnOnce() -> Output,
) -> (Output, BTreeSet<RecordId>, BTreeSet<RecordId>) {
    let devices: Vec<Device> = (0..3).map(|_| Device::enrol(server, Role::Surveyor)).collect();
    let (stop, stored) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let sending: Vec<_> = (1..)
            .zip(&devices)
            .map(|(n, device)| {
                let (stop, stored) = (&stop, &stored);
                scope.spawn(move || sends(device, n * 1_000_000, stop, stored))
            })
            .collect();
        while stored.load(Ordering::SeqCst) < 60 {
            std::thread::yield_now();
        }
        let before = records(server.server().log.as_ref());
        let done = command();
        stop.store(!until_refused, Ordering::SeqCst);
        let all = sending.into_iter().flat_map(|one| one.join().unwrap()).collect();
        (done, before, all)
    })
}

#[test]
fn a_folder_that_a_server_has_is_neither_copied_nor_copied_into() {
    let server = TestServer::start();
    let kept = tempfile::tempdir().unwrap();
    let (held, other) = (server.folder.to_str().unwrap(), kept.path().join("other"));
    for word in ["copy", "move"] {
        for (from, to) in [(held, other.to_str().unwrap()), (other.to_str().unwrap(), held)] {
            drop(TestServer::on(other.clone()));
            let refused = log(word, from, to);
            let told = said(&refused);
            assert!(!refused.status.success(), "{told}");
            assert!(told.contains(held) && told.contains("stop it"), "{told}");
        }
    }
}

#[test]
fn what_devices_send_while_a_database_is_moved_is_moved_or_not_acknowledged() {
    let Some(cluster) = Cluster::single() else { return };
    let kept = tempfile::tempdir().unwrap();
    let server = TestServer::with(kept.path().join("data"), Some(&cluster.address));
    let to = kept.path().join("moved");
    let moved = || log("move", cluster.address.as_str(), to.to_str().unwrap());
    let (done, _, all) = while_devices_send(&server, true, moved);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("is closed"), "{}", said(&done));
    let target = Store::open(&to, None).unwrap().log().unwrap();
    assert_eq!(records(target.as_ref()), all, "all that was acknowledged, and nothing else");
    let source = Store::shared_by(&cluster.address, REOPENS).unwrap().log().unwrap();
    assert_eq!(sum_of(target.as_ref()).unwrap(), sum_of(source.as_ref()).unwrap());
}

#[test]
fn a_copy_of_a_database_in_use_holds_all_until_a_moment_and_the_database_goes_on() {
    let Some(cluster) = Cluster::single() else { return };
    let kept = tempfile::tempdir().unwrap();
    let server = TestServer::with(kept.path().join("data"), Some(&cluster.address));
    let to = kept.path().join("copied");
    let copied = || log("copy", cluster.address.as_str(), to.to_str().unwrap());
    let (done, before, all) = while_devices_send(&server, false, copied);
    assert!(done.status.success() && said(&done).contains("goes on"), "{}", said(&done));
    let target = records(Store::open(&to, None).unwrap().log().unwrap().as_ref());
    assert!(target.is_superset(&before) && target.is_subset(&all));
    let device = Device::enrol(&server, Role::Surveyor);
    let new = device.write(&mut Record::start(&interview(DUKCAPIL, 5)).unwrap(), "a", "1");
    assert!(matches!(device.push(&[new])[..], [Outcome::Stored(_)]));
}

#[test]
fn what_stands_behind_somebody_elses_long_transaction_is_moved_too() {
    let Some(cluster) = Cluster::single() else { return };
    let kept = tempfile::tempdir().unwrap();
    let server = TestServer::with(kept.path().join("data"), Some(&cluster.address));
    let device = Device::enrol(&server, Role::Surveyor);
    // Readers who follow all offices are shown nothing that came after it began.
    let mut psql = Command::new("psql");
    psql.args(["-XqtA", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"]);
    psql.args(["-p", &cluster.ports[0].to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut other = psql.spawn().unwrap();
    let mut says = other.stdin.take().unwrap();
    writeln!(says, "BEGIN; SELECT pg_current_xact_id();").unwrap();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    device.push(&[device.write(&mut Record::start(&interview(DUKCAPIL, 1)).unwrap(), "a", "1")]);
    assert!(records(server.server().log.as_ref()).is_empty());
    let to = kept.path().join("moved");
    let done = log("move", cluster.address.as_str(), to.to_str().unwrap());
    assert!(done.status.success(), "{}", said(&done));
    let target = Store::open(&to, None).unwrap().log().unwrap();
    assert_eq!(records(target.as_ref()), [interview(DUKCAPIL, 1).record_id()].into());
    drop(says);
    other.wait().unwrap();
}

/// Nothing is stored in a log that was moved, by those who had it open before or by those who come; then it is opened again.
fn closed(place: &str, database: Option<&Address>, data: &Path, target: &str) {
    let server = TestServer::with(data.to_owned(), database);
    let device = Device::enrol(&server, Role::Surveyor);
    let new = |n| [device.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1")];
    device.push(&new(1));
    let (mut held, mut late) = (Some(server), None);
    if database.is_none() {
        // No server has the folder, but a command does that writes beside servers.
        late = Some(batch_of(held.as_ref().unwrap(), &device, &new(2)));
        held = None;
    }
    let opened = Store::open(data, database).unwrap().log().unwrap();
    let moved = log("move", place, target);
    assert!(moved.status.success(), "{}", said(&moved));
    if let Some(address) = database {
        assert_eq!(device.send(&device.batch(&new(2)).to_cbor()).status, 500);
        let log = Store::shared_by(address, REOPENS).unwrap().log().unwrap();
        assert_eq!(log.last().unwrap(), 1);
    }
    if let Some(batch) = late {
        let refused = opened.append(batch).unwrap_err().to_string();
        assert!(refused.contains("moved to"), "{refused}");
    }
    drop(held);
    let Err(LogError::Store(StoreError::Closed(why))) = Server::open_at(data, database) else {
        panic!("a server starts on it")
    };
    assert!(why.contains("moved to") && why.contains("loket log reopen"), "{why}");
    let again = log("copy", place, &format!("{target}-again"));
    assert!(!again.status.success() && said(&again).contains("moved to"), "{}", said(&again));
    let reopened = run(&["log", "reopen", place]);
    assert!(reopened.status.success(), "{}", said(&reopened));
    let mut device = device;
    let server = TestServer::with(data.to_owned(), database);
    device.moves_to(&server);
    let last = device.write(&mut Record::start(&interview(DUKCAPIL, 3)).unwrap(), "a", "1");
    assert!(matches!(device.push(&[last])[..], [Outcome::Stored(_)]));
}

#[test]
fn a_folder_that_was_moved_takes_nothing_until_it_is_opened_again() {
    let kept = tempfile::tempdir().unwrap();
    let (data, target) = (kept.path().join("data"), kept.path().join("target"));
    closed(data.to_str().unwrap(), None, &data, target.to_str().unwrap());
}

#[test]
fn a_database_that_was_moved_takes_nothing_until_it_is_opened_again() {
    let Some(cluster) = Cluster::single() else { return };
    let kept = tempfile::tempdir().unwrap();
    let (data, target) = (kept.path().join("data"), kept.path().join("target"));
    closed(cluster.address.as_str(), Some(&cluster.address), &data, target.to_str().unwrap());
}

#[test]
fn a_database_that_a_server_uses_is_not_copied_into_and_goes_on() {
    let Some(cluster) = Cluster::single() else { return };
    let kept = tempfile::tempdir().unwrap();
    let from = kept.path().join("from");
    drop(TestServer::on(from.clone()));
    let server = TestServer::with(kept.path().join("data"), Some(&cluster.address));
    let refused = log("copy", from.to_str().unwrap(), cluster.address.as_str());
    assert!(!refused.status.success() && said(&refused).contains("stop it there"), "{}", said(&refused));
    let device = Device::enrol(&server, Role::Surveyor);
    let new = device.write(&mut Record::start(&interview(DUKCAPIL, 1)).unwrap(), "a", "1");
    assert!(matches!(device.push(&[new])[..], [Outcome::Stored(_)]));
}

#[test]
fn a_copy_that_did_not_come_to_its_end_is_never_served_and_its_source_goes_on() {
    let Some(cluster) = Cluster::single() else { return };
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    for n in 0..2 {
        device.push(&[device.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1")]);
    }
    let (folder, kept) = server.stop();
    let damage = rusqlite::Connection::open(folder.join("log.sqlite")).unwrap();
    damage.execute("UPDATE change SET hash = zeroblob(32) WHERE seq = 2", []).unwrap();
    let kept = kept.unwrap();
    let (url, data) = (cluster.address.as_str(), kept.path().join("half"));
    for to in [url, data.to_str().unwrap()] {
        let broken = log("move", folder.to_str().unwrap(), to);
        assert!(!broken.status.success() && said(&broken).contains("loket verify"), "{}", said(&broken));
        let database = (to == url).then_some(&cluster.address);
        let half = Server::open_at(&data, database);
        let Err(LogError::Store(StoreError::Closed(why))) = half else { panic!("a half copy is served") };
        assert!(why.contains("has not ended"), "{why}");
        let reopened = run(&["log", "reopen", to]);
        assert!(!reopened.status.success() && said(&reopened).contains("delete it"), "{}", said(&reopened));
    }
    assert!(Server::open(&folder).is_ok(), "the source was not moved");
}
