use super::*;
use crate::exports::table::{Column, Name};

fn one(kind: Kind, cells: Vec<Cell>) -> Series {
    Series { name: "a".to_owned(), label: Label::default(), kind, cells }
}

fn texts(series: &[Series]) -> Vec<String> {
    let text = |series: &Series| match &series.cells[0] {
        Cell::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    series.iter().map(text).collect()
}

#[test]
fn no_value_of_a_column_is_ever_one_of_its_missing_values() {
    assert_eq!(nines(&one(Kind::Whole, vec![Cell::Whole(-9990)])), 0);
    assert_eq!(nines(&one(Kind::Whole, vec![Cell::Whole(-9993)])), 90_000);
    assert_eq!(nines(&one(Kind::Whole, vec![Cell::Whole(-9993), Cell::Whole(-99_991)])), 990_000);
    // A decimal between two of the codes lies in the range, too.
    assert_eq!(nines(&one(Kind::Decimal(1), vec![Cell::Decimal(-99_925)])), 90_000);
}

#[test]
fn a_text_wider_than_spss_takes_goes_on_in_further_columns_and_loses_nothing() {
    let long = "é".repeat(50_000);
    let parts = split(vec![one(Kind::Text, vec![Cell::Text(long.clone())])]);
    assert_eq!(parts.len(), 4);
    assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["a", "a_2", "a_3", "a_4"]);
    assert_eq!(texts(&parts).concat(), long);
    assert!(texts(&parts).iter().all(|part| part.len() <= WIDEST));
}

#[test]
fn the_pieces_of_a_wide_text_have_the_widths_that_spss_gives_them() {
    let pieces = |width| {
        let series = one(Kind::Text, vec![Cell::Text("x".repeat(width))]);
        Variable::of(&series, &mut 1).pieces().collect::<Vec<_>>()
    };
    assert_eq!(pieces(255), [255]);
    assert_eq!(pieces(256), [255, 4]);
    assert_eq!(pieces(505), [255, 255, 1]);
}

#[test]
fn a_table_without_a_column_is_refused() {
    let name = Name::try_from("units".to_owned()).unwrap();
    let columns: Vec<Column> = Vec::new();
    let table = Table { name, label: Label::default(), columns, rows: Vec::new() };
    let origin = Origin { release: String::new(), time: 0, manifest: String::new() };
    assert!(matches!(sav(&table, &origin), Err(TableError::Large { .. })));
}
