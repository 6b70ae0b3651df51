//! Whatever the order, the repeats and the partitions: devices that hold the same changes agree on everything,
//! and a clash lists exactly what was written without knowing of each other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{actor, answer, comment, move_row, remove_row, row, visit};
use proptest::prelude::*;
use replica::{ClashKey, Edit, Record, View};

/// One step of a schedule.
#[derive(Debug, Clone)]
enum Step {
    Write {
        by: usize,
        edits: Vec<Edit>,
        time: i64,
    },
    Settle {
        by: usize,
        pick: usize,
    },
    /// Everything that one has goes to another, in this order and some of it twice.
    Share {
        from: usize,
        to: usize,
        order: u64,
    },
}

const PATHS: [&str; 4] = ["a", "b", "s[1]/c", "s[2]/t[1]/d"];
const ROWS: [&str; 3] = ["s[1]", "s[2]", "s[2]/t[1]"];

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        6 => (0..PATHS.len(), "[xyz]?").prop_map(|(path, value)| answer(PATHS[path], &value)),
        2 => (0..ROWS.len()).prop_map(|n| row(ROWS[n])),
        2 => (0..ROWS.len()).prop_map(|n| remove_row(ROWS[n])),
        1 => (0..ROWS.len(), prop::option::of(0..ROWS.len()))
            .prop_map(|(n, after)| move_row(ROWS[n], after.map(|after| ROWS[after]))),
        1 => ("[ab]", 0..PATHS.len()).prop_map(|(id, path)| comment(&id, Some(PATHS[path]), "x")),
        1 => (0_i64..9).prop_map(|at| Edit::Close { at }),
        1 => Just(Edit::Reopen),
    ]
}

fn step(devices: usize) -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..devices, prop::collection::vec(edit(), 1..4), -5_i64..50)
            .prop_map(|(by, edits, time)| Step::Write { by, edits, time }),
        1 => (0..devices, 0_usize..100).prop_map(|(by, pick)| Step::Settle { by, pick }),
        3 => (0..devices, 0..devices, any::<u64>()).prop_map(|(from, to, order)| Step::Share { from, to, order }),
    ]
}

fn schedule() -> impl Strategy<Value = (usize, Vec<Step>)> {
    (3_usize..=5).prop_flat_map(|devices| (Just(devices), prop::collection::vec(step(devices), 1..40)))
}

/// The changes in an order that the number decides, and some of them twice.
fn shuffled(record: &Record, order: u64) -> Vec<Vec<u8>> {
    let mut random = order;
    let mut keyed = Vec::new();
    for change in record.changes() {
        for _ in 0..=(random >> 62) / 2 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            keyed.push((random >> 32, change.bytes.clone()));
        }
    }
    keyed.sort();
    keyed.into_iter().map(|(_, bytes)| bytes).collect()
}

fn run(devices: usize, steps: &[Step]) -> Vec<Record> {
    let mut records = vec![Record::start(&visit()).unwrap(); devices];
    for step in steps {
        match step {
            Step::Write { by, edits, time } => {
                records[*by].commit(edits, &actor(u8::try_from(*by).unwrap()), *time).unwrap();
            }
            Step::Settle { by, pick } => settle(&mut records[*by], *by, *pick),
            Step::Share { from, to, order } => {
                for bytes in shuffled(&records[*from], *order) {
                    records[*to].apply(&bytes).unwrap();
                }
            }
        }
    }
    records
}

fn settle(record: &mut Record, by: usize, pick: usize) {
    let clashes = record.clashes();
    let Some(clash) = clashes.get(pick % clashes.len().max(1)) else { return };
    let value = clash.options[pick % clash.options.len()].value.clone();
    let choice = Edit::Settle { key: clash.key.clone(), value: value.clone() };
    record.commit(&[choice], &actor(u8::try_from(by).unwrap()), 60).unwrap().unwrap();
    assert!(record.clashes().iter().all(|left| left.key != clash.key), "{clash:?} was settled");
    if let ClashKey::Answer(path) = &clash.key {
        assert_eq!(record.answer(path.as_str()), Some(value));
    }
}

/// Everything that can be read of a record.
fn all_of(view: &dyn View) -> impl PartialEq + std::fmt::Debug {
    let times = (view.closed_at(), view.withdrawn_at(), view.last_edit());
    let answers = (view.answers(), view.hidden_answers(), view.rows());
    (view.heads(), view.change_count(), times, answers, view.clashes(), view.comments())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn devices_that_hold_the_same_agree_on_everything((devices, steps) in schedule(), orders in any::<[u64; 5]>()) {
        let records = run(devices, &steps);
        let all: BTreeMap<_, _> =
            records.iter().flat_map(Record::changes).map(|change| (change.hash, change.bytes)).collect();
        let union = Record::load(&visit(), all.values()).unwrap();
        prop_assert!(union.missing().is_empty());
        prop_assert_eq!(union.changes().len(), all.len());
        let saved = union.save();
        for (record, order) in records.iter().zip(orders) {
            let mut record = record.clone();
            for bytes in shuffled(&union, order) {
                record.apply(&bytes).unwrap();
            }
            prop_assert_eq!(record.heads(), union.heads());
            prop_assert_eq!(record.save(), saved.clone());
            prop_assert_eq!(record.answers(), union.answers());
            prop_assert_eq!(record.hidden_answers(), union.hidden_answers());
            prop_assert_eq!(record.rows(), union.rows());
            prop_assert_eq!(record.clashes(), union.clashes());
            prop_assert_eq!(record.comments(), union.comments());
            prop_assert_eq!(record.closed_at(), union.closed_at());
            prop_assert_eq!(record.last_edit(), union.last_edit());
            prop_assert_eq!(Record::load(&visit(), shuffled(&union, order)).unwrap().clashes(), union.clashes());
        }
        for order in orders {
            let read = replica::read(&visit(), shuffled(&union, order)).unwrap();
            prop_assert_eq!(all_of(read.as_ref()), all_of(&union));
        }
        for clash in union.clashes() {
            let values: BTreeSet<_> = clash.options.iter().map(|option| &option.value).collect();
            prop_assert_eq!(values.len(), clash.options.len());
            prop_assert!(values.len() > 1);
            prop_assert_eq!(clash.options.iter().filter(|option| option.holds_now).count(), 1);
        }
    }

    #[test]
    fn a_clash_lists_exactly_the_distinct_values(values in prop::collection::vec("[xyz]?", 2..6)) {
        let mut union = Record::start(&visit()).unwrap();
        for (n, value) in values.iter().enumerate() {
            let mut one = Record::start(&visit()).unwrap();
            let by = actor(u8::try_from(n).unwrap());
            let made = one.commit(&[answer("s[1]/q", value)], &by, 7).unwrap().unwrap();
            union.apply(&made.bytes).unwrap();
        }
        let distinct: BTreeSet<_> = values.iter().cloned().collect();
        let clashes = union.clashes();
        let listed: BTreeSet<_> =
            clashes.iter().flat_map(|clash| &clash.options).map(|option| option.value.clone()).collect();
        if distinct.len() > 1 {
            prop_assert_eq!(listed, distinct);
            prop_assert_eq!(clashes.len(), 1);
        } else {
            prop_assert!(clashes.is_empty());
        }
    }
}
