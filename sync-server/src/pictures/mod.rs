//! Pictures of results as SVG: dots against bands, lines between years, a map of findings, parts of a difference.
//!
//! A picture is text for a page or a print. It is drawn to the width it will have, so that letters keep their size on
//! a phone; every zone has a shape of its own, so that nothing is told by colour alone; the figures stand as a table
//! beside it, and its title and description say to a screen reader what is to be seen. All words are the caller's.

mod dots;
mod findings;
mod lines;
mod parts;
#[cfg(test)]
mod tests;

use maud::{Markup, html};

pub use dots::{Dot, dots};
pub use findings::{Cell, Findings, findings};
pub use lines::{Line, Point, lines};
pub use parts::{Part, Parts, parts};

/// How good something is, as zones tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Green zone.
    Good,
    /// Yellow zone.
    Middle,
    /// Red zone.
    Bad,
    /// Neither.
    Plain,
}

/// A range of scores with a name of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Its zone.
    pub tone: Tone,
    /// Its name: a letter or a word.
    pub name: String,
}

/// What stands around every picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Width in CSS pixels, from 300.
    pub width: f64,
    /// What the picture is, for screen readers.
    pub title: String,
    /// What is to be seen on it, in a sentence or two.
    pub description: String,
    /// What makes the ids of this picture its own on a page.
    pub id: String,
}

/// Ink of the letters, and the soft one for what is less important.
const INK: &str = "#17211f";
const SOFT: &str = "#4a5754";
const LINE: &str = "#d5dbd7";
const FONT: &str = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
/// Height of a letter's line, and about how wide a letter is, both in pixels.
const LETTER: f64 = 15.0;
const LETTER_WIDTH: f64 = 8.2;

impl Tone {
    /// The colour of marks; each has a contrast above 4.5 on white.
    const fn ink(self) -> &'static str {
        match self {
            Self::Good => "#1c6840",
            Self::Middle => "#8a5a00",
            Self::Bad => "#9c2318",
            Self::Plain => "#0b5c5c",
        }
    }

    /// The colour of areas behind marks.
    const fn wash(self) -> &'static str {
        match self {
            Self::Good => "#dcefe3",
            Self::Middle => "#fbeccb",
            Self::Bad => "#f9dfda",
            Self::Plain => "#e3f0ee",
        }
    }

    /// A mark at a point: a disc, a triangle, a square, a diamond.
    fn mark(self, x: f64, y: f64) -> Markup {
        let r = 7.0;
        let ring = "#ffffff";
        html! {
            @match self {
                Self::Good => circle cx=(px(x)) cy=(px(y)) r=(px(r)) fill=(self.ink()) stroke=(ring) stroke-width="2" {},
                Self::Middle => path d=(format!("M{} {}l{} {}h-{}z", px(x), px(y - r - 1.0), px(r + 1.0), px(2.0 * r), px(2.0 * r + 2.0)))
                    fill=(self.ink()) stroke=(ring) stroke-width="2" {},
                Self::Bad => rect x=(px(x - r)) y=(px(y - r)) width=(px(2.0 * r)) height=(px(2.0 * r))
                    fill=(self.ink()) stroke=(ring) stroke-width="2" {},
                Self::Plain => path d=(format!("M{} {}l{} {}l-{} {}l-{} -{}z", px(x), px(y - r), px(r), px(r), px(r), px(r), px(r), px(r)))
                    fill=(self.ink()) stroke=(ring) stroke-width="2" {},
            }
        }
    }
}

/// A length as SVG writes it: at most two decimals.
fn px(length: f64) -> String {
    let rounded = (length * 100.0).round() / 100.0;
    if rounded == 0.0 { "0".to_owned() } else { format!("{rounded}") }
}

/// The part of a text that has room in `width` pixels; cut ones end in `…` and carry the whole as their title.
fn fit(text: &str, width: f64) -> String {
    let room = (width / LETTER_WIDTH).max(1.0);
    let mut fitted = String::new();
    let mut used = 0.0;
    for letter in text.chars() {
        used += 1.0;
        if used > room {
            fitted.pop();
            fitted.push('…');
            return fitted;
        }
        fitted.push(letter);
    }
    fitted
}

/// A text at a point; `anchor` is `start`, `middle` or `end`.
fn words(x: f64, y: f64, anchor: &str, colour: &str, bold: bool, text: &str) -> Markup {
    html! {
        text x=(px(x)) y=(px(y)) text-anchor=(anchor) fill=(colour) font-weight=[bold.then_some("650")] { (text) }
    }
}

/// A text that lies over lines and areas: a white edge keeps it readable.
fn over(x: f64, y: f64, anchor: &str, text: &str) -> Markup {
    html! {
        text x=(px(x)) y=(px(y)) text-anchor=(anchor) fill=(INK) font-weight="650" stroke="#ffffff" stroke-width="4"
            stroke-linejoin="round" paint-order="stroke" { (text) }
    }
}

/// A line of the given colour; dashed where it is a mark and not an axis.
fn rule(from: (f64, f64), to: (f64, f64), colour: &str, dashed: bool) -> Markup {
    html! {
        line x1=(px(from.0)) y1=(px(from.1)) x2=(px(to.0)) y2=(px(to.1)) stroke=(colour) stroke-width=(if dashed { "2" } else { "1" })
            stroke-dasharray=[dashed.then_some("5 4")] {}
    }
}

/// The picture around what was drawn.
fn picture(frame: &Frame, height: f64, drawn: &Markup) -> String {
    let (title, description) = (format!("{}-title", frame.id), format!("{}-desc", frame.id));
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {} {}", px(frame.width), px(height))) width=(px(frame.width))
            height=(px(height)) role="img" aria-labelledby=(format!("{title} {description}")) font-family=(FONT) font-size="14" {
            title id=(title) { (frame.title) }
            desc id=(description) { (frame.description) }
            (drawn)
        }
    }
    .into_string()
}
