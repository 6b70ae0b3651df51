//! Question types, appearances, parameters and files beside the workbook.

use std::collections::BTreeMap;

use super::*;
use crate::instrument::{NodeKind, Question, QuestionKind};
use crate::test_form::{compiled, workbook};

fn said(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

fn faults(text: &str) -> Vec<String> {
    said(&compiled(text).expect_err("it has faults"))
}

fn check(found: &[String], wanted: &[&str]) {
    for wanted in wanted {
        assert!(found.iter().any(|fault| fault.starts_with(wanted)), "{wanted}\nin {found:#?}");
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
}

fn question<'a>(compiled: &'a Compiled, name: &str) -> &'a Question {
    let node = compiled.instrument.nodes.iter().find(|node| node.name == name).unwrap();
    match &node.kind {
        NodeKind::Question(question) => question,
        _ => panic!("{name} is no question"),
    }
}

fn with_files(text: &str, files: &[(&str, &[u8])]) -> Result<Compiled, Vec<Fault>> {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
    compile_workbook(&workbook(text), &files)
}

#[test]
fn all_types_of_the_standard_are_taken_under_all_their_names() {
    use QuestionKind as Q;
    let written = [
        ("text", Q::Text),
        ("string", Q::Text),
        ("integer", Q::Integer),
        ("decimal", Q::Decimal),
        ("range", Q::Range),
        ("date", Q::Date),
        ("time", Q::Time),
        ("dateTime", Q::DateTime),
        ("datetime", Q::DateTime),
        ("note", Q::Note),
        ("hidden", Q::Hidden),
        ("acknowledge", Q::Acknowledge),
        ("trigger", Q::Acknowledge),
        ("barcode", Q::Barcode),
        ("image", Q::Image),
        ("photo", Q::Image),
        ("add image prompt", Q::Image),
        ("q picture", Q::Image),
        ("audio", Q::Audio),
        ("background-audio", Q::BackgroundAudio),
        ("video", Q::Video),
        ("file", Q::File),
        ("geopoint", Q::Geopoint),
        ("geotrace", Q::Geotrace),
        ("geoshape", Q::Geoshape),
        ("start-geopoint", Q::StartGeopoint),
        ("start", Q::Start),
        ("get end time", Q::End),
        ("today", Q::Today),
        ("deviceid", Q::DeviceId),
        ("uri:deviceid", Q::DeviceId),
        ("imei", Q::DeviceId),
        ("phonenumber", Q::PhoneNumber),
        ("username", Q::Username),
        ("email", Q::Email),
        ("audit", Q::Audit),
        ("select_one l", Q::SelectOne),
        ("select one from l", Q::SelectOne),
        ("select1 l", Q::SelectOne),
        ("select_multiple l", Q::SelectMultiple),
        ("select all that apply from l", Q::SelectMultiple),
        ("rank l", Q::Rank),
    ];
    for (text, kind) in written {
        let name = if kind == Q::Audit { "" } else { "q" };
        let form = format!(
            "| survey |\n| | type | name | label |\n| | {text} | {name} | Q |\n| | text | last | L |\n\
             | choices |\n| | list_name | name | label |\n| | l | a | A |"
        );
        let compiled = compiled(&form).map_err(|faults| said(&faults)).unwrap();
        assert_eq!(question(&compiled, if kind == Q::Audit { "audit" } else { "q" }).kind, kind, "{text}");
    }
}

#[test]
fn or_other_adds_a_choice_and_a_question() {
    let compiled = compiled(
        "
| survey |
| | type | name | label::Bahasa (id) | label::English (en) |
| | begin_group | g | G | G |
| | select_one color or_other | c | Warna | Colour |
| | end_group | | | |
| choices |
| | list_name | name | label::Bahasa (id) | label::English (en) |
| | color | red | Merah | Red |
",
    )
    .unwrap();
    let last = compiled.instrument.choice_lists["color"].choices.last().unwrap();
    assert_eq!(
        (last.name.as_str(), last.label.0.as_slice()),
        ("other", ["Lainnya".into(), "Other".into()].as_slice())
    );
    let node = &compiled.instrument.nodes[2];
    assert_eq!((node.name.as_str(), node.parent), ("c_other", Some(NodeId(0))));
    assert!(node.relevant.is_some());
    check(
        &faults(
            "| survey |\n| | type | name | label | choice_filter |\n| | select_one l or_other | a | A | name = 'x' |\n\
             | choices |\n| | list_name | name | label |\n| | l | x | X |",
        ),
        &["survey, row 2, column choice_filter (D2): a choice_filter and `or_other` do not go together; "],
    );
}

#[test]
fn mistakes_in_parameters_triggers_and_lists_are_named_with_their_cells() {
    let found = faults(
        "
| survey |
| | type | name | label | parameters | trigger | appearance |
| | range | a | A | start=1 end=5 step=9 | | |
| | range | b | B | start=one | | |
| | range | c | C | begin=1 | | |
| | select_one l | d | D | seed=4 | | |
| | select_one l | e | E | randomize=maybe | | |
| | text | f | F | | a | |
| | text | g | G | | ${nobody} | |
| | background-geopoint | h | H | | | |
| | select_one ${a} | i | I | | | |
| | select_one_from_file places.txt | j | J | | | |
| | begin_group | t | T | | | table-list |
| | select_one l | k | K | | | |
| | select_one m | m | M | | | |
| | end_group | | | | | |
| | begin_repeat | r | R | | | |
| | text | meta | N | | | |
| | end_repeat | | | | | |
| | text | x | X | rows 3 | | |
| choices |
| | list_name | name | label |
| | l | a | A |
| | m | a | A |
",
    );
    check(
        &found,
        &[
            "survey, row 2, column parameters (D2): `step=9` cannot be: step is more than 0 and at most the distance",
            "survey, row 3, column parameters (D3): `start=one` cannot be: start is a number",
            "survey, row 4, column parameters (D4): the parameter `begin` is not one of this type; it takes start, end,",
            "survey, row 5, column parameters (D5): a seed has no effect without `randomize=true`; write both",
            "survey, row 6, column parameters (D6): `randomize=maybe` cannot be: randomize is true or false",
            "survey, row 7, column trigger (E7): `a` is no trigger; write references to questions",
            "survey, row 8, column trigger (E8): the text refers to ${nobody}, but no question is called so",
            "survey, row 9, column trigger (E9): a background-geopoint needs a trigger",
            "survey, row 10, column type (A10): `a` stands in no repeat; ",
            "survey, row 11, column type (A11): `places.txt` is no list; a file with choices ends in .csv or .geojson",
            "survey, row 14, column type (A14): a table-list shows one list: `m` is not `l` of the rows above; ",
            "survey, row 17, column name (B17): `meta` is a name that forms need for themselves; ",
            "survey, row 19, column parameters (D19): `rows` is no parameter; write name=value pairs",
            "survey, row 19, column parameters (D19): `3` is no parameter; ",
        ],
    );
}

#[test]
fn lists_come_out_of_files_too() {
    let text = "
| survey |
| | type | name | label::Bahasa (id) | label::English (en) | parameters | choice_filter |
| | text | d | D | D | | |
| | select_one_from_file places.csv | p | P | P | | district = ${d} |
| | select_multiple_from_file towns.geojson | t | T | T | value=kode label=nama | |
| | csv-external | prices | | | | |
";
    let csv = "\u{feff}name,label::Bahasa (id),label::English (en),district\na,\"Kota A, barat\",Town A,x\nb,Kota B,,y\n";
    let geojson = r#"{"type":"FeatureCollection","features":[
        {"id":"f1","type":"Feature","properties":{"kode":7,"nama":"Bontang"},"geometry":{"type":"Point","coordinates":[117.5,0.13]}}]}"#;
    let files: [(&str, &[u8]); 3] = [
        ("places.csv", csv.as_bytes()),
        ("towns.geojson", geojson.as_bytes()),
        ("prices.csv", b"item;price\nrice;12\n"),
    ];
    let compiled = with_files(text, &files).map_err(|faults| said(&faults)).unwrap();
    assert_eq!(
        said(&compiled.warnings).len(),
        1,
        "only the form_id is missing: {:?}",
        said(&compiled.warnings)
    );
    let lists = &compiled.instrument.choice_lists;
    let places = &lists["places"];
    assert_eq!(places.choices[0].label.0, ["Kota A, barat", "Town A"]);
    assert_eq!(places.cell(&places.choices[1], "district"), Some("y"));
    let town = &lists["towns#kode#nama"].choices[0];
    assert_eq!((town.name.as_str(), town.label.in_language(0)), ("7", "Bontang"));
    assert_eq!(lists["towns#kode#nama"].cell(town, "geometry"), Some("0.13 117.5 0 0"));
    assert_eq!(lists["prices"].cell(&lists["prices"].choices[0], "price"), Some("12"));

    let broken: [(&str, &[u8]); 2] = [("places.csv", b"id,text\n1,x\n"), ("towns.geojson", b"[1,2")];
    check(
        &said(&with_files(text, &broken).unwrap_err()),
        &[
            "survey, row 3, column type (A3): the file `places.csv` cannot be used: it has no column `name`; it has id, text",
            "survey, row 4, column type (A4): the file `towns.geojson` cannot be used: ",
        ],
    );
    // Without its files a form compiles, and says what is missing.
    let alone = with_files(text, &[]).unwrap();
    check(
        &said(&alone.warnings),
        &[
            "settings: there is no form_id",
            "survey, row 3, column type (A3): the file `places.csv` is not beside the workbook, so the question has no choices",
            "survey, row 4, column type (A4): the file `towns.geojson` is not beside",
            "survey, row 5, column name (B5): the file `prices.csv` is not beside the workbook, so nothing is found in it",
        ],
    );
}

#[test]
fn pictures_and_sounds_travel_with_the_form_in_every_language() {
    let text = "
| survey |
| | type | name | label::A (a) | label::B (b) | media::image::A (a) | image::B (b) | audio |
| | note | n | N | N | a.png | b.svg | x.mp3 |
| | note | m | N | N | a.png | ../secret.png | y.exe |
| choices |
| | list_name | name | label | image |
| | l | a | A | a.png |
| settings |
| | form_id | default_language |
| | f | A (a) |
";
    let files: [(&str, &[u8]); 5] = [
        ("a.png", b"abc"),
        ("b.svg", b"<svg/>"),
        ("x.mp3", b"ID3"),
        ("y.exe", b"MZ"),
        ("../secret.png", b"no"),
    ];
    let compiled = with_files(text, &files).unwrap();
    let media = &compiled.instrument.nodes[0].media;
    assert_eq!(media.image.0, ["a.png", "b.svg"]);
    assert_eq!(media.audio.in_language(1), "x.mp3");
    let names: Vec<&str> = compiled.instrument.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["a.png", "b.svg", "x.mp3"],
        "nothing from other folders, nothing that a page cannot show"
    );
    assert_eq!(compiled.instrument.files["a.png"], "data:image/png;base64,YWJj");
    let large = vec![0; MAX_MEDIA_BYTES + 1];
    let found = said(&with_files(text, &[("a.png", &large)]).unwrap_err());
    assert!(found[0].contains("larger than 4194304 bytes together"), "{found:?}");
}

#[test]
fn a_form_may_be_a_markdown_table_or_csv() {
    let markdown = "
# a form
| survey |      |      |         |
|--------|------|------|---------|
|        | type | name | label   |
|        | text | a    | A \\| B |
| choices | | |
| | list_name | name | label |
";
    let csv =
        "survey,,,\n,type,name,label\n,text,a,\"A, B\"\nsettings,,\n,form_id,form_title\n,f,\"A form\"\n";
    let from_markdown = compile(markdown.as_bytes()).map_err(|faults| said(&faults)).unwrap();
    assert_eq!(from_markdown.instrument.nodes[0].label.in_language(0), "A | B");
    let from_csv = compile(csv.as_bytes()).map_err(|faults| said(&faults)).unwrap();
    assert_eq!(from_csv.instrument.nodes[0].label.in_language(0), "A, B");
    assert_eq!(from_csv.instrument.title, "A form");
    let wrong = compile(markdown.replace("text", "tekst").as_bytes()).unwrap_err();
    assert!(
        wrong[0].to_string().starts_with("survey, row 2, column type (A2): `tekst` is not a question type")
    );
}

#[test]
fn headers_mean_the_same_in_all_their_spellings() {
    let compiled = compiled(
        "
| survey |
| | type | name | caption:English | bind:relevant | bind::jr:constraintMsg | bind:constraint | requiredMsg | control::appearance |
| | text | a | A | true() | Wrong | . = 'x' | Missing | multiline |
",
    )
    .map_err(|faults| said(&faults))
    .unwrap();
    let node = &compiled.instrument.nodes[0];
    assert_eq!(
        (node.label.in_language(0), node.appearance.as_slice()),
        ("A", ["multiline".to_owned()].as_slice())
    );
    let question = question(&compiled, "a");
    assert!(node.relevant.is_some() && question.constraint.is_some());
    assert_eq!(question.constraint_message.in_language(0), "Wrong");
    assert_eq!(question.required_message.in_language(0), "Missing");
}
