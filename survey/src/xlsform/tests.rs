//! What a workbook becomes, and what is said about a wrong one.
#![allow(clippy::format_collect, reason = "short and clear in tests")]

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::*;
use crate::instrument::{NodeKind, QuestionKind, Source};
use crate::test_form::{compiled, workbook};
use crate::xlsform::workbook::{Sheet, letters};

fn said(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

fn faults(text: &str) -> Vec<String> {
    said(&compiled(text).expect_err("it has faults"))
}

fn warnings(text: &str) -> Vec<String> {
    said(&compiled(text).map_err(|faults| said(&faults)).unwrap().warnings)
}

const GOOD: &str = "
| survey |
| | type | name | label::Bahasa Indonesia (id) | label::English (en) | dimension | indicator | source | appearance |
| | Begin Group | fasilitas | Fasilitas | Facilities | | | | field-list w1 |
| | select one from ya_tidak | ramp | Ramp? | Ramp? | input | 14 | S83 | |
| | SELECT_MULTIPLE ya_tidak | both | Mana? | Which? | | | | |
| | end  group | | | | | | | |
| | begin repeat | produk | Produk | Product | | | | |
| | note | | Baca | Read | | | | |
| | end_repeat | | | | | | | |
| choices |
| | list_name | name | label::English (en) | label::Bahasa Indonesia (id) | mark | source | kota |
| | ya_tidak | ya | Yes | Ya | 2.5 | assumed | bontang |
| | ya_tidak | tidak | No | Tidak | 0 | S21 | |
| settings |
| | form_title | form_id | version | default_language |
| | Kunjungan | kunjungan | 2026.1 | Bahasa Indonesia (id) |
";

#[test]
fn a_good_workbook_becomes_its_instrument_without_a_word() {
    let Compiled { instrument, warnings } = compiled(GOOD).unwrap();
    assert_eq!(said(&warnings), [] as [String; 0]);
    let names: Vec<&str> = instrument.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["fasilitas", "ramp", "both", "produk", "generated_note_name_7"]);
    assert_eq!(instrument.nodes[0].appearance, ["field-list", "w1"]);
    assert_eq!(instrument.nodes[1].parent, Some(NodeId(0)));
    assert_eq!(instrument.nodes[1].label.0, ["Ramp?", "Ramp?"]);
    let counts = instrument.nodes[1].counts_for.as_ref().unwrap();
    assert_eq!((counts.dimension.as_str(), counts.indicator.as_str()), ("input", "14"));
    assert_eq!(counts.source, Source::Cited("S83".into()));
    let NodeKind::Question(question) = &instrument.nodes[2].kind else { panic!("a question") };
    assert_eq!(
        (question.kind, question.choice_list.as_deref()),
        (QuestionKind::SelectMultiple, Some("ya_tidak"))
    );
    let list = &instrument.choice_lists["ya_tidak"];
    let yes = &list.choices[0];
    assert_eq!(yes.label.0, ["Ya", "Yes"]);
    assert_eq!(list.cell(yes, "kota"), Some("bontang"));
    let mark = yes.mark.as_ref().unwrap();
    assert_eq!((mark.value.as_str(), &mark.source), ("2.5", &Source::Assumed));
}

#[test]
fn an_instrument_is_the_same_after_being_stored() {
    let instrument = compiled(GOOD).unwrap().instrument;
    let again: Instrument = serde_json::from_slice(&instrument.to_json().unwrap()).unwrap();
    assert_eq!(again, instrument);
    assert_eq!(again.hash().unwrap(), instrument.hash().unwrap());
}

#[test]
fn the_summary_counts_and_names_the_languages_as_written() {
    let instrument = compiled(GOOD).unwrap().instrument;
    let json = serde_json::to_value(summary(&instrument)).unwrap();
    let hash = json["hash"].as_str().unwrap().to_owned();
    assert_eq!(hash.len(), 64);
    let wanted = serde_json::json!({
        "title": "Kunjungan", "version": "2026.1", "languages": ["Bahasa Indonesia (id)", "English (en)"],
        "questions": 3, "groups": 1, "repeats": 1, "choices": 2, "hash": hash,
    });
    assert_eq!(json, wanted);
}

#[test]
fn every_fault_is_named_in_one_pass_with_its_cell() {
    let found = faults(
        "
| survey |
| | type | name | label | relevant | calculation | constraint | default | choice_filter |
| | txt | a | A | | | | | |
| | text | | B | | | | | |
| | text | 1c | C | | | | | |
| | text | d | D | ${nowhere} = 1 | | | | |
| | text | d | D | | | . > | | |
| | select_one colours | e | E | | | | | |
| | select_one | f | F | | | | | |
| | begin_group | g | G | | | | | |
| | end_repeat | | | | | | | |
| | integer | h | About ${ag} | foo(1) | | | ten | |
| | calculate | i | | | | | | |
| | select_one color | j | J | | | | | shade = 'x' |
| | | k | K | | | | | |
| | xml-external | l | L | | | | | |
| choices |
| | list_name | name | label | mark | source |
| | color | red | Red | 4,5 | S1 |
| | color | red | Red | 4 | |
| | color | | Blue | | |
| | | green | Green | | |
",
    );
    let wanted = [
        "survey, row 2, column type (A2): `txt` is not a question type; did you mean `text`?; the types are ",
        "survey, row 3, column name (B3): the row has no name; ",
        "survey, row 4, column name (B4): `1c` cannot be a name: ",
        "survey, row 5, column relevant (D5): at character 1: no question, group or repeat is called `nowhere`; ",
        "survey, row 6, column name (B6): `d` is already the name of row 5 in the same group; ",
        "survey, row 6, column constraint (F6): at character 4: the expression ends where a value should follow",
        "survey, row 7, column type (A7): the choices sheet has no list called `colours`; did you mean `color`?",
        "survey, row 8, column type (A8): `select_one` needs the name of a list ",
        "survey, row 9, column type (A9): the group `g` is never closed; ",
        "survey, row 10, column type (A10): `end_repeat` cannot close the group `g` begun in row 9; ",
        "survey, row 11, column relevant (D11): at character 1: there is no function `foo`",
        "survey, row 11, column default (G11): `ten` cannot be the default of a question of type integer; ",
        "survey, row 11, column label (C11): the text refers to ${ag}, but no question is called so",
        "survey, row 12, column calculation (E12): a `calculate` row needs something ",
        "survey, row 14, column type (A14): the row has no type; ",
        "survey, row 15, column type (A15): the type `xml-external` is not supported by this version; ",
        "choices, row 2, column mark (D2): `4,5` is not a mark; ",
        "choices, row 3, column name (B3): the list `color` has a choice `red` already, in row 2; ",
        "choices, row 3, column source (E3): the mark has no source; ",
        "choices, row 4, column name (B4): the choice has no name; ",
        "choices, row 5, column list_name (A5): the choice has no list_name; ",
    ];
    for wanted in wanted {
        assert!(found.iter().any(|fault| fault.starts_with(wanted)), "{wanted}\nin {found:#?}");
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
}

#[test]
fn circles_are_named_as_the_path_that_they_take() {
    let found = faults(
        "
| survey |
| | type | name | label | relevant | calculation |
| | calculate | a | | | ${b} + 1 |
| | calculate | b | | | ${c} |
| | calculate | c | | | ${a} |
| | begin_group | g | G | ${q} = 'x' | |
| | text | q | Q | | |
| | end_group | | | | |
| | calculate | behind | | | ${a} + ${q} |
| | calculate | self | | | ${self} + 1 |
",
    );
    let wanted = [
        "survey, row 2, column calculation (E2): this goes round in a circle: a → b → c → a; one of them must not use the next",
        "survey, row 5, column relevant (D5): this goes round in a circle: g → q → g; one of them must not use the next",
        "survey, row 9, column calculation (E9): this goes round in a circle: self → self; one of them must not use the next",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn what_only_deserves_a_second_look_is_a_warning() {
    let found = warnings(
        "
| survey |
| | type | name | label::A (a) | label::B (b) | save_to | lable | repeat_count | appearance |
| | text | q | Only a | | | | | |
| | note | n | Both | Beide | | | | |
| | text | r | | | | | 3 | numbers rating |
| settings |
| | form_title | form_id |
| | T | t |
",
    );
    let wanted = [
        "survey, row 1, column save_to (E1): the column `save_to` is not used by this version; ",
        "survey, row 1, column lable (F1): the column `lable` is not known and is left out; did you mean `label`?",
        "survey, row 2, column label::A (a) (C2): the label is missing in B (b); ",
        "survey, row 4, column appearance (H4): the appearance `rating` does nothing on a row of this type; it is shown plainly",
        "survey, row 4, column label::A (a) (C4): the question has no label, ",
        "survey, row 4, column repeat_count (G4): repeat_count has no effect on a row of this type",
    ];
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "{wanted}\nis not\n{found}");
    }
}

#[test]
fn the_record_saved_last_is_blank_with_a_word_about_it() {
    let found = |default: &str| {
        format!(
            "\n| survey |\n| | type | name | label | default |\n| | text | street | Street | {default} |\n"
        )
    };
    let said = warnings(&found("${last-saved#street}"));
    let own =
        said.iter().filter(|one| one.contains("column default (D2): `${last-saved#...}` is blank here"));
    assert_eq!(own.count(), 1, "{said:#?}");
    let said = faults(&found("concat(${last-saved#strete}, 'x')"));
    assert!(said.iter().any(|one| one.contains("strete") && one.contains("street")), "{said:#?}");
}

#[test]
fn figures_without_a_source_are_refused() {
    let found = faults(
        "
| survey |
| | type | name | label | dimension | indicator | source |
| | text | a | A | input | | S1 |
| | text | b | B | | 3 | S1 |
| | text | c | C | input | 3 | |
| | text | d | D | Big One | 3 | S1 |
",
    );
    let wanted = [
        "survey, row 2, column indicator (E2): the row has a dimension but no indicator; ",
        "survey, row 3, column dimension (D3): the row has a indicator but no dimension; ",
        "survey, row 4, column source (F4): the row has a dimension but no source; ",
        "survey, row 5, column dimension (D5): `Big One` cannot be a dimension: ",
    ];
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "{wanted}\nis not\n{found}");
    }
}

#[test]
fn missing_and_doubled_sheets_and_columns_are_faults() {
    let cases = [
        (
            "| settings |\n| | form_id |\n| | x |",
            "survey: there is no sheet called `survey`; a form needs one",
        ),
        ("| survey |", "survey: the sheet is empty; "),
        ("| survey |\n| | type | name | label |", "survey: there are no questions; "),
        ("| survey |\n| | type | label |\n| | text | A |", "survey, row 1: the column `name` is missing; "),
        (
            "| survey |\n| | type | name | Name |\n| | text | a | b |",
            "survey, row 1, column Name (C1): the column `Name` is there already, as B; ",
        ),
        (
            "| survey |\n| | type | name |\n| | text | a |\n| Survey |\n| | x |",
            "Survey: there is a second sheet called `Survey`; ",
        ),
    ];
    for (text, wanted) in cases {
        let found = faults(text);
        assert!(found.iter().any(|fault| fault.starts_with(wanted)), "{wanted}\nin {found:#?}");
    }
}

#[test]
fn yes_and_no_are_conditions_too() {
    let instrument = compiled(
        "
| survey |
| | type | name | label | relevant | required | read_only |
| | text | a | A | FALSE | Yes | no |
| | text | b | B | TRUE | no | yes |
",
    )
    .unwrap()
    .instrument;
    let NodeKind::Question(first) = &instrument.nodes[0].kind else { panic!("a question") };
    let NodeKind::Question(second) = &instrument.nodes[1].kind else { panic!("a question") };
    assert_eq!(instrument.nodes[0].relevant, Some(crate::expression::Expression::constant(false)));
    assert_eq!((first.required.is_some(), first.read_only.is_some()), (true, false));
    assert_eq!((second.required.is_some(), second.read_only.is_some()), (false, true));
}

#[test]
fn columns_have_the_letters_of_a_spreadsheet() {
    let found: Vec<String> = [0, 25, 26, 701, 702, u32::MAX].map(letters).to_vec();
    assert_eq!(found, ["A", "Z", "AA", "ZZ", "AAA", "MWLQKWV"]);
}

#[test]
fn files_that_are_no_workbooks_are_refused_in_words() {
    for bytes in [
        &b""[..],
        b"name,label\n",
        b"PK",
        b"PK\x03\x04garbage",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"%PDF-1.7",
    ] {
        let found = compile(bytes).unwrap_err();
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().starts_with("workbook: "), "{}", found[0]);
    }
    let large = compile(&vec![b'P'; MAX_FILE_BYTES + 1]).unwrap_err();
    assert!(matches!(large[0].message, FaultKind::TooLarge { .. }));
}

#[test]
fn a_zip_that_inflates_without_end_is_refused() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("xl/workbook.xml", options).unwrap();
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..=MAX_INFLATED_BYTES / zeros.len() {
        archive.write_all(&zeros).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < MAX_FILE_BYTES, "it is small on the outside");
    let found = compile(&bytes).unwrap_err();
    assert_eq!(
        found[0].message,
        FaultKind::TooLarge { limit: MAX_INFLATED_BYTES, what: "bytes when unpacked" }
    );
}

fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook with one sheet of these rows and these shared strings.
fn hand_made(rows: &str, strings: &str) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    zipped(&[
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships><Relationship Id="rId1" Target="xl/workbook.xml" Type="{office}/officeDocument"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns:r="{office}"><sheets><sheet name="survey" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="{office}/worksheet"/></Relationships>"#
            ),
        ),
        ("xl/sharedStrings.xml", format!("<sst>{strings}</sst>")),
        ("xl/worksheets/sheet1.xml", format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ])
}

#[test]
fn a_workbook_made_by_hand_is_read() {
    let cell = |at: &str, text: &str| format!(r#"<c r="{at}" t="str"><v>{text}</v></c>"#);
    let head = format!("<row>{}{}{}</row>", cell("A1", "type"), cell("B1", "name"), cell("C1", "label"));
    let row = format!(r#"<row>{}{}<c r="C2" t="s"><v>0</v></c></row>"#, cell("A2", "text"), cell("B2", "a"));
    let form = compile(&hand_made(&format!("{head}{row}"), "<si><t>Shared</t></si>"))
        .map_err(|faults| said(&faults));
    assert_eq!(form.unwrap().instrument.nodes[0].label.in_language(0), "Shared");
}

/// Cells as people and accidents write them.
fn cell() -> impl Strategy<Value = String> {
    let words = [
        "type",
        "name",
        "label",
        "label::A (a)",
        "label::",
        "::",
        "list_name",
        "mark",
        "source",
        "relevant",
        "calculation",
        "choice_filter",
        "default",
        "required",
        "repeat_count",
        "dimension",
        "indicator",
        "text",
        "integer",
        "calculate",
        "select_one a",
        "select_multiple a",
        "select_one a or_other",
        "select_one ${a}",
        "select_one_from_file a.csv",
        "rank a",
        "range",
        "csv-external",
        "background-geopoint",
        "start-geopoint",
        "audit",
        "time",
        "geoshape",
        "start=0;end=1;step=0.1",
        "start=5 end=-5 step=2",
        "randomize=true, seed=${a}",
        "randomize=true",
        "${a}, ${b}",
        "table-list label",
        "a.png",
        "parameters",
        "trigger",
        "image::A (a)",
        "instance_name",
        "begin_group",
        "end group",
        "begin_repeat",
        "end_repeat",
        "a",
        "b",
        "yes",
        "${a} + 1",
        "${b}",
        "../a",
        "position(..)",
        "sum(${a})",
        "a = ${b}",
        "indexed-repeat(${a}, ${b}, 1)",
        "today()",
        "default_language",
        "form_id",
        "4",
        "-2.5",
        "",
    ];
    prop_oneof![9 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

fn sheet(name: &'static str, head: &'static [&'static str]) -> impl Strategy<Value = Sheet> {
    let width = 9_u32;
    prop::collection::vec((0_u32..8, 0..width, cell()), 0..50).prop_map(move |cells| {
        let head = head.iter().zip(0..).map(|(text, column)| (0, column, (*text).to_owned()));
        Sheet::of(name, head.chain(cells))
    })
}

proptest! {
    #[test]
    fn no_heap_of_cells_panics_and_what_compiles_can_be_filled(
        survey in sheet("survey", &["type", "name", "label", "relevant", "calculation", "default", "choice_filter", "parameters", "trigger"]),
        choices in sheet("choices", &["list_name", "name", "label", "mark", "source"]),
        settings in sheet("settings", &["form_id", "default_language"]),
    ) {
        let workbook = Workbook { sheets: vec![survey, choices, settings] };
        match compile_workbook(&workbook, &()) {
            Err(faults) => prop_assert!(!faults.is_empty()),
            Ok(compiled) => {
                let clock = crate::expression::Clock { today: "2026-11-22".into(), now: "2026-11-22T10:00:00.000Z".into(), chance: 7 };
                let json = compiled.instrument.to_json().unwrap();
                let instrument: Instrument = serde_json::from_slice(&json).unwrap();
                let (mut session, _) = crate::session::Session::open(std::sync::Arc::new(instrument), crate::session::Saved::default(), &clock);
                for item in session.children(&crate::path::Path::top()) {
                    let _ = session.answer(&item.path, "1", &clock);
                    let _ = session.add_row(&item.path, &crate::path::RowId::new("x").unwrap(), &clock);
                    let _ = (session.label(&item.path, 0), session.choices(&item.path).len());
                    let _ = session.record_place(&item.path, "1 2 0 0", &clock);
                }
            }
        }
    }

    #[test]
    fn no_text_that_may_be_a_form_panics(
        lines in prop::collection::vec(prop::collection::vec(cell(), 0..6), 0..30),
        bars in any::<bool>(),
        sheets in prop::collection::vec(prop::sample::select(vec!["survey", "choices", "settings", "other", ""]), 30),
    ) {
        let mark = if bars { "|" } else { "," };
        let text: Vec<String> = lines
            .iter()
            .zip(sheets)
            .map(|(cells, sheet)| format!("{mark}{sheet}{mark}{}{mark}", cells.join(mark)))
            .collect();
        if let Err(faults) = compile(text.join("\n").as_bytes()) {
            prop_assert!(!faults.is_empty());
        }
    }

    #[test]
    fn no_workbook_with_strange_cells_panics_or_hangs(
        cells in prop::collection::vec(("[A-Z]{0,4}[0-9]{0,8}", "(s|n|b|e|str|inlineStr|d|)", "[0-9.eE-]{0,12}|[a-z<&;]{0,8}"), 0..40),
        shared in prop::collection::vec("[a-z_ ${}]{0,12}", 0..10),
    ) {
        let rows: String = cells
            .iter()
            .map(|(at, kind, value)| format!(r#"<row><c r="{at}" t="{kind}"><v>{value}</v></c></row>"#))
            .collect();
        let strings: String = shared.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
        let bytes = hand_made(&rows, &strings);
        if let Err(faults) = compile(&bytes) {
            prop_assert!(!faults.is_empty());
        }
    }

    #[test]
    fn no_bytes_behind_a_workbooks_first_ones_panic(tail in prop::collection::vec(any::<u8>(), 0..2000), old in any::<bool>()) {
        let head: &[u8] = if old { b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" } else { b"PK\x03\x04" };
        prop_assert!(compile(&[head, &tail].concat()).is_err());
    }
}

#[test]
fn a_table_for_tests_reads_as_written() {
    let read = workbook("| survey |\n| | a | b |\n| | | c |");
    assert_eq!(read.sheets[0].rows[1].cells, [(1, "c".to_owned())].into());
}
