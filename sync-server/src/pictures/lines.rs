//! Scores over the years as lines, with the years' methods told apart: a line is broken where the method changed,
//! since two figures of two methods do not compare.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{Band, Frame, INK, LETTER, LETTER_WIDTH, LINE, SOFT, Tone, fit, over, picture, px, rule, words};

/// Scores of one government or unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Whose.
    pub name: String,
    /// One a year, in order of years.
    pub points: Vec<Point>,
    /// True where the line is the one that the page is about.
    pub own: bool,
}

/// One year's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The year.
    pub year: u16,
    /// The score.
    pub at: f64,
    /// The score as people read it.
    pub text: String,
    /// Its zone in that year.
    pub tone: Tone,
    /// Names the method; two points are joined by a whole line where both have the same.
    pub method: String,
}

const HEAD: f64 = 26.0;
const FOOT: f64 = 34.0;

/// Draws all lines; `bands` are those of the last year's method and lie behind.
pub fn lines(frame: &Frame, bands: &[Band], all: &[Line], target: Option<(f64, &str)>) -> String {
    let height = (frame.width * 0.6).clamp(280.0, 420.0);
    let years: BTreeSet<u16> = all.iter().flat_map(|line| &line.points).map(|point| point.year).collect();
    let scale = Scale::of(frame, height, bands, all, &years);
    let drawn = html! {
        @for band in bands { (behind(&scale, band)) }
        @for year in &years { (mark_of(&scale, *year)) }
        @if let Some((value, text)) = target {
            (rule((scale.left, scale.y(value)), (scale.right, scale.y(value)), INK, true))
            (over(scale.left + 4.0, scale.y(value) - 5.0, "start", text))
        }
        @for line in all.iter().filter(|line| !line.own).chain(all.iter().filter(|line| line.own)) { (one(&scale, line)) }
        @for (line, y) in all.iter().zip(ends(&scale, all)) { (end(&scale, line, y)) }
    };
    picture(frame, height, &drawn)
}

/// Room for the names behind the lines.
fn names_of(frame: &Frame) -> f64 {
    (frame.width * if frame.width < 480.0 { 0.42 } else { 0.28 }).min(260.0)
}

struct Scale {
    left: f64,
    right: f64,
    /// Room behind it, for names.
    names: f64,
    top: f64,
    bottom: f64,
    lowest: f64,
    highest: f64,
    first: f64,
    last: f64,
}

impl Scale {
    fn of(frame: &Frame, height: f64, bands: &[Band], all: &[Line], years: &BTreeSet<u16>) -> Self {
        let scores = || all.iter().flat_map(|line| &line.points).map(|point| point.at);
        let highest = bands.iter().map(|band| band.to).chain(scores()).fold(1.0, f64::max);
        let lowest = ((scores().fold(highest, f64::min) - 8.0) / 10.0).floor().max(0.0) * 10.0;
        let edge = |year: Option<&u16>| year.map_or(0.0, |year| f64::from(*year));
        Self {
            left: 34.0,
            right: frame.width - names_of(frame),
            names: names_of(frame),
            top: HEAD,
            bottom: height - FOOT,
            lowest,
            highest,
            first: edge(years.first()),
            last: edge(years.last()),
        }
    }

    fn x(&self, year: u16) -> f64 {
        let inset = 26.0;
        let (left, right) = (self.left + inset, self.right - inset);
        if self.last <= self.first {
            return f64::midpoint(left, right);
        }
        left + (right - left) * (f64::from(year) - self.first) / (self.last - self.first)
    }

    /// A year in four figures where there is room, else in two.
    fn name_of(&self, year: u16) -> String {
        let step = (self.right - self.left - 52.0) / (self.last - self.first).max(1.0);
        if step < 40.0 { format!("’{:02}", year % 100) } else { year.to_string() }
    }

    fn y(&self, score: f64) -> f64 {
        let share = (score - self.lowest) / (self.highest - self.lowest).max(1.0);
        self.bottom - (self.bottom - self.top) * share.clamp(0.0, 1.0)
    }
}

fn behind(scale: &Scale, band: &Band) -> Markup {
    let (top, bottom) = (scale.y(band.to), scale.y(band.from));
    html! {
        @if bottom - top > 1.0 {
            rect x=(px(scale.left)) y=(px(top)) width=(px(scale.right - scale.left)) height=(px(bottom - top - 1.0)) fill=(band.tone.wash()) {}
            @if bottom - top > LETTER {
                (words(scale.left - 6.0, f64::midpoint(top, bottom) + 5.0, "end", SOFT, false, &fit(&band.name, scale.left - 8.0)))
            }
        }
    }
}

fn mark_of(scale: &Scale, year: u16) -> Markup {
    let x = scale.x(year);
    html! {
        (rule((x, scale.top), (x, scale.bottom), LINE, false))
        (words(x, scale.bottom + 20.0, "middle", SOFT, false, &scale.name_of(year)))
    }
}

fn one(scale: &Scale, line: &Line) -> Markup {
    let colour = if line.own { Tone::Plain.ink() } else { SOFT };
    html! {
        g {
            title { (line.name) @for point in &line.points { ", " (point.year) ": " (point.text) } }
            @for (from, to) in line.points.iter().zip(line.points.iter().skip(1)) {
                line x1=(px(scale.x(from.year))) y1=(px(scale.y(from.at))) x2=(px(scale.x(to.year))) y2=(px(scale.y(to.at))) stroke=(colour)
                    stroke-width=(if line.own { "3" } else { "1.5" }) stroke-dasharray=[(from.method != to.method).then_some("2 5")] {}
            }
            @for point in &line.points {
                (point.tone.mark(scale.x(point.year), scale.y(point.at)))
                @if line.own {
                    (over(scale.x(point.year), scale.y(point.at) - 13.0, "middle", &point.text))
                }
            }
        }
    }
}

/// Where the names of the lines stand: beside their last points, but never over each other.
fn ends(scale: &Scale, all: &[Line]) -> Vec<f64> {
    let wanted = |line: &Line| line.points.last().map_or(scale.bottom, |point| scale.y(point.at));
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| {
        let at = |index: &usize| all.get(*index).map_or(0.0, wanted);
        at(a).total_cmp(&at(b))
    });
    let mut places = vec![0.0; all.len()];
    let mut free = f64::MIN;
    for index in order {
        let at = all.get(index).map_or(0.0, wanted).max(free);
        if let Some(place) = places.get_mut(index) {
            *place = at;
        }
        free = at + LETTER + 3.0;
    }
    places
}

fn end(scale: &Scale, line: &Line, y: f64) -> Markup {
    let score = line.points.last().map(|point| point.text.as_str()).unwrap_or_default();
    let last = line.points.last().map_or(scale.right, |point| scale.x(point.year));
    let room = scale.names - 8.0 - LETTER_WIDTH * 6.0;
    html! {
        @if let Some(point) = line.points.last() {
            (rule((last + 9.0, scale.y(point.at)), (scale.right + 2.0, y), LINE, false))
        }
        text x=(px(scale.right + 6.0)) y=(px(y + 5.0)) fill=(INK) font-weight=[line.own.then_some("650")] {
            (score) " " (fit(&line.name, room))
        }
    }
}
