//! The rule sets that this version brings along, or those of a folder.

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

/// The rule sets that this version brings along.
///
/// # Errors
/// Where one of them is not sound, which the tests rule out.
pub fn embedded() -> Result<Methods, MethodsError> {
    let texts = Files::iter().filter_map(|name| {
        let text = String::from_utf8_lossy(&Files::get(&name)?.data).into_owned();
        Some((name.to_string(), text))
    });
    together(texts.collect())
}

/// The file of a rule set that comes along, by the rule set's short name.
pub fn embedded_file(id: &str) -> Option<Vec<u8>> {
    let files = Files::iter().filter_map(|name| Files::get(&name)).map(|file| file.data.into_owned());
    let is_it = |file: &Vec<u8>| {
        std::str::from_utf8(file)
            .ok()
            .and_then(|text| read_rules(text).ok())
            .is_some_and(|rules| rules.id == id)
    };
    files.into_iter().find(is_it)
}

/// The satisfaction index that this version brings along.
///
/// # Errors
/// Where it is not sound, which the tests rule out.
pub fn embedded_skm() -> Result<SkmRules, MethodsError> {
    read_skm(SKM).map_err(|source| MethodsError::Rules { file: "skm.toml".to_owned(), source })
}

/// Those of a folder in their place: to try a changed figure, or a new year.
///
/// # Errors
/// Where the folder cannot be read, has none, or one is not sound.
pub fn of_folder(folder: &Path) -> Result<Methods, MethodsError> {
    let fault = |source| MethodsError::File { path: folder.to_owned(), source };
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| MethodsError::File { path: path.clone(), source })?;
            texts.push((path.display().to_string(), text));
        }
    }
    if texts.is_empty() {
        return Err(MethodsError::None(folder.to_owned()));
    }
    together(texts)
}

fn together(mut texts: Vec<(String, String)>) -> Result<Methods, MethodsError> {
    texts.sort();
    let sets = texts
        .into_iter()
        .map(|(file, text)| read_rules(&text).map_err(|source| MethodsError::Rules { file, source }))
        .collect::<Result<_, _>>()?;
    Ok(Methods::of(sets)?)
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
