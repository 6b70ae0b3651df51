//! The toolchain that builds the app for browsers: rustup's target, or Debian's own compiler beside rustup's.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::{run, setup};

/// What the app is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/// Who compiles for [`TARGET`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Toolchain {
    /// The toolchain in use, with the target that rustup fetched.
    Rustup,
    /// Debian's `rustc-web`, which builds the standard library from Debian's copy of its sources.
    Debian,
}

impl Toolchain {
    /// Finds a toolchain, or installs one.
    pub fn ready(ground: &Ground) -> Result<Self> {
        match env::var("LOKET_WASM").ok().as_deref() {
            Some("rustup") => add_target(ground).map(|()| Self::Rustup),
            Some("debian") => install_debian(ground).map(|()| Self::Debian),
            Some(other) => Err(Failure::new(
                format!("LOKET_WASM is `{other}`"),
                "Set it to `rustup` or `debian`, or leave it out.",
            )),
            None => Self::found_or_installed(ground),
        }
    }

    fn found_or_installed(ground: &Ground) -> Result<Self> {
        if rustup_has_target(ground) {
            return Ok(Self::Rustup);
        }
        if debian_missing().is_empty() {
            return install_debian(ground).map(|()| Self::Debian);
        }
        let Err(rustup) = add_target(ground) else { return Ok(Self::Rustup) };
        eprintln!("{rustup}");
        install_debian(ground).map(|()| Self::Debian)
    }

    /// Sets what Cargo, or a program that calls Cargo, needs; `tools` come first in `PATH`.
    pub fn apply(self, command: &mut Command, ground: &Ground, tools: &[PathBuf]) -> Result<()> {
        let mut folders = tools.to_vec();
        if self == Self::Debian {
            folders.push(shims(ground));
            command
                .env("CARGO", "/usr/bin/cargo")
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
                .env("CARGO_TARGET_DIR", ground.target().join("debian"))
                .env_remove("RUSTUP_TOOLCHAIN");
        }
        command.env("PATH", run::path_with(&folders)?);
        Ok(())
    }
}

fn rustup_has_target(ground: &Ground) -> bool {
    let mut rustc = run::command("rustc", &ground.root);
    run::output(rustc.args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

fn add_target(ground: &Ground) -> Result<()> {
    if rustup_has_target(ground) {
        return Ok(());
    }
    eprintln!("Installing Rust's {TARGET} target: the app runs in browsers as wasm.");
    let mut rustup = run::command("rustup", &ground.root);
    rustup.args(["target", "add", TARGET]);
    let remedy = "Without it, Debian's rustc-web can build the app: LOKET_WASM=debian cargo xtask setup";
    run::stream_within(&mut rustup, Duration::from_mins(1), remedy)
}

fn debian_missing() -> Vec<&'static str> {
    DEBIAN.into_iter().filter(|package| !setup::has_package(package)).collect()
}

fn install_debian(ground: &Ground) -> Result<()> {
    let missing = debian_missing();
    if !missing.is_empty() {
        setup::apt_install(ground, &missing, "they build the app for browsers, beside rustup's toolchain")?;
    }
    let folder = shims(ground);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    for name in ["cargo", "rustc"] {
        let link = folder.join(name);
        if !link.exists() {
            let target = Path::new("/usr/bin").join(name);
            std::os::unix::fs::symlink(target, &link).map_err(|error| Failure::file(&link, &error))?;
        }
    }
    Ok(())
}

/// A folder for `PATH` in which `cargo` and `rustc` are Debian's, for programs that call them by name.
fn shims(ground: &Ground) -> PathBuf {
    ground.tools.join("debian-rust/bin")
}
