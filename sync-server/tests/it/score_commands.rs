//! `loket score` and `loket band` as scripts meet them.

use std::process::{Command, Output};

use serde_json::{Value, json};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_loket")).args(arguments).output().unwrap()
}

fn answer(arguments: &[&str]) -> Value {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn told(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

fn score(year: &str, csv: &str) -> Value {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), csv).unwrap();
    answer(&["score", "--method", year, file.path().to_str().unwrap()])
}

#[test]
fn a_list_of_units_gives_each_parent_in_order_of_appearance() {
    let csv = "note,score,parent,entity\n,100,Kota Z,A\n,\"95,32\",Kabupaten B,U1\n,94.34,Kabupaten B,U2\n,100,Kota Z,B\n,80.19,Kota Z,C\n,92.92,Kota Z,D\n";
    let expected = json!({"parents": [
        {"parent": "Kota Z", "score": "93.28", "category": "A", "zone": "hijau", "opinion": "Kualitas Tertinggi", "units": 4},
        {"parent": "Kabupaten B", "score": "94.83", "category": "A", "zone": "hijau", "opinion": "Kualitas Tertinggi", "units": 2},
    ]});
    assert_eq!(score("2023", csv), expected);
}

#[test]
fn units_without_a_score_are_left_out_of_the_mean_and_named() {
    let found = score("2024", "entity,parent,score\nA,P,80\nB,P,\nC,Q,\n");
    assert_eq!(found["parents"][0]["score"], "80.00");
    assert_eq!(
        (&found["parents"][0]["units"], &found["parents"][0]["not_assessed"]),
        (&json!(1), &json!(["B"]))
    );
    assert_eq!((&found["parents"][1]["score"], &found["parents"][1]["zone"]), (&Value::Null, &Value::Null));
}

#[test]
fn before_2022_the_mean_is_over_products_not_over_units() {
    let csv = "entity,parent,score\nA,P,90\nA,P,90\nA,P,90\nB,P,30\n";
    let parent = &score("2021", csv)["parents"][0];
    assert_eq!(parent["score"], "75.00");
    assert_eq!((&parent["units"], &parent["products"]), (&json!(2), &json!(4)));
    assert_eq!((&parent["category"], &parent["zone"]), (&Value::Null, &json!("kuning")));
}

#[test]
fn a_band_is_printed_with_a_category_only_where_the_method_has_one() {
    let band = |year: &str, score: &str| answer(&["band", "--method", year, score]);
    let a = json!({"category": "A", "zone": "hijau", "opinion": "Kualitas Tertinggi"});
    assert_eq!(band("2023", "88.23"), a);
    assert_eq!(band("2024", "88,00"), a);
    assert_eq!(band("2021", "73.14"), json!({"category": null, "zone": "kuning", "opinion": null}));
    let followed = answer(&["band", "--method", "2025", "--followed-up", "65.98"]);
    assert_eq!(
        (&followed["category"], &followed["opinion"]),
        (&json!("cukup"), &json!("Kualitas Sedang Tanpa Maladministrasi"))
    );
}

#[test]
fn a_year_without_a_method_and_a_score_off_the_scale_say_what_to_do() {
    let band = |year: &str, score: &str| told(&["band", "--method", year, score]);
    assert!(band("2020", "80").contains("pandemic"));
    assert!(band("2014", "80").contains("0 to 1000"));
    assert!(band("2030", "80").contains("add a file"));
    assert!(band("2015", "80").contains("0 to 75"));
    assert!(band("2024", "100.01").contains("0 to 100"));
    assert!(band("2024", "-1").contains("outside"));
    assert!(band("2024", "abc").contains("not a number"));
}

#[test]
fn a_list_that_is_wrong_is_told_and_nothing_is_scored() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "entity,parent,score\nA,P,eighty\nB,P,81\n").unwrap();
    let told = told(&["score", "--method", "2023", file.path().to_str().unwrap()]);
    assert!(told.contains("line 2, column score: `eighty`") && told.contains("Nothing was scored"), "{told}");
}
