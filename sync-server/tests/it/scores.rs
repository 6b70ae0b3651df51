//! Scores from records that devices sent, through worker, projection and the interface for coordinators.

use std::process::Command;

use replica::Record;
use replica::api::Role;
use serde_json::Value;
use survey::instrument::{NodeKind, QuestionKind};
use survey::scoring::api::{GovernmentPage, MethodLine, Scores, UnitPage};
use survey::scoring::questions::progress::Progress;
use survey::scoring::result::UnitState;
use survey::scoring::rules::Zone;

use sync_server::catalogue::Compiled;

use super::client::Device;
use super::field::Field;
use super::filling::AGREED;
use super::server::{DUKCAPIL, KESEHATAN};

fn json<T: serde::de::DeserializeOwned>(device: &Device, path: &str) -> T {
    let answer = device.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}

const PANGKALPINANG: &str = "/api/v1/scores/government?name=Kota%20Pangkalpinang&method=2023";

#[test]
fn a_government_is_the_mean_of_its_units_and_each_opens_down_to_answers() {
    let field = Field::start();
    field.visits(DUKCAPIL, 0);
    field.visits(KESEHATAN, 1);
    field.interviews(DUKCAPIL, 3, 0, &AGREED);
    field.interviews(KESEHATAN, 2, 1, &AGREED);
    let coordinator = field.coordinator(None);
    let scores: Scores = json(&coordinator, "/api/v1/scores?method=2023");
    assert_eq!(scores.governments[0].name, "Kota Pangkalpinang");
    assert_eq!(scores.governments[0].rank.unwrap().place, 1);
    assert!(scores.governments.iter().any(|of| of.name == "Kota Bontang" && of.value.is_none()));

    let units = [DUKCAPIL, KESEHATAN]
        .map(|unit| -> UnitPage { json(&coordinator, &format!("/api/v1/scores/unit/{unit}?method=2023")) });
    assert!(units.iter().all(|unit| unit.score.state == UnitState::Whole && !unit.score.provisional));
    let shown = units.each_ref().map(|unit| unit.score.value.unwrap().shown.in_hundredths());
    let page: GovernmentPage = json(&coordinator, PANGKALPINANG);
    assert_eq!(page.government.value.unwrap().shown.in_hundredths(), (shown[0] + shown[1] + 1) / 2);
    assert_eq!((page.sure.interviews, page.sure.target), (5, 30));
    let readings = |page: &UnitPage| {
        let variables = page.score.dimensions.iter().flat_map(|of| &of.variables);
        variables.flat_map(|of| &of.indicators).map(|of| of.readings.len()).sum::<usize>()
    };
    assert!(readings(&units[0]) > 50);
    assert!(units[0].skm.converted.is_some());
}

#[test]
fn one_changed_answer_moves_the_score_as_a_projection_built_anew_has_it() {
    let field = Field::start();
    let mut record = field.visits(DUKCAPIL, 2);
    let coordinator = field.coordinator(None);
    let before: GovernmentPage = json(&coordinator, PANGKALPINANG);
    let path = "standar[a]/persyaratan_loket";
    let change = field.surveyor.write(&mut record, path, "lengkap");
    field.surveyor.push(&[change]);
    field.server.settle();
    let after: GovernmentPage = json(&coordinator, PANGKALPINANG);
    assert!(after.government.value > before.government.value);
    assert!(after.by.upto > before.by.upto);

    let (folder, _kept) = field.server.stop();
    std::fs::remove_file(folder.join("projection.sqlite")).unwrap();
    let anew = loket(&["standing", "Kota Pangkalpinang", "--method", "2023"], &folder);
    assert_eq!(anew["government"], serde_json::to_value(&after.government).unwrap());
}

#[test]
fn a_refusal_counts_for_nothing_and_is_counted() {
    let field = Field::start();
    field.visits(DUKCAPIL, 0);
    field.interviews(DUKCAPIL, 2, 0, &[("umur", "dewasa"), ("setuju", "tidak")]);
    let page: UnitPage =
        json(&field.coordinator(None), &format!("/api/v1/scores/unit/{DUKCAPIL}?method=2023"));
    assert_eq!((page.sure.interviews, page.sure.refused), (0, 2));
    assert_eq!(page.score.state, UnitState::Partial { missing: vec!["output".to_owned()] });
}

#[test]
fn only_coordinators_see_scores_and_only_of_their_office() {
    let field = Field::start();
    field.visits(DUKCAPIL, 0);
    assert_eq!(field.surveyor.get("/api/v1/scores").status, 403);
    let elsewhere = field.coordinator(Some("kaltim"));
    assert_eq!(elsewhere.get(PANGKALPINANG).status, 404);
    assert_eq!(elsewhere.get(&format!("/api/v1/scores/unit/{DUKCAPIL}")).status, 404);
    let scores: Scores = json(&elsewhere, "/api/v1/scores");
    assert_eq!(scores.governments.iter().map(|of| of.name.as_str()).collect::<Vec<_>>(), ["Kota Bontang"]);
}

#[test]
fn pages_of_results_show_what_the_records_add_up_to_and_open_down_to_answers() {
    let field = Field::start();
    field.visits(DUKCAPIL, 1);
    field.visits(KESEHATAN, 2);
    field.interviews(DUKCAPIL, 3, 1, &AGREED);
    let coordinator = field.coordinator(None);
    let page = |query: &str| {
        let answer = coordinator.get(&format!("/api/v1/report?{query}"));
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 200, "{query}: {text}");
        roxmltree::Document::parse(&format!("<div>{text}</div>")).expect("well-formed");
        text
    };
    let all = page("lang=en");
    let government: GovernmentPage =
        json(&coordinator, "/api/v1/scores/government?name=Kota%20Pangkalpinang");
    let shown = government.government.value.unwrap().shown.to_string();
    assert!(all.contains("Round 2026") && all.contains(&shown), "{all}");
    let own = page("government=Kota%20Pangkalpinang&lang=en&width=328");
    for part in [shown.as_str(), "What would lift the score?", "Where is it red?", "How sure is this?"] {
        assert!(own.contains(part), "{part}");
    }
    let unit = page(&format!("unit={DUKCAPIL}&lang=id"));
    let spoken = "Produk 1 › 1. Persyaratan › Di loket";
    for part in ["Dimensi dan indikator", spoken, "Indeks kepuasan"] {
        assert!(unit.contains(part), "{part}: {unit}");
    }
    assert!(!unit.contains("standar_pelayanan/"), "paths are no words for people");
    let elsewhere = field.coordinator(Some("kaltim"));
    assert_eq!(elsewhere.get(&format!("/api/v1/report?unit={DUKCAPIL}")).status, 404);
    assert_eq!(field.surveyor.get("/api/v1/report").status, 403);
    assert_eq!(coordinator.get("/api/v1/report?target=much").status, 400);
}

#[test]
fn units_in_the_red_zone_are_listed_and_no_others() {
    let mut zones = Vec::new();
    for at in [0, 9] {
        let field = Field::start();
        field.visits(DUKCAPIL, at);
        let coordinator = field.coordinator(None);
        let unit: UnitPage = json(&coordinator, &format!("/api/v1/scores/unit/{DUKCAPIL}"));
        let zone = unit.score.placed.unwrap().zone;
        let page = String::from_utf8(coordinator.get("/api/v1/report?lang=en").body).unwrap();
        let listed = page.contains("All units in the red zone") && page.contains(&unit.name);
        assert_eq!(listed, zone == Zone::Merah, "{zone:?}: {page}");
        let own = coordinator.get("/api/v1/report?government=Kota%20Pangkalpinang&lang=en").body;
        let own = String::from_utf8(own).unwrap();
        assert!(own.contains("until target 90") || own.contains("target 90"), "{own}");
        let elsewhere = field.coordinator(Some("kaltim"));
        let theirs = String::from_utf8(elsewhere.get("/api/v1/report?lang=en").body).unwrap();
        assert!(!theirs.contains("All units in the red zone"));
        zones.push(zone);
    }
    assert!(zones.contains(&Zone::Merah) && zones.iter().any(|zone| *zone != Zone::Merah), "{zones:?}");
}

#[test]
fn an_earlier_round_opens_and_the_next_one_is_compared_with_it_part_by_part() {
    let field = Field::start();
    let earlier: replica::RoundId = "2024".parse().unwrap();
    field.server.server().catalogue.open_round(&earlier, 0).unwrap();
    field.visits_in(&earlier, DUKCAPIL, 2);
    field.visits(DUKCAPIL, 0);
    field.visits(KESEHATAN, 1);
    let coordinator = field.coordinator(None);
    let page = |query: &str| {
        let answer = coordinator.get(&format!("/api/v1/report?lang=en&{query}"));
        assert_eq!(answer.status, 200, "{query}");
        String::from_utf8(answer.body).unwrap()
    };
    let overview = page("");
    assert!(overview.contains("Round 2026") && overview.contains("round=2024"), "{overview}");
    let old = page("round=2024");
    assert!(old.contains("<h3>Round 2024</h3>"), "{old}");
    assert!(
        old.contains("government=Kota+Pangkalpinang&amp;round=2024"),
        "what is opened stays in the round: {old}"
    );
    let own = page("government=Kota%20Pangkalpinang");
    assert!(own.contains("2024 to round 2026"), "{own}");
    for part in ["Units added", "Real change"] {
        assert!(own.contains(part), "{part}: {own}");
    }
    assert_eq!(coordinator.get("/api/v1/report?round=2031").status, 404);
    assert_eq!(coordinator.get("/api/v1/report?round=%2F").status, 400);
}

#[test]
fn an_approval_holds_until_the_record_changes_and_never_for_what_was_not_seen() {
    let field = Field::start();
    let mut visit = field.visits(DUKCAPIL, 1);
    field.interviews(DUKCAPIL, 2, 1, &AGREED);
    let coordinator = field.coordinator(None);
    let seen = || -> UnitPage { json(&coordinator, &format!("/api/v1/scores/unit/{DUKCAPIL}")) };
    let approval = || (seen().sure.approval.approved, seen().sure.approval.records);
    let approve = |device: &Device, upto: u64| {
        let body = serde_json::json!({ "unit": DUKCAPIL, "round": "2026", "upto": upto });
        device.post("/api/v1/approve", &body)
    };
    assert_eq!(approval(), (0, 3));
    assert_eq!(approve(&coordinator, 1).status, 200, "what was written after what they saw stays open");
    assert_eq!(approval(), (1, 3));
    let upto = seen().by.upto;
    assert_eq!(approve(&coordinator, upto).status, 200);
    assert_eq!(approval(), (3, 3));
    let page = |unit: &str| {
        String::from_utf8(coordinator.get(&format!("/api/v1/report?lang=en&unit={unit}")).body).unwrap()
    };
    assert!(
        page(DUKCAPIL).contains("3 of 3 records are approved") && !page(DUKCAPIL).contains("data-approve")
    );

    let path = "standar[a]/persyaratan_loket";
    field.surveyor.push(&[field.surveyor.write(&mut visit, path, "lengkap")]);
    field.server.settle();
    assert_eq!(approval(), (2, 3), "a change waits for approval again");
    assert!(page(DUKCAPIL).contains("data-approve"));
    let elsewhere = field.coordinator(Some("kaltim"));
    assert_eq!(approve(&elsewhere, upto + 9).status, 404);
    assert_eq!(approve(&field.surveyor, upto + 9).status, 403);
    assert_eq!(approval(), (2, 3));
}

#[test]
fn a_visit_of_two_phones_is_approved_once_its_clashes_are_decided_and_stamps_are_none() {
    let mut field = Field::start();
    let stamp = "waktu_datang";
    let mut instrument = field.visit.1.clone();
    for node in &mut instrument.nodes {
        if let NodeKind::Question(question) = &mut node.kind
            && node.name == stamp
        {
            question.kind = QuestionKind::End;
        }
    }
    let compiled = Compiled::of(instrument).unwrap();
    field.server.server().catalogue.publish(&compiled, 5).unwrap();
    assert!(compiled.instrument.nodes.iter().any(|node| node.name == stamp));
    field.visit = (compiled.hash, compiled.instrument);
    let mut mine = field.visits(DUKCAPIL, 1);
    let other = Device::enrol(&field.server, Role::Surveyor);
    let mut theirs = mine.clone();
    let answer = "standar[a]/persyaratan_loket";
    let both = |mine: &mut Record, theirs: &mut Record, path: &str, values: [&str; 2]| {
        field.surveyor.push(&[field.surveyor.write(mine, path, values[0])]);
        other.push(&[other.write(theirs, path, values[1])]);
    };
    both(&mut mine, &mut theirs, stamp, ["2026-11-26T08:00:00.000+07:00", "2026-11-26T09:00:00.000+07:00"]);
    let coordinator = field.coordinator(None);
    let sure = || {
        field.server.settle();
        let page: UnitPage = json(&coordinator, &format!("/api/v1/scores/unit/{DUKCAPIL}"));
        (page.sure.clashes, page.sure.approval.approved)
    };
    let approve = || {
        let body = serde_json::json!({ "unit": DUKCAPIL, "round": "2026", "upto": 999 });
        assert_eq!(coordinator.post("/api/v1/approve", &body).status, 200);
    };
    assert_eq!(sure(), (0, 0), "nobody can decide between two stamps");
    approve();
    assert_eq!(sure(), (0, 1));
    both(&mut mine, &mut theirs, answer, ["lengkap", "tidak"]);
    assert_eq!(sure(), (1, 0));
    approve();
    assert_eq!(sure(), (1, 0), "a clash is decided first");
}

#[test]
fn own_assessments_follow_the_list_and_are_never_taken_for_the_ombudsmans() {
    let field = Field::start();
    field.visits(DUKCAPIL, 1);
    let coordinator = field.coordinator(None);
    let official: GovernmentPage = json(&coordinator, PANGKALPINANG);
    let report = "/api/v1/report?government=Kota%20Pangkalpinang&lang=id&target=99";
    let page = || String::from_utf8(coordinator.get(report).body).unwrap();
    assert!(!page().contains("Penilaian mandiri"));
    for (round, at, opened) in [("2026-05", 1, 20), ("2026-06", 0, 30)] {
        let round: replica::RoundId = round.parse().unwrap();
        let catalogue = &field.server.server().catalogue;
        catalogue.open_round(&round, opened).unwrap();
        catalogue.mark_own(&round).unwrap();
        field.visits_in(&round, DUKCAPIL, at);
    }
    field.server.settle();
    let again: GovernmentPage = json(&coordinator, PANGKALPINANG);
    assert_eq!((again.government, again.by.round.as_str()), (official.government, "2026"));
    let followed: Progress =
        json(&coordinator, "/api/v1/scores/progress?name=Kota%20Pangkalpinang&method=2023&target=99");
    assert_eq!(followed.from, "2026");
    let rounds: Vec<_> = followed.rounds.iter().map(|round| round.round.as_str()).collect();
    assert_eq!(rounds, ["2026-05", "2026-06"]);
    assert!(!followed.steps.is_empty() && followed.done > 0, "{followed:?}");
    for step in followed.steps.iter().filter(|step| !step.candidate.perception) {
        assert_eq!(step.later[0], Some(step.candidate.now), "the first own round changed nothing");
    }
    assert!(followed.rounds[1].value > followed.rounds[0].value);
    let told = page();
    assert!(told.contains("Penilaian mandiri") && told.contains("2026-06"), "{told}");
}

#[test]
fn every_question_has_an_answer_or_says_why_not() {
    let field = Field::start();
    field.visits(DUKCAPIL, 1);
    let coordinator = field.coordinator(None);
    let name = "name=Kota%20Pangkalpinang&method=2023";
    let findings: Value = json(&coordinator, &format!("/api/v1/scores/findings?{name}"));
    assert_eq!(findings["units"].as_array().unwrap().len(), 2);
    let lift: Value = json(&coordinator, &format!("/api/v1/scores/lift?{name}&target=99"));
    assert!(!lift["set"].as_array().unwrap().is_empty());
    let same: Value = json(&coordinator, &format!("/api/v1/scores/change?{name}&from=2026&to=2026"));
    assert_eq!(same["difference"], "0.00");
    let methods: Vec<MethodLine> = json(&coordinator, "/api/v1/methods");
    let of_2025 = methods.iter().find(|line| line.years == [2025]).unwrap();
    assert!(!of_2025.assumed.is_empty(), "what the bands of 2025 rest on is told in the list");
    for (path, status) in [
        ("/api/v1/scores/government?method=2023", 400),
        ("/api/v1/scores/government?name=Kota%20Lain", 404),
        ("/api/v1/scores?method=2020", 404),
        ("/api/v1/scores?round=2031", 404),
        ("/api/v1/scores/lift?name=Kota%20Bontang&method=2023", 400),
        ("/api/v1/scores/unit/kota-lain-x", 404),
        ("/api/v1/methods/2020", 404),
        ("/api/v1/methods/2024", 200),
        ("/api/v1/published", 200),
    ] {
        assert_eq!(coordinator.get(path).status, status, "{path}");
    }
}

#[test]
fn the_story_of_bontang_is_told_from_published_results_and_no_part_is_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let list = concat!(env!("CARGO_MANIFEST_DIR"), "/../public/samples/published.csv");
    let imported = run(&["published", "import", list], folder.path());
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let change = loket(&["change", "Kota Bontang", "--from", "2022", "--to", "2023"], folder.path());
    assert_eq!(change["before"], serde_json::json!([2022, "72.33"]));
    assert_eq!((change["after"][1].as_str(), change["difference"].as_str()), (Some("88.23"), Some("15.90")));
    assert_eq!(change["parts"].as_array().unwrap().len(), 2, "only totals are known, and one rule set");
    assert_eq!(change["parts"][1], serde_json::json!({"of": ["method"], "points": "0.00"}));
    assert_eq!(change["unknown"][0]["why"], "no_units");
}

fn run(arguments: &[&str], folder: &std::path::Path) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loket"));
    command.args(arguments).arg("--data").arg(folder).env("LOKET_LOG", "error").output().unwrap()
}

fn loket(arguments: &[&str], folder: &std::path::Path) -> Value {
    let output = run(arguments, folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
