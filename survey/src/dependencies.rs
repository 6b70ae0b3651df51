//! What hangs on what in an instrument: who reads a node, and the order in which relevance and
//! calculations have to be worked out.

use std::collections::BTreeMap;
#[cfg(feature = "xlsform")]
use std::collections::BTreeSet;

use crate::expression::{Expression, references_in_text};
use crate::instrument::{Choice, ChoiceList, Instrument, Node, NodeId, NodeKind, Texts};

/// What of a node reads another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Aspect {
    /// `repeat_count`.
    Count,
    /// `relevant`.
    Relevance,
    /// `calculation`.
    Value,
    /// Required, constraint, choice filter, and `${name}` in texts: nothing hangs on these.
    State,
}

/// A node that reads another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) node: NodeId,
    pub(crate) aspect: Aspect,
    /// It picks rows by number, so every one of its instances may read every row.
    pub(crate) everywhere: bool,
}

/// The dependency graph of one instrument.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dependencies {
    /// By node: who reads it.
    readers: Vec<Vec<Reader>>,
    /// By vertex (two for each node: its relevance and rows, its value): place in the order of work.
    ranks: Vec<u32>,
    /// By node: the aspects that depend on where the node's row stands.
    positional: Vec<Vec<Aspect>>,
    /// Vertices that wait for themselves by way of others, or for such.
    cyclic: Vec<usize>,
    /// By vertex: the vertices it waits for.
    waits_for: Vec<Vec<usize>>,
}

/// The rank of [`Aspect::State`]: after everything else.
const LAST: u32 = u32::MAX;

impl Dependencies {
    pub(crate) fn of(instrument: &Instrument) -> Self {
        let nodes = instrument.nodes.len();
        let mut graph = Self {
            readers: vec![Vec::new(); nodes],
            positional: vec![Vec::new(); nodes],
            waits_for: vec![Vec::new(); nodes * 2],
            ..Self::default()
        };
        let names = names(instrument);
        let in_lists: BTreeMap<&str, Vec<&str>> = instrument
            .choice_lists
            .iter()
            .map(|(name, list)| (name.as_str(), names_in_choices(list).collect::<Vec<_>>()))
            .collect();
        for (index, node) in instrument.nodes.iter().enumerate() {
            if let Some(parent) = node.parent.map(place).filter(|parent| *parent < index) {
                graph.wait(relevance(index), relevance(parent));
            }
            for (aspect, expression) in expressions(node) {
                graph.add(index, aspect, expression);
            }
            let list = list_of(instrument, node);
            let in_choices = list.and_then(|list| in_lists.get(list)).into_iter().flatten().copied();
            for name in names_in_texts(node).chain(in_choices) {
                if let Some(id) = names.get(name) {
                    graph.reads(index, Aspect::State, *id, false);
                }
            }
            if let NodeKind::Question(question) = &node.kind
                && let Some(source) = question.choices_from
            {
                graph.reads(index, Aspect::State, source, false);
            }
        }
        graph.order();
        graph
    }

    /// Who reads `node`.
    pub(crate) fn readers(&self, node: NodeId) -> &[Reader] {
        self.readers.get(place(node)).map_or(&[], Vec::as_slice)
    }

    /// What of `node` depends on where its row stands.
    pub(crate) fn positional(&self, node: NodeId) -> &[Aspect] {
        self.positional.get(place(node)).map_or(&[], Vec::as_slice)
    }

    /// Place of an aspect of a node in the order of work.
    pub(crate) fn rank(&self, node: NodeId, aspect: Aspect) -> u32 {
        let vertex = match aspect {
            Aspect::Count | Aspect::Relevance => relevance(place(node)),
            Aspect::Value => value(place(node)),
            Aspect::State => return LAST,
        };
        self.ranks.get(vertex).copied().unwrap_or(LAST)
    }

    /// The cycles among relevance and calculations, none overlapping another; each as the path
    /// that it takes, its first step again at the end.
    #[cfg(feature = "xlsform")]
    pub(crate) fn cycles(&self) -> Vec<Vec<(NodeId, Aspect)>> {
        let mut left: BTreeSet<usize> = self.cyclic.iter().copied().collect();
        let mut found = Vec::new();
        loop {
            self.trim(&mut left);
            let Some(path) = self.round(&left) else { return found };
            for vertex in &path {
                left.remove(vertex);
            }
            found.push(path.into_iter().filter_map(step).collect());
        }
    }

    /// Leaves only vertices that wait for another one left.
    #[cfg(feature = "xlsform")]
    fn trim(&self, left: &mut BTreeSet<usize>) {
        loop {
            let before = left.len();
            let kept: BTreeSet<usize> = left
                .iter()
                .copied()
                .filter(|vertex| {
                    self.waits_for.get(*vertex).is_some_and(|on| on.iter().any(|v| left.contains(v)))
                })
                .collect();
            *left = kept;
            if left.len() == before {
                return;
            }
        }
    }

    /// A walk from the first vertex left, until it meets itself.
    #[cfg(feature = "xlsform")]
    fn round(&self, left: &BTreeSet<usize>) -> Option<Vec<usize>> {
        let mut seen: Vec<usize> = Vec::new();
        let mut at = *left.first()?;
        while !seen.contains(&at) {
            seen.push(at);
            at = *self.waits_for.get(at)?.iter().find(|next| left.contains(next))?;
        }
        let start = seen.iter().position(|vertex| *vertex == at)?;
        let mut path = seen.split_off(start);
        path.push(at);
        Some(path)
    }

    fn add(&mut self, index: usize, aspect: Aspect, expression: &Expression) {
        for reference in expression.references() {
            self.reads(index, aspect, reference, expression.reads_any_row());
        }
        if expression.reads_position()
            && let Some(positional) = self.positional.get_mut(index)
        {
            positional.push(aspect);
        }
    }

    fn reads(&mut self, index: usize, aspect: Aspect, read: NodeId, everywhere: bool) {
        let Ok(node) = u32::try_from(index).map(NodeId) else { return };
        let reader = Reader { node, aspect, everywhere };
        match self.readers.get_mut(place(read)) {
            Some(readers) if !readers.contains(&reader) => readers.push(reader),
            _ => return,
        }
        let vertex = match aspect {
            Aspect::State => return,
            Aspect::Value => value(index),
            Aspect::Count | Aspect::Relevance => relevance(index),
        };
        self.wait(vertex, relevance(place(read)));
        self.wait(vertex, value(place(read)));
    }

    fn wait(&mut self, vertex: usize, on: usize) {
        if let Some(waits) = self.waits_for.get_mut(vertex)
            && !waits.contains(&on)
        {
            waits.push(on);
        }
    }

    /// Orders the vertices so that each comes after all that it waits for (Kahn); what is left
    /// over stands in or behind a cycle, and comes last.
    fn order(&mut self) {
        let mut left: Vec<usize> = self.waits_for.iter().map(Vec::len).collect();
        let mut awaited: Vec<Vec<usize>> = vec![Vec::new(); left.len()];
        for (vertex, waits) in self.waits_for.iter().enumerate() {
            for on in waits {
                if let Some(list) = awaited.get_mut(*on) {
                    list.push(vertex);
                }
            }
        }
        self.ranks = vec![LAST; left.len()];
        let mut ready: Vec<usize> = (0..left.len()).filter(|v| left.get(*v) == Some(&0)).collect();
        let mut next = 0;
        while let Some(vertex) = ready.get(next).copied() {
            if let Some(rank) = self.ranks.get_mut(vertex) {
                *rank = u32::try_from(next).unwrap_or(LAST);
            }
            next += 1;
            for waiting in awaited.get(vertex).into_iter().flatten() {
                if let Some(count) = left.get_mut(*waiting) {
                    *count = count.saturating_sub(1);
                    if *count == 0 {
                        ready.push(*waiting);
                    }
                }
            }
        }
        self.cyclic = (0..left.len()).filter(|v| left.get(*v).is_some_and(|count| *count > 0)).collect();
        for (offset, vertex) in self.cyclic.iter().enumerate() {
            if let Some(rank) = self.ranks.get_mut(*vertex) {
                *rank = u32::try_from(next + offset).unwrap_or(LAST - 1);
            }
        }
    }
}

/// By name, the first node that is called so.
pub(crate) fn names(instrument: &Instrument) -> BTreeMap<String, NodeId> {
    let mut names = BTreeMap::new();
    for (node, id) in instrument.nodes.iter().zip(0..) {
        names.entry(node.name.clone()).or_insert(NodeId(id));
    }
    names
}

/// A node's texts that may hold `${name}`.
pub(crate) fn texts(node: &Node) -> Vec<&Texts> {
    let mut texts = vec![&node.label, &node.hint, &node.guidance];
    if let NodeKind::Question(question) = &node.kind {
        texts.extend([&question.required_message, &question.constraint_message]);
    }
    texts
}

/// Every name that a node's texts refer to.
pub(crate) fn names_in_texts(node: &Node) -> impl Iterator<Item = &str> {
    texts(node)
        .into_iter()
        .flat_map(|texts| &texts.0)
        .flat_map(|text| references_in_text(text).into_iter().map(|(_, name)| name))
}

/// Every name that the labels of a list's choices refer to.
pub(crate) fn names_in_choices(list: &ChoiceList) -> impl Iterator<Item = &str> {
    let texts = |choice: &'_ Choice| choice.label.0.iter().any(|text| text.contains("${"));
    list.iter()
        .filter(move |choice| texts(choice))
        .flat_map(|choice| &choice.label.0)
        .flat_map(|text| references_in_text(text).into_iter().map(|(_, name)| name))
}

fn list_of<'a>(instrument: &Instrument, node: &'a Node) -> Option<&'a str> {
    match &node.kind {
        NodeKind::Question(question) => {
            question.choice_list.as_deref().filter(|list| instrument.choice_lists.contains_key(*list))
        }
        _ => None,
    }
}

fn expressions(node: &Node) -> Vec<(Aspect, &Expression)> {
    let mut found: Vec<(Aspect, &Expression)> = Vec::new();
    found.extend(node.relevant.as_ref().map(|e| (Aspect::Relevance, e)));
    match &node.kind {
        NodeKind::Question(question) => {
            // With triggers it is worked out when one of those changes, whatever else it reads.
            let calculation = question.calculation.as_ref().filter(|_| question.triggers.is_empty());
            found.extend(calculation.map(|e| (Aspect::Value, e)));
            let seed = question.shuffle.as_ref().and_then(|shuffle| shuffle.seed.as_ref());
            let states =
                [&question.required, &question.constraint, &question.read_only, &question.choice_filter];
            let states = states.into_iter().filter_map(Option::as_ref).chain(seed);
            found.extend(states.map(|e| (Aspect::State, e)));
        }
        NodeKind::Repeat { count } => found.extend(count.as_ref().map(|e| (Aspect::Count, e))),
        NodeKind::Group => {}
    }
    found
}

#[cfg(feature = "xlsform")]
fn step(vertex: usize) -> Option<(NodeId, Aspect)> {
    let aspect = if vertex.is_multiple_of(2) { Aspect::Relevance } else { Aspect::Value };
    Some((NodeId(u32::try_from(vertex / 2).ok()?), aspect))
}

fn place(node: NodeId) -> usize {
    usize::try_from(node.0).unwrap_or(usize::MAX / 4)
}

fn relevance(index: usize) -> usize {
    index * 2
}

fn value(index: usize) -> usize {
    index * 2 + 1
}
