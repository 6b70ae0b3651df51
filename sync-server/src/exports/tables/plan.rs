//! Which columns the questions of the instruments become. A round may have been filled with several versions of an
//! instrument: what they share is one column, and what one of them has alone is a column of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use survey::instrument::{Instrument, Node, NodeId, NodeKind, Question, QuestionKind, Texts};

use crate::exports::table::Label;

/// Choices of a list that still become a column each, where several can be ticked.
const TICKS: usize = 100;
/// Choices of a list that still become numbers with labels; a longer list stays names.
const LISTED: usize = 2_000;

/// How the answers to a question are kept in tables.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Storage {
    /// As text.
    Text,
    /// As a whole number.
    Whole,
    /// As a decimal.
    Decimal,
    /// As a day.
    Date,
    /// As a moment.
    Moment,
    /// As one of the choices, by name.
    One(Vec<(String, Label)>),
    /// As text, and a yes or no for each choice.
    Several(Vec<(String, Label)>),
    /// As yes.
    Tick,
    /// As latitude and longitude.
    Place,
}

/// A question of one or more versions of an instrument.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The names of the groups that it stands in, inside its level, and its own.
    pub chain: Vec<String>,
    /// As asked.
    pub label: Label,
    /// How answers are kept.
    pub storage: Storage,
    /// The versions that have it, by their place.
    pub versions: BTreeSet<usize>,
}

/// The top of a form, or the rows of a repeat.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    /// The names from the top of the form down to the repeat; none at the top.
    pub chain: Vec<String>,
    /// What the repeat is called.
    pub label: Label,
    /// Its questions, in the order of the form.
    pub asked: Vec<Asked>,
}

/// The levels of these versions of an instrument: first the top, then each repeat.
pub(super) fn levels(versions: &[Arc<Instrument>]) -> Vec<Level> {
    let mut levels = vec![Level::default()];
    for (version, instrument) in versions.iter().enumerate() {
        let languages = Languages::of(instrument);
        for (at, node) in instrument.nodes.iter().enumerate() {
            let Ok(id) = u32::try_from(at) else { break };
            let (above, inside) = place(instrument, NodeId(id));
            match &node.kind {
                NodeKind::Group => {}
                NodeKind::Repeat { .. } => {
                    let chain = [above, inside].concat();
                    if !levels.iter().any(|level| level.chain == chain) {
                        let label = languages.named(&node.label, &node.name);
                        levels.push(Level { chain, label, asked: Vec::new() });
                    }
                }
                NodeKind::Question(question) => {
                    let Some(storage) = storage(instrument, question, &languages) else { continue };
                    let Some(level) = levels.iter_mut().find(|level| level.chain == above) else { continue };
                    level.add(inside, languages.named(&node.label, &node.name), storage, version);
                }
            }
        }
    }
    levels
}

impl Level {
    fn add(&mut self, chain: Vec<String>, label: Label, storage: Storage, version: usize) {
        let same = self.asked.iter_mut().find(|asked| asked.chain == chain && asked.storage.joins(&storage));
        match same {
            Some(asked) => {
                asked.storage.join(storage);
                asked.versions.insert(version);
            }
            None => self.asked.push(Asked { chain, label, storage, versions: BTreeSet::from([version]) }),
        }
    }
}

impl Storage {
    fn joins(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Takes in the choices that another version has more.
    fn join(&mut self, other: Self) {
        let (Self::One(own) | Self::Several(own), Self::One(theirs) | Self::Several(theirs)) = (self, other)
        else {
            return;
        };
        let known: BTreeSet<String> = own.iter().map(|(name, _)| name.clone()).collect();
        own.extend(theirs.into_iter().filter(|(name, _)| !known.contains(name)));
    }
}

/// The names down to the innermost repeat around a node, and from there to the node itself.
fn place(instrument: &Instrument, id: NodeId) -> (Vec<String>, Vec<String>) {
    let (mut above, mut inside) = (Vec::new(), Vec::new());
    let (mut at, mut in_repeat) = (Some(id), false);
    while let Some((own, node)) = at.and_then(|own| Some((own, instrument.node(own)?))) {
        in_repeat |= own != id && matches!(node.kind, NodeKind::Repeat { .. });
        if in_repeat { &mut above } else { &mut inside }.push(node.name.clone());
        at = node.parent;
    }
    above.reverse();
    inside.reverse();
    (above, inside)
}

/// How a question's answers are kept; none where it has none, or where they would tell who filled the form.
fn storage(instrument: &Instrument, question: &Question, languages: &Languages) -> Option<Storage> {
    use QuestionKind as Q;
    Some(match question.kind {
        Q::Note | Q::Audit | Q::DeviceId | Q::PhoneNumber | Q::Username | Q::Email => return None,
        Q::Integer => Storage::Whole,
        Q::Range if !question.is_decimal_range() => Storage::Whole,
        Q::Decimal | Q::Range => Storage::Decimal,
        Q::Date | Q::Today => Storage::Date,
        Q::DateTime | Q::Start | Q::End => Storage::Moment,
        Q::Acknowledge => Storage::Tick,
        Q::Geopoint | Q::StartGeopoint | Q::BackgroundGeopoint => Storage::Place,
        Q::SelectOne | Q::SelectMultiple => {
            let list = question.choice_list.as_ref().and_then(|name| instrument.choice_lists.get(name));
            let Some(list) = list.filter(|list| list.len() <= LISTED) else { return Some(Storage::Text) };
            let mut known = BTreeSet::new();
            let firsts = list.iter().filter(|choice| known.insert(choice.name.as_str()));
            let choices: Vec<_> = firsts
                .map(|choice| (choice.name.clone(), languages.named(&choice.label, &choice.name)))
                .collect();
            match question.kind {
                Q::SelectOne => Storage::One(choices),
                _ if choices.len() <= TICKS => Storage::Several(choices),
                _ => Storage::Text,
            }
        }
        _ => Storage::Text,
    })
}

/// Which of an instrument's languages are Indonesian and English; the first stands in for one that it lacks.
struct Languages {
    id: usize,
    en: usize,
}

impl Languages {
    fn of(instrument: &Instrument) -> Self {
        let find = |code: &str| {
            let has =
                |own: &str| own.split(['-', '_']).next().is_some_and(|own| own.eq_ignore_ascii_case(code));
            instrument.languages.iter().position(|language| has(&language.code)).unwrap_or(0)
        };
        Self { id: find("id"), en: find("en") }
    }

    /// A text on one line; the name where there is none.
    fn named(&self, texts: &Texts, name: &str) -> Label {
        let line = |language| {
            let words: Vec<&str> = texts.in_language(language).split_whitespace().collect();
            if words.is_empty() { name.to_owned() } else { words.join(" ") }
        };
        Label { id: line(self.id), en: line(self.en) }
    }
}

/// Whether a node is a repeat.
pub(super) fn is_repeat(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Repeat { .. })
}
