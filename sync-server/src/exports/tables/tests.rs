//! Tables from a release made by hand.

use std::sync::Arc;

use replica::RecordKind;

use super::source::Source;
use crate::exports::sample::{Sample, form, sample};
use crate::exports::table::{Cell, Column, Kind, Missing, Table};

fn table<'a>(tables: &'a [Table], name: &str) -> &'a Table {
    tables.iter().find(|table| table.name.as_str() == name).unwrap_or_else(|| panic!("no table {name}"))
}

fn at(table: &Table, name: &str) -> usize {
    table.columns.iter().position(|of| of.name.as_str() == name).unwrap_or_else(|| panic!("no column {name}"))
}

fn column<'a>(table: &'a Table, name: &str) -> &'a Column {
    &table.columns[at(table, name)]
}

/// A cell as people name it: a choice by its name.
fn cell(table: &Table, row: &str, name: &str) -> String {
    let column = at(table, name);
    let row = table.rows.iter().find(|cells| cells[0] == Cell::Text(row.to_owned())).expect("a row");
    match (&row[column], &table.columns[column].kind) {
        (Cell::Choice(at), Kind::Choice(choices)) => choices[*at].name.clone(),
        (Cell::Text(text), _) => text.clone(),
        (other, _) => format!("{other:?}"),
    }
}

fn missing(reason: Missing) -> String {
    format!("{:?}", Cell::Missing(reason))
}

#[test]
fn there_is_a_table_for_each_level_and_each_repeat() {
    let tables = sample().tables();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    let levels = ["governments", "units", "dimensions", "indicators"];
    let records = ["visits", "visits_produk", "visits_syarat", "interviews", "clashes"];
    assert_eq!(names, [&levels[..], &records].concat());
    for table in &tables {
        let mut keys: Vec<_> = table.rows.iter().map(|row| format!("{:?}", row[0])).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), table.rows.len(), "the first column of {} tells rows apart", table.name);
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        assert!(!table.label.id.starts_with("table_"), "{}", table.name);
        for column in &table.columns {
            assert!(!column.label.id.starts_with("table_"), "{}.{}", table.name, column.name);
        }
    }
}

#[test]
fn the_order_in_which_a_release_is_read_changes_nothing() {
    let mut turned = sample();
    turned.source.records.reverse();
    turned.source.units.reverse();
    turned.source.records.iter_mut().for_each(|record| record.clashes.reverse());
    assert_eq!(turned.tables(), sample().tables());
}

#[test]
fn answers_come_out_as_what_they_are() {
    let tables = sample().tables();
    let visits = table(&tables, "visits");
    // A question may be called as one of our own columns, or as another one: its group or a number tells it apart.
    assert_eq!(column(visits, "unit_2").label.en, "Open?");
    assert_eq!(cell(visits, "aa", "unit_2"), "ya");
    assert_eq!(cell(visits, "aa", "lain_foto"), "=HYPERLINK(\"http://jahat\")");
    assert_eq!(cell(visits, "aa", "foto"), "c0ffee");
    for (name, is) in [
        ("loket", Cell::Whole(3)),
        ("jarak", Cell::Decimal(125)),
        ("hari", Cell::Date(20_779)),
        ("mulai", Cell::Moment(1_795_317_072)),
        ("titik_lat", Cell::Decimal(-21_300_000)),
        ("titik_lon", Cell::Decimal(1_061_100_000)),
        ("sarana_ramp", Cell::Choice(1)),
        ("sarana_kursi", Cell::Choice(0)),
        ("clashes", Cell::Whole(1)),
    ] {
        let row = visits.rows.iter().find(|row| row[0] == Cell::Text("aa".to_owned())).unwrap();
        assert_eq!(row[at(visits, name)], is, "{name}");
    }
}

#[test]
fn a_blank_says_why_it_is_blank() {
    let tables = sample().tables();
    let visits = table(&tables, "visits");
    assert_eq!(cell(visits, "bb", "hari"), missing(Missing::Unanswered));
    // Its unit could not be assessed, so what was not asked was not assessed.
    assert_eq!(cell(visits, "bb", "loket"), missing(Missing::NotAssessed));
    let interviews = table(&tables, "interviews");
    assert_eq!(cell(interviews, "cc", "saran"), missing(Missing::Unanswered));
    assert_eq!(cell(interviews, "dd", "puas"), missing(Missing::Refused));
    assert_eq!(cell(interviews, "dd", "consent"), "no");
    // Its answers are not in the release.
    assert_eq!(cell(interviews, "ee", "saran"), missing(Missing::Refused));
    assert_eq!(
        [cell(interviews, "ee", "consent"), cell(interviews, "ee", "record_state")],
        ["no", "refused"]
    );
    assert_eq!(interviews.rows.len(), 3, "an interview that was taken back is in no table");

    let mut assessed = sample();
    assessed.source.records.iter_mut().for_each(|record| record.unit = "dukcapil".to_owned());
    let tables = assessed.tables();
    assert_eq!(cell(table(&tables, "visits"), "bb", "loket"), missing(Missing::NotRelevant));
}

#[test]
fn rows_of_repeats_name_their_record_and_keep_their_order() {
    let tables = sample().tables();
    let products = table(&tables, "visits_produk");
    let found: Vec<_> = products.rows.iter().map(|row| row[at(products, "number")].clone()).collect();
    assert_eq!(found, [Cell::Whole(1), Cell::Whole(2)]);
    assert_eq!(cell(products, "aa/produk[b2]", "nama"), "KTP");
    assert_eq!(cell(products, "aa/produk[b2]", "record"), "aa");
    let inner = table(&tables, "visits_syarat");
    assert_eq!(cell(inner, "aa/produk[b2]/syarat[x]", "nama"), "Akta");
    assert_eq!(inner.rows.len(), 1);
}

#[test]
fn nothing_tells_who_filled_a_form_or_on_which_device() {
    let all = format!("{:?}", sample().tables());
    assert!(!all.contains("Ibu Sari") && !all.contains("0123456789abcdef"));
}

#[test]
fn units_and_indicators_say_why_they_do_not_count() {
    let tables = sample().tables();
    let units = table(&tables, "units");
    assert_eq!(cell(units, "kesehatan", "score"), missing(Missing::NotAssessed));
    assert_eq!(cell(units, "kesehatan", "counted"), "counted_not_assessed");
    assert_eq!(cell(units, "kesehatan", "reason"), "tutup");
    assert_eq!(cell(units, "dukcapil", "score"), format!("{:?}", Cell::Decimal(8_823)));
    assert_eq!(cell(units, "dukcapil", "zone"), "hijau");
    let indicators = table(&tables, "indicators");
    assert_eq!(cell(indicators, "dukcapil/input/v/in-01", "marked"), "marked_yes");
    assert_eq!(cell(indicators, "dukcapil/input/v/in-02", "marked"), "marked_no_answer");
    assert_eq!(cell(indicators, "kesehatan/input/v/in-01", "marked"), "marked_not_assessed");
    assert_eq!(cell(indicators, "dukcapil/input/v/in-01", "indicator"), "in-01");
    let clashes = table(&tables, "clashes");
    assert_eq!(clashes.rows.len(), 2);
    assert_eq!((cell(clashes, "aa/1", "value"), cell(clashes, "aa/1", "holds")), ("3".into(), "yes".into()));
}

#[test]
fn versions_of_a_form_share_columns_and_keep_apart_what_changed() {
    let head = "| survey |\n| | type | name | label |\n";
    let end = "| choices |\n| | list_name | name | label |\n| | l | a | A |\n| | l | b | B |\n| settings |\n| | form_title | form_id | version |\n";
    let old = form(&format!(
        "{head}| | select_one l | pilih | Lama? |\n| | text | umur | Umur |\n{end}| | F | f | 1 |\n"
    ));
    let end = end.replace("| | l | b | B |", "| | l | c | C |");
    let new = form(&format!(
        "{head}| | integer | umur | Umur |\n| | select_one l | pilih | Baru? |\n{end}| | F | f | 2 |\n"
    ));
    let mut of = Sample::default();
    of.source = Source { units: sample().source.units, ..Source::default() };
    of.source.instruments = [("o".to_owned(), Arc::clone(&old)), ("n".to_owned(), new)].into();
    of.add("old", RecordKind::Visit, "o", &[("pilih", "b"), ("umur", "tua")], &[]);
    of.add("new", RecordKind::Visit, "n", &[("pilih", "c"), ("umur", "7")], &[]);
    let tables = of.tables();
    let visits = table(&tables, "visits");
    assert_eq!(column(visits, "pilih").label.id, "Baru?");
    assert_eq!([cell(visits, "old", "pilih"), cell(visits, "new", "pilih")], ["b", "c"]);
    assert_eq!(cell(visits, "new", "umur"), format!("{:?}", Cell::Whole(7)));
    assert_eq!(cell(visits, "old", "umur"), missing(Missing::NotRelevant));
    assert_eq!(cell(visits, "old", "umur_2"), "tua");
}

#[test]
fn only_what_belongs_to_the_units_that_are_seen_is_left() {
    let only = |id: &str| {
        let mut sample = sample();
        sample.source = sample.source.only(|unit| unit.id == id);
        sample.tables()
    };
    let tables = only("kesehatan");
    assert_eq!(table(&tables, "units").rows.len(), 1);
    assert_eq!(table(&tables, "visits").rows.len(), 1);
    assert_eq!(table(&tables, "interviews").rows.len(), 0);
    // Its rank stays the one among all.
    let governments = table(&tables, "governments");
    assert_eq!(governments.rows[0][at(governments, "rank")], Cell::Whole(7));
    let none = only("");
    assert!(none.iter().all(|table| table.rows.is_empty()));
}
