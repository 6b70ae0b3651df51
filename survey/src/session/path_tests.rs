//! Paths with predicates, lists as instances, and chance, in a filled form.

use std::sync::Arc;

use super::*;
use crate::path::RowId;
use crate::test_form::{compiled, form};

fn clock() -> Clock {
    Clock { today: "2026-11-22".into(), now: "2026-11-22T10:11:12.000+07:00".into(), chance: 7 }
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn answer(session: &mut Session, at: &str, value: &str) {
    session.answer(&path(at), value, &clock()).unwrap();
}

const TEAM: &str = "
| survey |
| | type | name | label | calculation |
| | text | wanted | Wanted | |
| | begin_repeat | member | Member | |
| | text | name | Name | |
| | integer | age | Age | |
| | calculate | before | | sum(${member}[position() < position(current()/..)]/age) |
| | calculate | elder | | count(/data/member[age > current()/../age]) |
| | end_repeat | | | |
| | calculate | second | | ${member}[2]/name |
| | calculate | adults | | count(${member}[./age >= 18]) |
| | calculate | found | | ${member}[name = ${wanted}]/age |
| | calculate | all | | join(' ', /data/member/*[name() = 'name']) |
| | calculate | deep | | count(//age) |
";

fn team() -> Session {
    let (mut session, _) = Session::open(form(TEAM), Saved::default(), &clock());
    for (row, name, age) in [("a", "Ani", "30"), ("b", "Budi", "12"), ("c", "Citra", "50")] {
        session.add_row(&path("member"), &RowId::new(row).unwrap(), &clock()).unwrap();
        answer(&mut session, &format!("member[{row}]/name"), name);
        answer(&mut session, &format!("member[{row}]/age"), age);
    }
    session
}

#[test]
fn a_predicate_picks_rows_and_is_worked_out_again_when_any_row_changes() {
    let mut session = team();
    answer(&mut session, "wanted", "Citra");
    let value = |session: &Session, at: &str| session.value(&path(at)).to_owned();
    for (at, wanted) in [
        ("second", "Budi"),
        ("adults", "2"),
        ("found", "50"),
        ("all", "Ani Budi Citra"),
        ("deep", "3"),
        ("member[c]/before", "42"),
        ("member[a]/before", "0"),
        ("member[b]/elder", "2"),
    ] {
        assert_eq!(value(&session, at), wanted, "{at}");
    }
    answer(&mut session, "member[b]/age", "40");
    assert_eq!(value(&session, "adults"), "3");
    assert_eq!(value(&session, "member[c]/before"), "70", "another row reads it");
    assert_eq!(value(&session, "member[a]/elder"), "2");
    session.remove_row(&path("member[a]")).unwrap();
    assert_eq!(value(&session, "second"), "Citra");
    assert_eq!(value(&session, "member[c]/before"), "40");
}

#[test]
fn a_path_that_leads_nowhere_is_a_mistake_at_publishing() {
    let broken = "
| survey |
| | type | name | label | calculation |
| | begin_repeat | member | Member | |
| | integer | age | Age | |
| | end_repeat | | | |
| | calculate | x | | sum(${member}[1]/agee) |
";
    let faults: Vec<String> = compiled(broken).unwrap_err().iter().map(ToString::to_string).collect();
    assert!(faults.iter().any(|fault| fault.contains("agee")), "{faults:?}");
}

const CITIES: &str = "
| survey |
| | type | name | label | calculation |
| | select_one cities | city | City | |
| | calculate | people | | instance('cities')/root/item[name = ${city}]/people |
| | calculate | label | | instance('cities')/root/item[name = ${city}]/label |
| | calculate | large | | count(instance('cities')/root/item[people > 500]) |
| | calculate | pulled | | pulldata('cities', 'people', 'name', ${city}) |
| | calculate | spoken | | jr:itext('cities-1') |
| choices |
| | list_name | name | label | people |
| | cities | bontang | Bontang | 190 |
| | cities | bpn | Balikpapan | 700 |
";

#[test]
fn a_choice_list_is_an_instance_too() {
    let (mut session, _) = Session::open(form(CITIES), Saved::default(), &clock());
    assert_eq!(session.value(&path("people")), "");
    answer(&mut session, "city", "bpn");
    for (at, wanted) in [
        ("people", "700"),
        ("label", "Balikpapan"),
        ("large", "1"),
        ("pulled", "700"),
        ("spoken", "Balikpapan"),
    ] {
        assert_eq!(session.value(&path(at)), wanted, "{at}");
    }
}

#[test]
fn chance_is_what_the_caller_hands_in() {
    let text = "
| survey |
| | type | name | label | calculation |
| | calculate | id | | once(uuid()) |
| | calculate | die | | once(int(random() * 6) + 1) |
";
    let instrument = form(text);
    let open = |chance: u128| {
        let clock = Clock { chance, ..clock() };
        let (session, _) = Session::open(Arc::clone(&instrument), Saved::default(), &clock);
        (session.value(&path("id")).to_owned(), session.value(&path("die")).to_owned())
    };
    assert_eq!(open(1), open(1));
    assert_ne!(open(1).0, open(2).0);
    let (id, die) = open(3);
    let shape =
        regex_lite::Regex::new("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
    assert!(shape.unwrap().is_match(&id), "{id}");
    assert!((1..=6).contains(&die.parse::<u8>().unwrap()), "{die}");
}
