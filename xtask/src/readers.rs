//! `cargo xtask readers`: what Loket exports, opened in the programs of others.

use crate::failure::Result;
use crate::ground::Ground;
use crate::{lint, run, serve, setup};

/// Writes sample files of every format, then lets pyreadstat, pyarrow, duckdb and the like read them.
pub fn readers(ground: &Ground) -> Result<()> {
    let python = setup::readers(ground)?;
    let loket = serve::build_server(ground, false)?;
    let mut cargo = run::command("cargo", &ground.root);
    lint::build(&mut cargo, &["--example", "exports"]);
    run::stream(&mut cargo, "Look at the first error above.")?;
    let exports = ground.memory()?.join("exports");
    let mut write = run::command(ground.target().join("debug/examples/exports"), &ground.root);
    run::stream(write.arg(&exports), "Look at what it says above.")?;
    let mut tests = run::command(python, &ground.root);
    // -B: no compiled files in the work tree.
    tests.arg("-B").arg(ground.at("tests/readers/run.py"));
    tests.env("LOKET_EXPORTS", exports).env("LOKET_BIN", loket);
    run::stream(&mut tests, "Look at the first failure above. Alone: cargo xtask readers")
}
