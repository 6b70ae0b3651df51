//! `cargo xtask conformance`: the form engine beside the reference engines of the field.

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::{run, setup};

/// Runs these parts, or all.
pub fn conformance(ground: &Ground, parts: &[&str]) -> Result<()> {
    for part in parts {
        if !["xpath"].contains(part) {
            return Err(Failure::new(format!("`{part}` is no part of conformance"), "Name xpath, or none."));
        }
    }
    setup::conformance_tools(ground)?;
    xpath(ground)
}

/// The tests that npm's `openrosa-xpath-evaluator` ships, with our evaluator in its place.
fn xpath(ground: &Ground) -> Result<()> {
    let program = example(ground, "xpath")?;
    let mut node = run::command("node", &ground.at("tests/conformance"));
    // The time zone that the tests are written for.
    node.arg("xpath.mjs").env("TZ", "America/Phoenix").env("LOKET_XPATH", program);
    run::stream(
        &mut node,
        "A case fails without a reason in explained/xpath.json, or one there passes now: look above.",
    )
}

/// Builds an example of `survey`: the path of its program.
fn example(ground: &Ground, name: &str) -> Result<std::path::PathBuf> {
    let mut cargo = run::command("cargo", &ground.root);
    cargo.args(["build", "--package", "survey", "--example", name]);
    run::stream(&mut cargo, "Look at the first error above.")?;
    Ok(ground.target().join("debug/examples").join(name))
}
