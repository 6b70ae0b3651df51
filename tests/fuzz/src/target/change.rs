//! One foreign change.

use replica::{Actor, ChangeHash, DeviceId, Edit, Envelope, Limits, Record, TabId};
use sha2::{Digest as _, Sha256};

use super::{Target, kind_of, size_of, visit};

pub const TARGET: Target = Target { name: "change", start: || Box::new(run), seeds, mend: resealed };

fn run(bytes: &[u8]) -> Result<String, String> {
    match Envelope::parse(bytes, &Limits::STANDARD) {
        Ok(envelope) => {
            let own = ChangeHash::new(Sha256::digest(bytes.get(8..).unwrap_or_default()).into());
            if own != envelope.hash {
                return Err("its hash is not that of its bytes".to_owned());
            }
            if envelope.ops > Limits::STANDARD.ops || envelope.max_op > Limits::STANDARD.max_op {
                return Err("it passed above the limits".to_owned());
            }
            let ops = usize::try_from(envelope.ops).unwrap_or(usize::MAX);
            Ok(format!("ok {} {} {}", size_of(ops), size_of(envelope.deps.len()), envelope.seq.min(9)))
        }
        Err(error) => Ok(kind_of(&error)),
    }
}

/// Changes as phones write them.
pub fn seeds() -> Vec<Vec<u8>> {
    let actor = Actor::of(DeviceId::new([3; 16]), TabId::new([4; 8]));
    let Some(Ok(mut record)) = visit().map(|visit| Record::start(&visit)) else { return Vec::new() };
    let answer =
        |path: &str, value: &str| Some(Edit::Answer { path: path.parse().ok()?, value: value.parse().ok()? });
    let many = (0..30).filter_map(|n| answer(&format!("grup/pertanyaan_{n}"), "jawaban")).collect();
    let batches: [Vec<Edit>; 3] =
        [answer("nama", "Budi").into_iter().collect(), many, vec![Edit::Close { at: 1_790_000_000 }]];
    batches
        .iter()
        .filter_map(|edits| record.commit(edits, &actor, 1_790_000_000).ok().flatten())
        .map(|made| made.bytes)
        .collect()
}

/// The bytes with length and checksum put right, so that what is wrong within is reached.
fn resealed(bytes: Vec<u8>) -> Vec<u8> {
    let Some((head, rest)) = bytes.split_at_checked(9) else { return bytes };
    let skip = rest.iter().position(|byte| byte & 0x80 == 0).map_or(0, |place| place + 1);
    let (Some(kind), Some(body)) = (head.last().copied(), rest.get(skip..)) else { return bytes };
    let (mut length, mut left) = (Vec::new(), body.len());
    while left >= 0x80 {
        length.push(u8::try_from(left & 0x7f).unwrap_or(0) | 0x80);
        left >>= 7;
    }
    length.push(u8::try_from(left).unwrap_or(0));
    let hash = Sha256::new().chain_update([kind]).chain_update(&length).chain_update(body).finalize();
    let sum = hash.first_chunk::<4>().copied().unwrap_or_default();
    [&[0x85, 0x6f, 0x4a, 0x83], &sum[..], &[kind], &length, body].concat()
}
