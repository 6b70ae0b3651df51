//! A government's published results over the years: the line among its neighbours', and what is known of each step.

use std::collections::BTreeSet;

use survey::scoring::exact::Exact;

use super::ladder::{at, bands, placed, tone_of, zone_cell};
use super::published::Facts;
use super::report::{Cell, Column, Row, Section, Table};
use super::words::Words;
use super::{ReportError, Writing};
use crate::catalogue::Published;
use crate::pictures::{Frame, Line, Point, lines};

impl Facts<'_> {
    /// The government's own line among its neighbours'.
    pub(super) fn journey(&self, writing: &Writing, name: &str, own: &[&Published]) -> Section {
        let words = writing.words;
        let (level, parent) = own.last().map_or(("", ""), |last| (last.level.as_str(), last.parent.as_str()));
        let beside: BTreeSet<&str> = self
            .results
            .iter()
            .filter(|result| result.level == level && result.parent == parent && parent != "Indonesia")
            .map(|result| result.entity.as_str())
            .collect();
        let names = std::iter::once(name).chain(beside.into_iter().filter(|other| *other != name)).take(6);
        let shown: Vec<(&str, Vec<&Published>)> = names.map(|of| (of, self.of(of))).collect();
        let drawn: Vec<Line> = shown
            .iter()
            .map(|(of, results)| Line {
                name: (*of).to_owned(),
                points: results.iter().filter_map(|result| self.point(result, words)).collect(),
                own: *of == name,
            })
            .collect();
        let frame = Frame {
            width: writing.width,
            title: format!("{}: {name}", words.say("picture_lines")),
            description: words.say("picture_lines_text"),
            id: "lines".to_owned(),
        };
        let method = own.last().and_then(|last| self.methods.of_year(last.year).ok());
        let bands = method.map(|method| bands(method, words)).unwrap_or_default();
        let target = words.fill("target", &[("target", &writing.target_text())]);
        let picture = lines(&frame, &bands, &drawn, Some((at(writing.target), &target)));
        let mut rows = Vec::new();
        for (of, result) in shown.iter().flat_map(|(of, results)| results.iter().map(move |one| (of, one))) {
            let place =
                self.methods.of_year(result.year).ok().and_then(|method| placed(method, result.score));
            rows.push(Row {
                cells: vec![
                    Cell::of(*of),
                    Cell::of(result.year.to_string()),
                    Cell::of(words.figure(result.score)),
                    place.as_ref().map_or_else(Cell::default, |place| zone_cell(place, words)),
                    Cell::of(place.and_then(|place| place.opinion).unwrap_or_default()),
                    // A neighbour's sources stand on its own page.
                    if *of == name { Cell::of(&result.source) } else { Cell::default() },
                ],
                own: *of == name,
            });
        }
        let columns = vec![
            Column::words(words.say("name")),
            Column::words(words.say("year")),
            Column::figures(words.say("score")),
            Column::words(words.say("zone")),
            Column::words(words.say("opinion")),
            Column::words(words.say("source")),
        ];
        let table = Some(Table { columns, rows });
        Section {
            heading: words.say("journey"),
            texts: vec![words.say("journey_note")],
            picture: Some(picture),
            table,
            ..Section::default()
        }
    }

    fn point(&self, result: &Published, words: Words) -> Option<Point> {
        let method = self.methods.of_year(result.year).ok()?;
        Some(Point {
            year: result.year,
            at: at(result.score),
            text: words.figure(result.score),
            tone: tone_of(placed(method, result.score)?.zone),
            method: method.rules.id.clone(),
        })
    }

    /// What is known of each step from one year to the next; none where there is but one.
    pub(super) fn changes(
        &self,
        writing: &Writing,
        own: &[&Published],
    ) -> Result<Option<Section>, ReportError> {
        let words = writing.words;
        let mut rows = Vec::new();
        let mut texts = Vec::new();
        for (from, to) in own.iter().zip(own.iter().skip(1)) {
            let difference = words.difference(to.score.exact().minus(from.score.exact())?.rounded()?);
            let (Ok(before), Ok(after)) = (self.methods.of_year(from.year), self.methods.of_year(to.year))
            else {
                continue;
            };
            let same = before.rules.id == after.rules.id;
            texts.push(if same {
                let method = &after.rules.id;
                let parts: [(&str, &dyn std::fmt::Display); 4] =
                    [("from", &from.year), ("to", &to.year), ("difference", &difference), ("method", method)];
                words.fill("change_same", &parts)
            } else {
                let parts: [(&str, &dyn std::fmt::Display); 5] = [
                    ("from", &from.year),
                    ("to", &to.year),
                    ("difference", &difference),
                    ("method_from", &before.rules.id),
                    ("method_to", &after.rules.id),
                ];
                words.fill("change_method", &parts)
            });
            let unknown = words.say("unknown");
            let method = if same { words.difference(Exact::ZERO.rounded()?) } else { unknown.clone() };
            let rest = if same { difference.clone() } else { unknown };
            let cells = [format!("{} → {}", from.year, to.year), difference, method, rest];
            rows.push(Row { cells: cells.map(Cell::of).to_vec(), own: false });
        }
        if rows.is_empty() {
            return Ok(None);
        }
        texts.push(words.say("change_parts"));
        let columns = vec![
            Column::words(words.say("year")),
            Column::figures(words.say("difference")),
            Column::figures(words.say("part_method")),
            Column::figures(words.say("part_rest")),
        ];
        let table = Some(Table { columns, rows });
        Ok(Some(Section { heading: words.say("change"), texts, table, ..Section::default() }))
    }
}
