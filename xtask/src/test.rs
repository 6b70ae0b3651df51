//! `cargo xtask test`: every test, in parts that can be run alone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::failure::{Failure, Result};
use crate::fingerprint::Fingerprint;
use crate::ground::Ground;
use crate::wasm::{TARGET, Toolchain};
use crate::{bundle, lint, readers, run, serve, setup};

type Part = (&'static str, fn(&Ground) -> Result<()>);

const PARTS: [Part; 5] = [
    ("native", native),
    ("lint", lint::lint),
    ("readers", readers::readers),
    ("wasm", wasm),
    ("walks", walks),
];

/// What all tests do in place of the walks that are asked for by name.
const WALKS_WITH_ALL: Part = ("walks", walks_on_what_changed);

/// Runs the named parts, or all. A part that fails does not keep the next from running.
pub fn test(ground: &Ground, names: &[&str]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !PARTS.iter().any(|(part, _)| part == *name)) {
        return Err(Failure::new(
            format!("there is no part `{unknown}`"),
            "Parts: lint native readers wasm walks.",
        ));
    }
    let parts: Vec<&Part> = if names.is_empty() {
        PARTS.iter().filter(|(name, _)| *name != "walks").chain([&WALKS_WITH_ALL]).collect()
    } else {
        PARTS.iter().filter(|(name, _)| names.contains(name)).collect()
    };
    std::thread::scope(|scope| {
        if parts.len() > 1 {
            scope.spawn(|| ahead(ground, &parts));
        }
        run_parts(ground, &parts)
    })
}

/// Builds and installs beside the first parts what the later ones need: what is built, and what only comes over the network.
/// The bundle takes longest, and a good part of it keeps one core busy alone; what follows fills the pauses of the native
/// tests. What fails here fails again, in words, in the part that needs it.
fn ahead(ground: &Ground, parts: &[&Part]) {
    let includes = |wanted: &str| parts.iter().any(|(part, _)| *part == wanted);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            if includes("walks") || includes("wasm") {
                let _ = setup::browser(ground);
            }
            if includes("walks") {
                let _ = setup::walk_tools(ground);
            }
            if includes("readers") {
                let _ = setup::readers(ground);
            }
        });
        if includes("walks") {
            let _ = bundle::bundle(ground);
        }
        if includes("wasm") {
            let _ = compile_wasm(ground);
        }
    });
}

fn run_parts(ground: &Ground, parts: &[&Part]) -> Result<()> {
    let mut report = Vec::new();
    let mut failed = Vec::new();
    for (name, part) in parts {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let outcome = part(ground);
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        report.push(format!("{name:<7} {word:<7} {:>4} s", start.elapsed().as_secs()));
        if let Err(failure) = outcome {
            eprintln!("{failure}");
            failed.push(*name);
        }
    }
    println!("\n{}", report.join("\n"));
    if failed.is_empty() {
        return Ok(());
    }
    let again = format!("Alone: cargo xtask test {}", failed.join(" "));
    Err(Failure::new(format!("failed: {}", failed.join(", ")), again))
}

const READ_ABOVE: &str = "Look at the first failure above.";

/// `survey`, `replica`, `sync-server` and this program.
fn native(ground: &Ground) -> Result<()> {
    setup::database(ground);
    let mut cargo = run::command("cargo", &ground.root);
    let nextest = run::output(run::command("cargo", &ground.root).args(["nextest", "--version"])).is_some();
    cargo.args(if nextest { ["nextest", "run"].as_slice() } else { &["test"] });
    cargo.args(["--workspace", "--exclude", "app"]);
    lint::while_compiling(&mut cargo);
    run::stream(&mut cargo, READ_ABOVE)
}

/// `app`'s device layer, in Chromium.
fn wasm(ground: &Ground) -> Result<()> {
    let mut tests = wasm_tests(ground)?;
    let runner = setup::wasm_bindgen(ground)?.join("wasm-bindgen-test-runner");
    let setup::Browser { chromium, driver, .. } = setup::browser(ground)?;
    let capabilities = ground.memory()?.join("webdriver.json");
    let text = serde_json::json!({
        "goog:chromeOptions": { "binary": chromium, "args": browser_arguments(ground) }
    });
    std::fs::write(&capabilities, text.to_string()).map_err(|error| Failure::file(&capabilities, &error))?;
    tests
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    run::stream(&mut tests, READ_ABOVE)
}

fn compile_wasm(ground: &Ground) -> Result<()> {
    run::stream(wasm_tests(ground)?.args(["--no-run", "--quiet"]), READ_ABOVE)
}

fn wasm_tests(ground: &Ground) -> Result<Command> {
    let toolchain = Toolchain::ready(ground)?;
    let mut cargo = run::command(toolchain.cargo(), &ground.root);
    toolchain.apply(&mut cargo, ground);
    if toolchain == Toolchain::Rustup {
        lint::while_compiling(&mut cargo);
    }
    // Compiling it quicker is worth more than its speed: its documents are small.
    cargo.args(["test", "--config", "profile.dev.package.automerge.opt-level=0"]);
    cargo.args(["--package", "app", "--target", TARGET, "--tests"]);
    Ok(cargo)
}

/// What keeps Chromium from looking for a network that is not there, and lets root start it.
fn browser_arguments(ground: &Ground) -> Vec<&'static str> {
    let mut arguments = vec![
        "--headless",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
    ];
    if run::output(run::command("id", &ground.root).arg("-u")).as_deref() == Some("0") {
        arguments.push("--no-sandbox");
    }
    arguments
}

/// What people do with Loket, done in Chromium with a real server.
fn walks(ground: &Ground) -> Result<()> {
    let walk = Walk::ready(ground)?;
    let folder = ground.at("tests");
    let mut playwright = run::command(folder.join("node_modules/.bin/playwright"), &folder);
    walk.browser.tell(playwright.arg("test").env("LOKET_BIN", walk.loket));
    let remedy = "Look at the first failure above; traces and pictures are in tests/results.";
    run::stream(&mut playwright, remedy)?;
    std::fs::write(&walk.stamp, walk.fingerprint).map_err(|error| Failure::file(&walk.stamp, &error))
}

/// Walks take minutes: with all other tests, those that passed on the very same server, app, browser and walks are left
/// out.
fn walks_on_what_changed(ground: &Ground) -> Result<()> {
    let walk = Walk::ready(ground)?;
    if std::fs::read_to_string(&walk.stamp).is_ok_and(|kept| kept == walk.fingerprint) {
        eprintln!("All walks passed on this very server, app and browser. Again: cargo xtask test walks");
        return Ok(());
    }
    walks(ground)
}

/// What is walked on, and where it is noted that all walks passed on it.
struct Walk {
    loket: PathBuf,
    browser: setup::Browser,
    fingerprint: String,
    stamp: PathBuf,
}

impl Walk {
    fn ready(ground: &Ground) -> Result<Self> {
        bundle::bundle(ground)?;
        let loket = serve::build_server(ground, false)?;
        let browser = setup::browser(ground)?;
        setup::walk_tools(ground)?;
        let fingerprint = walked_on(ground, &loket, &browser)?;
        Ok(Self { loket, browser, fingerprint, stamp: ground.memory()?.join("walks.stamp") })
    }
}

/// Everything that a walk's outcome hangs on.
fn walked_on(ground: &Ground, loket: &Path, browser: &setup::Browser) -> Result<String> {
    let version = |path| run::output(run::command(path, &ground.root).arg("--version")).unwrap_or_default();
    let browser = version(&browser.chromium) + &version(&browser.whole);
    let add = |all: Fingerprint, path: &Path| all.add(&ground.root, path, &["node_modules", "results"]);
    let all = add(Fingerprint::of(&browser), loket)?;
    let all = ["dist", "public", "tests"].iter().try_fold(all, |all, name| add(all, &ground.at(name)))?;
    Ok(all.text())
}
