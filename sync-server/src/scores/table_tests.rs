//! Lists as offices hand them over.

use super::*;

fn read(text: &str) -> Vec<(String, String, Option<String>)> {
    let lines = read_lines(text.as_bytes(), Exact::HUNDRED).unwrap();
    lines.into_iter().map(|line| (line.entity, line.parent, line.score.map(|s| s.to_string()))).collect()
}

fn faults(text: &str) -> Vec<String> {
    read_lines(text.as_bytes(), Exact::HUNDRED).unwrap_err().iter().map(ToString::to_string).collect()
}

fn one(entity: &str, parent: &str, score: &str) -> Vec<(String, String, Option<String>)> {
    vec![(entity.to_owned(), parent.to_owned(), Some(score.to_owned()))]
}

#[test]
fn every_common_way_to_write_a_list_reads_the_same() {
    for text in [
        "entity,parent,score\nDukcapil,Kota A,95.32\n",
        "\u{feff}entity,parent,score\r\nDukcapil,Kota A,95.32\r\n",
        "entity;parent;score\nDukcapil;Kota A;95,32",
        "sep=;\nentity;parent;score\nDukcapil;Kota A;95,32",
        "entity\tparent\tscore\nDukcapil\tKota A\t95,32",
        "entity,parent,score\nDukcapil,Kota A,\"95,32\"\n",
        "\n\n score , year, Entity ,PARENT\n\n\n\"95,32\",2023,  Dukcapil ,\"Kota  A\"\n,,,\n",
    ] {
        assert_eq!(read(text), one("Dukcapil", "Kota A", "95.32"), "{text:?}");
    }
}

#[test]
fn quoted_names_may_hold_commas_quotes_and_line_ends() {
    let text = "entity,parent,score\n\"Dinas \"\"X\"\", Pasar\nSatu\",Kota A,88\n";
    assert_eq!(read(text), one("Dinas \"X\", Pasar Satu", "Kota A", "88"));
}

#[test]
fn a_blank_score_is_a_unit_that_was_not_assessed() {
    let text = "entity,parent,score\nA,P,\nB,P,-\nC,P,0\n";
    let scores: Vec<_> = read(text).into_iter().map(|(_, _, score)| score).collect();
    assert_eq!(scores, [None, None, Some("0".to_owned())]);
}

#[test]
fn a_missing_column_is_named_with_those_that_are_there() {
    let told = faults("\nname,parent,score\nA,P,1\n");
    assert!(told[0].starts_with("line 2: the heading has no column entity"), "{told:?}");
    assert!(told[0].contains("found: name, parent, score"), "{told:?}");
    assert!(faults("")[0].contains("entity, parent, score"));
    assert!(faults("entity,score,parent,score\n")[0].contains("twice"));
}

#[test]
fn what_could_be_misread_is_refused_with_line_and_column() {
    let text =
        "entity,parent,score\nA,P,95,32\n\n\nB,P,abc\nC,P,101\nD,P,-1\n,P,5\nF,,5\nG,P,1.234,5\nH,P,1e1\n";
    let told = faults(text);
    let starts = [
        "line 2: has 4 cells where the heading has 3",
        "line 5, column score: `abc` is no score",
        "line 6, column score: 101 is outside",
        "line 7, column score: -1 is outside",
        "line 8, column entity:",
        "line 9, column parent:",
        "line 10: has 4 cells",
        "line 11, column score:",
    ];
    assert_eq!(told.len(), starts.len(), "{told:?}");
    for (fault, start) in told.iter().zip(starts) {
        assert!(fault.starts_with(start), "{fault}");
    }
}

#[test]
fn a_quote_that_is_not_closed_and_a_row_that_ends_early_are_refused() {
    let told = faults("entity,parent,score\nA,\"P,88.23\nB,Q,80\n");
    assert!(told.iter().any(|fault| fault.contains("is not closed")), "{told:?}");
    let told = faults("entity,parent,score\nA,P\nB,Q,80\n");
    assert!(told[0].starts_with("line 2: has 2 cells and needs 3"), "{told:?}");
    assert_eq!(read("entity,parent,score,note\nA,P,80\n").len(), 1, "columns behind may be left out");
}

#[test]
fn figures_as_long_as_programs_write_them_are_read() {
    assert_eq!(read_lines(b"entity,parent,score\nA,P,93.70857142857143\n", Exact::HUNDRED).unwrap().len(), 1);
}

#[test]
fn text_in_another_encoding_is_refused_by_its_line() {
    let told = read_lines(b"entity,parent,score\nA,P,1\nB\xe9,P,2\n", Exact::HUNDRED).unwrap_err();
    assert_eq!(told[0].line, 3);
    assert!(told[0].message.contains("UTF-8"));
}
