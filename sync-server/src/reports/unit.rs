//! The report on one unit: every number down to the answers that it comes from.

use replica::api::ApproveRequest;
use survey::scoring::api::{Approval, InWords, Spoken, UnitPage};
use survey::scoring::result::{IndicatorScore, UnitState, Used};

use super::Writing;
use super::reckoned::{in_language, satisfaction, sureness};
use super::report::{Approve, Cell, Column, Link, Report, Row, Section, Table};
use super::words::Language;

/// Answers of one indicator that are listed; the command `loket unit` lists all.
const ANSWERS: usize = 40;

/// Writes it.
pub(super) fn report(writing: &Writing, page: &UnitPage, lift: Option<Section>) -> Report {
    let words = writing.words;
    let score = &page.score;
    let mut sections = vec![dimensions(writing, page)];
    sections.extend(lift);
    for dimension in &score.dimensions {
        let indicators = dimension.variables.iter().flat_map(|variable| &variable.indicators);
        let answered: Vec<&IndicatorScore> = indicators.filter(|indicator| indicator.answers > 0).collect();
        if !answered.is_empty() {
            let name = in_language(writing, &dimension.name, &dimension.name_en);
            sections.push(answers(writing, page, name, &answered));
        }
    }
    sections.push(sureness(writing, &page.sure));
    sections.extend(satisfaction(writing, &page.skm));
    sections.extend(approval(writing, page));
    let lead = match (&score.value, &score.placed) {
        (Some(value), Some(placed)) => words
            .fill("reckoned", &[("score", &words.figure(value.shown)), ("zone", &words.zone(placed.zone))]),
        _ => words.say("no_score_yet"),
    };
    let mut notices = Vec::new();
    if score.provisional {
        notices.push(words.say("provisional_note"));
    }
    match &score.state {
        UnitState::Partial { missing } => {
            notices.push(words.fill("partial", &[("missing", &missing.join(", "))]));
        }
        UnitState::NotAssessed { reason } => {
            notices.push(words.fill("not_assessed_why", &[("reason", reason)]));
        }
        UnitState::Whole | UnitState::Empty => {}
    }
    notices.extend(words.assumptions(&score.assumed));
    Report {
        title: page.name.clone(),
        lead,
        notices,
        links: vec![
            Link { text: words.say("all_governments"), query: writing.link(&[]), here: false },
            Link {
                text: page.government.clone(),
                query: writing.link(&[("government", &page.government)]),
                here: false,
            },
        ],
        target: writing.target.to_string(),
        sections,
    }
}

/// What was looked through and found in order; none where there is nothing to look through.
fn approval(writing: &Writing, page: &UnitPage) -> Option<Section> {
    let words = writing.words;
    let Approval { records, approved } = page.sure.approval;
    let (unit, round) = (page.id.parse().ok()?, page.by.round.parse().ok()?);
    let request = ApproveRequest { unit, round, upto: page.by.upto };
    let approve = (approved < records).then(|| Approve { text: words.say("approve"), request });
    (records > 0).then(|| Section {
        heading: words.say("approval"),
        texts: vec![
            words.fill("approved_of", &[("approved", &approved), ("records", &records)]),
            words.say("approval_note"),
        ],
        approve,
        ..Section::default()
    })
}

/// Dimensions with their weights, and indicators below each.
fn dimensions(writing: &Writing, page: &UnitPage) -> Section {
    let words = writing.words;
    let figure =
        |value: Option<survey::scoring::result::Value>| words.figure_or_dash(value.map(|value| value.shown));
    let mut rows = Vec::new();
    for dimension in &page.score.dimensions {
        let name = in_language(writing, &dimension.name, &dimension.name_en);
        let weight = dimension.weight.rounded().map(|weight| words.figure(weight)).unwrap_or_default();
        rows.push(Row {
            cells: vec![
                Cell::of(name),
                Cell::of(format!("{weight} %")),
                Cell::of(figure(dimension.value)),
                Cell::of(figure(dimension.points)),
            ],
            own: true,
        });
        for indicator in dimension.variables.iter().flat_map(|variable| &variable.indicators) {
            let lacking = indicator.lacking.and_then(|lacking| lacking.rounded().ok());
            let lacking =
                lacking.map(|lacking| words.fill("could_add", &[("points", &words.figure(lacking))]));
            rows.push(Row {
                cells: vec![
                    Cell::of(in_language(writing, &indicator.name, &indicator.name_en)),
                    Cell::default(),
                    Cell::of(figure(indicator.value)),
                    Cell::of(lacking.unwrap_or_default()),
                ],
                own: false,
            });
        }
    }
    let columns = vec![
        Column::words(words.say("indicator")),
        Column::figures(words.say("weight")),
        Column::figures(words.say("score")),
        Column::figures(words.say("points")),
    ];
    Section { heading: words.say("dimensions"), table: Some(Table { columns, rows }), ..Section::default() }
}

fn spoken_of<'p>(page: &'p UnitPage, used: &Used) -> Option<&'p Spoken> {
    page.spoken.iter().find(|spoken| spoken.record == used.record && spoken.path == used.reading.path)
}

fn in_words<'p>(writing: &Writing, spoken: &'p Spoken) -> &'p InWords {
    match writing.words.language() {
        Language::Indonesian => &spoken.id,
        Language::English => &spoken.en,
    }
}

/// The answers that a dimension comes from.
fn answers(writing: &Writing, page: &UnitPage, dimension: &str, indicators: &[&IndicatorScore]) -> Section {
    let words = writing.words;
    let mut rows = Vec::new();
    for indicator in indicators {
        for used in indicator.readings.iter().take(ANSWERS) {
            let reading = &used.reading;
            let of = reading.of.map(|of| format!(" / {of}")).unwrap_or_default();
            let photo = |(hash, number): (&String, usize)| {
                (hash.clone(), words.fill("photo", &[("number", &number)]))
            };
            let photos =
                Cell { photos: reading.photos.iter().zip(1..).map(photo).collect(), ..Cell::default() };
            let spoken = spoken_of(page, used).map(|spoken| in_words(writing, spoken));
            let (question, answer) = match &spoken {
                Some(InWords { question, answer }) => (question.clone(), answer.clone()),
                // A form that was never published here has no words.
                None => (reading.path.to_string(), reading.answer.clone()),
            };
            rows.push(Row {
                cells: vec![
                    Cell::of(in_language(writing, &indicator.name, &indicator.name_en)),
                    Cell::of(answer).noted(question),
                    Cell::of(format!("{}{of}", reading.mark)),
                    photos,
                ],
                own: false,
            });
        }
    }
    let columns = vec![
        Column::words(words.say("indicator")),
        Column::words(words.say("answer")),
        Column::figures(words.say("mark")),
        Column::words(words.say("evidence")),
    ];
    let heading = words.fill("answers_of", &[("dimension", &dimension)]);
    Section { heading, table: Some(Table { columns, rows }), ..Section::default() }
}
