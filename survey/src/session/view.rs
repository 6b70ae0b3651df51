//! A form's answers as the tree that expressions are evaluated over.

use std::borrow::Cow;

use crate::expression::{Clock, Expression, Tree, Value, number_of};
use crate::instrument::{Choice, ChoiceList, NodeId, QuestionKind};
use crate::session::Session;
use crate::session::instances::{InstanceId, Role, TOP};
use crate::session::plan::question;

/// The form as seen from one instance, and from one choice where a filter is worked out.
pub(crate) struct View<'a> {
    pub(crate) session: &'a Session,
    pub(crate) here: InstanceId,
    pub(crate) choice: Option<(&'a ChoiceList, &'a Choice)>,
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

impl Tree for View<'_> {
    type Node = InstanceId;

    fn here(&self) -> Option<InstanceId> {
        Some(self.here)
    }

    /// A repeat and its row are one node to an expression, so going up from a row passes both.
    fn up(&self, levels: u8) -> Option<InstanceId> {
        let mut at = self.here;
        for _ in 0..levels {
            at = self.session.instances.get(at)?.parent?;
            let above = self.session.instances.get(at)?;
            if above.role == Role::Repeat {
                at = above.parent?;
            }
        }
        Some(at)
    }

    fn select(&self, reference: NodeId) -> Vec<InstanceId> {
        let mut found = self.session.expanded(&self.session.matching(self.here, reference));
        found.retain(|id| self.session.instances.get(*id).is_some_and(|instance| instance.relevant));
        found
    }

    fn in_rows(&self, reference: NodeId, rows: &[(NodeId, usize)]) -> Option<InstanceId> {
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
        self.session.instances.get(at)?.relevant.then_some(at)
    }

    fn value(&self, node: InstanceId) -> Value<InstanceId> {
        let Some(instance) = self.session.instances.get(node).filter(|instance| instance.relevant) else {
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

    fn position(&self, node: InstanceId) -> usize {
        let place = || {
            let instance = self.session.instances.get(node).filter(|instance| instance.role == Role::Row)?;
            let siblings = &self.session.instances.get(instance.parent?)?.children;
            siblings.iter().position(|sibling| *sibling == node)
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
}

impl View<'_> {
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
