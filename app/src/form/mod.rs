//! Filling a form: the live session beside its record, and the views of its questions.

mod choices;
mod clash;
mod filling;
mod items;
mod photo;
mod place;
mod question;
mod rows;
mod text;

pub use clash::Who;
pub use filling::{Filling, Opened, SaveState, in_words, section_key};
pub use items::{items, leaves};
pub use question::{Look, is_shown, question};
