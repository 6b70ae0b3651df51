//! What a person does to a record, as data.

use serde::{Deserialize, Serialize};

use crate::clash::ClashKey;
use crate::key::{Answer, AnswerPath, RowPath};

/// One thing done to a record. Several that belong together become one change, see
/// [`crate::Record::commit`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Edit {
    /// Writes an answer; the empty text blanks it. In a row, the row's mark is touched too.
    Answer {
        /// Which question.
        path: AnswerPath,
        /// The answer.
        value: Answer,
    },
    /// Adds a row, or takes a removed one back.
    AddRow {
        /// The row.
        row: RowPath,
        /// The row of the same repeat that it comes behind; at the end where there is none.
        after: Option<RowPath>,
    },
    /// Removes a row. Its answers stay in the record, out of sight.
    RemoveRow {
        /// The row.
        row: RowPath,
    },
    /// Chooses one value of a clash.
    Settle {
        /// Which clash.
        key: ClashKey,
        /// The value, as [`crate::clash::Version`] gives it.
        value: String,
    },
    /// Closes the record.
    Close {
        /// When, in Unix seconds of this device.
        at: i64,
    },
    /// Opens a closed record again.
    Reopen,
    /// Takes the consent of an interview back.
    Withdraw {
        /// When, in Unix seconds of this device.
        at: i64,
    },
}
