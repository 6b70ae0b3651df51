//! The linter compiles in place of the compiler: what the tests run on is what was linted, and nothing is compiled once
//! to be looked at and once more to be run.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::wasm::{TARGET, Toolchain};
use crate::{run, setup};

const DRIVER: &str = "clippy-driver";

/// Warnings are errors. Clippy takes its arguments so, each behind this word.
const DENIED: &str = "-Dwarnings__CLIPPY_HACKERY__";

/// Has this call of Cargo lint the workspace while it compiles it, where the toolchain has the linter.
pub fn while_compiling(cargo: &mut Command) {
    if run::in_path(DRIVER).is_some() {
        cargo.env("RUSTC_WORKSPACE_WRAPPER", DRIVER).env("CLIPPY_ARGS", DENIED);
    }
}

/// Builds targets as the tests do. All crates are named, whatever is wanted of them: they choose the features of what
/// they share, and with others it would all be compiled once more.
pub fn build(cargo: &mut Command, targets: &[&str]) {
    cargo.args(["build", "--workspace", "--exclude", "app"]).args(targets);
    while_compiling(cargo);
}

/// Layout, lints of all that is not compiled for the tests anyway, and the types of the walks.
pub fn lint(ground: &Ground) -> Result<()> {
    run::stream(
        run::command("cargo", &ground.root).args(["fmt", "--all", "--check"]),
        "Run: cargo fmt --all",
    )?;
    if run::in_path(DRIVER).is_none() {
        return Err(Failure::new("clippy is missing", "Run: rustup component add clippy"));
    }
    let mut all = run::command("cargo", &ground.root);
    build(&mut all, &["--all-targets"]);
    run::stream(&mut all, READ_ABOVE)?;
    if Toolchain::ready(ground)? == Toolchain::Debian {
        eprintln!("clippy does not look at `app` here: Debian's toolchain has none for {TARGET}.");
    }
    setup::walk_tools(ground)?;
    let mut types = run::command(ground.at("tests/node_modules/.bin/tsc"), &ground.at("tests"));
    run::stream(types.arg("--noEmit"), READ_ABOVE)
}

const READ_ABOVE: &str = "Look at the first error above.";
