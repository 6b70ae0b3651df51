//! A backup is read as it was written, whole or not at all, and no file makes the reader fall.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use common::{answer, interview, visit};
use proptest::prelude::*;
use replica::attestation::{AttestationError, DeviceKey};
use replica::backup::{Backup, BackupError, BatchFault, Photo, Signed, Typed, Writer};
use replica::sync::{OutboxItem, batch};
use replica::wire::PushRequest;
use replica::{Actor, Epoch, Genesis, Record, TabId};

const PICTURE: [u8; 700] = [7; 700];

fn key() -> DeviceKey {
    DeviceKey::from_seed(&[1; 32])
}

/// Two changes of one record, signed by their writer.
fn request(key: &DeviceKey, writer: &DeviceKey) -> PushRequest {
    let genesis = visit();
    let mut record = Record::start(&genesis).unwrap();
    let actor = Actor::of(writer.device(), TabId::new([3; 8]));
    let items: Vec<_> = ["satu", "dua"]
        .into_iter()
        .map(|value| {
            let made = record.commit(&[answer("a/b", value)], &actor, 1_760_000_000).unwrap().unwrap();
            OutboxItem { genesis: genesis.clone(), hash: made.hash, bytes: made.bytes }
        })
        .collect();
    batch(&items, key, Epoch::new([4; 16]), 1_760_000_000)
}

fn typed(genesis: Genesis, entry: &str) -> Typed {
    Typed { genesis, tab: TabId::new([2; 8]), at: 1_760_000_000_123, entry: entry.to_owned() }
}

fn photo() -> Photo<'static> {
    let (path, mime) = ("sarana/foto".to_owned(), "image/jpeg".to_owned());
    Photo { genesis: visit(), path, mime, bytes: &PICTURE }
}

fn file() -> Vec<u8> {
    let (mut writer, mut file) = Writer::begin(1_760_000_000, &[(key().public(), request(&key(), &key()))]);
    file.extend(writer.photo(&photo()));
    file.extend(writer.photo(&photo()));
    file.extend(writer.end(&[typed(visit(), "{}"), typed(interview(4), r#"{"edits":[]}"#)]));
    file
}

#[test]
fn what_was_written_is_read() {
    let file = file();
    let read = Backup::parse(&file).unwrap();
    assert_eq!(read.made_at, 1_760_000_000);
    assert_eq!(read.batches, [Signed { key: key().public(), request: request(&key(), &key()) }]);
    assert_eq!(read.photos, [photo(), photo()]);
    assert_eq!(read.typed, [typed(visit(), "{}"), typed(interview(4), r#"{"edits":[]}"#)]);
    assert_eq!(read.to_string(), "2 changes, 2 photos, 2 unfinished entries");
    assert_eq!(read.batches[0].check().unwrap().len(), 2);
}

#[test]
fn an_empty_backup_is_one_too() {
    let (writer, mut file) = Writer::begin(0, &[]);
    file.extend(writer.end(&[]));
    assert_eq!(Backup::parse(&file).unwrap().changes(), 0);
}

#[test]
fn every_truncation_is_refused_as_such() {
    let file = file();
    for length in 0..file.len() {
        assert_eq!(Backup::parse(&file[..length]), Err(BackupError::Truncated), "cut at {length}");
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let file = file();
    for place in 0..file.len() {
        for bit in 0..8 {
            let mut spoiled = file.clone();
            spoiled[place] ^= 1 << bit;
            assert!(Backup::parse(&spoiled).is_err(), "bit {bit} of byte {place}");
        }
    }
    let mut longer = file.clone();
    longer.push(0);
    assert_eq!(Backup::parse(&longer), Err(BackupError::Damaged));
    let mut damaged = file;
    damaged[1_500] ^= 1;
    assert_eq!(Backup::parse(&damaged), Err(BackupError::Damaged));
}

#[test]
fn another_file_and_a_later_version_are_told_apart() {
    assert_eq!(Backup::parse(b"PK\x03\x04 a workbook, say"), Err(BackupError::NotABackup));
    let mut later = file();
    later[15] = b'2';
    assert_eq!(Backup::parse(&later), Err(BackupError::Later));
}

#[test]
fn a_batch_counts_only_under_its_writers_own_signature() {
    let (mine, other) = (key(), DeviceKey::from_seed(&[2; 32]));
    let honest = request(&mine, &mine);
    let claimed = Signed { key: other.public(), request: honest.clone() };
    assert_eq!(claimed.check(), Err(BatchFault::Signature(AttestationError::Device)));

    let foreign = Signed { key: other.public(), request: request(&other, &mine) };
    assert_eq!(foreign.check(), Err(BatchFault::Actor { place: 0 }));

    let mut turned = Signed { key: mine.public(), request: honest.clone() };
    turned.request.items.swap(0, 1);
    assert_eq!(turned.check(), Err(BatchFault::Signature(AttestationError::Signature)));

    let mut spoiled = Signed { key: mine.public(), request: honest };
    spoiled.request.items[1].bytes.truncate(20);
    assert!(matches!(spoiled.check(), Err(BatchFault::Change { place: 1, .. })));
}

/// The file as somebody would write it who knows the sum.
fn with_a_right_sum(mut content: Vec<u8>) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    let sum = Sha256::digest(&content);
    content.extend([0x58, 32]);
    content.extend(sum);
    content
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_fall(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let head = &file()[..16];
        let _ = Backup::parse(&bytes);
        let _ = Backup::parse(&[head, &bytes].concat());
        let _ = Backup::parse(&with_a_right_sum([head, &bytes].concat()));
    }

    #[test]
    fn no_change_under_a_right_sum_makes_it_fall(
        place in 16usize..2_000, byte in any::<u8>(), cut in 0usize..200,
    ) {
        let mut content = file();
        content.truncate(content.len() - 34);
        let place = place % content.len();
        content[place] = byte;
        content.truncate(content.len() - cut.min(content.len() - 16));
        if let Ok(read) = Backup::parse(&with_a_right_sum(content)) {
            for batch in &read.batches {
                let _ = batch.check();
            }
        }
    }
}
