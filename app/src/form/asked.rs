//! What every control of a question needs: the form, where the question stands, and how it is tied to its frame.

use leptos::prelude::*;
use survey::instrument::Question;
use survey::path::Path;

use super::Filling;
use super::question::Ids;
use super::text::Refused;

/// A question that is being asked.
#[derive(Clone)]
pub(super) struct Asked {
    pub filling: Filling,
    pub path: Path,
    pub ids: Ids,
    /// What the session said against the last input.
    pub refused: RwSignal<Option<Refused>>,
    /// It stands in a table whose head names the choices.
    pub in_table: bool,
    /// It stands alone on a screen.
    pub alone: bool,
}

impl Asked {
    /// The stored answer.
    pub fn value(&self) -> Memo<String> {
        let Self { filling, path, .. } = self.clone();
        Memo::new(move |_| filling.value(&path))
    }

    /// Answers, and remembers what the session has against it.
    pub fn answer(&self, text: &str) {
        self.refused.set(self.filling.answer(&self.path, text).err().map(Refused));
    }

    /// The label in the person's language.
    pub fn label(&self) -> Memo<String> {
        let Self { filling, path, .. } = self.clone();
        Memo::new(move |_| filling.label(&path))
    }

    /// Whether the workbook gives it this appearance.
    pub fn looks(&self, word: &str) -> bool {
        self.filling.looks(&self.path, word)
    }

    /// Whether the answer cannot be changed. Subscribes.
    pub fn locked(&self) -> bool {
        self.filling.is_locked(&self.path)
    }

    /// The question itself.
    pub fn question(&self) -> Question {
        self.filling.question(&self.path).unwrap_or_default()
    }

    /// An id for a part of the control.
    pub fn id(&self, part: &str) -> String {
        format!("{}-{part}", self.ids.control)
    }
}
