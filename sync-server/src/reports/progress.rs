//! A government's list, worked off: what each step stood at when the list was made, and in every own assessment since.

use survey::scoring::exact::Score;
use survey::scoring::questions::progress::{Progress, Step};

use super::Writing;
use super::reckoned::in_language;
use super::report::{Cell, Column, Row, Section, Table, Tone};

/// Steps that are shown; the command lists all.
const STEPS: usize = 30;
/// Own rounds that are shown, the last ones.
const ROUNDS: usize = 6;

/// The section.
pub(super) fn section(writing: &Writing, progress: &Progress) -> Section {
    let words = writing.words;
    let shown_from = progress.rounds.len().saturating_sub(ROUNDS);
    let figure = |score: Option<Score>| words.figure_or_dash(score);
    let own = progress.rounds.iter().skip(shown_from);
    let mut whole = vec![Cell::of(words.say("own_whole")), Cell::of(words.figure(progress.then.shown))];
    whole.extend(own.clone().map(|round| Cell::of(figure(round.value.map(|value| value.shown)))));
    whole.push(Cell::default());
    let mut rows = vec![Row { cells: whole, own: true }];
    rows.extend(progress.steps.iter().take(STEPS).map(|step| {
        let mut cells = vec![
            Cell::of(in_language(writing, &step.candidate.name, &step.candidate.name_en))
                .noted(&step.candidate.unit_name),
            Cell::of(words.figure(step.candidate.now)),
        ];
        cells.extend(step.later.iter().skip(shown_from).map(|score| Cell::of(figure(*score))));
        cells.push(state(writing, step));
        Row { cells, own: false }
    }));
    let mut columns = vec![Column::words(words.say("indicator")), Column::figures(words.say("own_then"))];
    columns.extend(own.map(|round| Column::figures(&round.round)));
    columns.push(Column::words(words.say("own_state")));
    let texts = vec![
        words.fill("own_note", &[("from", &progress.from)]),
        words.fill("own_done", &[("done", &progress.done), ("count", &progress.steps.len())]),
    ];
    Section { heading: words.say("own"), texts, table: Some(Table { columns, rows }), ..Section::default() }
}

fn state(writing: &Writing, step: &Step) -> Cell {
    if step.done {
        Cell::of(writing.words.say("own_is_done")).toned(Tone::Good)
    } else {
        Cell::of(writing.words.say("own_is_open")).toned(Tone::Care)
    }
}
