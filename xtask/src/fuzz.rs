//! `cargo xtask fuzz TARGET --minutes N`: mutated bytes for one parser that faces the network.

use crate::failure::Result;
use crate::ground::Ground;
use crate::run;

/// Runs for so long, with the checks of a debug build.
pub fn fuzz(ground: &Ground, target: &str, minutes: &str) -> Result<()> {
    let mut cargo = run::command("cargo", &ground.root);
    cargo.args(["run", "--package", "fuzz", "--", target, "--minutes", minutes]);
    run::stream(&mut cargo, "The input that did it is in tests/fuzz/failures.")
}
