//! Pieces that several pages share.

mod ask;
mod frame;
pub mod icons;
mod language;
mod pieces;
mod sight;

pub use ask::ask_once;
pub use frame::{Frame, focus_heading, set_title};
pub use language::LanguageChoice;
pub use pieces::{PlaceTag, Progress, Show};
