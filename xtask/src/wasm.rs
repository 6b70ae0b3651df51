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
        let _alone = setup::alone(&setup::RUST);
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

    /// The Cargo to call: the toolchain's own, whatever `PATH` says.
    pub fn cargo(self) -> &'static str {
        if self == Self::Debian { "/usr/bin/cargo" } else { "cargo" }
    }

    /// Where that Cargo builds.
    pub fn target(self, ground: &Ground) -> PathBuf {
        if self == Self::Debian { ground.target().join("debian") } else { ground.target() }
    }

    /// Sets what Cargo needs.
    pub fn apply(self, command: &mut Command, ground: &Ground) {
        if self == Self::Debian {
            command
                .env("CARGO", "/usr/bin/cargo")
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
                .env("CARGO_TARGET_DIR", self.target(ground))
                .env_remove("RUSTUP_TOOLCHAIN");
        }
    }

    /// Besides, what makes a phone's download smaller, a tenth in all: the standard library built for size, and no
    /// texts for panics, which stop the app at once. `app/stopped.js` then says what to do.
    pub fn apply_small(self, command: &mut Command, ground: &Ground) {
        self.apply(command, ground);
        if self == Self::Rustup && !ready_sources(ground) {
            eprintln!("Without the standard library's sources the app works as well, and is a tenth larger.");
            return;
        }
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
            .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
            // Cargo adds these to what `.cargo/config.toml` says.
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", SMALL.join(" "));
    }
}

/// No text for people or for other programs may come from `Debug`: it prints nothing.
const SMALL: [&str; 7] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
    "--cfg",
    "sha2_backend_soft=\"compact\"",
    // What an open form takes, in bytes: to grow to it step by step takes a cheap phone as long as to draw a page.
    "-Clink-arg=--initial-memory=4194304",
];

/// Whether the toolchain in use has its standard library's sources, fetched where that is possible.
fn ready_sources(ground: &Ground) -> bool {
    let _alone = setup::alone(&setup::RUST);
    let mut rustc = run::command("rustc", &ground.root);
    let Some(sysroot) = run::output(rustc.args(["--print", "sysroot"])) else { return false };
    let sources = Path::new(&sysroot).join("lib/rustlib/src/rust/library/std/Cargo.toml");
    if !sources.is_file() {
        eprintln!("Installing the standard library's sources: the app is built with one made for size.");
        let mut rustup = run::command("rustup", &ground.root);
        rustup.args(["component", "add", "rust-src"]);
        if let Err(failure) = run::stream_within(&mut rustup, Duration::from_mins(1), "") {
            eprintln!("{failure}");
        }
    }
    sources.is_file()
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
    Ok(())
}
