//! What compiling a form and a keystroke in it cost, and how that grows with the form: `cargo bench -p survey`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking")]

use std::fmt::Write as _;
use std::sync::Arc;

use divan::Bencher;
use survey::instrument::Instrument;
use survey::path::Path;
use survey::session::{Clock, Saved, Session};
use survey::xlsform::compile;

const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    println!("name value unit goal");
    for size in SIZES {
        println!("evaluations/independent/{size} {} evaluations 1", evaluations(&independent(size), "q1"));
    }
    for size in SIZES {
        println!("evaluations/chain/{size} {} evaluations {size}", evaluations(&chain(size), "q0"));
    }
    divan::main();
}

fn clock() -> Clock {
    Clock { today: "2026-11-22".into(), now: "2026-11-22T10:11:12.000+07:00".into(), chance: 1 }
}

/// So many questions, every second one with a calculation that reads the one before it.
fn independent(size: usize) -> String {
    let mut text = "| survey |\n| | type | name | label | calculation | relevant |\n".to_owned();
    for index in 0..size / 2 {
        let _ = writeln!(text, "| | integer | q{index} | Question {index} | | |");
        let _ = writeln!(text, "| | calculate | c{index} | | ${{q{index}}} * 2 + 1 | |");
    }
    text
}

/// A question, and so many calculations of which each reads the one before it.
fn chain(size: usize) -> String {
    let mut text =
        "| survey |\n| | type | name | label | calculation |\n| | integer | q0 | Q | |\n".to_owned();
    for index in 1..=size {
        let before = if index == 1 { "q0".to_owned() } else { format!("c{}", index - 1) };
        let _ = writeln!(text, "| | calculate | c{index} | | ${{{before}}} + 1 |");
    }
    text
}

fn form(text: &str) -> Arc<Instrument> {
    Arc::new(compile(text.as_bytes()).unwrap().instrument)
}

fn open(text: &str) -> Session {
    Session::open(form(text), Saved::default(), &clock()).0
}

/// How many expressions one answer at `at` makes the form evaluate.
fn evaluations(text: &str, at: &str) -> u64 {
    let mut session = open(text);
    let before = session.evaluations();
    session.answer(&at.parse::<Path>().unwrap(), "5", &clock()).unwrap();
    session.evaluations() - before
}

/// Answers one question again and again, with another value each time.
fn keystrokes(bencher: Bencher<'_, '_>, text: &str, at: &str) {
    let mut session = open(text);
    let (path, clock) = (at.parse::<Path>().unwrap(), clock());
    let mut value = 0_u32;
    bencher.bench_local(|| {
        value += 1;
        session.answer(&path, &(value % 1_000).to_string(), &clock).unwrap()
    });
}

#[divan::bench(args = SIZES)]
fn compile_workbook(bencher: Bencher<'_, '_>, size: usize) {
    let text = independent(size);
    bencher.bench(|| compile(text.as_bytes()).unwrap());
}

#[divan::bench(args = SIZES)]
fn read_instrument(bencher: Bencher<'_, '_>, size: usize) {
    let json = form(&independent(size)).to_json().unwrap();
    bencher.bench(|| serde_json::from_slice::<Instrument>(&json).unwrap());
}

#[divan::bench(args = SIZES)]
fn open_form(bencher: Bencher<'_, '_>, size: usize) {
    let form = form(&independent(size));
    bencher.bench(|| Session::open(Arc::clone(&form), Saved::default(), &clock()));
}

#[divan::bench(args = SIZES)]
fn keystroke_in_chain(bencher: Bencher<'_, '_>, size: usize) {
    keystrokes(bencher, &chain(size), "q0");
}

#[divan::bench(args = SIZES)]
fn keystroke_among_independent(bencher: Bencher<'_, '_>, size: usize) {
    keystrokes(bencher, &independent(size), "q1");
}

#[divan::bench(args = SIZES)]
fn row_among_rows(bencher: Bencher<'_, '_>, rows: usize) {
    let text = "| survey |\n| | type | name | label | calculation |\n| | begin_repeat | r | R | |\n\
        | | integer | a | A | |\n| | calculate | b | | ${a} * 2 |\n| | end_repeat | | | |\n\
        | | calculate | rows | | count(${r}) |\n";
    let mut session = open(text);
    let repeat: Path = "r".parse().unwrap();
    let row = |number: usize| survey::path::RowId::new(&format!("x{number}")).unwrap();
    for number in 0..rows {
        session.add_row(&repeat, &row(number), &clock()).unwrap();
    }
    let mut number = rows;
    bencher.bench_local(|| {
        number += 1;
        session.add_row(&repeat, &row(number), &clock()).unwrap();
        session.remove_row(&format!("r[x{number}]").parse().unwrap()).unwrap()
    });
}
