//! `cargo xtask bench`: figures against their goals, one a line.

use crate::failure::Result;
use crate::ground::Ground;
use crate::{bundle, run, serve, setup};

/// What a first visit transfers, read off the wire between Chromium and the server.
pub fn size(ground: &Ground) -> Result<()> {
    bundle::bundle(ground)?;
    let loket = serve::build_server(ground, false)?;
    let (chromium, _) = setup::browser(ground)?;
    setup::walk_tools(ground)?;
    let folder = ground.at("tests");
    let mut measure = run::command(folder.join("node_modules/.bin/playwright"), &folder);
    measure.args(["test", "--config", "bench.config.ts", "first-visit"]);
    measure.env("LOKET_BIN", loket).env("LOKET_CHROMIUM", chromium);
    run::stream(&mut measure, "A figure is above its goal, or the server did not answer: look above.")
}
