//! Checks releases: a kept one against the log that it was made from, and a folder against the public key alone.

use std::collections::BTreeMap;
use std::path::Path;

use replica::api::Unit;
use replica::{ContentHash, PublicKey, RecordId, Signature, UnitId};
use survey::scoring::methods::Method;
use survey::scoring::read::{read_rules, read_skm};

use super::bundle::Bundle;
use super::content::{Archive, At, Version};
use super::error::ReleaseError;
use super::files::{Files, document, hash_of};
use super::frozen::{FrozenError, lines, one};
use super::key;
use super::lines::{FrozenRecord, Photo};
use super::manifest::{
    FORMAT, FileEntry, MANIFEST, Manifest, PHOTOS, PUBLIC_KEY, RECORDS, RULES, SIGNATURE, SKM, UNITS,
};
use super::press::manifest_of;
use super::reckon::{Scope, reckon};
use crate::catalogue::Catalogue;
use crate::log::Log;

/// What a check found.
#[derive(Debug)]
pub struct Findings {
    /// What the manifest says.
    pub manifest: Manifest,
    /// Whose signature was looked for.
    pub key: PublicKey,
    /// What is wrong, a sentence each; nothing where all holds.
    pub faults: Vec<String>,
    /// Files in the folder that are not part of the release.
    pub others: Vec<String>,
}

/// Reckons a kept release again, out of the log and the release's own units and rules, and compares every byte. Looks
/// only at changes that the release names, so it works whatever came in since.
///
/// # Errors
/// Where there is no such release, it cannot be read at all, or the log fails.
pub fn check(
    bundle: &Bundle<'_>,
    log: &dyn Log,
    catalogue: &dyn Catalogue,
    key: &PublicKey,
) -> Result<Findings, ReleaseError> {
    let manifest = bundle.manifest.clone();
    let mut faults = Vec::new();
    if bundle.kept.key != *key {
        faults.push("it is signed by another key than this store's".to_owned());
    }
    if (bundle.kept.number, &bundle.kept.round) != (manifest.number, &manifest.asked.round) {
        faults.push(format!("{MANIFEST}: its number or round is not the one that it is kept under"));
    }
    signed(&bundle.kept.manifest, &bundle.kept.signature, &bundle.kept.key, &mut faults);
    let mut kept = Files::default();
    for FileEntry { name, .. } in &manifest.files {
        match bundle.file(name) {
            Ok(bytes) => kept.put(name, bytes),
            Err(FrozenError::Store(error)) => return Err(error.into()),
            Err(error) => faults.push(format!("{name}: it is not here as it was kept ({error})")),
        }
    }
    match again(&kept, &manifest, log, catalogue) {
        Ok((files, document)) => {
            faults.extend(differences(&kept, &files));
            if document != bundle.kept.manifest {
                faults.push(format!("{MANIFEST}: reckoned again it says something else"));
            }
        }
        Err(error @ (ReleaseError::Log(_) | ReleaseError::Scores(_))) => return Err(error),
        Err(error) => faults.push(format!("it cannot be reckoned again: {error}")),
    }
    Ok(Findings { manifest, key: bundle.kept.key, faults, others: Vec::new() })
}

/// The files and the manifest as they come out now.
fn again(
    kept: &Files,
    manifest: &Manifest,
    log: &dyn Log,
    catalogue: &dyn Catalogue,
) -> Result<(Files, Vec<u8>), ReleaseError> {
    let file = |name: &str| kept.get(name).ok_or_else(|| FrozenError::Missing(name.to_owned()));
    let text = |name: &str| Ok::<_, FrozenError>(String::from_utf8_lossy(file(name)?).into_owned());
    let fault = |file: &str, source| FrozenError::Rules { file: file.to_owned(), source };
    let rules = read_rules(&text(RULES)?).map_err(|source| fault(RULES, source))?;
    let skm = read_skm(&text(SKM)?).map_err(|source| fault(SKM, source))?;
    let units: Vec<Unit> = lines(UNITS, file(UNITS)?)?;
    let records: Vec<FrozenRecord> = lines(RECORDS, file(RECORDS)?)?;
    let photos: Vec<Photo> = lines(PHOTOS, file(PHOTOS)?)?;
    let here: BTreeMap<(RecordId, ContentHash), bool> =
        photos.iter().map(|photo| ((photo.record, photo.hash), photo.here)).collect();
    let mut versions = BTreeMap::<UnitId, Vec<Version>>::new();
    for FrozenRecord { unit, record, heads, set_aside, .. } in records {
        versions.entry(unit).or_default().push(Version { record, at: At::Heads(heads), set_aside });
    }
    let scope = Scope {
        asked: manifest.asked.clone(),
        method: Method { rules: &rules, year: manifest.asked.year },
        skm: &skm,
        texts: (file(RULES)?.to_vec(), file(SKM)?.to_vec()),
        units,
        records: versions,
        here: &|record, hash| here.get(&(*record, *hash)).copied().unwrap_or(false),
    };
    let reckoned = reckon(&mut Archive::new(log, catalogue), &scope)?;
    let document = document(&manifest_of(&reckoned, manifest.number, manifest.follows))?;
    Ok((reckoned.files, document))
}

/// The first place in each file where the bytes differ.
fn differences(kept: &Files, again: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (name, bytes) in again.iter() {
        match kept.get(name) {
            Some(kept) if kept == bytes => {}
            Some(kept) => {
                let line = 1 + kept
                    .split(|byte| *byte == b'\n')
                    .zip(bytes.split(|byte| *byte == b'\n'))
                    .take_while(|(kept, again)| kept == again)
                    .count();
                found.push(format!("{name}, line {line}: reckoned again it says something else"));
            }
            None => found.push(format!("{name}: reckoned again there is such a file, and none is kept")),
        }
    }
    found
}

fn signed(manifest: &[u8], signature: &Signature, key: &PublicKey, faults: &mut Vec<String>) {
    if !key::holds(key, manifest, signature) {
        faults.push(format!("{SIGNATURE}: it is not this key's signature over {MANIFEST}"));
    }
}

/// Checks a folder with the files of a release: the signature by a key, the one that lies in the folder where none is
/// given, and that every file is the one that was signed.
///
/// # Errors
/// Where there is no manifest, signature or key in the folder, or they cannot be read.
pub fn verify(folder: &Path, key: Option<PublicKey>) -> Result<Findings, FrozenError> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|source| FrozenError::File { path: path.display().to_string(), source })
    };
    let wrong =
        |file: &str, why: &str| FrozenError::Line { file: file.to_owned(), line: 1, why: why.to_owned() };
    let bytes = read(MANIFEST)?;
    let manifest: Manifest = one(MANIFEST, &bytes)?;
    let signature = Signature::try_from(read(SIGNATURE)?.as_slice())
        .map_err(|error| wrong(SIGNATURE, &error.to_string()))?;
    let key = match key {
        Some(key) => key,
        None => key::from_text(&String::from_utf8_lossy(&read(PUBLIC_KEY)?))
            .ok_or_else(|| wrong(PUBLIC_KEY, "this is no Ed25519 public key"))?,
    };
    let mut faults = Vec::new();
    signed(&bytes, &signature, &key, &mut faults);
    if manifest.format != FORMAT {
        faults.push(format!("{MANIFEST}: `{}` was written by another version of loket", manifest.format));
    }
    for FileEntry { name, length, sha256 } in &manifest.files {
        // A name that leads elsewhere is none of a release's.
        if Path::new(name).components().count() != 1 || name.contains(['/', '\\']) || name == ".." {
            faults.push(format!("{name}: this is no name of a file of a release"));
            continue;
        }
        match read(name) {
            Ok(bytes) if bytes.len() as u64 == *length && hash_of(&bytes) == *sha256 => {}
            Ok(_) => faults.push(format!("{name}: it is not the file that was signed")),
            Err(error) => faults.push(error.to_string()),
        }
    }
    let others = others(folder, &manifest)?;
    Ok(Findings { manifest, key, faults, others })
}

/// What else lies in the folder.
fn others(folder: &Path, manifest: &Manifest) -> Result<Vec<String>, FrozenError> {
    let fault = |source| FrozenError::File { path: folder.display().to_string(), source };
    let mut others = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let name = entry.map_err(fault)?.file_name().to_string_lossy().into_owned();
        let is_own = [MANIFEST, SIGNATURE, PUBLIC_KEY].contains(&name.as_str())
            || manifest.files.iter().any(|file| file.name == name);
        if !is_own {
            others.push(name);
        }
    }
    others.sort();
    Ok(others)
}
