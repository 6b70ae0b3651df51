//! What types, triggers, choices and read-only questions mean while a form is filled.

use crate::expression::Clock;
use crate::path::{Path, RowId};
use crate::session::{AnswerError, Identity, Problem, Saved, Session};
use crate::test_form::form;

fn clock() -> Clock {
    Clock { today: "2026-11-22".into(), now: "2026-11-22T10:11:12.000+07:00".into(), chance: 7 }
}

fn open(text: &str) -> Session {
    Session::open(form(text), Saved::default(), &clock()).0
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn answer(session: &mut Session, at: &str, value: &str) {
    session.answer(&path(at), value, &clock()).unwrap_or_else(|error| panic!("{at} = {value}: {error}"));
}

fn offered(session: &Session, at: &str) -> Vec<String> {
    session.choices(&path(at)).iter().map(|choice| choice.name.clone()).collect()
}

#[test]
fn every_type_takes_its_answers_and_no_others() {
    let hash = "ab".repeat(32);
    let text = "
| survey |
| | type | name | label | parameters |
| | range | r | R | start=1.5 end=5.5 step=0.5 |
| | range | w | W | end=5 |
| | time | t | T | |
| | dateTime | d | D | |
| | barcode | b | B | |
| | audio | a | A | |
| | file | f | F | |
| | geotrace | line | L | |
| | geoshape | ring | S | |
| | rank ab | k | K | |
| choices |
| | list_name | name | label |
| | ab | a | A |
| | ab | b | B |
";
    let mut session = open(text);
    let audio = format!("{hash}.mp3");
    let taken = [
        ("r", "2.5", "2.5"),
        ("w", "4", "4"),
        ("t", "10:11", "10:11:00.000+07:00"),
        ("t", "10:11:12.5", "10:11:12.500+07:00"),
        ("t", "23:59:59.000Z", "23:59:59.000Z"),
        ("d", "2026-11-22T08:00", "2026-11-22T08:00:00.000+07:00"),
        ("b", "899 123-X", "899 123-X"),
        ("a", audio.as_str(), audio.as_str()),
        ("f", hash.as_str(), hash.as_str()),
        ("line", "1 2; 3 4 0 0", "1 2; 3 4 0 0"),
        ("ring", "1 2; 3 4; 5 6; 1 2", "1 2; 3 4; 5 6; 1 2"),
        ("k", "b a", "b a"),
    ];
    for (at, given, stored) in taken {
        answer(&mut session, at, given);
        assert_eq!(session.value(&path(at)), stored, "{at}");
    }
    let refused = [
        ("r", "two"),
        ("w", "2.5"),
        ("t", "25:00"),
        ("t", "10"),
        ("d", "2026-02-30T08:00"),
        ("d", "2026-11-22"),
        ("a", "song.mp3"),
        ("f", &format!("{hash}.tar/gz")),
        ("line", "1 2"),
        ("ring", "1 2; 3 4; 5 6"),
        ("k", "c"),
    ];
    for (at, given) in refused {
        let before = session.value(&path(at)).to_owned();
        assert!(session.answer(&path(at), given, &clock()).is_err(), "{at} = {given}");
        assert_eq!(session.value(&path(at)), before);
    }
}

#[test]
fn a_trigger_works_a_calculation_out_when_it_changes_and_only_then() {
    let mut session = open(
        "
| survey |
| | type | name | label | calculation | trigger |
| | integer | a | A | | |
| | integer | b | B | | |
| | integer | sum | Sum | ${a} + ${b} | ${a} |
| | text | note | Note | | ${b}, ${a} |
| | calculate | seen | | ${sum} * 10 | |
",
    );
    answer(&mut session, "b", "2");
    assert_eq!(session.value(&path("sum")), "", "b is no trigger of it");
    answer(&mut session, "note", "a remark");
    let delta = session.answer(&path("a"), "1", &clock()).unwrap();
    assert_eq!(session.value(&path("sum")), "3");
    assert_eq!(session.value(&path("seen")), "30", "what reads it follows");
    assert_eq!(session.value(&path("note")), "", "a trigger without a calculation blanks");
    let written: Vec<String> = delta.written.iter().map(|(path, value)| format!("{path}={value}")).collect();
    assert_eq!(written, ["a=1", "sum=3", "note="], "it is stored, since nobody can work it out again");
    answer(&mut session, "sum", "7");
    answer(&mut session, "b", "5");
    assert_eq!(session.value(&path("sum")), "7", "a person's own answer stays until the trigger changes");
}

#[test]
fn an_answer_that_is_no_choice_any_more_goes_with_the_step_that_made_it_so() {
    let text = "
| survey |
| | type | name | label | choice_filter |
| | select_one city | city | City | |
| | select_one unit | unit | Unit | city = ${city} |
| | select_multiple unit | units | Units | city = ${city} or city = 'both' |
| choices |
| | list_name | name | label | city |
| | city | x | X | |
| | city | y | Y | |
| | unit | x1 | X1 | x |
| | unit | y1 | Y1 | y |
| | unit | z | Z | both |
";
    let mut session = open(text);
    for (at, value) in [("city", "x"), ("unit", "x1"), ("units", "x1 z")] {
        answer(&mut session, at, value);
    }
    answer(&mut session, "city", "y");
    assert_eq!(session.value(&path("unit")), "");
    assert_eq!(session.value(&path("units")), "z", "of several, those that are still choices stay");

    // What comes out of the store is shown as it is, with its problem, until a person does something about it.
    let mut saved = Saved::default();
    for (at, value) in [("city", "y"), ("unit", "x1")] {
        saved.answers.insert(path(at), value.to_owned());
    }
    let (session, delta) = Session::open(form(text), saved, &clock());
    assert_eq!((session.value(&path("unit")), delta.written.len()), ("x1", 0));
    assert_eq!(session.problem(&path("unit")), Some(Problem::Choice));
}

#[test]
fn the_rows_of_a_repeat_are_choices_too() {
    let mut session = open(
        "
| survey |
| | type | name | label | choice_filter |
| | begin_repeat | person | Person | |
| | text | name | Name | |
| | integer | age | Age | |
| | end_repeat | | | |
| | select_one ${name} | head | Head | ${age} >= 18 |
",
    );
    for (row, name, age) in [("r1", "Ani", "40"), ("r2", "Budi", "7"), ("r3", "Citra", "18")] {
        session.add_row(&path("person"), &RowId::new(row).unwrap(), &clock()).unwrap();
        answer(&mut session, &format!("person[{row}]/name"), name);
        answer(&mut session, &format!("person[{row}]/age"), age);
    }
    assert_eq!(offered(&session, "head"), ["Ani", "Citra"]);
    answer(&mut session, "head", "Citra");
    session.remove_row(&path("person[r3]")).unwrap();
    assert_eq!(session.value(&path("head")), "", "whom nobody can choose any more is not chosen");
    assert_eq!(offered(&session, "head"), ["Ani"]);
}

#[test]
fn a_seed_gives_the_same_order_as_other_engines_and_no_seed_another_each_time() {
    let text = "
| survey |
| | type | name | label | parameters |
| | integer | seed | Seed | |
| | select_one l | fixed | F | randomize=true, seed=42 |
| | select_one l | own | O | randomize=true seed=${seed} |
| | select_one l | free | R | randomize=true |
| choices |
| | list_name | name | label |
| | l | a | A |
| | l | b | B |
| | l | c | C |
| | l | d | D |
| | l | e | E |
| | l | f | F |
";
    let mut session = open(text);
    // As `randomize(//node, 42)` of `JavaRosa` and openrosa-xpath-evaluator gives for A to F.
    assert_eq!(offered(&session, "fixed"), ["a", "f", "c", "b", "d", "e"].map(str::to_owned));
    answer(&mut session, "seed", "42");
    assert_eq!(offered(&session, "own"), offered(&session, "fixed"));
    answer(&mut session, "seed", "43");
    assert_ne!(offered(&session, "own"), offered(&session, "fixed"));
    let later = Clock { now: "2026-11-22T10:11:13.000+07:00".into(), ..clock() };
    let (other, _) = Session::open(form(text), Saved::default(), &later);
    assert_eq!(offered(&session, "free"), offered(&session, "free"), "it stays while the form is open");
    assert_ne!(offered(&session, "free"), offered(&other, "free"));
}

#[test]
fn who_and_where_the_device_is_comes_from_outside() {
    let text = "
| survey |
| | type | name | label | trigger |
| | deviceid | device | | |
| | username | who | | |
| | start-geopoint | began | | |
| | text | q | Q | |
| | background-geopoint | seen | | ${q} |
| settings |
| | form_id | instance_name |
| | f | concat(${who}, ' ', ${q}) |
";
    let (mut session, delta) = Session::open(form(text), Saved::default(), &clock());
    assert_eq!(delta.places, [path("began")]);
    let identity = Identity { device: "d1".into(), person: "Ani".into(), ..Identity::default() };
    let told = session.introduce(&identity);
    assert_eq!(told.written, [(path("device"), "d1".to_owned()), (path("who"), "Ani".to_owned())]);
    assert_eq!(session.introduce(&Identity { person: "Budi".into(), ..identity }).written, []);
    assert_eq!(session.answer(&path("q"), "x", &clock()).unwrap().places, [path("seen")]);
    assert_eq!(session.record_place(&path("seen"), "-2.1 106.1 0 5", &clock()).written.len(), 1);
    assert_eq!(session.record_place(&path("seen"), "nowhere", &clock()).written, []);
    assert_eq!(
        session.record_place(&path("q"), "-2.1 106.1 0 5", &clock()).written,
        [],
        "only where one is asked"
    );
    assert_eq!(session.value(&path("seen")), "-2.1 106.1 0 5");
    assert_eq!(session.name(), "Ani x");
    assert_eq!(session.answer(&path("who"), "me", &clock()), Err(AnswerError::NotAnswerable));
}

#[test]
fn read_only_may_depend_on_answers() {
    let mut session = open(
        "
| survey |
| | type | name | label | read_only | required |
| | text | a | A | | |
| | text | b | B | ${a} = 'lock' | yes |
",
    );
    assert!(session.is_answerable(&path("b")));
    answer(&mut session, "a", "lock");
    assert!(session.is_read_only(&path("b")));
    assert_eq!(session.answer(&path("b"), "x", &clock()), Err(AnswerError::NotAnswerable));
    assert_eq!(session.problem(&path("b")), None, "nobody is asked for what nobody may answer");
    answer(&mut session, "a", "");
    answer(&mut session, "b", "x");
}

#[test]
fn a_cascade_of_fifty_thousand_rows_is_looked_up_not_read_through() {
    use crate::instrument::Choice;
    let mut instrument = (*form(
        "
| survey |
| | type | name | label | choice_filter |
| | text | d | D | |
| | select_one place | p | P | district = ${d} and name != 'p7' |
| choices |
| | list_name | name | label | district |
| | place | x | X | x |
",
    ))
    .clone();
    let list = instrument.choice_lists.get_mut("place").unwrap();
    list.choices = (0..50_000)
        .map(|n| Choice { name: format!("p{n}"), cells: vec![format!("d{}", n / 10)], ..Choice::default() })
        .collect();
    let (mut session, _) = Session::open(instrument.into(), Saved::default(), &clock());
    answer(&mut session, "d", "d4321");
    let wanted: Vec<String> = (43_210..43_220).map(|n| format!("p{n}")).collect();
    assert_eq!(offered(&session, "p"), wanted);
    answer(&mut session, "p", "p43217");
    answer(&mut session, "d", "d0");
    assert_eq!(session.value(&path("p")), "");
    assert_eq!(offered(&session, "p").len(), 9, "the rest of the filter counts too");
}

/// Two answers each of which the other makes wrong, a list that an answer narrows, and a question that one makes asked.
const MERGED: &str = "
| survey |
| | type | name | label | relevant | constraint | required | choice_filter |
| | integer | came | Came | | | | |
| | integer | done | Done | | . <= ${came} | | |
| | select_one area | area | Area | | | | |
| | select_one town | town | Town | | | | of = ${area} |
| | text | why | Why | ${done} < 5 | | yes | |
| choices |
| | list_name | name | label | of |
| | area | n | North | |
| | area | s | South | |
| | town | a | A | n |
| | town | b | B | s |
";

fn merged(answers: &[(&str, &str)]) -> Session {
    let answers = answers.iter().map(|(at, value)| (path(at), (*value).to_owned())).collect();
    let mut session = open(MERGED);
    session.merge(Saved { answers, rows: Vec::new() }, &clock());
    session
}

#[test]
fn answers_that_were_sound_on_two_devices_and_break_each_other_are_counted_once_they_are_merged() {
    let (one, other) = ([("came", "6"), ("area", "n"), ("done", "6")], [("came", "9"), ("done", "9")]);
    for sound in [&one[..], &other[..], &[("area", "n"), ("town", "a")]] {
        assert_eq!(merged(sound).unsound(false), 0, "{sound:?}");
    }
    let both = [("came", "6"), ("done", "9"), ("area", "s"), ("town", "a")];
    let mut session = merged(&both);
    assert_eq!(session.unsound(false), 2, "a constraint, and a choice that is not offered");
    answer(&mut session, "came", "9");
    answer(&mut session, "town", "b");
    assert_eq!(session.unsound(false), 0);
}

#[test]
fn a_required_blank_answer_is_a_task_only_once_its_record_is_closed() {
    let session = merged(&[("came", "9"), ("done", "4")]);
    assert_eq!((session.unsound(false), session.unsound(true)), (0, 1));
    let answered = merged(&[("came", "9"), ("done", "4"), ("why", "rain")]);
    assert_eq!((answered.unsound(false), answered.unsound(true)), (0, 0));
}
