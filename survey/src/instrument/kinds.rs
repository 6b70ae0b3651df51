//! The types of questions.

use serde::{Deserialize, Serialize};

/// Question types of `XLSForm` that this version takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum QuestionKind {
    /// Free text.
    #[default]
    Text,
    /// Whole number.
    Integer,
    /// Decimal number.
    Decimal,
    /// A number between two bounds, in steps (`start`, `end`, `step` of the parameters).
    Range,
    /// A day, `2026-11-22`.
    Date,
    /// A time of day with its offset, `10:11:00.000+07:00`.
    Time,
    /// Day and time with its offset, `2026-11-22T10:11:00.000+07:00`.
    DateTime,
    /// One choice of a list.
    SelectOne,
    /// Any number of choices of a list, kept as names separated by blanks.
    SelectMultiple,
    /// All choices of a list in the order that a person puts them in, kept as names separated by blanks.
    Rank,
    /// Text to read, no answer.
    Note,
    /// Computed, not shown.
    Calculate,
    /// Kept, not shown: its default, or what a trigger makes of it.
    Hidden,
    /// A box to tick; answered `OK`.
    Acknowledge,
    /// A code under a reader, or typed.
    Barcode,
    /// A photo; the answer is its content hash.
    Image,
    /// A sound; the answer is its content hash and the end of its file's name (`.mp3`).
    Audio,
    /// A sound that is taken while the form is filled; a person starts it here. Kept as [`Self::Audio`].
    BackgroundAudio,
    /// A film, kept as [`Self::Audio`].
    Video,
    /// Any file, kept as [`Self::Audio`].
    File,
    /// `latitude longitude altitude accuracy`, degrees and metres.
    Geopoint,
    /// A line of places, separated by `;`.
    Geotrace,
    /// A ring of places, separated by `;`, the last the same as the first.
    Geoshape,
    /// Where the device was when the form was opened.
    StartGeopoint,
    /// Where the device was when its trigger changed.
    BackgroundGeopoint,
    /// The day the form was opened.
    Today,
    /// When the form was opened.
    Start,
    /// When the form was last changed.
    End,
    /// The device that the form was opened on.
    DeviceId,
    /// The person's telephone number, where the device knows one.
    PhoneNumber,
    /// The person's name.
    Username,
    /// The person's e-mail address, where the device knows one.
    Email,
    /// A log of who changed what when: every record is one, so there is no answer.
    Audit,
}

impl QuestionKind {
    /// Whether the device fills it by its clock, by who it is, or by where it is.
    pub const fn is_stamp(self) -> bool {
        matches!(
            self,
            Self::Today
                | Self::Start
                | Self::End
                | Self::DeviceId
                | Self::PhoneNumber
                | Self::Username
                | Self::Email
                | Self::StartGeopoint
                | Self::BackgroundGeopoint
                | Self::Audit
        )
    }

    /// Whether nobody sees it: it fills itself.
    pub const fn is_unseen(self) -> bool {
        self.is_stamp() || matches!(self, Self::Calculate | Self::Hidden)
    }

    /// Whether its answer is one or more names of choices.
    pub const fn is_select(self) -> bool {
        matches!(self, Self::SelectOne | Self::SelectMultiple | Self::Rank)
    }

    /// Whether its answer names a file by its content hash.
    pub const fn is_file(self) -> bool {
        matches!(self, Self::Image | Self::Audio | Self::BackgroundAudio | Self::Video | Self::File)
    }

    /// Whether its answer is a number.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Range)
    }
}
