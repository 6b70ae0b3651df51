//! `cargo xtask bench scores`: a nation's scores from raw records, what one changed answer costs, and how long each
//! page takes; at 10 %, 50 % and 100 % of 600 governments, 4,000 units and 65,000 interviews.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench fails by panicking")]

#[path = "../tests/it/filling.rs"]
mod filling;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use filling::{AGREED, ASSESSED, edits};
use replica::api::Unit;
use replica::{
    Actor, ContentHash, DeviceId, Edit, Envelope, Epoch, Genesis, Limits, ROOT_MAX_OP, Record, RecordId,
    RecordKind, RoundId, Signature, UnitId, View as _,
};
use survey::instrument::Instrument;
use survey::scoring::exact::Score;
use survey::scoring::interval::Draws;
use survey::scoring::methods::Method;
use survey::scoring::unit::Depth;
use sync_server::catalogue::{Catalogue, SqliteCatalogue, compile, embedded};
use sync_server::log::sqlite::SqliteLog;
use sync_server::log::{Attested, Batch, BatchChange, BatchRecord, Log};
use sync_server::projection::{EvidenceRow, Projection};
use sync_server::reports::{self, Query};
use sync_server::scores::Scoring;
use sync_server::scores::board::{Board, score_rows};
use sync_server::scores::pages::{Named, Sources};
use sync_server::scores::readers::{Readers, evidence_of};
use sync_server::worker::Worker;

const GOVERNMENTS: usize = 600;
const UNITS: usize = 4_000;
const INTERVIEWS: usize = 65_000;
const YEAR: u16 = 2024;
const BATCH: usize = 500;

fn main() {
    // `cargo test` runs benches too, with `--test`: then a hundredth, to see that it still works.
    let parts: &[usize] =
        if std::env::args().any(|argument| argument == "--bench") { &[10, 50, 100] } else { &[1] };
    for part in parts {
        measure(*part);
    }
}

struct Nation {
    units: Vec<Unit>,
    visit: (ContentHash, Instrument),
    interview: (ContentHash, Instrument),
    round: RoundId,
    actor: Actor,
}

fn measure(part: usize) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.sqlite");
    let catalogue: Arc<dyn Catalogue> = Arc::new(SqliteCatalogue::open(&file).unwrap());
    let log: Arc<dyn Log> = Arc::new(SqliteLog::open(&file).unwrap());
    let nation = Nation::of(catalogue.as_ref(), part);
    let interviews = INTERVIEWS * part / 100;
    nation.fill(log.as_ref(), interviews);
    let scoring = Scoring::by(None).unwrap();
    let method = scoring.methods.of_year(YEAR).unwrap();
    let line = |name: &str, took: Duration, unit: &str, goal: &str| {
        let value = if unit == "s" { took.as_secs_f64() } else { took.as_secs_f64() * 1_000.0 };
        println!("scores/{part}%/{name} {value:.3} {unit} {goal}");
    };

    let started = Instant::now();
    let raw = from_raw(&nation, log.as_ref(), &Readers::new(Arc::clone(&catalogue)), method);
    line("all-from-raw-records", started.elapsed(), "s", if part == 100 { "10" } else { "-" });

    let projection = Arc::new(Projection::open(&folder.path().join("projection.sqlite")).unwrap());
    let readers = Readers::new(Arc::clone(&catalogue));
    let mut worker = Worker::new(Arc::clone(&log), Arc::clone(&projection), readers).unwrap();
    let started = Instant::now();
    while worker.step().unwrap() {}
    line("projection-from-log", started.elapsed(), "s", "-");
    let started = Instant::now();
    let upto = projection.upto().unwrap();
    let board = Board::anew(&projection, &nation.units, method, &nation.round, upto).unwrap();
    line("all-from-projection", started.elapsed(), "s", "-");
    assert_eq!(board.governments, raw.governments, "both ways must come to the same");

    let sources = Sources { scoring: &scoring, projection: &projection, catalogue: catalogue.as_ref() };
    sources.score(None, Some(YEAR)).unwrap();
    nation.change_one_answer(log.as_ref());
    let started = Instant::now();
    while worker.step().unwrap() {}
    sources.score(None, Some(YEAR)).unwrap();
    line("one-changed-answer", started.elapsed(), "ms", "50");
    pages(&nation, sources, &line);
}

fn pages(nation: &Nation, sources: Sources<'_>, line: &dyn Fn(&str, Duration, &str, &str)) {
    let unit = &nation.units[nation.units.len() / 2];
    let of = Named { name: &unit.government, province: None };
    let target: Score = "99.00".parse().unwrap();
    let page = |name: &str, ask: &dyn Fn() -> Vec<u8>| {
        let started = Instant::now();
        let bytes = ask();
        line(&format!("page-{name}"), started.elapsed(), "ms", "300");
        assert!(!bytes.is_empty());
    };
    let scored = || sources.score(None, Some(YEAR)).unwrap();
    page("list", &|| serde_json::to_vec(&scored().list(|_| true)).unwrap());
    page("government", &|| {
        serde_json::to_vec(&scored().government(&of, target, Vec::new()).unwrap()).unwrap()
    });
    page("unit", &|| serde_json::to_vec(&scored().unit(&unit.id).unwrap()).unwrap());
    page("findings", &|| serde_json::to_vec(&scored().findings(&of).unwrap()).unwrap());
    page("lift", &|| serde_json::to_vec(&scored().lift(&of, None, target).unwrap()).unwrap());
    // And as people see them: words, pictures and tables.
    let shown = |query: Query| {
        let report = reports::write(sources, query, |_| true).unwrap();
        reports::html::page(&report).into_bytes()
    };
    let asked = || Query { lang: "id".to_owned(), ..Query::default() };
    page("shown-overview", &|| shown(asked()));
    page("shown-government", &|| shown(Query { government: Some(unit.government.clone()), ..asked() }));
    page("shown-unit", &|| shown(Query { unit: Some(unit.id.clone()), ..asked() }));
}

/// Every record read out of the log, its changes read, its answers marked, units and governments scored: unit by unit, so
/// that no more than one unit's answers are in memory.
fn from_raw(nation: &Nation, log: &dyn Log, readers: &Readers, method: Method<'_>) -> Board {
    let mut units = HashMap::<UnitId, HashMap<RecordId, (Arc<Genesis>, Vec<Vec<u8>>)>>::new();
    let mut last = 0;
    loop {
        let entries = log.read_all(last, 1_000).unwrap();
        let Some(end) = entries.last() else { break };
        last = end.seq;
        for entry in entries {
            let unit = units.entry(entry.genesis.unit.clone()).or_default();
            unit.entry(entry.record).or_insert_with(|| (entry.genesis, Vec::new())).1.push(entry.bytes);
        }
    }
    let scores = units.into_iter().map(|(unit, records)| {
        let rows: Vec<_> =
            records.into_iter().map(|(id, (genesis, bytes))| row(readers, id, &genesis, &bytes)).collect();
        (unit, Arc::new(score_rows(method, &rows, Depth::Indicators).unwrap()))
    });
    Board::of_scores(&nation.units, method, last, scores.collect()).unwrap()
}

fn row(readers: &Readers, id: RecordId, genesis: &Genesis, bytes: &[Vec<u8>]) -> EvidenceRow {
    let record = Record::load(genesis, bytes).unwrap();
    let reader = readers.of(&genesis.instrument).unwrap().unwrap();
    EvidenceRow {
        record: id,
        unit: genesis.unit.clone(),
        kind: genesis.kind,
        closed: record.is_closed(),
        last_seq: 0,
        edited_at: record.last_edit().map(|edit| edit.time),
        instrument: genesis.instrument,
        evidence: evidence_of(&reader, &record),
    }
}

impl Nation {
    fn of(catalogue: &dyn Catalogue, part: usize) -> Self {
        let (governments, units) = (GOVERNMENTS * part / 100, UNITS * part / 100);
        let units: Vec<Unit> = (0..units)
            .map(|number| {
                let government = number % governments;
                Unit {
                    id: format!("unit-{number}").parse().unwrap(),
                    name: format!("Unit {number}"),
                    government: format!("Kota {government}"),
                    province: format!("Provinsi {}", government % 38),
                    kind: "dukcapil".to_owned(),
                    office: format!("kantor-{}", government % 34).parse().unwrap(),
                }
            })
            .collect();
        catalogue.put_units(&units).unwrap();
        let round: RoundId = "2026".parse().unwrap();
        catalogue.open_round(&round, 1).unwrap();
        let mut instruments = HashMap::new();
        for (_, workbook) in embedded() {
            let compiled = compile(&workbook, &()).unwrap().compiled;
            catalogue.publish(&compiled, 1).unwrap();
            instruments.insert(compiled.instrument.form_id.clone(), (compiled.hash, compiled.instrument));
        }
        Self {
            units,
            visit: instruments.remove("kunjungan").unwrap(),
            interview: instruments.remove("persepsi").unwrap(),
            round,
            actor: Actor::new([7; 24]),
        }
    }

    fn genesis(&self, unit: &Unit, kind: RecordKind, number: usize) -> Genesis {
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
        let interview = kind == RecordKind::Interview;
        Genesis {
            kind,
            office: unit.office.clone(),
            round: self.round.clone(),
            unit: unit.id.clone(),
            instrument: if interview { self.interview.0 } else { self.visit.0 },
            nonce: interview.then_some(nonce),
        }
    }

    /// A closed visit for each unit, and the interviews spread over them.
    fn fill(&self, log: &dyn Log, interviews: usize) {
        let mut draws = Draws::new(11);
        let mut batch = Vec::new();
        let visits = self.units.iter().map(|unit| (unit, RecordKind::Visit, 0));
        let talks = (0..interviews)
            .map(|number| (&self.units[number % self.units.len()], RecordKind::Interview, number));
        for (unit, kind, number) in visits.chain(talks) {
            let genesis = self.genesis(unit, kind, number);
            let mut record = Record::start(&genesis).unwrap();
            let (instrument, rows, fixed) = match kind {
                RecordKind::Visit => (&self.visit.1, 4, ASSESSED.as_slice()),
                RecordKind::Interview => (&self.interview.1, 1, AGREED.as_slice()),
            };
            let mut all = edits(instrument, rows, &mut |of| draws.below(of), fixed);
            all.push(Edit::Close { at: 1_790_000_000 });
            batch.push((genesis, record.commit(&all, &self.actor, 1_790_000_000).unwrap().unwrap().bytes));
            if batch.len() == BATCH {
                append(log, std::mem::take(&mut batch));
            }
        }
        append(log, batch);
    }

    fn change_one_answer(&self, log: &dyn Log) {
        let genesis = self.genesis(&self.units[self.units.len() / 2], RecordKind::Visit, 0);
        let changes = log.changes_of(genesis.record_id(), u64::MAX >> 1).unwrap();
        let mut record = Record::load(&genesis, changes.iter().map(|change| &change.bytes)).unwrap();
        let path = "standar[a]/persyaratan_loket";
        let now = record.answer(path);
        let value = if now.as_deref() == Some("lengkap") { "tidak_ada" } else { "lengkap" };
        let edit = Edit::Answer { path: path.parse().unwrap(), value: value.parse().unwrap() };
        let change = record.commit(&[edit], &self.actor, 1_790_000_001).unwrap().unwrap();
        append(log, vec![(genesis, change.bytes)]);
    }
}

/// As the request path does it, without the signature, which costs time and proves nothing here.
fn append(log: &dyn Log, made: Vec<(Genesis, Vec<u8>)>) {
    let (mut records, mut changes, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (genesis, bytes)) in made.into_iter().enumerate() {
        let Envelope { hash, actor, seq, start_op, max_op, deps, .. } =
            Envelope::parse(&bytes, &Limits::STANDARD).unwrap();
        let root = genesis.root();
        let root_max_op = ROOT_MAX_OP;
        records.push(BatchRecord { id: genesis.record_id(), root: root.hash, root_max_op, genesis });
        changes.push(BatchChange {
            record: index,
            hash,
            actor,
            sequence: seq,
            start_op,
            max_op,
            deps,
            bytes,
        });
        hashes.push(hash);
    }
    let attested = Attested {
        device: DeviceId::new([7; 16]),
        epoch: Epoch::new([0; 16]),
        time: 1_790_000_000,
        signature: Signature::new([0; 64]),
        hashes,
    };
    log.append(Batch { attested, records, changes, received_at: 1_790_000_000 }).unwrap();
}
