//! Real workbooks: the product's own, and those of other projects where they are at hand.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use survey::xlsform::{compile, summary};

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Workbooks in a folder, by name; none where the folder is absent, which is said.
fn workbooks(folder: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(at_root(folder)) else {
        println!("skipped: {folder} is not here");
        return Vec::new();
    };
    let is_workbook = |path: &PathBuf| path.extension().is_some_and(|end| end == "xlsx" || end == "xls");
    let mut found: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_workbook).collect();
    found.sort();
    found
}

#[test]
fn the_products_own_workbooks_compile_without_fault_or_warning() {
    for path in workbooks("public/instruments") {
        match compile(&fs::read(&path).unwrap()) {
            Ok(compiled) => {
                let said: Vec<String> = compiled.warnings.iter().map(ToString::to_string).collect();
                assert!(said.is_empty(), "{}: {said:#?}", path.display());
                println!("{}", serde_json::to_string(&summary(&compiled.instrument)).unwrap());
            }
            Err(faults) => {
                let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
                panic!("{}: {said:#?}", path.display());
            }
        }
    }
}

#[test]
fn every_foreign_workbook_compiles_or_is_refused_with_reasons() {
    for path in workbooks("../shared/forms") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match compile(&fs::read(&path).unwrap()) {
            Ok(compiled) => {
                println!("{name}: taken, {} warnings", compiled.warnings.len());
                for warning in compiled.warnings {
                    println!("    warning: {warning}");
                }
            }
            Err(faults) => {
                assert!(!faults.is_empty(), "{name} is refused without a reason");
                println!("{name}: refused");
                for fault in faults {
                    println!("    {fault}");
                }
            }
        }
    }
}

/// A cheap source of the same figures each time (xorshift).
fn figures(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below.max(1)).unwrap()).unwrap()
    }
}

#[test]
fn no_damage_to_a_real_workbook_makes_the_compiler_panic() {
    let mut found = workbooks("public/instruments");
    found.extend(workbooks("../shared/forms"));
    for path in found {
        let whole = fs::read(&path).unwrap();
        let mut figure = figures(whole.len() as u64);
        for _ in 0..40 {
            let mut bytes = whole.clone();
            for _ in 0..=figure(8) {
                let at = figure(bytes.len());
                bytes[at] = u8::try_from(figure(256)).unwrap();
            }
            if figure(4) == 0 {
                bytes.truncate(figure(bytes.len()));
            }
            if let Err(faults) = compile(&bytes) {
                assert!(!faults.is_empty(), "{} is refused without a reason", path.display());
            }
        }
    }
}
