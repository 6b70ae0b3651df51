//! Scores from real instruments and rule sets: what must hold whatever was answered.
#![cfg(all(feature = "xlsform", feature = "methods"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use survey::instrument::{Instrument, NodeKind, QuestionKind};
use survey::path::{Path, RowId};
use survey::scoring::assumption::Assumed;
use survey::scoring::evidence::{Evidence, Reader, evidence_of};
use survey::scoring::exact::{Exact, Score};
use survey::scoring::government::{UnitOf, score_government};
use survey::scoring::interval::{Draws, perception_interval};
use survey::scoring::methods::{Method, Methods};
use survey::scoring::questions::findings::{Board, findings};
use survey::scoring::questions::lift::{Candidate, candidates, lift, unrounded};
use survey::scoring::read::{read_rules, read_skm};
use survey::scoring::result::{Counted, UnitScore, UnitState, Value};
use survey::scoring::unit::{Depth, Said, UnitRecords, score_unit};
use survey::session::{Clock, Saved, Session};

static METHODS: LazyLock<Methods> = LazyLock::new(|| {
    let texts = [
        include_str!("../../public/methods/2015.toml"),
        include_str!("../../public/methods/2016-2021.toml"),
        include_str!("../../public/methods/2022-2024.toml"),
        include_str!("../../public/methods/2025.toml"),
    ];
    Methods::of(texts.iter().map(|text| read_rules(text).unwrap()).collect()).unwrap()
});
static VISIT: LazyLock<Arc<Instrument>> =
    LazyLock::new(|| compiled(include_bytes!("../../public/instruments/kunjungan.xlsx")));
static INTERVIEW: LazyLock<Arc<Instrument>> =
    LazyLock::new(|| compiled(include_bytes!("../../public/instruments/persepsi.xlsx")));
static VISITS: LazyLock<Reader> = LazyLock::new(|| Reader::new(Arc::clone(&VISIT)));
static INTERVIEWS: LazyLock<Reader> = LazyLock::new(|| Reader::new(Arc::clone(&INTERVIEW)));

fn compiled(workbook: &[u8]) -> Arc<Instrument> {
    Arc::new(survey::xlsform::compile(workbook).unwrap().instrument)
}

fn method(year: u16) -> Method<'static> {
    METHODS.of_year(year).unwrap()
}

/// A filled form: rows `a`, `b`, ... of each repeat, and a choice for every select, drawn by `seed`; by 0 the first.
fn filled(instrument: &Instrument, rows: usize, seed: u64, fixed: &[(&str, &str)]) -> Saved {
    let mut draws = Draws::new(seed);
    let mut saved = Saved::default();
    let mut paths: Vec<Vec<Path>> = Vec::new();
    for node in &instrument.nodes {
        let parents = match node.parent {
            Some(parent) => paths[usize::try_from(parent.0).unwrap()].clone(),
            None => vec![Path::top()],
        };
        let mut own = Vec::new();
        for parent in parents {
            if let NodeKind::Repeat { .. } = node.kind {
                for row in 0..rows {
                    let name = char::from(b'a' + u8::try_from(row).unwrap()).to_string();
                    let path = parent.row(&node.name, &RowId::new(&name).unwrap());
                    saved.rows.push(path.clone());
                    own.push(path);
                }
                continue;
            }
            let path = parent.child(&node.name);
            if let NodeKind::Question(question) = &node.kind
                && let Some(list) =
                    question.choice_list.as_ref().and_then(|list| instrument.choice_lists.get(list))
            {
                let pick = if seed == 0 { 0 } else { draws.below(list.choices.len()) };
                let answer = match question.kind {
                    QuestionKind::SelectMultiple => {
                        list.choices[..=pick].iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(" ")
                    }
                    _ => list.choices[pick].name.clone(),
                };
                let answer = fixed
                    .iter()
                    .find(|(name, _)| *name == node.name)
                    .map_or(answer, |(_, to)| (*to).to_owned());
                saved.answers.insert(path.clone(), answer);
            } else if let Some((_, answer)) = fixed.iter().find(|(name, _)| *name == node.name) {
                saved.answers.insert(path.clone(), (*answer).to_owned());
            }
            own.push(path);
        }
        paths.push(own);
    }
    saved
}

const ASSESSED: [(&str, &str); 4] = [
    ("dapat_dinilai", "ya"),
    ("jenis_unit", "dukcapil"),
    ("kehadiran", "hadir"),
    ("kehadiran_aduan", "hadir"),
];
const AGREED: [(&str, &str); 3] = [("umur", "dewasa"), ("setuju", "ya"), ("izin_wali", "ya")];

fn visit(seed: u64) -> Evidence {
    VISITS.read(filled(&VISIT, 2, seed, &ASSESSED))
}

fn interviews(seed: u64, count: usize) -> Vec<Evidence> {
    (0..count)
        .map(|index| {
            INTERVIEWS.read(filled(
                &INTERVIEW,
                1,
                seed.wrapping_add(u64::try_from(index).unwrap() * 7919),
                &AGREED,
            ))
        })
        .collect()
}

fn score(year: u16, visit: &Evidence, interviews: &[Evidence]) -> UnitScore {
    let names: Vec<String> = (0..interviews.len()).map(|index| format!("i{index:04}")).collect();
    let said = names.iter().zip(interviews).map(|(record, evidence)| Said { record, evidence });
    let records = UnitRecords {
        visit: Some(Said { record: "v", evidence: visit }),
        visit_closed: true,
        interviews: said.collect(),
    };
    score_unit(method(year), &records, Depth::Answers).unwrap()
}

fn exact(score: &UnitScore) -> Exact {
    score.value.unwrap().exact
}

#[test]
fn the_best_answers_to_everything_are_a_hundred_and_the_worst_are_nothing() {
    for (best, expected) in [(true, "100.00"), (false, "0.00")] {
        let mut visit = visit(1);
        let mut citizens = interviews(1, 3);
        for reading in visit.readings.iter_mut().chain(citizens.iter_mut().flat_map(|e| &mut e.readings)) {
            reading.mark = if best { reading.of.unwrap_or(Exact::whole(4)) } else { Exact::ZERO };
        }
        for year in [2021, 2022, 2024] {
            assert_eq!(score(year, &visit, &citizens).value.unwrap().shown.to_string(), expected, "{year}");
        }
    }
}

#[test]
fn a_score_is_what_a_person_reckons_by_hand() {
    // One product; everything at its best but: requirements posted incompletely (2 of 4) and found online with effort
    // (3 of 4), and one of two citizens delayed a lot (0 of 4).
    let mut visit = VISITS.read(filled(&VISIT, 1, 0, &ASSESSED));
    let mut citizens = interviews(5, 2);
    for reading in visit.readings.iter_mut().chain(citizens.iter_mut().flat_map(|e| &mut e.readings)) {
        reading.mark = reading.of.unwrap_or(Exact::whole(4));
    }
    let pr01: Vec<_> = visit.readings.iter_mut().filter(|reading| reading.code == "pr-01").collect();
    assert_eq!(pr01.len(), 2);
    for (reading, mark) in pr01.into_iter().zip([2, 3]) {
        reading.mark = Exact::whole(mark);
    }
    for interview in &mut citizens {
        // Both answer all five questions, whatever was drawn.
        interview.readings.retain(|reading| reading.code.starts_with("skm"));
    }
    let path: Path = "pengalaman/lama_layanan".parse().unwrap();
    for (index, interview) in citizens.iter_mut().enumerate() {
        for code in ["out-01", "out-02", "out-03", "out-04", "out-05"] {
            let mark = if index == 0 && code == "out-01" { Exact::ZERO } else { Exact::whole(4) };
            interview.readings.push(survey::scoring::evidence::Reading {
                code: code.to_owned(),
                path: path.clone(),
                answer: String::new(),
                mark,
                of: None,
                assumed: true,
                photos: Vec::new(),
            });
        }
    }
    let scored = score(2023, &visit, &citizens);
    assert_eq!(scored.state, UnitState::Whole);
    // proses: pr-01 is 5/8, one of eleven: (10 + 5/8) / 11. output: out-01 is 1/2, one of five: 4.5 / 5.
    let proses = Exact::fraction(3237 * 85, 100 * 88).unwrap();
    let output: Exact = "21.816".parse().unwrap();
    let rest: Exact = "43.39".parse().unwrap();
    assert_eq!(exact(&scored), Exact::sum([proses, output, rest]).unwrap());
    let lacking: Vec<_> = scored
        .dimensions
        .iter()
        .flat_map(|d| &d.variables)
        .flat_map(|v| &v.indicators)
        .filter(|i| i.lacking > Some(Exact::ZERO))
        .collect();
    assert_eq!(lacking.iter().map(|i| i.code.as_str()).collect::<Vec<_>>(), ["pr-01", "out-01"]);
    let gains = Exact::sum(lacking.iter().map(|i| i.lacking.unwrap())).unwrap();
    assert_eq!(exact(&scored).plus(gains).unwrap(), Exact::HUNDRED);
}

#[test]
fn every_number_opens_down_to_the_answers_it_comes_from() {
    let visit = visit(3);
    let scored = score(2022, &visit, &interviews(3, 4));
    let points = Exact::sum(scored.dimensions.iter().filter_map(|d| Some(d.points?.exact))).unwrap();
    assert_eq!(points, exact(&scored));
    let used: usize = scored
        .dimensions
        .iter()
        .flat_map(|d| &d.variables)
        .flat_map(|v| &v.indicators)
        .map(|i| {
            assert_eq!(i.readings.len(), i.answers);
            i.readings.iter().filter(|used| used.record == "v").count()
        })
        .sum();
    assert_eq!(used, visit.readings.len(), "every marked answer of the visit is used once");
}

#[test]
fn photos_beside_an_answer_come_with_it() {
    let mut saved =
        filled(&VISIT, 1, 9, &[ASSESSED.as_slice(), &[("persyaratan_loket", "lengkap")]].concat());
    let path: Path = "standar_pelayanan/standar[a]/k_persyaratan/foto_persyaratan_loket".parse().unwrap();
    saved.answers.insert(path, "ab".repeat(32));
    let evidence = VISITS.read(saved);
    let beside =
        evidence.readings.iter().find(|r| r.path.to_string().ends_with("persyaratan_loket")).unwrap();
    assert_eq!(beside.photos, ["ab".repeat(32)]);
}

#[test]
fn the_phone_and_the_server_read_a_record_alike() {
    let clock =
        Clock { today: "2026-11-22".to_owned(), now: "2026-11-22T10:00:00.000+07:00".to_owned(), chance: 7 };
    for seed in 0..8 {
        let saved = filled(&VISIT, 2, seed, &ASSESSED);
        let (session, _) = Session::open(Arc::clone(&VISIT), saved.clone(), &clock);
        assert_eq!(evidence_of(&session), VISITS.read(saved.clone()));
        for closed in [false, true] {
            let examined = VISITS.examine(saved.clone(), closed, &clock);
            assert_eq!(examined, (evidence_of(&session), session.unsound(closed)));
        }
        assert!(session.unsound(true) > 0, "a name is required, and none is given");
    }
}

#[test]
fn a_unit_that_could_not_be_assessed_has_no_score_and_says_why() {
    let closed = [("dapat_dinilai", "tidak"), ("sebab_batal", "keamanan"), ("jenis_unit", "dukcapil")];
    let visit = VISITS.read(filled(&VISIT, 1, 2, &closed));
    assert!(visit.readings.is_empty());
    let scored = score(2023, &visit, &interviews(2, 5));
    let reason = visit.told["sebab_batal"].clone();
    assert_eq!((scored.state, scored.value), (UnitState::NotAssessed { reason }, None));
}

#[test]
fn a_person_who_did_not_agree_counts_for_nothing_but_is_counted() {
    let mut all = interviews(4, 3);
    all.push(INTERVIEWS.read(filled(&INTERVIEW, 1, 4, &[("umur", "dewasa"), ("setuju", "tidak")])));
    assert!(all[3].refused && all[3].readings.is_empty());
    let visit = visit(4);
    let (with, without) = (score(2023, &visit, &all), score(2023, &visit, &all[..3]));
    assert_eq!((with.interviews, with.refused, with.value), (3, 1, without.value));
}

#[test]
fn without_interviews_the_rest_counts_alone_and_the_score_says_so() {
    let scored = score(2023, &visit(6), &[]);
    assert_eq!(scored.state, UnitState::Partial { missing: vec!["output".to_owned()] });
    let of: Vec<_> = scored.dimensions.iter().filter(|d| d.points.is_some()).map(|d| d.id.as_str()).collect();
    assert_eq!(of, ["input", "proses", "pengaduan"]);
}

#[test]
fn what_is_assumed_is_named_on_everything_that_rests_on_it() {
    let scored = score(2024, &visit(7), &interviews(7, 2));
    let has = |what: Assumed, of: &str| scored.assumed.iter().any(|note| note.what == what && note.of == of);
    assert!(has(Assumed::Weight, "proses"), "the weights of 2024 are those of 2022-2023");
    assert!(has(Assumed::TopMark, "") && has(Assumed::Ticks, "") && has(Assumed::Marks, "pr-01"));
    assert!(
        !score(2023, &visit(7), &interviews(7, 2)).assumed.iter().any(|note| note.what == Assumed::Weight)
    );
    let unit = UnitOf { id: "u", name: "U", kind: "dukcapil", score: &scored };
    let government = score_government(method(2024), "G", "P", &[unit]).unwrap();
    assert!(government.assumed.iter().any(|note| note.what == Assumed::TopMark));
}

#[test]
fn before_2022_a_government_is_the_mean_of_products() {
    let (one, two) =
        (VISITS.read(filled(&VISIT, 1, 11, &ASSESSED)), VISITS.read(filled(&VISIT, 3, 12, &ASSESSED)));
    let (one, two) = (score(2021, &one, &[]), score(2021, &two, &[]));
    assert_eq!((one.products.len(), two.products.len()), (1, 3));
    let units =
        [("a", &one), ("b", &two)].map(|(id, score)| UnitOf { id, name: id, kind: "dukcapil", score });
    let government = score_government(method(2021), "G", "P", &units).unwrap();
    let products = one.products.iter().chain(&two.products).map(|p| p.value.shown.exact());
    let mean = Exact::sum(products).unwrap().over(Exact::whole(4)).unwrap().unwrap();
    assert_eq!((government.counted, government.value.unwrap().exact), (4, mean));
}

#[test]
fn police_and_land_offices_are_scored_but_not_in_the_citys_mean() {
    let scored = score(2023, &visit(13), &interviews(13, 2));
    let other = score(2023, &visit(14), &interviews(14, 2));
    let units = [("a", "dukcapil", &scored), ("b", "polres", &other)];
    let units = units.map(|(id, kind, score)| UnitOf { id, name: id, kind, score });
    let government = score_government(method(2023), "G", "P", &units).unwrap();
    assert_eq!((government.counted, government.units[1].counted), (1, Counted::Apart));
    assert_eq!(government.value.unwrap().shown, scored.value.unwrap().shown);
}

#[test]
fn the_satisfaction_index_converts_before_it_rounds() {
    let skm = read_skm(include_str!("../../public/indices/skm.toml")).unwrap();
    // 80 answers: 77 fours and three threes are 3.9625; 37 fours and 43 threes are 3.4625 (both published, S37).
    let people = |fours: usize| {
        (0..80).map(move |at| if at < fours { 4 } else { 3 }).map(|mark| {
            let mut interview = interviews(1, 1).remove(0);
            interview.readings.retain(|reading| reading.code.starts_with("skm"));
            let mut first = interview.readings[0].clone();
            first.mark = Exact::whole(mark);
            interview.readings.clear();
            for element in 1..=9 {
                first.code = format!("skm-{element:02}");
                interview.readings.push(first.clone());
            }
            interview
        })
    };
    for (fours, converted, grade) in [(77, "99.06", "A"), (37, "86.56", "B")] {
        let people: Vec<Evidence> = people(fours).collect();
        let index = skm.index_of(&people).unwrap();
        assert_eq!(index.converted.unwrap().shown.to_string(), converted);
        assert_eq!((index.grade.as_deref(), index.respondents), (Some(grade), 80));
        assert!(index.assumed.iter().any(|note| note.what == Assumed::Index));
    }
    let none: [Evidence; 0] = [];
    assert_eq!(skm.index_of(&none).unwrap().converted, None);
}

#[test]
fn the_interval_is_the_same_for_a_seed_and_narrower_with_more_people() {
    let people = interviews(21, 200);
    let interval = |count: usize, seed: u64| {
        let group: Vec<&Evidence> = people[..count].iter().collect();
        perception_interval(method(2023), &[group], 500, &mut Draws::new(seed)).unwrap().unwrap()
    };
    let (few, many) = (interval(12, 1), interval(200, 1));
    assert_eq!(few, interval(12, 1));
    assert_ne!(few, interval(12, 2));
    let width = |of: &survey::scoring::interval::Interval| of.high.in_hundredths() - of.low.in_hundredths();
    assert!(width(&many) < width(&few) && width(&many) > 0);
    let perception = score(2023, &visit(21), &people).dimensions[2].value.unwrap().shown;
    assert!(many.low <= perception && perception <= many.high);
}

#[test]
fn the_map_of_findings_counts_and_sorts_by_how_often_an_indicator_fails() {
    let scores: Vec<UnitScore> =
        (30..34).map(|seed| score(2023, &visit(seed), &interviews(seed, 3))).collect();
    let names = ["a", "b", "c", "d"];
    let units: Vec<_> = names.iter().zip(&scores).map(|(id, score)| (*id, *id, score)).collect();
    let map = findings(&units).unwrap();
    assert_eq!(map.indicators.len(), method(2023).rules.indicators().count());
    assert!(map.indicators.windows(2).all(|two| two[0].fails >= two[1].fails));
    for row in &map.indicators {
        let below = row.cells.iter().flatten().filter(|cell| cell.in_hundredths() < 10_000).count();
        assert_eq!((row.fails, row.cells.len()), (below, 4));
    }
    assert!(map.units.iter().all(|unit| unit.gap.is_some()));
}

fn candidate(at: usize, gain: i64, full: usize) -> Candidate {
    Candidate {
        unit: "u".to_owned(),
        unit_name: "U".to_owned(),
        code: format!("c{at}"),
        name: String::new(),
        name_en: String::new(),
        perception: false,
        now: Score::hundredths(0),
        gain: Exact::fraction(gain.into(), 7).unwrap(),
        full_elsewhere: full,
        marked_elsewhere: 10,
    }
}

#[test]
fn mending_what_a_lift_names_really_brings_the_unit_to_the_target() {
    for seed in 0..20 {
        let (mut visit, mut citizens) = (visit(seed), interviews(seed, 3));
        let before = score(2023, &visit, &citizens);
        let board = Board::of([("u", &before)]);
        let of = candidates(method(2023), &[("u", "U", &before, Counted::Yes)], &board).unwrap();
        let target: Score = "90.00".parse().unwrap();
        let lift = lift(before.value.unwrap(), exact(&before), target, of).unwrap();
        assert!(lift.reaches && !lift.set.is_empty());
        for reading in visit.readings.iter_mut().chain(citizens.iter_mut().flat_map(|e| &mut e.readings)) {
            if lift.set.iter().any(|candidate| candidate.code == reading.code) {
                reading.mark = reading.of.unwrap_or(Exact::whole(4));
            }
        }
        let after = score(2023, &visit, &citizens);
        assert_eq!(exact(&after), lift.then.exact, "seed {seed}");
        assert!(after.value.unwrap().shown >= target);
    }
}

/// Full marks for what a set names in a unit.
fn mend(set: &[Candidate], unit: &str, visit: &mut Evidence, citizens: &mut [Evidence]) {
    for reading in visit.readings.iter_mut().chain(citizens.iter_mut().flat_map(|e| &mut e.readings)) {
        if set.iter().any(|candidate| candidate.unit == unit && candidate.code == reading.code) {
            reading.mark = reading.of.unwrap_or(Exact::whole(4));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn mending_what_a_lift_names_in_its_units_really_brings_a_government_to_the_target(
        seed in any::<u32>(), count in 1usize..5, target in 7000i64..9900, year in prop::sample::select(vec![2021u16, 2023]),
    ) {
        let target = Score::hundredths(target);
        let names: Vec<String> = (0..count).map(|at| format!("u{at}")).collect();
        let mut answers: Vec<_> = (0..count as u64).map(|at| (visit(u64::from(seed) + at), interviews(u64::from(seed) + at, 2))).collect();
        let scores: Vec<UnitScore> = answers.iter().map(|(visit, citizens)| score(year, visit, citizens)).collect();
        let whole = |scores: &[UnitScore]| {
            let units: Vec<_> = names.iter().zip(scores).map(|(id, score)| UnitOf { id, name: id, kind: "dukcapil", score }).collect();
            score_government(method(year), "G", "P", &units).unwrap().value.unwrap()
        };
        let board = Board::of(names.iter().map(String::as_str).zip(&scores));
        let units: Vec<_> = names.iter().zip(&scores).map(|(id, score)| (id.as_str(), id.as_str(), score, Counted::Yes)).collect();
        let of = candidates(method(year), &units, &board).unwrap();
        let before = whole(&scores);
        let now = unrounded(method(year), &units).unwrap().unwrap();
        // To the very hundredth that a set comes to, so that nothing is left over.
        let near = lift(before, now, target, of.clone()).unwrap().then.shown;
        let target = near.min(Score::hundredths(10_000)).max(target);
        let lift = lift(before, now, target, of).unwrap();
        for (id, (visit, citizens)) in names.iter().zip(&mut answers) {
            mend(&lift.set, id, visit, citizens);
        }
        let after: Vec<UnitScore> = answers.iter().map(|(visit, citizens)| score(year, visit, citizens)).collect();
        let after = whole(&after);
        if lift.reaches {
            prop_assert!(after.shown >= target, "{} after {}, {} promised", after.shown, before.shown, lift.then.shown);
        }
        prop_assert!((after.shown.in_hundredths() - lift.then.shown.in_hundredths()).abs() <= 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_smaller_set_reaches_the_target(now in 0i64..9000, target in 0i64..10_000, gains in prop::collection::vec((0i64..4000, 0usize..10), 0..10)) {
        let (now, target) = (Exact::fraction(now.into(), 100).unwrap(), Score::hundredths(target));
        let all: Vec<Candidate> = gains.iter().enumerate().map(|(at, (gain, full))| candidate(at, *gain, *full)).collect();
        let lift = lift(Value::of(now).unwrap(), now, target, all.clone()).unwrap();
        let reach = |set: &[&Candidate]| Exact::sum(set.iter().map(|c| c.gain)).unwrap().plus(now).unwrap() >= target.exact();
        let smallest = (0..1_u32 << all.len())
            .map(|bits| all.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, c)| c).collect::<Vec<_>>())
            .filter(|set| reach(set))
            .map(|set| set.len())
            .min();
        prop_assert_eq!(lift.reaches, smallest.is_some());
        if let Some(smallest) = smallest {
            prop_assert_eq!(lift.set.len(), smallest);
            prop_assert!(reach(&lift.set.iter().collect::<Vec<_>>()));
            prop_assert!(lift.then.exact >= target.exact());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn raising_any_mark_never_lowers_a_score(seed in any::<u64>(), at in any::<prop::sample::Index>(), year in prop::sample::select(vec![2015u16, 2018, 2021, 2022, 2024, 2025])) {
        let (mut visit, mut citizens) = (visit(seed), interviews(seed, 3));
        let before = score(year, &visit, &citizens);
        let mut readings: Vec<_> = visit.readings.iter_mut().chain(citizens.iter_mut().flat_map(|e| &mut e.readings)).collect();
        let index = at.index(readings.len());
        let full = readings[index].of.unwrap_or(Exact::whole(4));
        readings[index].mark = full;
        let after = score(year, &visit, &citizens);
        prop_assert!(exact(&after) >= exact(&before));
        let government = |score: &UnitScore| {
            score_government(method(year), "G", "P", &[UnitOf { id: "u", name: "U", kind: "dukcapil", score }]).unwrap().value
        };
        prop_assert!(government(&after) >= government(&before));
    }

    #[test]
    fn the_order_of_records_and_units_changes_nothing(seed in any::<u64>(), turn in 1usize..5) {
        let (visit, citizens) = (visit(seed), interviews(seed, 6));
        let names: Vec<String> = (0..6).map(|at| format!("i{at}")).collect();
        let said: Vec<Said<'_>> = names.iter().zip(&citizens).map(|(record, evidence)| Said { record, evidence }).collect();
        let of = |interviews: Vec<Said<'_>>| {
            let records = UnitRecords { visit: Some(Said { record: "v", evidence: &visit }), visit_closed: true, interviews };
            score_unit(method(2023), &records, Depth::Answers).unwrap()
        };
        let mut turned = said.clone();
        turned.rotate_left(turn);
        prop_assert_eq!(of(said), of(turned));
        let scores: Vec<UnitScore> = (0..4).map(|unit| score(2023, &self::visit(seed.wrapping_add(unit)), &citizens)).collect();
        let mut units: Vec<_> = ["a", "b", "c", "d"].iter().zip(&scores).map(|(id, score)| UnitOf { id, name: id, kind: "dukcapil", score }).collect();
        let forth = score_government(method(2023), "G", "P", &units).unwrap();
        units.rotate_left(turn % 4);
        let back = score_government(method(2023), "G", "P", &units).unwrap();
        prop_assert_eq!((forth.value, forth.dimensions), (back.value, back.dimensions));
    }
}
