//! What a filled form does.
#![allow(clippy::format_push_string, reason = "short and clear in tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::instrument::QuestionKind;
use crate::path::RowId;
use crate::test_form::form;

fn clock() -> Clock {
    Clock { today: "2026-11-22".into(), now: "2026-11-22T10:11:12.000+07:00".into(), chance: 7 }
}

fn later() -> Clock {
    Clock { today: "2026-11-23".into(), now: "2026-11-23T08:00:00.000+07:00".into(), chance: 7 }
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn row(text: &str) -> RowId {
    RowId::new(text).unwrap()
}

fn open(text: &str) -> Session {
    Session::open(form(text), Saved::default(), &clock()).0
}

fn texts(paths: &[Path]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn answer(session: &mut Session, at: &str, value: &str) -> Delta {
    session.answer(&path(at), value, &clock()).unwrap()
}

const HOUSEHOLD: &str = "
| survey |
| | type | name | label | relevant | calculation | constraint | required | default | constraint_message |
| | start | begun | | | | | | |
| | today | day | | | | | | |
| | end | ended | | | | | | |
| | integer | age | Age of ${name} | | | . >= 0 and . < 130 | yes | | Not ${age} |
| | text | name | Name | | | | | Ani | |
| | begin_group | work | Work | ${age} >= 18 | | | | | |
| | text | job | Job | | | | yes | | |
| | text | office | Office of ${job} | ${job} != '' | | | | | |
| | end_group | | | | | | | | |
| | calculate | decades | | | int(${age} div 10) | | | | |
| | note | said | ${name} is ${decades} decades old | | | | | | |
| | calculate | jobs | | | if(${job} = '', 'none', ${job}) | | | | |
";

#[test]
fn a_new_form_has_its_start_its_day_and_its_defaults_and_says_so() {
    let (session, delta) = Session::open(form(HOUSEHOLD), Saved::default(), &clock());
    let written: BTreeMap<String, String> =
        delta.written.iter().map(|(path, value)| (path.to_string(), value.clone())).collect();
    let wanted = [("begun", "2026-11-22T10:11:12.000+07:00"), ("day", "2026-11-22"), ("name", "Ani")];
    assert_eq!(written, wanted.map(|(path, value)| (path.to_owned(), value.to_owned())).into());
    assert_eq!(session.value(&path("ended")), "");
    let saved = Saved { answers: delta.written.into_iter().collect(), rows: Vec::new() };
    let (again, delta) = Session::open(form(HOUSEHOLD), saved, &later());
    assert_eq!(delta.written, [], "a form that was begun is not begun again");
    assert_eq!(again.value(&path("day")), "2026-11-22");
}

#[test]
fn an_answer_changes_what_hangs_on_it_and_nothing_else() {
    let mut session = open(HOUSEHOLD);
    let delta = answer(&mut session, "age", "42");
    assert_eq!(session.value(&path("decades")), "4");
    assert!(session.is_relevant(&path("work/job")));
    assert_eq!(session.label(&path("said"), 0), "Ani is 4 decades old");
    assert!(delta.structure, "a group became relevant");
    let touched = texts(&delta.touched);
    for wanted in ["age", "work", "work/job", "decades", "said"] {
        assert!(touched.contains(&wanted.to_owned()), "{wanted} in {touched:?}");
    }
    assert!(!touched.contains(&"name".to_owned()));
    assert_eq!(
        texts(&delta.written.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>()),
        ["ended", "age"]
    );
    let delta = answer(&mut session, "name", "Budi");
    assert!(!delta.structure);
    assert_eq!(session.label(&path("said"), 0), "Budi is 4 decades old");
    assert!(texts(&delta.touched).contains(&"said".to_owned()), "its label shows the name");
}

#[test]
fn the_same_answer_again_changes_nothing() {
    let mut session = open(HOUSEHOLD);
    answer(&mut session, "age", "42");
    let before = session.evaluations();
    assert_eq!(session.answer(&path("age"), "42", &later()).unwrap(), Delta::default());
    assert_eq!(session.evaluations(), before);
}

#[test]
fn irrelevant_answers_are_kept_but_read_as_blank_and_not_counted() {
    let mut session = open(HOUSEHOLD);
    answer(&mut session, "age", "42");
    answer(&mut session, "work/job", "nurse");
    assert_eq!(session.value(&path("jobs")), "nurse");
    assert_eq!(session.progress(&Path::top()).questions, 4);
    answer(&mut session, "age", "7");
    assert_eq!(session.value(&path("work/job")), "nurse");
    assert_eq!(session.value(&path("jobs")), "none");
    assert!(!session.is_relevant(&path("work/office")));
    assert_eq!(
        session.progress(&Path::top()),
        Progress { questions: 2, answered: 2, required_left: 0, problems: 0 }
    );
    answer(&mut session, "age", "43");
    assert_eq!(session.value(&path("jobs")), "nurse");
}

#[test]
fn required_and_constraint_are_problems_only_where_they_apply() {
    let mut session = open(HOUSEHOLD);
    assert_eq!(session.problem(&path("age")), Some(Problem::Required));
    assert_eq!(session.problem(&path("work/job")), None, "it is not relevant");
    answer(&mut session, "age", "200");
    assert_eq!(session.problem(&path("age")), Some(Problem::Constraint));
    assert_eq!(session.problem_text(&path("age"), 0), "Not 200");
    assert_eq!(
        session.problems(&Path::top()),
        [(path("age"), Problem::Constraint), (path("work/job"), Problem::Required)]
    );
    answer(&mut session, "age", "");
    assert_eq!(session.problem(&path("age")), Some(Problem::Required), "a constraint passes a blank");
    let progress = session.progress(&Path::top());
    assert_eq!((progress.required_left, progress.problems), (1, 0));
}

#[test]
fn an_answer_of_the_wrong_type_is_refused_and_changes_nothing() {
    let text = "
| survey |
| | type | name | label |
| | integer | i | I |
| | decimal | d | D |
| | date | t | T |
| | select_one c | one | One |
| | select_multiple c | many | Many |
| | note | n | N |
| | acknowledge | ok | OK |
| | image | photo | P |
| | geopoint | place | G |
| choices |
| | list_name | name | label |
| | c | x | X |
| | c | y | Y |
";
    let mut session = open(text);
    let refused = [
        ("i", "1.5", AnswerError::NotAnInteger),
        ("i", "-", AnswerError::NotAnInteger),
        ("i", "99999999999999999999", AnswerError::NotAnInteger),
        ("d", "1,5", AnswerError::NotANumber),
        ("d", "NaN", AnswerError::NotANumber),
        ("d", "1e5", AnswerError::NotANumber),
        ("t", "2026-02-30", AnswerError::NotADate),
        ("one", "z", AnswerError::NotAChoice("z".into())),
        ("one", "x y", AnswerError::NotAChoice("x y".into())),
        ("many", "x z", AnswerError::NotAChoice("z".into())),
        ("n", "x", AnswerError::NotAnswerable),
        ("ok", "yes", AnswerError::NotAnAcknowledgement),
        ("photo", "cat.jpg", AnswerError::NotAPhoto),
        ("place", "91 0", AnswerError::NotAPlace),
        ("gone", "x", AnswerError::NoSuchQuestion(path("gone"))),
    ];
    for (at, value, wanted) in refused {
        assert_eq!(session.answer(&path(at), value, &clock()), Err(wanted), "{at} = {value}");
        assert_eq!(session.value(&path(at)), "");
    }
    let hash = "a".repeat(64);
    let taken = [("i", "-3"), ("d", ".5"), ("t", "2024-02-29"), ("one", "x"), ("ok", "OK"), ("photo", &hash)];
    for (at, value) in taken {
        answer(&mut session, at, value);
        assert_eq!(session.value(&path(at)), value);
    }
    answer(&mut session, "many", " y  x y ");
    assert_eq!(session.value(&path("many")), "y x");
    answer(&mut session, "place", "-2.13 106.11 4.0 12");
}

#[test]
fn a_choice_filter_narrows_the_choices_in_force() {
    let mut session = open(
        "
| survey |
| | type | name | label | choice_filter | calculation |
| | select_one city | city | City | | |
| | select_one unit | unit | Unit | city = ${city} | |
| | calculate | said | | | jr:choice-name(${unit}, '${unit}') |
| choices |
| | list_name | name | label | city |
| | city | bontang | Bontang | |
| | city | balikpapan | Balikpapan | |
| | unit | b1 | Dukcapil Bontang | bontang |
| | unit | k1 | Dukcapil Balikpapan | balikpapan |
",
    );
    assert!(session.choices(&path("unit")).is_empty());
    let delta = answer(&mut session, "city", "balikpapan");
    assert!(texts(&delta.touched).contains(&"unit".to_owned()));
    let choices = session.choices(&path("unit"));
    let names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["k1"]);
    assert!(session.answer(&path("unit"), "b1", &clock()).is_err());
    answer(&mut session, "unit", "k1");
    assert_eq!(session.value(&path("said")), "Dukcapil Balikpapan");
}

const NESTED: &str = "
| survey |
| | type | name | label | calculation | relevant | default |
| | begin_repeat | product | Product | | | |
| | text | title | Title | | | KTP |
| | calculate | number | | position(..) | | |
| | begin_repeat | step | Step | | | |
| | integer | minutes | Minutes of ${title} | | | |
| | calculate | double | | ${minutes} * 2 | | |
| | end_repeat | | | | | |
| | calculate | total | | sum(${minutes}) | | |
| | end_repeat | | | | | |
| | calculate | products | | count(${product}) | | |
| | calculate | all | | sum(${total}) | | |
| | calculate | first | | indexed-repeat(${title}, ${product}, 1) | | |
";

fn two_products() -> Session {
    let mut session = open(NESTED);
    for (product, steps) in [("a", ["x", "y"]), ("b", ["z", "w"])] {
        session.add_row(&path("product"), &row(product), &clock()).unwrap();
        for step in steps {
            session.add_row(&path(&format!("product[{product}]/step")), &row(step), &clock()).unwrap();
        }
    }
    for (at, minutes) in
        [("product[a]/step[x]", "1"), ("product[a]/step[y]", "2"), ("product[b]/step[z]", "10")]
    {
        answer(&mut session, &format!("{at}/minutes"), minutes);
    }
    session
}

#[test]
fn a_reference_inside_a_row_means_its_own_row_and_outside_all_rows() {
    let mut session = two_products();
    assert_eq!(session.value(&path("product[a]/step[y]/double")), "4");
    assert_eq!(session.value(&path("product[a]/total")), "3");
    assert_eq!(session.value(&path("product[b]/total")), "10");
    assert_eq!(session.value(&path("all")), "13");
    assert_eq!(session.value(&path("products")), "2");
    answer(&mut session, "product[b]/title", "KK");
    assert_eq!(session.label(&path("product[b]/step[z]/minutes"), 0), "Minutes of KK");
    assert_eq!(session.value(&path("first")), "KTP");
}

#[test]
fn rows_come_and_go_with_their_positions_and_sums() {
    let mut session = two_products();
    assert_eq!(session.value(&path("product[b]/number")), "2");
    let delta = session.remove_row(&path("product[a]")).unwrap();
    assert!(delta.structure);
    assert_eq!(session.value(&path("product[b]/number")), "1");
    assert_eq!(session.value(&path("all")), "10");
    assert_eq!(session.value(&path("products")), "1");
    assert_eq!(session.value(&path("product[a]/total")), "", "the row is gone");
    assert_eq!(session.rows(&path("product")), [path("product[b]")]);
    assert_eq!(session.remove_row(&path("product[a]")), Err(AnswerError::NoSuchRow(path("product[a]"))));
    assert_eq!(session.remove_row(&path("product")), Err(AnswerError::NoSuchRow(path("product"))));
    assert!(session.add_row(&path("product"), &row("b"), &clock()).is_err());
    let delta = session.add_row(&path("product"), &row("c"), &clock()).unwrap();
    assert_eq!(delta.written, [(path("product[c]/title"), "KTP".to_owned())], "its default");
}

#[test]
fn children_follow_the_form_and_a_repeat_gives_its_rows() {
    let session = two_products();
    let names =
        |at: &str| texts(&session.children(&path(at)).into_iter().map(|item| item.path).collect::<Vec<_>>());
    assert_eq!(names(""), ["product", "products", "all", "first"]);
    assert_eq!(names("product"), ["product[a]", "product[b]"]);
    assert_eq!(
        names("product[b]"),
        ["product[b]/title", "product[b]/number", "product[b]/step", "product[b]/total"]
    );
    let (_, node) = session.node(&path("product[b]")).unwrap();
    assert_eq!(node.name, "product");
    assert_eq!(session.kind(&path("product[b]/title")), Some(QuestionKind::Text));
}

#[test]
fn a_form_opened_again_is_as_it_was() {
    let session = two_products();
    let rows = ["product[a]", "product[a]/step[x]", "product[a]/step[y]", "product[b]", "product[b]/step[z]"];
    let saved = Saved { answers: session.answers.clone(), rows: rows.map(path).to_vec() };
    let (again, delta) = Session::open(form(NESTED), saved, &later());
    assert_eq!(delta.written, []);
    for at in
        ["product[a]/total", "product[b]/step[z]/double", "all", "products", "product[b]/number", "first"]
    {
        assert_eq!(again.value(&path(at)), session.value(&path(at)), "{at}");
    }
}

#[test]
fn a_merge_brings_answers_rows_and_their_order() {
    let mut session = two_products();
    let answers = [
        ("product[c]/title", "SIM"),
        ("product[c]/step[v]/minutes", "5"),
        ("product[a]/step[x]/minutes", "7"),
    ];
    let saved = Saved {
        answers: answers.map(|(at, value)| (path(at), value.to_owned())).into(),
        rows: ["product[c]", "product[c]/step[v]", "product[a]", "product[a]/step[x]"].map(path).to_vec(),
    };
    let delta = session.merge(saved, &later());
    assert!(delta.structure);
    assert_eq!(delta.written, [], "what comes from a merge is saved already");
    assert_eq!(texts(&session.rows(&path("product"))), ["product[c]", "product[a]"]);
    assert_eq!(session.value(&path("product[a]/number")), "2");
    assert_eq!(session.value(&path("product[a]/total")), "7");
    assert_eq!(session.value(&path("product[c]/step[v]/double")), "10");
    assert_eq!(session.value(&path("all")), "12");
    assert_eq!(session.value(&path("first")), "SIM");
    assert_eq!(
        session.merge(Saved { rows: session.rows_saved(), ..Saved::default() }, &later()),
        Delta::default()
    );
}

#[test]
fn counted_rows_follow_their_count_and_keep_their_answers() {
    let text = "
| survey |
| | type | name | label | repeat_count | calculation |
| | integer | people | People | | |
| | begin_repeat | person | Person | ${people} | |
| | integer | age | Age | | |
| | end_repeat | | | | |
| | calculate | ages | | | sum(${age}) |
";
    let mut session = open(text);
    let delta = answer(&mut session, "people", "3");
    assert!(delta.structure);
    assert_eq!(texts(&session.rows(&path("person"))), ["person[1]", "person[2]", "person[3]"]);
    answer(&mut session, "person[3]/age", "30");
    assert_eq!(session.value(&path("ages")), "30");
    answer(&mut session, "people", "1");
    assert_eq!(session.value(&path("ages")), "0");
    answer(&mut session, "people", "3");
    assert_eq!(session.value(&path("ages")), "30", "the answer was kept");
    assert_eq!(
        session.add_row(&path("person"), &row("x"), &clock()),
        Err(AnswerError::CountedRepeat(path("person")))
    );
    answer(&mut session, "people", "999999999");
    assert_eq!(session.rows(&path("person")).len(), MAX_COUNTED_ROWS);
    let (again, _) =
        Session::open(form(text), Saved { answers: session.answers, rows: Vec::new() }, &clock());
    assert_eq!(again.value(&path("ages")), "30");
}

#[test]
fn a_keystroke_evaluates_only_what_hangs_on_it_however_long_the_form() {
    let cost = |others: usize| {
        let mut text =
            "| survey |\n| | type | name | label | relevant | calculation | constraint |\n".to_owned();
        text += "| | integer | a | A | | | . > 0 |\n| | calculate | b | | | ${a} + 1 | |\n| | text | c | C | ${b} > 5 | | |\n";
        for index in 0..others {
            text += &format!(
                "| | integer | q{index} | Q | | | . > 0 |\n| | calculate | r{index} | | | ${{q{index}}} + 1 | |\n"
            );
        }
        let mut session = open(&text);
        let before = session.evaluations();
        answer(&mut session, "a", "7");
        assert!(session.is_relevant(&path("c")));
        session.evaluations() - before
    };
    // The constraint of a, the calculation of b, the relevance of c.
    assert_eq!(cost(0), 3);
    assert_eq!(cost(300), 3);
}

#[test]
fn a_row_among_many_costs_no_more_than_among_few() {
    let cost = |rows: usize| {
        let mut session = open(NESTED);
        for index in 0..rows {
            session.add_row(&path("product"), &row(&format!("r{index}")), &clock()).unwrap();
        }
        let before = session.evaluations();
        session.add_row(&path("product"), &row("last"), &clock()).unwrap();
        session.evaluations() - before
    };
    assert_eq!(cost(2), cost(200));
}

#[test]
fn a_chain_of_calculations_is_worked_out_once_each_and_in_order() {
    let mut text = "| survey |\n| | type | name | label | calculation |\n".to_owned();
    for index in (1..=200).rev() {
        text += &format!("| | calculate | c{index} | | ${{c{}}} + ${{c0}} |\n", index - 1);
    }
    text += "| | integer | c0 | C | |\n";
    let mut session = open(&text);
    let before = session.evaluations();
    answer(&mut session, "c0", "1");
    assert_eq!(session.value(&path("c200")), "201");
    assert_eq!(session.evaluations() - before, 200);
}

#[test]
fn a_text_that_doubles_stops_growing() {
    let mut text = "| survey |\n| | type | name | label | calculation |\n| | text | c0 | C | |\n".to_owned();
    for index in 1..=64 {
        text += &format!("| | calculate | c{index} | | concat(${{c{0}}}, ${{c{0}}}) |\n", index - 1);
    }
    let mut session = open(&text);
    answer(&mut session, "c0", "é");
    assert!(session.value(&path("c64")).len() <= MAX_ANSWER_BYTES);
}

#[test]
fn a_foreign_instrument_with_cycles_and_stray_parents_still_opens() {
    let json = r#"{"form_id":"f","title":"t","version":"","languages":[],"choice_lists":{},"nodes":[
        {"name":"a","parent":7,"kind":{"question":{"kind":"calculate","calculation":[{"r":1}]}}},
        {"name":"b","parent":1,"kind":{"question":{"kind":"calculate","calculation":[{"r":0},{"n":1},{"o":["+",0,1]}]}}},
        {"name":"r","kind":{"repeat":{"count":[{"r":3},{"n":2},{"o":["+",0,1]}]}}},
        {"name":"x","parent":2,"kind":{"question":{"kind":"text","default":[{"t":"1"}]}}},
        {"name":"x","parent":99,"kind":"group","relevant":[{"r":4000}]}]}"#;
    let instrument: Instrument = serde_json::from_str(json).unwrap();
    let (mut session, _) = Session::open(Arc::new(instrument), Saved::default(), &clock());
    assert!(session.node(&path("a")).is_some());
    let _ = session.answer(&path("r[1]/x"), "5", &clock());
}

proptest! {
    /// Whatever is done to a form step by step, it ends as if it had been opened with the result.
    #[test]
    fn step_by_step_is_the_same_as_from_the_start(
        steps in prop::collection::vec((0_u8..4, 0_usize..3, 0_usize..3, 0_i32..50), 0..40),
    ) {
        let mut session = open(NESTED);
        let ids = ["a", "b", "c"];
        for (kind, product, step, minutes) in steps {
            let outer = format!("product[{}]", ids[product]);
            let inner = format!("{outer}/step[{}]", ids[step]);
            let _ = match kind {
                0 => session.add_row(&path("product"), &row(ids[product]), &clock()),
                1 => session.add_row(&path(&format!("{outer}/step")), &row(ids[step]), &clock()),
                2 => session.answer(&path(&format!("{inner}/minutes")), &minutes.to_string(), &clock()),
                _ if minutes < 25 => session.remove_row(&path(&outer)),
                _ => session.remove_row(&path(&inner)),
            };
        }
        let saved = Saved { answers: session.answers.clone(), rows: session.rows_saved() };
        let (again, _) = Session::open(form(NESTED), saved, &clock());
        let mut open = vec![Path::top()];
        while let Some(at) = open.pop() {
            prop_assert_eq!(session.value(&at), again.value(&at), "{}", at);
            prop_assert_eq!(session.children(&at), again.children(&at));
            open.extend(session.children(&at).into_iter().map(|item| item.path));
        }
    }
}

impl Session {
    /// Every row there is, as a record would list them.
    fn rows_saved(&self) -> Vec<Path> {
        let mut rows = Vec::new();
        let mut open = vec![Path::top()];
        while let Some(at) = open.pop() {
            if at.last().is_some_and(|step| step.row.is_some()) {
                rows.push(at.clone());
            }
            open.extend(self.children(&at).into_iter().rev().map(|item| item.path));
        }
        rows
    }
}
