//! What stands in a rapor, in words.

use survey::scoring::assumption::Assumption;
use survey::scoring::exact::Score;
use survey::scoring::methods::{Method, Placed};
use survey::scoring::result::{Counted, DimensionScore, IndicatorScore, UnitLine, UnitState, Value};
use survey::scoring::rules::Zone;

use super::super::origin::Calendar;
use super::super::tables::source::{GovernmentRow, Head, UnitRow};
use crate::reports::words::{Language, Words};

/// A rapor.
pub struct Sheet {
    /// What kind of rapor, and of which year.
    pub kind: String,
    /// Whose.
    pub title: String,
    /// Where it belongs.
    pub place: String,
    /// Its score; `–` where there is none.
    pub figure: String,
    /// The same from 0 to 100.
    pub at: Option<f32>,
    /// The zone of the score.
    pub zone: Option<Zone>,
    /// Zone, category and opinion in words.
    pub verdict: String,
    /// The method's bands, the lowest first.
    pub bands: Vec<Band>,
    /// The picture in words.
    pub picture: String,
    /// Names and figures.
    pub facts: Vec<(String, String)>,
    /// The heading over the notices.
    pub notices_heading: String,
    /// What one must know before reading on.
    pub notices: Vec<String>,
    /// The figures.
    pub tables: Vec<Table>,
    /// What every page says at its foot: release, date, manifest.
    pub foot: String,
    /// The word for page, and for *of*.
    pub page: [String; 2],
}

/// One of the method's bands.
pub struct Band {
    pub from: f32,
    pub to: f32,
    pub zone: Zone,
    /// Category or zone.
    pub name: String,
}

/// Figures in rows.
pub struct Table {
    pub heading: String,
    pub text: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

pub struct Column {
    pub name: String,
    /// Its part of the width.
    pub width: f32,
    pub figures: bool,
}

#[derive(Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// A sum, or what the rows below belong to.
    pub strong: bool,
}

#[derive(Default)]
pub struct Cell {
    pub text: String,
    /// A mark before the text.
    pub mark: Option<Zone>,
    /// A bar below the text, from 0 to 100.
    pub bar: Option<f32>,
}

const NONE: &str = "–";

impl Cell {
    fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// A government's.
pub fn government(head: &Head, method: Method<'_>, row: &GovernmentRow) -> Sheet {
    let words = Language::Indonesian.words();
    let score = &row.score;
    let mut sheet = sheet(head, method, words, "rapor_government", score.value, score.placed.as_ref());
    sheet.title.clone_from(&score.name);
    sheet.place.clone_from(&score.province);
    let counted = words.fill("units_counted", &[("counted", &score.counted), ("units", &score.units.len())]);
    sheet.facts.push((words.say("units"), counted));
    sheet.facts.push((words.say("interviews"), score.interviews.to_string()));
    for (key, rank) in [("rapor_rank_province", row.province), ("rapor_rank", row.nation)] {
        if let Some(rank) = rank {
            let text = words.fill("rapor_place", &[("place", &rank.place), ("of", &rank.of)]);
            sheet.facts.push((words.say(key), text));
        }
    }
    if score.provisional {
        sheet.notices.push(words.say("provisional_note"));
    }
    if score.partial {
        sheet.notices.push(words.say("rapor_partial"));
    }
    assume(&mut sheet, words, &score.assumed);
    let dimension = |one: &survey::scoring::result::DimensionMean| Row {
        cells: vec![Cell::of(&one.name), measured(words, one.value)],
        strong: false,
    };
    sheet.tables.push(Table {
        heading: words.say("dimension"),
        text: words.say("rapor_dimensions_text"),
        columns: columns(words, &[("dimension", 0.7, false), ("score", 0.3, true)]),
        rows: score.dimensions.iter().map(dimension).collect(),
    });
    let mut units: Vec<&UnitLine> = score.units.iter().collect();
    units.sort_by_key(|unit| (std::cmp::Reverse(unit.value.map(|value| value.shown)), &unit.name));
    let names =
        [("rapor_unit", 0.44, false), ("score", 0.14, true), ("zone", 0.2, false), ("state", 0.22, false)];
    sheet.tables.push(Table {
        heading: words.say("units"),
        text: words.say("rapor_units_text"),
        columns: columns(words, &names),
        rows: units.into_iter().map(|unit| unit_row(words, unit)).collect(),
    });
    sheet
}

/// A unit's.
pub fn unit(head: &Head, method: Method<'_>, row: &UnitRow) -> Sheet {
    let words = Language::Indonesian.words();
    let score = &row.score;
    let mut sheet = sheet(head, method, words, "rapor_of_unit", score.value, score.placed.as_ref());
    sheet.title.clone_from(&row.name);
    sheet.place = format!("{}, {}", row.government, row.province);
    sheet.facts.push((words.say("interviews"), score.interviews.to_string()));
    sheet.facts.push((words.say("refused"), score.refused.to_string()));
    sheet.facts.push((words.say("state"), counted(words, row.counted)));
    if score.provisional {
        sheet.notices.push(words.say("provisional_note"));
    }
    match &score.state {
        UnitState::Partial { missing } => {
            sheet.notices.push(words.fill("partial", &[("missing", &missing.join(", "))]));
        }
        UnitState::NotAssessed { reason } => {
            sheet.notices.push(words.fill("not_assessed_why", &[("reason", reason)]));
        }
        UnitState::Whole | UnitState::Empty => {}
    }
    assume(&mut sheet, words, &score.assumed);
    let names =
        [("dimension", 0.46, false), ("weight", 0.16, true), ("score", 0.22, true), ("points", 0.16, true)];
    sheet.tables.push(Table {
        heading: words.say("dimension"),
        text: words.say("rapor_dimensions_text"),
        columns: columns(words, &names),
        rows: score.dimensions.iter().map(|dimension| dimension_row(words, dimension)).collect(),
    });
    sheet.tables.extend(findings(words, &score.dimensions));
    sheet.tables.push(indicators(words, &score.dimensions));
    sheet
}

fn sheet(
    head: &Head,
    method: Method<'_>,
    words: Words,
    kind: &str,
    value: Option<Value>,
    placed: Option<&Placed>,
) -> Sheet {
    let figure = value.map_or_else(|| NONE.to_owned(), |value| words.figure(value.shown));
    let day = day(head.released_at);
    let mut bands: Vec<Band> = method.rules.bands.iter().map(|band| band_of(words, band)).collect();
    bands.sort_by(|a, b| a.from.total_cmp(&b.from));
    let release = words.fill("rapor_release", &[("number", &head.number), ("day", &day)]);
    let verdict = placed.map_or_else(|| words.say("no_score_yet"), |placed| verdict(words, placed));
    Sheet {
        kind: words.fill(kind, &[("year", &head.year)]),
        title: String::new(),
        place: String::new(),
        picture: words.fill("rapor_picture", &[("score", &figure), ("verdict", &verdict)]),
        at: value.map(|value| at(value.shown)),
        figure,
        zone: placed.map(|placed| placed.zone),
        verdict,
        bands,
        facts: vec![
            (words.say("rapor_released"), release.clone()),
            (words.say("rapor_round"), head.round.clone()),
            (words.say("method"), format!("{} ({})", head.title, head.rules)),
        ],
        notices_heading: words.say("rapor_notices"),
        notices: Vec::new(),
        tables: Vec::new(),
        foot: format!("{release} · manifest SHA-256 {}", head.digest),
        page: [words.say("rapor_page"), words.say("rapor_of")],
    }
}

fn verdict(words: Words, placed: &Placed) -> String {
    let zone = words.fill("rapor_zone", &[("zone", &words.zone(placed.zone))]);
    let category = placed.category.as_ref().map(|name| words.fill("rapor_category", &[("category", name)]));
    [Some(zone), category, placed.opinion.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn band_of(words: Words, band: &survey::scoring::rules::Band) -> Band {
    let name = band.category.clone().unwrap_or_else(|| words.zone(band.zone));
    Band { from: at(band.from), to: at(band.to), zone: band.zone, name }
}

/// A score as a place on a line.
fn at(score: Score) -> f32 {
    score.to_string().parse().unwrap_or(0.0)
}

fn assume(sheet: &mut Sheet, words: Words, found: &[Assumption]) {
    sheet.notices.extend(words.assumptions(found));
}

fn columns(words: Words, names: &[(&str, f32, bool)]) -> Vec<Column> {
    let one = |(name, width, figures): &(&str, f32, bool)| Column {
        name: words.say(name),
        width: *width,
        figures: *figures,
    };
    names.iter().map(one).collect()
}

/// A figure with its bar.
fn measured(words: Words, value: Option<Value>) -> Cell {
    let text = value.map_or_else(|| NONE.to_owned(), |value| words.figure(value.shown));
    Cell { text, mark: None, bar: value.map(|value| at(value.shown)) }
}

fn unit_row(words: Words, unit: &UnitLine) -> Row {
    let zone = unit.placed.as_ref().map_or_else(Cell::default, |placed| Cell {
        text: words.zone(placed.zone),
        mark: Some(placed.zone),
        bar: None,
    });
    let state = if unit.provisional { words.say("provisional") } else { counted(words, unit.counted) };
    let figure = unit.value.map_or_else(|| NONE.to_owned(), |value| words.figure(value.shown));
    Row { cells: vec![Cell::of(&unit.name), Cell::of(figure), zone, Cell::of(state)], strong: false }
}

fn counted(words: Words, counted: Counted) -> String {
    words.say(match counted {
        Counted::Yes => "counts",
        Counted::Apart => "counts_apart",
        Counted::NotAssessed => "not_assessed",
        Counted::Empty => "nothing_yet",
    })
}

fn dimension_row(words: Words, dimension: &DimensionScore) -> Row {
    let weight = dimension.weight.rounded().map(|weight| words.figure(weight)).unwrap_or_default();
    let points = dimension.points.map_or_else(|| NONE.to_owned(), |points| words.figure(points.shown));
    let cells = vec![
        Cell::of(&dimension.name),
        Cell::of(format!("{weight} %")),
        measured(words, dimension.value),
        Cell::of(points),
    ];
    Row { cells, strong: false }
}

/// What lacks most first; none where nothing lacks.
fn findings(words: Words, dimensions: &[DimensionScore]) -> Option<Table> {
    let lacks = |one: &&IndicatorScore| one.value.is_some_and(|value| value.shown.in_hundredths() < 10_000);
    let mut found: Vec<&IndicatorScore> = all(dimensions).filter(lacks).collect();
    if found.is_empty() {
        return None;
    }
    found.sort_by(|a, b| (b.lacking, &a.code).cmp(&(a.lacking, &b.code)));
    let row = |one: &IndicatorScore| Row {
        cells: vec![Cell::of(&one.name), sign(words, one), gain(words, one)],
        strong: false,
    };
    let names = [("indicator", 0.52, false), ("state", 0.3, false), ("gain", 0.18, true)];
    Some(Table {
        heading: words.say("rapor_findings"),
        text: words.fill("rapor_findings_text", &[("count", &found.len())]),
        columns: columns(words, &names),
        rows: found.into_iter().map(row).collect(),
    })
}

fn indicators(words: Words, dimensions: &[DimensionScore]) -> Table {
    let mut rows = Vec::new();
    for dimension in dimensions {
        let mut cells = vec![Cell::of(&dimension.name), measured(words, dimension.value)];
        cells.push(Cell::default());
        rows.push(Row { cells, strong: true });
        for one in dimension.variables.iter().flat_map(|variable| &variable.indicators) {
            let figure = one.value.map_or_else(|| NONE.to_owned(), |value| words.figure(value.shown));
            rows.push(Row {
                cells: vec![Cell::of(&one.name), Cell::of(figure), sign(words, one)],
                strong: false,
            });
        }
    }
    let names = [("indicator", 0.54, false), ("score", 0.18, true), ("state", 0.28, false)];
    Table {
        heading: words.say("rapor_indicators"),
        text: words.say("rapor_indicators_text"),
        columns: columns(words, &names),
        rows,
    }
}

fn all(dimensions: &[DimensionScore]) -> impl Iterator<Item = &IndicatorScore> {
    dimensions.iter().flat_map(|dimension| &dimension.variables).flat_map(|variable| &variable.indicators)
}

/// How an indicator stands, by word and mark.
fn sign(words: Words, one: &IndicatorScore) -> Cell {
    let (key, mark) = match one.value.map(|value| value.shown.in_hundredths()) {
        None => ("sign_unknown", None),
        Some(10_000..) => ("sign_full", Some(Zone::Hijau)),
        Some(5_000..) => ("sign_part", Some(Zone::Kuning)),
        Some(_) => ("sign_none", Some(Zone::Merah)),
    };
    Cell { text: words.say(key), mark, bar: None }
}

fn gain(words: Words, one: &IndicatorScore) -> Cell {
    let lacking = one.lacking.and_then(|lacking| lacking.rounded().ok());
    Cell::of(lacking.map_or_else(|| NONE.to_owned(), |lacking| words.difference(lacking)))
}

/// A day as Indonesians write it: `31 Desember 2025`.
fn day(time: i64) -> String {
    let months = [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ];
    let calendar = Calendar::of(time);
    let month = months.get(usize::from(calendar.month).saturating_sub(1)).copied().unwrap_or_default();
    format!("{} {month} {}", calendar.day, calendar.year)
}
