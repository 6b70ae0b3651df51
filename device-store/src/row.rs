//! A row of any object store.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::database::{Key, Part};
use crate::rows::{
    CarriedRow, ChangeRow, InstrumentRow, JournalRow, MetaRow, NamesRow, OutboxRow, PhotoBytesRow, PhotoRow,
    RecordRow, RefusedRow, StreamRow,
};
use crate::schema;

/// A row's type.
pub(crate) trait Stored: Sized {
    /// As a row of any store.
    fn pack(self) -> Row;

    /// Out of a row; nothing where it is another store's.
    fn unpack(row: Row) -> Option<Self>;
}

macro_rules! rows {
    ($($kind:ident($row:ty) in $store:expr, $what:literal;)+) => {
        /// A row of any object store.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Row {
            $(#[doc = $what] $kind($row),)+
        }

        impl Row {
            /// Reads a row of this object store.
            ///
            /// # Errors
            /// Where it is none.
            pub fn read<'de, D: Deserializer<'de>>(store: &str, from: D) -> Result<Self, D::Error> {
                $(if store == $store {
                    return <$row>::deserialize(from).map(Self::$kind);
                })+
                Err(de::Error::custom("there is no such object store"))
            }

            /// The object store that it stands in.
            pub fn store(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $store,)+
                }
            }
        }

        $(impl Stored for $row {
            fn pack(self) -> Row {
                Row::$kind(self).marked()
            }

            fn unpack(row: Row) -> Option<Self> {
                match row {
                    Row::$kind(row) => Some(row),
                    _ => None,
                }
            }
        })+
    };
}

rows! {
    Record(RecordRow) in schema::RECORDS, "A record as lists show it.";
    Change(ChangeRow) in schema::CHANGES, "An Automerge change.";
    Outbox(OutboxRow) in schema::OUTBOX, "A change that waits for the server.";
    Journal(JournalRow) in schema::JOURNAL, "What was typed and is not a change yet.";
    Photo(PhotoRow) in schema::PHOTOS, "What is known of a photo.";
    PhotoBytes(PhotoBytesRow) in schema::PHOTO_BYTES, "A photo.";
    Refused(RefusedRow) in schema::REFUSED, "A change that the server refused.";
    Carried(CarriedRow) in schema::CARRIED, "A batch out of another phone's backup.";
    Stream(StreamRow) in schema::STREAMS, "Where reading of a stream stands.";
    Names(NamesRow) in schema::NAMES, "What the server has named of a stream.";
    Instrument(InstrumentRow) in schema::INSTRUMENTS, "An instrument.";
    Meta(MetaRow) in schema::META, "A single value.";
}

impl Row {
    /// Its own key; nothing where the database has not counted one yet.
    pub fn key(&self) -> Option<Key> {
        Some(match self {
            Self::Record(row) => vec![text(row.id)],
            Self::Change(row) => vec![text(row.record), text(row.hash)],
            Self::Outbox(row) => vec![Part::Number(row.position?)],
            Self::Journal(row) => vec![Part::Number(row.position?)],
            Self::Photo(row) => vec![text(row.hash)],
            Self::PhotoBytes(row) => vec![text(row.hash)],
            Self::Refused(row) => vec![text(row.hash)],
            Self::Carried(row) => vec![text(&row.id)],
            Self::Stream(row) => vec![text(&row.stream)],
            Self::Names(row) => vec![text(&row.stream), Part::Number(row.upto)],
            Self::Instrument(row) => vec![text(row.hash)],
            Self::Meta(row) => vec![text(&row.key)],
        })
    }

    /// What an index goes by; nothing where the row is not in it.
    pub fn indexed(&self, index: &str) -> Option<Key> {
        let one = |id: &dyn ToString| Some(vec![Part::Text(id.to_string())]);
        match (self, index) {
            (Self::Record(row), schema::BY_UNIT) => Some(vec![text(&row.unit), text(row.kind.as_str())]),
            (Self::Record(row), schema::BY_KIND) => one(&row.kind.as_str()),
            (Self::Record(row), schema::BY_ATTENTION) => Some(vec![Part::Number(row.attention?.into())]),
            (Self::Record(row), schema::BY_FINISHED) => {
                Some(vec![text(&row.unit), Part::Number(row.finished?.into())])
            }
            (Self::Change(row), schema::BY_OWN_STREAM) => one(row.own_stream.as_ref()?),
            (Self::Outbox(row), schema::BY_RECORD) => one(&row.record),
            (Self::Outbox(row), schema::BY_HASH) => one(&row.hash),
            (Self::Journal(row), schema::BY_RECORD) => one(&row.record),
            (Self::Photo(row), schema::BY_RECORD) => one(&row.record),
            (Self::Photo(row), schema::BY_WAITING) => Some(vec![Part::Number(row.waiting?)]),
            (Self::Refused(row), schema::BY_RECORD) => one(&row.record),
            _ => None,
        }
    }

    /// The same as it is kept.
    #[must_use]
    fn marked(self) -> Self {
        match self {
            Self::Record(row) => Self::Record(row.marked()),
            other => other,
        }
    }

    /// The same with the place that was counted for it.
    #[must_use]
    pub fn at(self, position: u64) -> Self {
        let position = Some(position);
        match self {
            Self::Outbox(row) => Self::Outbox(OutboxRow { position, ..row }),
            Self::Journal(row) => Self::Journal(JournalRow { position, ..row }),
            other => other,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "ids are small, and callers read better")]
fn text(id: impl ToString) -> Part {
    Part::Text(id.to_string())
}
