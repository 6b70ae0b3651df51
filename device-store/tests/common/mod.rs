//! What several tests need.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    reason = "a test says so when it fails; each file uses some of it"
)]

use replica::{ContentHash, Genesis, RecordKind};

/// Everything here is ready at once: the database is in memory.
pub fn now<T>(work: impl Future<Output = T>) -> T {
    use futures_util::FutureExt as _;
    work.now_or_never().expect("nothing waits")
}

/// The visit of one unit.
pub fn visit() -> Genesis {
    Genesis {
        kind: RecordKind::Visit,
        office: "bangka-belitung".parse().unwrap(),
        round: "2026".parse().unwrap(),
        unit: "pangkalpinang-dukcapil".parse().unwrap(),
        instrument: ContentHash::new([5; 32]),
        nonce: None,
    }
}

/// One of the interviews there.
pub fn interview(n: u8) -> Genesis {
    Genesis { kind: RecordKind::Interview, nonce: Some([n; 16]), ..visit() }
}
