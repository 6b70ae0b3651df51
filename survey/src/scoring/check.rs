//! What a rule set must hold to be used: weights that sum up, bands without gap or overlap, sources.

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

use super::evidence::TOLD;
use super::exact::{Exact, Score};
use super::origin::Origin;
use super::rules::{Dimension, RuleSet, WeightsBy};

/// What is wrong with a rule set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {message}")]
pub struct RuleFault {
    /// Where in the file: `bands`, `dimensions.input`.
    pub place: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl RuleSet {
    /// Everything that is wrong, in the order of the file; none of it may be used then.
    pub fn faults(&self) -> Vec<RuleFault> {
        let mut faults = Faults(Vec::new());
        if self.years.is_empty() {
            faults.add("years", "name at least one year");
        }
        self.check_bands(&mut faults);
        self.check_dimensions(&mut faults);
        self.check_sources(&mut faults);
        if self.marks.top.value <= Exact::ZERO {
            faults.add("marks.top", "must be above 0");
        }
        for name in [&self.visit.question, &self.visit.reason] {
            if !TOLD.contains(&name.as_str()) {
                faults.add(
                    "visit",
                    format!("{name} is none of the questions kept by name: {}", TOLD.join(", ")),
                );
            }
        }
        faults.0
    }

    fn check_bands(&self, faults: &mut Faults) {
        let place = "bands";
        for band in &self.bands {
            if band.from > band.to {
                faults.add(place, format!("the band {} to {} ends before it begins", band.from, band.to));
            }
        }
        for (higher, lower) in self.bands.iter().zip(self.bands.iter().skip(1)) {
            let gap = higher.from.in_hundredths() - lower.to.in_hundredths();
            if gap != 1 {
                let what = if gap > 1 { "leave a gap" } else { "overlap" };
                let message =
                    format!("{} and {} {what}; the lower must end 0.01 below", lower.to, higher.from);
                faults.add(place, message);
            }
        }
        match (self.bands.first(), self.bands.last()) {
            (Some(first), Some(last)) => {
                if first.to != self.maximum.value {
                    let message = format!("the highest band ends at {}, not at the maximum", first.to);
                    faults.add(place, message);
                }
                if last.from != Score::hundredths(0) {
                    faults.add(place, format!("the lowest band begins at {}, not at 0", last.from));
                }
            }
            _ => faults.add(place, "there are none"),
        }
    }

    fn check_dimensions(&self, faults: &mut Faults) {
        let weights = self.dimensions.iter().map(|dimension| dimension.weight.value);
        if Exact::sum(weights) != Ok(Exact::HUNDRED) {
            faults.add("dimensions", "the weights must sum to 100");
        }
        let (mut ids, mut codes) = (BTreeSet::new(), BTreeSet::new());
        for dimension in &self.dimensions {
            let place = format!("dimensions.{}", dimension.id);
            if !ids.insert(&dimension.id) {
                faults.add(&place, "stands there twice");
            }
            if dimension.weight.value.is_negative() {
                faults.add(&place, "a weight must not be below 0");
            }
            check_indicators(dimension, &place, faults);
            for indicator in dimension.indicators() {
                if !codes.insert(&indicator.code) {
                    faults.add(&place, format!("the indicator {} stands there twice", indicator.code));
                }
            }
        }
    }

    /// Every source that any figure names is listed.
    fn check_sources(&self, faults: &mut Faults) {
        let mut unlisted = BTreeSet::new();
        let whole = serde_json::to_value(self).unwrap_or_default();
        sources_in(&whole, "", &mut |place, names| {
            let Ok(Origin::Cited(names)) = Origin::try_from(names.to_owned()) else { return };
            let names = names.split(';').map(str::trim).filter(|name| is_listed_name(name));
            let missing = names.filter(|name| !self.sources.contains_key(*name));
            unlisted.extend(missing.map(|name| (place.to_owned(), name.to_owned())));
        });
        for (place, name) in unlisted {
            faults.add(&place, format!("the source {name} is not listed under [sources]"));
        }
    }
}

/// Each `source` within a rule set, with the part of the file that it stands in.
fn sources_in(value: &serde_json::Value, place: &str, found: &mut impl FnMut(&str, &str)) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    serde_json::Value::String(names) if name == "source" => found(place, names),
                    field if place.is_empty() => sources_in(field, name, found),
                    field => sources_in(field, place, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| sources_in(item, place, found)),
        _ => {}
    }
}

fn check_indicators(dimension: &Dimension, place: &str, faults: &mut Faults) {
    let weights: Vec<_> = dimension.indicators().map(|indicator| indicator.weight).collect();
    let sum = Exact::sum(weights.iter().copied());
    match dimension.indicator_weights.value {
        WeightsBy::Percent if sum != Ok(Exact::HUNDRED) => {
            faults.add(place, "the indicators' weights must sum to 100");
        }
        WeightsBy::Shares if !sum.is_ok_and(|sum| sum > Exact::ZERO) => {
            faults.add(place, "the indicators' shares must sum to more than 0");
        }
        _ => {}
    }
    if weights.iter().any(|weight| weight.is_negative()) {
        faults.add(place, "a weight must not be below 0");
    }
}

/// `S24`: one that the rule set lists; laws are named in full.
fn is_listed_name(name: &str) -> bool {
    name.strip_prefix('S')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

struct Faults(Vec<RuleFault>);

impl Faults {
    fn add(&mut self, place: &str, message: impl fmt::Display) {
        self.0.push(RuleFault { place: place.to_owned(), message: message.to_string() });
    }
}

#[cfg(test)]
#[cfg(feature = "methods")]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use crate::scoring::read::{ReadError, read_rules};

    const RULES: &str = include_str!("../../../public/methods/2022-2024.toml");

    /// The faults of the rule set with one text in it changed.
    fn faults(from: &str, to: &str) -> String {
        assert!(RULES.contains(from), "{from}");
        match read_rules(&RULES.replacen(from, to, 1)) {
            Err(error @ ReadError::Faults(_)) => error.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_rule_set_that_does_not_hold_together_is_refused_with_the_place() {
        assert!(read_rules(RULES).is_ok());
        for (from, to, told) in [
            ("\"21.85\"", "\"21.84\"", "dimensions: the weights must sum to 100"),
            ("\"12.22\"", "\"12.21\"", "dimensions.input: the indicators' weights"),
            ("to = \"87.99\"", "to = \"87.98\"", "bands: 87.98 and 88.00 leave a gap"),
            ("to = \"87.99\"", "to = \"88.00\"", "bands: 88.00 and 88.00 overlap"),
            ("to = \"100.00\"", "to = \"99.00\"", "not at the maximum"),
            ("from = \"0.00\"", "from = \"1.00\"", "not at 0"),
            ("code = \"in-02\"", "code = \"in-03\"", "the indicator in-03 stands there twice"),
            (
                "source = \"S24; S59\"\n\n[[bands]]",
                "source = \"S24; S999\"\n\n[[bands]]",
                "S999 is not listed",
            ),
        ] {
            assert!(faults(from, to).contains(told), "{to}: {}", faults(from, to));
        }
        assert!(faults("id = \"input\"", "id = 5").contains("Shape"));
    }
}
