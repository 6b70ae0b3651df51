//! Builds the app into `dist/`, unless nothing that goes into it has changed.

use std::path::Path;
use std::time::Instant;

use crate::failure::{Failure, Result};
use crate::fingerprint::Fingerprint;
use crate::ground::Ground;
use crate::wasm::Toolchain;
use crate::{assemble, precache, run, setup};

/// What the bundle is made from.
const INPUTS: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "app",
    "device-store",
    "replica",
    "survey",
    "public/icons",
    "public/manifest.webmanifest",
    "public/robots.txt",
    "public/sw.js",
    "xtask/src/assemble.rs",
    "xtask/src/pack",
    "xtask/src/pack.rs",
    "xtask/src/precache.rs",
    "xtask/src/wasm.rs",
    "xtask/tools/package-lock.json",
];

/// Makes `dist/` current. It is replaced whole, once the new one is complete.
pub fn bundle(ground: &Ground) -> Result<()> {
    let toolchain = Toolchain::ready(ground)?;
    let tools = setup::bundling_tools(ground)?;
    let memory = ground.memory()?;
    let lock =
        std::fs::File::create(memory.join("bundle.lock")).map_err(|error| Failure::file(&memory, &error))?;
    lock.lock().map_err(|error| Failure::file(&memory, &error))?;

    let fingerprint = fingerprint(ground, toolchain)?;
    let stamp = memory.join("bundle.stamp");
    let dist = ground.at("dist");
    if dist.join("sw.js").is_file() && std::fs::read_to_string(&stamp).is_ok_and(|kept| kept == fingerprint) {
        return Ok(());
    }
    let start = Instant::now();
    let stage = memory.join("stage");
    remove(&stage)?;
    assemble::assemble(ground, toolchain, &tools, &stage)?;
    let version = precache::finish(&stage)?;
    // Gone while `dist/` changes: a run that is cut off here must not pass for done.
    remove(&stamp)?;
    swap(&stage, &dist, &memory.join("old"))?;
    std::fs::write(&stamp, fingerprint).map_err(|error| Failure::file(&stamp, &error))?;
    eprintln!("The app is bundled: version {version}, {} s.", start.elapsed().as_secs());
    Ok(())
}

fn fingerprint(ground: &Ground, toolchain: Toolchain) -> Result<String> {
    let rustc = run::output(run::command("rustc", &ground.root).arg("--version")).unwrap_or_default();
    let start = Fingerprint::of(&format!("{toolchain:?}{rustc}"));
    let all = |all: Fingerprint, input: &&str| all.add(&ground.root, &ground.at(input), &[]);
    Ok(INPUTS.iter().try_fold(start, all)?.text())
}

fn swap(new: &Path, place: &Path, old: &Path) -> Result<()> {
    remove(old)?;
    if place.exists() {
        std::fs::rename(place, old).map_err(|error| Failure::file(place, &error))?;
    }
    std::fs::rename(new, place).map_err(|error| Failure::file(place, &error))?;
    remove(old)
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::file(path, &error)),
        _ => Ok(()),
    }
}
