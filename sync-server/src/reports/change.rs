//! What changed between a published year and a round, taken apart into method, units and real change; the parts sum to the whole.

use survey::scoring::exact::Score;
use survey::scoring::questions::change::{Cause, Change};

use super::Writing;
use super::ladder::at;
use super::report::{Cell, Column, Row, Section, Table};
use super::words::Words;
use crate::pictures::{self, Frame};

/// The section; `names` are the two ends.
pub(super) fn section(writing: &Writing, change: &Change, names: [&str; 2]) -> Section {
    let words = writing.words;
    let [from, to] = names.map(|name| words.fill("score_of", &[("name", &name)]));
    let end = |name: &str, (_, score): (u16, Score)| (name.to_owned(), at(score), words.figure(score));
    let steps = change.parts.iter().map(|part| pictures::Part {
        name: causes(words, &part.of),
        by: Some(at(part.points)),
        text: words.difference(part.points),
    });
    let found = pictures::Parts {
        from: end(&from, change.before),
        steps: steps.collect(),
        to: end(&to, change.after),
    };
    let heading = words.say("change");
    let frame = Frame {
        width: writing.width,
        title: heading.clone(),
        description: words.fill("change_to_round", &[("from", &names[0]), ("round", &names[1])]),
        id: "change".to_owned(),
    };
    let mut rows: Vec<Row> = change
        .parts
        .iter()
        .map(|part| Row {
            cells: vec![Cell::of(causes(words, &part.of)), Cell::of(words.difference(part.points))],
            own: false,
        })
        .collect();
    rows.push(Row {
        cells: vec![Cell::of(words.say("difference")), Cell::of(words.difference(change.difference))],
        own: true,
    });
    let mut texts = vec![words.fill("change_to_round", &[("from", &names[0]), ("round", &names[1])])];
    if !change.unknown.is_empty() {
        texts.push(words.say("change_unknown"));
    }
    let columns = vec![Column::words(words.say("what")), Column::figures(words.say("points"))];
    let picture = Some(pictures::parts(&frame, &found));
    Section { heading, texts, picture, table: Some(Table { columns, rows }), ..Section::default() }
}

/// Causes that could not be told apart stand together.
fn causes(words: Words, of: &[Cause]) -> String {
    let name = |cause: &Cause| match cause {
        Cause::UnitsDropped => words.say("cause_units_dropped"),
        Cause::Real => words.say("cause_real"),
        Cause::Method => words.say("cause_method"),
        Cause::UnitsAdded => words.say("cause_units_added"),
    };
    of.iter().map(name).collect::<Vec<_>>().join(" + ")
}
