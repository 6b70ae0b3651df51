//! An instrument in a few figures, for whoever publishes it.

use serde::Serialize;

use crate::instrument::{ChoiceList, Instrument, NodeKind};
use crate::xlsform::table::written;

/// An instrument in a few figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// `form_title`.
    pub title: String,
    /// `version`.
    pub version: String,
    /// As the workbook writes them (`Bahasa Indonesia (id)`), the default language first.
    pub languages: Vec<String>,
    /// Every row of the survey sheet that is no begin or end: notes and calculations too.
    pub questions: usize,
    /// `begin_group` rows.
    pub groups: usize,
    /// `begin_repeat` rows.
    pub repeats: usize,
    /// Rows of the choices sheet, of all lists together.
    pub choices: usize,
    /// [`Instrument::hash`] in hex; `""` where it cannot be had.
    pub hash: String,
}

/// The figures of an instrument.
pub fn summary(instrument: &Instrument) -> Summary {
    let count =
        |wanted: fn(&NodeKind) -> bool| instrument.nodes.iter().filter(|node| wanted(&node.kind)).count();
    Summary {
        title: instrument.title.clone(),
        version: instrument.version.clone(),
        languages: instrument.languages.iter().map(written).collect(),
        questions: count(|kind| matches!(kind, NodeKind::Question(_))),
        groups: count(|kind| matches!(kind, NodeKind::Group)),
        repeats: count(|kind| matches!(kind, NodeKind::Repeat { .. })),
        choices: instrument.choice_lists.values().map(ChoiceList::len).sum(),
        hash: instrument.hash().map(|hash| hash.to_string()).unwrap_or_default(),
    }
}
