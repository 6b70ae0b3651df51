//! Changes to bytes as a hostile sender would make them.

use phone::random::Random;

/// Longest input, in bytes.
pub const LONGEST: usize = 8 * 1024;
/// Bytes at the edges of numbers.
const EDGES: [u8; 12] = [0, 1, 0x7f, 0x80, 0xff, 0x17, 0x18, 0x1b, 0x3b, 0x5b, 0x9b, 0x9f];

/// A mutant of `input`, with pieces of `other` now and then.
pub fn mutated(input: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.place(4) {
        once(&mut bytes, other, random);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn once(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.place(bytes.len());
    let length = 1 + random.place(16);
    let end = (at + length).min(bytes.len());
    match random.place(9) {
        0 => set(bytes, at, |byte| byte ^ (1 << random.place(8))),
        1 => set(bytes, at, |_| random.byte()),
        2 => set(bytes, at, |_| EDGES.get(random.place(EDGES.len())).copied().unwrap_or(0)),
        3 => set(bytes, at, |byte| byte.wrapping_add(1)),
        4 => drop(bytes.drain(at..end)),
        5 => {
            let copied = bytes.get(at..end).unwrap_or_default().to_vec();
            drop(bytes.splice(at..at, copied));
        }
        6 => {
            let from = random.place(other.len());
            let piece = other.get(from..(from + length).min(other.len())).unwrap_or_default().to_vec();
            drop(bytes.splice(at..end, piece));
        }
        7 => {
            let huge = [0x80 | random.byte(), 0xff, 0xff, 0xff, 0xff, 0x7f];
            drop(bytes.splice(at..end, huge));
        }
        _ => bytes.truncate(at),
    }
}

fn set(bytes: &mut [u8], at: usize, to: impl FnOnce(u8) -> u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = to(*byte);
    }
}
