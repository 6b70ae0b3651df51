//! `randomize`: an order that follows from a seed, the same as in `JavaRosa` and `ODK` Web Forms.
//!
//! Their generator is that of Park and Miller (`x * 16807 mod 2^31 - 1`), their shuffle that of Fisher and Yates, inside
//! out.

use sha2::{Digest, Sha256};

const MODULUS: i64 = 2_147_483_647;

/// The seed that a text stands for: its number without what is behind the point, or the first eight bytes of its
/// SHA-256, as in `JavaRosa`.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn seed_of(text: &str) -> i64 {
    let number = crate::expression::number_of(text);
    if number.is_finite() {
        return number as i64;
    }
    Sha256::digest(text.as_bytes()).iter().take(8).fold(0, |seed, byte| (seed << 8) | i64::from(*byte))
}

/// `items` in the order of `seed`: each is put at a place drawn among those before it and its own, and what stood
/// there goes to the end.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn shuffled<T>(items: Vec<T>, seed: i64) -> Vec<T> {
    let mut state = seed % MODULUS;
    if state <= 0 {
        state += MODULUS - 1;
    }
    let mut order: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        state = state * 16_807 % MODULUS;
        let chance = (state - 1) as f64 / (MODULUS - 1) as f64;
        let (last, place) = (order.len(), (chance * (order.len() + 1) as f64) as usize);
        order.push(item);
        order.swap(place.min(last), last);
    }
    order
}
