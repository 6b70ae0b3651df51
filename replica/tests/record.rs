//! What holds of a single record, and of two that meet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use automerge::{Change, ExpandedChange};
use common::{actor, answer, comment, genesis_of, interview, move_row, remove_row, row, visit};
use replica::clash::{ROW_PRESENT, ROW_REMOVED};
use replica::{Applied, ClashKey, Document, Edit, Record, RecordError, StateKey, View as _};

fn share(from: &Record, to: &mut Record) {
    for change in from.changes() {
        to.apply(&change.bytes).unwrap();
    }
}

fn meet(a: &mut Record, b: &mut Record) {
    share(a, b);
    share(b, a);
    assert_eq!(a.heads(), b.heads());
    assert_eq!(a.answers(), b.answers());
    assert_eq!(a.rows(), b.rows());
    assert_eq!(a.clashes(), b.clashes());
}

fn two() -> (Record, Record) {
    (Record::start(&visit()).unwrap(), Record::start(&visit()).unwrap())
}

#[test]
fn two_phones_that_start_the_same_visit_make_one() {
    let (mut a, mut b) = two();
    assert_eq!(a.id(), b.id());
    assert_eq!(a.heads(), b.heads());
    a.commit(&[answer("nama", "A")], &actor(1), 10).unwrap().unwrap();
    b.commit(&[answer("loket", "3")], &actor(2), 20).unwrap().unwrap();
    meet(&mut a, &mut b);
    assert_eq!(a.answer("nama").as_deref(), Some("A"));
    assert_eq!(a.answer("loket").as_deref(), Some("3"));
    assert!(a.clashes().is_empty());
    assert_eq!(a.last_edit().unwrap().time, 20);
}

#[test]
fn a_clash_names_both_values_who_and_when_and_choosing_settles_it_everywhere() {
    let (mut a, mut b) = two();
    a.commit(&[answer("nama", "A"), answer("sama", "x")], &actor(1), 10).unwrap();
    b.commit(&[answer("nama", "B"), answer("sama", "x")], &actor(2), 20).unwrap();
    meet(&mut a, &mut b);
    let clashes = a.clashes();
    assert_eq!(clashes.len(), 1, "the same value twice is no clash");
    assert_eq!(clashes[0].key, ClashKey::Answer("nama".parse().unwrap()));
    let options: Vec<_> =
        clashes[0].options.iter().map(|o| (o.value.as_str(), o.actor.unwrap(), o.time)).collect();
    assert_eq!(options, [("A", actor(1), 10), ("B", actor(2), 20)]);
    let holding = clashes[0].options.iter().find(|o| o.holds_now).unwrap();
    assert_eq!(a.answer("nama").as_ref(), Some(&holding.value));

    let settle = Edit::Settle { key: clashes[0].key.clone(), value: "A".to_owned() };
    b.commit(&[settle], &actor(2), 30).unwrap().unwrap();
    meet(&mut a, &mut b);
    assert!(a.clashes().is_empty());
    assert_eq!(a.answer("nama").as_deref(), Some("A"));
}

#[test]
fn two_who_choose_differently_at_the_same_time_have_a_clash_again() {
    let (mut a, mut b) = two();
    a.commit(&[answer("nama", "A")], &actor(1), 10).unwrap();
    b.commit(&[answer("nama", "B")], &actor(2), 20).unwrap();
    meet(&mut a, &mut b);
    let key = a.clashes()[0].key.clone();
    let choose = |value: &str| Edit::Settle { key: key.clone(), value: value.to_owned() };
    a.commit(&[choose("A")], &actor(1), 30).unwrap().unwrap();
    b.commit(&[choose("B")], &actor(2), 30).unwrap().unwrap();
    meet(&mut a, &mut b);
    let values: Vec<_> = a.clashes()[0].options.iter().map(|option| option.value.clone()).collect();
    assert_eq!(values, ["A", "B"]);
}

#[test]
fn writing_either_value_again_settles_a_clash() {
    for value in ["A", "B"] {
        let (mut a, mut b) = two();
        a.commit(&[answer("nama", "A")], &actor(1), 10).unwrap();
        b.commit(&[answer("nama", "B")], &actor(2), 20).unwrap();
        meet(&mut a, &mut b);
        assert!(a.commit(&[answer("nama", value)], &actor(1), 30).unwrap().is_some());
        assert!(a.clashes().is_empty());
        assert_eq!(a.answer("nama").as_deref(), Some(value));
    }
}

#[test]
fn blanking_is_a_value_that_can_clash() {
    let (mut a, mut b) = two();
    a.commit(&[answer("nama", "A")], &actor(1), 10).unwrap();
    share(&a, &mut b);
    a.commit(&[answer("nama", "")], &actor(1), 20).unwrap();
    b.commit(&[answer("nama", "B")], &actor(2), 20).unwrap();
    meet(&mut a, &mut b);
    let values: Vec<_> = a.clashes()[0].options.iter().map(|o| o.value.clone()).collect();
    assert_eq!(values, ["", "B"]);
}

#[test]
fn nothing_is_written_where_nothing_differs() {
    let mut a = Record::start(&visit()).unwrap();
    assert!(a.commit(&[], &actor(1), 1).unwrap().is_none());
    assert!(a.commit(&[Edit::Reopen], &actor(1), 1).unwrap().is_none());
    a.commit(&[row("s[1]"), answer("s[1]/a", "x")], &actor(1), 1).unwrap().unwrap();
    let heads = a.heads();
    let same = [answer("s[1]/a", "y"), answer("s[1]/a", "x"), row("s[1]")];
    assert!(a.commit(&same, &actor(1), 2).unwrap().is_none());
    assert_eq!(a.heads(), heads);
}

#[test]
fn rows_keep_their_order_and_two_phones_adding_make_two() {
    let (mut a, mut b) = two();
    a.commit(&[row("s[m]"), row("s[c]")], &actor(1), 1).unwrap();
    let between = Edit::AddRow { row: "s[z]".parse().unwrap(), after: Some("s[m]".parse().unwrap()) };
    a.commit(&[between], &actor(1), 2).unwrap();
    assert_eq!(a.rows(), ["s[m]", "s[z]", "s[c]"]);
    share(&a, &mut b);
    a.commit(&[row("s[x]")], &actor(1), 3).unwrap();
    b.commit(&[row("s[w]")], &actor(2), 3).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(a.rows(), ["s[m]", "s[z]", "s[c]", "s[w]", "s[x]"]);
    assert!(a.clashes().is_empty());
}

fn removed_against_edited(inner: &str, choice: &str) {
    let (mut a, mut b) = two();
    a.commit(&[row("s[1]"), row("s[1]/t[2]"), answer("s[1]/a", "x")], &actor(1), 1).unwrap();
    share(&a, &mut b);
    a.commit(&[remove_row("s[1]")], &actor(1), 2).unwrap();
    assert!(a.rows().is_empty(), "rows inside go out of sight with it");
    assert!(a.answers().is_empty());
    b.commit(&[answer(inner, "new")], &actor(2), 3).unwrap();
    meet(&mut a, &mut b);
    let clashes = a.clashes();
    assert_eq!(clashes.len(), 1);
    assert_eq!(clashes[0].key, ClashKey::Row("s[1]".parse().unwrap()));
    let values: Vec<_> = clashes[0].options.iter().map(|o| o.value.as_str()).collect();
    assert_eq!(values, [ROW_PRESENT, ROW_REMOVED]);
    assert_eq!(a.rows(), ["s[1]", "s[1]/t[2]"]);
    assert_eq!(a.answers().get(inner).unwrap(), "new");

    a.commit(&[answer("s[1]/e", "while in a clash")], &actor(1), 4).unwrap().unwrap();
    assert_eq!(a.clashes(), clashes, "an edit inside does not choose");

    let settle = Edit::Settle { key: clashes[0].key.clone(), value: choice.to_owned() };
    b.commit(&[settle], &actor(2), 5).unwrap().unwrap();
    meet(&mut a, &mut b);
    assert!(a.clashes().is_empty());
    assert_eq!(a.rows().is_empty(), choice == ROW_REMOVED);
    let kept = if choice == ROW_REMOVED { a.hidden_answers() } else { a.answers() };
    assert_eq!(kept.get(inner).unwrap(), "new", "and the answer is kept in any case");
}

#[test]
fn a_row_removed_on_one_phone_and_edited_on_the_other_is_a_clash_and_loses_neither() {
    for inner in ["s[1]/a", "s[1]/t[2]/b"] {
        removed_against_edited(inner, ROW_PRESENT);
        removed_against_edited(inner, ROW_REMOVED);
    }
}

#[test]
fn a_removed_row_can_be_taken_back() {
    let mut a = Record::start(&visit()).unwrap();
    a.commit(&[row("s[1]"), row("s[2]"), answer("s[1]/a", "x")], &actor(1), 1).unwrap();
    a.commit(&[remove_row("s[1]")], &actor(1), 2).unwrap();
    assert!(a.commit(&[remove_row("s[1]")], &actor(1), 3).unwrap().is_none());
    assert_eq!(a.rows(), ["s[2]"]);
    a.commit(&[row("s[1]")], &actor(1), 4).unwrap();
    assert_eq!(a.rows(), ["s[2]", "s[1]"]);
    assert_eq!(a.answers().get("s[1]/a").unwrap(), "x");
}

#[test]
fn an_answer_in_a_row_that_nobody_added_adds_it() {
    let mut a = Record::start(&visit()).unwrap();
    a.commit(&[answer("s[1]/t[2]/a", "x")], &actor(1), 1).unwrap();
    assert_eq!(a.rows(), ["s[1]", "s[1]/t[2]"]);
}

#[test]
fn what_arrived_while_somebody_typed_is_not_overwritten_unseen() {
    let (mut a, mut b) = two();
    a.commit(&[row("s[1]"), answer("nama", "old")], &actor(1), 1).unwrap();
    share(&a, &mut b);
    let seen = a.seen();
    b.commit(&[answer("nama", "B"), remove_row("s[1]")], &actor(2), 2).unwrap();
    share(&b, &mut a);
    let typed = [answer("nama", "A"), answer("s[1]/a", "x")];
    let made = a.commit_from(&seen, &typed, &actor(1), 3).unwrap().unwrap();
    assert_eq!(made.heads, a.heads());
    assert_eq!(a.clashes().len(), 2);
    assert_eq!(b.apply(&made.bytes).unwrap(), Applied::New(made.hash));
    assert_eq!(a.clashes(), b.clashes());
    let again = a.commit_from(&seen, &[answer("lain", "C")], &actor(1), 4).unwrap().unwrap();
    b.apply(&again.bytes).unwrap();
    assert_eq!(a.answers(), b.answers());
}

#[test]
fn what_was_done_to_something_that_is_gone_is_said_all_the_same_and_stands_beside_it_once_it_is_back() {
    let (mut whole, mut damaged) = two();
    let early = whole.commit(&[row("s[1]"), answer("a", "old")], &actor(1), 1).unwrap().unwrap();
    let gone = whole.commit(&[row("s[2]"), answer("s[2]/x", "y")], &actor(2), 2).unwrap().unwrap();
    let seen = whole.seen();
    damaged.apply(&early.bytes).unwrap();
    assert!(damaged.lacks(&seen) && !whole.lacks(&seen));
    let other = damaged.commit(&[answer("a", "meanwhile")], &actor(3), 3).unwrap().unwrap();
    let edits = [remove_row("s[2]"), remove_row("s[1]"), answer("a", "new")];
    let made = damaged.commit_from(&seen, &edits, &actor(4), 4).unwrap().unwrap();
    // What survives of what was seen is built on, what was not seen is not.
    let options = |record: &Record| {
        let clashes = record.clashes().into_iter();
        clashes.map(|c| c.options.into_iter().map(|o| o.value).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(options(&damaged), [["meanwhile", "new"]]);
    assert!(damaged.rows().is_empty());
    damaged.apply(&gone.bytes).unwrap();
    for change in [&other, &made] {
        whole.apply(&change.bytes).unwrap();
    }
    assert_eq!(options(&damaged), [["meanwhile", "new"], [ROW_PRESENT, ROW_REMOVED]]);
    assert_eq!(whole.clashes(), damaged.clashes());
}

#[test]
fn a_hundred_changes_at_once_keep_nobody_from_writing() {
    let mut record = Record::start(&visit()).unwrap();
    for by in 0..100 {
        let mut apart = Record::start(&visit()).unwrap();
        let made = apart.commit(&[answer("a", &format!("v{by}"))], &actor(100 + by), 1).unwrap().unwrap();
        record.apply(&made.bytes).unwrap();
    }
    assert_eq!(record.heads().len(), 100);
    for (time, value) in (2..).zip(["x", "y", "z"]) {
        record.commit(&[answer("a", value)], &actor(1), time).unwrap().unwrap();
    }
    assert!(record.heads().len() < 10, "{}", record.heads().len());
    assert_eq!(record.answer("a").as_deref(), Some("z"));
    assert!(record.clashes().is_empty());
}

#[test]
fn a_record_of_thousands_of_changes_is_loaded_in_any_order() {
    let mut record = Record::start(&visit()).unwrap();
    let changes: Vec<_> = (0..2_000_u32)
        .map(|n| {
            record
                .commit(&[answer("a", &n.to_string())], &actor(u8::try_from(n % 7).unwrap()), 1)
                .unwrap()
                .unwrap()
                .bytes
        })
        .collect();
    let loaded = Record::load(&visit(), changes.iter().rev()).unwrap();
    assert_eq!(loaded.heads(), record.heads());
    assert_eq!(loaded.answer("a").as_deref(), Some("1999"));
}

#[test]
fn a_change_that_is_none_is_refused_whatever_came_before_it() {
    let root = visit().root();
    let mut honest = Record::start(&visit()).unwrap();
    let first = honest.commit(&[answer("a", "x")], &actor(1), 1).unwrap().unwrap();
    let rewritten = |bytes: &[u8], change: &dyn Fn(&mut ExpandedChange)| {
        let mut expanded = Change::try_from(bytes).unwrap().decode();
        expanded.hash = None;
        change(&mut expanded);
        Change::from(expanded).raw_bytes().to_vec()
    };
    let mut other = honest.clone();
    let over = other.commit(&[answer("a", "y")], &actor(2), 2).unwrap().unwrap();
    let next = honest.commit(&[answer("a", "z")], &actor(1), 3).unwrap().unwrap();
    // They put a value in the place of one, or follow a change, that they do not build on.
    let only_root: &dyn Fn(&mut ExpandedChange) = &|change| change.deps = vec![root.hash.into()];
    for hostile in [rewritten(&over.bytes, only_root), rewritten(&next.bytes, only_root)] {
        for before in [true, false] {
            let mut record = Record::start(&visit()).unwrap();
            if before {
                record.apply(&first.bytes).unwrap();
            }
            assert!(record.apply(&hostile).is_err(), "{before}");
            record.apply(&first.bytes).unwrap();
            assert_eq!(record.answers(), Record::load(&visit(), [&first.bytes]).unwrap().answers());
        }
        assert!(Record::load(&visit(), [&hostile, &first.bytes]).is_err());
        assert!(Record::load(&visit(), [&first.bytes, &hostile]).is_err());
    }
}

#[test]
fn closing_and_opening_again_at_once_is_a_clash_and_closing_twice_is_none() {
    let (mut a, mut b) = two();
    a.commit(&[Edit::Close { at: 100 }], &actor(1), 100).unwrap();
    b.commit(&[Edit::Close { at: 200 }], &actor(2), 200).unwrap();
    meet(&mut a, &mut b);
    assert!(a.is_closed());
    assert!(a.clashes().is_empty());
    a.commit(&[Edit::Reopen], &actor(1), 300).unwrap();
    assert_eq!(a.closed_at(), None);
    b.commit(&[Edit::Reopen], &actor(2), 300).unwrap();
    b.commit(&[Edit::Close { at: 400 }], &actor(2), 400).unwrap();
    meet(&mut a, &mut b);
    let clashes = a.clashes();
    assert_eq!(clashes[0].key, ClashKey::State(StateKey::Closed));
    let settle = Edit::Settle { key: clashes[0].key.clone(), value: "400".to_owned() };
    a.commit(&[settle], &actor(1), 500).unwrap().unwrap();
    meet(&mut a, &mut b);
    assert_eq!(b.closed_at(), Some(400));
    assert!(b.clashes().is_empty());
}

#[test]
fn a_closed_interview_takes_nothing_but_the_withdrawal_of_consent() {
    let mut a = Record::start(&interview(1)).unwrap();
    a.commit(&[answer("u1", "4"), Edit::Close { at: 9 }], &actor(1), 9).unwrap().unwrap();
    assert!(matches!(a.commit(&[answer("u1", "1")], &actor(1), 10), Err(RecordError::Closed)));
    assert_eq!(a.answer("u1").as_deref(), Some("4"));
    a.commit(&[Edit::Withdraw { at: 11 }], &actor(1), 11).unwrap().unwrap();
    assert_eq!(a.withdrawn_at(), Some(11));
}

#[test]
fn changes_that_come_before_what_they_build_on_wait_and_are_reported() {
    let (mut a, mut b) = two();
    let first = a.commit(&[answer("a", "1")], &actor(1), 1).unwrap().unwrap();
    let second = a.commit(&[answer("a", "2")], &actor(1), 2).unwrap().unwrap();
    assert_eq!(b.apply(&second.bytes).unwrap(), Applied::Waiting(second.hash));
    assert_eq!(b.missing(), [first.hash]);
    assert_eq!(b.answer("a"), None);
    assert_eq!(b.apply(&first.bytes).unwrap(), Applied::New(first.hash));
    assert!(b.missing().is_empty());
    assert_eq!(b.answer("a").as_deref(), Some("2"));
    assert_eq!(b.apply(&second.bytes).unwrap(), Applied::Known(second.hash));
    assert_eq!(b.apply(&visit().root().bytes).unwrap(), Applied::Known(visit().root().hash));
    let loaded = Record::load(&visit(), [&second.bytes]).unwrap();
    assert_eq!(loaded.missing(), [first.hash]);
}

#[test]
fn a_forged_change_with_an_actors_number_is_refused_and_harms_nothing() {
    let (mut a, mut b) = two();
    a.commit(&[answer("a", "honest")], &actor(1), 1).unwrap();
    let forged = b.commit(&[answer("a", "forged")], &actor(1), 1).unwrap().unwrap();
    assert!(matches!(a.apply(&forged.bytes), Err(RecordError::Sequence { seq: 1, .. })));
    assert_eq!(a.answer("a").as_deref(), Some("honest"));
    assert!(a.commit(&[answer("a", "still writing")], &actor(1), 2).unwrap().is_some());
}

#[test]
fn an_edit_too_large_for_one_change_leaves_the_record_as_it_was() {
    let mut a = Record::start(&visit()).unwrap();
    let edits: Vec<Edit> = (0..2_500).map(|n| answer(&format!("q{n}"), "x")).collect();
    let heads = a.heads();
    assert!(matches!(a.commit(&edits, &actor(1), 1), Err(RecordError::TooMuch(_))));
    assert_eq!(a.heads(), heads);
    assert!(a.answers().is_empty());
    assert!(a.commit(&edits[..1000], &actor(1), 1).unwrap().is_some());
}

#[test]
fn a_record_of_another_genesis_does_not_take_the_change() {
    let mut a = Record::start(&visit()).unwrap();
    let mut b = Record::start(&genesis_of("bontang-dukcapil")).unwrap();
    let made = a.commit(&[answer("a", "1")], &actor(1), 1).unwrap().unwrap();
    assert_eq!(b.apply(&made.bytes).unwrap(), Applied::Waiting(made.hash));
    assert!(b.answers().is_empty());
    assert_eq!(b.missing(), [visit().root().hash]);
}

#[test]
fn an_interview_of_sixty_answers_committed_once_stays_small() {
    let mut a = Record::start(&interview(1)).unwrap();
    let mut edits: Vec<Edit> = (0..60)
        .map(|n| answer(&format!("bagian_{}/pertanyaan_{n}", n / 10), &(1 + (n * n + n / 3) % 4).to_string()))
        .collect();
    edits.push(Edit::Close { at: 1_760_000_000 });
    let made = a.commit(&edits, &actor(1), 1_760_000_000).unwrap().unwrap();
    let saved = Document::load(a.genesis(), [&made.bytes]).unwrap().save().len();
    println!("60 answers: change {} bytes, saved {saved} bytes", made.bytes.len());
    assert!(made.bytes.len() < 2_500, "{}", made.bytes.len());
    assert!(saved <= 900, "{saved}");
}

#[test]
fn a_row_moves_first_and_behind_another_and_two_who_move_it_agree_without_a_clash() {
    let (mut a, mut b) = two();
    a.commit(&[row("s[1]"), row("s[2]"), row("s[3]")], &actor(1), 10).unwrap();
    meet(&mut a, &mut b);
    a.commit(&[move_row("s[3]", None)], &actor(1), 20).unwrap().unwrap();
    assert_eq!(a.rows(), ["s[3]", "s[1]", "s[2]"]);
    a.commit(&[move_row("s[3]", Some("s[1]"))], &actor(1), 21).unwrap().unwrap();
    assert_eq!(a.rows(), ["s[1]", "s[3]", "s[2]"]);
    b.commit(&[move_row("s[3]", None)], &actor(2), 22).unwrap().unwrap();
    meet(&mut a, &mut b);
    assert!(a.clashes().is_empty());
    assert_eq!(a.rows().len(), 3);
}

#[test]
fn a_row_moved_on_one_phone_and_removed_on_another_is_a_clash_and_moving_settles_none() {
    let (mut a, mut b) = two();
    a.commit(&[row("s[1]"), row("s[2]")], &actor(1), 10).unwrap();
    meet(&mut a, &mut b);
    a.commit(&[move_row("s[2]", None)], &actor(1), 20).unwrap().unwrap();
    b.commit(&[remove_row("s[2]")], &actor(2), 20).unwrap().unwrap();
    meet(&mut a, &mut b);
    assert_eq!(a.clashes().len(), 1);
    assert!(a.commit(&[move_row("s[2]", Some("s[1]"))], &actor(1), 30).unwrap().is_none());
    assert_eq!(a.clashes().len(), 1);
}

#[test]
fn comments_of_two_phones_are_all_there_with_who_and_when_and_what_was_said_stays() {
    let (mut a, mut b) = two();
    a.commit(&[comment("k1", Some("s[1]/q"), "Foto buram")], &actor(1), 10).unwrap().unwrap();
    b.commit(&[comment("k2", None, "Datang lagi Senin\nsebelum tutup")], &actor(2), 20).unwrap().unwrap();
    meet(&mut a, &mut b);
    let said: Vec<_> =
        a.comments().into_iter().map(|c| (c.at.map(String::from), c.text, c.actor, c.time)).collect();
    assert_eq!(
        said,
        [
            (Some("s[1]/q".to_owned()), "Foto buram".to_owned(), Some(actor(1)), 10),
            (None, "Datang lagi Senin\nsebelum tutup".to_owned(), Some(actor(2)), 20),
        ]
    );
    assert_eq!(a.comments(), b.comments());
    assert!(a.clashes().is_empty());
    assert!(a.commit(&[comment("k1", None, "lain")], &actor(1), 30).unwrap().is_none());
}
