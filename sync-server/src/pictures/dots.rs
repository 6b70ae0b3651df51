//! Scores of governments or units as dots against the bands, one a row: where each stands, and how far it is to go.

use maud::{Markup, html};

use super::{Band, Frame, INK, LETTER, LETTER_WIDTH, LINE, SOFT, Tone, fit, picture, px, rule, words};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    /// Whose score.
    pub name: String,
    /// The score as people read it.
    pub text: String,
    /// Where the mark stands; none where there is no score.
    pub at: Option<f64>,
    /// The score's zone.
    pub tone: Tone,
    /// True where the row is the one that the page is about.
    pub own: bool,
}

const ROW: f64 = 52.0;
const HEAD: f64 = 30.0;
const SIDE: f64 = 10.0;

/// Draws the rows from top to bottom, with a mark at `target` on each where there is one (its value and its words).
pub fn dots(frame: &Frame, bands: &[Band], rows: &[Dot], target: Option<(f64, &str)>) -> String {
    let top = bands.iter().map(|band| band.to).fold(1.0, f64::max);
    let bottom = HEAD + ROW * count(rows.len()) + if target.is_some() { LETTER + 8.0 } else { 4.0 };
    let scale = Scale { left: SIDE, width: (frame.width - 2.0 * SIDE).max(1.0), top };
    let drawn = html! {
        @for band in bands { (named(&scale, band)) }
        @for (row, y) in rows.iter().zip(0_u32..) { (one(&scale, bands, row, HEAD + ROW * f64::from(y), target.map(|(value, _)| value))) }
        @if let Some((value, words)) = target { (aim(&scale, value, words, bottom)) }
    };
    picture(frame, bottom, &drawn)
}

/// Where scores stand from left to right.
struct Scale {
    left: f64,
    width: f64,
    top: f64,
}

impl Scale {
    fn x(&self, score: f64) -> f64 {
        self.left + self.width * (score / self.top).clamp(0.0, 1.0)
    }
}

/// The name of a band over its range, where it has room.
fn named(scale: &Scale, band: &Band) -> Markup {
    let (from, to) = (scale.x(band.from), scale.x(band.to));
    let needed = band.name.chars().map(|_| LETTER_WIDTH).sum::<f64>();
    html! {
        @if needed <= to - from { (words(f64::midpoint(from, to), LETTER, "middle", SOFT, false, &band.name)) }
    }
}

fn one(scale: &Scale, bands: &[Band], row: &Dot, y: f64, goal: Option<f64>) -> Markup {
    let base = y + LETTER + 3.0;
    let track = base + 15.0;
    let room = scale.width - width_of(&row.text) - 16.0;
    let at = row.at.map(|score| scale.x(score));
    html! {
        g {
            title { (row.name) ": " (row.text) }
            (words(scale.left, base, "start", INK, row.own, &fit(&row.name, room)))
            (words(scale.left + scale.width, base, "end", if row.at.is_some() { row.tone.ink() } else { SOFT }, true, &row.text))
            @for band in bands {
                @let (from, to) = (scale.x(band.from), scale.x(band.to));
                rect x=(px(from)) y=(px(track - 5.0)) width=(px((to - from - 1.5).max(0.5))) height="10" rx="2" fill=(band.tone.wash()) {}
            }
            @if let Some(goal) = goal {
                (rule((scale.x(goal), track - 12.0), (scale.x(goal), track + 12.0), INK, true))
            }
            @if let Some(x) = at {
                (rule((scale.left, track), (x, track), row.tone.ink(), false))
                (row.tone.mark(x, track))
            } @else {
                (rule((scale.left, track), (scale.left + scale.width, track), LINE, true))
            }
        }
    }
}

fn aim(scale: &Scale, value: f64, text: &str, bottom: f64) -> Markup {
    let x = scale.x(value);
    let half = width_of(text) / 2.0;
    let middle = x.clamp(scale.left + half, (scale.left + scale.width - half).max(scale.left + half));
    html! {
        (words(middle, bottom - 4.0, "middle", INK, true, text))
    }
}

fn width_of(text: &str) -> f64 {
    text.chars().map(|_| LETTER_WIDTH).sum()
}

fn count(rows: usize) -> f64 {
    u32::try_from(rows).map_or(f64::from(u32::MAX), f64::from)
}
