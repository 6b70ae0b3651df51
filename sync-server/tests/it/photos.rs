//! Photos over the wire: in parts, once, to those who may see them.

use replica::api::Role;
use replica::{ContentHash, Record, RecordId};
use sha2::{Digest as _, Sha256};
use sync_server::photos::MAX_PHOTO;

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
