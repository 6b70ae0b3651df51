//! A difference between two years taken apart: steps from the first score to the second.

use maud::{Markup, html};

use super::{Frame, INK, LETTER, LINE, SOFT, Tone, fit, picture, px, rule, words};

/// A difference and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// The first score: its name, where it stands, and how people read it.
    pub from: (String, f64, String),
    /// The steps in order; together they lead from the first to the last.
    pub steps: Vec<Part>,
    /// The second score.
    pub to: (String, f64, String),
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What brought it about.
    pub name: String,
    /// How much; none where nobody can know.
    pub by: Option<f64>,
    /// As people read it: `+3.20`, or that it is not known.
    pub text: String,
}

const ROW: f64 = 48.0;

/// Draws the steps from top to bottom.
pub fn parts(frame: &Frame, found: &Parts) -> String {
    let mut at = found.from.1;
    let mut reached = vec![at, found.to.1];
    for step in &found.steps {
        at += step.by.unwrap_or(0.0);
        reached.push(at);
    }
    let lowest = reached.iter().copied().fold(f64::MAX, f64::min) - 4.0;
    let highest = reached.iter().copied().fold(f64::MIN, f64::max) + 4.0;
    let scale = |value: f64| 8.0 + (frame.width - 16.0) * (value - lowest) / (highest - lowest).max(1.0);
    let mut at = found.from.1;
    let mut rows = Vec::new();
    for step in &found.steps {
        let to = at + step.by.unwrap_or(0.0);
        rows.push((step, scale(at), scale(to)));
        at = to;
    }
    let last = ROW * (f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)) + 1.0);
    let drawn = html! {
        (whole(frame, 0.0, &found.from, scale(found.from.1)))
        @for ((step, from, to), row) in rows.iter().zip(1_u32..) { (one(frame, ROW * f64::from(row), step, *from, *to)) }
        (whole(frame, last, &found.to, scale(found.to.1)))
    };
    picture(frame, last + ROW, &drawn)
}

fn heading(frame: &Frame, y: f64, name: &str, text: &str, bold: bool) -> Markup {
    html! {
        (words(8.0, y + LETTER + 2.0, "start", INK, bold, &fit(name, frame.width * 0.68)))
        (words(frame.width - 8.0, y + LETTER + 2.0, "end", INK, true, text))
    }
}

fn whole(frame: &Frame, y: f64, (name, _, text): &(String, f64, String), x: f64) -> Markup {
    html! {
        (heading(frame, y, name, text, true))
        rect x="8" y=(px(y + 24.0)) width=(px((x - 8.0).max(1.0))) height="12" rx="2" fill=(Tone::Plain.ink()) {}
    }
}

fn one(frame: &Frame, y: f64, step: &Part, from: f64, to: f64) -> Markup {
    let tone = match step.by {
        Some(by) if by > 0.0 => Tone::Good,
        Some(by) if by < 0.0 => Tone::Bad,
        _ => Tone::Plain,
    };
    html! {
        (heading(frame, y, &step.name, &step.text, false))
        (rule((from, y - 12.0), (from, y + 36.0), LINE, false))
        @if step.by.is_some() {
            rect x=(px(from.min(to))) y=(px(y + 24.0)) width=(px((from - to).abs().max(2.0))) height="12" rx="2" fill=(tone.ink()) {}
            (words(if to >= from { to + 6.0 } else { to - 6.0 }, y + 35.0, if to >= from { "start" } else { "end" }, tone.ink(), true, if to >= from { "▸" } else { "◂" }))
        } @else {
            (rule((8.0, y + 30.0), (frame.width - 8.0, y + 30.0), SOFT, true))
        }
    }
}
