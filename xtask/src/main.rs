//! All automation of Loket: `cargo xtask setup | bundle | serve | test | simulate | bench`.
//!
//! Each command sets up what it needs first, and says what it installs and why.

mod assemble;
mod bench;
mod bench_forms;
mod bucket;
mod bundle;
mod cluster;
mod conformance;
mod failure;
mod fingerprint;
mod fuzz;
mod ground;
mod lint;
mod pack;
mod precache;
mod readers;
mod run;
mod serve;
mod setup;
mod simulate;
mod test;
mod wasm;

use std::process::ExitCode;

use failure::{Failure, Result};
use ground::Ground;
use lexopt::prelude::*;

const HELP: &str = "\
cargo xtask COMMAND

  serve [--data DIR] [--listen ADDR]   build everything and start Loket (data, 127.0.0.1:8080)
  test [PART...]                       run all tests, or these parts: lint native readers wasm walks;
                                       walks that passed run again once anything changed, or when they are named
  readers                              open what Loket exports in others' programs: Stata, SPSS, Parquet, Excel, PDF
  simulate [--seed N] [--schedules N] [--mutations]
                                       many devices and a server with every fault: nothing lost, nothing doubled
  bench size                           what a first visit transfers, against its goal
  bench crash                          kill -9 the browser a hundred times while people answer; about twenty minutes
  bench open                           how long the app takes to open with 10 records and with 10,000
  bench record                         how large a finished interview is, saved and sent
  bench line                           a bad line: what arrives and what it costs; about ten minutes
  bench server [MOST]                  what the server takes in; growth up to 1,000,000 changes, or MOST
  bench forms [NAME...]                our forms beside ODK Web Forms in one browser, or these forms; half an hour
  bench sync                           against automerge-repo, then alone with up to 100,000 documents
  cluster                              PostgreSQL, its standby and two servers, to try out
  bucket                               photos in a bucket: an S3-compatible server that goes away and damages
  conformance [PART...]                the form engine beside the field's own engines, or a part: xpath pyxform forms
              [--walks N] [--seed N]   how many random walks through forms (10000), from which seed
  fuzz TARGET [--minutes N]            mutated bytes for: change batch attestation have import photo
                                       reconcile sheet workbook
  bench scores                         a nation's scores from raw records, one changed answer, every page
  bundle                               build the app into dist/
  setup                                install what is missing, nothing else

LOKET_WASM=rustup or LOKET_WASM=debian chooses the toolchain that builds the app.";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    let mut command = None;
    let mut words = Vec::new();
    let mut options = serve::Options::default();
    let mut minutes = "10".to_owned();
    let mut simulation = Vec::new();
    let mut walks = conformance::Walks::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("data") => options.data = arguments.value()?.into(),
            Long("minutes") => minutes = arguments.value()?.string()?,
            Long("listen") => options.listen = arguments.value()?.string()?,
            Long("walks") => walks.count = arguments.value()?.parse()?,
            Long(name @ ("seed" | "schedules")) => {
                let (name, value) = (format!("--{name}"), arguments.value()?);
                if name == "--seed" {
                    walks.seed = value.parse()?;
                }
                simulation.extend([name, value.string()?]);
            }
            Long("mutations") => simulation.push("--mutations".to_owned()),
            Long("help") | Short('h') => command = Some("help".to_owned()),
            Value(word) if command.is_none() => command = Some(word.string()?),
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let ground = Ground::find()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match (command.as_deref(), words.as_slice()) {
        (Some("serve"), []) => serve::serve(&ground, &options),
        (Some("test"), parts) => test::test(&ground, parts),
        (Some("simulate"), []) => simulate::simulate(&ground, &simulation),
        (Some("readers"), []) => readers::readers(&ground),
        (Some("bench"), ["size"]) => bench::size(&ground),
        (Some("bench"), ["open"]) => bench::open(&ground),
        (Some("bench"), ["crash"]) => bench::crash(&ground),
        (Some("bench"), ["record"]) => bench::record(&ground),
        (Some("bench"), ["line"]) => bench::line(&ground),
        (Some("bench"), ["forms", only @ ..]) => bench_forms::forms(&ground, only),
        (Some("bench"), ["sync"]) => bench::sync(&ground),
        (Some("bucket"), []) => bucket::bucket(&ground),
        (Some("cluster"), []) => cluster::cluster(&ground),
        (Some("conformance"), parts) => conformance::conformance(&ground, parts, &walks),
        (Some("bench"), ["server"]) => bench::server(&ground, "1000000"),
        (Some("bench"), ["server", most]) => bench::server(&ground, most),
        (Some("fuzz"), [target]) => fuzz::fuzz(&ground, target, &minutes),
        (Some("bench"), ["scores"]) => bench::scores(&ground),
        (Some("bundle"), []) => bundle::bundle(&ground),
        (Some("setup"), []) => setup::everything(&ground),
        (Some("help"), _) => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(Failure::new("no such command", HELP)),
    }
}
