//! `cargo xtask serve`: builds what has changed and starts Loket on this machine.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::{bundle, lint, run};

/// Results that were really published, with their sources.
const SAMPLE_RESULTS: &str = "public/samples/published.csv";
/// Real offices, named in the articles behind the project, to try Loket with.
pub const SAMPLE_UNITS: &str = "public/samples/units.csv";

/// What the person chose on the command line.
pub struct Options {
    /// The folder with everything that the server keeps.
    pub data: PathBuf,
    /// Address and port.
    pub listen: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { data: "data".into(), listen: "127.0.0.1:8080".into() }
    }
}

/// Builds, fills a new data folder with the sample units, and becomes the server.
pub fn serve(ground: &Ground, options: &Options) -> Result<()> {
    bundle::bundle(ground)?;
    let loket = build_server(ground, true)?;
    let data = ground.root.join(&options.data);
    if !data.exists() {
        import_samples(ground, &loket, &data)?;
    }
    let mut server = run::command(&loket, &ground.root);
    server.arg("serve").arg("--data").arg(&data).args(["--listen", &options.listen]);
    // On success this never returns: signals then reach the server itself.
    let error = server.exec();
    Err(Failure::new(format!("the server cannot be started: {error}"), "Look at the error above."))
}

/// Builds the server with the bundle inside, and returns its path.
pub fn build_server(ground: &Ground, release: bool) -> Result<PathBuf> {
    let mut cargo = run::command("cargo", &ground.root);
    if release {
        cargo.args(["build", "--release", "--package", "sync-server"]);
    } else {
        lint::build(&mut cargo, &["--bin", "loket"]);
    }
    run::stream(&mut cargo, "Look at the first error above: the server does not compile.")?;
    Ok(ground.target().join(if release { "release" } else { "debug" }).join("loket"))
}

/// Imports the sample units into a data folder, which comes into being whole or not at all.
pub fn import_samples(ground: &Ground, loket: &Path, data: &Path) -> Result<()> {
    eprintln!("A new data folder, {}, with the sample units of {SAMPLE_UNITS}.", data.display());
    let mut import = run::command(loket, &ground.root);
    import.args(["units", "import", SAMPLE_UNITS, "--data"]).arg(data);
    let mut published = run::command(loket, &ground.root);
    published.args(["published", "import", SAMPLE_RESULTS, "--data"]).arg(data);
    let remedy = "Look at the error above.";
    let imported = run::stream(&mut import, remedy).and_then(|()| run::stream(&mut published, remedy));
    if imported.is_err() {
        // It did not exist before; half a folder would pass for a real one the next time.
        let _ = std::fs::remove_dir_all(data);
    }
    imported
}
