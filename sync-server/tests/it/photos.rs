//! Photos over the wire: in parts, once, to those who may see them.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use replica::api::Role;
use replica::{ContentHash, Record, RecordId};
use sha2::{Digest as _, Sha256};
use sync_server::backup;
use sync_server::http::Times;
use sync_server::photos::{Held, MAX_PHOTO, PhotoPlace, Photos};

use super::client::{Answer, Device, read};
use super::server::{BONTANG, DUKCAPIL, TestServer, visit};

fn jpeg(length: usize) -> (Vec<u8>, ContentHash) {
    let mut bytes = vec![0xff, 0xd8, 0xff];
    bytes.resize(length, 3);
    let hash = ContentHash::new(Sha256::digest(&bytes).into());
    (bytes, hash)
}

fn patch(
    device: &Device,
    hash: &ContentHash,
    record: RecordId,
    length: usize,
    at: usize,
    part: &[u8],
) -> Answer {
    let url = format!("{}/api/v1/photos/{hash}?record={record}&length={length}", device.base);
    let request = device
        .agent
        .patch(url)
        .header("authorization", device.bearer())
        .header("upload-offset", at.to_string());
    read(request.send(part).unwrap())
}

fn held(device: &Device, hash: &ContentHash) -> String {
    let url = format!("{}/api/v1/photos/{hash}", device.base);
    let answer = device.agent.head(url).header("authorization", device.bearer()).call().unwrap();
    answer.headers()["upload-offset"].to_str().unwrap().to_owned()
}

fn started(device: &Device, unit: &str) -> RecordId {
    let mut record = Record::start(&visit(unit)).unwrap();
    device.push(&[device.write(&mut record, "a", "1")]);
    record.id()
}

#[test]
fn a_photo_comes_in_parts_goes_on_after_a_break_and_is_seen_by_its_office_alone() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let record = started(&device, DUKCAPIL);
    let (bytes, hash) = jpeg(300_000);
    let (first, rest) = bytes.split_at(200_000);
    assert_eq!(held(&device, &hash), "0");
    assert_eq!(patch(&device, &hash, record, bytes.len(), 0, first).status, 204);
    assert_eq!(held(&device, &hash), "200000");
    let wrong = patch(&device, &hash, record, bytes.len(), 0, first);
    assert_eq!((wrong.status, wrong.header("upload-offset")), (409, "200000"));
    wrong.problem();
    assert_eq!(device.get(&format!("/api/v1/photos/{hash}")).problem(), "not-found");
    assert_eq!(patch(&device, &hash, record, bytes.len(), 200_000, rest).status, 204);
    assert_eq!(held(&device, &hash), "300000");

    let inside = Device::enrol_for(&server, Role::Coordinator, Some("babel"), None);
    let seen = inside.get(&format!("/api/v1/photos/{hash}"));
    assert_eq!((seen.body, seen.headers["content-type"].to_str().unwrap()), (bytes, "image/jpeg"));
    let outside = Device::enrol_for(&server, Role::Coordinator, Some("kaltim"), None);
    assert_eq!(outside.get(&format!("/api/v1/photos/{hash}")).problem(), "not-found");
}

#[test]
fn a_photo_of_no_record_of_another_hash_or_too_large_is_refused() {
    let server = TestServer::start();
    let device = Device::enrol_for(&server, Role::Surveyor, Some("babel"), None);
    let record = started(&device, DUKCAPIL);
    let (bytes, hash) = jpeg(1_000);
    assert_eq!(patch(&device, &hash, RecordId::new([1; 16]), 1_000, 0, &bytes).problem(), "unknown-record");
    let foreign = started(&Device::enrol(&server, Role::Surveyor), BONTANG);
    assert_eq!(patch(&device, &hash, foreign, 1_000, 0, &bytes).problem(), "unknown-record");
    let other = ContentHash::new([7; 32]);
    assert_eq!(patch(&device, &other, record, 1_000, 0, &bytes).problem(), "hash");
    assert_eq!(held(&device, &other), "0");
    assert_eq!(patch(&device, &hash, record, usize::try_from(MAX_PHOTO).unwrap() + 1, 0, &bytes).status, 413);
    assert_eq!(patch(&device, &hash, record, 600_000, 0, &vec![0; 300_000]).status, 413);
    assert_eq!(patch(&device, &hash, record, 999, 0, &bytes).problem(), "past-end");
    assert_eq!(held(&device, &hash), "0");
}

/// Sends the head of a part of `announced` bytes, and only these.
fn begin_part(
    server: &TestServer,
    device: &Device,
    (hash, record): (&ContentHash, RecordId),
    announced: usize,
    bytes: &[u8],
) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = format!(
        "PATCH /api/v1/photos/{hash}?record={record}&length={announced} HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\n\
         upload-offset: 0\r\ncontent-length: {announced}\r\n\r\n",
        device.bearer()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

fn eventually_held(device: &Device, hash: &ContentHash, bytes: &str) {
    let end = Instant::now() + Duration::from_secs(20);
    while held(device, hash) != bytes {
        assert!(Instant::now() < end, "{} are held, not {bytes}", held(device, hash));
    }
}

#[test]
fn a_part_whose_line_is_cut_counts_for_what_arrived() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let record = started(&device, DUKCAPIL);
    let (bytes, hash) = jpeg(200_000);
    let stream = begin_part(&server, &device, (&hash, record), bytes.len(), &bytes[..70_000]);
    stream.shutdown(Shutdown::Both).unwrap();
    drop(stream);
    eventually_held(&device, &hash, "70000");
    let wrong = patch(&device, &hash, record, bytes.len(), 0, &bytes);
    assert_eq!((wrong.status, wrong.header("upload-offset")), (409, "70000"));
    assert_eq!(patch(&device, &hash, record, bytes.len(), 70_000, &bytes[70_000..]).status, 204);
    assert_eq!(device.get(&format!("/api/v1/photos/{hash}")).body, bytes);
}

#[test]
fn a_part_that_comes_too_slowly_counts_for_what_arrived() {
    let times = Times { request: Duration::from_millis(900), pause: Duration::from_millis(500) };
    let server = TestServer::timed(times);
    let device = Device::enrol(&server, Role::Surveyor);
    let record = started(&device, DUKCAPIL);
    let (bytes, hash) = jpeg(200_000);
    let mut stream = begin_part(&server, &device, (&hash, record), bytes.len(), &bytes[..50_000]);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 4"));
    eventually_held(&device, &hash, "50000");
}

#[test]
fn a_part_of_no_record_or_one_too_large_leaves_nothing() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let record = started(&device, DUKCAPIL);
    let (bytes, hash) = jpeg(1_000);
    for nowhere in [RecordId::new([1; 16]), record] {
        let length = if nowhere == record { 300_000 } else { bytes.len() };
        let sent = if nowhere == record { vec![0; 300_000] } else { bytes[..500].to_vec() };
        // The server may answer, and close, before all of it is written.
        let mut stream =
            begin_part(&server, &device, (&hash, nowhere), length, &sent[..sent.len().min(60_000)]);
        let _ = stream.write_all(&sent[sent.len().min(60_000)..]);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert_eq!(held(&device, &hash), "0");
    }
}

#[test]
fn what_is_no_name_offset_or_length_is_refused_and_the_server_serves_on() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let record = started(&device, DUKCAPIL);
    let (bytes, hash) = jpeg(1_000);
    for name in ["..%2f..%2flog.sqlite", "%00", "incoming", &hash.to_string()[..62], &format!("{hash}00")] {
        let url = format!("{}/api/v1/photos/{name}?record={record}&length=1000", device.base);
        let request = device.agent.patch(url).header("authorization", device.bearer());
        let answer = read(request.header("upload-offset", "0").send(&bytes).unwrap());
        assert!((400..500).contains(&answer.status), "{name}: {}", answer.status);
    }
    for (length, at) in [
        ("1000", "-1"),
        ("1000", "18446744073709551616"),
        ("1000", "18446744073709551615"),
        ("1000", "0x0"),
        ("1000", ""),
        ("-1", "0"),
        ("0", "0"),
        ("18446744073709551615", "0"),
        ("1e3", "0"),
    ] {
        let url = format!("{}/api/v1/photos/{hash}?record={record}&length={length}", device.base);
        let request = device.agent.patch(url).header("authorization", device.bearer());
        let answer = read(request.header("upload-offset", at).send(&bytes).unwrap());
        assert!((400..500).contains(&answer.status), "{length} {at}: {}", answer.status);
        assert_eq!(held(&device, &hash), "0", "{length} {at}");
    }
    assert_eq!(patch(&device, &hash, record, 1_000, 0, &bytes).status, 204);
    // A length that is not the photo's makes no second one, and an offset past the end of a whole one no harm.
    assert_eq!(patch(&device, &hash, record, 5_000, 4_000, &bytes).header("upload-offset"), "1000");
}

#[test]
fn a_backup_holds_whole_photos_wherever_they_are_kept_and_no_parts() {
    let server = TestServer::start();
    let device = Device::enrol(&server, Role::Surveyor);
    let record = started(&device, DUKCAPIL);
    let (bytes, hash) = jpeg(1_000);
    let (part, other) = jpeg(2_000);
    assert_eq!(patch(&device, &hash, record, 1_000, 0, &bytes).status, 204);
    assert_eq!(patch(&device, &other, record, 2_000, 0, &part[..500]).status, 204);
    let kept = tempfile::tempdir().unwrap();
    let place = |name: &str| PhotoPlace::Folder(kept.path().join(name));
    let whole = |folder: &str, photos: Option<&PhotoPlace>| {
        let data = sync_server::data::DataFolder::open(&kept.path().join(folder)).unwrap();
        let photos = Photos::open(&data, photos).unwrap();
        assert_eq!(photos.held(device.key.device(), &other).unwrap(), Held::Part(0));
        photos.read(&hash).unwrap().map(|(bytes, _)| bytes.to_vec())
    };
    let copied = backup::back_up(&server.folder, &kept.path().join("copy")).unwrap();
    assert_eq!(copied.photos, 1);
    // Put back for a server that keeps its photos elsewhere, and copied again from there.
    let data = kept.path().join("data");
    let put_back = backup::restore_into(&kept.path().join("copy"), &data, Some(&place("elsewhere"))).unwrap();
    assert_eq!(put_back.photos, 1);
    assert_eq!(whole("data", Some(&place("elsewhere"))).as_ref(), Some(&bytes));
    assert_eq!(whole("data", None), None);
    let again = backup::back_up_from(&data, Some(&place("elsewhere")), &kept.path().join("again")).unwrap();
    assert_eq!(again.photos, 1);
    assert_eq!(whole("again", None), Some(bytes));
    assert!(again.lacks.is_empty());
    let forgotten = backup::back_up(&data, &kept.path().join("forgotten")).unwrap();
    assert_eq!((forgotten.photos, forgotten.lacks), (0, vec![hash]), "told where nobody said where they are");
}
