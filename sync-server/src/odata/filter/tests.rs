//! Filters that hold, that do not, and that are none.

use proptest::prelude::*;

use super::*;

const ROW: [(&str, Value<'static>); 6] = [
    ("name", Value::Text(Cow::Borrowed("Kota Bontang"))),
    ("score", Value::Number(8_823, 2)),
    ("ok", Value::Truth(true)),
    ("day", Value::Day(20_779)),
    ("at", Value::Moment(1_795_317_072)),
    ("none", Value::Null),
];

fn read(text: &str) -> Result<Filter, String> {
    Filter::read(text, |name| {
        let at = ROW.iter().position(|(own, _)| *own == name)?;
        Some((at, if name == "none" { Type::Number } else { ROW[at].1.kind() }))
    })
    .map_err(|fault| fault.to_string())
}

fn holds(text: &str) -> bool {
    let filter = read(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    filter.takes(&|at| ROW[at].1.clone())
}

#[test]
fn what_the_standard_says_holds_does_and_the_rest_does_not() {
    for text in [
        "name eq 'Kota Bontang'",
        "score ge 88.23 and score lt 88.24",
        "score gt -1",
        "ok",
        "ok eq true and not (score gt 90 or score lt 50)",
        "not (name eq 'Kota Samarinda')",
        "contains(name,'Bon') and startswith(name, 'Kota') and endswith(tolower(name),'tang')",
        "day eq 2026-11-22",
        "at ge 2026-11-22T00:00:00Z and at lt 2026-11-22T10:11:13+07:00",
        "none eq null and name ne null and none ne 5",
        "false or true and true",
        "name ne 'it''s'",
        "toupper(name) eq 'KOTA BONTANG'",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        "name eq 'kota bontang'",
        "none gt 5",
        "not (none gt 5)",
        "none gt 5 and ok",
        "not ok",
        "score ne 88.230",
        "null",
        "true and false or false",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn what_is_no_filter_is_said() {
    for (text, part) in [
        ("", "a value is missing before the end"),
        ("name", "a text stands where true or false is wanted"),
        ("name eq", "a value is missing before the end"),
        ("name eq 5", "a text cannot be compared with a number"),
        ("nama eq 'x'", "no property `nama`"),
        ("(ok", "`)` is missing before the end"),
        ("ok)", "`)` was not expected"),
        ("name eq 'x", "not closed"),
        ("contains(score,'8')", "a number stands where a text is wanted"),
        ("contains(name)", "`,` is missing"),
        ("year(day) eq 2026", "a day stands where a text is wanted"),
        ("length(name) eq 3", "`length` is not among the functions"),
        ("score + 1 eq 2", "neither a property nor a value"),
        ("name/first eq 'x'", "neither a property nor a value"),
    ] {
        let fault = read(text).unwrap_err();
        assert!(fault.contains(part), "{text}: {fault}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = |levels: usize| format!("{}ok{}", "(".repeat(levels), ")".repeat(levels));
    assert!(holds(&deep(DEEPEST)));
    assert!(read(&deep(DEEPEST + 1)).unwrap_err().contains("deeper"));
    assert!(read(&format!("{}ok", "not ".repeat(100))).unwrap_err().contains("deeper"));
    assert!(read(&"(".repeat(4_000)).unwrap_err().contains("600"));
    assert!(read(&"x".repeat(5_000)).unwrap_err().contains("bytes"));
    assert!(holds(&vec!["ok"; 300].join(" and ")));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r"(name|score|ok|none|'|\(|\)|,| eq | and | or |not |null|5|-1.5|contains|é|\PC){0,40}") {
        if let Ok(filter) = read(&text) {
            filter.takes(&|at| ROW[at].1.clone());
        }
    }
}
