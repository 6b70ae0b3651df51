//! The dictionary: header, one record a variable, value labels, and the extensions.

use super::super::origin::{Calendar, Origin};
use super::super::series::shortened;
use super::super::table::{Choice, Kind, Label, Missing, Table};
use super::pieces::{count, double, extension, field, filled, int};
use super::{Storage, Variable, short};

/// Bytes of a variable's label.
const LABEL: usize = 255;
/// Bytes of a value's label.
const VALUE_LABEL: usize = 120;
/// The number below all: a cell without value or reason.
const SYSTEM_MISSING: f64 = f64::MIN;

/// Numbers of formats: text, number, `yyyy/mm/dd`, `dd-mmm-yyyy hh:mm:ss`.
const A: i32 = 1;
const F: i32 = 5;
const SDATE: i32 = 39;
const DATETIME: i32 = 22;

pub fn write(bytes: &mut Vec<u8>, table: &Table, origin: &Origin, rows: i32, variables: &[Variable<'_>]) {
    let mut records = Vec::new();
    let mut indices = Vec::new();
    let mut slots = 0;
    for variable in variables {
        indices.push(slots + 1);
        slots += variable_records(&mut records, variable);
    }
    header(bytes, table, origin, rows, slots);
    bytes.extend_from_slice(&records);
    value_labels(bytes, variables, &indices);
    machine(bytes);
    display(bytes, variables);
    names(bytes, variables);
    attributes(bytes, table, origin, variables);
    let cases: Vec<u8> = [1, i64::from(rows)].iter().flat_map(|number| number.to_le_bytes()).collect();
    extension(bytes, 16, 8, &cases);
    extension(bytes, 20, 1, b"UTF-8");
    int(bytes, 999);
    int(bytes, 0);
}

fn header(bytes: &mut Vec<u8>, table: &Table, origin: &Origin, rows: i32, slots: usize) {
    let calendar = Calendar::of(origin.time);
    field(bytes, "$FL2", 4);
    field(bytes, "@(#) SPSS DATA FILE - Loket", 60);
    int(bytes, 2);
    count(bytes, slots);
    // Compressed by bytecode; no weights.
    int(bytes, 1);
    int(bytes, 0);
    int(bytes, rows);
    double(bytes, super::data::BIAS);
    let year = calendar.year.rem_euclid(100);
    field(bytes, &format!("{:02} {} {year:02}", calendar.day, calendar.month_in_english()), 9);
    field(bytes, &calendar.clock(), 8);
    field(bytes, &shortened(&format!("{} · {}", table.label.id, origin.release), 64), 64);
    bytes.extend_from_slice(&[0; 3]);
}

/// The records of a variable's pieces: how many there were, with what continues them.
fn variable_records(bytes: &mut Vec<u8>, variable: &Variable<'_>) -> usize {
    let mut slots = 0;
    for (piece, width) in variable.pieces().enumerate() {
        int(bytes, 2);
        count(bytes, width);
        let label = if piece == 0 { shortened(&variable.series.label.id, LABEL) } else { String::new() };
        int(bytes, i32::from(!label.is_empty()));
        let is_number = matches!(variable.storage, Storage::Number { .. });
        int(bytes, if is_number { -2 } else { 0 });
        let format = format(variable, width);
        int(bytes, format);
        int(bytes, format);
        field(bytes, &short(variable.first + piece), 8);
        if !label.is_empty() {
            count(bytes, label.len());
            field(bytes, &label, filled(label.len(), 4));
        }
        if is_number {
            double(bytes, variable.missing(Missing::NotAssessed));
            double(bytes, variable.missing(Missing::Unanswered));
        }
        let continued = width.div_ceil(8).saturating_sub(1);
        for _ in 0..continued {
            int(bytes, 2);
            int(bytes, -1);
            bytes.extend_from_slice(&[0; 16]);
            field(bytes, "", 8);
        }
        slots += 1 + continued;
    }
    slots
}

/// A format as one number: kind, width, places.
fn format(variable: &Variable<'_>, width: usize) -> i32 {
    let of = |kind: i32, width: i32, places: i32| (kind << 16) | (width << 8) | places;
    match &variable.series.kind {
        Kind::Text => of(A, i32::try_from(width).unwrap_or(255), 0),
        Kind::Decimal(places) => of(F, 12 + i32::from(*places).min(16), i32::from(*places).min(16)),
        Kind::Date => of(SDATE, 10, 0),
        Kind::Moment => of(DATETIME, 20, 0),
        Kind::Whole | Kind::Choice(_) => of(F, 12, 0),
    }
}

/// Numbers with what they are called, and the places of the variables that this holds for.
type LabelSet<'a> = (Vec<(f64, &'a Label)>, Vec<usize>);

/// What numbers are called. Numeric columns of one kind of labels share a record.
fn value_labels(bytes: &mut Vec<u8>, variables: &[Variable<'_>], indices: &[usize]) {
    let mut sets: Vec<LabelSet<'_>> = Vec::new();
    let reasons = Missing::ALL.map(|why| (why, why.label()));
    for (variable, index) in variables.iter().zip(indices) {
        if matches!(variable.storage, Storage::Text(_)) {
            continue;
        }
        let choices: &[Choice] =
            if let Kind::Choice(choices) = &variable.series.kind { choices } else { &[] };
        let mut labels: Vec<(f64, &Label)> =
            choices.iter().map(|choice| (f64::from(choice.code), &choice.label)).collect();
        labels.extend(reasons.iter().map(|(why, label)| (variable.missing(*why), label)));
        labels.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        match sets.iter_mut().find(|(known, _)| *known == labels) {
            Some((_, members)) => members.push(*index),
            None => sets.push((labels, vec![*index])),
        }
    }
    for (labels, members) in sets {
        int(bytes, 3);
        count(bytes, labels.len());
        for (number, label) in labels {
            let text = shortened(&label.id, VALUE_LABEL);
            double(bytes, number);
            bytes.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
            field(bytes, &text, filled(text.len() + 1, 8) - 1);
        }
        int(bytes, 4);
        count(bytes, members.len());
        for index in members {
            count(bytes, index);
        }
    }
}

/// What the numbers of this file are like: IEEE, smallest byte first, UTF-8 (code page 65001).
fn machine(bytes: &mut Vec<u8>) {
    let numbers = [20, 0, 0, -1, 1, 1, 2, 65_001];
    let content: Vec<u8> = numbers.iter().flat_map(|number: &i32| number.to_le_bytes()).collect();
    extension(bytes, 3, 4, &content);
    let lowest = f64::from_bits(SYSTEM_MISSING.to_bits() - 1);
    let content: Vec<u8> =
        [SYSTEM_MISSING, f64::MAX, lowest].iter().flat_map(|one| one.to_le_bytes()).collect();
    extension(bytes, 4, 8, &content);
}

/// How each piece is measured and shown.
fn display(bytes: &mut Vec<u8>, variables: &[Variable<'_>]) {
    let mut content = Vec::new();
    for variable in variables {
        let (nominal, scale, left, right) = (1, 3, 0, 1);
        let (measure, width, align) = match variable.series.kind {
            Kind::Text => (nominal, 24, left),
            Kind::Choice(_) => (nominal, 12, left),
            Kind::Moment => (scale, 20, right),
            Kind::Whole | Kind::Decimal(_) | Kind::Date => (scale, 12, right),
        };
        for _ in variable.pieces() {
            for number in [measure, width, align] {
                int(&mut content, number);
            }
        }
    }
    extension(bytes, 11, 4, &content);
}

/// Names in full, and how wide the texts in pieces are together.
fn names(bytes: &mut Vec<u8>, variables: &[Variable<'_>]) {
    let pairs: Vec<String> =
        variables.iter().map(|variable| format!("{}={}", variable.short(), variable.series.name)).collect();
    extension(bytes, 13, 1, pairs.join("\t").as_bytes());
    let mut wide = Vec::new();
    for variable in variables {
        if let Storage::Text(width) = variable.storage
            && variable.pieces().count() > 1
        {
            wide.extend_from_slice(format!("{}={width:05}\0\t", variable.short()).as_bytes());
        }
    }
    if !wide.is_empty() {
        extension(bytes, 14, 1, &wide);
    }
}

/// Custom attributes: where the file comes from, and labels in English.
fn attributes(bytes: &mut Vec<u8>, table: &Table, origin: &Origin, variables: &[Variable<'_>]) {
    let one = |name: &str, text: &str| format!("{name}('{}'\n)", shortened(text, usize::MAX));
    let file = [
        one("Release", &origin.release),
        one("Manifest", &origin.manifest),
        one("LabelEnglish", &table.label.en),
    ];
    extension(bytes, 17, 1, file.concat().as_bytes());
    let of = |variable: &Variable<'_>| {
        format!("{}:{}", variable.series.name, one("LabelEnglish", &variable.series.label.en))
    };
    let all: Vec<String> = variables.iter().map(of).collect();
    extension(bytes, 18, 1, all.join("/").as_bytes());
}
