//! Reports from the round's own records: scores, what would lift them, where it is red, how sure all that is.

use std::collections::{BTreeSet, HashSet};

use replica::UnitId;
use replica::api::Unit;
use survey::scoring::api::{GovernmentPage, Sure};
use survey::scoring::exact::Score;
use survey::scoring::questions::findings::Findings;
use survey::scoring::questions::lift::Lift;
use survey::scoring::result::{Counted, UnitLine, UnitState};
use survey::scoring::skm::SkmIndex;

use super::ladder::{at, bands, placed, tone_of, zone_cell};
use super::report::{Cell, Column, Report, Row, Section, Table};
use super::words::Language;
use super::{ReportError, Writing};
use crate::pictures::{self, Dot, Frame, dots};
use crate::scores::ScoresError;
use crate::scores::changes::{End, changed};
use crate::scores::pages::{Named, Scored, Sources};

/// Rows of the map of findings; the table beside has all of them.
const FINDINGS: usize = 20;

/// A round that was scored.
pub(super) struct Reckoned<'a> {
    pub scored: Scored<'a>,
    /// What it was scored from.
    pub sources: Sources<'a>,
    /// The units that the reader may see.
    pub units: &'a [Unit],
}

impl Reckoned<'_> {
    /// Every government of the round, the best first.
    pub fn overview(&self, writing: &Writing) -> Section {
        let words = writing.words;
        let own = self.own();
        let scores = self.scored.list(|unit| own.contains(&unit.id));
        let row = |line: &survey::scoring::api::GovernmentLine| {
            let provisional = (line.provisional || line.partial).then(|| words.say("provisional"));
            // Where the zone is assumed its own cell says so.
            let zone_says = line.placed.as_ref().is_some_and(|placed| !placed.assumed.is_empty());
            let assumed = (line.assumed && !zone_says).then(|| words.say("partly_assumed"));
            let state = [provisional, assumed].into_iter().flatten().collect::<Vec<_>>().join(", ");
            let cells = vec![
                Cell::of(&line.name)
                    .opening(writing.link(&[("government", &line.name)]))
                    .noted(&line.province),
                Cell::of(words.figure_or_dash(line.value.map(|value| value.shown))),
                line.placed.as_ref().map_or_else(Cell::default, |placed| zone_cell(placed, words)),
                Cell::of(words.fill("units_counted", &[("counted", &line.counted), ("units", &line.units)])),
                Cell::of(line.interviews.to_string()),
                Cell::of(state),
            ];
            Row { cells, own: false }
        };
        let columns = vec![
            Column::words(words.say("name")),
            Column::figures(words.say("score")),
            Column::words(words.say("zone")),
            Column::words(words.say("units")),
            Column::figures(words.say("interviews")),
            Column::words(words.say("state")),
        ];
        let by = scores.by;
        let texts = vec![words.fill("round_note", &[("rules", &by.rules), ("year", &by.year)])];
        let table = Some(Table { columns, rows: scores.governments.iter().map(row).collect() });
        Section {
            heading: words.fill("round_title", &[("round", &by.round)]),
            texts,
            table,
            ..Section::default()
        }
    }

    /// The units that the reader may see, by id.
    fn own(&self) -> HashSet<&UnitId> {
        self.units.iter().map(|unit| &unit.id).collect()
    }

    /// All units in the red zone, the lowest first; none where there is none.
    pub fn red_units(&self, writing: &Writing) -> Option<Section> {
        let words = writing.words;
        let own = self.own();
        let found = self.scored.red(|unit| own.contains(&unit.id)).units;
        let row = |unit: &survey::scoring::api::RedUnit| Row {
            cells: vec![
                Cell::of(&unit.name).opening(writing.link(&[("unit", &unit.id)])).noted(&unit.government),
                Cell::of(words.figure(unit.value.shown)),
                zone_cell(&unit.placed, words),
                Cell::of(if unit.provisional { words.say("provisional") } else { String::new() }),
            ],
            own: false,
        };
        let columns = vec![
            Column::words(words.say("units")),
            Column::figures(words.say("score")),
            Column::words(words.say("zone")),
            Column::words(words.say("state")),
        ];
        let text = words.fill("red_units_count", &[("count", &found.len())]);
        let table = Some(Table { columns, rows: found.iter().map(row).collect() });
        let section =
            Section { heading: words.say("red_units"), texts: vec![text], table, ..Section::default() };
        (!found.is_empty()).then_some(section)
    }

    /// Whether the round has a score of a government.
    pub fn is_scored(&self, name: &str) -> bool {
        self.scored.named(&Named { name, province: None }).is_ok_and(|government| government.value.is_some())
    }

    /// What the round says of one government; nothing where its units are not in the list.
    pub fn government(
        &self,
        writing: &Writing,
        name: &str,
        earlier: &[String],
    ) -> Result<Vec<Section>, ReportError> {
        let named = Named { name, province: None };
        let seen = self.units.iter().any(|unit| unit.government == name);
        if !seen || self.scored.named(&named).is_err() {
            return Ok(Vec::new());
        }
        let page = self.scored.government(&named, writing.target, Vec::new())?;
        let mut sections = vec![self.units(writing, &page)];
        sections.extend(dimensions(writing, &page));
        sections.extend(self.change(writing, &page, earlier)?);
        let findings = self.scored.findings(&named)?;
        if page.government.value.is_some() {
            sections.push(lifting(writing, &self.scored.lift(&named, None, writing.target)?));
        }
        sections.extend(self.followed(writing, &named)?);
        sections.extend(red(writing, &findings));
        sections.push(sureness(writing, &page.sure));
        sections.extend(satisfaction(writing, &page.skm));
        Ok(sections)
    }

    /// What changed since the round or year before; none where there is none, or no score yet.
    fn change(
        &self,
        writing: &Writing,
        page: &GovernmentPage,
        earlier: &[String],
    ) -> Result<Option<Section>, ReportError> {
        let name = page.government.name.as_str();
        let last = writing.query.from.as_ref().or(earlier.first());
        let Some(last) = last.filter(|_| page.government.value.is_some()) else { return Ok(None) };
        let known = self.sources.published()?;
        let round = page.by.round.clone();
        let ends = [last.clone(), round.clone()].map(|name| End { name, method: None });
        let [from, to] = &ends;
        let named = Named { name, province: None };
        match changed(self.sources, &named, from, to, &known) {
            Ok(change) => Ok(Some(super::change::section(writing, &change, [last, &round]))),
            Err(ScoresError::NotFound(_) | ScoresError::Asked(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// How far the government's own assessments have come; nothing where it makes none.
    fn followed(&self, writing: &Writing, named: &Named<'_>) -> Result<Option<Section>, ReportError> {
        match self.sources.progress(named, None, writing.target, None) {
            Ok(progress) if progress.rounds.is_empty() => Ok(None),
            Ok(progress) => Ok(Some(super::progress::section(writing, &progress))),
            Err(ScoresError::NotFound(_) | ScoresError::Asked(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// One unit down to its answers.
    pub fn unit(&self, writing: &Writing, id: &UnitId) -> Result<Report, ReportError> {
        if !self.units.iter().any(|unit| unit.id == *id) {
            return Err(ScoresError::NotFound(format!("there is no unit {id} in your list of units")).into());
        }
        let page = self.scored.unit(id)?;
        let of = Named { name: &page.government, province: Some(&page.province) };
        let lift = match self.scored.lift(&of, Some(id), writing.target) {
            Ok(lift) => Some(lifting(writing, &lift)),
            // Nothing that counts was answered yet.
            Err(ScoresError::NotFound(_) | ScoresError::Asked(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(super::unit::report(writing, &page, lift))
    }

    /// The government's units on the bands, and whether each counts.
    fn units(&self, writing: &Writing, page: &GovernmentPage) -> Section {
        let words = writing.words;
        let method = self.scored.method();
        let mut units: Vec<&UnitLine> = page.government.units.iter().collect();
        units.sort_by(|a, b| {
            let score = |unit: &UnitLine| unit.value.map(|value| value.shown);
            (score(b), &a.name).cmp(&(score(a), &b.name))
        });
        let dot = |unit: &&UnitLine| Dot {
            name: unit.name.clone(),
            text: words.figure_or_dash(unit.value.map(|value| value.shown)),
            at: unit.value.map(|value| at(value.shown)),
            tone: unit.placed.as_ref().map_or(pictures::Tone::Plain, |placed| tone_of(placed.zone)),
            own: false,
        };
        let drawn: Vec<Dot> = units.iter().map(dot).collect();
        let target = words.fill("target", &[("target", &writing.target_text())]);
        let frame = Frame {
            width: writing.width,
            title: format!("{}: {}", words.say("picture_dots"), page.government.name),
            description: words.fill("picture_dots_text", &[("count", &drawn.len())]),
            id: "round-units".to_owned(),
        };
        let picture = dots(&frame, &bands(method, words), &drawn, Some((at(writing.target), &target)));
        let scores = self.scored.units_of(&page.government).into_iter();
        let partly: BTreeSet<&str> = scores
            .filter(|(_, score)| matches!(score.state, UnitState::Partial { .. }))
            .map(|(id, _)| id)
            .collect();
        let row = |unit: &&UnitLine| Row {
            cells: vec![
                Cell::of(&unit.name).opening(writing.link(&[("unit", &unit.id)])),
                Cell::of(words.figure_or_dash(unit.value.map(|value| value.shown))),
                unit.placed.as_ref().map_or_else(Cell::default, |placed| zone_cell(placed, words)),
                Cell::of(unit.interviews.to_string()),
                Cell::of(words.say(match unit.counted {
                    Counted::Yes if unit.provisional => "provisional",
                    Counted::Yes if partly.contains(unit.id.as_str()) => "counts_partly",
                    Counted::Yes => "counts",
                    Counted::Apart => "counts_apart",
                    Counted::NotAssessed => "not_assessed",
                    Counted::Empty => "nothing_yet",
                })),
            ],
            own: false,
        };
        let columns = vec![
            Column::words(words.say("units")),
            Column::figures(words.say("score")),
            Column::words(words.say("zone")),
            Column::figures(words.say("interviews")),
            Column::words(words.say("state")),
        ];
        let texts = [Some(standing(writing, page, method)), words.assumptions(&page.government.assumed)];
        Section {
            heading: words.fill("round_title", &[("round", &page.by.round)]),
            texts: texts.into_iter().flatten().collect(),
            picture: Some(picture),
            table: Some(Table { columns, rows: units.iter().map(row).collect() }),
            ..Section::default()
        }
    }
}

/// Score, zone, category, opinion, what is above, and rank, in sentences.
fn standing(
    writing: &Writing,
    page: &GovernmentPage,
    method: survey::scoring::methods::Method<'_>,
) -> String {
    let words = writing.words;
    let Some(value) = page.government.value else { return words.say("no_score_yet") };
    let placed = placed(method, value.shown);
    let zone = placed.as_ref().map(|placed| words.zone(placed.zone)).unwrap_or_default();
    let (category, opinion) = placed.map(|placed| (placed.category, placed.opinion)).unwrap_or_default();
    let standing = &page.standing;
    let sentences = [
        Some(words.fill("reckoned", &[("score", &words.figure(value.shown)), ("zone", &zone)])),
        category.map(|name| words.fill("reckoned_category", &[("name", &name)])),
        opinion.map(|name| words.fill("reckoned_opinion", &[("name", &name)])),
        standing.next.as_ref().map(|next| {
            let band = next.category.clone().unwrap_or_else(|| words.zone(next.zone));
            words.fill("reckoned_next", &[("points", &words.figure(next.lacking)), ("band", &band)])
        }),
        standing.to_target.map(|lacking| {
            let target = writing.target_text();
            if lacking == Score::hundredths(0) {
                words.fill("government_aim_reached", &[("target", &target)])
            } else {
                words.fill("government_aim", &[("points", &words.figure(lacking)), ("target", &target)])
            }
        }),
        standing.province.zip(standing.nation).map(|(province, nation)| {
            let level = words.say(&format!("level_{}", standing.level.as_str()));
            let parts: [(&str, &dyn std::fmt::Display); 5] = [
                ("level", &level),
                ("province_place", &province.place),
                ("province_of", &province.of),
                ("place", &nation.place),
                ("of", &nation.of),
            ];
            words.fill("ranks", &parts)
        }),
        (page.government.provisional || page.government.partial).then(|| words.say("provisional_note")),
    ];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The four dimensions; none where nothing was answered.
fn dimensions(writing: &Writing, page: &GovernmentPage) -> Option<Section> {
    let words = writing.words;
    page.government.value?;
    let row = |dimension: &survey::scoring::result::DimensionMean| Row {
        cells: vec![
            Cell::of(in_language(writing, &dimension.name, &dimension.name_en)),
            Cell::of(words.figure_or_dash(dimension.value.map(|value| value.shown))),
        ],
        own: false,
    };
    let columns = vec![Column::words(words.say("dimension")), Column::figures(words.say("score"))];
    let table = Some(Table { columns, rows: page.government.dimensions.iter().map(row).collect() });
    Some(Section { heading: words.say("dimensions"), table, ..Section::default() })
}

/// The shortest list of indicators that reaches the target.
pub(super) fn lifting(writing: &Writing, lift: &Lift) -> Section {
    let words = writing.words;
    let target = writing.target_text();
    let text = match (lift.set.is_empty(), lift.reaches) {
        (true, true) => words.fill("lift_reached", &[("target", &target)]),
        (_, true) => words.fill(
            "lift_list",
            &[("count", &lift.set.len()), ("target", &target), ("then", &words.figure(lift.then.shown))],
        ),
        (_, false) => {
            words.fill("lift_short", &[("target", &target), ("then", &words.figure(lift.then.shown))])
        }
    };
    let row = |(step, candidate): (usize, &survey::scoring::questions::lift::Candidate)| Row {
        cells: vec![
            Cell::of((step + 1).to_string()),
            Cell::of(in_language(writing, &candidate.name, &candidate.name_en)).noted(&candidate.unit_name),
            Cell::of(words.figure(candidate.now)),
            Cell::of(candidate.gain.rounded().map(|gain| words.difference(gain)).unwrap_or_default()),
            Cell::of(words.fill(
                "lift_others",
                &[("full", &candidate.full_elsewhere), ("marked", &candidate.marked_elsewhere)],
            )),
        ],
        own: false,
    };
    let columns = vec![
        Column::figures(words.say("step")),
        Column::words(words.say("indicator")),
        Column::figures(words.say("now")),
        Column::figures(words.say("gain")),
        Column::words(words.say("others")),
    ];
    let rows: Vec<Row> = lift.set.iter().enumerate().map(row).collect();
    let table = (!rows.is_empty()).then_some(Table { columns, rows });
    Section { heading: words.say("lift"), texts: vec![text], table, ..Section::default() }
}

/// What fails most often, and where what is posted and what citizens tell lie apart; none where nothing was marked.
fn red(writing: &Writing, found: &Findings) -> Option<Section> {
    let words = writing.words;
    let marked: Vec<_> = found.indicators.iter().filter(|row| row.marked > 0).collect();
    let shown = marked.get(..FINDINGS.min(marked.len())).unwrap_or_default();
    if shown.is_empty() {
        return None;
    }
    let cell = |score: &Option<Score>| match score {
        Some(score) => pictures::Cell::Has(at(*score) / 100.0),
        None => pictures::Cell::Unknown,
    };
    let name = |row: &survey::scoring::questions::findings::FindingRow| {
        in_language(writing, &row.name, &row.name_en).to_owned()
    };
    let map = pictures::Findings {
        units: found.units.iter().map(|unit| unit.name.clone()).collect(),
        rows: shown.iter().map(|row| (name(row), row.cells.iter().map(cell).collect())).collect(),
    };
    let frame = Frame {
        width: writing.width,
        title: words.say("findings"),
        description: words.say("picture_findings_text"),
        id: "findings".to_owned(),
    };
    let signs = ["sign_full", "sign_part", "sign_none", "sign_unknown"].map(|sign| words.say(sign));
    let [full, part, none, unknown] = &signs;
    let picture = pictures::findings(&frame, &map, [full, part, none, unknown]);
    let numbered = found.units.iter().enumerate().map(|(place, unit)| format!("{} {}", place + 1, unit.name));
    let mut texts = vec![numbered.collect::<Vec<_>>().join(" · ")];
    if shown.len() < marked.len() {
        texts.push(words.fill("findings_drawn", &[("drawn", &shown.len()), ("all", &marked.len())]));
    }
    for unit in &found.units {
        if let (Some(gap), Some(observed), Some(perceived)) = (unit.gap, unit.observed, unit.perceived) {
            texts.push(words.fill(
                "gap",
                &[
                    ("unit", &unit.name),
                    ("observed", &words.figure(observed.shown)),
                    ("perceived", &words.figure(perceived.shown)),
                    ("gap", &words.difference(gap)),
                ],
            ));
        }
    }
    let figure = |score: &Option<Score>| Cell::of(words.figure_or_dash(*score));
    let row = |row: &&survey::scoring::questions::findings::FindingRow| Row {
        cells: [
            Cell::of(name(row)),
            Cell::of(words.fill("fails_in", &[("fails", &row.fails), ("marked", &row.marked)])),
            figure(&row.mean),
        ]
        .into_iter()
        .chain(row.cells.iter().map(figure))
        .collect(),
        own: false,
    };
    let columns = [
        Column::words(words.say("indicator")),
        Column::words(words.say("fails")),
        Column::figures(words.say("score")),
    ];
    // A column for each unit, under the number that the picture gives it.
    let units = (1..=found.units.len()).map(|number| Column::figures(number.to_string()));
    let columns = columns.into_iter().chain(units).collect();
    let table = Some(Table { columns, rows: marked.iter().map(row).collect() });
    Some(Section {
        heading: words.say("findings"),
        texts,
        picture: Some(picture),
        table,
        ..Section::default()
    })
}

/// How far the figures can be relied on.
pub(super) fn sureness(writing: &Writing, sure: &Sure) -> Section {
    let words = writing.words;
    let mut rows = vec![
        fact(
            words.say("interviews"),
            words.fill("of_target", &[("count", &sure.interviews), ("target", &sure.target)]),
        ),
        fact(words.say("refused"), sure.refused.to_string()),
        fact(words.say("open_visits"), sure.open_visits.to_string()),
        fact(words.say("open_clashes"), sure.clashes.to_string()),
        fact(words.say("empty_units"), sure.empty_units.to_string()),
        fact(
            words.say("approved"),
            words
                .fill("of_target", &[("count", &sure.approval.approved), ("target", &sure.approval.records)]),
        ),
    ];
    match &sure.interval {
        Some(interval) => {
            let text = words.fill(
                "interval",
                &[
                    ("low", &words.figure(interval.low)),
                    ("high", &words.figure(interval.high)),
                    ("confidence", &interval.confidence),
                    ("interviews", &interval.interviews),
                ],
            );
            rows.push(fact(words.say("perception"), text));
            rows.push(fact(words.say("spread"), words.figure(interval.spread)));
        }
        None => rows.push(fact(words.say("perception"), words.say("interval_none"))),
    }
    let columns = vec![Column::words(words.say("what")), Column::words(words.say("figure"))];
    Section { heading: words.say("sure"), table: Some(Table { columns, rows }), ..Section::default() }
}

/// The satisfaction index, which is not the Ombudsman's score; none without respondents.
pub(super) fn satisfaction(writing: &Writing, skm: &SkmIndex) -> Option<Section> {
    let words = writing.words;
    let index = skm.index.as_ref()?;
    let mut rows: Vec<Row> = skm
        .elements
        .iter()
        .map(|element| {
            let shown = words.figure_or_dash(element.converted.map(|value| value.shown));
            fact(in_language(writing, &element.name, &element.name_en).to_owned(), shown)
        })
        .collect();
    let grade = skm.grade.clone().unwrap_or_default();
    let whole = format!(
        "{} · {grade}",
        skm.converted.map_or_else(|| words.figure(index.shown), |value| words.figure(value.shown))
    );
    rows.push(Row { cells: vec![Cell::of(words.say("skm_index")), Cell::of(whole)], own: true });
    let texts =
        [Some(words.fill("skm_note", &[("respondents", &skm.respondents)])), words.assumptions(&skm.assumed)];
    let columns = vec![Column::words(words.say("element")), Column::figures(words.say("figure"))];
    Some(Section {
        heading: words.say("skm"),
        texts: texts.into_iter().flatten().collect(),
        picture: None,
        table: Some(Table { columns, rows }),
        ..Section::default()
    })
}

pub(super) fn fact(name: String, figure: String) -> Row {
    Row { cells: vec![Cell::of(name), Cell::of(figure)], own: false }
}

/// The name in the report's language.
pub(super) fn in_language<'a>(writing: &Writing, indonesian: &'a str, english: &'a str) -> &'a str {
    match writing.words.language() {
        Language::English if !english.is_empty() => english,
        _ => indonesian,
    }
}
