//! Every target on what was kept of earlier runs, and on some thousand mutants.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]

use std::path::Path;

use fuzz::corpus::Corpus;
use fuzz::fuzz::{Until, run};
use fuzz::target::TARGETS;

fn survives(name: &str, runs: u64) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut corpus = Corpus::open(&folder).unwrap();
    let runs = runs + corpus.inputs.len() as u64;
    let report = run(target, &mut corpus, 7, Until::Runs(runs), false).unwrap();
    assert!(report.failure.is_none(), "{name}: {:?}", report.failure);
    assert!(report.answers > 2, "{name} says the same to everything: {report:?}");
}

#[test]
fn a_foreign_change_is_read_or_refused() {
    survives("change", 20_000);
}

#[test]
fn a_batch_and_the_answers_to_it_are_read_or_refused() {
    survives("batch", 20_000);
}

#[test]
fn no_signature_holds_but_the_one_that_was_made() {
    survives("attestation", 5_000);
}

#[test]
fn a_phones_backup_is_taken_in_once_or_refused() {
    survives("import", 2_000);
}

#[test]
fn parts_of_photos_make_a_photo_or_are_refused() {
    survives("photo", 3_000);
}

#[test]
fn questions_about_ranges_are_answered_or_refused() {
    survives("reconcile", 3_000);
}

#[test]
fn what_a_device_says_that_it_has_is_read_one_way_or_refused() {
    survives("have", 20_000);
}

#[test]
fn a_workbook_of_any_bytes_is_taken_or_refused_with_a_reason() {
    survives("workbook", 1_000);
}

#[test]
fn a_sheet_of_any_xml_is_taken_or_refused_with_a_reason() {
    survives("sheet", 2_000);
}
