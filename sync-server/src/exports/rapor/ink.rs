//! Fonts, and PDF out of pages that are laid out.

use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TagGroup, TagTree};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use ttf_parser::Face;

use super::super::origin::Calendar;
use super::RaporError;
use super::content::Sheet;
use super::draft::{Draft, Drawn, HEIGHT, Leaf, Piece, Role, WIDTH};

const REGULAR: &[u8] = include_bytes!("../../../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../fonts/NotoSans-Bold.ttf");

/// How far the handles of a quarter circle's curve reach, for a radius of 1.
const HANDLE: f32 = 0.552_285;

/// The fonts, to draw with and to measure.
pub struct Fonts {
    drawn: [Font; 2],
    measured: [Face<'static>; 2],
}

impl Fonts {
    /// The fonts that the program brings.
    pub fn load() -> Option<Self> {
        Some(Self {
            drawn: [Font::new(REGULAR.into(), 0)?, Font::new(BOLD.into(), 0)?],
            measured: [Face::parse(REGULAR, 0).ok()?, Face::parse(BOLD, 0).ok()?],
        })
    }

    /// A text with `?` for what the fonts have no letter for.
    pub fn printable(&self, text: &str) -> String {
        let [face, _] = &self.measured;
        let known = |letter: char| if face.glyph_index(letter).is_some() { letter } else { '?' };
        text.replace(['\n', '\r', '\t'], " ").chars().map(known).collect()
    }

    /// How wide a text is, in points.
    pub fn width(&self, text: &str, size: f32, bold: bool) -> f32 {
        let [regular, strong] = &self.measured;
        let face = if bold { strong } else { regular };
        let advance = |letter: char| {
            let glyph = face.glyph_index(letter).unwrap_or_default();
            f32::from(face.glyph_hor_advance(glyph).unwrap_or_default())
        };
        text.chars().map(advance).sum::<f32>() * size / f32::from(face.units_per_em())
    }

    /// A text in lines of at most this width; a word that is wider is broken.
    pub fn lines(&self, text: &str, size: f32, bold: bool, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in self.printable(text).split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&longer, size, bold) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                if !line.is_empty() && self.width(&format!("{line}{letter}"), size, bold) > width {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
        }
        lines.push(line);
        lines
    }
}

/// The bytes of the PDF.
pub fn pdf(mut draft: Draft, fonts: &Fonts, sheet: &Sheet, time: i64) -> Result<Vec<u8>, RaporError> {
    let fault = |why: String| RaporError::Pdf { of: sheet.title.clone(), why };
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| fault(format!("{error:?}")))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(metadata(sheet, time));
    let reading = draft.reading();
    let mut names: Vec<Option<Identifier>> = draft.leaves.iter().map(|_| None).collect();
    for number in 0..draft.pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| fault("no page".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for (leaf, name) in draft.leaves.iter().zip(&mut names).filter(|(leaf, _)| leaf.page == number) {
            *name = Some(draw(&mut surface, leaf, fonts));
        }
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new();
    reading.into_iter().filter_map(|piece| node(piece, &mut names)).for_each(|node| tree.push(node));
    document.set_tag_tree(tree);
    let mut outline = Outline::new();
    for heading in draft.headings {
        let place = XyzDestination::new(heading.page, Point::from_xy(0.0, heading.y));
        outline.push_child(OutlineNode::new(heading.text, place));
    }
    document.set_outline(outline);
    document.finish().map_err(|error| fault(format!("{error:?}")))
}

fn metadata(sheet: &Sheet, time: i64) -> Metadata {
    let calendar = Calendar::of(time);
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let date = DateTime::new(u16::try_from(calendar.year).unwrap_or_default())
        .month(calendar.month)
        .day(calendar.day)
        .hour(part(calendar.second / 3600))
        .minute(part(calendar.second / 60 % 60))
        .second(part(calendar.second % 60))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(format!("{}: {}", sheet.kind, sheet.title))
        .language("id".to_owned())
        .creator("Loket".to_owned())
        .description(sheet.foot.clone())
        .creation_date(date)
        // Names the file; without it, the time of making would.
        .document_id(format!("{} {}", sheet.foot, sheet.title))
}

/// A piece with all that is in it; none where nothing is.
fn node(piece: Piece, names: &mut [Option<Identifier>]) -> Option<Node> {
    match piece {
        Piece::Leaf(place) => names.get_mut(place)?.take().map(Node::from),
        Piece::Group(tag, inside) => {
            let inside: Vec<Node> = inside.into_iter().filter_map(|piece| node(piece, names)).collect();
            Some(TagGroup::with_children(tag, inside).into())
        }
    }
}

fn draw(surface: &mut Surface<'_>, leaf: &Leaf, fonts: &Fonts) -> Identifier {
    let name = surface.start_tagged(match leaf.role {
        Role::Text => ContentTag::Span(SpanTag::empty()),
        Role::Picture => ContentTag::Other,
        Role::Decoration => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        Role::Foot => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
    });
    for drawn in &leaf.drawn {
        one(surface, drawn, fonts);
    }
    surface.end_tagged();
    name
}

fn one(surface: &mut Surface<'_>, drawn: &Drawn, fonts: &Fonts) {
    let (Drawn::Text { ink, .. } | Drawn::Shape { ink, .. } | Drawn::Disc { ink, .. }) = drawn;
    let [red, green, blue] = *ink;
    surface.set_fill(Some(Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }));
    let path = match drawn {
        Drawn::Text { x, y, size, bold, text, .. } => {
            let [regular, strong] = &fonts.drawn;
            let font = if *bold { strong } else { regular };
            let start = Point::from_xy(*x, *y);
            return surface.draw_text(start, font.clone(), *size, text, false, TextDirection::LeftToRight);
        }
        Drawn::Shape { corners, .. } => polygon(corners),
        Drawn::Disc { x, y, radius, .. } => disc(*x, *y, *radius),
    };
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

fn polygon(corners: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, rest) = corners.split_first()?;
    path.move_to(first.0, first.1);
    for corner in rest {
        path.line_to(corner.0, corner.1);
    }
    path.close();
    path.finish()
}

fn disc(x: f32, y: f32, r: f32) -> Option<Path> {
    let h = r * HANDLE;
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + h, x + h, y + r, x, y + r);
    path.cubic_to(x - h, y + r, x - r, y + h, x - r, y);
    path.cubic_to(x - r, y - h, x - h, y - r, x, y - r);
    path.cubic_to(x + h, y - r, x + r, y - h, x + r, y);
    path.close();
    path.finish()
}
