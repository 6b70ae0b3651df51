//! A method's bands, and where a score stands on them: pictures and cells that several reports share.

use survey::scoring::exact::{FigureError, Score};
use survey::scoring::methods::{Method, Placed};
use survey::scoring::rules::Zone;

use super::report::{Cell, Tone};
use super::words::Words;
use crate::pictures;

/// A score as a place on a picture.
pub(super) fn at(score: Score) -> f64 {
    // Hundredths of scores are far below what a double holds exactly.
    score.to_string().parse().unwrap_or(0.0)
}

/// The zone's look on pictures.
pub(super) fn tone_of(zone: Zone) -> pictures::Tone {
    match zone {
        Zone::Hijau => pictures::Tone::Good,
        Zone::Kuning => pictures::Tone::Middle,
        Zone::Merah => pictures::Tone::Bad,
    }
}

/// The zone's look in tables.
pub(super) fn cell_tone(zone: Zone) -> Tone {
    match zone {
        Zone::Hijau => Tone::Good,
        Zone::Kuning => Tone::Care,
        Zone::Merah => Tone::Bad,
    }
}

/// The bands of a method for pictures; each reaches up to where the next begins, so that no hundredth is white.
pub(super) fn bands(method: Method<'_>, words: Words) -> Vec<pictures::Band> {
    let all = &method.rules.bands;
    let above = |index: usize| index.checked_sub(1).and_then(|above| all.get(above));
    let band = |(index, band): (usize, &survey::scoring::rules::Band)| pictures::Band {
        from: at(band.from),
        to: above(index).map_or_else(|| at(band.to), |next| at(next.from)),
        tone: tone_of(band.zone),
        name: band.category.clone().unwrap_or_else(|| words.zone(band.zone)),
    };
    all.iter().enumerate().map(band).collect()
}

/// What a score is called under a method; none off its scale.
pub(super) fn placed(method: Method<'_>, score: Score) -> Option<Placed> {
    method.place(score.exact()).ok()
}

/// Category and zone in one cell, with the word for it where one of them is assumed.
pub(super) fn zone_cell(placed: &Placed, words: Words) -> Cell {
    let zone = words.zone(placed.zone);
    let text =
        placed.category.as_ref().map_or_else(|| zone.clone(), |category| format!("{category} · {zone}"));
    let cell = Cell::of(text).toned(cell_tone(placed.zone));
    if placed.assumed.is_empty() { cell } else { cell.noted(words.say("partly_assumed")) }
}

/// How far it is to the next band.
///
/// # Errors
/// Where a figure does not fit.
pub(super) fn next_cell(method: Method<'_>, score: Score, words: Words) -> Result<Cell, FigureError> {
    let Some(next) = method.next_band(score) else { return Ok(Cell::of(words.say("highest"))) };
    let points = words.figure(next.from.exact().minus(score.exact())?.rounded()?);
    let band = next.category.clone().unwrap_or_else(|| words.zone(next.zone));
    Ok(Cell::of(words.fill("next_band", &[("points", &points), ("band", &band)])))
}

/// How far it is to a target.
///
/// # Errors
/// Where a figure does not fit.
pub(super) fn target_cell(target: Score, score: Score, words: Words) -> Result<Cell, FigureError> {
    if score >= target {
        return Ok(Cell::of(words.say("reached")));
    }
    let points = words.figure(target.exact().minus(score.exact())?.rounded()?);
    Ok(Cell::of(words.fill("lacking", &[("points", &points)])))
}
