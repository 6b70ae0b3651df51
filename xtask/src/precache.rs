//! Finishes the bundle: the service worker's list of files, the version's name, and Brotli copies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::failure::{Failure, Result};
use crate::pack;

/// Files that the system fetches by itself when the app is installed, or that only robots read.
const NOT_KEPT: [&str; 3] = ["/sw.js", "/robots.txt", "/icons/maskable.svg"];

/// What Brotli makes smaller.
const COMPRESSIBLE: [&str; 9] = ["html", "js", "css", "packed", "svg", "json", "webmanifest", "txt", "map"];

/// Writes `sw.js` and the `.br` files into the assembled folder. Returns the version's name.
pub fn finish(folder: &Path) -> Result<String> {
    let files = files(folder)?;
    let worker = folder.join("sw.js");
    let template = std::fs::read_to_string(&worker).map_err(|error| Failure::file(&worker, &error))?;
    let list = kept(folder, &files)?;
    let version = version(&template, &list);
    let text = fill(&template, &version, &list)?;
    std::fs::write(&worker, text).map_err(|error| Failure::file(&worker, &error))?;
    for file in &files {
        compress(file)?;
    }
    Ok(version)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| Failure::file(folder, &error))?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Every file that the app needs without a network: its path on the server, and its integrity value.
fn kept(folder: &Path, files: &[PathBuf]) -> Result<BTreeMap<String, String>> {
    let mut list = BTreeMap::new();
    for file in files {
        let inside = file.strip_prefix(folder).unwrap_or(file);
        let path = format!("/{}", inside.display());
        if NOT_KEPT.contains(&path.as_str()) || has_extension(file, &["png"]) {
            continue;
        }
        let bytes = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
        list.insert(path, format!("sha256-{}", STANDARD.encode(Sha256::digest(bytes))));
    }
    Ok(list)
}

fn version(template: &str, list: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    hash.update(template);
    for (path, integrity) in list {
        hash.update(format!("\n{path} {integrity}"));
    }
    short_name(&hash.finalize())
}

/// The first 16 hexadecimal digits of a hash.
pub fn short_name(digest: &[u8]) -> String {
    digest.iter().take(8).fold(String::new(), |mut name, byte| {
        // Writing to a String does not fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

fn fill(template: &str, version: &str, list: &BTreeMap<String, String>) -> Result<String> {
    if ["__VERSION__", "__UNPACKER__", "__FILES__"].iter().any(|place| template.matches(place).count() != 1) {
        let remedy = "It must hold __VERSION__, __UNPACKER__ and __FILES__ once each.";
        return Err(Failure::new("public/sw.js has no place for the list of files", remedy));
    }
    let json = serde_json::to_string_pretty(list).unwrap_or_default();
    let Some(unpacker) = list.keys().find(|path| path.starts_with("/unpack-")) else {
        return Err(Failure::new("the bundle has no /unpack-*.js", "Look at xtask/src/assemble.rs."));
    };
    let named = template.replacen("__VERSION__", version, 1).replacen("__UNPACKER__", unpacker, 1);
    Ok(named.replacen("__FILES__", &json, 1))
}

/// Writes `file.br` beside a file, where Brotli helps.
fn compress(file: &Path) -> Result<()> {
    if !has_extension(file, &COMPRESSIBLE) {
        return Ok(());
    }
    let bytes = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
    let failed = |error| Failure::file(file, &error);
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, 11, 24);
    // Brotli looks at each stream of the packed program for itself.
    let mut rest = bytes.as_slice();
    for seam in pack::seams(&bytes).unwrap_or_default() {
        let (stream, further) = rest.split_at(seam.saturating_sub(bytes.len() - rest.len()));
        writer.write_all(stream).and_then(|()| writer.flush()).map_err(failed)?;
        rest = further;
    }
    writer.write_all(rest).map_err(failed)?;
    let compressed = writer.into_inner();
    if compressed.len() < bytes.len() {
        let mut name = file.as_os_str().to_owned();
        name.push(".br");
        std::fs::write(&name, compressed).map_err(failed)?;
    }
    Ok(())
}

fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    file.extension().and_then(|extension| extension.to_str()).is_some_and(|it| extensions.contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> BTreeMap<String, String> {
        ["/index.html", "/unpack-0123.js"].map(|path| (path.to_owned(), "sha256-a".to_owned())).into()
    }

    #[test]
    fn the_version_changes_with_any_file_and_with_the_worker_itself() {
        let mut other = list();
        other.insert("/app.js".to_owned(), "sha256-b".to_owned());
        assert_ne!(version("t", &list()), version("t", &other));
        assert_ne!(version("t", &list()), version("u", &list()));
        assert_eq!(version("t", &list()), version("t", &list()));
    }

    #[test]
    fn a_worker_without_places_for_version_and_list_is_refused() {
        assert!(fill("const VERSION = 1;", "v", &list()).is_err());
        assert!(fill("__VERSION__ __UNPACKER__", "v", &list()).is_err());
        let template = "const V = \"__VERSION__\"; const F = __FILES__; importScripts(\"__UNPACKER__\");";
        let filled = fill(template, "v", &list());
        assert!(filled.as_ref().is_ok_and(|text| text.ends_with("importScripts(\"/unpack-0123.js\");")));
        assert!(filled.is_ok_and(|text| text.contains("\"/index.html\": \"sha256-a\"")));
    }

    #[test]
    fn compressed_copies_stand_beside_and_unfold_to_the_same_bytes() {
        let folder = std::env::temp_dir().join(format!("loket-precache-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("sw.js"), "__VERSION__ __UNPACKER__ __FILES__").unwrap();
        std::fs::write(folder.join("unpack-0123.js"), "").unwrap();
        let text = "the same words, ".repeat(400);
        std::fs::write(folder.join("app.js"), &text).unwrap();
        finish(&folder).unwrap();
        let mut unfolded = Vec::new();
        let compressed = std::fs::read(folder.join("app.js.br")).unwrap();
        assert!(compressed.len() < text.len() / 10);
        brotli::BrotliDecompress(&mut compressed.as_slice(), &mut unfolded).unwrap();
        assert_eq!(unfolded, text.as_bytes());
        assert!(std::fs::read_to_string(folder.join("sw.js")).unwrap().contains("/app.js"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
