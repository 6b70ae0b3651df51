//! `cargo xtask simulate`: schedules of the simulation, optimised, each from a seed.

use crate::failure::Result;
use crate::ground::Ground;
use crate::run;

/// Plays schedules, or one again.
pub fn simulate(ground: &Ground, arguments: &[String]) -> Result<()> {
    let mut cargo = run::command("cargo", &ground.root);
    cargo.args(["run", "--release", "--package", "simulate", "--"]).args(arguments);
    run::stream(&mut cargo, "A promise is broken, or a rule is not watched: look above.")
}
