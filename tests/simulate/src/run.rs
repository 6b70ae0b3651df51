//! Schedules played one after another, and a failing one made shorter.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::fault::Fault;
use crate::schedule::Schedule;
use crate::site::Ground;
use crate::world;

/// Plays made to make one schedule shorter.
const TRIES: usize = 600;

/// A schedule that failed.
#[derive(Debug)]
pub struct Failure {
    /// As short as it was found.
    pub schedule: Schedule,
    /// Steps of the whole one.
    pub whole: usize,
    /// What went wrong in the short one.
    pub fault: Fault,
}

/// Plays a schedule; a panic is a fault like any other.
///
/// # Errors
/// [`Fault`].
pub fn play(ground: &Ground, schedule: &Schedule) -> Result<(), Fault> {
    catch_unwind(AssertUnwindSafe(|| world::play(ground, schedule))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Fault::Broken(format!("panic: {}", text.unwrap_or("without words"))))
    })
}

/// Plays the schedule of a seed, and shortens it where it fails.
///
/// # Errors
/// [`Failure`].
pub fn seed(ground: &Ground, seed: u64) -> Result<(), Box<Failure>> {
    let schedule = Schedule::draw(seed);
    match play(ground, &schedule) {
        Ok(()) => Ok(()),
        Err(fault) => Err(Box::new(shorter(ground, schedule, fault))),
    }
}

/// Leaves out steps, many at first, then single ones, as long as it still fails.
fn shorter(ground: &Ground, schedule: Schedule, fault: Fault) -> Failure {
    let whole = schedule.steps.len();
    let mut best = Failure { schedule, whole, fault };
    let (mut size, mut tries) = (whole / 2, 0);
    while size > 0 && tries < TRIES {
        let mut from = 0;
        let mut removed = false;
        while from < best.schedule.steps.len() && tries < TRIES {
            tries += 1;
            let mut fewer = best.schedule.clone();
            let end = (from + size).min(fewer.steps.len());
            fewer.steps.drain(from..end);
            match play(ground, &fewer) {
                Err(fault @ Fault::Broken(_)) => {
                    best = Failure { schedule: fewer, whole, fault };
                    removed = true;
                }
                _ => from += size,
            }
        }
        if !removed || size > 1 {
            size /= 2;
        }
    }
    best
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "seed {}: {}", self.schedule.seed, self.fault)?;
        let (steps, whole) = (self.schedule.steps.len(), self.whole);
        writeln!(
            f,
            "{steps} of {whole} steps, devices {:?}, {:?}:",
            self.schedule.devices, self.schedule.weather
        )?;
        for step in &self.schedule.steps {
            writeln!(f, "  {:?} on {} ({:#x})", step.what, step.device, step.seed)?;
        }
        write!(f, "again: cargo xtask simulate --seed {}", self.schedule.seed)
    }
}
