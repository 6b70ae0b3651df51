//! The survey sheet: rows become nodes, and begins and ends become groups and repeats.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::instrument::{
    ChoiceList, CountsFor, Language, Node, NodeId, NodeKind, Question, QuestionKind, Shuffle, Texts,
};
use crate::path::MAX_PATH_BYTES;
use crate::xlsform::appearance;
use crate::xlsform::attached::{self, Named};
use crate::xlsform::choices::source;
use crate::xlsform::fault::{FaultKind, nearest};
use crate::xlsform::files::Files;
use crate::xlsform::other;
use crate::xlsform::parameters::{self, Parameters};
use crate::xlsform::table::{Columns, Line, Table, written};
use crate::xlsform::types::{self, Block, ChoicesFrom, RowType};
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
        "guidance_hint",
        "image",
        "audio",
        "video",
        "big_image",
        "parameters",
        "trigger",
        "rows",
    ],
    translated: &[
        "label",
        "hint",
        "guidance_hint",
        "required_message",
        "constraint_message",
        "image",
        "audio",
        "video",
        "big_image",
    ],
    unused: &[
        "media",
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
        ("jr:constraintmsg", "constraint_message"),
        ("jr:requiredmsg", "required_message"),
        ("requiredmsg", "required_message"),
        ("jr:count", "repeat_count"),
        ("count", "repeat_count"),
        ("tag", "name"),
        ("value", "name"),
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
    /// Nodes that no row is, and their `relevant`.
    pub(crate) generated: BTreeMap<NodeId, String>,
    /// The name of the question that a select has its choices from.
    pub(crate) from_rows: BTreeMap<NodeId, String>,
}

/// A group or repeat that is not closed yet.
struct Open {
    node: NodeId,
    block: Block,
    name: String,
    row: u32,
    place: Place,
    path_bytes: usize,
    /// It is a table-list.
    is_table: bool,
    /// The list of a table-list's first select, once there is one.
    table_list: Option<String>,
}

struct Builder<'a, 'b, 'c> {
    draft: Draft<'a>,
    open: Vec<Open>,
    names: HashMap<(Option<NodeId>, String), u32>,
    repeats: HashMap<String, u32>,
    lists: &'b mut BTreeMap<String, ChoiceList>,
    languages: &'b [Language],
    files: &'b mut Files<'c>,
    faults: &'b mut Faults,
}

/// Reads every row but its expressions.
pub(crate) fn read<'a>(
    table: &'a Table<'a>,
    lists: &mut BTreeMap<String, ChoiceList>,
    languages: &[Language],
    files: &mut Files<'_>,
    faults: &mut Faults,
) -> Draft<'a> {
    table.want("type", faults);
    table.want("name", faults);
    if languages.len() > 1 {
        warn_of_untranslated(table, languages, faults);
    }
    let mut builder = Builder {
        draft: Draft::default(),
        open: Vec::new(),
        names: HashMap::new(),
        repeats: HashMap::new(),
        lists,
        languages,
        files,
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

impl<'a> Builder<'a, '_, '_> {
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
                self.question(line, QuestionKind::Text, None, Parameters::new());
            }
            Ok(RowType::Question(kind)) => {
                let (parameters, list) = self.parameters(line, kind);
                self.question(line, kind, list, parameters);
            }
            Ok(RowType::Select { kind, from, or_other }) => self.select(line, kind, from, or_other),
            Ok(RowType::File) => self.file(line),
            Ok(RowType::Untold) => {
                let found = line.cell("type").to_owned();
                self.faults.warn(&line.at("type"), FaultKind::UntoldType { found });
                self.question(line, QuestionKind::Hidden, None, Parameters::new());
            }
            Ok(RowType::Begin(block)) => self.begin(line, block),
            Ok(RowType::End(block)) => self.end(line, block),
        }
    }

    /// The parameters of a question that is no select, and the list of a range's tick labels.
    fn parameters(&mut self, line: Line<'_>, kind: QuestionKind) -> (Parameters, Option<String>) {
        let (mut found, faults) = parameters::read(line.cell("parameters"), kind, false);
        for kind in faults {
            self.faults.error(&line.at("parameters"), kind);
        }
        let lines = line.cell("rows");
        if kind == QuestionKind::Text && !lines.is_empty() {
            found.entry("rows".to_owned()).or_insert_with(|| lines.to_owned());
        }
        let list = found.remove("tick_labelset");
        if let Some(list) = list.as_ref().filter(|list| !self.lists.contains_key(*list)) {
            self.unknown_list(line, "parameters", list);
        }
        (found, list)
    }

    fn unknown_list(&mut self, line: Line<'_>, column: &str, list: &str) {
        let nearest = nearest(list, self.lists.keys().map(String::as_str));
        self.faults.error(&line.at(column), FaultKind::UnknownList { list: list.to_owned(), nearest });
    }

    fn select(&mut self, line: Line<'a>, kind: QuestionKind, from: ChoicesFrom, or_other: bool) {
        let in_file = matches!(from, ChoicesFrom::File(_));
        let (mut parameters, faults) = parameters::read(line.cell("parameters"), kind, in_file);
        for kind in faults {
            self.faults.error(&line.at("parameters"), kind);
        }
        let list = match from {
            ChoicesFrom::List(list) if attached::is_list(&list) => {
                Some(self.list_file(line, &list, &mut parameters))
            }
            ChoicesFrom::List(list) => {
                if !self.lists.contains_key(&list) {
                    self.unknown_list(line, "type", &list);
                } else if kind != QuestionKind::SelectOne {
                    self.draft.joined.insert(list.clone());
                }
                self.check_table_list(line, &list);
                Some(list)
            }
            ChoicesFrom::File(file) => Some(self.list_file(line, &file, &mut parameters)),
            ChoicesFrom::Rows(name) => {
                self.draft.from_rows.insert(self.next(), name);
                None
            }
        };
        if or_other {
            self.offer_other(line, list.as_deref());
        }
        self.question(line, kind, list, parameters);
        if or_other {
            self.ask_other(line);
        }
    }

    fn list_file(&mut self, line: Line<'_>, file: &str, parameters: &mut Parameters) -> String {
        let named = Named { value: parameters.remove("value"), label: parameters.remove("label") };
        let key = named.key(file);
        if !attached::is_list(file) {
            self.faults.error(&line.at("type"), FaultKind::NotAListFile { file: file.to_owned() });
        } else if !self.lists.contains_key(&key) {
            let list = self.files.list(file, Some(&named), self.languages, &line.at("type"), self.faults);
            self.lists.insert(key.clone(), list);
        }
        key
    }

    /// `csv-external`: the file is called as the row, and ends in `.csv`.
    fn file(&mut self, line: Line<'_>) {
        let name = line.cell("name").to_owned();
        if name.is_empty() {
            self.faults.error(&line.at("name"), FaultKind::MissingName);
        } else if !self.lists.contains_key(&name) {
            let file = format!("{}.csv", attached::stem(&name));
            let list = self.files.list(&file, None, self.languages, &line.at("name"), self.faults);
            self.lists.insert(attached::stem(&name).to_owned(), list);
        }
    }

    fn check_table_list(&mut self, line: Line<'_>, list: &str) {
        let Some(open) = self.open.last_mut().filter(|open| open.is_table) else { return };
        let first = open.table_list.get_or_insert_with(|| list.to_owned());
        if first != list {
            let kind = FaultKind::MixedTableList { list: list.to_owned(), first: first.clone() };
            self.faults.error(&line.at("type"), kind);
        }
    }

    /// `or_other`: one more choice of the list.
    fn offer_other(&mut self, line: Line<'_>, list: Option<&str>) {
        if !line.cell("choice_filter").is_empty() {
            self.faults.error(&line.at("choice_filter"), FaultKind::OtherWithFilter);
        }
        if let Some(list) = list.and_then(|list| self.lists.get_mut(list))
            && list.named(other::NAME).is_none()
        {
            list.choices.push(other::choice(self.languages));
        }
    }

    /// `or_other`: the text question behind the select.
    fn ask_other(&mut self, line: Line<'a>) {
        let name = format!("{}_other", line.cell("name"));
        let relevant = format!("selected(../{}, '{}')", line.cell("name"), other::NAME);
        self.draft.generated.insert(self.next(), relevant);
        let parent = self.open.last().map(|open| open.node);
        self.push(line, other::question(name, parent, self.languages));
    }

    /// The id of the node that is pushed next.
    fn next(&self) -> NodeId {
        NodeId(u32::try_from(self.draft.nodes.len()).unwrap_or(u32::MAX))
    }

    fn question(
        &mut self,
        line: Line<'a>,
        kind: QuestionKind,
        choice_list: Option<String>,
        mut parameters: Parameters,
    ) {
        let shuffled = parameters.remove("randomize").as_deref() == Some("true");
        let question = Question {
            kind,
            required_message: line.texts("required_message", self.languages, 0),
            constraint_message: line.texts("constraint_message", self.languages, 0),
            choice_list,
            shuffle: shuffled.then(Shuffle::default),
            parameters,
            ..Question::default()
        };
        let mut node = self.node(line, NodeKind::Question(Box::new(question)));
        if kind == QuestionKind::Audit {
            "audit".clone_into(&mut node.name);
        }
        let said = !node.label.is_empty() || !node.media.is_empty();
        if !said && !kind.is_unseen() && line.cell("calculation").is_empty() && line.cell("hint").is_empty() {
            self.faults.warn(&line.at("label"), FaultKind::MissingLabel);
        }
        if !line.cell("repeat_count").is_empty() {
            self.faults.warn(&line.at("repeat_count"), FaultKind::NoEffect { column: "repeat_count" });
        }
        self.push(line, node);
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
            is_table: node.appearance.iter().any(|word| word == "table-list"),
            table_list: None,
        };
        if block == Block::Repeat && !node.name.is_empty() {
            let first = *self.repeats.entry(node.name.clone()).or_insert(line.number());
            if first != line.number() {
                let kind = FaultKind::DuplicateRepeat { name: node.name.clone(), first };
                self.faults.error(&line.at("name"), kind);
            }
        }
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
        let unseen = matches!(&kind, NodeKind::Question(question) if question.kind.is_unseen());
        for (texts, what) in [(&label, "label"), (&hint, "hint")].into_iter().filter(|_| !unseen) {
            warn_of_gaps(texts, what, self.languages, line, self.faults);
        }
        let appearance = appearance::words(line.cell("appearance"));
        for word in appearance.iter().filter(|word| !appearance::is_known(&kind, word)) {
            self.faults.warn(&line.at("appearance"), FaultKind::UnknownAppearance { word: word.clone() });
        }
        Node {
            name: line.cell("name").to_owned(),
            parent: self.open.last().map(|open| open.node),
            kind,
            label,
            hint,
            guidance: line.texts("guidance_hint", self.languages, 0),
            media: self.files.media(line, self.languages, self.faults),
            relevant: None,
            appearance,
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
        } else if name == "meta" {
            self.faults.error(&line.at("name"), FaultKind::ReservedName { name: name.clone() });
        } else if !is_name(&name) {
            self.faults.error(&line.at("name"), FaultKind::BadName { name: name.clone() });
        } else {
            let taken = self.names.contains_key(&(node.parent, name.clone()));
            let first = *self.names.entry((node.parent, name.clone())).or_insert(line.number());
            if taken {
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

/// Warns where a text is there in some languages only; not where a language has none of them, which is said once.
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
    let gaps = languages.iter().zip(&texts.0).enumerate().filter(|(_, (_, text))| text.is_empty());
    for (index, (language, _)) in gaps {
        if line.is_written_in(what, language, index == 0) {
            faults.warn(&line.at(what), FaultKind::MissingTranslation { what, language: written(language) });
        }
    }
}

/// Warns of languages that the sheet has none of its labels in.
pub(crate) fn warn_of_untranslated(table: &Table<'_>, languages: &[Language], faults: &mut Faults) {
    for (index, language) in languages.iter().enumerate() {
        if !table.is_written_in("label", language, index == 0) {
            let kind = FaultKind::UntranslatedColumn { what: "label", language: written(language) };
            faults.warn(&table.place(None, None), kind);
        }
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
