//! A copy taken while the server runs, put back, and checked against the devices' keys.

use replica::Record;
use replica::api::Role;
use replica::wire::{Outcome, PullQuery};
use sync_server::{backup, history};

use super::client::{Device, from_start};
use super::server::{DUKCAPIL, TestServer, interview};

const STREAM: &str = "babel/2026";

fn push(device: &Device, n: u64) -> Vec<Outcome> {
    device.push(&[device.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1")])
}

#[test]
fn a_backup_that_is_put_back_has_another_epoch_even_where_nothing_is_missing() {
    let server = TestServer::start();
    let mut device = Device::enrol(&server, Role::Surveyor);
    push(&device, 0);
    push(&device, 1);
    server.settle();
    let kept = tempfile::tempdir().unwrap();
    let (copy, data) = (kept.path().join("copy"), kept.path().join("data"));
    let copied = backup::back_up(&server.folder, &copy).unwrap();
    assert_eq!((copied.changes, copied.photos), (2, 0));
    assert!(backup::back_up(&server.folder, &copy).is_err(), "a backup is never written over");
    push(&device, 2);
    server.settle();
    let held = device.pull(&from_start(STREAM));

    backup::restore(&copy, &data).unwrap();
    let restored = TestServer::on(data);
    device.moves_to(&restored);
    device.open_session();
    restored.settle();
    let query = PullQuery { after: 2, ..from_start(STREAM) };
    let answer = device.pull(&query);
    assert_eq!(answer.count, 2);
    assert_ne!(answer.epoch, held.epoch);
    assert_eq!(push(&device, 1), [Outcome::Known(2)]);
    assert!(matches!(push(&device, 2)[..], [Outcome::Stored(_)]));
}

#[test]
fn a_log_holds_against_the_keys_until_a_byte_is_changed() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    for n in 0..3 {
        push(&device, n);
    }
    let (folder, kept) = server.stop();
    let log = folder.join("log.sqlite");
    let sound = history::check(&log, None).unwrap();
    assert_eq!((sound.records, sound.changes), (3, 3));
    assert!(sound.faults.is_empty(), "{:?}", sound.faults);
    let record = interview(DUKCAPIL, 1).record_id();
    let tamper = |sql: &str| rusqlite::Connection::open(&log).unwrap().execute(sql, []).unwrap();
    tamper("UPDATE attestation SET time = time + 1 WHERE number = 2");
    let found = history::check(&log, Some(record)).unwrap();
    assert_eq!((found.records, found.faults.len()), (1, 1));
    assert!(found.faults[0].contains(&record.to_string()) && found.faults[0].contains("signature"));
    tamper("UPDATE attestation SET time = time - 1 WHERE number = 2");
    let connection = rusqlite::Connection::open(&log).unwrap();
    let read = |row: &rusqlite::Row<'_>| row.get::<_, Vec<u8>>(0);
    let mut bytes = connection.query_row("SELECT bytes FROM change WHERE seq = 2", [], read).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    connection.execute("UPDATE change SET bytes = ?1 WHERE seq = 2", [bytes]).unwrap();
    let found = history::check(&log, None).unwrap();
    assert_eq!(found.faults.len(), 1);
    assert!(found.faults[0].contains(&record.to_string()), "{:?}", found.faults);
    drop(kept);
}
