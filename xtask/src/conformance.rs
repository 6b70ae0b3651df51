//! `cargo xtask conformance`: the form engine beside the reference engines of the field.

mod forms;
mod pyxform;

pub use forms::Walks;

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::{run, setup};

type Part = (&'static str, fn(&Ground, &Walks) -> Result<()>);

const PARTS: [Part; 3] = [("xpath", xpath), ("pyxform", pyxform::compare), ("forms", forms::walk)];

/// Runs these parts, or all.
pub fn conformance(ground: &Ground, parts: &[&str], walks: &Walks) -> Result<()> {
    if let Some(unknown) = parts.iter().find(|name| !PARTS.iter().any(|(part, _)| part == *name)) {
        let names = PARTS.map(|(part, _)| part).join(" ");
        return Err(Failure::new(
            format!("`{unknown}` is no part of conformance"),
            format!("Parts: {names}."),
        ));
    }
    for (_, part) in PARTS.iter().filter(|(name, _)| parts.is_empty() || parts.contains(name)) {
        part(ground, walks)?;
    }
    Ok(())
}

/// The tests that npm's `openrosa-xpath-evaluator` ships, with our evaluator in its place.
fn xpath(ground: &Ground, _: &Walks) -> Result<()> {
    setup::conformance_tools(ground)?;
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
