//! The expressions of the survey sheet: read with the names of the whole form in sight.

use std::collections::{BTreeMap, HashMap};

use crate::dependencies::{Aspect, Dependencies};
use crate::expression::{
    Expression, LAST_SAVED, PathStep, Scope, ScopeError, is_day, number_of, path_text, references_in_text,
};
use crate::instrument::{ChoiceList, Instrument, Node, NodeId, NodeKind, Question, QuestionKind, Shuffle};
use crate::xlsform::fault::{FaultKind, nearest};
use crate::xlsform::settings::Settings;
use crate::xlsform::survey::yes_or_no;
use crate::xlsform::table::Line;
use crate::xlsform::types;
use crate::xlsform::workbook::Faults;

/// The names of a form, for expressions.
pub(crate) struct Names {
    by_name: HashMap<String, Vec<NodeId>>,
    parents: Vec<Option<NodeId>>,
    written: Vec<String>,
    repeats: Vec<bool>,
}

/// The names as one row's cell sees them.
struct Here<'a> {
    names: &'a Names,
    node: NodeId,
    columns: bool,
}

impl Names {
    pub(crate) fn of(nodes: &[Node]) -> Self {
        let mut by_name: HashMap<String, Vec<NodeId>> = HashMap::new();
        for (node, id) in nodes.iter().zip(0..).filter(|(node, _)| !node.name.is_empty()) {
            by_name.entry(node.name.clone()).or_default().push(NodeId(id));
        }
        let parents = nodes.iter().map(|node| node.parent).collect();
        let written = nodes.iter().map(|node| node.name.clone()).collect();
        let repeats = nodes.iter().map(|node| matches!(node.kind, NodeKind::Repeat { .. })).collect();
        Self { by_name, parents, written, repeats }
    }

    /// Whether a node stands inside of a repeat.
    fn in_repeat(&self, node: NodeId) -> bool {
        let is_repeat =
            |node: NodeId| usize::try_from(node.0).ok().and_then(|at| self.repeats.get(at)) == Some(&true);
        let mut above = self.parent(node);
        while let Some(node) = above {
            if is_repeat(node) {
                return true;
            }
            above = self.parent(node);
        }
        false
    }

    fn nearest(&self, name: &str) -> Option<String> {
        nearest(name, self.by_name.keys().map(String::as_str))
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.parents.get(usize::try_from(node.0).ok()?).copied().flatten()
    }

    fn child(&self, of: Option<NodeId>, name: &str) -> Option<NodeId> {
        self.by_name.get(name)?.iter().copied().find(|id| self.parent(*id) == of)
    }

    fn name(&self, node: NodeId) -> &str {
        usize::try_from(node.0).ok().and_then(|index| self.written.get(index)).map_or("", String::as_str)
    }
}

impl Scope for Here<'_> {
    fn reference(&self, name: &str) -> Result<NodeId, ScopeError> {
        match self.names.by_name.get(name).map(Vec::as_slice) {
            Some([id]) => Ok(*id),
            Some(_) => Err(ScopeError::Ambiguous { name: name.to_owned() }),
            None => Err(ScopeError::Unknown { name: name.to_owned(), nearest: self.names.nearest(name) }),
        }
    }

    fn path(&self, absolute: bool, steps: &[PathStep]) -> Result<NodeId, ScopeError> {
        let lost = || ScopeError::NoPath { path: path_text(absolute, steps) };
        // The first step from the top names the form itself.
        let steps_left = if absolute { steps.get(1..).unwrap_or(&[]) } else { steps };
        let mut at = if absolute { None } else { Some(self.node) };
        for step in steps_left {
            at = match step {
                PathStep::Up => at.map(|node| self.names.parent(node)).ok_or_else(lost)?,
                PathStep::Child(name) => Some(self.names.child(at, name).ok_or_else(lost)?),
            };
        }
        at.ok_or_else(lost)
    }

    fn has_columns(&self) -> bool {
        self.columns
    }

    fn node(&self) -> Option<NodeId> {
        Some(self.node)
    }

    fn children(&self, of: Option<NodeId>) -> Vec<NodeId> {
        let inside = self.names.parents.iter().zip(0..).filter(|(parent, _)| **parent == of);
        inside.map(|(_, id)| NodeId(id)).collect()
    }

    fn parent(&self, of: NodeId) -> Option<NodeId> {
        self.names.parent(of)
    }

    fn name(&self, of: NodeId) -> &str {
        self.names.name(of)
    }
}

/// Reads every expression of every row into its node.
pub(crate) struct Reader<'a> {
    pub(crate) names: &'a Names,
    pub(crate) lists: &'a BTreeMap<String, ChoiceList>,
    pub(crate) faults: &'a mut Faults,
}

impl Reader<'_> {
    /// `from_rows`: the question whose answers are the choices.
    pub(crate) fn node(&mut self, id: NodeId, node: &mut Node, line: Line<'_>, from_rows: Option<&str>) {
        node.relevant = self.condition(id, line, "relevant").or_else(|| never(line, "relevant"));
        match &mut node.kind {
            NodeKind::Group => {}
            NodeKind::Repeat { count } => *count = self.expression(id, line, "repeat_count", None),
            NodeKind::Question(question) => {
                if let Some(name) = from_rows {
                    question.choices_from = self.rows_of(id, name, line);
                }
                self.question(id, question, line);
            }
        }
        for name in crate::dependencies::names_in_texts(node) {
            if let Err(error) = (Here { names: self.names, node: id, columns: false }).reference(name) {
                self.faults.error(&line.at(text_column(node, name)), text_fault(error));
            }
        }
        let list = match &node.kind {
            NodeKind::Question(question) => {
                question.choice_list.as_ref().and_then(|list| self.lists.get(list))
            }
            _ => None,
        };
        for name in list.into_iter().flat_map(crate::dependencies::names_in_choices) {
            if let Err(error) = (Here { names: self.names, node: id, columns: false }).reference(name) {
                self.faults.error(&line.at("type"), text_fault(error));
            }
        }
    }

    /// A node that no row is, with its `relevant`.
    pub(crate) fn generated(&mut self, id: NodeId, node: &mut Node, line: Line<'_>, relevant: &str) {
        match Expression::parse(relevant, &Here { names: self.names, node: id, columns: false }) {
            Ok(expression) => node.relevant = Some(expression),
            Err(error) => self.faults.error(&line.at("type"), FaultKind::Expression(error)),
        }
    }

    /// What a filled form is called, which is worked out at the top.
    pub(crate) fn naming(&mut self, settings: &Settings) -> Option<Expression> {
        let (text, place) = settings.instance_name.as_ref()?;
        let parsed =
            Expression::parse(text, &Here { names: self.names, node: NodeId(u32::MAX), columns: false });
        parsed.map_err(|error| self.faults.error(place, FaultKind::Expression(error))).ok()
    }

    fn question(&mut self, id: NodeId, question: &mut Question, line: Line<'_>) {
        question.required = self.condition(id, line, "required");
        question.constraint = self.condition(id, line, "constraint").or_else(|| never(line, "constraint"));
        question.read_only = self.condition(id, line, "read_only");
        question.calculation = self.expression(id, line, "calculation", None);
        question.triggers = self.triggers(id, line);
        question.choice_filter = self.expression(id, line, "choice_filter", Some(question));
        self.shuffle(id, question, line);
        question.default = self.default(id, question, line);
        if !question.kind.is_select() && question.choice_filter.take().is_some() {
            self.faults.warn(&line.at("choice_filter"), FaultKind::NoEffect { column: "choice_filter" });
        }
        let empty = question.default.is_none() && line.cell("calculation").is_empty();
        if question.kind == QuestionKind::Calculate && empty {
            self.faults.error(&line.at("calculation"), FaultKind::MissingCalculation);
        }
        if question.kind == QuestionKind::BackgroundGeopoint && line.cell("trigger").is_empty() {
            self.faults.error(&line.at("trigger"), FaultKind::MissingTrigger);
        }
    }

    fn rows_of(&mut self, id: NodeId, name: &str, line: Line<'_>) -> Option<NodeId> {
        match (Here { names: self.names, node: id, columns: false }).reference(name) {
            Ok(found) if self.names.in_repeat(found) => Some(found),
            Ok(_) => {
                self.faults.error(&line.at("type"), FaultKind::NotInRepeat { name: name.to_owned() });
                None
            }
            Err(error) => {
                self.faults.error(&line.at("type"), text_fault(error));
                None
            }
        }
    }

    /// `${a}, ${b}`.
    fn triggers(&mut self, id: NodeId, line: Line<'_>) -> Vec<NodeId> {
        let text = line.cell("trigger");
        let here = Here { names: self.names, node: id, columns: false };
        let mut found = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let name = part.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            match name.map(|name| here.reference(name.trim())) {
                Some(Ok(node)) => found.push(node),
                Some(Err(error)) => self.faults.error(&line.at("trigger"), text_fault(error)),
                None => {
                    self.faults.error(&line.at("trigger"), FaultKind::BadTrigger { text: part.to_owned() });
                }
            }
        }
        found
    }

    fn shuffle(&mut self, id: NodeId, question: &mut Question, line: Line<'_>) {
        let Some(seed) = question.parameters.remove("seed").filter(|_| question.shuffle.is_some()) else {
            return;
        };
        match Expression::parse(&seed, &Here { names: self.names, node: id, columns: false }) {
            Ok(seed) => question.shuffle = Some(Shuffle { seed: Some(seed) }),
            Err(error) => self.faults.error(&line.at("parameters"), FaultKind::Expression(error)),
        }
    }

    /// A condition, which may be written as yes or no; none for no, and where it cannot be read.
    fn condition(&mut self, id: NodeId, line: Line<'_>, column: &str) -> Option<Expression> {
        match yes_or_no(line.cell(column)) {
            Ok(true) => Some(Expression::constant(true)),
            Ok(false) => None,
            Err(()) => self.expression(id, line, column, None),
        }
    }

    fn expression(
        &mut self,
        node: NodeId,
        line: Line<'_>,
        column: &str,
        filtered: Option<&Question>,
    ) -> Option<Expression> {
        let text = line.cell(column);
        if text.is_empty() {
            return None;
        }
        match Expression::parse(text, &Here { names: self.names, node, columns: filtered.is_some() }) {
            Ok(expression) => {
                if text.contains(LAST_SAVED) {
                    self.warn_of_last_saved(text, line, column);
                }
                if let Some(question) = filtered {
                    self.check_columns(&expression, question, line);
                }
                Some(expression)
            }
            Err(error) => {
                self.faults.error(&line.at(column), FaultKind::Expression(error));
                None
            }
        }
    }

    fn warn_of_last_saved(&mut self, text: &str, line: Line<'_>, column: &str) {
        self.faults.warn(&line.at(column), FaultKind::LastSaved);
        let names =
            references_in_text(text).into_iter().filter_map(|(_, name)| name.strip_prefix(LAST_SAVED));
        for name in names.filter(|name| !self.names.by_name.contains_key(*name)) {
            let unknown = ScopeError::Unknown { name: name.to_owned(), nearest: self.names.nearest(name) };
            self.faults.error(&line.at(column), text_fault(unknown));
        }
    }

    fn check_columns(&mut self, filter: &Expression, question: &Question, line: Line<'_>) {
        let list = question.choice_list.as_ref().and_then(|list| self.lists.get(list));
        // A file that is not here may have any column.
        let Some(list) = list.filter(|list| !list.is_empty()) else { return };
        let known = |column: &str| {
            matches!(column, "name" | "label")
                || self.lists.values().any(|list| list.columns.iter().any(|own| own == column))
        };
        for found in filter.columns().filter(|found| !known(found)) {
            let nearest = nearest(found, list.columns.iter().map(String::as_str));
            let kind = FaultKind::UnknownFilterColumn { column: found.to_owned(), nearest };
            self.faults.warn(&line.at("choice_filter"), kind);
        }
    }

    /// A default is a text as it stands, unless it refers to an answer or calls a function.
    fn default(&mut self, id: NodeId, question: &Question, line: Line<'_>) -> Option<Expression> {
        let text = line.cell("default");
        if text.is_empty() {
            return None;
        }
        if is_dynamic(text) {
            return self.expression(id, line, "default", None);
        }
        let right = match question.kind {
            QuestionKind::Integer if text.parse::<i64>().is_err() => "write digits only",
            QuestionKind::Decimal | QuestionKind::Range if number_of(text).is_nan() || is_day(text) => {
                "write digits with a point"
            }
            QuestionKind::Date if !is_day(text) => "write a day as 2026-11-22, or today()",
            QuestionKind::SelectOne if !self.has_choices(question, [text]) => {
                "write the name of one of its choices"
            }
            QuestionKind::SelectMultiple | QuestionKind::Rank
                if !self.has_choices(question, text.split_whitespace()) =>
            {
                "write names of its choices with blanks between them"
            }
            _ => return Some(Expression::text(text)),
        };
        let kind = types::word(question.kind);
        self.faults.error(&line.at("default"), FaultKind::BadDefault { text: text.to_owned(), kind, right });
        None
    }

    fn has_choices<'b>(&self, question: &Question, names: impl IntoIterator<Item = &'b str>) -> bool {
        let Some(list) = question.choice_list.as_ref().and_then(|list| self.lists.get(list)) else {
            return true;
        };
        list.is_empty() || names.into_iter().all(|name| list.named(name).is_some())
    }
}

/// `false()` where a cell that is not empty says no.
fn never(line: Line<'_>, column: &str) -> Option<Expression> {
    let text = line.cell(column);
    (!text.is_empty() && yes_or_no(text) == Ok(false)).then(|| Expression::constant(false))
}

/// The column whose text holds the reference, for the place of a fault.
fn text_column(node: &Node, name: &str) -> &'static str {
    let columns = ["label", "hint", "guidance_hint", "required_message", "constraint_message"];
    let holds = |texts: &crate::instrument::Texts| {
        texts.0.iter().any(|text| references_in_text(text).iter().any(|(_, found)| *found == name))
    };
    let texts = crate::dependencies::texts(node);
    let found = columns.into_iter().zip(texts).find(|(_, texts)| holds(texts));
    found.map_or("label", |(column, _)| column)
}

fn is_dynamic(text: &str) -> bool {
    let call = text
        .find('(')
        .and_then(|at| text.get(..at)?.chars().next_back())
        .is_some_and(|before| before.is_ascii_alphanumeric());
    text.contains("${") || (call && text.ends_with(')'))
}

/// Reports what waits for itself, at the cell where the circle begins.
pub(crate) fn check_cycles(instrument: &Instrument, names: &Names, lines: &[Line<'_>], faults: &mut Faults) {
    for cycle in Dependencies::of(instrument).cycles() {
        let mut path: Vec<&str> = Vec::new();
        for (node, _) in &cycle {
            if path.last() != Some(&names.name(*node)) {
                path.push(names.name(*node));
            }
        }
        if let ([only], true) = (path.as_slice(), cycle.len() > 1) {
            path = vec![only, only];
        }
        let path = path.join(" → ");
        let begins = cycle.iter().find_map(|(node, aspect)| {
            let line = lines.get(usize::try_from(node.0).ok()?)?;
            let columns: &[&str] =
                if *aspect == Aspect::Value { &["calculation"] } else { &["relevant", "repeat_count"] };
            columns.iter().find(|column| !line.cell(column).is_empty()).map(|column| line.at(column))
        });
        if let Some(place) = begins {
            faults.error(&place, FaultKind::Cycle { path });
        }
    }
}

fn text_fault(error: ScopeError) -> FaultKind {
    match error {
        ScopeError::Unknown { name, nearest } => FaultKind::UnknownTextReference { name, nearest },
        other => FaultKind::AmbiguousTextReference(other),
    }
}
