//! Reports from results that were really published: where a government stands, how it got there, what is known of a change.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use replica::api::Unit;
use survey::scoring::exact::{Exact, FigureError, Score};
use survey::scoring::mean::{mean_of, published as rounded};
use survey::scoring::methods::Methods;
use survey::scoring::rules::MeanOver;

use super::ladder::{at, bands, next_cell, placed, target_cell, tone_of, zone_cell};
use super::report::{Cell, Column, Link, Report, Row, Section, Table};
use super::{ReportError, Writing};
use crate::catalogue::Published;
use crate::pictures::{Dot, Frame, dots};

/// Rows of a picture; the table beside has all of them.
const DRAWN: usize = 20;
/// Levels that are ranked, each by itself, in the order of the page.
const LEVELS: [&str; 5] = ["kota", "kabupaten", "provinsi", "kementerian", "lembaga"];

/// What is known.
pub(super) struct Facts<'a> {
    pub methods: &'a Methods,
    pub results: Vec<Published>,
    pub units: Vec<Unit>,
}

impl Facts<'_> {
    /// All governments of a year, ranked.
    pub fn overview(&self, writing: &Writing) -> Result<Report, ReportError> {
        let words = writing.words;
        if self.results.is_empty() {
            return Ok(Report {
                title: words.say("overview_title"),
                lead: words.say("nothing_published"),
                notices: Vec::new(),
                links: Vec::new(),
                target: writing.target.to_string(),
                sections: Vec::new(),
            });
        }
        let year = writing.query.year.or_else(|| self.years().last().copied()).unwrap_or_default();
        let of_year = |result: &&Published| result.year == year && result.level != "unit";
        let inside =
            |result: &&Published| writing.query.province.as_ref().is_none_or(|own| *own == result.parent);
        let count = self.results.iter().filter(of_year).filter(inside).count();
        let mut sections = vec![self.ours(writing)?];
        for level in LEVELS {
            let of_level =
                self.results.iter().filter(of_year).filter(inside).filter(|result| result.level == level);
            let ranked = ranked(of_level.collect());
            if !ranked.is_empty() {
                let level = words.say(&format!("level_{level}"));
                let heading = words.fill("ranked", &[("year", &year), ("level", &level)]);
                sections.push(self.ladder(writing, heading, year, &ranked, "")?);
            }
        }
        Ok(Report {
            title: words.say("overview_title"),
            lead: words.fill("overview_lead", &[("count", &count), ("year", &year)]),
            notices: vec![words.say("only_published")],
            links: self.year_links(writing, year),
            target: writing.target.to_string(),
            sections,
        })
    }

    /// One government over the years.
    pub fn government(&self, writing: &Writing, name: &str) -> Result<Report, ReportError> {
        let words = writing.words;
        let own = self.of(name);
        let Some(last) = own.last() else { return Ok(self.unknown(writing, name)) };
        let method = self.methods.of_year(last.year).ok();
        let placed = method.and_then(|method| placed(method, last.score));
        let assumed = placed.iter().flat_map(|placed| &placed.assumed);
        Ok(Report {
            title: name.to_owned(),
            lead: lead(writing, last, placed.as_ref())?,
            notices: words.assumptions(assumed).into_iter().collect(),
            links: vec![Link { text: words.say("all_governments"), query: writing.link(&[]), here: false }],
            target: writing.target.to_string(),
            sections: [
                Some(self.journey(writing, name, &own)),
                self.changes(writing, &own)?,
                self.neighbours(writing, name, last)?,
                self.units_of(writing, name)?,
            ]
            .into_iter()
            .flatten()
            .collect(),
        })
    }

    fn unknown(&self, writing: &Writing, name: &str) -> Report {
        let words = writing.words;
        let listed = self.units.iter().any(|unit| unit.government == name);
        Report {
            title: name.to_owned(),
            lead: words.say(if listed { "none_published" } else { "not_found" }),
            notices: Vec::new(),
            links: vec![Link { text: words.say("all_governments"), query: writing.link(&[]), here: false }],
            target: writing.target.to_string(),
            sections: Vec::new(),
        }
    }

    fn years(&self) -> BTreeSet<u16> {
        self.results.iter().filter(|result| result.level != "unit").map(|result| result.year).collect()
    }

    fn year_links(&self, writing: &Writing, shown: u16) -> Vec<Link> {
        let link = |year: u16| {
            let text = year.to_string();
            Link { query: writing.link(&[("year", &text)]), text, here: year == shown }
        };
        self.years().into_iter().rev().map(link).collect()
    }

    /// Results of a government, one a year.
    pub(super) fn of(&self, name: &str) -> Vec<&Published> {
        self.results.iter().filter(|result| result.level != "unit" && result.entity == name).collect()
    }

    /// The governments whose units are listed, each with its latest result.
    fn ours(&self, writing: &Writing) -> Result<Section, ReportError> {
        let words = writing.words;
        let governments: BTreeSet<(&str, &str)> =
            self.units.iter().map(|unit| (unit.government.as_str(), unit.province.as_str())).collect();
        let mut rows = Vec::new();
        for (government, province) in governments {
            let name =
                Cell::of(government).opening(writing.link(&[("government", government)])).noted(province);
            let cells = match self.of(government).last() {
                Some(last) => [vec![name], self.standing(writing, last)?].concat(),
                None => vec![name, Cell::of(words.say("none_published"))],
            };
            rows.push(Row { cells, own: false });
        }
        let columns = [vec![Column::words(words.say("name"))], standing_columns(writing)].concat();
        let table = Some(Table { columns, rows });
        Ok(Section {
            heading: words.say("ours"),
            texts: vec![words.say("ours_note")],
            table,
            ..Section::default()
        })
    }

    /// Year, score, zone, and how far it is to go.
    fn standing(&self, writing: &Writing, result: &Published) -> Result<Vec<Cell>, FigureError> {
        let words = writing.words;
        let method = self.methods.of_year(result.year).ok();
        let place = method.and_then(|method| placed(method, result.score));
        Ok(vec![
            Cell::of(result.year.to_string()),
            Cell::of(words.figure(result.score)),
            place.map_or_else(Cell::default, |place| zone_cell(&place, words)),
            method.map_or_else(|| Ok(Cell::default()), |method| next_cell(method, result.score, words))?,
            target_cell(writing.target, result.score, words)?,
        ])
    }

    /// Ranked results of one year as dots and as a table.
    fn ladder(
        &self,
        writing: &Writing,
        heading: String,
        year: u16,
        ranked: &[(usize, &Published)],
        own: &str,
    ) -> Result<Section, ReportError> {
        let words = writing.words;
        let method = self.methods.of_year(year).ok();
        let dot = |(_, result): &(usize, &Published)| Dot {
            name: result.entity.clone(),
            text: words.figure(result.score),
            at: Some(at(result.score)),
            tone: method
                .and_then(|method| placed(method, result.score))
                .map_or(crate::pictures::Tone::Plain, |place| tone_of(place.zone)),
            own: result.entity == own,
        };
        let drawn: Vec<Dot> = ranked.iter().take(DRAWN).map(dot).collect();
        let target = words.fill("target", &[("target", &writing.target_text())]);
        let frame = Frame {
            width: writing.width,
            title: format!("{}. {heading}", words.say("picture_dots")),
            description: words.fill("picture_dots_text", &[("count", &drawn.len())]),
            id: format!(
                "dots-{year}-{}",
                ranked.first().map(|(_, first)| first.level.as_str()).unwrap_or_default()
            ),
        };
        let bands = method.map(|method| bands(method, words)).unwrap_or_default();
        let picture = dots(&frame, &bands, &drawn, Some((at(writing.target), &target)));
        let mut rows = Vec::new();
        for (rank, result) in ranked {
            let name = Cell::of(&result.entity).noted(&result.parent);
            let name = if result.level == "unit" {
                name
            } else {
                name.opening(writing.link(&[("government", &result.entity)]))
            };
            let cells = [vec![Cell::of(rank.to_string()), name], self.standing(writing, result)?].concat();
            rows.push(Row { cells, own: result.entity == own });
        }
        let head = vec![Column::figures(words.say("rank")), Column::words(words.say("name"))];
        let columns = [head, standing_columns(writing)].concat();
        let table = Some(Table { columns, rows });
        Ok(Section {
            heading,
            texts: vec![words.say("ranked_note")],
            picture: Some(picture),
            table,
            ..Section::default()
        })
    }

    /// All of the same province in the government's last year, cities and regencies together.
    fn neighbours(
        &self,
        writing: &Writing,
        name: &str,
        last: &Published,
    ) -> Result<Option<Section>, ReportError> {
        let beside = |result: &&Published| {
            result.year == last.year && result.parent == last.parent && result.level != "unit"
        };
        let ranked = ranked(self.results.iter().filter(beside).collect());
        if ranked.len() < 2 {
            return Ok(None);
        }
        let parts: [(&str, &dyn std::fmt::Display); 2] = [("province", &last.parent), ("year", &last.year)];
        let heading = writing.words.fill("neighbours", &parts);
        self.ladder(writing, heading, last.year, &ranked, name).map(Some)
    }

    /// Units that were published with their government, and whether their mean is its score.
    fn units_of(&self, writing: &Writing, name: &str) -> Result<Option<Section>, ReportError> {
        let words = writing.words;
        let of_name = |result: &&Published| result.level == "unit" && result.parent == name;
        let Some(year) = self.results.iter().filter(of_name).map(|result| result.year).max() else {
            return Ok(None);
        };
        let units =
            ranked(self.results.iter().filter(of_name).filter(|result| result.year == year).collect());
        let heading = words.fill("units_title", &[("year", &year)]);
        let mut section = self.ladder(writing, heading, year, &units, "")?;
        let method = self.methods.of_year(year).ok();
        let own = self.of(name).into_iter().find(|result| result.year == year);
        if let Some((method, own)) = method.zip(own)
            && method.rules.mean.over.value == MeanOver::Units
        {
            let scores: Vec<Exact> = units.iter().map(|(_, unit)| unit.score.exact()).collect();
            let mean =
                mean_of(method.rules, &scores, 0)?.map(|mean| rounded(method.rules, mean)).transpose()?;
            let mean = mean.map(|mean| words.figure(mean)).unwrap_or_default();
            let parts: [(&str, &dyn std::fmt::Display); 3] =
                [("count", &units.len()), ("mean", &mean), ("score", &words.figure(own.score))];
            section.texts.push(words.fill("units_mean", &parts));
        }
        Ok(Some(section))
    }
}

fn standing_columns(writing: &Writing) -> Vec<Column> {
    let words = writing.words;
    vec![
        Column::words(words.say("year")),
        Column::figures(words.say("score")),
        Column::words(words.say("zone")),
        Column::words(words.say("to_next")),
        Column::words(words.fill("to_target", &[("target", &writing.target_text())])),
    ]
}

fn lead(
    writing: &Writing,
    last: &Published,
    place: Option<&survey::scoring::methods::Placed>,
) -> Result<String, FigureError> {
    let words = writing.words;
    let (score, target) = (words.figure(last.score), writing.target_text());
    let zone = place.map(|place| words.zone(place.zone)).unwrap_or_default();
    let category = place.and_then(|place| place.category.clone());
    let mut parts: Vec<(&str, &dyn std::fmt::Display)> =
        vec![("year", &last.year), ("score", &score), ("zone", &zone)];
    let standing = match &category {
        Some(category) => {
            parts.push(("category", category));
            words.fill("government_lead_category", &parts)
        }
        None => words.fill("government_lead", &parts),
    };
    if last.score >= writing.target {
        return Ok(format!("{standing} {}", words.fill("government_aim_reached", &[("target", &target)])));
    }
    let points = words.figure(writing.target.exact().minus(last.score.exact())?.rounded()?);
    Ok(format!("{standing} {}", words.fill("government_aim", &[("points", &points), ("target", &target)])))
}

/// From the highest score to the lowest; equal scores share a rank.
fn ranked(mut results: Vec<&Published>) -> Vec<(usize, &Published)> {
    results.sort_by(|a, b| (Reverse(a.score), &a.entity).cmp(&(Reverse(b.score), &b.entity)));
    let better = |score: Score| results.iter().filter(|other| other.score > score).count();
    results.iter().map(|result| (better(result.score) + 1, *result)).collect()
}
