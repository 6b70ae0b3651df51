//! `cargo xtask fuzz TARGET --minutes N`: runs one target for a while. `cargo run -p fuzz -- TARGET --minimise N` keeps
//! of what was found the shortest input of each kind, at most N.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use fuzz::corpus::{self, Corpus};
use fuzz::fuzz::{Until, minimise, run};
use fuzz::target::TARGETS;
use lexopt::prelude::*;

fn main() -> ExitCode {
    match work() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn work() -> Result<bool, Box<dyn std::error::Error>> {
    let (mut name, mut minutes, mut seed, mut most) = (String::new(), 10.0_f64, 1, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("minutes") => minutes = arguments.value()?.parse()?,
            Long("seed") => seed = arguments.value()?.parse()?,
            Long("minimise") => most = Some(arguments.value()?.parse()?),
            Value(word) if name.is_empty() => name = word.string()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        return Err(format!("name one of the targets: {}", names.join(" ")).into());
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut kept = Corpus::open(&here.join("corpus").join(target.name))?;
    if let Some(most) = most {
        minimise(target, &mut kept, most)?;
        println!("{} inputs kept", kept.inputs.len());
        return Ok(true);
    }
    let time = Duration::try_from_secs_f64(minutes * 60.0)?;
    println!("fuzzing {name} for {time:?}, seed {seed}, {} inputs kept so far", kept.inputs.len());
    let report = run(target, &mut kept, seed, Until::Time(time), true)?;
    println!("{} inputs, {} different answers, {} kept", report.runs, report.answers, report.kept);
    let Some(failure) = report.failure else { return Ok(true) };
    let path = corpus::write(&here.join("failures").join(target.name), &failure.input)?;
    eprintln!("{name}: {}; the input is in {}", failure.why, path.display());
    Ok(false)
}
