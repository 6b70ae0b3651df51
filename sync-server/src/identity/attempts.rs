//! How often one address may guess a code: a bucket of failed attempts that empties with time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// Failed attempts an address has before it must wait.
const BURST: u32 = 10;
/// Seconds until one attempt comes back.
const REFILL: i64 = 6;
/// Addresses remembered at most; beyond it those with the most attempts left are forgotten.
const REMEMBERED: usize = 10_000;

/// Failed attempts by address, in memory.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<IpAddr, Failed>>);

#[derive(Debug, Clone, Copy)]
struct Failed {
    count: u32,
    since: i64,
}

impl Failed {
    fn at(self, now: i64) -> Self {
        let back = u32::try_from((now - self.since).max(0) / REFILL).unwrap_or(u32::MAX);
        let count = self.count.saturating_sub(back);
        Self { count, since: self.since + i64::from(back).saturating_mul(REFILL) }
    }
}

impl Attempts {
    /// True where `address` may try at `now` (seconds).
    pub fn allows(&self, address: IpAddr, now: i64) -> bool {
        let Ok(failed) = self.0.lock() else { return false };
        failed.get(&address).is_none_or(|failed| failed.at(now).count < BURST)
    }

    /// Remembers that `address` gave a wrong code at `now`.
    pub fn failed(&self, address: IpAddr, now: i64) {
        let Ok(mut all) = self.0.lock() else { return };
        if all.len() >= REMEMBERED {
            all.retain(|_, failed| failed.at(now).count > 1);
        }
        if all.len() >= REMEMBERED {
            all.clear();
        }
        let entry = all.entry(address).or_insert(Failed { count: 0, since: now });
        *entry = entry.at(now);
        entry.count = entry.count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_guesses_waits_and_others_do_not() {
        let (attempts, guesser, other) = (Attempts::default(), [10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        for _ in 0..BURST {
            assert!(attempts.allows(guesser, 1_000));
            attempts.failed(guesser, 1_000);
        }
        assert!(!attempts.allows(guesser, 1_000));
        assert!(attempts.allows(other, 1_000));
        assert!(!attempts.allows(guesser, 1_000 + REFILL - 1));
        assert!(attempts.allows(guesser, 1_000 + REFILL));
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let attempts = Attempts::default();
        for n in 0..30_000u32 {
            attempts.failed(IpAddr::V4(n.into()), 5);
        }
        assert!(attempts.0.lock().unwrap().len() <= REMEMBERED);
    }
}
