//! Answers in words: the labels of the form that each record was filled with, for whoever opens a score down to them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use replica::ContentHash;
use survey::instrument::{Instrument, NodeKind};
use survey::path::Path;
use survey::scoring::api::{InWords, Spoken};
use survey::scoring::result::{UnitScore, Used};

use crate::catalogue::Catalogue;
use crate::database::StoreError;
use crate::projection::EvidenceRow;

/// The labels of all answers that the score opens down to.
///
/// # Errors
/// Where the store fails.
pub(super) fn of(
    catalogue: &dyn Catalogue,
    score: &UnitScore,
    rows: &[EvidenceRow],
) -> Result<Vec<Spoken>, StoreError> {
    let mut instruments = HashMap::<ContentHash, Option<Instrument>>::new();
    let mut by_record = HashMap::new();
    for row in rows {
        by_record.insert(row.record.to_string(), row.instrument);
        if let Entry::Vacant(place) = instruments.entry(row.instrument) {
            let json = catalogue.instrument(&row.instrument)?;
            place.insert(json.and_then(|json| serde_json::from_slice(&json).ok()));
        }
    }
    let variables = score.dimensions.iter().flat_map(|dimension| &dimension.variables);
    let used: Vec<&Used> = variables.flat_map(|of| &of.indicators).flat_map(|of| &of.readings).collect();
    let numbers = numbers_of_rows(&used);
    let spoken = used.iter().filter_map(|used| {
        let instrument = instruments.get(by_record.get(&used.record)?)?.as_ref()?;
        let say = |language| say(instrument, used, &numbers, language);
        Some(Spoken {
            record: used.record.clone(),
            path: used.reading.path.clone(),
            id: say("id")?,
            en: say("en")?,
        })
    });
    Ok(spoken.collect())
}

/// Rows by record and path, numbered in the order of their paths, which no device changes.
type Numbers<'a> = BTreeMap<(&'a str, Path), BTreeMap<&'a str, usize>>;

fn numbers_of_rows<'a>(used: &[&'a Used]) -> Numbers<'a> {
    let mut numbers = Numbers::new();
    for used in used {
        let mut above = Path::top();
        for step in used.reading.path.steps() {
            if let Some(row) = step.row {
                let repeat = (used.record.as_str(), above.child(step.name));
                numbers.entry(repeat).or_default().insert(row, 0);
            }
            above = above.then(step);
        }
    }
    for rows in numbers.values_mut() {
        for (number, at) in rows.values_mut().zip(1..) {
            *number = at;
        }
    }
    numbers
}

fn say(instrument: &Instrument, used: &Used, numbers: &Numbers<'_>, language: &str) -> Option<InWords> {
    let language = instrument.language(language);
    let path = &used.reading.path;
    let node = instrument.find(path)?;
    let mut parts = Vec::new();
    let mut above = Path::top();
    for step in path.steps() {
        let here = above.child(step.name);
        let node = instrument.find(&here)?;
        let mut label = plain(node.label.in_language(language));
        // Pages only order the form: what people look for begins below them, at the row.
        let page = above.is_top() && matches!(node.kind, NodeKind::Group) && here != *path;
        if let Some(row) = step.row {
            let number = numbers.get(&(used.record.as_str(), here))?.get(row)?;
            label = format!("{label} {number}");
        }
        above = above.then(step);
        if !page && !label.is_empty() {
            parts.push(label);
        }
    }
    Some(InWords {
        question: parts.join(" › "),
        answer: instrument.in_words(Some(node), &used.reading.answer, language),
    })
}

/// A label without the places where a form puts other answers in.
fn plain(label: &str) -> String {
    let mut text = String::new();
    let mut rest = label;
    while let Some((before, behind)) = rest.split_once("${") {
        text.push_str(before);
        text.push('…');
        rest = behind.split_once('}').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}
