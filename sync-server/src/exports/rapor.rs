//! The *rapor*: what a release says of one government or one unit, in Indonesian, on A4 to print, sign and hand over.
//!
//! [`content`] puts the scores of the release into words and figures, [`layout`] sets them on pages, [`ink`] makes PDF of
//! these. The PDF is tagged (PDF/UA-1): headings, tables and the picture's description are there for screen readers. A
//! zone is told by word and shape and never by colour alone.

mod content;
mod draft;
mod ink;
mod layout;
mod scale;
mod table;

use survey::scoring::methods::Method;
use thiserror::Error;

use super::tables::source::{GovernmentRow, Head, UnitRow};

/// Why there is no rapor.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RaporError {
    /// The fonts that the program brings cannot be read.
    #[error("the rapor's fonts cannot be read; build the program anew")]
    Font,
    /// The PDF library refused.
    #[error("the rapor of {of} cannot be written: {why}")]
    Pdf {
        /// Whose.
        of: String,
        /// What the library says.
        why: String,
    },
}

/// The rapor of a government as the bytes of a PDF. The same release gives the same bytes.
///
/// # Errors
/// See [`RaporError`].
pub fn of_government(head: &Head, method: Method<'_>, row: &GovernmentRow) -> Result<Vec<u8>, RaporError> {
    print(head, &content::government(head, method, row))
}

/// The rapor of a unit as the bytes of a PDF. The same release gives the same bytes.
///
/// # Errors
/// See [`RaporError`].
pub fn of_unit(head: &Head, method: Method<'_>, row: &UnitRow) -> Result<Vec<u8>, RaporError> {
    print(head, &content::unit(head, method, row))
}

fn print(head: &Head, sheet: &content::Sheet) -> Result<Vec<u8>, RaporError> {
    let fonts = ink::Fonts::load().ok_or(RaporError::Font)?;
    ink::pdf(layout::lay_out(sheet, &fonts), &fonts, sheet, head.released_at)
}
