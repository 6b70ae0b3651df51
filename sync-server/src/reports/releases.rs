//! Pages about releases: which there are, and what is in one.

use std::fmt::Display;

use survey::scoring::result::GovernmentScore;

use super::ladder::zone_cell;
use super::report::{Cell, Column, Link, Report, Row, Section, Table};
use super::words::Words;
use super::{Query, ReportError, Writing};
use crate::exports::folder::{offered, rapor_of, rapors_of_units};
use crate::releases::bundle::Bundle;
use crate::releases::frozen::lines;
use crate::releases::line::ReleaseLine;
use crate::releases::lines::GovernmentResult;
use crate::releases::manifest::GOVERNMENT_SCORES;
use crate::releases::shelf::Shelf;

/// Who asks.
pub struct Reader<'a> {
    /// Whether a government, by name and province, may be seen.
    pub sees: &'a dyn Fn(&str, &str) -> bool,
    /// Whether the files may be had, which hold the answers of every office.
    pub has_files: bool,
}

/// Answers a query that names a release, or asks for all of them.
///
/// # Errors
/// Where there is no such release, or it cannot be read.
pub fn releases(shelf: &dyn Shelf, query: Query, reader: &Reader<'_>) -> Result<Report, ReportError> {
    let writing = Writing::of(query)?;
    match writing.query.release.as_deref().and_then(|release| release.parse().ok()) {
        Some(number) => one(&writing, &Bundle::open(shelf, number)?, reader),
        None => all(&writing, shelf),
    }
}

/// All releases, the newest first.
fn all(writing: &Writing, shelf: &dyn Shelf) -> Result<Report, ReportError> {
    let words = writing.words;
    let mut rows = Vec::new();
    for kept in shelf.all()?.iter().rev() {
        let line = ReleaseLine::of(kept)?;
        let number = line.number.to_string();
        let scored: [(&str, &dyn Display); 2] =
            [("scored", &line.counts.governments_scored), ("all", &line.counts.governments)];
        let cells = vec![
            Cell::of(&number).opening(writing.link(&[("release", &number)])),
            Cell::of(line.asked.round.as_str()),
            Cell::of(&line.asked.date),
            Cell::of(line.asked.year.to_string()).noted(&line.rules.title),
            Cell::of(words.fill("release_scored", &scored)),
            Cell::of(line.counts.records.to_string()),
            Cell::of(words.say(if line.open.is_any() { "release_was_open" } else { "release_was_closed" })),
        ];
        rows.push(Row { cells, own: false });
    }
    let columns = vec![
        Column::figures(words.say("release_number")),
        Column::words(words.say("release_round")),
        Column::words(words.say("release_date")),
        Column::words(words.say("method")),
        Column::words(words.say("release_governments")),
        Column::figures(words.say("release_records")),
        Column::words(words.say("state")),
    ];
    let none = rows.is_empty();
    let table = (!none).then_some(Table { columns, rows });
    let texts = vec![words.say("release_what")];
    Ok(Report {
        title: words.say("releases"),
        lead: words.say(if none { "release_none" } else { "release_lead" }),
        notices: Vec::new(),
        links: vec![Link { text: words.say("all_governments"), query: writing.link(&[]), here: false }],
        target: writing.target.to_string(),
        sections: vec![Section { heading: words.say("release_all"), texts, table, ..Section::default() }],
    })
}

/// One release.
fn one(writing: &Writing, bundle: &Bundle<'_>, reader: &Reader<'_>) -> Result<Report, ReportError> {
    let words = writing.words;
    let line = ReleaseLine::of(&bundle.kept)?;
    let lead: [(&str, &dyn Display); 4] = [
        ("round", &line.asked.round),
        ("date", &line.asked.date),
        ("rules", &line.rules.title),
        ("year", &line.asked.year),
    ];
    let mut notices = Vec::new();
    if line.open.is_any() {
        notices.push(words.say("release_open_notice"));
    }
    if let Some(before) = line.follows {
        notices.push(words.fill("release_follows", &[("number", &before)]));
    }
    let mut links = vec![Link {
        text: words.say("release_all"),
        query: writing.link(&[("release", "all")]),
        here: false,
    }];
    if let Some(before) = line.follows {
        let number = before.to_string();
        let text = words.fill("release_title", &[("number", &number)]);
        links.push(Link { text, query: writing.link(&[("release", &number)]), here: false });
    }
    let mut sections = vec![figures(writing, &line), open(writing, &line)];
    sections.push(governments(writing, bundle, &line, reader)?);
    if reader.has_files {
        sections.push(exports(writing, &line));
    }
    sections.push(files(writing, bundle, &line, reader));
    Ok(Report {
        title: words.fill("release_title", &[("number", &line.number)]),
        lead: words.fill("release_of", &lead),
        notices,
        links,
        target: writing.target.to_string(),
        sections,
    })
}

/// Names and figures.
fn pairs(writing: &Writing, pairs: &[(&str, u64)]) -> Table {
    let words = writing.words;
    let row = |(key, figure): &(&str, u64)| Row {
        cells: vec![Cell::of(words.say(key)), Cell::of(figure.to_string())],
        own: false,
    };
    let columns = vec![Column::words(words.say("what")), Column::figures(words.say("figure"))];
    Table { columns, rows: pairs.iter().map(row).collect() }
}

fn figures(writing: &Writing, line: &ReleaseLine) -> Section {
    let counts = &line.counts;
    let table = pairs(
        writing,
        &[
            ("release_governments", counts.governments),
            ("release_governments_scored", counts.governments_scored),
            ("units", counts.units),
            ("release_units_scored", counts.units_scored),
            ("not_assessed", counts.units_not_assessed),
            ("release_visits", counts.visits),
            ("interviews", counts.interviews),
            ("refused", counts.refused),
            ("release_withdrawn", counts.withdrawn),
            ("release_unfinished", counts.unfinished),
            ("release_answers", counts.answers),
            ("release_photos", counts.photos),
            ("release_changes", counts.changes),
        ],
    );
    Section {
        heading: writing.words.say("release_in_it"),
        texts: Vec::new(),
        picture: None,
        table: Some(table),
        ..Section::default()
    }
}

fn open(writing: &Writing, line: &ReleaseLine) -> Section {
    let (words, open) = (writing.words, &line.open);
    let heading = words.say("release_open");
    if !open.is_any() {
        let texts = vec![words.say("release_nothing_open")];
        return Section { heading, texts, ..Section::default() };
    }
    let table = pairs(
        writing,
        &[
            ("open_clashes", open.clashes),
            ("open_visits", open.visits),
            ("release_set_aside", open.set_aside),
            ("release_photos_missing", open.photos_missing),
            ("release_unlisted", open.unlisted),
        ],
    );
    Section { heading, texts: vec![words.say("release_open_text")], table: Some(table), ..Section::default() }
}

/// The governments' scores as they were released, the best first.
fn governments(
    writing: &Writing,
    bundle: &Bundle<'_>,
    line: &ReleaseLine,
    reader: &Reader<'_>,
) -> Result<Section, ReportError> {
    let words = writing.words;
    let mut all: Vec<GovernmentResult> = lines(GOVERNMENT_SCORES, &bundle.file(GOVERNMENT_SCORES)?)?;
    all.retain(|of| (reader.sees)(&of.score.name, &of.score.province));
    all.sort_by_key(|of| of.nation.map_or(usize::MAX, |rank| rank.place));
    let row = |of: &GovernmentResult| {
        let score = &of.score;
        let place = score.placed.as_ref();
        let mut cells = vec![
            Cell::of(of.nation.map(|rank| rank.place.to_string()).unwrap_or_default()),
            Cell::of(&score.name).noted(&score.province),
            match score.value {
                Some(value) => Cell::of(words.figure(value.shown)),
                None => Cell::of(words.say("nothing_yet")),
            },
            place.map_or_else(Cell::default, |place| zone_cell(place, words)),
            Cell::of(place.and_then(|place| place.opinion.clone()).unwrap_or_default()),
            Cell::of(state_of(score, words)),
        ];
        if reader.has_files {
            let saving = |text: &str, name: String| {
                Cell::of(words.say(text)).saving(export_address(line.number, &name), name)
            };
            cells.push(saving("rapor_pdf", rapor_of(&score.name, &score.province)));
            cells.push(saving("rapor_units", rapors_of_units(&score.name, &score.province)));
        }
        Row { cells, own: false }
    };
    let mut columns = vec![
        Column::figures(words.say("rank")),
        Column::words(words.say("name")),
        Column::figures(words.say("score")),
        Column::words(words.say("zone")),
        Column::words(words.say("opinion")),
        Column::words(words.say("state")),
    ];
    if reader.has_files {
        columns.extend(["rapor", "rapor_of_units"].map(|key| Column::words(words.say(key))));
    }
    let table = Some(Table { columns, rows: all.iter().map(row).collect() });
    Ok(Section { heading: words.say("release_scores"), texts: Vec::new(), table, ..Section::default() })
}

/// Whether a score may still change, is of a part, or rests on what is assumed; else that it counts.
fn state_of(score: &GovernmentScore, words: Words) -> String {
    // Where the zone is assumed its own cell says so.
    let zone_says = score.placed.as_ref().is_some_and(|placed| !placed.assumed.is_empty());
    let said = [
        Some(match (score.provisional, score.partial) {
            (true, _) => "provisional",
            (false, true) => "counts_partly",
            (false, false) => "counts",
        }),
        (!score.assumed.is_empty() && !zone_says).then_some("partly_assumed"),
    ];
    said.into_iter().flatten().map(|word| words.say(word)).collect::<Vec<_>>().join(", ")
}

/// Files to work with, made from the release.
fn exports(writing: &Writing, line: &ReleaseLine) -> Section {
    let words = writing.words;
    let notes = ["export_excel_id", "export_excel_en", "export_codebook", "export_tables"];
    let rows = offered(line.number).into_iter().zip(notes).map(|(name, note)| {
        let cell = Cell::of(words.say(note)).saving(export_address(line.number, &name), name);
        Row { cells: vec![cell], own: false }
    });
    let table = Table { columns: vec![Column::words(words.say("release_file"))], rows: rows.collect() };
    let texts = vec![words.say("export_lead")];
    Section { heading: words.say("exports"), texts, table: Some(table), ..Section::default() }
}

fn export_address(release: u32, name: &str) -> String {
    format!("/api/v1/releases/{release}/exports/{name}")
}

/// The files, and how one sees that they are those that were signed.
fn files(writing: &Writing, bundle: &Bundle<'_>, line: &ReleaseLine, reader: &Reader<'_>) -> Section {
    let words = writing.words;
    let heading = words.say("release_files");
    let mut texts = vec![
        words.fill("release_signed", &[("fingerprint", &line.fingerprint)]),
        words.fill("release_check", &[("number", &line.number)]),
    ];
    if !reader.has_files {
        texts.push(words.say("release_files_all_offices"));
        return Section { heading, texts, ..Section::default() };
    }
    let length = |name: &str| line.files.iter().find(|file| file.name == name).map(|file| file.length);
    let row = |name: &str| {
        let address = format!("/api/v1/releases/{}/{name}", line.number);
        let known = words.text(&format!("file_{}", name.replace(['.', '-'], "_")));
        let note = known.unwrap_or_else(|| words.say("file_instrument"));
        let cells = vec![
            Cell::of(name).noted(note).saving(address, format!("loket-{}-{name}", line.number)),
            Cell::of(length(name).map(|length| length.to_string()).unwrap_or_default()),
        ];
        Row { cells, own: false }
    };
    let columns = vec![Column::words(words.say("release_file")), Column::figures(words.say("release_bytes"))];
    let table = Some(Table { columns, rows: bundle.names().map(row).collect() });
    Section { heading, texts, table, ..Section::default() }
}
