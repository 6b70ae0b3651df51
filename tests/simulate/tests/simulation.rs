//! Schedules of the simulation, a few seconds' worth, and every safety rule off in turn.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use simulate::mutations;
use simulate::run;
use simulate::site::Ground;

/// Schedules played each time; `cargo xtask simulate` plays more.
const SCHEDULES: u64 = 30;
/// Schedules that found faults which are mended: photos of a stream that the restored server had never told of; damaged
/// changes that were cleared and, after the sync began anew, not fetched.
const MENDED: [u64; 9] = [6069, 7182, 7307, 898, 1862, 5895, 1965, 3471, 8868];

// One test, since a rule is turned off for the whole process.
#[test]
fn nothing_is_lost_or_doubled_and_no_rule_can_be_left_out_unnoticed() {
    let ground = Ground::prepare().unwrap();
    for seed in (0..SCHEDULES).chain(MENDED) {
        if let Err(failure) = run::seed(&ground, seed) {
            panic!("{failure}");
        }
    }
    let report = mutations::run_known(&ground);
    assert!(report.all_caught(), "{report}");
}
