//! Columns that Loket itself has, with their labels out of the catalogues.

use crate::exports::table::{Choice, Column, Kind, Label, Name};
use crate::reports::words::Language;

/// The text of a key in both languages.
pub(in crate::exports) fn label(key: &str) -> Label {
    Label { id: Language::Indonesian.words().say(key), en: Language::English.words().say(key) }
}

/// A column called `name`, whose label stands in the catalogues under `table_` and the name.
pub(super) fn column(name: &str, kind: Kind) -> Column {
    Column { name: Name::near(name), label: label(&format!("table_{name}")), kind }
}

/// Whether a column is one of Loket's own, and no question of a form.
pub(in crate::exports) fn is_own(column: &Column) -> bool {
    column.label == label(&format!("table_{}", column.name))
}

/// Choices by name and label, numbered from 1.
pub(super) fn choices(of: impl IntoIterator<Item = (String, Label)>) -> Kind {
    Kind::Choice(of.into_iter().zip(1..).map(|((name, label), code)| Choice { code, name, label }).collect())
}

/// Choices whose labels stand in the catalogues under `prefix` and their names.
pub(super) fn said(prefix: &str, names: &[&str]) -> Kind {
    choices(names.iter().map(|name| ((*name).to_owned(), label(&format!("{prefix}{name}")))))
}

/// No and yes: 0 and 1, so that a mean is a share.
pub(super) fn yes_or_no() -> Kind {
    let choice =
        |code, name: &str| Choice { code, name: name.to_owned(), label: label(&format!("table_{name}")) };
    Kind::Choice(vec![choice(0, "no"), choice(1, "yes")])
}
