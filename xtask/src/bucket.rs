//! `cargo xtask bucket`: photos through an S3-compatible server, which is away, loses and damages what it keeps.

use crate::failure::Result;
use crate::ground::Ground;
use crate::{lint, run};

/// Builds the server with S3 and runs the tests that nothing else waits for.
pub fn bucket(ground: &Ground) -> Result<()> {
    let mut cargo = run::command("cargo", &ground.root);
    let nextest = run::output(run::command("cargo", &ground.root).args(["nextest", "--version"])).is_some();
    cargo.args(if nextest { ["nextest", "run"].as_slice() } else { &["test"] });
    cargo.args(["--package", "bucket", "--features", "s3"]);
    lint::while_compiling(&mut cargo);
    run::stream(&mut cargo, "Look at the first failure above. Alone: cargo xtask bucket")
}
