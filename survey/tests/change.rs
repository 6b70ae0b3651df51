//! What a difference of two years is taken apart into, and what of it is said not to be known.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use survey::scoring::exact::{Exact, Score};
use survey::scoring::questions::change::{Cause, Side, SideUnit, Unknown, change};

fn side(year: u16, rules: &str, units: &[(&str, i64, Option<i64>)]) -> Side {
    let units: Vec<SideUnit> = units
        .iter()
        .map(|(id, score, by_other)| SideUnit {
            id: (*id).to_owned(),
            name: (*id).to_owned(),
            scores: vec![Score::hundredths(*score)],
            by_other: by_other.map(|other| vec![Score::hundredths(other)]),
            lacking: if by_other.is_some() { Vec::new() } else { vec!["pengaduan".to_owned()] },
            own_lacking: Vec::new(),
        })
        .collect();
    let sum = Exact::sum(units.iter().map(|unit| unit.scores[0].exact())).unwrap();
    let total = sum.over(Exact::count(units.len())).unwrap().unwrap().rounded().unwrap();
    Side { year, rules: rules.to_owned(), total, units }
}

#[test]
fn a_fall_by_another_method_is_told_from_a_real_rise() {
    // Like Balikpapan in 2022: other rules, one office more. Under the old rules it would have risen.
    let before = side(2021, "2016-2021", &[("a", 8000, None), ("b", 9000, None)]);
    let after =
        side(2022, "2022-2024", &[("a", 7000, Some(8500)), ("b", 8000, Some(9500)), ("c", 6000, None)]);
    let change = change(&before, &after).unwrap();
    let parts: BTreeMap<Vec<Cause>, String> =
        change.parts.iter().map(|part| (part.of.clone(), part.points.to_string())).collect();
    let expected = [
        (Cause::UnitsDropped, "0.00"),
        (Cause::Real, "5.00"),
        (Cause::Method, "-15.00"),
        (Cause::UnitsAdded, "-5.00"),
    ];
    assert_eq!(parts, expected.map(|(cause, points)| (vec![cause], points.to_owned())).into());
    assert_eq!((change.difference.to_string(), change.added), ("-15.00".to_owned(), vec!["c".to_owned()]));
}

#[test]
fn what_cannot_be_told_apart_is_said_and_not_guessed() {
    let before = side(2021, "2016-2021", &[("a", 8000, None)]);
    let after = side(2022, "2022-2024", &[("a", 7000, None)]);
    let told = change(&before, &after).unwrap();
    assert!(
        told.parts
            .iter()
            .any(|part| part.of == [Cause::Real, Cause::Method] && part.points.to_string() == "-10.00")
    );
    assert!(told.unknown.iter().any(|why| matches!(why, Unknown::AnswersLack { .. })));
    let only_totals = Side { units: Vec::new(), ..before };
    let told = change(&only_totals, &after).unwrap();
    assert_eq!((told.parts.len(), told.parts[0].of.len()), (1, 4));
    assert!(matches!(told.unknown[0], Unknown::NoUnits { year: 2021 }));
    assert!(told.added.is_empty(), "a unit is no new one where the earlier year's are not known");
}

#[test]
fn one_rule_set_in_both_years_has_no_part_in_a_difference_even_of_totals() {
    let before = Side { units: Vec::new(), ..side(2022, "2022-2024", &[("a", 7233, None)]) };
    let after = side(2023, "2022-2024", &[("a", 8823, None)]);
    let told = change(&before, &after).unwrap();
    let parts: Vec<_> = told.parts.iter().map(|part| (part.of.len(), part.points.to_string())).collect();
    assert_eq!(parts, [(3, "15.90".to_owned()), (1, "0.00".to_owned())]);
    assert_eq!(told.parts[1].of, [Cause::Method]);
}

#[test]
fn a_score_of_a_part_tells_nothing_of_what_the_rules_changed() {
    let before = side(2021, "2016-2021", &[("a", 8000, Some(8000))]);
    let mut after = side(2022, "2022-2024", &[("a", 7000, Some(8500))]);
    after.units[0].own_lacking = vec!["output".to_owned()];
    let told = change(&before, &after).unwrap();
    assert!(told.parts.iter().any(|part| part.of == [Cause::Real, Cause::Method]));
    assert!(told.way.is_none());
    let lacks = |why: &Unknown| matches!(why, Unknown::AnswersLack { year: 2022, lacking, .. } if lacking == &["output"]);
    assert!(told.unknown.iter().any(lacks));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_parts_of_a_difference_sum_to_it(
        before in prop::collection::vec((0u8..6, 0i64..10_000, prop::option::of(0i64..10_000)), 0..6),
        after in prop::collection::vec((0u8..6, 0i64..10_000, prop::option::of(0i64..10_000)), 0..6),
        same in any::<bool>(),
    ) {
        let units = |of: &[(u8, i64, Option<i64>)]| -> Vec<(String, i64, Option<i64>)> {
            let by_id: BTreeMap<String, _> = of.iter().map(|(id, score, other)| (id.to_string(), (*score, *other))).collect();
            by_id.into_iter().map(|(id, (score, other))| (id, score, other)).collect()
        };
        let make = |year: u16, rules: &str, of: Vec<(String, i64, Option<i64>)>| {
            let of: Vec<_> = of.iter().map(|(id, score, other)| (id.as_str(), *score, *other)).collect();
            if of.is_empty() {
                Side { year, rules: rules.to_owned(), total: Score::hundredths(7000), units: Vec::new() }
            } else {
                side(year, rules, &of)
            }
        };
        let change = change(&make(2021, "old", units(&before)), &make(2022, if same { "old" } else { "new" }, units(&after))).unwrap();
        let sum: i64 = change.parts.iter().map(|part| part.points.in_hundredths()).sum();
        prop_assert_eq!(sum, change.difference.in_hundredths());
        let mut causes: Vec<Cause> = change.parts.iter().flat_map(|part| part.of.clone()).collect();
        causes.sort();
        prop_assert_eq!(causes, [Cause::UnitsDropped, Cause::Real, Cause::Method, Cause::UnitsAdded]);
    }
}
