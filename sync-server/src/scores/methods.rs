//! The rule sets that this version brings along, or those of a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rust_embed::Embed;
use survey::scoring::methods::{Methods, YearError};
use survey::scoring::read::{ReadError, read_rules, read_skm};
use survey::scoring::skm::SkmRules;
use thiserror::Error;

/// `public/methods`.
#[derive(Embed)]
#[folder = "../public/methods"]
#[include = "*.toml"]
struct Files;

/// The file of the satisfaction index.
pub const SKM: &str = include_str!("../../../public/indices/skm.toml");

/// Why the rule sets cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MethodsError {
    /// The disk.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// One of them is not sound.
    #[error("{file}: {source}")]
    Rules {
        /// Its name.
        file: String,
        /// Why.
        source: ReadError,
    },
    /// They do not go together.
    #[error(transparent)]
    Years(#[from] YearError),
    /// The folder has none.
    #[error("{0} holds no .toml files; every method is one file there")]
    None(PathBuf),
}

/// Rule sets, and the files that they were read from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The rule sets by year.
    pub methods: Methods,
    /// The text of each by its short name, as it goes into a release.
    pub texts: BTreeMap<String, String>,
}

/// The rule sets of a folder, to try a changed figure or a new year; without one, those that this version brings along.
///
/// # Errors
/// Where the folder cannot be read or has none, or one is not sound, which the tests rule out of those that come along.
pub fn load(folder: Option<&Path>) -> Result<Loaded, MethodsError> {
    let mut files = folder.map_or_else(|| Ok(those_that_come_along()), of_folder)?;
    files.sort();
    let (mut sets, mut texts) = (Vec::new(), BTreeMap::new());
    for (file, text) in files {
        let rules = read_rules(&text).map_err(|source| MethodsError::Rules { file, source })?;
        texts.insert(rules.id.clone(), text);
        sets.push(rules);
    }
    Ok(Loaded { methods: Methods::of(sets)?, texts })
}

/// The rule sets that this version brings along.
///
/// # Errors
/// Where one of them is not sound, which the tests rule out.
pub fn embedded() -> Result<Methods, MethodsError> {
    load(None).map(|loaded| loaded.methods)
}

fn those_that_come_along() -> Vec<(String, String)> {
    let text = |name: &str| Some(String::from_utf8_lossy(&Files::get(name)?.data).into_owned());
    Files::iter().filter_map(|name| Some((name.to_string(), text(&name)?))).collect()
}

/// The satisfaction index that this version brings along.
///
/// # Errors
/// Where it is not sound, which the tests rule out.
pub fn embedded_skm() -> Result<SkmRules, MethodsError> {
    read_skm(SKM).map_err(|source| MethodsError::Rules { file: "skm.toml".to_owned(), source })
}

fn of_folder(folder: &Path) -> Result<Vec<(String, String)>, MethodsError> {
    let fault = |source| MethodsError::File { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| MethodsError::File { path: path.clone(), source })?;
            files.push((path.display().to_string(), text));
        }
    }
    if files.is_empty() { Err(MethodsError::None(folder.to_owned())) } else { Ok(files) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_sets_that_come_along_are_sound() {
        let methods = embedded().unwrap();
        assert_eq!(methods.years(), [2015, 2016, 2017, 2018, 2019, 2021, 2022, 2023, 2024, 2025]);
    }
}
