//! Whatever the order, the repeats and the partitions: devices that hold the same changes agree on everything, with each
//! other and with Automerge's own document, and a clash lists exactly what was written without knowing of each other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::{Key, ObjectId, OpType};
use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{Automerge, Change, ROOT, ReadDoc as _, ScalarValue};
use common::{actor, answer, comment, move_row, remove_row, row, visit};
use proptest::prelude::*;
use replica::{ChangeHash, ClashKey, Document, Edit, Record, RecordChange, View};

/// One step of a schedule.
#[derive(Debug, Clone)]
enum Step {
    Write {
        by: usize,
        edits: Vec<Edit>,
        time: i64,
    },
    /// On top of what was in view some changes ago.
    WriteFrom {
        by: usize,
        edits: Vec<Edit>,
        seen: usize,
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
        2 => (0..devices, prop::collection::vec(edit(), 1..4), 0_usize..9)
            .prop_map(|(by, edits, seen)| Step::WriteFrom { by, edits, seen }),
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
            Step::WriteFrom { by, edits, seen } => {
                let changes = records[*by].changes();
                let seen: Vec<ChangeHash> =
                    changes.iter().rev().skip(*seen).take(2).map(|c| c.hash).collect();
                let seen = records[*by].seen_by(&seen);
                records[*by].commit_from(&seen, edits, &actor(u8::try_from(*by).unwrap()), 55).unwrap();
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

/// The same values put under the same keys, by Automerge, in the document of all that the change builds on. Nothing where
/// one chooses, of several values, the one that holds: there Automerge writes only that the others go, so that somebody
/// who chose another at the same time would win without a word.
fn as_automerge_writes(changes: &[RecordChange], change: &RecordChange) -> Option<Vec<u8>> {
    let parse = |bytes: &[u8]| Change::try_from(bytes).unwrap();
    let root = parse(&visit().root().bytes);
    let change = parse(&change.bytes);
    let mut doc = Automerge::new();
    doc.apply_changes([root]).unwrap();
    let mut wanted: BTreeSet<_> = change.deps().iter().copied().collect();
    let mut below = Vec::new();
    for other in changes.iter().rev().map(|other| parse(&other.bytes)) {
        if wanted.contains(&other.hash()) {
            wanted.extend(other.deps());
            below.push(other);
        }
    }
    doc.apply_changes(below.into_iter().rev()).unwrap();
    doc.set_actor(change.actor_id().clone());
    let mut transaction = doc.transaction();
    for op in change.decode().operations {
        let (ObjectId::Root, Key::Map(key)) = (op.obj, op.key) else { panic!("no key of the record's map") };
        let OpType::Put(ScalarValue::Str(text)) = op.action else { panic!("no text") };
        let holds = transaction.get(ROOT, key.as_str()).unwrap();
        if op.pred.len() > 1 && holds.is_some_and(|(value, _)| value.as_str() == Some(&text)) {
            return None;
        }
        transaction.put(ROOT, key.as_str(), text.as_str()).unwrap();
    }
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(change.timestamp()));
    Some(doc.get_change_by_hash(&hash.unwrap()).unwrap().raw_bytes().to_vec())
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
        let document = Document::load(&visit(), all.values()).unwrap();
        prop_assert_eq!(all_of(&union), all_of(&document));
        let saved = document.save();
        for (record, order) in records.iter().zip(orders) {
            let mut record = record.clone();
            for bytes in shuffled(&union, order) {
                record.apply(&bytes).unwrap();
            }
            prop_assert_eq!(all_of(&record), all_of(&union));
            let changes = record.changes();
            let changes = changes.iter().map(|change| &change.bytes);
            prop_assert_eq!(Document::load(&visit(), changes).unwrap().save(), saved.clone());
            let loaded = Record::load(&visit(), shuffled(&union, order)).unwrap();
            prop_assert_eq!(all_of(&loaded), all_of(&union));
        }
        for clash in union.clashes() {
            let values: BTreeSet<_> = clash.options.iter().map(|option| &option.value).collect();
            prop_assert_eq!(values.len(), clash.options.len());
            prop_assert!(values.len() > 1);
            prop_assert_eq!(clash.options.iter().filter(|option| option.holds_now).count(), 1);
        }
    }

    #[test]
    fn every_change_is_the_one_that_automerges_own_transaction_writes((devices, steps) in schedule()) {
        for record in run(devices, &steps) {
            let changes = record.changes();
            for change in &changes {
                if let Some(bytes) = as_automerge_writes(&changes, change) {
                    prop_assert_eq!(bytes, change.bytes.clone());
                }
            }
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
