//! Push and pull as bytes: what is written is read, and what a stranger sends is bounded before it is believed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use common::{interview, visit};
use proptest::prelude::*;
use replica::attestation::DeviceKey;
use replica::sync::{OutboxItem, batch};
use replica::wire::{
    Have, MAX_BATCH_BYTES, MAX_BATCH_CHANGES, Outcome, PullEntry, PullQuery, PullReply, PushItem, PushReply,
    PushRequest, RefusalCode, WireError,
};
use replica::{ChangeHash, Digest, Epoch};

fn request() -> PushRequest {
    let key = DeviceKey::from_seed(&[1; 32]);
    let item = |n: u8, genesis| OutboxItem { genesis, hash: ChangeHash::new([n; 32]), bytes: vec![n; 100] };
    let items = [item(1, visit()), item(2, interview(1)), item(3, visit())];
    batch(&items, &key, Epoch::new([4; 16]), 1_760_000_000)
}

fn reply() -> PullReply {
    let entry = |seq, bytes| PullEntry { seq, genesis: 0, hash: ChangeHash::new([7; 32]), bytes };
    PullReply {
        epoch: Epoch::new([1; 16]),
        upto: 9,
        more: true,
        count: 7,
        digest: Digest::new([2; 16]),
        geneses: vec![interview(3)],
        entries: vec![entry(8, Some(vec![1; 30])), entry(9, None)],
    }
}

#[test]
fn messages_read_what_they_write() {
    assert_eq!(PushRequest::from_cbor(&request().to_cbor()), Ok(request()));
    assert_eq!(PullReply::from_cbor(&reply().to_cbor()), Ok(reply()));
    let mut outcomes = vec![Outcome::Stored(1), Outcome::Known(u64::MAX)];
    outcomes.extend(RefusalCode::ALL.iter().map(|code| Outcome::Refused(*code)));
    let answer = PushReply { epoch: Epoch::new([9; 16]), outcomes };
    assert_eq!(PushReply::from_cbor(&answer.to_cbor()), Ok(answer));
}

#[test]
fn a_batch_names_each_record_once_and_is_signed_over_its_hashes_in_order() {
    let request = request();
    assert_eq!(request.geneses, [visit(), interview(1)]);
    assert_eq!(request.items.iter().map(|item| item.genesis).collect::<Vec<_>>(), [0, 1, 0]);
    let hashes: Vec<_> = (1..=3).map(|n| ChangeHash::new([n; 32])).collect();
    let key = DeviceKey::from_seed(&[1; 32]).public();
    assert_eq!(request.attestation.verify(&key, &hashes), Ok(()));
}

#[test]
fn the_wire_is_laid_out_as_the_architecture_says() {
    let bytes = request().to_cbor();
    assert_eq!(bytes[..3], [0x83, 0x84, 0x50], "[attestation of four, beginning with 16 bytes of device");
    let answer =
        PushReply { epoch: Epoch::new([0; 16]), outcomes: vec![Outcome::Refused(RefusalCode::TooLarge)] };
    let tail = &answer.to_cbor()[18..];
    assert_eq!(tail, [&[0x81, 0x82, 0x02, 0x69][..], b"too-large"].concat());
}

#[test]
fn a_code_of_a_later_version_is_read_and_kept_apart() {
    assert_eq!(RefusalCode::from_text("of-tomorrow"), RefusalCode::Unrecognised);
    for code in RefusalCode::ALL {
        assert_eq!(RefusalCode::from_text(code.as_str()), *code);
    }
}

#[test]
fn what_is_too_long_or_points_nowhere_is_refused() {
    let long = vec![0; MAX_BATCH_BYTES + 1];
    assert!(matches!(PushRequest::from_cbor(&long), Err(WireError::TooLong { .. })));
    let mut extra = request().to_cbor();
    extra.push(0);
    assert_eq!(PushRequest::from_cbor(&extra), Err(WireError::Trailing { extra: 1 }));
    let mut nowhere = request();
    nowhere.items[1].genesis = 2;
    let refused = PushRequest::from_cbor(&nowhere.to_cbor());
    assert_eq!(refused, Err(WireError::NoSuchGenesis { change: 1, genesis: 2 }));
    let mut many = request();
    many.items = vec![PushItem { genesis: 0, bytes: vec![] }; MAX_BATCH_CHANGES + 1];
    assert!(matches!(PushRequest::from_cbor(&many.to_cbor()), Err(WireError::Malformed { .. })));
    // Lists that claim to be endless, or longer than memory.
    for list in [&[0x9f][..], &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]] {
        let cut = request().attestation;
        let bytes = [&[0x83][..], &minicbor::to_vec(cut).unwrap(), list].concat();
        assert!(matches!(PushRequest::from_cbor(&bytes), Err(WireError::Malformed { .. })));
    }
}

#[test]
fn a_query_needs_no_escaping_and_says_what_it_means() {
    let query = PullQuery {
        stream: visit().stream(),
        after: 7,
        have: Some(Have { epoch: Epoch::new([0xab; 16]), count: 300, digest: Digest::EMPTY }),
        limit: Some(10),
    };
    let text = query.to_query();
    assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"=&/-_".contains(&b)), "{text}");
    assert_eq!(
        text,
        format!(
            "stream=bangka-belitung/2025&after=7&have={}&limit=10",
            // 16 bytes of 0xab, 16 of 0, and 300 in two.
            "q6urq6urq6urq6urq6urqwAAAAAAAAAAAAAAAAAAAAABLA"
        )
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn no_bytes_make_reading_panic(
        garbage in prop::collection::vec(any::<u8>(), 0..200),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
    ) {
        let mut bytes = vec![request().to_cbor(), reply().to_cbor(), garbage];
        for bytes in &mut bytes {
            for (at, value) in &edits {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = *value;
                }
            }
            let _ = PushReply::from_cbor(bytes);
            if let Ok(reply) = PullReply::from_cbor(bytes) {
                prop_assert!(reply.entries.iter().all(|entry| (entry.genesis as usize) < reply.geneses.len()));
            }
            if let Ok(request) = PushRequest::from_cbor(bytes) {
                prop_assert!(request.items.iter().all(|item| (item.genesis as usize) < request.geneses.len()));
            }
        }
    }
}

proptest! {
    #[test]
    fn what_a_device_has_comes_back_from_its_text(epoch: [u8; 16], digest: [u8; 16], count: u64) {
        let have = Have { epoch: Epoch::new(epoch), count, digest: Digest::new(digest) };
        prop_assert_eq!(have.to_string().parse(), Ok(have));
    }

    #[test]
    fn a_text_that_is_taken_is_written_so_again(text in "[A-Za-z0-9_-]{40,60}") {
        if let Ok(have) = text.parse::<Have>() {
            prop_assert_eq!(have.to_string(), text);
        }
    }
}
