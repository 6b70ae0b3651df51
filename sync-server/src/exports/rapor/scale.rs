//! The picture: the score on the method's bands.

use krilla::tagging::Tag;
use survey::scoring::rules::Zone;

use super::content::Sheet;
use super::draft::{Drawn, Ink, Role, rectangle};
use super::layout::{BODY, DARK, MARGIN, NOTE, Paper, SOFT, Style, TEXT, ink_of, mark};

/// Height of the picture's line of bands.
const BAR: f32 = 11.0;

/// The score in large figures, its verdict, and where it stands.
pub fn draw(paper: &mut Paper<'_>, sheet: &Sheet) {
    let ink = sheet.zone.map_or(DARK, ink_of);
    let large = Style { size: 40.0, bold: true, ink, leading: 50.0 };
    let after = MARGIN + paper.fonts.width(&sheet.figure, large.size, true) + 22.0;
    let top = paper.y;
    paper.draft.open(Tag::P);
    let figure = paper.line(&sheet.figure, MARGIN, top + 36.0, large);
    paper.draft.draw(paper.page, Role::Text, vec![figure]);
    let strong = Style { size: 12.0, bold: true, ink, leading: 17.0 };
    let lines = paper.fonts.lines(&sheet.verdict, strong.size, true, MARGIN + BODY - after);
    paper.y = top + if lines.len() > 1 { 8.0 } else { 19.0 };
    if let Some(zone) = sheet.zone {
        let shape = mark(zone, after - 10.0, paper.y + 7.6, 5.2);
        paper.draft.draw(paper.page, Role::Decoration, vec![shape]);
    }
    paper.text(&sheet.verdict, after, MARGIN + BODY - after, strong);
    paper.draft.close();
    paper.y = top + 62.0;
    bands(paper, sheet);
}

fn bands(paper: &mut Paper<'_>, sheet: &Sheet) {
    let x = |at: f32| MARGIN + BODY * at.clamp(0.0, 100.0) / 100.0;
    let y = paper.y;
    let mut drawn = Vec::new();
    for (place, band) in sheet.bands.iter().enumerate() {
        // A band ends where the next begins, with a hair of white between.
        let end = sheet.bands.get(place + 1).map_or(band.to.max(100.0), |next| next.from);
        let (left, right) = (x(band.from), x(end));
        drawn.push(rectangle(left, y, (right - left - 1.2).max(0.5), BAR, tint(band.zone)));
        drawn.push(mark(band.zone, left + 4.5, y + BAR + 10.0, 2.7));
        let small = Style { size: 7.5, ..NOTE };
        drawn.push(paper.line(&band.name, left + 10.0, y + BAR + 12.8, Style { bold: true, ..small }));
        let from = format!("{:.2}", band.from).replace('.', ",");
        drawn.push(paper.line(&from, left, y + BAR + 23.0, small));
    }
    if let Some(at) = sheet.at {
        let at = x(at);
        drawn.push(rectangle(at - 1.0, y - 4.0, 2.0, BAR + 8.0, DARK));
        let tip = vec![(at - 4.5, y - 10.0), (at + 4.5, y - 10.0), (at, y - 3.5)];
        drawn.push(Drawn::Shape { corners: tip, ink: DARK });
    }
    paper.draft.open(Tag::Figure(Some(sheet.picture.clone())));
    paper.draft.draw(paper.page, Role::Picture, drawn);
    paper.draft.close();
    paper.y = y + BAR + 34.0 + TEXT.size;
}

/// A zone's colour under other things.
fn tint(zone: Zone) -> Ink {
    match zone {
        Zone::Hijau => [134, 197, 154],
        Zone::Kuning => [240, 200, 110],
        Zone::Merah => [230, 150, 145],
    }
}

/// The colour of a bar beside a figure.
pub const BAR_INK: Ink = SOFT;
