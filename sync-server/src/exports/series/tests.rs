use super::*;
use crate::exports::table::Name;

fn text(id: &str) -> Label {
    Label { id: id.to_owned(), en: format!("{id} (en)") }
}

fn table(kind: Kind, cells: Vec<Cell>) -> Table {
    Table {
        name: Name::try_from("units".to_owned()).unwrap(),
        label: text("Unit"),
        columns: vec![Column { name: Name::try_from("a".to_owned()).unwrap(), label: text("A"), kind }],
        rows: cells.into_iter().map(|cell| vec![cell]).collect(),
    }
}

#[test]
fn a_table_that_breaks_its_promises_is_refused_with_the_place() {
    let mut twice = table(Kind::Text, Vec::new());
    twice.columns.push(twice.columns[0].clone());
    assert!(matches!(series(&twice), Err(TableError::Twice { .. })));
    let mut ragged = table(Kind::Text, vec![Cell::Text("x".to_owned())]);
    ragged.rows.push(Vec::new());
    assert!(matches!(series(&ragged), Err(TableError::Ragged { row: 1, cells: 0, columns: 1, .. })));
    let wrong = table(Kind::Whole, vec![Cell::Whole(1), Cell::Text("x".to_owned())]);
    assert!(matches!(series(&wrong), Err(TableError::Kind { row: 1, .. })));
    let beyond = table(Kind::Choice(Vec::new()), vec![Cell::Choice(0)]);
    assert!(matches!(series(&beyond), Err(TableError::Kind { row: 0, .. })));
}

#[test]
fn what_a_double_would_round_becomes_text_and_the_rest_of_its_column_with_it() {
    let rounded =
        table(Kind::Decimal(2), vec![Cell::Decimal(-i64::MAX), Cell::Decimal(-5), Cell::Decimal(9371)]);
    let columns = for_statistics(&rounded).unwrap();
    let texts = ["-92233720368547758.07", "-0.05", "93.71"];
    assert_eq!(columns[0].cells, texts.map(|text| Cell::Text(text.to_owned())));
    let exact = table(Kind::Whole, vec![Cell::Whole(1 << 53)]);
    assert_eq!(for_statistics(&exact).unwrap()[0].kind, Kind::Whole);
}

#[test]
fn texts_that_are_blank_for_different_reasons_say_why_beside_them() {
    let same = table(Kind::Text, vec![Cell::Missing(Missing::Unanswered)]);
    assert_eq!(for_statistics(&same).unwrap().len(), 1);
    let cells = vec![Cell::Text("x".to_owned()), Cell::Missing(Missing::Refused)];
    let columns = for_statistics(&table(Kind::Text, cells)).unwrap();
    assert_eq!(columns[1].name, "a_kosong");
    assert_eq!(columns[1].cells, [Cell::Choice(0), Cell::Choice(3)]);
    let Kind::Choice(choices) = &columns[1].kind else { panic!("no choices") };
    assert_eq!((choices[3].code, choices[3].name.as_str()), (3, "refused"));
}

#[test]
fn a_fresh_name_is_never_taken_and_never_too_long() {
    let long = "x".repeat(NAME);
    let mut taken = BTreeSet::from([long.clone()]);
    for _ in 0..12 {
        let before = taken.clone();
        let name = fresh(&long, "_kosong", &mut taken);
        assert!(name.len() <= NAME && !before.contains(&name), "{name}");
    }
}

#[test]
fn a_text_is_cut_between_characters_and_shows_that_it_was_cut() {
    assert_eq!(shortened("kélas", 10), "kélas");
    assert_eq!(shortened("ké\nlas", 6), "ké…");
    assert_eq!(shortened("éé", 4), "éé");
    assert_eq!(shortened("ééé", 5), "é…");
}
