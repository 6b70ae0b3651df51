//! What only a shared database brings: several servers, transactions under way, and lives of the log.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use replica::api::Role;
use replica::wire::Outcome;
use replica::{Genesis, Record};
use sync_server::log::Log as _;
use sync_server::log::postgres::{Bound, PostgresLog};
use sync_server::log::sqlite::SqliteLog;
use sync_server::postgres::Database;

use super::client::{Device, from_start};
use super::ground::{Ground, batch_of};
use super::server::{BONTANG, DUKCAPIL, TestServer, interview, visit};

/// A reader of all offices while one office's transaction, begun first, ends last: what it saw, step by step.
fn read_while_one_is_slow(bound: Bound) -> Option<(Vec<u64>, Vec<u64>)> {
    const LOCK: &str = "77";
    let ground = Ground::postgres()?;
    let cluster = ground.cluster.as_ref().unwrap();
    let server = ground.server();
    let device = Device::enrol(&server, Role::Surveyor);
    let one = |unit| {
        batch_of(
            &server,
            &device,
            &[device.write(&mut Record::start(&interview(unit, 1)).unwrap(), "a", "1")],
        )
    };
    let (slow, quick) = (one(DUKCAPIL), one(BONTANG));
    // In this database, whoever stores for `babel` waits for a lock after it was given its places.
    cluster.sql(
        0,
        "loket",
        &format!(
            "CREATE FUNCTION loket.wait() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN NEW; END $$;
             CREATE TRIGGER wait BEFORE INSERT ON loket.change FOR EACH ROW WHEN (NEW.office = 'babel')
                 EXECUTE FUNCTION loket.wait()"
        ),
    );
    let database = Database::open(cluster.address.as_str()).unwrap();
    let log = Arc::new(PostgresLog::bounded(database, bound).unwrap());
    let mut holder = postgres_session(cluster);
    holder.say(&format!("SELECT pg_advisory_lock({LOCK});"));
    let (tell, told) = channel();
    let storing = {
        let log = Arc::clone(&log);
        std::thread::spawn(move || tell.send(log.append(slow).unwrap()).unwrap())
    };
    let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    eventually(|| cluster.sql(0, "loket", waits) == "1");
    assert!(
        matches!(log.append(quick).unwrap()[..], [Outcome::Stored(2)]),
        "the second is given a later place"
    );
    // A reader that takes in what it is shown, and goes on behind the last of it.
    let mut seen = Vec::new();
    let step = |seen: &mut Vec<u64>| {
        let after = seen.last().copied().unwrap_or(0);
        seen.extend(log.read_all(after, 100).unwrap().iter().map(|entry| entry.seq));
    };
    step(&mut seen);
    let meanwhile = seen.clone();
    assert!(told.try_recv().is_err(), "the slow one is still under way");
    holder.say(&format!("SELECT pg_advisory_unlock({LOCK});"));
    assert!(matches!(told.recv_timeout(Duration::from_secs(10)).unwrap()[..], [Outcome::Stored(1)]));
    storing.join().unwrap();
    step(&mut seen);
    Some((meanwhile, seen))
}

#[test]
fn a_cursor_never_passes_a_change_that_is_still_being_written() {
    if let Some((meanwhile, seen)) = read_while_one_is_slow(Bound::Settled) {
        assert!(
            meanwhile.is_empty(),
            "what stands behind a transaction under way is not shown: {meanwhile:?}"
        );
        assert_eq!(seen, [1, 2], "both are seen in the end");
    }
}

#[test]
fn without_the_bound_the_same_reader_skips_a_change() {
    if let Some((meanwhile, seen)) = read_while_one_is_slow(Bound::Committed) {
        assert_eq!((meanwhile, seen), (vec![2], vec![2]), "the test above can fail");
    }
}

/// A session of psql that stays open.
struct Session(std::process::Child);

fn postgres_session(cluster: &super::cluster::Cluster) -> Session {
    let mut psql = std::process::Command::new("psql");
    psql.args([
        "-XqtA",
        "-h",
        "127.0.0.1",
        "-U",
        "postgres",
        "-d",
        "loket",
        "-p",
        &cluster.ports[0].to_string(),
    ]);
    psql.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    Session(psql.spawn().unwrap())
}

impl Session {
    /// Says something and waits until it is done.
    fn say(&mut self, sql: &str) {
        use std::io::{BufRead as _, BufReader, Write as _};
        let input = self.0.stdin.as_mut().unwrap();
        writeln!(input, "{sql}\n\\echo done").unwrap();
        let output = BufReader::new(self.0.stdout.as_mut().unwrap());
        assert!(output.lines().any(|line| line.unwrap() == "done"));
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn eventually(mut holds: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(std::time::Instant::now() < end, "it did not come about in time");
        std::thread::yield_now();
    }
}

#[test]
fn a_device_may_talk_to_another_server_each_time() {
    let Some(ground) = Ground::postgres() else { return };
    let servers = ["one", "two", "three"].map(|name| ground.server_called(name));
    let (mut a, mut b) =
        (Device::enrol(&servers[0], Role::Surveyor), Device::enrol(&servers[1], Role::Surveyor));
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    for (n, server) in (1..).zip(servers.iter().cycle().take(9)) {
        a.moves_to(server);
        let change = a.write(&mut record, "a", &n.to_string());
        assert_eq!(a.push(std::slice::from_ref(&change)), [Outcome::Stored(n)]);
        assert_eq!(a.push(&[change]), [Outcome::Known(n)]);
    }
    // Each shows all of it, once its own worker has looked, under one epoch.
    let mut epochs = Vec::new();
    for server in &servers {
        server.settle();
        b.moves_to(server);
        let page = b.pull(&from_start("babel/2026"));
        assert_eq!(page.entries.len(), 9);
        epochs.push(page.epoch);
    }
    assert!(epochs.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn an_epoch_lasts_while_the_database_runs_and_ends_with_it() {
    let Some(ground) = Ground::postgres() else { return };
    let cluster = ground.cluster.as_ref().unwrap();
    let server = ground.server();
    let device = Device::enrol(&server, Role::Surveyor);
    let push =
        |n| device.push(&[device.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1")]);
    push(1);
    let log = server.server().log.as_ref();
    let (id, first) = (log.id(), log.epoch());
    let other = ground.server_called("other");
    assert_eq!((other.server().log.id(), other.server().log.epoch()), (id, first));
    cluster.does("kill", "one");
    cluster.does("start", "one");
    assert_eq!(push(2), [Outcome::Stored(log.last().unwrap())]);
    let second = log.epoch();
    assert_ne!(second, first, "its disk may be an older one that was put back");
    assert_eq!(push(3).len(), 1);
    assert_eq!(log.epoch(), second);
    other.settle();
    eventually(|| other.server().log.epoch() == second);
    assert_eq!(log.id(), id);
}

#[test]
fn a_dump_put_back_begins_a_new_life_and_readers_skip_nothing_in_it() {
    let Some(ground) = Ground::postgres() else { return };
    let cluster = ground.cluster.as_ref().unwrap();
    let server = ground.server();
    let mut device = Device::enrol(&server, Role::Surveyor);
    let change =
        |device: &Device, n| device.write(&mut Record::start(&interview(DUKCAPIL, n)).unwrap(), "a", "1");
    for n in 0..5 {
        device.push(&[change(&device, n)]);
    }
    let first = server.server().log.epoch();
    // A cluster whose transactions are numbered lower than those of the dump.
    let Some(fresh) = super::cluster::Cluster::single() else { return };
    let dump = std::process::Command::new("pg_dump")
        .args(["-h", "127.0.0.1", "-U", "postgres", "-p", &cluster.ports[0].to_string(), "loket"])
        .output()
        .unwrap();
    assert!(dump.status.success());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), dump.stdout).unwrap();
    let restored = std::process::Command::new("psql")
        .args(["-XqtA", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", "loket"])
        .args(["-p", &fresh.ports[0].to_string(), "-f", file.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    // As if the lost cluster had been at work for years.
    fresh.sql(0, "loket", "UPDATE loket.change SET xid = xid + 1000000000");
    let folder = tempfile::tempdir().unwrap();
    let server = TestServer::with(folder.path().to_owned(), Some(&fresh.address));
    device.moves_to(&server);
    assert_ne!(server.server().log.epoch(), first);
    assert_eq!(device.push(&[change(&device, 5)]), [Outcome::Stored(6)]);
    server.settle();
    assert_eq!(server.server().log.read_all(0, 100).unwrap().len(), 6);
    assert_eq!(device.pull(&from_start("babel/2026")).entries.len(), 6);
}

#[test]
fn both_kinds_of_log_decide_alike() {
    let Some(ground) = Ground::postgres() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = SqliteLog::open(&folder.path().join("log.sqlite")).unwrap();
    let server = ground.server();
    let shared = server.server().log.as_ref();
    for seed in 1..=4u64 {
        let mut state = seed;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        let devices: Vec<_> = (0..2).map(|_| Device::enrol(&server, Role::Surveyor)).collect();
        let units = [DUKCAPIL, BONTANG];
        let mut records: Vec<Vec<Record>> = devices
            .iter()
            .map(|_| {
                let start = |n: usize| {
                    let genesis = interview(units[n % 2], seed * 100 + n as u64);
                    Record::start(&if n < 2 {
                        Genesis { round: format!("r{seed}").parse().unwrap(), ..visit(units[n]) }
                    } else {
                        genesis
                    })
                    .unwrap()
                };
                (0..4).map(start).collect()
            })
            .collect();
        server.server().catalogue.open_round(&format!("r{seed}").parse().unwrap(), 1).unwrap();
        let mut written: Vec<(usize, (Genesis, Vec<u8>))> = Vec::new();
        for step in 0..40 {
            let (who, what) = (draw(2), draw(4));
            for n in 0..draw(4) {
                let change = devices[who].write(
                    &mut records[who][what],
                    &format!("q{}", draw(3)),
                    &format!("{step}.{n}"),
                );
                written.push((who, change));
            }
            // Old ones, new ones, some twice, in any order.
            let own: Vec<_> =
                written.iter().filter(|(by, _)| *by == who).map(|(_, change)| change.clone()).collect();
            let chosen: Vec<_> =
                (0..draw(9)).filter_map(|_| own.get(draw(own.len().max(1))).cloned()).collect();
            if chosen.is_empty() {
                continue;
            }
            let batch = batch_of(&server, &devices[who], &chosen);
            let (one, other) = (file.append(batch.clone()).unwrap(), shared.append(batch).unwrap());
            let kind = |outcomes: &[Outcome]| {
                outcomes
                    .iter()
                    .map(|outcome| match outcome {
                        Outcome::Stored(_) => "stored".to_owned(),
                        Outcome::Known(_) => "known".to_owned(),
                        Outcome::Refused(code) => format!("{code:?}"),
                    })
                    .collect::<Vec<_>>()
            };
            assert_eq!(kind(&one), kind(&other), "seed {seed}, step {step}");
        }
    }
    for stream in ["babel/2026", "kaltim/2026", "babel/r1", "kaltim/r4"] {
        let stream = stream.parse().unwrap();
        assert_eq!(file.digest(&stream, u64::MAX).unwrap(), shared.digest(&stream, u64::MAX).unwrap());
    }
}
