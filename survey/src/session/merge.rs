//! Takes in what other devices did to the same record.

use std::collections::HashSet;

use crate::path::RowId;
use crate::session::instances::{InstanceId, Role};
use crate::session::plan::{is_calculated, question, repeat};
use crate::session::rows::{RowsByRepeat, by_repeat};
use crate::session::update::Work;
use crate::session::{Clock, Delta, Saved, Session};

impl Session {
    /// Takes in the record as it stands after a merge: its answers, and the complete list of its
    /// rows. An answer that `saved` does not name stays as it is; a row that it does not name goes.
    /// Nothing is checked or written: what was saved is shown.
    pub fn merge(&mut self, saved: Saved, clock: &Clock) -> Delta {
        self.set_clock(clock);
        let mut work = Work::default();
        let rows = by_repeat(&saved.rows);
        let mut merged = Vec::new();
        for (path, text) in saved.answers {
            merged.push(path.clone());
            self.answers.insert(path, text);
        }
        self.merge_rows(&rows, &mut work);
        for path in merged {
            let Some(at) = self.instances.at(&path) else { continue };
            let node = self.instances.get(at).and_then(|instance| instance.node);
            let asked = node.and_then(|node| question(&self.instrument, node));
            if asked.is_some_and(|question| !is_calculated(question)) {
                let text = self.answers.get(&path).cloned().unwrap_or_default();
                if self.put(at, text) {
                    self.changed(at, &mut work);
                }
            }
        }
        self.finish(work)
    }

    fn merge_rows(&mut self, rows: &RowsByRepeat, work: &mut Work) {
        // Parents stand before what is in them, and rows made on the way already have theirs.
        let repeats: Vec<InstanceId> = self.instances.ids().filter(|id| self.is_free_repeat(*id)).collect();
        for container in repeats {
            let Some(instance) = self.instances.get(container) else { continue };
            let wanted = rows.get(&instance.path).map_or(&[][..], Vec::as_slice);
            if !self.rows_are(container, wanted) {
                self.set_rows(container, wanted, rows, work);
            }
        }
    }

    fn is_free_repeat(&self, id: InstanceId) -> bool {
        let instance = self.instances.get(id).filter(|instance| instance.role == Role::Repeat);
        instance
            .and_then(|instance| repeat(&self.instrument, instance.node?))
            .is_some_and(|count| count.is_none())
    }

    fn row_id(&self, row: InstanceId) -> Option<&str> {
        self.instances.get(row)?.path.last()?.row
    }

    fn rows_are(&self, container: InstanceId, wanted: &[RowId]) -> bool {
        let Some(instance) = self.instances.get(container) else { return true };
        instance.children.len() == wanted.len()
            && instance.children.iter().zip(wanted).all(|(row, id)| self.row_id(*row) == Some(id.as_str()))
    }

    fn set_rows(&mut self, container: InstanceId, wanted: &[RowId], rows: &RowsByRepeat, work: &mut Work) {
        let Some(instance) = self.instances.get(container) else { return };
        let keep: HashSet<&str> = wanted.iter().map(RowId::as_str).collect();
        let gone: Vec<InstanceId> = instance
            .children
            .iter()
            .copied()
            .filter(|row| self.row_id(*row).is_none_or(|id| !keep.contains(id)))
            .collect();
        for row in gone {
            self.instances.remove(row);
        }
        for row in wanted {
            // Those that are there already answer with their path; they stay.
            let _ = self.build_row_with(container, row, false, rows, work);
        }
        self.order_rows(container, wanted);
        self.rows_changed(container, true, work);
    }

    fn order_rows(&mut self, container: InstanceId, wanted: &[RowId]) {
        let places: std::collections::HashMap<&str, usize> =
            wanted.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
        let Some(instance) = self.instances.get(container) else { return };
        let mut children = instance.children.clone();
        children.sort_by_key(|row| self.row_id(*row).and_then(|id| places.get(id)).copied());
        if let Some(instance) = self.instances.get_mut(container) {
            instance.children = children;
        }
    }
}
