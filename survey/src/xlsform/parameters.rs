//! The `parameters` column: `start=0 end=10 step=2`, separated by blanks, `;` or `,`.

use std::collections::BTreeMap;

use crate::instrument::QuestionKind;
use crate::xlsform::fault::{FaultKind, nearest};

/// Parameters by name.
pub(crate) type Parameters = BTreeMap<String, String>;

/// Which parameters a type takes, as the standard lists them.
fn known(kind: QuestionKind, from_file: bool) -> &'static [&'static str] {
    use QuestionKind as Q;
    match kind {
        Q::Range => &["start", "end", "step", "tick_interval", "placeholder", "tick_labelset"],
        Q::SelectOne | Q::SelectMultiple | Q::Rank if from_file => &["randomize", "seed", "value", "label"],
        Q::SelectOne | Q::SelectMultiple | Q::Rank => &["randomize", "seed"],
        Q::Text => &["rows"],
        Q::Image => &["max-pixels", "app"],
        Q::Audio | Q::BackgroundAudio => &["quality"],
        Q::Geopoint => &["allow-mock-accuracy", "capture-accuracy", "warning-accuracy"],
        Q::Geotrace | Q::Geoshape => &["allow-mock-accuracy", "incremental", "reference-geometry"],
        Q::Audit => &[
            "identify-user",
            "location-max-age",
            "location-min-interval",
            "location-priority",
            "track-changes",
            "track-changes-reasons",
        ],
        _ => &[],
    }
}

/// Reads a cell. Every part that cannot be read is a fault; an unknown name is one where the type has parameters.
pub(crate) fn read(text: &str, kind: QuestionKind, from_file: bool) -> (Parameters, Vec<FaultKind>) {
    let (mut found, mut faults) = (Parameters::new(), Vec::new());
    let separator = if text.contains(';') {
        ';'
    } else if text.contains(',') {
        ','
    } else {
        ' '
    };
    let known = known(kind, from_file);
    for part in text.split(separator).map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            faults.push(FaultKind::BadParameter { text: part.to_owned() });
            continue;
        };
        let (name, value) = (name.trim().to_lowercase(), value.trim().to_owned());
        if !known.contains(&name.as_str()) && !known.is_empty() {
            let nearest = nearest(&name, known.iter().copied());
            faults.push(FaultKind::UnknownParameter { name, known: known.join(", "), nearest });
            continue;
        }
        found.insert(name, value);
    }
    faults.extend(checks(&mut found, kind));
    (found, faults)
}

fn checks(found: &mut Parameters, kind: QuestionKind) -> Vec<FaultKind> {
    let mut faults = Vec::new();
    let mut wants = |name: &'static str, right: &'static str, fits: &dyn Fn(&str) -> bool| {
        if let Some(value) = found.get(name).filter(|value| !fits(value)) {
            faults.push(FaultKind::BadParameterValue { name, value: value.clone(), right });
        }
    };
    let whole = |value: &str| value.parse::<u32>().is_ok();
    wants("rows", "a whole number of lines", &whole);
    wants("max-pixels", "a whole number of pixels", &whole);
    wants("quality", "voice-only, low, normal or external", &|value| {
        matches!(value, "voice-only" | "low" | "normal" | "external")
    });
    wants("randomize", "true or false", &|value| matches!(value, "true" | "false"));
    wants("seed", "a number, or a reference such as ${name}", &|value| {
        value.parse::<f64>().is_ok() || value.starts_with("${") && value.ends_with('}')
    });
    if found.contains_key("seed") && found.get("randomize").map(String::as_str) != Some("true") {
        faults.push(FaultKind::SeedWithoutRandomize);
    }
    if kind == QuestionKind::Range {
        faults.extend(range(found));
    }
    faults
}

/// The bounds of a range, with the standard's own where the cell has none.
fn range(found: &mut Parameters) -> Vec<FaultKind> {
    for (name, usual) in [("start", "1"), ("end", "10"), ("step", "1")] {
        found.entry(name.to_owned()).or_insert_with(|| usual.to_owned());
    }
    let mut faults = Vec::new();
    let mut number = |name: &'static str| {
        let text = found.get(name)?;
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            let right = "a number";
            faults.push(FaultKind::BadParameterValue { name, value: text.clone(), right });
        }
        number
    };
    let (start, end, step) = (number("start"), number("end"), number("step"));
    let interval = number("tick_interval");
    number("placeholder");
    let (Some(start), Some(end), Some(step)) = (start, end, step) else { return faults };
    let width = (end - start).abs();
    let mut refuse = |name: &'static str, right: &'static str| {
        let value = found.get(name).cloned().unwrap_or_default();
        faults.push(FaultKind::BadParameterValue { name, value, right });
    };
    if step == 0.0 || step.abs() > width {
        refuse("step", "more than 0 and at most the distance from start to end");
    }
    // Each step is a place on the slider, and a line of the picker.
    if step != 0.0 && width / step.abs() > 100_000.0 {
        refuse("step", "such that there are at most 100000 steps");
    }
    if interval.is_some_and(|interval| interval == 0.0 || interval > width) {
        refuse("tick_interval", "more than 0 and at most the distance from start to end");
    }
    faults
}
