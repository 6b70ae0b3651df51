//! A choice list as a secondary instance: `instance('list')/root/item/name`, with a cell for each column.

use std::borrow::Cow;

use crate::instrument::ChoiceList;

/// A node of a choice list's tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListSpot<'a> {
    list: &'a ChoiceList,
    at: At<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At<'a> {
    /// The instance, which holds `root`.
    Instance,
    Root,
    /// The choice at a place in the list.
    Item(usize),
    /// A column of the choice at a place in the list.
    Cell(usize, &'a str),
}

impl PartialEq for ListSpot<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.list, other.list) && self.at == other.at
    }
}

impl<'a> ListSpot<'a> {
    pub(crate) fn of(list: &'a ChoiceList) -> Self {
        Self { list, at: At::Instance }
    }

    fn spot(self, at: At<'a>) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn parent(self) -> Option<Self> {
        match self.at {
            At::Instance => None,
            At::Root => Some(self.spot(At::Instance)),
            At::Item(_) => Some(self.spot(At::Root)),
            At::Cell(item, _) => Some(self.spot(At::Item(item))),
        }
    }

    pub(crate) fn children(self) -> Vec<Self> {
        match self.at {
            At::Instance => vec![self.spot(At::Root)],
            At::Root => (0..self.list.len()).map(|item| self.spot(At::Item(item))).collect(),
            At::Item(item) => columns(self.list).map(|name| self.spot(At::Cell(item, name))).collect(),
            At::Cell(..) => Vec::new(),
        }
    }

    pub(crate) fn children_called(self, name: &str) -> Vec<Self> {
        match (self.at, self.list) {
            (At::Instance, _) if name == "root" => self.children(),
            (At::Root, _) if name == "item" => self.children(),
            (At::Item(item), list) => {
                let column = columns(list).find(|column| *column == name);
                column.into_iter().map(|name| self.spot(At::Cell(item, name))).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn name(self) -> &'a str {
        match self.at {
            At::Instance => "",
            At::Root => "root",
            At::Item(_) => "item",
            At::Cell(_, name) => name,
        }
    }

    /// What stands in a cell; a label in that language.
    pub(crate) fn cell(self, language: usize) -> Cow<'a, str> {
        let At::Cell(item, name) = self.at else { return Cow::Borrowed("") };
        let Some(choice) = self.list.choices.get(item) else { return Cow::Borrowed("") };
        match name {
            "name" => Cow::Borrowed(&choice.name),
            "label" => Cow::Borrowed(choice.label.in_language(language)),
            _ => Cow::Borrowed(self.list.cell(choice, name).unwrap_or("")),
        }
    }

    /// From 1.
    pub(crate) fn position(self) -> usize {
        if let At::Item(item) = self.at { item + 1 } else { 1 }
    }

    /// Sorts behind everything of the form.
    pub(crate) fn place(self) -> Vec<usize> {
        match self.at {
            At::Instance => vec![usize::MAX],
            At::Root => vec![usize::MAX, 0],
            At::Item(item) => vec![usize::MAX, 0, item],
            At::Cell(item, name) => {
                let column = columns(self.list).position(|column| column == name);
                vec![usize::MAX, 0, item, column.unwrap_or(0)]
            }
        }
    }
}

/// The columns that a choice has: its name, its label, and those for filters.
fn columns(list: &ChoiceList) -> impl Iterator<Item = &str> {
    ["name", "label"].into_iter().chain(list.columns.iter().map(String::as_str))
}
