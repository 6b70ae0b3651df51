//! A release made by hand, for the tests of tables and of what is written from them.

use std::collections::BTreeMap;
use std::sync::Arc;

use replica::RecordKind;
use survey::instrument::Instrument;
use survey::scoring::assumption::{Assumed, Assumption};
use survey::scoring::exact::{Exact, Score};
use survey::scoring::methods::Placed;
use survey::scoring::questions::standing::Rank;
use survey::scoring::result::{
    Counted, DimensionScore, GovernmentScore, IndicatorScore, UnitScore, UnitState, Value, VariableScore,
};
use survey::scoring::rules::Zone;
use survey::session::{Clock, Form, Saved};

use super::table::Table;
use super::tables::source::{ClashRow, GovernmentRow, Head, RecordRow, Source, UnitRow};
use super::tables::tables_of;
use crate::releases::lines::RecordState;

const VISIT: &str = "
| survey |
| | type | name | label::Bahasa Indonesia (id) | label::English (en) | relevant |
| | start | mulai | | | |
| | deviceid | alat | | | |
| | username | petugas | | | |
| | select_one ya_tidak | unit | Buka? | Open? | |
| | integer | loket | Berapa loket? | How many counters? | ${unit} = 'ya' |
| | decimal | jarak | Jarak (km) | Distance (km) | |
| | date | hari | Hari | Day | |
| | select_multiple sarana | sarana | Sarana | Facilities | |
| | geopoint | titik | Di mana? | Where? | |
| | image | foto | Foto | Photo | |
| | begin_group | lain | Lain | More | |
| | text | foto | Catatan | Remark | |
| | end_group | | | | |
| | begin_repeat | produk | Produk | Product | |
| | text | nama | Nama produk | Product's name | |
| | begin_repeat | syarat | Syarat | Requirement | |
| | text | nama | Nama syarat | Requirement's name | |
| | end_repeat | | | | |
| | end_repeat | | | | |
| choices |
| | list_name | name | label::Bahasa Indonesia (id) | label::English (en) |
| | ya_tidak | ya | Ya | Yes |
| | ya_tidak | tidak | Tidak | No |
| | sarana | ramp | Jalur landai | Ramp |
| | sarana | kursi | Kursi roda | Wheelchair |
| settings |
| | form_title | form_id | version |
| | Kunjungan | kunjungan | 2 |
";

const INTERVIEW: &str = "
| survey |
| | type | name | label::Bahasa Indonesia (id) | label::English (en) | relevant | calculation | appearance |
| | select_one ya_tidak | setuju | Setuju? | Agree? | | | |
| | calculate | izin | | | | if(${setuju} = 'ya', 1, 0) | consent |
| | select_one nilai | puas | Puas? | Satisfied? | ${izin} = 1 | | |
| | text | saran | Saran | Advice | ${izin} = 1 | | |
| choices |
| | list_name | name | label::Bahasa Indonesia (id) | label::English (en) |
| | ya_tidak | ya | Ya | Yes |
| | ya_tidak | tidak | Tidak | No |
| | nilai | 4 | Sangat puas | Very |
| | nilai | 1 | Tidak puas | Not at all |
| settings |
| | form_title | form_id | version |
| | Persepsi | persepsi | 1 |
";

/// A form out of tables in bars.
pub(crate) fn form(text: &str) -> Arc<Instrument> {
    Arc::new(crate::catalogue::compile(text.as_bytes(), &()).unwrap().compiled.instrument)
}

/// A release and what its records hold.
#[derive(Default)]
pub(crate) struct Sample {
    pub(crate) source: Source,
    saved: Vec<Saved>,
}

impl Sample {
    /// Adds a record with these answers and rows.
    pub(crate) fn add(
        &mut self,
        id: &str,
        kind: RecordKind,
        instrument: &str,
        said: &[(&str, &str)],
        rows: &[&str],
    ) -> &mut RecordRow {
        let answers =
            said.iter().map(|(path, answer)| (path.parse().unwrap(), (*answer).to_owned())).collect();
        self.saved.push(Saved { answers, rows: rows.iter().map(|row| row.parse().unwrap()).collect() });
        self.source.records.push(RecordRow {
            id: id.to_owned(),
            kind,
            unit: "dukcapil".to_owned(),
            instrument: instrument.to_owned(),
            closed_at: Some(1_790_000_000),
            state: RecordState::Counted,
            at: self.saved.len() - 1,
            clashes: Vec::new(),
        });
        self.source.records.last_mut().unwrap()
    }

    /// The tables of what is left of it.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let open = |record: &RecordRow| {
            let form = Form::of(Arc::clone(self.source.instruments.get(&record.instrument)?));
            record.state.has_answers().then(|| form.open(self.saved[record.at].clone(), &clock()).0)
        };
        tables_of(self.source.clone(), &open)
    }
}

fn clock() -> Clock {
    Clock { today: "1970-01-01".to_owned(), now: "1970-01-01T00:00:00.000+00:00".to_owned(), chance: 0 }
}

/// What the release says of itself.
pub(crate) fn head() -> Head {
    sample().source.head
}

/// The tables of the release.
pub(crate) fn tables() -> Vec<Table> {
    sample().tables()
}

fn value(hundredths: i64) -> Value {
    let shown = Score::hundredths(hundredths);
    Value { shown, exact: shown.exact() }
}

fn unit_score(state: UnitState, score: Option<Value>, mark: Option<Value>) -> UnitScore {
    let indicator = |code: &str, value: Option<Value>| IndicatorScore {
        code: code.to_owned(),
        name: format!("Indikator {code}"),
        name_en: format!("Indicator {code}"),
        weight: Exact::whole(50),
        value,
        lacking: value.map(|_| Exact::whole(3)),
        answers: usize::from(value.is_some()),
        assumed: Vec::new(),
        readings: Vec::new(),
        unmarked: Vec::new(),
    };
    let variable = VariableScore {
        id: "v".to_owned(),
        name: "Variabel".to_owned(),
        name_en: "Variable".to_owned(),
        value: mark,
        indicators: vec![indicator("in-01", mark), indicator("in-02", None)],
    };
    let dimension = DimensionScore {
        id: "input".to_owned(),
        name: "Masukan".to_owned(),
        name_en: "Input".to_owned(),
        weight: Exact::whole(30),
        perception: false,
        value: mark,
        points: mark,
        variables: vec![variable],
    };
    UnitScore {
        rules: "2022-2024".to_owned(),
        year: 2023,
        state,
        provisional: false,
        value: score,
        placed: placed(score),
        dimensions: vec![dimension],
        products: Vec::new(),
        interviews: 2,
        refused: 1,
        assumed: Vec::new(),
    }
}

fn placed(score: Option<Value>) -> Option<Placed> {
    score.map(|_| Placed {
        category: Some("A".to_owned()),
        zone: Zone::Hijau,
        opinion: None,
        assumed: Vec::new(),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "a row may have none")]
fn rank(place: usize, of: usize) -> Option<Rank> {
    Some(Rank { place, of })
}

/// Two units of one government, one of which could not be assessed; a visit of each; interviews of which one was refused
/// and one taken back.
pub(crate) fn sample() -> Sample {
    let unit = |id: &str, name: &str, counted, score| UnitRow {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: "dinas".to_owned(),
        government: "Kota Bontang".to_owned(),
        province: "Kalimantan Timur".to_owned(),
        office: "kaltim".to_owned(),
        counted,
        score,
    };
    let unassessed = UnitState::NotAssessed { reason: "tutup".to_owned() };
    let mut sample = Sample::default();
    sample.add("dd", RecordKind::Interview, "p1", &[("setuju", "tidak")], &[]);
    sample.add("bb", RecordKind::Visit, "v2", &[("unit", "tidak"), ("jarak", "0.5")], &[]).unit =
        "kesehatan".to_owned();
    sample.add("cc", RecordKind::Interview, "p1", &[("setuju", "ya"), ("puas", "4")], &[]);
    sample.add("ee", RecordKind::Interview, "p1", &[], &[]).state = RecordState::Refused;
    let taken_back = sample.add("ff", RecordKind::Interview, "p1", &[("setuju", "ya"), ("puas", "1")], &[]);
    taken_back.state = RecordState::Withdrawn;
    let visit = sample.add(
        "aa",
        RecordKind::Visit,
        "v2",
        &[
            ("mulai", "2026-11-22T10:11:12.000+07:00"),
            ("alat", "0123456789abcdef"),
            ("petugas", "Ibu Sari"),
            ("unit", "ya"),
            ("loket", "3"),
            ("jarak", "1.25"),
            ("hari", "2026-11-22"),
            ("sarana", "ramp"),
            ("titik", "-2.13 106.11 0 5"),
            ("foto", "c0ffee"),
            ("lain/foto", "=HYPERLINK(\"http://jahat\")"),
            ("produk[b2]/nama", "KTP"),
            ("produk[a1]/nama", "KK"),
            ("produk[b2]/syarat[x]/nama", "Akta"),
        ],
        &["produk[b2]", "produk[a1]", "produk[b2]/syarat[x]"],
    );
    visit.clashes = vec![
        ClashRow { place: "loket".to_owned(), value: "4".to_owned(), holds: false },
        ClashRow { place: "loket".to_owned(), value: "3".to_owned(), holds: true },
    ];
    let government = GovernmentScore {
        name: "Kota Bontang".to_owned(),
        province: "Kalimantan Timur".to_owned(),
        rules: "2022-2024".to_owned(),
        year: 2023,
        value: Some(value(8_823)),
        placed: placed(Some(value(8_823))),
        counted: 1,
        dimensions: Vec::new(),
        units: Vec::new(),
        provisional: false,
        partial: false,
        interviews: 2,
        assumed: Vec::new(),
    };
    let whole = unit_score(UnitState::Whole, Some(value(8_823)), Some(value(7_500)));
    sample.source = Source {
        head: Head {
            number: 3,
            round: "2026".to_owned(),
            year: 2023,
            rules: "2022-2024".to_owned(),
            title: "Penilaian kepatuhan".to_owned(),
            released_at: 1_790_500_000,
            digest: "d16e57".to_owned(),
            assumed: vec![Assumption {
                what: Assumed::Weight,
                of: "input".to_owned(),
                why: "bobot anggapan".to_owned(),
            }],
        },
        governments: vec![GovernmentRow { score: government, nation: rank(7, 40), province: rank(1, 2) }],
        units: vec![
            unit("kesehatan", "Dinas Kesehatan", Counted::NotAssessed, unit_score(unassessed, None, None)),
            unit("dukcapil", "Dinas Dukcapil", Counted::Yes, whole),
        ],
        records: std::mem::take(&mut sample.source.records),
        instruments: BTreeMap::from([("v2".to_owned(), form(VISIT)), ("p1".to_owned(), form(INTERVIEW))]),
    };
    sample
}
