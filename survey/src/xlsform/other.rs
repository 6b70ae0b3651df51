//! `or_other`: the choice that is added to a list, and the question that follows it.

use crate::instrument::{Choice, Language, Node, NodeId, NodeKind, Question, Texts};

/// What is stored when it is chosen.
pub(crate) const NAME: &str = "other";

/// The added choice.
pub(crate) fn choice(languages: &[Language]) -> Choice {
    Choice { name: NAME.to_owned(), label: said(languages, "Other", "Lainnya"), ..Choice::default() }
}

/// The added question.
pub(crate) fn question(name: String, parent: Option<NodeId>, languages: &[Language]) -> Node {
    Node {
        name,
        parent,
        label: said(languages, "Specify other.", "Sebutkan yang lain."),
        ..Node::of(NodeKind::Question(Box::<Question>::default()))
    }
}

/// In Indonesian where a language is that, else in English as the standard has it.
fn said(languages: &[Language], english: &str, indonesian: &str) -> Texts {
    let text = |language: &Language| if language.code == "id" { indonesian } else { english };
    Texts(languages.iter().map(|language| text(language).to_owned()).collect())
}
