//! A log moved from one kind to the other and back.

use replica::api::Role;
use replica::wire::{Outcome, PullQuery};
use replica::{Edit, Record};
use sync_server::history;
use sync_server::log::copy::{CopyError, copy, sum_of};
use sync_server::log::sqlite::SqliteLog;

use super::binary::run;
use super::client::{Device, from_start};
use super::cluster::Cluster;
use super::server::{BONTANG, DUKCAPIL, TestServer, interview, visit};

const STREAM: &str = "babel/2026";

/// Two devices, two offices, batches of several records, changes that build on each other.
fn fill(server: &TestServer, a: &Device, b: &Device) {
    let mut on_a = Record::start(&visit(DUKCAPIL)).unwrap();
    let mut changes = vec![a.write(&mut on_a, "a", "1"), a.write(&mut on_a, "b", "2")];
    for n in 0..40 {
        let unit = if n % 3 == 0 { BONTANG } else { DUKCAPIL };
        let mut record = Record::start(&interview(unit, n)).unwrap();
        changes.push(a.write(&mut record, "x", &n.to_string()));
        changes.push(a.edit(&mut record, &[Edit::Close { at: 9 }]));
    }
    assert!(a.push(&changes).iter().all(|outcome| matches!(outcome, Outcome::Stored(_))));
    let mut on_b = Record::start(&visit(DUKCAPIL)).unwrap();
    b.push(&[
        b.write(&mut on_b, "a", "3"),
        b.write(&mut Record::start(&interview(BONTANG, 99)).unwrap(), "a", "1"),
    ]);
    server.settle();
}

#[test]
fn a_log_goes_to_the_other_kind_and_back_and_devices_go_on_behind_their_cursors() {
    let Some(cluster) = Cluster::single() else { return };
    let server = TestServer::start();
    let (mut a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    fill(&server, &a, &b);
    let catalogue = &server.server().catalogue;
    let (own, approved) = ("2026-05".parse().unwrap(), visit(DUKCAPIL).record_id());
    catalogue.open_round(&own, 5).unwrap();
    catalogue.mark_own(&own).unwrap();
    catalogue.approve(&[(approved, 3)], None, 5).unwrap();
    let held = a.pull(&PullQuery { limit: Some(1_000), ..from_start(STREAM) });
    let sum = sum_of(server.server().log.as_ref()).unwrap();
    let (folder, _kept) = server.stop();
    let kept = tempfile::tempdir().unwrap();
    let back = kept.path().join("back");
    let (from, to, url) = (folder.to_str().unwrap(), back.to_str().unwrap(), cluster.address.as_str());
    for (from, to) in [(from, url), (url, to)] {
        let done = run(&["log", "copy", "--from", from, "--to", to]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let told = String::from_utf8(done.stdout).unwrap();
        assert!(told.contains(&format!("copied {} changes", sum.changes)), "{told}");
        assert!(told.contains(&hex::encode(sum.digest)), "{told}");
    }
    let again = run(&["log", "copy", "--from", from, "--to", url]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("empty"));
    // Every signature still holds in what came back.
    let findings = history::check(&back.join("log.sqlite"), None).unwrap();
    assert_eq!((findings.changes as u64, &findings.faults[..]), (sum.changes, &[][..]));
    // The same device, with the same session, at the same place, on either.
    let data = kept.path().join("data");
    for server in [TestServer::with(data, Some(&cluster.address)), TestServer::on(back)] {
        a.moves_to(&server);
        server.settle();
        let catalogue = &server.server().catalogue;
        assert_eq!(catalogue.own_rounds().unwrap(), std::slice::from_ref(&own));
        assert_eq!(catalogue.approved(&[approved]).unwrap(), [(approved, 3)].into());
        let query = PullQuery { after: held.upto, ..from_start(STREAM) };
        let page = a.pull(&query);
        assert_eq!(page.count, held.entries.len() as u64);
        assert!(page.entries.is_empty());
        let mut first = Record::start(&visit(DUKCAPIL)).unwrap();
        assert_eq!(a.push(&[a.write(&mut first, "a", "1")]), [Outcome::Known(1)]);
        let new = a.write(&mut Record::start(&interview(DUKCAPIL, 500)).unwrap(), "a", "1");
        assert_eq!(a.push(&[new]), [Outcome::Stored(sum.changes + 1)]);
    }
}

#[test]
fn a_log_that_was_tampered_with_is_not_copied() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    fill(&server, &a, &b);
    let (folder, _kept) = server.stop();
    let path = folder.join("log.sqlite");
    rusqlite::Connection::open(&path).unwrap().execute("DELETE FROM change WHERE seq = 1", []).unwrap();
    let to = tempfile::tempdir().unwrap();
    let (from, to) =
        (SqliteLog::open(&path).unwrap(), SqliteLog::open(&to.path().join("log.sqlite")).unwrap());
    let refused = copy(&from, &to).unwrap_err();
    assert!(matches!(refused, CopyError::Refused { place: 2, .. }), "{refused}");
}

#[test]
fn commands_for_folders_say_what_to_do_with_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let (data, copy) = (data.to_str().unwrap(), copy.to_str().unwrap());
    let url = "postgres://loket@127.0.0.1:1/loket";
    for (arguments, hint) in [
        (vec!["backup", copy, "--data", data], "pg_basebackup"),
        (vec!["restore", copy, "--data", data], "log copy"),
        (vec!["verify", "--data", data], "log copy"),
    ] {
        let refused = run(&[&arguments[..], &["--log", url]].concat());
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stderr).contains(hint), "{arguments:?}");
    }
}
