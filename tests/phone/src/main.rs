//! Figures of records, of a bad line, and against the field; `cargo xtask bench` builds and starts this.

mod bench;

use std::process::ExitCode;

use lexopt::prelude::*;
use phone::Fault;

const HELP: &str = "phone record | line | server | field --peer FOLDER, each with --loket PROGRAM";

/// What the command line says.
#[derive(Default)]
struct Options {
    command: String,
    loket: String,
    peer: String,
    most: u64,
}

fn main() -> ExitCode {
    let outcome = options().and_then(|options| match options.command.as_str() {
        "record" => bench::record::run(&options.loket),
        "line" => bench::line::run(&options.loket),
        "field" => bench::field::run(&options.loket, &options.peer, options.most),
        "server" => bench::server::run(&options.loket, options.most),
        _ => Err(Fault::Wrong(HELP.to_owned())),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, Fault> {
    let unclear = |error: lexopt::Error| Fault::Wrong(format!("{error}; {HELP}"));
    let mut options = Options { most: 100_000, ..Options::default() };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next().map_err(unclear)? {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        match argument {
            Long("loket") => options.loket = text(arguments.value().map_err(unclear)?),
            Long("peer") => options.peer = text(arguments.value().map_err(unclear)?),
            Long("most") => options.most = arguments.value().and_then(|v| v.parse()).map_err(unclear)?,
            Value(word) if options.command.is_empty() => options.command = text(word),
            other => return Err(unclear(other.unexpected())),
        }
    }
    Ok(options)
}
