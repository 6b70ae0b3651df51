//! `cargo xtask bench`: figures against their goals, one a line: `name value unit goal`.

use crate::failure::Result;
use crate::ground::Ground;
use crate::{bundle, run, serve, setup};

/// What a first visit transfers, read off the wire between Chromium and the server.
pub fn size(ground: &Ground) -> Result<()> {
    browser(ground, "first-visit")
}

/// What survives when the browser is killed at a random moment, a hundred times.
pub fn crash(ground: &Ground) -> Result<()> {
    browser(ground, "crash")
}

/// How long the app takes to open with ten records on the phone, and with ten thousand.
pub fn open(ground: &Ground) -> Result<()> {
    browser(ground, "open")
}

/// Runs one of the measurements in `tests/bench`.
fn browser(ground: &Ground, name: &str) -> Result<()> {
    bundle::bundle(ground)?;
    let loket = serve::build_server(ground, false)?;
    let browser = setup::browser(ground)?;
    setup::walk_tools(ground)?;
    let folder = ground.at("tests");
    let mut measure = run::command(folder.join("node_modules/.bin/playwright"), &folder);
    measure.args(["test", "--config", "bench.config.ts", name]);
    browser.tell(measure.env("LOKET_BIN", loket));
    run::stream(&mut measure, "A figure is above its goal, or the server did not answer: look above.")
}

/// How large a finished interview is, as a document and in a batch.
pub fn record(ground: &Ground) -> Result<()> {
    phone(ground, &["record"])
}

/// What arrives over a bad line, and what it costs.
pub fn line(ground: &Ground) -> Result<()> {
    phone(ground, &["line"])
}

/// What the server takes in, and whether it slows as the log grows to so many changes.
pub fn server(ground: &Ground, most: &str) -> Result<()> {
    phone(ground, &["server", "--most", most])
}

/// The same documents through Loket and through automerge-repo.
pub fn sync(ground: &Ground) -> Result<()> {
    setup::field_tools(ground)?;
    let field = ground.at("tests/field");
    phone(ground, &["field", "--peer", &field.to_string_lossy()])
}

/// A nation's scores from raw records, what one changed answer costs, and how long each page takes.
pub fn scores(ground: &Ground) -> Result<()> {
    let mut cargo = run::command("cargo", &ground.root);
    cargo.args(["bench", "--package", "sync-server", "--bench", "scores"]);
    run::stream(&mut cargo, "Look above: two ways to the same scores differ, or the build failed.")
}

/// Starts the phone without a browser against the server, both as they are released.
fn phone(ground: &Ground, arguments: &[&str]) -> Result<()> {
    let loket = serve::build_server(ground, true)?;
    let mut cargo = run::command("cargo", &ground.root);
    cargo.args(["build", "--release", "--package", "phone"]);
    run::stream(&mut cargo, "Look at the first error above.")?;
    let mut measure = run::command(ground.target().join("release/phone"), &ground.root);
    measure.args(arguments).arg("--loket").arg(loket);
    run::stream(&mut measure, "Look above: the line, the server or the peer did not do what it should.")
}
