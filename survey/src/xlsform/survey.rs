//! The survey sheet: rows become nodes, and begins and ends become groups and repeats.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::instrument::{Choice, CountsFor, Language, Node, NodeId, NodeKind, Question, QuestionKind, Texts};
use crate::path::MAX_PATH_BYTES;
use crate::xlsform::choices::source;
use crate::xlsform::fault::{FaultKind, nearest};
use crate::xlsform::table::{Columns, Line, Table, written};
use crate::xlsform::types::{self, Block, RowType};
use crate::xlsform::workbook::{Faults, Place};

pub(crate) const COLUMNS: Columns = Columns {
    known: &[
        "type",
        "name",
        "label",
        "hint",
        "required",
        "required_message",
        "relevant",
        "constraint",
        "constraint_message",
        "calculation",
        "choice_filter",
        "default",
        "appearance",
        "repeat_count",
        "read_only",
        "dimension",
        "indicator",
        "source",
        "disabled",
    ],
    translated: &["label", "hint", "required_message", "constraint_message"],
    unused: &[
        "guidance_hint",
        "media",
        "image",
        "audio",
        "video",
        "big_image",
        "parameters",
        "trigger",
        "autoplay",
        "body",
        "bind",
        "instance",
        "control",
        "intent",
        "query",
        "save_to",
        "note",
        "noapperrorstring",
        "comment",
        "comments",
    ],
    aliases: &[
        ("command", "type"),
        ("caption", "label"),
        ("readonly", "read_only"),
        ("relevance", "relevant"),
        ("calculate", "calculation"),
        ("constraining_message", "constraint_message"),
        ("bind:jr:constraintmsg", "constraint_message"),
        ("jr:count", "repeat_count"),
        ("count", "repeat_count"),
        ("bind:relevant", "relevant"),
        ("bind:required", "required"),
        ("bind:constraint", "constraint"),
        ("bind:calculate", "calculation"),
    ],
    open: false,
};

/// The nodes, and the row that each came from.
#[derive(Debug, Default)]
pub(crate) struct Draft<'a> {
    pub(crate) nodes: Vec<Node>,
    pub(crate) lines: Vec<Line<'a>>,
    /// Lists that a `select_multiple` uses.
    pub(crate) joined: HashSet<String>,
}

/// A group or repeat that is not closed yet.
struct Open {
    node: NodeId,
    block: Block,
    name: String,
    row: u32,
    place: Place,
    path_bytes: usize,
}

struct Builder<'a, 'b> {
    draft: Draft<'a>,
    open: Vec<Open>,
    names: HashMap<(Option<NodeId>, String), u32>,
    lists: &'b BTreeMap<String, Vec<Choice>>,
    languages: &'b [Language],
    faults: &'b mut Faults,
}

/// Reads every row but its expressions.
pub(crate) fn read<'a>(
    table: &'a Table<'a>,
    lists: &BTreeMap<String, Vec<Choice>>,
    languages: &[Language],
    faults: &mut Faults,
) -> Draft<'a> {
    table.want("type", faults);
    table.want("name", faults);
    let mut builder = Builder {
        draft: Draft::default(),
        open: Vec::new(),
        names: HashMap::new(),
        lists,
        languages,
        faults,
    };
    for line in table.lines() {
        if !matches!(line.cell("disabled").to_lowercase().as_str(), "yes" | "true" | "true()") {
            builder.line(line);
        }
    }
    for open in &builder.open {
        let kind = FaultKind::NeverClosed { open: open.block.word(), name: open.name.clone() };
        builder.faults.error(&open.place, kind);
    }
    if builder.draft.nodes.is_empty() && builder.faults.errors.is_empty() {
        builder.faults.error(&table.place(None, None), FaultKind::NoQuestions);
    }
    builder.draft
}

impl<'a> Builder<'a, '_> {
    fn line(&mut self, line: Line<'a>) {
        let text = line.cell("type");
        if text.is_empty() {
            // Remarks beside the form are no rows of it.
            let meant = ["name", "label", "calculation"].iter().any(|column| !line.cell(column).is_empty());
            if meant {
                self.faults.error(&line.at("type"), FaultKind::MissingType);
            }
            return;
        }
        match types::parse(text) {
            Err(kind) => {
                self.faults.error(&line.at("type"), kind);
                // Its name is still a name: other rows may refer to it without a fault of their own.
                self.question(line, QuestionKind::Text, None);
            }
            Ok(RowType::Question(kind)) => self.question(line, kind, None),
            Ok(RowType::Select(kind, list)) => self.select(line, kind, list),
            Ok(RowType::Begin(block)) => self.begin(line, block),
            Ok(RowType::End(block)) => self.end(line, block),
        }
    }

    fn select(&mut self, line: Line<'a>, kind: QuestionKind, list: String) {
        if !self.lists.contains_key(&list) {
            let nearest = nearest(&list, self.lists.keys().map(String::as_str));
            self.faults.error(&line.at("type"), FaultKind::UnknownList { list: list.clone(), nearest });
        } else if kind == QuestionKind::SelectMultiple {
            self.draft.joined.insert(list.clone());
        }
        self.question(line, kind, Some(list));
    }

    fn question(&mut self, line: Line<'a>, kind: QuestionKind, choice_list: Option<String>) {
        let question = Question {
            kind,
            required: None,
            required_message: line.texts("required_message", self.languages, 0),
            constraint: None,
            constraint_message: line.texts("constraint_message", self.languages, 0),
            calculation: None,
            default: None,
            choice_list,
            choice_filter: None,
            read_only: self.read_only(line),
        };
        let node = self.node(line, NodeKind::Question(Box::new(question)));
        let hidden = matches!(
            kind,
            QuestionKind::Calculate | QuestionKind::Start | QuestionKind::End | QuestionKind::Today
        );
        if node.label.is_empty()
            && !hidden
            && line.cell("calculation").is_empty()
            && line.cell("hint").is_empty()
        {
            self.faults.warn(&line.at("label"), FaultKind::MissingLabel);
        }
        if !line.cell("repeat_count").is_empty() {
            self.faults.warn(&line.at("repeat_count"), FaultKind::NoEffect { column: "repeat_count" });
        }
        self.push(line, node);
    }

    fn read_only(&mut self, line: Line<'_>) -> bool {
        yes_or_no(line.cell("read_only")).unwrap_or_else(|()| {
            let text = line.cell("read_only").to_owned();
            self.faults.error(&line.at("read_only"), FaultKind::NotYesOrNo { text });
            false
        })
    }

    fn begin(&mut self, line: Line<'a>, block: Block) {
        let kind = match block {
            Block::Group => NodeKind::Group,
            Block::Repeat => NodeKind::Repeat { count: None },
        };
        let node = self.node(line, kind);
        let above = self.open.last().map_or(0, |open| open.path_bytes);
        // A row id takes at most 16 characters and two brackets.
        let row_bytes = if block == Block::Repeat { 18 } else { 0 };
        let open = Open {
            node: NodeId(u32::try_from(self.draft.nodes.len()).unwrap_or(u32::MAX)),
            block,
            name: node.name.clone(),
            row: line.number(),
            place: line.at("type"),
            path_bytes: above + node.name.len() + 1 + row_bytes,
        };
        self.push(line, node);
        self.open.push(open);
    }

    fn end(&mut self, line: Line<'_>, block: Block) {
        let found = line.cell("type").to_owned();
        match self.open.last() {
            None => self.faults.error(&line.at("type"), FaultKind::EndWithoutBegin { found }),
            Some(open) if open.block != block => {
                let kind = FaultKind::WrongEnd {
                    found,
                    open: open.block.word(),
                    name: open.name.clone(),
                    row: open.row,
                };
                self.faults.error(&line.at("type"), kind);
                // Where the right one is open further out, take the row as meant for that.
                if let Some(at) = self.open.iter().rposition(|open| open.block == block) {
                    self.open.truncate(at);
                }
            }
            Some(_) => {
                self.open.pop();
            }
        }
    }

    fn node(&mut self, line: Line<'a>, kind: NodeKind) -> Node {
        let label = line.texts("label", self.languages, 0);
        let hint = line.texts("hint", self.languages, 0);
        warn_of_gaps(&label, "label", self.languages, line, self.faults);
        warn_of_gaps(&hint, "hint", self.languages, line, self.faults);
        Node {
            name: line.cell("name").to_owned(),
            parent: self.open.last().map(|open| open.node),
            kind,
            label,
            hint,
            relevant: None,
            appearance: line.cell("appearance").split_whitespace().map(str::to_owned).collect(),
            counts_for: counts_for(line, self.faults),
        }
    }

    fn push(&mut self, line: Line<'a>, mut node: Node) {
        let name = node.name.clone();
        if name.is_empty() {
            let is_note =
                matches!(&node.kind, NodeKind::Question(question) if question.kind == QuestionKind::Note);
            if is_note {
                // As the reference converter does: nothing refers to a note.
                node.name = format!("generated_note_name_{}", line.number());
            } else {
                self.faults.error(&line.at("name"), FaultKind::MissingName);
            }
        } else if !is_name(&name) {
            self.faults.error(&line.at("name"), FaultKind::BadName { name: name.clone() });
        } else {
            let first = *self.names.entry((node.parent, name.clone())).or_insert(line.number());
            if first != line.number() {
                self.faults.error(&line.at("name"), FaultKind::DuplicateName { name: name.clone(), first });
            }
        }
        let above = self.open.last().map_or(0, |open| open.path_bytes);
        if above + name.len() + 18 > MAX_PATH_BYTES {
            self.faults.error(&line.at("name"), FaultKind::PathTooLong { name });
        }
        self.draft.nodes.push(node);
        self.draft.lines.push(line);
    }
}

/// Warns where a text is there in some languages only.
pub(crate) fn warn_of_gaps(
    texts: &Texts,
    what: &'static str,
    languages: &[Language],
    line: Line<'_>,
    faults: &mut Faults,
) {
    if texts.is_empty() {
        return;
    }
    for (language, _) in languages.iter().zip(&texts.0).filter(|(_, text)| text.is_empty()) {
        faults.warn(&line.at(what), FaultKind::MissingTranslation { what, language: written(language) });
    }
}

fn counts_for(line: Line<'_>, faults: &mut Faults) -> Option<CountsFor> {
    let (dimension, indicator) = (line.cell("dimension"), line.cell("indicator"));
    if dimension.is_empty() && indicator.is_empty() {
        return None;
    }
    let mut complete = true;
    for (what, text) in [("dimension", dimension), ("indicator", indicator)] {
        if !text.is_empty() && !is_slug(text) {
            faults.error(&line.at(what), FaultKind::BadSlug { what, text: text.to_owned() });
            complete = false;
        }
    }
    let has = if dimension.is_empty() { "indicator" } else { "dimension" };
    for lacks in ["dimension", "indicator", "source"] {
        if line.cell(lacks).is_empty() {
            faults.error(&line.at(lacks), FaultKind::IncompleteCountsFor { has, lacks });
            complete = false;
        }
    }
    let source = source(line.cell("source"))?;
    complete.then(|| CountsFor { dimension: dimension.to_owned(), indicator: indicator.to_owned(), source })
}

/// `yes` and `no` as workbooks write them; the empty cell is no.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, ()> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "true()" => Ok(true),
        "" | "no" | "false" | "false()" => Ok(false),
        _ => Err(()),
    }
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(fits)
}

fn is_slug(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    text.len() <= 64 && text.chars().all(fits)
}
