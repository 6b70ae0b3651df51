//! Sets a rapor on pages, from top to bottom.

use std::num::NonZeroU16;

use krilla::tagging::{ListNumbering, Tag};
use survey::scoring::rules::Zone;

use super::content::Sheet;
use super::draft::{Draft, Drawn, HEIGHT, Heading, Ink, Role, WIDTH, rectangle};
use super::ink::Fonts;
use super::{scale, table};

/// Left and right of the text.
pub const MARGIN: f32 = 54.0;
/// The width of the text.
pub const BODY: f32 = WIDTH - 2.0 * MARGIN;
const TOP: f32 = 56.0;
/// Nothing but the foot stands below.
const BOTTOM: f32 = HEIGHT - 62.0;

pub const DARK: Ink = [28, 25, 23];
pub const SOFT: Ink = [87, 83, 78];
pub const RULE: Ink = [214, 211, 209];
pub const WASH: Ink = [245, 245, 244];

/// Where the next thing goes.
pub struct Paper<'a> {
    pub draft: Draft,
    pub fonts: &'a Fonts,
    pub page: usize,
    pub y: f32,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub struct Style {
    pub size: f32,
    pub bold: bool,
    pub ink: Ink,
    /// From one baseline to the next.
    pub leading: f32,
}

pub const TEXT: Style = Style { size: 9.5, bold: false, ink: DARK, leading: 14.0 };
pub const NOTE: Style = Style { size: 8.5, bold: false, ink: SOFT, leading: 12.0 };

/// The pages of a rapor.
pub fn lay_out(sheet: &Sheet, fonts: &Fonts) -> Draft {
    let mut paper = Paper { draft: Draft::new(), fonts, page: 0, y: TOP };
    head(&mut paper, sheet);
    scale::draw(&mut paper, sheet);
    facts(&mut paper, sheet);
    notices(&mut paper, sheet);
    for one in &sheet.tables {
        table::draw(&mut paper, one);
    }
    feet(&mut paper, sheet);
    paper.draft
}

impl Paper<'_> {
    /// Goes on to a new page unless there is this much room.
    pub fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.page += 1;
            self.draft.pages = self.page + 1;
            self.y = TOP;
        }
    }

    /// Lines of text; `y` is below them then. Each line is a piece of its own, so that a page may end between.
    pub fn text(&mut self, text: &str, x: f32, width: f32, style: Style) {
        for line in self.fonts.lines(text, style.size, style.bold, width) {
            self.room(style.leading);
            let y = self.y + style.size;
            let drawn = self.line(&line, x, y, style);
            self.draft.draw(self.page, Role::Text, vec![drawn]);
            self.y += style.leading;
        }
    }

    pub fn line(&self, text: &str, x: f32, y: f32, style: Style) -> Drawn {
        Drawn::Text {
            x,
            y,
            size: style.size,
            bold: style.bold,
            ink: style.ink,
            text: self.fonts.printable(text),
        }
    }

    /// A heading of this level.
    pub fn heading(&mut self, level: u16, text: &str, style: Style) {
        let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
        self.room(style.leading + 40.0);
        self.draft.headings.push(Heading { text: text.to_owned(), page: self.page, y: self.y });
        self.draft.open(Tag::Hn(level, Some(text.to_owned())));
        self.text(text, MARGIN, BODY, style);
        self.draft.close();
    }

    pub fn paragraph(&mut self, text: &str, style: Style) {
        self.draft.open(Tag::P);
        self.text(text, MARGIN, BODY, style);
        self.draft.close();
    }
}

/// Kind, name and place.
fn head(paper: &mut Paper<'_>, sheet: &Sheet) {
    let strip = rectangle(MARGIN, TOP - 14.0, 36.0, 3.0, DARK);
    paper.draft.draw(0, Role::Decoration, vec![strip]);
    paper.paragraph(&sheet.kind, Style { size: 9.5, bold: true, ink: SOFT, leading: 17.0 });
    paper.heading(1, &sheet.title, Style { size: 23.0, bold: true, ink: DARK, leading: 30.0 });
    paper.y += 2.0;
    paper.paragraph(&sheet.place, Style { size: 11.0, ink: SOFT, leading: 16.0, ..TEXT });
    paper.y += 14.0;
}

/// Names and figures in two columns.
fn facts(paper: &mut Paper<'_>, sheet: &Sheet) {
    const NAMES: f32 = 150.0;
    let strong = Style { bold: true, ..TEXT };
    paper.draft.open(Tag::L(ListNumbering::None));
    for (name, text) in &sheet.facts {
        let (names, texts) = (
            paper.fonts.lines(name, NOTE.size, false, NAMES - 10.0),
            paper.fonts.lines(text, strong.size, true, BODY - NAMES),
        );
        let rows = u16::try_from(names.len().max(texts.len())).unwrap_or(u16::MAX);
        let height = f32::from(rows) * TEXT.leading;
        paper.room(height);
        let (page, y) = (paper.page, paper.y + TEXT.size);
        let column = |paper: &Paper<'_>, lines: Vec<String>, x: f32, style: Style| {
            let mut at = y;
            let mut all = Vec::new();
            for line in lines {
                all.push(paper.line(&line, x, at, style));
                at += TEXT.leading;
            }
            all
        };
        paper.draft.open(Tag::LI);
        let drawn = column(paper, names, MARGIN, NOTE);
        paper.draft.open(Tag::Lbl);
        paper.draft.draw(page, Role::Text, drawn);
        paper.draft.close();
        let drawn = column(paper, texts, MARGIN + NAMES, strong);
        paper.draft.open(Tag::LBody);
        paper.draft.draw(page, Role::Text, drawn);
        paper.draft.close();
        paper.draft.close();
        paper.y += height + 2.0;
    }
    paper.draft.close();
    paper.y += 8.0;
}

/// What is assumed or provisional, behind a bar.
fn notices(paper: &mut Paper<'_>, sheet: &Sheet) {
    const INSET: f32 = 14.0;
    if sheet.notices.is_empty() {
        return;
    }
    let width = BODY - 2.0 * INSET;
    let all: Vec<Vec<String>> =
        sheet.notices.iter().map(|text| paper.fonts.lines(text, TEXT.size, false, width)).collect();
    let rows = u16::try_from(all.iter().map(Vec::len).sum::<usize>()).unwrap_or(u16::MAX);
    let height = f32::from(rows) * TEXT.leading + 38.0;
    paper.room(height.min(BOTTOM - TOP));
    let box_ =
        [rectangle(MARGIN, paper.y, BODY, height, WASH), rectangle(MARGIN, paper.y, 3.0, height, SOFT)];
    paper.draft.draw(paper.page, Role::Decoration, Vec::from(box_));
    paper.y += 10.0;
    paper.draft.open(Tag::P);
    paper.text(&sheet.notices_heading, MARGIN + INSET, width, Style { bold: true, ..TEXT });
    paper.draft.close();
    paper.y += 2.0;
    for text in &sheet.notices {
        paper.draft.open(Tag::P);
        paper.text(text, MARGIN + INSET, width, TEXT);
        paper.draft.close();
    }
    paper.y += 20.0;
}

/// Release and page number under every page.
fn feet(paper: &mut Paper<'_>, sheet: &Sheet) {
    let style = Style { size: 7.0, ..NOTE };
    let [page, of] = &sheet.page;
    for number in 0..paper.draft.pages {
        let y = HEIGHT - 36.0;
        let text = format!("{page} {} {of} {}", number + 1, paper.draft.pages);
        let right = MARGIN + BODY - paper.fonts.width(&text, style.size, false);
        let drawn = vec![
            rectangle(MARGIN, y - 13.0, BODY, 0.6, RULE),
            paper.line(&sheet.foot, MARGIN, y, style),
            paper.line(&text, right, y, style),
        ];
        paper.draft.draw(number, Role::Foot, drawn);
    }
}

/// A zone's colour, dark enough for text.
pub fn ink_of(zone: Zone) -> Ink {
    match zone {
        Zone::Hijau => [22, 101, 52],
        Zone::Kuning => [146, 84, 4],
        Zone::Merah => [153, 27, 27],
    }
}

/// A zone's shape: a disc, a triangle, a square; the same as on the pages of results.
pub fn mark(zone: Zone, x: f32, y: f32, radius: f32) -> Drawn {
    let ink = ink_of(zone);
    match zone {
        Zone::Hijau => Drawn::Disc { x, y, radius, ink },
        Zone::Kuning => {
            let r = radius * 1.1;
            Drawn::Shape { corners: vec![(x, y - r), (x + r, y + r * 0.85), (x - r, y + r * 0.85)], ink }
        }
        Zone::Merah => {
            let r = radius * 0.9;
            rectangle(x - r, y - r, 2.0 * r, 2.0 * r, ink)
        }
    }
}
