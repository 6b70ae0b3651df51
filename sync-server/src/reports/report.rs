//! What a page of results says, in words already: sections with pictures and tables, for a page, a print, or a program.

use replica::api::ApproveRequest;
use serde::{Deserialize, Serialize};

/// A page of results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What the page is about.
    pub title: String,
    /// The answer in a sentence.
    pub lead: String,
    /// What one must know before reading on: what is assumed, provisional, not comparable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// Where else one can look: other years, one level up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The target that the page reckons with, as text: `90`.
    pub target: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// A way to another report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it is called.
    pub text: String,
    /// The query of the report: `government=kota-bontang`.
    pub query: String,
    /// True for the report that is shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub here: bool,
}

/// One part of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// What is to be seen in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<String>,
    /// SVG with a title and a description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// What can be done here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<Approve>,
}

/// A button that approves a unit's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approve {
    /// What it is called.
    pub text: String,
    /// What the app sends when it is pressed.
    pub request: ApproveRequest,
}

/// Figures in rows and columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The columns' names; the first column names the rows.
    pub columns: Vec<Column>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Row>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// True for figures, which stand at the end of their cell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub figures: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<Cell>,
    /// True for the row that the page is about, and for sums.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// A second, softer line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The query of the report that opens this figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// A file that this cell saves: its address, and the name it is saved under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<(String, String)>,
    /// `good`, `care` or `bad`: a word with the look of a zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
    /// Photos that can be opened here, by content hash, each with what its button says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<(String, String)>,
}

/// How a word looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Green zone.
    Good,
    /// Yellow zone.
    Care,
    /// Red zone.
    Bad,
}

impl Cell {
    /// A cell with nothing but a text.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The cell with a second line.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The cell as a way to another report.
    #[must_use]
    pub fn opening(mut self, query: impl Into<String>) -> Self {
        self.query = Some(query.into());
        self
    }

    /// The cell as a file to save.
    #[must_use]
    pub fn saving(mut self, address: impl Into<String>, name: impl Into<String>) -> Self {
        self.file = Some((address.into(), name.into()));
        self
    }

    /// The cell with the look of a zone.
    #[must_use]
    pub fn toned(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}

impl Column {
    /// A column of words.
    pub fn words(name: impl Into<String>) -> Self {
        Self { name: name.into(), figures: false }
    }

    /// A column of figures.
    pub fn figures(name: impl Into<String>) -> Self {
        Self { name: name.into(), figures: true }
    }
}

impl Tone {
    /// The word in styles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Care => "care",
            Self::Bad => "bad",
        }
    }
}
