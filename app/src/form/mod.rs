//! Filling a form: the live session beside its record, and the views of its questions.

mod asked;
mod barcode;
mod beside;
mod choices;
mod clash;
mod dates;
mod filling;
mod items;
mod later;
mod media;
mod notes;
mod page;
mod photo;
mod place;
mod question;
mod range;
mod rank;
mod rows;
mod search;
mod signature;
mod text;

pub use clash::Who;
pub(crate) use filling::saved;
pub use filling::{Filling, Opened, Part, SaveState, section_key};
pub use items::{items, leaves};
pub use notes::notes;
pub use page::focus_question;
pub use question::{Look, is_shown, question};
