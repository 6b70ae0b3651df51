//! The benches, and how a figure is printed.

pub mod field;
pub mod line;
pub mod record;
pub mod server;

use std::path::Path;

use phone::Fault;
use phone::answers;
use phone::loket::Loket;
use phone::phone::{Phone, Setup};
use phone::random::Random;
use replica::api::Role;
use replica::sync::OutboxItem;
use replica::{Document, Edit, Genesis, Record, RecordKind};
use survey::instrument::Instrument;

/// Prints `name value unit goal`.
pub fn figure(name: &str, value: f64, unit: &str, goal: &str) {
    let digits = if value.fract().abs() < f64::EPSILON { 0 } else { 2 };
    println!("{name} {value:.digits$} {unit} {goal}");
}

/// A count as a number with a fraction; counts here are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^53")]
pub fn number(count: u64) -> f64 {
    count as f64
}

/// A phone of a running server, with its store in this folder.
pub fn enrol(loket: &Loket, folder: &Path, seed: u8, keeps: bool) -> Result<Phone, Fault> {
    let code = loket.code(Role::Surveyor)?;
    let store = folder.join(format!("phone-{seed}.sqlite"));
    let (address, code) = (loket.address, code.as_str());
    Phone::enrol(&Setup { address, code, store: &store, seed, backoff_first: 1_000, keeps })
}

/// The record as one Automerge document.
pub fn document_of(record: &Record) -> Result<Vec<u8>, Fault> {
    let changes = record.changes();
    let document = Document::load(record.genesis(), changes.iter().map(|change| &change.bytes));
    Ok(document.map_err(|error| Fault::Wrong(format!("a document: {error}")))?.save())
}

/// The published instrument for interviews, and a visit of the one unit.
pub fn ground(phone: &mut Phone) -> Result<(Instrument, Genesis), Fault> {
    let hashes = phone.home.instruments.clone();
    let json = phone.net.instrument(hashes.interview)?;
    let instrument =
        serde_json::from_slice(&json).map_err(|error| Fault::Server(format!("an instrument: {error}")))?;
    let unit = phone.home.units.first().ok_or_else(|| Fault::Server("no unit".to_owned()))?;
    let genesis = Genesis {
        kind: RecordKind::Visit,
        office: unit.office.clone(),
        round: phone.home.round.clone(),
        unit: unit.id.clone(),
        instrument: hashes.visit,
        nonce: None,
    };
    Ok((instrument, genesis))
}

/// A finished interview of 60 answers, made one change when it was closed, as the app does.
pub fn interview(
    phone: &Phone,
    instrument: &Instrument,
    visit: &Genesis,
    number: u64,
) -> Result<(Record, OutboxItem), Fault> {
    closed(phone, visit, number, answers::filled(instrument, 60, &mut Random::new(number))?)
}

/// The interview with this number, closed with these answers.
pub fn closed(
    phone: &Phone,
    visit: &Genesis,
    number: u64,
    mut edits: Vec<Edit>,
) -> Result<(Record, OutboxItem), Fault> {
    let genesis = answers::interview(visit, phone.home.instruments.interview, number);
    let mut record = Record::start(&genesis)?;
    edits.push(Edit::Close { at: 1_790_000_000 });
    let change = phone.change(&mut record, &edits)?;
    let change = change.ok_or_else(|| Fault::Wrong("an interview that changes nothing".to_owned()))?;
    Ok((record, change))
}
