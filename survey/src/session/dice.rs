//! Chance as the caller hands it in: the same beginning gives the same numbers.

use std::cell::Cell;

/// A permuted congruential generator (M. O'Neill, "PCG: A family of simple fast space-efficient
/// statistically good algorithms for random number generation", variant XSL RR 128/64).
#[derive(Debug)]
pub(crate) struct Dice(Cell<u128>);

impl Dice {
    pub(crate) fn of(chance: u128) -> Self {
        Self(Cell::new(chance))
    }

    /// Goes on from another beginning.
    pub(crate) fn shake(&self, chance: u128) {
        self.0.set(chance);
    }

    pub(crate) fn throw(&self) -> u64 {
        let state = self
            .0
            .get()
            .wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645)
            .wrapping_add(0x5851_F42D_4C95_7F2D_1405_7B7E_F767_814F);
        self.0.set(state);
        let [high, low] =
            [state >> 64, state & u128::from(u64::MAX)].map(|half| u64::try_from(half).unwrap_or(0));
        (high ^ low).rotate_right(u32::try_from(high >> 58).unwrap_or(0))
    }
}
