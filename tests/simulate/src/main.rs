//! `simulate [--seed N] [--schedules N] [--mutations]`, see `cargo xtask simulate`.

use std::process::ExitCode;
use std::time::Instant;

use lexopt::prelude::*;
use simulate::site::Ground;
use simulate::{Fault, mutations, run};

/// Schedules where none are asked for.
const SCHEDULES: u64 = 1_000;
/// Failures after which it stops.
const MOST_FAILURES: usize = 5;

struct Options {
    first: u64,
    schedules: u64,
    mutations: bool,
}

fn main() -> ExitCode {
    match options().map_err(|error| Fault::SetUp(error.to_string())).and_then(|options| simulate(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("simulate: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, lexopt::Error> {
    let mut options = Options { first: 0, schedules: SCHEDULES, mutations: false };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("seed") => {
                options.first = arguments.value()?.parse()?;
                options.schedules = 1;
            }
            Long("schedules") => options.schedules = arguments.value()?.parse()?,
            Long("mutations") => options.mutations = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(options)
}

fn simulate(options: &Options) -> Result<bool, Fault> {
    // What panics is a fault that is told with its schedule; a poisoned document's panic is survived by the server.
    std::panic::set_hook(Box::new(|_| {}));
    let ground = Ground::prepare()?;
    let began = Instant::now();
    if options.mutations {
        let report = mutations::run(&ground, mutations::SEEDS, |rule, seed| match seed {
            Some(seed) => println!("{rule:?}: caught by seed {seed}"),
            None => println!("{rule:?}: not caught by {} schedules", mutations::SEEDS),
        });
        println!("{report}");
        return Ok(report.all_caught());
    }
    let mut failures = 0;
    for seed in options.first..options.first + options.schedules {
        if let Err(failure) = run::seed(&ground, seed) {
            failures += 1;
            println!("{failure}");
            if failures >= MOST_FAILURES {
                break;
            }
        }
    }
    println!("schedules {} failures {failures} seconds {}", options.schedules, began.elapsed().as_secs());
    Ok(failures == 0)
}
