//! Answers expressions over documents, for tests of other engines: a line of JSON in, a line of JSON out.
//!
//! In: `{"expression", "nodes": [[kind, parent, name, local name, namespace, value], ...] in document order,
//! "context", "prefixes": {prefix: namespace}, "answers": [texts of foreign functions so far], "today", "now"}`.
//! Out: `{"type", "text", "number", "boolean", "nodes"}`, `{"error"}`, or `{"asks": {"name", "arguments"}}`, to be asked
//! again with one answer more.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{BufRead, Write};

use serde::Deserialize;
use serde_json::json;
use survey::expression::{
    Clock, Expression, Manner, NoNames, NodeType, PathStep, Scope, ScopeError, Tree, Value,
};
use survey::instrument::NodeId;

#[derive(Deserialize)]
struct Question {
    expression: String,
    nodes: Vec<Node>,
    context: Option<usize>,
    prefixes: HashMap<String, String>,
    answers: Vec<String>,
    today: String,
    now: String,
    chance: u64,
}

#[derive(Deserialize)]
struct Node(u8, Option<usize>, String, String, String, String);

/// Paths are walked, and unknown functions asked for.
struct Open;

impl Scope for Open {
    fn reference(&self, name: &str) -> Result<NodeId, ScopeError> {
        NoNames.reference(name)
    }
    fn path(&self, absolute: bool, steps: &[PathStep]) -> Result<NodeId, ScopeError> {
        NoNames.path(absolute, steps)
    }
    fn has_columns(&self) -> bool {
        false
    }
    fn is_open(&self) -> bool {
        true
    }
}

struct Document {
    question: Question,
    children: Vec<Vec<usize>>,
    clock: Clock,
    dice: Cell<u64>,
    answered: Cell<usize>,
    asks: RefCell<Option<(String, Vec<String>)>>,
}

impl Document {
    fn of(question: Question) -> Self {
        let mut children = vec![Vec::new(); question.nodes.len()];
        for (at, node) in question.nodes.iter().enumerate() {
            if let Some(around) = node.1.and_then(|parent| children.get_mut(parent)) {
                around.push(at);
            }
        }
        let clock = Clock { today: question.today.clone(), now: question.now.clone(), chance: 0 };
        let dice = Cell::new(question.chance);
        Self { question, children, clock, dice, answered: Cell::new(0), asks: RefCell::new(None) }
    }

    fn node(&self, at: usize) -> Option<&Node> {
        self.question.nodes.get(at)
    }

    fn inside(&self, at: usize, attributes: bool) -> Vec<usize> {
        let mut found = self.children.get(at).cloned().unwrap_or_default();
        found.retain(|child| (self.kind(*child) == NodeType::Attribute) == attributes);
        found
    }

    /// The text of a node and all in it (`XPath` 1.0, "string-value").
    fn text(&self, at: usize) -> String {
        match self.kind(at) {
            NodeType::Root | NodeType::Element => {
                let inner = self.inside(at, false).into_iter();
                let seen =
                    |child: &usize| !matches!(self.kind(*child), NodeType::Comment | NodeType::Instruction);
                inner.filter(seen).map(|child| self.text(child)).collect()
            }
            _ => self.node(at).map(|node| node.5.clone()).unwrap_or_default(),
        }
    }

    fn answer(&self, expression: &Expression) -> serde_json::Value {
        let value = expression.try_evaluate(self);
        if let Some((name, arguments)) = self.asks.take() {
            return json!({"asks": {"name": name, "arguments": arguments}});
        }
        let value = match value {
            Ok(value) => value,
            Err(misuse) => return json!({"error": misuse.to_string()}),
        };
        let (kind, nodes) = match &value {
            Value::Text(_) => ("text", None),
            Value::Number(_) => ("number", None),
            Value::Boolean(_) => ("boolean", None),
            Value::Nodes(nodes) => ("nodes", Some(nodes.clone())),
        };
        // JSON has no NaN and no infinity.
        let number = value.clone().into_number(self).to_string();
        json!({
            "type": kind, "text": value.clone().into_text(self), "number": number,
            "boolean": value.into_boolean(self), "nodes": nodes,
        })
    }
}

impl Tree for Document {
    type Node = usize;

    const MANNER: Manner = Manner::OpenRosa;

    fn here(&self) -> Option<usize> {
        self.question.context
    }
    fn up(&self, _: u8) -> Option<usize> {
        None
    }
    fn select(&self, _: NodeId) -> Vec<usize> {
        Vec::new()
    }
    fn in_rows(&self, _: NodeId, _: &[(NodeId, usize)]) -> Option<usize> {
        None
    }
    fn value(&self, node: usize) -> Value<usize> {
        Value::Text(self.text(node))
    }
    fn position(&self, node: usize) -> usize {
        let like = |at: &usize| self.kind(*at) == self.kind(node) && self.name(*at) == self.name(node);
        let siblings = self.parent(node).map_or_else(Vec::new, |parent| self.inside(parent, false));
        siblings.into_iter().filter(like).position(|at| at == node).map_or(1, |place| place + 1)
    }
    fn choice_label(&self, _: NodeId, _: &str) -> Option<String> {
        None
    }
    fn column(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
    fn clock(&self) -> &Clock {
        &self.clock
    }
    /// S. Vigna's `SplitMix64`.
    fn random(&self) -> u64 {
        let state = self.dice.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.dice.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    fn parent(&self, node: usize) -> Option<usize> {
        self.node(node)?.1
    }
    fn children(&self, node: usize) -> Vec<usize> {
        self.inside(node, false)
    }
    fn attributes(&self, node: usize) -> Vec<usize> {
        self.inside(node, true)
    }
    fn kind(&self, node: usize) -> NodeType {
        match self.node(node).map_or(0, |node| node.0) {
            1 => NodeType::Element,
            2 => NodeType::Attribute,
            3 => NodeType::Text,
            4 => NodeType::Comment,
            5 => NodeType::Instruction,
            _ => NodeType::Root,
        }
    }
    fn name(&self, node: usize) -> Cow<'_, str> {
        Cow::Borrowed(self.node(node).map_or("", |node| node.2.as_str()))
    }
    fn is_called(&self, at: usize, name: &str) -> bool {
        let Some(node) = self.node(at) else { return false };
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let namespace = self.question.prefixes.get(prefix).map_or("", String::as_str);
        node.4 == namespace && (local == "*" || node.3 == local)
    }
    fn namespace(&self, node: usize) -> Cow<'_, str> {
        Cow::Borrowed(self.node(node).map_or("", |node| node.4.as_str()))
    }
    fn by_id(&self, id: &str) -> Option<usize> {
        let is_it = |at: &usize| {
            self.attributes(*at).iter().any(|own| self.name(*own) == "id" && self.text(*own) == id)
        };
        (0..self.question.nodes.len()).find(is_it)
    }
    fn place(&self, node: usize) -> Vec<usize> {
        vec![node]
    }
    fn foreign(&self, name: &str, arguments: &[Value<usize>]) -> Option<Value<usize>> {
        let place = self.answered.replace(self.answered.get() + 1);
        if let Some(answer) = self.question.answers.get(place) {
            return Some(Value::Text(answer.clone()));
        }
        let texts = arguments.iter().map(|value| value.clone().into_text(self)).collect();
        self.asks.borrow_mut().get_or_insert((name.to_owned(), texts));
        Some(Value::blank())
    }
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = match serde_json::from_str::<Question>(&line?) {
            Err(error) => json!({"error": format!("no question: {error}")}),
            Ok(question) => match Expression::parse(&question.expression, &Open) {
                Err(error) => json!({"error": error.to_string()}),
                Ok(expression) => Document::of(question).answer(&expression),
            },
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
