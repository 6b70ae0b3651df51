//! A hash over files, by which a step knows whether anything that goes into it has changed.

use std::ffi::OsStr;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::failure::{Failure, Result};

/// Takes in paths and bytes.
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Begins with words that stand for what is no file, such as versions.
    pub fn of(words: &str) -> Self {
        Self(Sha256::new_with_prefix(words))
    }

    /// Adds a file, or all files of a folder that are not below one of the folders named.
    ///
    /// # Errors
    /// Where one cannot be read.
    pub fn add(mut self, root: &Path, path: &Path, but: &[&str]) -> Result<Self> {
        let wanted = |name: &OsStr| !but.iter().any(|but| name == *but);
        let files = walkdir::WalkDir::new(path).sort_by_file_name();
        for entry in files.into_iter().filter_entry(|entry| wanted(entry.file_name())) {
            let entry = entry.map_err(|error| Failure::file(path, &error))?;
            if entry.file_type().is_file() {
                let bytes =
                    std::fs::read(entry.path()).map_err(|error| Failure::file(entry.path(), &error))?;
                let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
                self.0.update(format!("\n{} {}\n", path.display(), bytes.len()));
                self.0.update(bytes);
            }
        }
        Ok(self)
    }

    /// The hash, in hexadecimal digits.
    pub fn text(self) -> String {
        format!("{:x?}", self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_changes_with_each_byte_and_name_and_not_with_what_is_left_out() {
        let folder = std::env::temp_dir().join(format!("loket-fingerprint-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("results")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        let now = || Fingerprint::of("1").add(&folder, &folder, &["results"]).unwrap().text();
        write("a", "one");
        let first = now();
        write("results/trace", "left out");
        assert_eq!(now(), first);
        write("a", "two");
        assert_ne!(now(), first);
        write("a", "one");
        assert_eq!(now(), first);
        std::fs::rename(folder.join("a"), folder.join("b")).unwrap();
        assert_ne!(now(), first);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
