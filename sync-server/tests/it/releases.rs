//! Releases: the same bytes wherever they are reckoned, kept as they are, and checked.

use std::path::Path;

use replica::api::Role;
use replica::wire::Outcome;
use replica::{ContentHash, Edit, Genesis, Record};
use survey::instrument::{Instrument, Node, NodeKind};
use survey::keys::Keys;
use sync_server::catalogue::{Compiled, PhotoOf, compile};
use sync_server::releases::bundle::Bundle;
use sync_server::releases::check::{Findings, check, verify};
use sync_server::releases::error::ReleaseError;
use sync_server::releases::frozen::Frozen;
use sync_server::releases::line::ReleaseList;
use sync_server::releases::lines::{RecordState, UnitResult};
use sync_server::releases::manifest::MANIFEST;
use sync_server::releases::press::{Press, Wish, manifest_of};
use sync_server::releases::reckon::Reckoned;
use sync_server::releases::shelf::Kept;
use sync_server::server::Server;

use super::binary::run;
use super::client::Device;
use super::cluster::Cluster;
use super::field::Field;
use super::filling::{AGREED, ASSESSED, edits};
use super::ground::{Ground, on_both};
use super::projection::poison;
use super::server::{BONTANG, DUKCAPIL, KESEHATAN, TestServer, interview, visit};

/// A day in the life of the server, so that a date is there without being given.
const NOW: i64 = 1_795_000_000;

on_both!(
    releases_are_numbered_kept_and_never_change,
    servers_that_release_at_once_get_numbers_of_their_own,
    a_release_holds_whatever_comes_in_later,
);

fn press(server: &Server) -> Press<'_> {
    Press {
        log: server.log.as_ref(),
        projection: &server.projection,
        catalogue: server.catalogue.as_ref(),
        scoring: &server.scoring,
        shelf: server.shelf.as_ref(),
    }
}

fn wish() -> Wish {
    Wish { year: Some(2024), accept_open: true, ..Wish::default() }
}

fn reckon(server: &TestServer) -> Reckoned {
    server.settle();
    press(server.server()).reckon(&wish(), NOW).unwrap()
}

fn make(server: &TestServer) -> Kept {
    server.settle();
    let key = server.server().identity.release_key().unwrap();
    press(server.server()).make(&wish(), &key, NOW).unwrap()
}

fn checked(server: &TestServer, number: u32) -> Findings {
    let parts = server.server();
    let key = parts.identity.release_key().unwrap().public();
    let bundle = Bundle::open(parts.shelf.as_ref(), number).unwrap();
    check(&bundle, parts.log.as_ref(), parts.catalogue.as_ref(), &key).unwrap()
}

fn frozen(server: &TestServer, number: u32) -> Frozen {
    Bundle::open(server.server().shelf.as_ref(), number).unwrap().read().unwrap()
}

/// Changes that build on each other, by their writers.
type Chain<'d> = Vec<(&'d Device, (Genesis, Vec<u8>))>;

/// All that a round may hold: visits written by two, a clash, a photo, refusals, a consent taken back, an interview left
/// open, a change that breaks its document. One chain a record.
fn story<'d>(field: &Field, a: &'d Device, b: &'d Device, bad: &'d Device) -> Vec<Chain<'d>> {
    let close = Edit::Close { at: 1_790_000_100 };
    let mut chains = Vec::new();
    for (at, unit) in [DUKCAPIL, KESEHATAN].into_iter().enumerate() {
        let genesis = Genesis { instrument: field.visit.0, ..visit(unit) };
        let mut on_a = Record::start(&genesis).unwrap();
        let all = edits(&field.visit.1, 2, &mut |of| (at + 1).min(of - 1), &ASSESSED);
        let mut chain = vec![(a, a.edit(&mut on_a, &all))];
        let mut on_b = Record::load(&genesis, [&chain[0].1.1]).unwrap();
        let path = "standar[a]/persyaratan_loket";
        chain.push((a, a.write(&mut on_a, path, "lengkap")));
        chain.push((b, b.write(&mut on_b, path, "tidak_ada")));
        if at == 0 {
            chain.push((a, a.edit(&mut on_a, std::slice::from_ref(&close))));
        }
        chains.push(chain);
    }
    for n in 0..8_u8 {
        let unit = if n % 2 == 0 { DUKCAPIL } else { KESEHATAN };
        let genesis = Genesis { instrument: field.interview.0, ..interview(unit, n.into()) };
        let mut record = Record::start(&genesis).unwrap();
        let agreed = if n == 4 { &[("umur", "dewasa"), ("setuju", "tidak")][..] } else { &AGREED[..] };
        let mut all = edits(&field.interview.1, 1, &mut |of| usize::from(n).min(of - 1), agreed);
        if n != 6 {
            all.push(close.clone());
        }
        let mut chain = vec![(a, a.edit(&mut record, &all))];
        if n == 5 {
            chain.push((a, a.edit(&mut record, &[Edit::Withdraw { at: 1_790_000_200 }])));
        }
        chains.push(chain);
    }
    let genesis = Genesis { instrument: field.visit.0, ..visit(BONTANG) };
    chains.push(vec![(bad, (genesis.clone(), poison(bad, &genesis)))]);
    chains
}

/// Sends the chains' changes one by one, in an order drawn from `seed` that keeps each chain's own.
fn send(mut chains: Vec<Chain<'_>>, mut seed: u64) {
    while !chains.is_empty() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(seed >> 33).unwrap() % chains.len();
        let (device, change) = chains[at].remove(0);
        assert!(matches!(device.push(&[change])[..], [Outcome::Stored(_)]));
        chains.retain(|chain| !chain.is_empty());
    }
}

/// The same devices at another server.
fn moved(devices: &mut [Device], server: &TestServer) {
    for device in devices {
        let code = server.code(Role::Surveyor, None, None);
        let identity = &server.server().identity;
        identity.enrol(&code, &device.key.public(), "Phone", sync_server::clock::now()).unwrap();
        device.moves_to(server);
        device.open_session();
    }
}

fn assert_same(one: &Reckoned, other: &Reckoned) {
    for ((name, bytes), (again, others)) in one.files.iter().zip(other.files.iter()) {
        assert_eq!(name, again);
        assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(others), "{name}");
    }
    let manifest = |of: &Reckoned| serde_json::to_vec(&manifest_of(of, 1, None)).unwrap();
    assert_eq!(manifest(one), manifest(other));
}

#[test]
fn a_release_is_equal_byte_for_byte_in_whatever_order_changes_came_in_and_on_either_kind_of_log() {
    let field = Field::start();
    let mut devices: Vec<Device> = (0..3).map(|_| Device::enrol(&field.server, Role::Surveyor)).collect();
    send(story(&field, &devices[0], &devices[1], &devices[2]), 1);
    let first = reckon(&field.server);
    let Reckoned { counts, open, .. } = &first;
    assert_eq!((counts.visits, counts.interviews, counts.records), (2, 5, 11));
    assert_eq!((counts.refused, counts.withdrawn, counts.unfinished), (1, 1, 1));
    assert_eq!((open.clashes, open.visits, open.set_aside, open.photos_missing), (2, 1, 1, 0));
    assert_eq!((counts.units, counts.units_scored), (3, 2));
    // Who refused, withdrew or never finished is in the list of records, and their answers are nowhere.
    let lines = |name: &str| first.files.get(name).unwrap().split(|byte| *byte == b'\n').count() - 1;
    assert_eq!((lines("records.jsonl"), lines("answers.jsonl")), (11, 7));
    for seed in 2..4 {
        let other = Field::start();
        moved(&mut devices, &other.server);
        send(story(&other, &devices[0], &devices[1], &devices[2]), seed);
        assert_same(&first, &reckon(&other.server));
    }
    let Some(ground) = Ground::postgres() else { return };
    let other = Field::on(ground.server());
    moved(&mut devices, &other.server);
    send(story(&other, &devices[0], &devices[1], &devices[2]), 9);
    assert_same(&first, &reckon(&other.server));
}

#[test]
fn a_release_computed_on_sqlite_and_from_the_clusters_log_is_equal_byte_for_byte() {
    let Some(cluster) = Cluster::single() else { return };
    let field = Field::start();
    let devices: Vec<Device> = (0..3).map(|_| Device::enrol(&field.server, Role::Surveyor)).collect();
    send(story(&field, &devices[0], &devices[1], &devices[2]), 5);
    field.server.settle();
    let (folder, _kept) = field.server.stop();
    let work = tempfile::tempdir().unwrap();
    let (data, url) = (folder.to_str().unwrap(), cluster.address.as_str());
    let at = |name: &str| work.path().join(name).display().to_string();
    // The key and the devices go along with the log; the release is made on both for itself.
    ok(&["log", "copy", "--from", data, "--to", url]);
    let make = ["release", "make", "--method", "2024", "--date", "2026-11-25", "--accept-open"];
    ok(&[&make[..], &["--data", data]].concat());
    ok(&[&make[..], &["--data", &at("fresh"), "--log", url]].concat());
    ok(&["release", "export", "1", &at("sqlite"), "--data", data]);
    ok(&["release", "export", "1", &at("cluster"), "--data", &at("fresh"), "--log", url]);
    let names = names(&work.path().join("sqlite"));
    assert_eq!(names, self::names(&work.path().join("cluster")));
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        // The store's key was first asked for on each side, so only what is signed is the same, not who signs.
        if !["manifest.sig", "release.pem"].contains(&name.as_str()) {
            let [one, other] =
                ["sqlite", "cluster"].map(|side| std::fs::read(work.path().join(side).join(&name)).unwrap());
            assert_eq!(one, other, "{name}");
        }
    }
    let told = ok(&["release", "check", "1", "--data", &at("fresh"), "--log", url]);
    assert!(told.contains("every byte is the same"), "{told}");
}

#[test]
fn a_release_moves_with_its_log_and_still_holds() {
    let Some(cluster) = Cluster::single() else { return };
    let field = Field::start();
    field.visits(DUKCAPIL, 0);
    make(&field.server);
    let (folder, _kept) = field.server.stop();
    let work = tempfile::tempdir().unwrap();
    let at = |name: &str| work.path().join(name).display().to_string();
    let (data, url) = (folder.to_str().unwrap(), cluster.address.as_str());
    ok(&["log", "copy", "--from", data, "--to", url]);
    ok(&["log", "copy", "--from", url, "--to", &at("back")]);
    for place in
        [vec!["--data", data], vec!["--data", &at("none"), "--log", url], vec!["--data", &at("back")]]
    {
        let told = ok(&[&["release", "check", "1"], &place[..]].concat());
        assert!(told.contains("Release 1 of round 2026 holds"), "{told}");
    }
}

fn releases_are_numbered_kept_and_never_change(ground: &Ground) {
    let field = Field::on(ground.server());
    field.visits(DUKCAPIL, 0);
    let first = make(&field.server);
    field.interviews(DUKCAPIL, 2, 1, &AGREED);
    let second = make(&field.server);
    let shelf = field.server.server().shelf.as_ref();
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(shelf.all().unwrap(), [first.clone(), second.clone()]);
    assert_eq!(shelf.get(1).unwrap(), Some(first));
    assert_eq!(shelf.get(3).unwrap(), None);
    let (one, two) = (frozen(&field.server, 1), frozen(&field.server, 2));
    assert_eq!((one.manifest.follows, two.manifest.follows), (None, Some(1)));
    assert_eq!((one.manifest.counts.interviews, two.manifest.counts.interviews), (0, 2));
    assert_eq!(one.manifest.asked.date, "2026-11-18");
    assert_eq!(one.units.len(), one.results.len());
    let record = two.records.iter().find(|of| of.state == RecordState::Counted).unwrap();
    assert!(two.answers(&record.record).unwrap().answers.len() > 50);
    assert!(two.session(record).is_some());
    assert_eq!(checked(&field.server, 2).faults, Vec::<String>::new());
}

#[test]
fn what_a_form_reckons_from_the_day_is_reckoned_for_the_day_on_which_the_record_was_closed() {
    let mut field = Field::start();
    let today = "| survey |\n| | type | name | calculation |\n| | calculate | hari_ini | today() |\n";
    let today = compile(today.as_bytes(), &()).unwrap().compiled.instrument.nodes.remove(0);
    let mut instrument = field.visit.1.clone();
    instrument.nodes.push(today);
    let compiled = Compiled::of(instrument).unwrap();
    field.server.server().catalogue.publish(&compiled, 5).unwrap();
    field.visit = (compiled.hash, compiled.instrument);
    // Closed at a quarter past nine of the evening in Jakarta.
    field.visits(DUKCAPIL, 0);
    make(&field.server);
    let frozen = frozen(&field.server, 1);
    let record = frozen.records.iter().find(|of| of.state == RecordState::Counted).unwrap();
    assert_eq!(frozen.session(record).unwrap().value(&"hari_ini".parse().unwrap()), "2026-09-21");
}

fn servers_that_release_at_once_get_numbers_of_their_own(ground: &Ground) {
    let field = Field::on(ground.server());
    field.visits(DUKCAPIL, 0);
    field.server.settle();
    // On a file one server has the folder; its requests still come at once.
    let other = ground.cluster.is_some().then(|| ground.server_called("other"));
    let servers = [&field.server, other.as_ref().unwrap_or(&field.server)];
    for server in servers {
        server.settle();
    }
    let mut numbers: Vec<u32> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..6).map(|n| scope.spawn(move || make(servers[n % 2]).number)).collect();
        makers.into_iter().map(|maker| maker.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    for number in numbers {
        let frozen = frozen(&field.server, number);
        assert_eq!(frozen.manifest.number, number);
        assert_eq!(frozen.manifest.follows, (number > 1).then(|| number - 1));
    }
}

fn a_release_holds_whatever_comes_in_later(ground: &Ground) {
    let field = Field::on(ground.server());
    let mut record = field.visits(DUKCAPIL, 2);
    field.interviews(DUKCAPIL, 3, 1, &AGREED);
    make(&field.server);
    let before = frozen(&field.server, 1);
    let path = "standar[a]/persyaratan_loket";
    field.surveyor.push(&[field.surveyor.write(&mut record, path, "lengkap")]);
    field.visits(KESEHATAN, 0);
    let catalogue = &field.server.server().catalogue;
    let mut unit = catalogue.unit(&DUKCAPIL.parse().unwrap()).unwrap().unwrap();
    "Dinas Lain".clone_into(&mut unit.name);
    catalogue.put_units(&[unit]).unwrap();
    field.server.settle();
    assert_eq!(checked(&field.server, 1).faults, Vec::<String>::new());
    make(&field.server);
    let (again, later) = (frozen(&field.server, 1), frozen(&field.server, 2));
    assert_eq!((&again.manifest, &again.results), (&before.manifest, &before.results));
    let score = |results: &[UnitResult]| {
        results.iter().find(|of| of.unit.as_str() == DUKCAPIL).unwrap().score.value.unwrap().shown
    };
    assert!(
        score(&later.results) > score(&before.results),
        "what came in later is in the next release alone"
    );
    assert_eq!(checked(&field.server, 2).faults, Vec::<String>::new());
}

#[test]
fn nothing_open_is_released_by_accident_and_what_is_open_is_told() {
    let field = Field::start();
    let (a, b) = (Device::enrol(&field.server, Role::Surveyor), Device::enrol(&field.server, Role::Surveyor));
    let server = field.server.server();
    let key = server.identity.release_key().unwrap();
    let strict = Wish { year: Some(2024), ..Wish::default() };
    let nothing = press(server).make(&strict, &key, NOW).unwrap_err();
    assert!(matches!(nothing, ReleaseError::Nothing(_)), "{nothing}");
    let mut record = field.visits(DUKCAPIL, 1);
    field.server.settle();
    let kept = press(server).make(&strict, &key, NOW).unwrap();
    assert!(!frozen(&field.server, kept.number).manifest.asked.accepted_open);
    // Two answer one question differently, a photo is named that never came, and the visit is opened again.
    let mut twin =
        Record::load(record.genesis(), record.changes().iter().map(|change| &change.bytes)).unwrap();
    let path = "standar[a]/persyaratan_loket";
    a.push(&[a.write(&mut record, path, "lengkap")]);
    b.push(&[b.write(&mut twin, path, "tidak_ada")]);
    a.push(&[a.edit(&mut record, &[Edit::Reopen])]);
    let photo = ContentHash::new([7; 32]);
    a.push(&[a.write(&mut record, &photo_path(&field.visit.1), &photo.to_string())]);
    field.server.settle();
    let refused = press(server).make(&strict, &key, NOW).unwrap_err();
    let ReleaseError::Open { open, .. } = &refused else { panic!("{refused}") };
    assert_eq!((open.clashes, open.visits, open.photos_missing), (1, 1, 1));
    assert!(refused.to_string().contains("1 visits that count and are not closed"), "{refused}");
    assert_eq!(server.shelf.all().unwrap().len(), 1);
    let kept = press(server).make(&wish(), &key, NOW).unwrap();
    let frozen = frozen(&field.server, kept.number);
    let manifest = &frozen.manifest;
    assert!(manifest.asked.accepted_open && manifest.open == *open);
    assert_eq!(frozen.photos.iter().map(|of| (of.hash, of.here)).collect::<Vec<_>>(), [(photo, false)]);
    // It comes later, and the release goes on saying that it was not here.
    let (record, office) = (record.id(), "babel".parse().unwrap());
    let of = PhotoOf { hash: photo, record, office, device: a.key.device(), length: 1 };
    server.catalogue.put_photo(&of, 1).unwrap();
    assert_eq!(checked(&field.server, kept.number).faults, Vec::<String>::new());
    let later = press(server).reckon(&strict, NOW).unwrap();
    assert_eq!((later.open.photos_missing, later.counts.photos), (0, 1));
}

#[test]
fn a_byte_that_was_tampered_with_is_named() {
    let field = Field::start();
    field.visits(DUKCAPIL, 0);
    make(&field.server);
    assert_eq!(checked(&field.server, 1).faults, Vec::<String>::new());
    let (folder, _kept) = field.server.stop();
    let work = tempfile::tempdir().unwrap();
    let out = work.path().join("out");
    ok(&["release", "export", "1", out.to_str().unwrap(), "--data", folder.to_str().unwrap()]);
    let key = std::fs::read_to_string(out.join("release.pem")).unwrap();
    let found = verify(&out, None).unwrap();
    assert_eq!((found.faults.len(), &found.others[..]), (0, &["rapor".to_owned(), "tables".to_owned()][..]));
    for name in names(&out) {
        // Tables follow from the release, and are no part of it.
        if name == "release.pem" || name.starts_with("tables/") || name.starts_with("rapor/") {
            continue;
        }
        let path = out.join(&name);
        let sound = std::fs::read(&path).unwrap();
        let mut spoiled = sound.clone();
        // A number in the manifest, so that it still reads.
        match spoiled.iter().rposition(u8::is_ascii_digit) {
            Some(at) => spoiled[at] ^= 1,
            None => spoiled.push(b'0'),
        }
        std::fs::write(&path, &spoiled).unwrap();
        let told = refused(&["release", "verify", out.to_str().unwrap(), "--key", &key_file(&work, &key)]);
        let named = if name == MANIFEST { "manifest.sig" } else { &name };
        assert!(told.contains(named), "{name}: {told}");
        std::fs::write(&path, sound).unwrap();
    }
    std::fs::write(out.join("units.csv"), "mine").unwrap();
    let told = ok(&["release", "verify", out.to_str().unwrap(), "--key", &key_file(&work, &key)]);
    assert!(told.contains("units.csv: not part of the release"), "{told}");
    // In the store, what was kept and what it was made from.
    let connection = rusqlite::Connection::open(folder.join("log.sqlite")).unwrap();
    let hash = found.manifest.files.iter().find(|file| file.name == "scores-units.jsonl").unwrap().sha256;
    let part = "UPDATE release_part SET hash = ?2 WHERE hash = ?1";
    connection.execute(part, [hash.as_bytes().as_slice(), b"elsewhere"]).unwrap();
    let told = refused(&["release", "check", "1", "--data", folder.to_str().unwrap()]);
    assert!(told.contains("scores-units.jsonl: it is not here as it was kept"), "{told}");
    connection.execute(part, [b"elsewhere".as_slice(), hash.as_bytes()]).unwrap();
    connection.execute("UPDATE change SET bytes = zeroblob(length(bytes)) WHERE seq = 1", []).unwrap();
    drop(connection);
    let told = refused(&["release", "check", "1", "--data", folder.to_str().unwrap()]);
    assert!(told.contains("it cannot be reckoned again: record"), "{told}");
}

#[test]
fn a_folder_is_verified_elsewhere_with_the_public_key_alone_and_by_other_programs() {
    let field = Field::start();
    field.visits(DUKCAPIL, 0);
    make(&field.server);
    let (folder, kept) = field.server.stop();
    let work = tempfile::tempdir().unwrap();
    let out = work.path().join("out");
    ok(&["release", "export", "1", out.to_str().unwrap(), "--data", folder.to_str().unwrap()]);
    drop(kept);
    let told = ok(&["release", "verify", out.to_str().unwrap()]);
    assert!(told.contains("compare its fingerprint"), "{told}");
    let other = sync_server::releases::key::ReleaseKey::from_seed(&[1; 32]).public();
    let told = refused(&["release", "verify", out.to_str().unwrap(), "--key", &other.to_string()]);
    assert!(told.contains("manifest.sig"), "{told}");
    let openssl = std::process::Command::new("openssl")
        .args(["pkeyutl", "-verify", "-pubin", "-inkey", "release.pem", "-rawin", "-in", "manifest.json"])
        .args(["-sigfile", "manifest.sig"])
        .current_dir(&out)
        .output();
    match openssl {
        Ok(done) => assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr)),
        Err(error) => eprintln!("skipped: openssl is not installed ({error})"),
    }
}

#[test]
fn releases_are_shown_to_coordinators_and_their_files_to_those_who_serve_all_offices() {
    let field = Field::start();
    field.visits(DUKCAPIL, 1);
    let everywhere = field.coordinator(None);
    let page = |device: &Device, query: &str| {
        let answer = device.get(&format!("/api/v1/report?{query}"));
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 200, "{query}: {text}");
        roxmltree::Document::parse(&format!("<div>{text}</div>")).expect("well-formed");
        text
    };
    assert!(page(&everywhere, "lang=id").contains("href=\"/results?release=all\""));
    assert!(page(&everywhere, "release=all&lang=id").contains("Belum ada rilis"));
    make(&field.server);
    // Commands work beside the server that has the folder.
    let folder = field.server.folder.display().to_string();
    let beside = ok(&["release", "make", "--method", "2024", "--data", &folder]);
    assert!(beside.contains("\"number\":2,\"follows\":1"), "{beside}");
    assert!(ok(&["release", "check", "2", "--data", &folder]).contains("every byte is the same"));
    let all = page(&everywhere, "release=all&lang=en");
    assert!(all.contains("/results?release=1") && all.contains("1 of 2 scored"), "{all}");
    let own = page(&everywhere, "release=1&lang=en");
    let score = frozen(&field.server, 1).governments.into_iter().find_map(|of| of.score.value).unwrap();
    for part in ["Nothing was open", &score.shown.to_string(), "Kota Bontang", "Fingerprint", "the rule set"]
    {
        assert!(own.contains(part), "{part}: {own}");
    }
    assert!(own.contains("href=\"/api/v1/releases/1/manifest.json\" download=\"loket-1-manifest.json\""));
    let list: ReleaseList = serde_json::from_slice(&everywhere.get("/api/v1/releases").body).unwrap();
    assert_eq!(list.releases.iter().map(|of| of.number).collect::<Vec<_>>(), [2, 1]);
    let bundle = Bundle::open(field.server.server().shelf.as_ref(), 1).unwrap();
    for name in bundle.names() {
        let answer = everywhere.get(&format!("/api/v1/releases/1/{name}"));
        assert_eq!((answer.status, answer.body), (200, bundle.file(name).unwrap()), "{name}");
    }
    assert_eq!(everywhere.get("/api/v1/releases/1/other").status, 404);
    assert_eq!(everywhere.get("/api/v1/releases/3/manifest.json").status, 404);
    assert_eq!(everywhere.get("/api/v1/report?release=3").status, 404);
    assert_eq!(everywhere.get("/api/v1/releases/x/manifest.json").status, 400);
    // Who serves one office sees its governments, and no answers of others.
    let elsewhere = field.coordinator(Some("kaltim"));
    let theirs = page(&elsewhere, "release=1&lang=en");
    assert!(theirs.contains("Kota Bontang") && !theirs.contains("Kota Pangkalpinang"), "{theirs}");
    assert!(!theirs.contains("download="));
    for device in [&elsewhere, &field.surveyor] {
        assert_eq!(device.get("/api/v1/releases/1/answers.jsonl").status, 403);
    }
    assert_eq!(field.surveyor.get("/api/v1/releases").status, 403);
}

/// Where a visit's first photo goes, in the first row of whatever it stands in.
fn photo_path(instrument: &Instrument) -> String {
    let is_photo = |node: &&Node| matches!(&node.kind, NodeKind::Question(of) if of.kind.is_file());
    let mut node = instrument.nodes.iter().find(is_photo).unwrap();
    let mut path = node.name.clone();
    while let Some(parent) = node.parent {
        node = instrument.node(parent).unwrap();
        let row = if matches!(node.kind, NodeKind::Repeat { .. }) { "[a]" } else { "" };
        path = format!("{}{row}/{path}", node.name);
    }
    Keys::of(instrument).key(&path.parse().unwrap()).unwrap().to_string()
}

fn key_file(work: &tempfile::TempDir, key: &str) -> String {
    let path = work.path().join("key.pem");
    std::fs::write(&path, key).unwrap();
    path.display().to_string()
}

fn ok(arguments: &[&str]) -> String {
    let done = run(arguments);
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let done = run(arguments);
    assert!(!done.status.success(), "{arguments:?}");
    String::from_utf8(done.stderr).unwrap()
}

/// All files of a folder and of the folder of tables in it, by their path.
fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().unwrap().is_dir() {
            names.extend(self::names(&entry.path()).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            names.push(name);
        }
    }
    names.sort();
    names
}

#[test]
fn a_coordinator_of_all_offices_saves_tables_and_rapors_which_are_the_same_each_time() {
    use sync_server::exports::folder::{rapor_of, rapors_of_units};
    let field = Field::start();
    field.visits(DUKCAPIL, 0);
    field.interviews(DUKCAPIL, 2, 0, &AGREED);
    make(&field.server);
    let coordinator = field.coordinator(None);
    let unit = field.server.server().catalogue.unit(&DUKCAPIL.parse().unwrap()).unwrap().unwrap();
    let rapor = rapor_of(&unit.government, &unit.province);
    let units = rapors_of_units(&unit.government, &unit.province);
    let page = String::from_utf8(coordinator.get("/api/v1/report?release=1&lang=id").body).unwrap();
    for (name, begins) in [
        ("loket-1-id.xlsx", "PK"),
        ("loket-1-en.xlsx", "PK"),
        ("codebook.xml", "<?xml"),
        ("tables.zip", "PK"),
        (rapor.as_str(), "%PDF"),
        (units.as_str(), "PK"),
    ] {
        let address = format!("/api/v1/releases/1/exports/{name}");
        assert!(page.contains(&address), "the page offers {name}");
        let [once, twice] = [0; 2].map(|_| coordinator.get(&address));
        assert_eq!(once.status, 200, "{name}: {}", String::from_utf8_lossy(&once.body));
        assert!(once.body.starts_with(begins.as_bytes()), "{name}");
        assert!(once.body == twice.body, "{name} is the same each time");
    }
    assert_eq!(coordinator.get("/api/v1/releases/1/exports/other.csv").status, 404);
    let elsewhere = field.coordinator(Some("kaltim"));
    assert_eq!(elsewhere.get("/api/v1/releases/1/exports/tables.zip").status, 403);
    let theirs = String::from_utf8(elsewhere.get("/api/v1/report?release=1&lang=id").body).unwrap();
    assert!(!theirs.contains("/exports/"));
}
