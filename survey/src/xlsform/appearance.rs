//! The `appearance` column: which of its words the app knows, by type.

use crate::instrument::{NodeKind, QuestionKind};

/// Old spellings of words that ODK took into its list.
const OLD: [(&str, &str); 4] = [
    ("compact", "columns-pack"),
    ("quickcompact", "quick columns-pack"),
    ("horizontal", "columns"),
    ("horizontal-compact", "columns-pack"),
];

/// The words of a cell, old spellings replaced.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let counted = word.strip_prefix("compact-").or_else(|| word.strip_prefix("quickcompact-"));
        let new = match (OLD.iter().find(|(old, _)| *old == word), counted) {
            (Some((_, new)), _) => (*new).to_owned(),
            (None, Some(count)) if word.starts_with("quick") => format!("quick columns-{count}"),
            (None, Some(count)) => format!("columns-{count}"),
            (None, None) => word.to_owned(),
        };
        found.extend(new.split(' ').map(str::to_owned));
    }
    found
}

/// Whether the app shows a node otherwise for this word; what it does not know is shown plainly.
pub(crate) fn is_known(kind: &NodeKind, word: &str) -> bool {
    // Widths of a printed grid, which a phone has no room for, and the mark of a consent change no control.
    let layout = word.strip_prefix('w').is_some_and(|n| n.parse::<u8>().is_ok()) || word == "consent";
    layout
        || match kind {
            NodeKind::Group | NodeKind::Repeat { .. } => matches!(word, "field-list" | "table-list"),
            NodeKind::Question(question) => of_question(question.kind, word),
        }
}

fn of_question(kind: QuestionKind, word: &str) -> bool {
    use QuestionKind as Q;
    match kind {
        Q::Text => matches!(word, "numbers" | "multiline" | "thousands-sep" | "masked"),
        // Numbers have the keys for numbers anyway.
        Q::Integer => matches!(word, "numbers" | "thousands-sep" | "counter" | "masked"),
        Q::Decimal => matches!(word, "numbers" | "thousands-sep" | "masked"),
        Q::Range => matches!(word, "vertical" | "no-ticks" | "picker" | "rating"),
        Q::Image => matches!(word, "signature" | "draw" | "new"),
        Q::Audio | Q::Video => word == "new",
        Q::Date | Q::DateTime => matches!(word, "no-calendar" | "month-year" | "year"),
        Q::Geopoint => matches!(word, "placement-map" | "maps"),
        Q::SelectOne => of_select(word) || matches!(word, "quick" | "likert"),
        Q::SelectMultiple => of_select(word),
        _ => false,
    }
}

fn of_select(word: &str) -> bool {
    let columns = word.strip_prefix("columns-").and_then(|count| count.parse::<u8>().ok());
    columns.is_some_and(|count| (1..=10).contains(&count))
        || matches!(
            word,
            "minimal"
                | "search"
                | "autocomplete"
                | "columns"
                | "columns-pack"
                | "no-buttons"
                | "label"
                | "list-nolabel"
                | "list"
        )
}
