//! Notes about the record being filled, and adding one.

use leptos::prelude::*;
use replica::Edit;

use super::Filling;
use crate::form::clash::Who;
use crate::form::notes::Note;
use crate::loket::new_row_id;

impl Filling {
    /// What was said about the record, the oldest first.
    pub fn notes(&self) -> Vec<Note> {
        let loket = self.inner().loket;
        self.said.with(|said| {
            let note = |comment: &replica::Comment| Note {
                id: comment.id.clone(),
                text: comment.text.clone(),
                who: comment.actor.map_or(Who::Unknown, |actor| loket.who(actor.device())),
                at: comment.time,
            };
            said.iter().map(note).collect()
        })
    }

    /// Whether a note can be added: not to an interview that is closed, which stays as it was given.
    pub fn takes_notes(&self) -> bool {
        self.is_visit() || !self.is_closed()
    }

    /// Adds a note, and makes a change of it at once, so that others hear of it soon. False where it is longer than a note
    /// may be.
    pub fn add_note(&self, text: &str) -> bool {
        let id = new_row_id().and_then(|id| id.as_str().parse().ok());
        let (Some(id), Ok(text)) = (id, text.parse()) else { return false };
        self.commit_with(Edit::Comment { id, at: None, text });
        true
    }
}
