//! Choice lists: compact, since a list may have fifty thousand rows and phones keep it.

use serde::{Deserialize, Serialize};

use super::{Media, Source, Texts};

/// The choices of one list, or the rows of a file beside the workbook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceList {
    /// Names of the columns beside name and label, for choice filters and look-ups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// In workbook order.
    pub choices: Vec<Choice>,
}

/// One choice of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct Choice {
    /// `name` column: what is stored.
    pub name: String,
    /// `label` column.
    pub label: Texts,
    /// By the place of the column in [`ChoiceList::columns`]; blank ones at the end are left out.
    pub cells: Vec<String>,
    /// `mark` column.
    pub mark: Option<Mark>,
    /// What is shown or played beside the label.
    pub media: Option<Box<Media>>,
}

/// A choice as it is stored: without names of fields, which would be the larger part.
type Row = (String, Texts, Vec<String>, Option<Mark>, Option<Box<Media>>);

impl From<Row> for Choice {
    fn from((name, label, cells, mark, media): Row) -> Self {
        Self { name, label, cells, mark, media }
    }
}

impl From<Choice> for Row {
    fn from(choice: Choice) -> Self {
        let Choice { name, label, cells, mark, media } = choice;
        (name, label, cells, mark, media)
    }
}

/// What a choice is worth, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// `mark` column: exact decimal text, checked by the compiler (`4`, `2.5`).
    pub value: String,
    /// `source` column.
    pub source: Source,
}

impl ChoiceList {
    /// How many choices there are.
    pub fn len(&self) -> usize {
        self.choices.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.choices.is_empty()
    }

    /// In workbook order.
    pub fn iter(&self) -> std::slice::Iter<'_, Choice> {
        self.choices.iter()
    }

    /// The first choice of that name.
    pub fn named(&self, name: &str) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.name == name)
    }

    /// The text of a choice in a column; none where the list has no such column.
    pub fn cell<'a>(&self, choice: &'a Choice, column: &str) -> Option<&'a str> {
        let place = self.columns.iter().position(|own| own == column)?;
        Some(choice.cells.get(place).map_or("", String::as_str))
    }
}

impl<'a> IntoIterator for &'a ChoiceList {
    type Item = &'a Choice;
    type IntoIter = std::slice::Iter<'a, Choice>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
