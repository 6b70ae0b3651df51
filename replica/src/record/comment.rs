//! Comments: what people who work on a record say to each other about it.

use super::view::Written;
use crate::id::Actor;
use crate::key::{AnswerPath, CommentId, CommentText};

/// Something that was said about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its name within the record.
    pub id: CommentId,
    /// The question that it is about; the whole record where there is none.
    pub at: Option<AnswerPath>,
    /// What was said.
    pub text: String,
    /// Who said it; nothing where the actor is none of Loket's.
    pub actor: Option<Actor>,
    /// When, in Unix seconds of the writing device: a claim.
    pub time: i64,
}

/// Parts the question's path, which has no line breaks, from what is said.
const PART: char = '\n';

/// What is stored for a comment.
pub(super) fn text_of(at: Option<&AnswerPath>, text: &CommentText) -> String {
    format!("{}{PART}{text}", at.map_or("", AnswerPath::as_str))
}

/// A comment as it is stored; nothing where it is none of Loket's.
pub(super) fn read(id: &str, written: &Written) -> Option<Comment> {
    let (at, text) = written.text.split_once(PART)?;
    let (actor, time) = written.by();
    Some(Comment { id: id.parse().ok()?, at: at.parse().ok(), text: text.to_owned(), actor, time })
}
