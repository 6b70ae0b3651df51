//! Makes the instances of a form: those that every form has, and those of each row.

use std::collections::HashMap;

use crate::instrument::{NodeId, NodeKind};
use crate::path::{Path, RowId};
use crate::session::Session;
use crate::session::instances::{InstanceId, Role, TOP};
use crate::session::plan::{is_calculated, question, repeat};
use crate::session::update::Work;

/// Most rows that a `repeat_count` makes.
pub const MAX_COUNTED_ROWS: usize = 1_000;

/// Rows in order, by the path of their repeat.
pub(crate) type RowsByRepeat = HashMap<Path, Vec<RowId>>;

/// Rows by the repeat that they are of; what is no row is passed over.
pub(crate) fn by_repeat(rows: &[Path]) -> RowsByRepeat {
    let mut found = RowsByRepeat::new();
    for path in rows {
        let Some(step) = path.last() else { continue };
        let (Some(Ok(row)), Some(parent)) = (step.row.map(RowId::new), path.parent()) else { continue };
        found.entry(parent.child(step.name)).or_default().push(row);
    }
    found
}

/// Something whose children have to be made.
struct Open {
    of: InstanceId,
    children: Vec<NodeId>,
    defaults: bool,
}

impl Session {
    /// Makes the whole form.
    pub(crate) fn build_top(&mut self, rows: &RowsByRepeat, defaults: bool, work: &mut Work) {
        if let Some(top) = self.instances.add(None, Role::Plain, Path::top(), None) {
            debug_assert_eq!(top, TOP, "the top is made first");
            let children = self.plan.top.clone();
            self.build(Open { of: top, children, defaults }, rows, work);
        }
    }

    /// Makes one row and what is in it. The error is the path where it is taken, and none where the form is full.
    pub(crate) fn build_row(
        &mut self,
        container: InstanceId,
        row: &RowId,
        defaults: bool,
        work: &mut Work,
    ) -> Result<InstanceId, Option<Path>> {
        self.build_row_with(container, row, defaults, &RowsByRepeat::new(), work)
    }

    pub(crate) fn build_row_with(
        &mut self,
        container: InstanceId,
        row: &RowId,
        defaults: bool,
        rows: &RowsByRepeat,
        work: &mut Work,
    ) -> Result<InstanceId, Option<Path>> {
        let (at, open) = self.add_row_instance(container, row, defaults, work)?;
        self.build(open, rows, work);
        Ok(at)
    }

    fn add_row_instance(
        &mut self,
        container: InstanceId,
        row: &RowId,
        defaults: bool,
        work: &mut Work,
    ) -> Result<(InstanceId, Open), Option<Path>> {
        let instance = self.instances.get(container).ok_or(None)?;
        let node = instance.node.ok_or(None)?;
        let name = &self.instrument.node(node).ok_or(None)?.name;
        let path = instance.path.parent().ok_or(None)?.row(name, row);
        if self.instances.at(&path).is_some() {
            return Err(Some(path));
        }
        let at = self.instances.add(Some(node), Role::Row, path, Some(container)).ok_or(None)?;
        self.work_out_all(at, false, work);
        Ok((at, Open { of: at, children: self.plan.children(node).to_vec(), defaults }))
    }

    fn build(&mut self, first: Open, rows: &RowsByRepeat, work: &mut Work) {
        let mut open = vec![first];
        while let Some(next) = open.pop() {
            for node in next.children {
                self.build_node(next.of, node, next.defaults, rows, &mut open, work);
            }
        }
    }

    fn build_node(
        &mut self,
        parent: InstanceId,
        node: NodeId,
        defaults: bool,
        rows: &RowsByRepeat,
        open: &mut Vec<Open>,
        work: &mut Work,
    ) {
        let Some((path, kind)) = self.instances.get(parent).and_then(|above| {
            let found = self.instrument.node(node)?;
            Some((above.path.child(&found.name), &found.kind))
        }) else {
            return;
        };
        let (role, group) = match kind {
            NodeKind::Question(_) => (Role::Plain, false),
            NodeKind::Group => (Role::Plain, true),
            NodeKind::Repeat { .. } => (Role::Repeat, false),
        };
        let stored = self.answers.get(&path).cloned();
        let saved_rows = if role == Role::Repeat { rows.get(&path).cloned() } else { None };
        let Some(at) = self.instances.add(Some(node), role, path, Some(parent)) else { return };
        let asked = question(&self.instrument, node).is_some_and(|question| !is_calculated(question));
        if let Some(text) = stored.filter(|_| asked) {
            self.put(at, text);
        }
        self.work_out_all(at, defaults, work);
        if group {
            open.push(Open { of: at, children: self.plan.children(node).to_vec(), defaults });
        }
        let counted = repeat(&self.instrument, node).flatten().is_some();
        for row in saved_rows.into_iter().flatten().filter(|_| !counted) {
            if let Ok((_, inner)) = self.add_row_instance(at, &row, defaults, work) {
                open.push(inner);
            }
        }
    }

    /// Makes as many rows as `repeat_count` says, called `1`, `2`, ... so that they are the same on
    /// every device; takes away the last ones where there are too many.
    pub(crate) fn work_out_count(&mut self, at: InstanceId, node: NodeId, work: &mut Work) {
        let instrument = self.instrument.clone();
        let Some(count) = repeat(&instrument, node).flatten() else { return };
        let wanted = whole(&self.text_of(count, at));
        let before = self.instances.get(at).map_or(0, |instance| instance.children.len());
        for number in before..wanted {
            let Ok(row) = RowId::new(&(number + 1).to_string()) else { break };
            if self.build_row(at, &row, true, work).is_err() {
                break;
            }
        }
        for _ in wanted..before {
            let last = self.instances.get(at).and_then(|instance| instance.children.last().copied());
            if let Some(last) = last {
                self.instances.remove(last);
            }
        }
        if wanted != before {
            self.rows_changed(at, false, work);
        }
    }
}

/// A count as a whole number of rows; 0 for what is none.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(text: &str) -> usize {
    let number = crate::expression::number_of(text);
    if number > 0.0 { (number as usize).min(MAX_COUNTED_ROWS) } else { 0 }
}
