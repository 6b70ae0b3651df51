//! A form's answers as the tree that expressions are evaluated over.

use std::borrow::Cow;

use crate::expression::{Clock, Expression, Manner, NodeType, Tree, Value, number_of};
use crate::instrument::{Choice, ChoiceList, NodeId, QuestionKind};
use crate::session::Session;
use crate::session::instances::{InstanceId, Role, TOP};
use crate::session::lists::ListSpot;
use crate::session::plan::question;

/// The form as seen from one instance, and from one choice where a filter is worked out.
pub(crate) struct View<'a> {
    pub(crate) session: &'a Session,
    pub(crate) here: InstanceId,
    pub(crate) choice: Option<(&'a ChoiceList, &'a Choice)>,
}

/// A node that an expression may look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Spot<'a> {
    /// Of the form itself.
    Form(InstanceId),
    /// Of a choice list, as a secondary instance.
    List(ListSpot<'a>),
}

impl Session {
    /// Evaluates `expression` at an instance.
    pub(crate) fn text_of(&self, expression: &Expression, here: InstanceId) -> String {
        self.evaluations.set(self.evaluations.get() + 1);
        expression.text_over(&View { session: self, here, choice: None })
    }

    /// Evaluates `expression` at an instance, as true or false.
    pub(crate) fn holds(&self, expression: &Expression, here: InstanceId) -> bool {
        self.evaluations.set(self.evaluations.get() + 1);
        expression.holds_over(&View { session: self, here, choice: None })
    }

    /// The instances of `target` that `from` means by `${target}`: those in the same rows of every
    /// repeat that both stand in. For a repeat, the repeat and not its rows.
    pub(crate) fn matching(&self, from: InstanceId, target: NodeId) -> Vec<InstanceId> {
        let chain = self.plan.chain(target);
        let (start, depth) = self.common(from, target, chain);
        let mut found = vec![start];
        for node in chain.iter().skip(depth) {
            found = self.expanded(&found).into_iter().filter_map(|at| self.child(at, *node)).collect();
        }
        found
    }

    /// The innermost instance around `from` that stands around `target` too, and how deep it is.
    fn common(&self, from: InstanceId, target: NodeId, chain: &[NodeId]) -> (InstanceId, usize) {
        let mut at = Some(from);
        while let Some(instance) = at.and_then(|id| self.instances.get(id)) {
            if let (Some(node), Some(id)) = (instance.node, at) {
                let depth = self.plan.depth(node);
                if node != target && chain.get(depth) == Some(&node) {
                    return (id, depth + 1);
                }
            }
            at = instance.parent;
        }
        (TOP, 0)
    }

    /// Each repeat replaced by its rows.
    pub(crate) fn expanded(&self, ids: &[InstanceId]) -> Vec<InstanceId> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            match self.instances.get(*id) {
                Some(instance) if instance.role == Role::Repeat => {
                    found.extend_from_slice(&instance.children);
                }
                Some(_) => found.push(*id),
                None => {}
            }
        }
        found
    }

    /// The instance of `node` right inside a group or row.
    pub(crate) fn child(&self, of: InstanceId, node: NodeId) -> Option<InstanceId> {
        let child = *self.instances.get(of)?.children.get(self.plan.slot(node))?;
        (self.instances.get(child)?.node == Some(node)).then_some(child)
    }
}

impl<'a> Tree for View<'a> {
    type Node = Spot<'a>;

    const MANNER: Manner = Manner::JavaRosa;

    fn here(&self) -> Option<Spot<'a>> {
        Some(Spot::Form(self.here))
    }

    fn up(&self, levels: u8) -> Option<Spot<'a>> {
        (0..levels).try_fold(Spot::Form(self.here), |at, _| self.parent(at))
    }

    fn select(&self, reference: NodeId) -> Vec<Spot<'a>> {
        self.instances_of(reference).map(Spot::Form).collect()
    }

    fn in_rows(&self, reference: NodeId, rows: &[(NodeId, usize)]) -> Option<Spot<'a>> {
        let plan = &self.session.plan;
        let chain = plan.chain(reference);
        let mut at = TOP;
        for node in chain {
            at = self.session.child(at, *node)?;
            let instance = self.session.instances.get(at)?;
            if instance.role == Role::Repeat && *node != reference {
                let row = match rows.iter().find(|(repeat, _)| repeat == node) {
                    Some((_, number)) => *instance.children.get(number.checked_sub(1)?)?,
                    // A repeat that is not named: the row around us, or else the first.
                    None => self.row_around(at).or_else(|| instance.children.first().copied())?,
                };
                at = row;
            }
        }
        self.is_relevant(at).then_some(Spot::Form(at))
    }

    fn value(&self, node: Spot<'a>) -> Value<Spot<'a>> {
        let id = match node {
            Spot::Form(id) => id,
            Spot::List(list) => return Value::Text(list.cell(self.session.language).into_owned()),
        };
        let Some(instance) = self.session.instances.get(id).filter(|instance| instance.relevant) else {
            return Value::blank();
        };
        let kind = instance.node.and_then(|id| question(&self.session.instrument, id)).map(|q| q.kind);
        if kind.is_some_and(QuestionKind::is_number) {
            let number = number_of(&instance.value);
            if !number.is_nan() {
                return Value::Number(number);
            }
        }
        Value::Text(instance.value.clone())
    }

    fn position(&self, node: Spot<'a>) -> usize {
        let id = match node {
            Spot::Form(id) => id,
            Spot::List(list) => return list.position(),
        };
        let place = || {
            let instance = self.session.instances.get(id).filter(|instance| instance.role == Role::Row)?;
            let siblings = &self.session.instances.get(instance.parent?)?.children;
            siblings.iter().position(|sibling| *sibling == id)
        };
        place().map_or(1, |place| place + 1)
    }

    fn choice_label(&self, of: NodeId, name: &str) -> Option<String> {
        let list = question(&self.session.instrument, of)?.choice_list.as_ref()?;
        let choice = self.session.instrument.choice_lists.get(list)?.named(name)?;
        Some(choice.label.in_language(self.session.language).to_owned())
    }

    fn column(&self, name: &str) -> Option<Cow<'_, str>> {
        let (list, choice) = self.choice?;
        match name {
            "name" => Some(Cow::Borrowed(choice.name.as_str())),
            "label" => Some(Cow::Borrowed(choice.label.in_language(self.session.language))),
            _ => list.cell(choice, name).map(Cow::Borrowed),
        }
    }

    fn clock(&self) -> &Clock {
        &self.session.clock
    }

    fn random(&self) -> u64 {
        self.session.dice.throw()
    }

    /// A repeat and its row are one node to an expression, so what is around a row is around its repeat.
    fn parent(&self, node: Spot<'a>) -> Option<Spot<'a>> {
        let id = match node {
            Spot::Form(id) => id,
            Spot::List(list) => return list.parent().map(Spot::List),
        };
        let at = self.session.instances.get(id)?.parent?;
        let above = self.session.instances.get(at)?;
        Some(Spot::Form(if above.role == Role::Repeat { above.parent? } else { at }))
    }

    fn children(&self, node: Spot<'a>) -> Vec<Spot<'a>> {
        match node {
            Spot::List(list) => list.children().into_iter().map(Spot::List).collect(),
            Spot::Form(id) => {
                let inner = self.session.instances.get(id).map_or(&[][..], |found| &found.children);
                let found = self.session.expanded(inner);
                found.into_iter().filter(|id| self.is_relevant(*id)).map(Spot::Form).collect()
            }
        }
    }

    fn children_called(&self, node: Spot<'a>, name: &str) -> Vec<Spot<'a>> {
        match node {
            Spot::List(list) => list.children_called(name).into_iter().map(Spot::List).collect(),
            Spot::Form(_) => {
                let mut found = self.children(node);
                found.retain(|child| self.is_called(*child, name));
                found
            }
        }
    }

    fn kind(&self, node: Spot<'a>) -> NodeType {
        if self.parent(node).is_none() { NodeType::Root } else { NodeType::Element }
    }

    fn name(&self, node: Spot<'a>) -> Cow<'_, str> {
        match node {
            Spot::List(list) => Cow::Borrowed(list.name()),
            Spot::Form(id) => {
                let node = self.session.instances.get(id).and_then(|instance| instance.node);
                let named = node.and_then(|node| self.session.instrument.node(node));
                Cow::Borrowed(named.map_or("", |node| node.name.as_str()))
            }
        }
    }

    fn place(&self, node: Spot<'a>) -> Vec<usize> {
        match node {
            Spot::List(list) => list.place(),
            Spot::Form(id) => {
                let mut place = Vec::new();
                let mut at = id;
                while let Some(instance) = self.session.instances.get(at) {
                    let Some(parent) = instance.parent else { break };
                    let around = self.session.instances.get(parent);
                    let among =
                        around.and_then(|around| around.children.iter().position(|child| *child == at));
                    place.push(among.unwrap_or(0));
                    at = parent;
                }
                place.reverse();
                place
            }
        }
    }

    fn instance(&self, name: &str) -> Option<Spot<'a>> {
        let lists = &self.session.instrument.choice_lists;
        let plain = name.rsplit_once('.').map_or(name, |(before, _)| before);
        let list = lists.get(name).or_else(|| lists.get(plain))?;
        Some(Spot::List(ListSpot::of(list)))
    }

    /// Choices have their texts by the name of the list and their place, as `pyxform` names them.
    fn itext(&self, key: &str) -> Option<String> {
        let (list, place) = key.rsplit_once('-')?;
        let choice =
            self.session.instrument.choice_lists.get(list)?.choices.get(place.parse::<usize>().ok()?)?;
        Some(choice.label.in_language(self.session.language).to_owned())
    }

    fn version(&self) -> &str {
        &self.session.instrument.version
    }
}

impl View<'_> {
    /// The relevant instances that a reference means.
    pub(crate) fn instances_of(&self, reference: NodeId) -> impl Iterator<Item = InstanceId> {
        let found = self.session.expanded(&self.session.matching(self.here, reference));
        found.into_iter().filter(|id| self.is_relevant(*id))
    }

    fn is_relevant(&self, id: InstanceId) -> bool {
        self.session.instances.get(id).is_some_and(|instance| instance.relevant)
    }

    /// The row of `repeat` that the context node stands in.
    fn row_around(&self, repeat: InstanceId) -> Option<InstanceId> {
        let mut at = self.here;
        loop {
            let instance = self.session.instances.get(at)?;
            if instance.role == Role::Row && instance.parent == Some(repeat) {
                return Some(at);
            }
            at = instance.parent?;
        }
    }
}
