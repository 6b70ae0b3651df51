//! A cluster under load that breaks piece by piece: nothing acknowledged is lost, doubled, or skipped by a reader.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use replica::api::Home;
use replica::wire::{Outcome, PushReply};
use replica::{ChangeHash, Envelope, Limits, Record};

use super::binary::{Running, interview_of};
use super::client::{Device, from_start};
use super::cluster::Cluster;

/// Devices that write, and such that only read.
const WRITERS: usize = 4;
const READERS: usize = 2;
/// Within this, writes go on after anything breaks.
const SOON: Duration = Duration::from_secs(10);

/// What goes on while things break.
struct Load {
    /// Where the servers are now.
    bases: Mutex<Vec<String>>,
    acknowledged: Mutex<HashMap<ChangeHash, u64>>,
    count: AtomicUsize,
    turn: AtomicU64,
    over: AtomicBool,
}

impl Load {
    fn base(&self) -> String {
        let bases = self.bases.lock().unwrap();
        let turn = usize::try_from(self.turn.fetch_add(1, Ordering::Relaxed)).unwrap();
        bases[turn % bases.len()].clone()
    }

    /// Writes interviews, each sent until somebody says that it is stored.
    fn write(&self, mut device: Device, home: &Home, number: usize) {
        for n in 0.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let nonce = u64::try_from(number * 1_000_000 + n).unwrap();
            let mut record = Record::start(&interview_of(home, nonce)).unwrap();
            let change = device.write(&mut record, "a", "1");
            let hash = Envelope::parse(&change.1, &Limits::STANDARD).unwrap().hash;
            let body = device.batch(std::slice::from_ref(&change)).to_cbor();
            while !self.over.load(Ordering::Relaxed) {
                device.base = self.base();
                let Some(answer) = device.try_send(&body) else { continue };
                if answer.status >= 300 {
                    assert!(answer.status >= 500, "{}", String::from_utf8_lossy(&answer.body));
                    continue;
                }
                let [Outcome::Stored(seq) | Outcome::Known(seq)] =
                    PushReply::from_cbor(&answer.body).unwrap().outcomes[..]
                else {
                    panic!("an honest change was refused")
                };
                self.acknowledged.lock().unwrap().insert(hash, seq);
                self.count.fetch_add(1, Ordering::Relaxed);
                break;
            }
        }
    }

    /// Reads behind its cursor, at whichever server, until it has come to `end`: what it saw, in order.
    fn read(&self, mut device: Device, end: &AtomicU64) -> Vec<(u64, ChangeHash)> {
        let (mut query, mut seen) = (from_start("babel/2026"), Vec::new());
        while query.after < end.load(Ordering::Relaxed) {
            device.base = self.base();
            let Some(answer) = device.try_get(&format!("/api/v1/pull?{}", query.to_query())) else {
                continue;
            };
            if answer.status >= 300 {
                assert!(answer.status >= 500, "{}", String::from_utf8_lossy(&answer.body));
                continue;
            }
            let page = query.read(&answer.body).unwrap();
            seen.extend(page.entries.iter().map(|entry| (entry.seq, entry.hash)));
            query.after = page.upto;
        }
        seen
    }

    /// Waits until so many more were acknowledged.
    fn runs(&self, more: usize) {
        let before = self.count.load(Ordering::Relaxed);
        while self.count.load(Ordering::Relaxed) < before + more {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until more was acknowledged than before; how long that took.
    fn goes_on(&self, what: &str) -> Duration {
        let (began, before) = (Instant::now(), self.count.load(Ordering::Relaxed));
        // Two a writer, so that none of them was on its way before.
        while self.count.load(Ordering::Relaxed) < before + 2 * WRITERS {
            assert!(began.elapsed() < SOON, "{what}: no write in {SOON:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
        let took = began.elapsed();
        eprintln!("{what}: writes went on after {took:?}");
        took
    }
}

/// Runs writers and readers on two servers while `breaks` happens, then looks at what is there.
fn under_load(cluster: &Cluster, breaks: impl FnOnce(&Load, &mut Vec<Running>, &dyn Fn(&str) -> Running)) {
    let folder = tempfile::tempdir().unwrap();
    let address = cluster.address.as_str();
    let start = |name: &str| Running::start_on(&folder.path().join(name), Some(address));
    Running::import_units(&folder.path().join("units"), Some(address));
    let mut servers = vec![start("a"), start("b")];
    let devices: Vec<_> = (0..WRITERS + READERS)
        .map(|n| {
            servers[0].device_with_code(
                Some(address),
                &folder.path().join("codes"),
                u8::try_from(100 + n).unwrap(),
            )
        })
        .collect();
    let home: Home = serde_json::from_slice(&devices[0].get("/api/v1/home").body).unwrap();
    let load = Load {
        bases: Mutex::new(servers.iter().map(|server| server.base.clone()).collect()),
        acknowledged: Mutex::default(),
        count: AtomicUsize::new(0),
        turn: AtomicU64::new(0),
        over: AtomicBool::new(false),
    };
    let end = AtomicU64::new(u64::MAX);
    let read = std::thread::scope(|scope| {
        let mut devices = devices.into_iter();
        let (load, home, end) = (&load, &home, &end);
        let readers: Vec<_> = devices
            .by_ref()
            .take(READERS)
            .map(|device| scope.spawn(move || load.read(device, end)))
            .collect();
        let writers: Vec<_> =
            devices.enumerate().map(|(n, device)| scope.spawn(move || load.write(device, home, n))).collect();
        load.goes_on("at the start");
        let broken =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| breaks(load, &mut servers, &start)));
        load.over.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap();
        }
        let last = load.acknowledged.lock().unwrap().values().copied().max().unwrap_or(0);
        end.store(if broken.is_ok() { last } else { 0 }, Ordering::Relaxed);
        let read: Vec<_> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        broken.unwrap();
        read
    });
    check(cluster, &load.acknowledged.into_inner().unwrap(), &read);
}

/// What was acknowledged is in the database where it was said to be, once, and every reader saw it, once, in order.
fn check(cluster: &Cluster, acknowledged: &HashMap<ChangeHash, u64>, read: &[Vec<(u64, ChangeHash)>]) {
    let server = cluster.ports.len() - 1;
    let rows = cluster.sql(server, "loket", "SELECT seq, encode(hash, 'hex') FROM loket.change ORDER BY seq");
    let stored: HashMap<String, u64> = rows
        .lines()
        .map(|line| {
            let (seq, hash) = line.split_once('|').unwrap();
            (hash.to_owned(), seq.parse().unwrap())
        })
        .collect();
    assert_eq!(stored.len(), rows.lines().count(), "a change stands in the log twice");
    for (hash, seq) in acknowledged {
        assert_eq!(stored.get(&hash.to_string()), Some(seq), "an acknowledged change is lost, or moved");
    }
    for seen in read {
        assert!(seen.windows(2).all(|pair| pair[0].0 < pair[1].0), "a reader was shown a place twice");
        let names: HashSet<_> = seen.iter().map(|(_, hash)| *hash).collect();
        let skipped = acknowledged.keys().filter(|hash| !names.contains(hash)).count();
        assert_eq!(skipped, 0, "a reader skipped acknowledged changes");
    }
    eprintln!("{} acknowledged, {} stored, none lost, doubled or skipped", acknowledged.len(), stored.len());
}

#[test]
fn a_cluster_that_breaks_piece_by_piece_loses_doubles_and_skips_nothing() {
    let Some(cluster) = Cluster::pair() else { return };
    under_load(&cluster, |load, servers, start| {
        load.runs(100);
        let began = Instant::now();
        cluster.does("kill", "one");
        cluster.does("promote", "");
        load.goes_on("primary killed, standby promoted");
        assert!(began.elapsed() < SOON, "from the kill on: {:?}", began.elapsed());

        load.runs(100);
        servers.pop().unwrap().kill();
        load.goes_on("one loket killed");
        let back = start("b");
        load.bases.lock().unwrap()[1].clone_from(&back.base);
        servers.push(back);
        load.goes_on("and started again");

        // Silent, with whatever transaction it is in: nobody tells the others that it is gone.
        servers[0].signal("STOP");
        load.goes_on("one loket cut off");
        servers[0].signal("CONT");
        load.goes_on("and back");
    });
}

#[test]
fn a_primary_that_was_cut_off_and_comes_back_acknowledges_nothing_on_its_own() {
    let Some(cluster) = Cluster::pair() else { return };
    under_load(&cluster, |load, _, _| {
        cluster.does("freeze", "one");
        cluster.does("promote", "");
        load.goes_on("primary frozen, standby promoted");
        cluster.does("thaw", "one");
        load.goes_on("the old primary is back");
        load.runs(100);
    });
}
