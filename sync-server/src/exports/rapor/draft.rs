//! Pages before they are PDF: what is drawn where, and what it means to a screen reader.

use krilla::tagging::TagKind;

/// A4, in points.
pub const WIDTH: f32 = 595.276;
/// A4, in points.
pub const HEIGHT: f32 = 841.89;

/// A colour: red, green, blue.
pub type Ink = [u8; 3];

/// One thing drawn.
pub enum Drawn {
    /// A line of text on its baseline.
    Text { x: f32, y: f32, size: f32, bold: bool, ink: Ink, text: String },
    /// A filled shape between these corners.
    Shape { corners: Vec<(f32, f32)>, ink: Ink },
    /// A filled circle.
    Disc { x: f32, y: f32, radius: f32, ink: Ink },
}

/// What a piece is to a screen reader.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Text.
    Text,
    /// A picture.
    Picture,
    /// Nothing: rules, bars beside their figures.
    Decoration,
    /// The foot of a page.
    Foot,
}

/// Things drawn together on one page.
pub struct Leaf {
    pub page: usize,
    pub role: Role,
    pub drawn: Vec<Drawn>,
}

/// The order of reading.
pub enum Piece {
    /// A place among the leaves.
    Leaf(usize),
    /// A heading, paragraph, table, ... and what is in it.
    Group(TagKind, Vec<Piece>),
}

/// A heading, for the list of contents.
pub struct Heading {
    pub text: String,
    pub page: usize,
    pub y: f32,
}

/// All pages.
pub struct Draft {
    pub pages: usize,
    pub leaves: Vec<Leaf>,
    pub headings: Vec<Heading>,
    /// What is open, the innermost last; the first is the whole.
    open: Vec<(Option<TagKind>, Vec<Piece>)>,
}

impl Draft {
    pub fn new() -> Self {
        Self { pages: 1, leaves: Vec::new(), headings: Vec::new(), open: vec![(None, Vec::new())] }
    }

    /// Begins a group; what is drawn until [`Self::close`] is in it.
    pub fn open(&mut self, tag: impl Into<TagKind>) {
        self.open.push((Some(tag.into()), Vec::new()));
    }

    /// Ends the innermost group.
    pub fn close(&mut self) {
        if let Some((Some(tag), inside)) = self.open.pop() {
            self.push(Piece::Group(tag, inside));
        }
    }

    /// Draws on a page (from 0).
    pub fn draw(&mut self, page: usize, role: Role, drawn: Vec<Drawn>) {
        let place = self.leaves.len();
        self.leaves.push(Leaf { page, role, drawn });
        if matches!(role, Role::Text | Role::Picture) {
            self.push(Piece::Leaf(place));
        }
    }

    /// The order of reading.
    pub fn reading(&mut self) -> Vec<Piece> {
        while self.open.len() > 1 {
            self.close();
        }
        self.open.first_mut().map(|(_, pieces)| std::mem::take(pieces)).unwrap_or_default()
    }

    fn push(&mut self, piece: Piece) {
        if let Some((_, inside)) = self.open.last_mut() {
            inside.push(piece);
        }
    }
}

/// A rectangle.
pub fn rectangle(x: f32, y: f32, width: f32, height: f32, ink: Ink) -> Drawn {
    let (right, bottom) = (x + width, y + height);
    Drawn::Shape { corners: vec![(x, y), (right, y), (right, bottom), (x, bottom)], ink }
}
