//! Starts programs, shows what they say as they say it, and bounds them in time where asked.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};

/// Variables that `cargo run` sets for this program, and that would change what other calls of Cargo build.
const OWN: [&str; 4] = ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "LD_LIBRARY_PATH"];

/// A command in `folder`, without the variables that belong to this program alone.
pub fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if OWN.contains(&text.as_ref()) || text.starts_with("CARGO_PKG_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs to the end with its output shown. `remedy` is what to do when it fails.
pub fn stream(command: &mut Command, remedy: &str) -> Result<()> {
    eprintln!("$ {}", shown(command));
    let status = command.status().map_err(|error| not_started(command, &error))?;
    check(command, status, remedy)
}

/// Like [`stream`], but ended after `limit`.
pub fn stream_within(command: &mut Command, limit: Duration, remedy: &str) -> Result<()> {
    eprintln!("$ {}", shown(command));
    let mut child = command.spawn().map_err(|error| not_started(command, &error))?;
    match wait(&mut child, limit) {
        Some(status) => check(command, status, remedy),
        None => {
            Err(Failure::new(format!("`{}` gave no answer in {} s", shown(command), limit.as_secs()), remedy))
        }
    }
}

fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    // Ended or gone by itself meanwhile: either is as good.
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// What a command prints, where it succeeds.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first program of this name in `PATH`.
pub fn in_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn check(command: &Command, status: ExitStatus, remedy: &str) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` did not succeed ({status})", shown(command)), remedy))
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    let program = command.get_program().to_string_lossy().into_owned();
    Failure::new(
        format!("`{program}` cannot be started: {error}"),
        format!("Install `{program}`, then try again."),
    )
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
