//! What a person does to a record, as data.

mod read;

use serde::{Deserialize, Serialize};

use crate::clash::ClashKey;
use crate::key::{Answer, AnswerPath, CommentId, CommentText, RowPath};

/// One thing done to a record. Several that belong together become one change, see
/// [`crate::Record::commit`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do", try_from = "read::Fields")]
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
    /// Puts a row in another place among its siblings. A row that was removed, or is in a clash, stays where it is.
    MoveRow {
        /// The row.
        row: RowPath,
        /// The row of the same repeat that it comes behind; first of all where there is none.
        after: Option<RowPath>,
    },
    /// Removes a row. Its answers stay in the record, out of sight.
    RemoveRow {
        /// The row.
        row: RowPath,
    },
    /// Says something about the record to all who work on it. What was said stays as it was said.
    Comment {
        /// Drawn at random by whoever says it.
        id: CommentId,
        /// The question that it is about; the whole record where there is none.
        at: Option<AnswerPath>,
        /// What is said.
        text: CommentText,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edit_is_read_as_it_is_written() {
        let written = [
            r#"{"do":"answer","path":"a/b","value":"1"}"#,
            r#"{"do":"add-row","row":"a/b[1]","after":null}"#,
            r#"{"do":"move-row","row":"a/b[1]","after":"a/b[2]"}"#,
            r#"{"do":"remove-row","row":"a/b[1]"}"#,
            r#"{"do":"comment","id":"c1","at":"a/b","text":"why?"}"#,
            r#"{"do":"comment","id":"c1","at":null,"text":"why?"}"#,
            r#"{"do":"settle","key":{"at":"answer","path":"a/b"},"value":"2"}"#,
            r#"{"do":"settle","key":{"at":"state","path":"closed"},"value":""}"#,
            r#"{"do":"close","at":1700000000}"#,
            r#"{"do":"reopen"}"#,
            r#"{"do":"withdraw","at":-1}"#,
        ];
        for text in written {
            let edit: Edit = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(serde_json::to_string(&edit).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_edit_is_refused() {
        for text in [
            r#"{"path":"a","value":"1"}"#,
            r#"{"do":"answer","path":"a"}"#,
            r#"{"do":"answer","path":"","value":"1"}"#,
            r#"{"do":"comment","id":"c1","at":5,"text":"why?"}"#,
            r#"{"do":"close","at":"a/b"}"#,
            r#"{"do":"close","at":18446744073709551615}"#,
            r#"{"do":"jump"}"#,
        ] {
            assert!(serde_json::from_str::<Edit>(text).is_err(), "{text}");
        }
    }
}
