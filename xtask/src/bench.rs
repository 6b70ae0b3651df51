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
    let mut measure = run::command("node", &ground.at("tests"));
    measure.arg("support/first-visit.mjs").env("LOKET_BIN", loket).env("LOKET_CHROMIUM", chromium);
    run::stream(&mut measure, "A figure is above its goal, or the server did not answer: look above.")
}
