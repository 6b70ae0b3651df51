//! Where things are: the work tree, the cache of tools, and what Cargo.lock pins.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// The folders that every step works in.
pub struct Ground {
    /// The work tree.
    pub root: PathBuf,
    /// Tools built once and used by every work tree of this person.
    pub tools: PathBuf,
}

impl Ground {
    /// Finds the work tree from where Cargo runs this program, and the cache by the XDG rules.
    pub fn find() -> Result<Self> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let xtask = Path::new(&xtask);
        let root = xtask.parent().unwrap_or(xtask).to_path_buf();
        let cache = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
            (Some(cache), _) if Path::new(&cache).is_absolute() => PathBuf::from(cache),
            (_, Some(home)) => Path::new(&home).join(".cache"),
            _ => return Err(Failure::new("no home folder is known", "Set HOME or XDG_CACHE_HOME.")),
        };
        Ok(Self { root, tools: cache.join("loket/tools") })
    }

    /// A path inside the work tree.
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Where Cargo builds.
    pub fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.at("target"), |path| self.root.join(path))
    }

    /// Where this program keeps what it remembers between runs.
    pub fn memory(&self) -> Result<PathBuf> {
        let path = self.target().join("xtask");
        std::fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))?;
        Ok(path)
    }

    /// The version of a crate in Cargo.lock.
    pub fn locked_version(&self, name: &str) -> Result<String> {
        let path = self.at("Cargo.lock");
        let lock = parse(&path)?;
        let packages = lock.get("package").and_then(toml::Value::as_array);
        packages
            .into_iter()
            .flatten()
            .find(|package| package.get("name").and_then(toml::Value::as_str) == Some(name))
            .and_then(|package| package.get("version")?.as_str().map(str::to_owned))
            .ok_or_else(|| {
                Failure::new(format!("Cargo.lock has no `{name}`"), "Run `cargo metadata` and look again.")
            })
    }
}

fn parse(path: &Path) -> Result<toml::Table> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    text.parse().map_err(|error| Failure::file(path, &error))
}
