//! What pages of results must say, on the results that were really published.

use replica::api::Unit;

use super::published::Facts;
use super::report::{Report, Row};
use super::{Query, Writing, html};
use crate::catalogue::{Published, read_published};
use crate::scores::methods::embedded;

fn facts(extra: &[Published]) -> impl Fn(Query) -> Report {
    let methods = embedded().unwrap();
    let csv = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../public/samples/published.csv")).unwrap();
    let mut results = read_published(&csv, &methods).unwrap().results;
    results.extend_from_slice(extra);
    results.sort_by(|a, b| (a.year, &a.entity).cmp(&(b.year, &b.entity)));
    let unit = Unit {
        id: "kota-bontang-dinas".parse().unwrap(),
        name: "Dinas".to_owned(),
        government: "Kota Bontang".to_owned(),
        province: "Kalimantan Timur".to_owned(),
        kind: "sosial".to_owned(),
        office: "kalimantan-timur".parse().unwrap(),
    };
    move |query| {
        let facts = Facts { methods: &methods, results: results.clone(), units: vec![unit.clone()] };
        let writing = Writing::of(query).unwrap();
        match writing.query.government.clone() {
            Some(name) => facts.government(&writing, &name).unwrap(),
            None => facts.overview(&writing).unwrap(),
        }
    }
}

fn of(government: &str, lang: &str) -> Query {
    Query { government: Some(government.to_owned()), lang: lang.to_owned(), ..Query::default() }
}

/// All words of a report.
fn text(report: &Report) -> String {
    serde_json::to_string(report).unwrap()
}

#[test]
fn bontang_2023_is_category_a_and_stands_1_77_short_of_90() {
    let report = facts(&[])(of("Kota Bontang", "id"));
    assert_eq!(report.lead, "2023: 88,23, kategori A, zona hijau. Masih kurang 1,77 sampai target 90.");
    let journey = report.sections[0].table.as_ref().unwrap();
    let cell = |row: &Row, at: usize| row.cells[at].text.clone();
    let own = journey.rows.iter().filter(|row| row.own);
    let years: Vec<_> = own.map(|row| [1, 2].map(|at| cell(row, at))).collect();
    assert_eq!(years, [["2022", "72,33"], ["2023", "88,23"]]);
    assert_eq!(journey.rows[0].cells[3].text, "C · kuning");
    // Whatever line is drawn stands in the table, too.
    let drawn = report.sections[0].picture.as_ref().unwrap();
    for neighbour in journey.rows.iter().filter(|row| !row.own) {
        assert!(drawn.contains(&cell(neighbour, 0)), "{}", cell(neighbour, 0));
    }
    assert!(journey.rows.iter().any(|row| cell(row, 0) == "Kota Samarinda"));
}

#[test]
fn a_rise_under_one_method_owes_nothing_to_the_method() {
    let report = facts(&[])(of("Kota Bontang", "en"));
    let change = report.sections[1].table.as_ref().unwrap();
    let cells: Vec<&str> = change.rows[0].cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(cells, ["2022 → 2023", "+15.90", "+0.00", "+15.90"]);
}

#[test]
fn across_a_change_of_method_no_part_is_claimed() {
    let older = Published {
        year: 2021,
        level: "kota".to_owned(),
        entity: "Kota Bontang".to_owned(),
        parent: "Kalimantan Timur".to_owned(),
        score: "80.00".parse().unwrap(),
        said: String::new(),
        source: String::new(),
    };
    let report = facts(&[older])(of("Kota Bontang", "en"));
    let change = report.sections[1].table.as_ref().unwrap();
    let cells: Vec<&str> = change.rows[0].cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(cells, ["2021 → 2022", "−7.67", "not known", "not known"]);
}

#[test]
fn the_neighbours_of_the_articles_are_ranked_beside_bontang() {
    let report = facts(&[])(of("Kota Bontang", "en"));
    let section = report.sections.iter().find(|section| section.heading.starts_with("Neighbours")).unwrap();
    let rows: Vec<(&str, &str)> = section
        .table
        .as_ref()
        .unwrap()
        .rows
        .iter()
        .map(|row| (row.cells[1].text.as_str(), row.cells[3].text.as_str()))
        .collect();
    let place = |name: &str| rows.iter().position(|(found, _)| found.contains(name)).unwrap();
    assert!(place("Kutai Kartanegara") < place("Samarinda"));
    assert!(place("Samarinda") < place("Balikpapan"));
    assert!(place("Balikpapan") < place("Bontang"));
}

#[test]
fn published_units_are_shown_with_the_mean_they_make() {
    let report = facts(&[])(of("Kabupaten Pemalang", "en"));
    assert!(
        text(&report).contains("Mean of the 4 published units: 98.59; the published score: 98.59."),
        "{report:#?}"
    );
}

#[test]
fn names_from_a_list_cannot_write_markup() {
    let evil = Published {
        year: 2024,
        level: "kota".to_owned(),
        entity: "<img src=x onerror=alert(1)>\"'&".to_owned(),
        parent: "</svg><script>".to_owned(),
        score: "90.00".parse().unwrap(),
        said: String::new(),
        source: "<b>".to_owned(),
    };
    let write = facts(std::slice::from_ref(&evil));
    for query in [of(&evil.entity, "id"), Query { year: Some(2024), ..Query::default() }] {
        let page = html::page(&write(query));
        for bad in ["<img", "<script", "<b>", "onerror=alert(1)>"] {
            assert!(!page.contains(bad), "{bad}");
        }
    }
}

#[test]
fn a_name_that_nobody_published_is_said_so_and_all_pages_are_well_formed() {
    let write = facts(&[]);
    assert_eq!(write(of("Kota Atlantis", "en")).lead, "No published result has this name.");
    for year in [2018, 2021, 2022, 2023, 2024, 2025] {
        for width in [300, 900] {
            let page = html::page(&write(Query { year: Some(year), width: Some(width), ..Query::default() }));
            roxmltree::Document::parse(&format!("<div>{page}</div>")).unwrap();
        }
    }
}
