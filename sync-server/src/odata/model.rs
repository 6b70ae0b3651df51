//! Tables as entity sets: which properties a row has, and their values.
//!
//! Yes and no is a truth. Another choice is two texts: its name, which stays the same, and beside it its label, which
//! people read. The first column of a table is its key.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::value::{Type, Value};
use crate::exports::plain::places_of;
use crate::exports::table::{Cell, Choice, Kind, Label, Table};

/// A table with its properties.
#[derive(Debug)]
pub(super) struct Set<'a> {
    /// The table.
    pub table: &'a Table,
    /// What a row has.
    pub properties: Vec<Property<'a>>,
    places: HashMap<String, usize>,
}

/// A property of a row.
#[derive(Debug)]
pub(super) struct Property<'a> {
    /// Its name.
    pub name: String,
    /// What it is, for people.
    pub label: &'a Label,
    /// How it is kept.
    pub edm: Edm,
    /// The column that it comes from.
    column: usize,
    /// The choices, for names and labels.
    choices: &'a [Choice],
}

/// A type of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edm {
    /// `Edm.String`.
    Text,
    /// `Edm.String`: the name of a choice.
    Name,
    /// `Edm.String`: the Indonesian label of a choice.
    Label,
    /// `Edm.Boolean`: yes or no.
    Truth,
    /// `Edm.Int64`.
    Whole,
    /// `Edm.Decimal` with so many places.
    Decimal(u8),
    /// `Edm.Date`.
    Date,
    /// `Edm.DateTimeOffset`.
    Moment,
}

impl Edm {
    /// As queries compare it.
    pub(super) fn kind(self) -> Type {
        match self {
            Self::Text | Self::Name | Self::Label => Type::Text,
            Self::Truth => Type::Truth,
            Self::Whole | Self::Decimal(_) => Type::Number,
            Self::Date => Type::Day,
            Self::Moment => Type::Moment,
        }
    }
}

impl<'a> Set<'a> {
    /// The entity set of a table.
    pub(super) fn of(table: &'a Table) -> Self {
        let mut taken: BTreeSet<String> =
            table.columns.iter().map(|column| column.name.to_string()).collect();
        let mut properties = Vec::new();
        for (at, column) in table.columns.iter().enumerate() {
            let mut add = |name: String, edm, choices| {
                properties.push(Property { name, label: &column.label, edm, column: at, choices });
            };
            let name = column.name.to_string();
            match &column.kind {
                Kind::Text => add(name, Edm::Text, &[][..]),
                Kind::Whole => add(name, Edm::Whole, &[]),
                kind @ Kind::Decimal(_) => add(name, Edm::Decimal(places_of(kind)), &[]),
                Kind::Date => add(name, Edm::Date, &[]),
                Kind::Moment => add(name, Edm::Moment, &[]),
                Kind::Choice(choices) if is_truth(choices) => add(name, Edm::Truth, choices),
                Kind::Choice(choices) => {
                    let label = label_name(&name, &mut taken);
                    add(name, Edm::Name, choices);
                    add(label, Edm::Label, choices);
                }
            }
        }
        let places = properties.iter().enumerate().map(|(at, of)| (of.name.clone(), at)).collect();
        Self { table, properties, places }
    }

    /// The place of a property; none where there is no such.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The key's property; none in a table without columns.
    pub(super) fn key(&self) -> Option<&Property<'a>> {
        self.properties.first()
    }
}

impl Property<'_> {
    /// Its value in a row.
    pub(super) fn value<'r>(&'r self, row: &'r [Cell]) -> Value<'r> {
        match (row.get(self.column), self.edm) {
            (Some(Cell::Text(text)), _) => Value::Text(Cow::Borrowed(text)),
            (Some(Cell::Whole(number)), _) => Value::Number(i128::from(*number), 0),
            (Some(Cell::Decimal(number)), Edm::Decimal(places)) => Value::Number(i128::from(*number), places),
            (Some(Cell::Date(days)), _) => Value::Day(*days),
            (Some(Cell::Moment(seconds)), _) => Value::Moment(*seconds),
            (Some(Cell::Choice(at)), edm) => match (self.choices.get(*at), edm) {
                (Some(choice), Edm::Truth) => Value::Truth(choice.name == "yes"),
                (Some(choice), Edm::Label) => Value::Text(Cow::Borrowed(&choice.label.id)),
                (Some(choice), _) => Value::Text(Cow::Borrowed(&choice.name)),
                (None, _) => Value::Null,
            },
            _ => Value::Null,
        }
    }
}

/// Yes and no, as Loket's own columns have it.
fn is_truth(choices: &[Choice]) -> bool {
    matches!(choices, [no, yes] if no.name == "no" && yes.name == "yes")
}

/// A name for the label of a choice that no other property has.
fn label_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut label = format!("{name}_label");
    while !taken.insert(label.clone()) {
        label.push('_');
    }
    label
}
