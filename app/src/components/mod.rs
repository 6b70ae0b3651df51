//! Pieces that several pages share.

mod ask;
mod frame;
pub mod icons;
mod language;
mod pieces;
mod sight;

pub use ask::ask_once;
pub use frame::{Frame, focus_heading, is_up, set_title, waiting};
pub use language::LanguageChoice;
pub use pieces::{PlaceTag, Progress, Show};
