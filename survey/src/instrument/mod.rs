//! The compiled form: questions, groups, repeats, choices and marks, immutable once published.

mod choices;
mod kinds;
mod range;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::expression::Expression;

pub use choices::{Choice, ChoiceList, Mark};
pub use kinds::QuestionKind;
pub use range::Steps;

/// A text in the instrument's languages, in the order of [`Instrument::languages`].
/// A missing translation is an empty string; [`Texts::in_language`] falls back to the first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(pub Vec<String>);

impl Texts {
    /// The text in the language at `index`, or the first language that has one; `""` if none has.
    pub fn in_language(&self, index: usize) -> &str {
        match self.0.get(index) {
            Some(text) if !text.is_empty() => text,
            _ => self.0.iter().find(|text| !text.is_empty()).map_or("", String::as_str),
        }
    }

    /// True where no language has a text.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }
}

/// A language of an instrument as the workbook heads it: `Bahasa Indonesia (id)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// The name before the brackets.
    pub name: String,
    /// The BCP 47 code in brackets, `""` where the workbook has none.
    pub code: String,
}

/// Place of a node in [`Instrument::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u32);

/// A whole compiled form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instrument {
    /// `form_id` of the settings sheet.
    pub form_id: String,
    /// `form_title` of the settings sheet.
    pub title: String,
    /// `version` of the settings sheet.
    pub version: String,
    /// In workbook order, the default language first.
    pub languages: Vec<Language>,
    /// All questions, groups and repeats in document order; a parent stands before its children.
    pub nodes: Vec<Node>,
    /// Choice lists by list name; those of files by the file's name without its end.
    pub choice_lists: BTreeMap<String, ChoiceList>,
    /// Pictures and sounds that the form shows: by file name, each as a `data:` address.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// `instance_name` of the settings sheet: what a filled form is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naming: Option<Expression>,
}

/// Files that go with a text, by language as [`Texts`]: names in [`Instrument::files`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// `image` column.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub image: Texts,
    /// `big-image` column: shown when the image is opened.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub big_image: Texts,
    /// `audio` column.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub audio: Texts,
    /// `video` column.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub video: Texts,
}

impl Media {
    /// True where no file goes with the text.
    pub fn is_empty(&self) -> bool {
        [&self.image, &self.big_image, &self.audio, &self.video].into_iter().all(Texts::is_empty)
    }
}

/// A question, group or repeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// `name` column; unique among its siblings.
    pub name: String,
    /// The group or repeat it stands in; none at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<NodeId>,
    /// What it is.
    pub kind: NodeKind,
    /// `label` column. May hold `${name}` references, see [`crate::session::Session::label`].
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub label: Texts,
    /// `hint` column.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub hint: Texts,
    /// `guidance_hint` column: more of a hint, folded until asked for.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub guidance: Texts,
    /// What is shown or played beside the label.
    #[serde(default, skip_serializing_if = "Media::is_empty")]
    pub media: Media,
    /// `relevant` column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<Expression>,
    /// `appearance` column, split at blanks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appearance: Vec<String>,
    /// What the node counts for in a score, where the workbook says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_for: Option<CountsFor>,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Something that is answered, calculated or only read (a note).
    Question(Box<Question>),
    /// `begin_group`.
    Group,
    /// `begin_repeat`.
    Repeat {
        /// `repeat_count`; none where people add rows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<Expression>,
    },
}

/// The part of a node that only questions have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// `type` column.
    pub kind: QuestionKind,
    /// `required` column; an expression, mostly `true()`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Expression>,
    /// `required_message` column.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub required_message: Texts,
    /// `constraint` column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraint: Option<Expression>,
    /// `constraint_message` column.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub constraint_message: Texts,
    /// `calculation` column. Where there are `triggers` it is worked out when one of them changes, and stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculation: Option<Expression>,
    /// `trigger` column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<NodeId>,
    /// `default` column: a literal is compiled to a literal expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expression>,
    /// Name of the list in [`Instrument::choice_lists`], for selects, ranks and a range's tick labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice_list: Option<String>,
    /// The question whose answers in the rows of its repeat are the choices (`select_one ${name}`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices_from: Option<NodeId>,
    /// `choice_filter` column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice_filter: Option<Expression>,
    /// `randomize=true` among the parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shuffle: Option<Shuffle>,
    /// `read_only` column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<Expression>,
    /// The rest of the `parameters` column: `start`, `end` and `step` of a range, `rows`, `max-pixels`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

impl Question {
    /// Whether a range's answers may have a decimal point: its bounds or its step have one.
    pub fn is_decimal_range(&self) -> bool {
        ["start", "end", "step", "tick_interval", "placeholder"]
            .iter()
            .filter_map(|name| self.parameters.get(*name)?.parse::<f64>().ok())
            .any(|number| number.fract() != 0.0)
    }
}

/// In which order choices are shown, where that is not the workbook's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shuffle {
    /// `seed=`: the same order for the same value; another order at each opening where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Expression>,
}

/// What a question counts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountsFor {
    /// `dimension` column: `input`, `proses`, `output`, `pengaduan`, `skm`.
    pub dimension: String,
    /// `indicator` column: the indicator's code within the dimension.
    pub indicator: String,
    /// `source` column.
    pub source: Source,
}

/// Where a figure or a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The sources leave it open; shown as assumed wherever it is used.
    Assumed,
    /// A source as the workbook names it: `S83`, `UU 25/2009 pasal 21`.
    Cited(String),
}

/// SHA-256 of an instrument's canonical JSON; names the instrument for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstrumentHash(pub [u8; 32]);

impl Instrument {
    /// The bytes that are hashed, stored and sent: compact JSON in declaration order.
    ///
    /// # Errors
    /// Only where `serde_json` fails, which no value of this type makes it do.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The hash of [`Instrument::to_json`].
    ///
    /// # Errors
    /// As [`Instrument::to_json`].
    pub fn hash(&self) -> Result<InstrumentHash, serde_json::Error> {
        Ok(InstrumentHash::of(&self.to_json()?))
    }

    /// The node that a path leads to, whatever its rows; none where there is no such.
    pub fn find(&self, path: &crate::path::Path) -> Option<&Node> {
        let mut found = None;
        for step in path.steps() {
            let parent = found;
            let inside = |node: &Node| node.parent == parent && node.name == step.name;
            found = Some(NodeId(u32::try_from(self.nodes.iter().position(inside)?).ok()?));
        }
        self.node(found?)
    }

    /// A stored value as a person would say it: labels for choices, the value itself for the rest.
    pub fn in_words(&self, node: Option<&Node>, value: &str, language: usize) -> String {
        let list = node
            .and_then(|node| match &node.kind {
                NodeKind::Question(question) => question.choice_list.as_ref(),
                _ => None,
            })
            .and_then(|name| self.choice_lists.get(name));
        let Some(list) = list else { return value.to_owned() };
        let label = |name: &str| {
            list.named(name)
                .map_or_else(|| name.to_owned(), |choice| choice.label.in_language(language).to_owned())
        };
        value.split(' ').filter(|name| !name.is_empty()).map(label).collect::<Vec<_>>().join(", ")
    }

    /// The place of a language by its code, for [`Texts::in_language`]; the first where it has no such.
    pub fn language(&self, code: &str) -> usize {
        self.languages.iter().position(|own| own.code == code).unwrap_or(0)
    }

    /// The path of a node that stands in no repeat; none where it stands in one.
    pub fn path_outside_rows(&self, id: NodeId) -> Option<crate::path::Path> {
        let node = self.node(id)?;
        if matches!(node.kind, NodeKind::Repeat { .. }) {
            return None;
        }
        let parent =
            node.parent.map_or(Some(crate::path::Path::top()), |parent| self.path_outside_rows(parent))?;
        Some(parent.child(&node.name))
    }

    /// The node at `id`; none where `id` is of another instrument.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::try_from(id.0).ok()?)
    }
}

impl Node {
    /// A node without a name, texts or conditions.
    pub fn of(kind: NodeKind) -> Self {
        Self {
            name: String::new(),
            parent: None,
            kind,
            label: Texts::default(),
            hint: Texts::default(),
            guidance: Texts::default(),
            media: Media::default(),
            relevant: None,
            appearance: Vec::new(),
            counts_for: None,
        }
    }

    /// Whether the device fills it by itself (its clock, who it is, where it is): two devices differ there, and
    /// nobody has to choose.
    pub fn is_stamp(&self) -> bool {
        matches!(&self.kind, NodeKind::Question(question) if question.kind.is_stamp())
    }
}

impl InstrumentHash {
    /// The hash of an instrument's JSON bytes.
    pub fn of(json: &[u8]) -> Self {
        Self(Sha256::digest(json).into())
    }
}

impl fmt::Display for InstrumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
