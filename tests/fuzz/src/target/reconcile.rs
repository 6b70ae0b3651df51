//! Questions about ranges, and the answers to them.

use std::convert::Infallible;

use replica::wire::reconcile::{self, Named, Places, RangeReply, ReconcileReply, ReconcileRequest};
use replica::{ChangeHash, Digest};

use super::{Target, as_is, kind_of, size_of};

pub const TARGET: Target = Target { name: "reconcile", start: || Box::new(run), seeds, mend: as_is };

/// The last place of the stream that is asked about: every third is in use.
const LAST: u64 = 3_000;

/// A log without a disk.
struct Stream;

fn hash(place: u64) -> ChangeHash {
    let mut bytes = [0; 32];
    if let Some(head) = bytes.first_chunk_mut() {
        *head = place.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    }
    ChangeHash::new(bytes)
}

impl Places for Stream {
    type Error = Infallible;

    fn upto(&mut self, place: u64) -> Result<(u64, Digest), Infallible> {
        let mut digest = Digest::EMPTY;
        let places = (3..=place.min(LAST)).step_by(3);
        let count = places.clone().count() as u64;
        places.for_each(|place| digest.toggle(&hash(place)));
        Ok((count, digest))
    }

    fn list(&mut self, after: u64, upto: u64) -> Result<Vec<Named>, Infallible> {
        let named = |seq| Named { seq, hash: hash(seq) };
        Ok((3..=upto.min(LAST)).step_by(3).filter(|place| *place > after).map(named).collect())
    }
}

fn run(bytes: &[u8]) -> Result<String, String> {
    let reply = ReconcileReply::from_cbor(bytes).is_ok();
    let request = match ReconcileRequest::from_cbor(bytes) {
        Ok(request) => request,
        Err(error) => return Ok(format!("{reply} {}", kind_of(&error))),
    };
    let Ok(answer) = reconcile::answer(&mut Stream, &request.ranges);
    if answer.len() > request.ranges.len() {
        return Err("more answers than questions".to_owned());
    }
    if !request.ranges.is_empty() && answer.is_empty() {
        return Err("no answer to the first question".to_owned());
    }
    let kind = |reply: &RangeReply| match reply {
        RangeReply::Same => 's',
        RangeReply::Lists(_) => 'l',
        RangeReply::Parts(_) => 'p',
    };
    let kinds: String = answer.iter().take(3).map(kind).collect();
    Ok(format!("ok {} {} {kinds}", size_of(request.ranges.len()), size_of(request.wanted.len())))
}

fn seeds() -> Vec<Vec<u8>> {
    let range = |after, upto, count| reconcile::Range { after, upto, count, digest: Digest::EMPTY };
    let ask = |ranges, wanted| ReconcileRequest { ranges, wanted }.to_cbor();
    vec![
        ask(Vec::new(), Vec::new()),
        ask(vec![range(0, 30, 10)], vec![3, 6]),
        ask(vec![range(0, LAST, 7), range(LAST, u64::MAX, 0)], vec![1, LAST]),
    ]
}
