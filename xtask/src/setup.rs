//! Installs what is missing, and says what and why.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::run;
use crate::wasm::Toolchain;

/// The version of the reference converter.
const PYXFORM: &str = "4.5.0";

/// A program of the crate registry, built from source.
struct Tool {
    krate: &'static str,
    program: &'static str,
    version: String,
    why: &'static str,
}

/// What `serve` and `test` need, in one go.
pub fn everything(ground: &Ground) -> Result<()> {
    Toolchain::ready(ground)?;
    bundling_tools(ground)?;
    browser(ground)?;
    walk_tools(ground)?;
    database(ground);
    println!("Everything that Loket needs is installed.");
    Ok(())
}

/// The programs that the bundle is made with.
pub struct BundlingTools {
    /// `wasm-bindgen`.
    pub bindgen: PathBuf,
    /// `wasm-opt`.
    pub optimiser: PathBuf,
    /// `wasm-as`, of the same package.
    pub assembler: PathBuf,
}

/// wasm-bindgen and wasm-opt.
pub fn bundling_tools(ground: &Ground) -> Result<BundlingTools> {
    let folder = ground.at("xtask/tools");
    npm_ci(&folder, "wasm-opt, which makes the app's wasm smaller")?;
    Ok(BundlingTools {
        bindgen: wasm_bindgen(ground)?.join("wasm-bindgen"),
        optimiser: folder.join("node_modules/.bin/wasm-opt"),
        assembler: folder.join("node_modules/.bin/wasm-as"),
    })
}

/// The folder with wasm-bindgen and its test runner, of the version that the app links.
pub fn wasm_bindgen(ground: &Ground) -> Result<PathBuf> {
    let tool = Tool {
        krate: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: ground.locked_version("wasm-bindgen")?,
        why: "it joins the app's wasm to the browser",
    };
    tool.ready(ground)
}

/// Held while Rust's tools are looked for or installed: two parts may want the same at once.
pub static RUST: Mutex<()> = Mutex::new(());
/// The same of what npm installs.
static NPM: Mutex<()> = Mutex::new(());
/// The same of the browser.
static BROWSER: Mutex<()> = Mutex::new(());
/// The same of Python's packages.
static PYTHON: Mutex<()> = Mutex::new(());
/// The same of Debian's packages, of which the others install some.
static PACKAGES: Mutex<()> = Mutex::new(());

/// Waits until nobody else installs anything of the kind.
pub fn alone(of: &'static Mutex<()>) -> MutexGuard<'static, ()> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The browser that tests run in, as programs.
pub struct Browser {
    /// Chromium without windows where it is to be had: the same engine, which draws no tabs and no address bar for each page
    /// that is opened, and takes a third of the time for it.
    pub chromium: PathBuf,
    /// Chromium as people have it, where a walk closes it and starts it again.
    pub whole: PathBuf,
    /// chromedriver.
    pub driver: PathBuf,
}

impl Browser {
    fn found() -> Option<Self> {
        let chosen = std::env::var_os("LOKET_CHROMIUM").map(PathBuf::from);
        let shell = chosen.clone().or_else(|| run::in_path("chromium-headless-shell"));
        let whole = chosen.or_else(|| run::in_path("chromium"))?;
        let driver = run::in_path("chromedriver")?;
        Some(Self { chromium: shell.unwrap_or_else(|| whole.clone()), whole, driver })
    }

    /// Says to walks and measurements where it is.
    pub fn tell(&self, command: &mut Command) {
        command.env("LOKET_CHROMIUM", &self.chromium).env("LOKET_CHROMIUM_WHOLE", &self.whole);
    }
}

/// Chromium and its driver.
pub fn browser(ground: &Ground) -> Result<Browser> {
    let _alone = alone(&BROWSER);
    let without_windows = |found: &Browser| found.chromium != found.whole;
    if let Some(found) = Browser::found().filter(|found| without_windows(found) || is_chosen()) {
        return Ok(found);
    }
    let why = "the tests run in a real browser";
    let all = ["chromium", "chromium-driver", "chromium-headless-shell"];
    let refused = apt_install(ground, &all, why).err();
    match (Browser::found(), refused) {
        (Some(found), _) => Ok(found),
        // Where there is no Chromium without windows.
        (None, Some(_)) => {
            apt_install(ground, &all[..2], why)?;
            Browser::found().ok_or_else(not_in_path)
        }
        (None, None) => Err(not_in_path()),
    }
}

fn is_chosen() -> bool {
    std::env::var_os("LOKET_CHROMIUM").is_some()
}

fn not_in_path() -> Failure {
    Failure::new("chromium is installed but not in PATH", "Set LOKET_CHROMIUM to its full path.")
}

/// PostgreSQL, for those tests of the server that need one. They skip where it is missing and nobody may install it.
pub fn database(ground: &Ground) {
    let is_there =
        std::fs::read_dir("/usr/lib/postgresql").is_ok_and(|mut versions| versions.next().is_some());
    if is_there || run::in_path("initdb").is_some() {
        return;
    }
    if let Err(failure) = apt_install(ground, &["postgresql"], "the server's log can be kept in it") {
        eprintln!("{failure}\nThe tests that need PostgreSQL are skipped.");
    }
}

/// Playwright and axe, for the browser walks.
pub fn walk_tools(ground: &Ground) -> Result<()> {
    npm_ci(&ground.at("tests"), "Playwright and axe, which walk through the app in a browser")
}

/// The reference engines that the form engine is compared with; nothing of Loket uses them.
pub fn conformance_tools(ground: &Ground) -> Result<()> {
    npm_ci(&ground.at("tests/conformance"), "the reference engines that the form engine is compared with")
}

/// ODK Web Forms, which our forms are measured beside; nothing of Loket uses it.
pub fn field_forms_tools(ground: &Ground) -> Result<()> {
    npm_ci(&ground.at("tests/field-forms"), "ODK Web Forms, which our forms are measured beside")
}

/// A Python with pyxform, in the build folder.
pub fn python(ground: &Ground) -> Result<PathBuf> {
    let folder = ground.target().join(format!("pyxform-{PYXFORM}"));
    let python = folder.join("bin/python");
    if folder.join("bin/xls2xform").is_file() {
        return Ok(python);
    }
    eprintln!("Installing pyxform {PYXFORM}, the reference converter of workbooks.");
    virtual_environment(ground, &folder, "pyxform is written in Python")?;
    pip(ground, &folder, &[&format!("pyxform=={PYXFORM}")])?;
    Ok(python)
}

/// A Python with the programs that open what Loket exports, in the build folder: those of tests/readers/requirements.txt.
pub fn readers(ground: &Ground) -> Result<PathBuf> {
    let list = ground.at("tests/readers/requirements.txt");
    let wanted = std::fs::read(&list).map_err(|error| Failure::file(&list, &error))?;
    let digest = format!("{:x?}", Sha256::digest(&wanted));
    let folder = ground.target().join("readers");
    let (python, stamp) = (folder.join("bin/python"), folder.join(".loket-list"));
    let _alone = alone(&PYTHON);
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|kept| kept == digest) {
        return Ok(python);
    }
    eprintln!("Installing the programs of tests/readers/requirements.txt, which open what Loket exports.");
    virtual_environment(ground, &folder, "the programs that open exports are written in Python")?;
    // Nothing is built from source: that would take long and want compilers.
    pip(ground, &folder, &["--only-binary", ":all:", "--requirement", &list.to_string_lossy()])?;
    std::fs::write(&stamp, digest).map_err(|error| Failure::file(&stamp, &error))?;
    Ok(python)
}

/// A Python of its own in a folder.
fn virtual_environment(ground: &Ground, folder: &Path, why: &str) -> Result<()> {
    let make = || {
        let mut venv = run::command("python3", &ground.root);
        run::stream(venv.args(["-m", "venv"]).arg(folder), "Install python3 with its venv module.")
    };
    if make().is_ok() {
        return Ok(());
    }
    apt_install(ground, &["python3-venv"], why)?;
    make()
}

/// Installs Python packages; gives up after some tries of half a minute each.
fn pip(ground: &Ground, folder: &Path, what: &[&str]) -> Result<()> {
    let mut pip = run::command(folder.join("bin/pip"), &ground.root);
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--timeout", "30", "--retries", "3"]).args(what);
    run::stream(&mut pip, "Check the network, and that Python is 3.11 or newer, then try again.")
}

/// automerge-repo, which the sync is measured beside; nothing of Loket uses it.
pub fn field_tools(ground: &Ground) -> Result<()> {
    let folder = ground.at("tests/field");
    let list = folder.join("package.json");
    let wanted = std::fs::read(&list).map_err(|error| Failure::file(&list, &error))?;
    let digest = format!("{:x?}", Sha256::digest(&wanted));
    let stamp = folder.join("node_modules/.loket-list");
    if std::fs::read_to_string(&stamp).is_ok_and(|kept| kept == digest) {
        return Ok(());
    }
    eprintln!("Installing automerge-repo, which the sync is measured beside.");
    let mut npm = run::command("npm", &folder);
    // No lock file: one of its parts names packages for other systems that a lock file cannot hold.
    npm.args(["install", "--no-package-lock", "--omit=optional", "--no-audit", "--no-fund"]);
    run::stream(&mut npm, "Check the network, and that Node is 20 or newer (`node --version`).")?;
    std::fs::write(&stamp, digest).map_err(|error| Failure::file(&stamp, &error))
}

impl Tool {
    /// The folder that has this program in this version; built where it is missing.
    fn ready(&self, ground: &Ground) -> Result<PathBuf> {
        let _alone = alone(&RUST);
        let folder = ground.tools.join(format!("{}-{}", self.krate, self.version)).join("bin");
        if self.is_at(&folder.join(self.program), ground) {
            return Ok(folder);
        }
        if let Some(path) = run::in_path(self.program).filter(|path| self.is_at(path, ground)) {
            return Ok(path.parent().map(Path::to_path_buf).unwrap_or_default());
        }
        self.install(ground)?;
        Ok(folder)
    }

    fn is_at(&self, program: &Path, ground: &Ground) -> bool {
        let version = run::output(run::command(program, &ground.root).arg("--version"));
        version.is_some_and(|text| text.split_whitespace().nth(1) == Some(&self.version))
    }

    fn install(&self, ground: &Ground) -> Result<()> {
        eprintln!(
            "Installing {} {}: {}. Built from source, some minutes.",
            self.krate, self.version, self.why
        );
        let mut cargo = run::command("cargo", &ground.root);
        cargo
            .args(["install", self.krate, "--version", &format!("={}", self.version)])
            .args(["--no-default-features", "--root"])
            .arg(ground.tools.join(format!("{}-{}", self.krate, self.version)))
            .env("CARGO_TARGET_DIR", ground.tools.join("target"))
            // Not `--locked`: the lock file of wasm-bindgen-cli names a crate that is gone. Their own work takes a second or two either way; optimising them would take minutes.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        run::stream(
            &mut cargo,
            "Look at the first error above. Without a network, connect once and try again.",
        )
    }
}

/// Installs what a folder's package-lock.json names, unless that is there already.
fn npm_ci(folder: &Path, what: &str) -> Result<()> {
    let _alone = alone(&NPM);
    let lock = folder.join("package-lock.json");
    let bytes = std::fs::read(&lock).map_err(|error| Failure::file(&lock, &error))?;
    let digest = format!("{:x?}", Sha256::digest(&bytes));
    let stamp = folder.join("node_modules/.loket-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|kept| kept == digest) {
        return Ok(());
    }
    if run::in_path("npm").is_none() {
        return Err(Failure::new("npm is missing", "Install Node 20 or newer, then try again."));
    }
    eprintln!("Installing {what}.");
    let mut npm = run::command("npm", folder);
    npm.args(["ci", "--no-audit", "--no-fund"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run::stream(&mut npm, "Check the network, and that Node is 20 or newer (`node --version`).")?;
    std::fs::write(&stamp, digest).map_err(|error| Failure::file(&stamp, &error))
}

/// Whether Debian's package manager has this package installed.
pub fn has_package(package: &str) -> bool {
    let mut dpkg = run::command("dpkg-query", Path::new("/"));
    run::output(dpkg.args(["--show", "--showformat", "${db:Status-Status}", package]))
        .is_some_and(|status| status == "installed")
}

/// Installs Debian packages where that is allowed; else says the command that does.
pub fn apt_install(ground: &Ground, packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    let by_hand = format!("Run: sudo apt-get update && sudo apt-get install {list}");
    if run::in_path("apt-get").is_none() {
        return Err(Failure::new(
            format!("{list} missing, and no apt-get here"),
            "Install them, then try again.",
        ));
    }
    if run::output(run::command("id", &ground.root).arg("-u")).as_deref() != Some("0") {
        return Err(Failure::new(format!("{list} missing: {why}"), by_hand));
    }
    let _alone = alone(&PACKAGES);
    eprintln!("Installing {list}: {why}.");
    run::stream(run::command("apt-get", &ground.root).args(["update", "--quiet"]), &by_hand)?;
    let mut install = run::command("apt-get", &ground.root);
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    run::stream(install.env("DEBIAN_FRONTEND", "noninteractive"), &by_hand)
}
