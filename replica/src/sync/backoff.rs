//! How long to wait after failures: twice as long each time, spread so that devices do not come all at once.

use super::Millis;

/// Waits, and the random numbers that spread them.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    first: Millis,
    most: Millis,
    failures: u32,
    random: u64,
}

impl Backoff {
    pub(super) fn new(first: Millis, most: Millis, seed: u64) -> Self {
        Self { first, most, failures: 0, random: seed }
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// The wait after one more failure.
    pub(super) fn fail(&mut self) -> Millis {
        let doubled = self.first.saturating_mul(1 << self.failures.min(20));
        self.failures = self.failures.saturating_add(1);
        self.spread(doubled.min(self.most))
    }

    /// Between half of it and all of it.
    pub(super) fn spread(&mut self, wait: Millis) -> Millis {
        let half = wait / 2;
        half + self.next() % (wait - half + 1)
    }

    /// `SplitMix64`, Steele, Lea and Flood 2014.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_most_and_differ_between_devices() {
        let mut one = Backoff::new(1_000, 60_000, 1);
        let mut other = Backoff::new(1_000, 60_000, 2);
        let (mut waits, mut others) = (Vec::new(), Vec::new());
        for n in 0..100 {
            let most = (1_000_u64 << n.min(20)).min(60_000);
            let wait = one.fail();
            assert!((most / 2..=most).contains(&wait), "{wait} after {n}");
            waits.push(wait);
            others.push(other.fail());
        }
        assert_ne!(waits, others);
    }
}
