//! Workbooks as another reader finds them.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};

use super::*;
use crate::exports::sample::{head, tables};

fn rows(bytes: &[u8], name: &str) -> Vec<Vec<Data>> {
    let mut book = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    book.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

fn all(bytes: &[u8]) -> String {
    let mut book = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    format!("{:?}", book.worksheets())
}

#[test]
fn the_same_release_gives_the_same_bytes_whatever_the_clock_says() {
    let of = head();
    let tables = tables();
    let once = workbook(&of, &tables, Language::Indonesian).unwrap();
    assert_eq!(workbook(&of, &tables, Language::Indonesian).unwrap(), once);
    let mut parts = zip::ZipArchive::new(Cursor::new(once)).unwrap();
    let mut properties = String::new();
    parts.by_name("docProps/core.xml").unwrap().read_to_string(&mut properties).unwrap();
    assert_eq!(properties.matches(&moment_text(of.released_at)).count(), 2, "{properties}");
    for at in 0..parts.len() {
        let time = parts.by_index(at).unwrap().last_modified();
        assert_eq!(time.map(|time| time.year()), Some(1980));
    }
}

#[test]
fn cells_hold_what_they_are_and_a_text_is_no_formula() {
    let of = head();
    let book = workbook(&of, &tables(), Language::English).unwrap();
    let visits = rows(&book, "visits");
    let at = |name: &str| visits[1].iter().position(|cell| *cell == Data::String(name.to_owned())).unwrap();
    assert_eq!(visits[0][at("loket")], Data::String("How many counters?".to_owned()));
    assert_eq!(visits[2][at("unit_2")], Data::String("Yes".to_owned()));
    assert_eq!(visits[2][at("loket")], Data::Float(3.0));
    assert_eq!(visits[2][at("jarak")], Data::Float(1.25));
    assert_eq!(visits[2][at("lain_foto")], Data::String("=HYPERLINK(\"http://jahat\")".to_owned()));
    assert_eq!(visits[3][at("hari")], Data::Empty);
    let Data::DateTime(day) = visits[2][at("hari")] else { panic!("{:?}", visits[2][at("hari")]) };
    assert_eq!(day.as_f64().to_string(), (20_779 + EPOCH).to_string());
    let mut formulas = Xlsx::new(Cursor::new(book)).unwrap();
    assert!(formulas.worksheet_formula("visits").unwrap().is_empty());
}

#[test]
fn the_first_sheet_names_the_release_and_what_is_assumed() {
    let of = head();
    let book = workbook(&of, &tables(), Language::Indonesian).unwrap();
    let mut read = Xlsx::new(Cursor::new(book.clone())).unwrap();
    assert_eq!(read.sheet_names()[0], "Baca dulu");
    let text = format!("{:?}", read.worksheet_range("Baca dulu").unwrap());
    for part in ["Rilis 3", "2022-2024", "d16e57", "bobot anggapan", "1.048.576"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn what_a_sheet_cannot_hold_goes_on_or_is_said() {
    let of = head();
    let tables = tables();
    let small = Limits { rows: 3, columns: 16_384, text: 20 };
    let book = written(&of, &tables, Language::English, small).unwrap();
    for name in ["visits", "visits_2"] {
        assert_eq!(rows(&book, name).len(), 3, "{name}");
    }
    let said = all(&book);
    assert!(said.contains("lain_foto of the sheet visits is cut in row 3"), "{said}");
    let narrow = Limits { rows: 100, columns: 2, text: 32_767 };
    let book = written(&of, &tables, Language::English, narrow).unwrap();
    assert_eq!(rows(&book, "visits")[0].len(), 2);
    assert!(all(&book).contains("visits: only the first 2 columns"), "{}", all(&book));
}

#[test]
fn long_names_of_tables_stay_apart() {
    let mut taken = BTreeSet::new();
    let long = "interviews_pertanyaan_yang_panjang";
    let names: Vec<_> = (0..3).map(|_| sheet_name(long, &mut taken)).collect();
    assert_eq!(names[1], "interviews_pertanyaan_yang_pa_2");
    assert!(names.iter().all(|name| name.len() == SHEET));
}
