//! The map of findings: indicators by units, the darker the more is missing, with a sign in each cell.

use maud::{Markup, html};

use super::{Frame, INK, LETTER, LINE, SOFT, fit, picture, px, words};

/// What was found, one row an indicator, one column a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// The units' names; the columns carry their numbers, which the caller lists beside the picture.
    pub units: Vec<String>,
    /// The indicators' names with a cell for each unit.
    pub rows: Vec<(String, Vec<Cell>)>,
}

/// How much of an indicator a unit has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// A share of what there is to have, 0 to 1.
    Has(f64),
    /// Nobody answered.
    Unknown,
}

const SIDE: f64 = 34.0;
const HEAD: f64 = 26.0;

/// Draws the map. `signs` are the words of the legend, from nothing missing to all missing, then for what nobody answered.
pub fn findings(frame: &Frame, found: &Findings, signs: [&str; 4]) -> String {
    let columns = found.units.len().max(1);
    let names = (frame.width * 0.42).clamp(110.0, 340.0);
    let width = ((frame.width - names) / count(columns)).min(64.0);
    let bottom = HEAD + SIDE * count(found.rows.len());
    let drawn = html! {
        @for (unit, column) in found.units.iter().zip(0_u32..) {
            g {
                title { (unit) }
                (words(names + width * (f64::from(column) + 0.5), LETTER + 2.0, "middle", SOFT, false, &(column + 1).to_string()))
            }
        }
        @for ((name, cells), row) in found.rows.iter().zip(0_u32..) {
            @let y = HEAD + SIDE * f64::from(row);
            (words(0.0, y + SIDE / 2.0 + 5.0, "start", INK, false, &fit(name, names - 8.0)))
            @for ((cell, unit), column) in cells.iter().zip(&found.units).zip(0_u32..) {
                (one(*cell, names + width * f64::from(column), y, width, &format!("{name}, {unit}")))
            }
        }
        (legend(bottom + 12.0, frame.width, signs))
    };
    picture(frame, bottom + 12.0 + legend_height(frame.width), &drawn)
}

fn one(cell: Cell, x: f64, y: f64, width: f64, name: &str) -> Markup {
    let (colour, ink, sign) = look(cell);
    html! {
        g {
            title { (name) ": " (sign) }
            rect x=(px(x + 1.0)) y=(px(y + 1.0)) width=(px((width - 2.0).max(2.0))) height=(px(SIDE - 2.0)) rx="3" fill=(colour) stroke=(LINE) {}
            (words(x + width / 2.0, y + SIDE / 2.0 + 5.0, "middle", ink, true, sign))
        }
    }
}

/// Colour, ink and sign: one hue from light to dark, so that it reads in print and without colours, too.
fn look(cell: Cell) -> (&'static str, &'static str, &'static str) {
    match cell {
        Cell::Unknown => ("#ffffff", SOFT, "?"),
        Cell::Has(share) if share >= 1.0 => ("#f2f5f3", SOFT, "✓"),
        Cell::Has(share) if share >= 0.5 => ("#f3c9a5", INK, "◐"),
        Cell::Has(_) => ("#8c2f10", "#ffffff", "✕"),
    }
}

fn legend(y: f64, width: f64, signs: [&str; 4]) -> Markup {
    let shown = [Cell::Has(1.0), Cell::Has(0.5), Cell::Has(0.0), Cell::Unknown];
    let across = if width < 560.0 { 2_u32 } else { 4 };
    let step = width / f64::from(across);
    html! {
        @for ((cell, text), place) in shown.into_iter().zip(signs).zip(0_u32..) {
            @let (x, y) = (step * f64::from(place % across), y + 28.0 * f64::from(place / across));
            @let (colour, ink, sign) = look(cell);
            rect x=(px(x + 1.0)) y=(px(y)) width="24" height="22" rx="3" fill=(colour) stroke=(LINE) {}
            (words(x + 13.0, y + 16.0, "middle", ink, true, sign))
            (words(x + 32.0, y + 16.0, "start", SOFT, false, &fit(text, step - 36.0)))
        }
    }
}

fn legend_height(width: f64) -> f64 {
    if width < 560.0 { 58.0 } else { 30.0 }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}
