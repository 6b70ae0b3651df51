//! Bytes from strangers: never a panic, never a cost that the bytes do not bound, never a change that is not sound.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use common::{actor, answer, row, visit};
use proptest::prelude::*;
use proptest::sample::Index;
use replica::envelope::Excess;
use replica::{Envelope, EnvelopeError, Limits, Record};
use sha2::{Digest, Sha256};

/// The end of the year 9999: what a clock that shows more is cut down to.
const LATEST: i64 = 253_402_300_799;

fn samples() -> Vec<Vec<u8>> {
    let mut record = Record::start(&visit()).unwrap();
    let mut other = record.clone();
    let mut made = Vec::new();
    let edits = [row("s[1]"), answer("s[1]/a", "x"), answer("nama", "Budi"), answer("kosong", "")];
    made.push(record.commit(&edits, &actor(1), 10).unwrap().unwrap().bytes);
    made.push(other.commit(&edits[2..], &actor(2), -7).unwrap().unwrap().bytes);
    record.apply(&made[1]).unwrap();
    made.push(record.commit(&[answer("nama", "Ani")], &actor(3), i64::MAX).unwrap().unwrap().bytes);
    made
}

/// The bytes with length and checksum put right, so that what is wrong within is reached.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let head = if bytes.get(9).is_some_and(|b| b & 0x80 != 0) { 11 } else { 10 };
    if bytes.len() <= head {
        return bytes;
    }
    let body = bytes.split_off(head);
    let kind = bytes[8];
    let mut length = Vec::new();
    let mut rest = body.len();
    while rest >= 0x80 {
        length.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    length.push(u8::try_from(rest).unwrap());
    let hash = Sha256::new().chain_update([kind]).chain_update(&length).chain_update(&body).finalize();
    [&bytes[..4], &hash[..4], &[kind], &length, &body].concat()
}

fn leb(mut n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while n >= 0x80 {
        out.push(u8::try_from(n & 0x7f).unwrap() | 0x80);
        n >>= 7;
    }
    out.push(u8::try_from(n).unwrap());
    out
}

/// A signed number that is not negative.
fn sleb(n: u64) -> Vec<u8> {
    let mut out = leb(n);
    if out.last().unwrap() & 0x40 != 0 {
        *out.last_mut().unwrap() |= 0x80;
        out.push(0);
    }
    out
}

/// A change with these columns, sealed.
fn crafted(start_op: u64, columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
    crafted_at(&[0], start_op, columns)
}

fn crafted_at(time: &[u8], start_op: u64, columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut body = vec![0, 24];
    body.extend([7; 24]);
    body.extend([1]);
    body.extend(leb(start_op));
    body.extend(time);
    body.extend([0, 0]); // no message, no other actors
    body.push(u8::try_from(columns.len()).unwrap());
    for (spec, data) in columns {
        body.extend(leb(*spec));
        body.extend(leb(data.len() as u64));
    }
    for (_, data) in columns {
        body.extend(data);
    }
    let head = [0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0];
    resealed([&head[..], &body].concat())
}

/// So many puts of null under the key "k", each with so many predecessors: all of it in run lengths.
fn flood(ops: u64, preds: u64) -> Vec<u8> {
    let run = |value: &[u8]| [sleb(ops), value.to_vec()].concat();
    let key = run(&[1, b'k']);
    let insert = leb(ops);
    let mut columns =
        vec![(0x15, key), (0x34, insert), (0x42, run(&[1])), (0x56, run(&[0])), (0x70, run(&leb(preds)))];
    if preds > 0 {
        columns.push((0x71, [sleb(ops * preds), vec![0]].concat()));
        columns.push((0x73, [sleb(ops * preds), vec![0]].concat()));
    }
    crafted(1, &columns)
}

#[test]
fn an_honest_change_is_read_as_it_was_written() {
    let samples = samples();
    let envelope = Envelope::parse(&samples[2], &Limits::STANDARD).unwrap();
    let first = Envelope::parse(&samples[0], &Limits::STANDARD).unwrap();
    let second = Envelope::parse(&samples[1], &Limits::STANDARD).unwrap();
    assert_eq!(first.actor, actor(1));
    assert_eq!((first.seq, first.start_op, first.max_op, first.ops, first.time), (1, 2, 5, 4, 10));
    assert_eq!(first.deps, [visit().root().hash]);
    assert_eq!(second.time, -7);
    let mut deps = vec![first.hash, second.hash];
    deps.sort();
    assert_eq!((envelope.deps, envelope.start_op, envelope.time), (deps, 6, LATEST));
}

#[test]
fn a_flood_of_operations_in_few_bytes_is_refused_before_it_costs_anything() {
    let honest = flood(2_000, 0);
    assert_eq!(Envelope::parse(&honest, &Limits::STANDARD).unwrap().ops, 2_000);
    for ops in [2_001, 2_000_000, u64::from(u32::MAX), i64::MAX as u64] {
        let bytes = flood(ops, 0);
        assert!(bytes.len() < 200);
        let refused = Envelope::parse(&bytes, &Limits::STANDARD);
        assert_eq!(refused, Err(EnvelopeError::TooMany { what: Excess::Ops, limit: 2_000 }));
    }
}

#[test]
fn a_flood_of_predecessors_in_few_bytes_is_refused_before_it_costs_anything() {
    assert!(Envelope::parse(&flood(1, 3), &Limits::STANDARD).is_ok());
    for (ops, preds) in [(1, 8_001), (1, 1_000_000_000), (2_000, 5), (2_000, 1_000_000_000)] {
        let refused = Envelope::parse(&flood(ops, preds), &Limits::STANDARD);
        assert_eq!(refused, Err(EnvelopeError::TooMany { what: Excess::Preds, limit: 8_000 }));
    }
}

#[test]
fn numbers_far_ahead_are_refused() {
    let columns: Vec<(u64, Vec<u8>)> = vec![
        (0x15, vec![1, 1, b'k']),
        (0x34, vec![1]),
        (0x42, vec![1, 1]),
        (0x56, vec![1, 0]),
        (0x70, vec![1, 0]),
    ];
    assert!(Envelope::parse(&crafted(100, &columns), &Limits::STANDARD).is_ok());
    for start in [100_000_000, u64::from(u32::MAX), u64::MAX] {
        let refused = Envelope::parse(&crafted(start, &columns), &Limits::STANDARD);
        assert!(matches!(refused, Err(EnvelopeError::TooMany { what: Excess::MaxOp, .. })), "{refused:?}");
    }
    assert!(Envelope::parse(&crafted(0, &columns), &Limits::STANDARD).is_err());
    for time in [[0xff; 9], [0x80; 9]] {
        let last = if time[0] == 0xff { 0 } else { 0x7f };
        let refused =
            Envelope::parse(&crafted_at(&[&time[..], &[last]].concat(), 1, &columns), &Limits::STANDARD);
        assert_eq!(refused, Err(EnvelopeError::Time));
    }
}

#[test]
fn anything_but_one_plain_change_is_refused() {
    let plain = &samples()[0];
    for kind in [0, 2, 3, 9] {
        let mut other = plain.clone();
        other[8] = kind;
        assert_eq!(Envelope::parse(&resealed(other), &Limits::STANDARD), Err(EnvelopeError::ChunkType(kind)));
    }
    let mut wrong_sum = plain.clone();
    wrong_sum[4] ^= 1;
    assert_eq!(Envelope::parse(&wrong_sum, &Limits::STANDARD), Err(EnvelopeError::Checksum));
    let twice = [plain.as_slice(), plain].concat();
    assert!(Envelope::parse(&twice, &Limits::STANDARD).is_err());
    assert!(Envelope::parse(&plain[..plain.len() - 1], &Limits::STANDARD).is_err());
    assert!(Envelope::parse(&[], &Limits::STANDARD).is_err());
    assert_eq!(Envelope::parse(&visit().root().bytes, &Limits::STANDARD), Err(EnvelopeError::Actor));
    let large = vec![0; Limits::STANDARD.bytes + 1];
    assert!(matches!(
        Envelope::parse(&large, &Limits::STANDARD),
        Err(EnvelopeError::TooMany { what: Excess::Bytes, .. })
    ));
}

#[test]
fn a_change_that_automerge_would_compress_is_stored_plain() {
    let mut record = Record::start(&visit()).unwrap();
    let made = record.commit(&[answer("teks", &"a".repeat(30_000))], &actor(1), 1).unwrap().unwrap();
    assert!(made.bytes.len() > 30_000);
    assert!(Envelope::parse(&made.bytes, &Limits::STANDARD).is_ok());
    let changes = record.changes();
    assert_eq!(changes[0].bytes, made.bytes);
    let compressed = automerge::Change::try_from(&made.bytes[..]).unwrap().bytes().into_owned();
    assert_eq!(Envelope::parse(&compressed, &Limits::STANDARD), Err(EnvelopeError::ChunkType(2)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), seal in any::<bool>()) {
        let head = [0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0];
        let bytes = if seal { resealed([&head[..], &bytes].concat()) } else { bytes };
        let _ = Envelope::parse(&bytes, &Limits::STANDARD);
    }

    #[test]
    fn a_change_that_was_tampered_with_never_panics_and_never_passes_for_the_old_one(
        sample in 0_usize..3,
        edits in prop::collection::vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..6),
        seal in any::<bool>(),
    ) {
        let before = samples().swap_remove(sample);
        let mut bytes = before.clone();
        for (at, value, how) in edits {
            if bytes.len() < 12 {
                break;
            }
            let at = 9 + at.index(bytes.len() - 9);
            match how {
                0 => bytes[at] = value,
                1 => bytes.insert(at, value),
                _ => drop(bytes.remove(at)),
            }
        }
        let bytes = if seal { resealed(bytes) } else { bytes };
        if let Ok(envelope) = Envelope::parse(&bytes, &Limits::STANDARD) {
            prop_assert!(envelope.ops <= Limits::STANDARD.ops);
            prop_assert!(envelope.start_op >= 1 && envelope.seq >= 1);
            let old = Envelope::parse(&before, &Limits::STANDARD).unwrap().hash;
            prop_assert_eq!(bytes == before, envelope.hash == old);
        }
    }
}
