//! Comments: what people who work on a record say to each other about it.

use automerge::ReadDoc;

use super::Record;
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

impl Record {
    /// All that was said, the oldest first by the devices' own clocks: the same on every device.
    pub fn comments(&self) -> Vec<Comment> {
        let map = &self.maps.comments;
        let all = self.doc.map_range(map, ..).flat_map(|item| {
            let id = item.key.parse::<CommentId>().ok();
            let versions = self.versions(map, &item.key);
            id.into_iter().flat_map(move |id| {
                versions.clone().into_iter().map(move |written| (id.clone(), written)).collect::<Vec<_>>()
            })
        });
        let comments = all.filter_map(|(id, written)| {
            let (at, text) = written.text.split_once(PART)?;
            let (actor, time) = written.by();
            Some(Comment { id, at: at.parse().ok(), text: text.to_owned(), actor, time })
        });
        let mut comments: Vec<_> = comments.collect();
        comments.sort_by(|a, b| (a.time, &a.id, a.actor).cmp(&(b.time, &b.id, b.actor)));
        comments
    }
}
