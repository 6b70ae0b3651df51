//! What a page asks of a session to show it.

use crate::instrument::{Node, NodeId, QuestionKind};
use crate::path::Path;
use crate::session::instances::{Instance, Role, TOP};
use crate::session::plan::{is_answerable, question};
use crate::session::{Item, Problem, Progress, Session};

impl Session {
    /// What stands right inside a group or row ([`Path::top`] for the form), in document order;
    /// a repeat is one item, its path without a row. Inside a repeat: its rows.
    pub fn children(&self, group: &Path) -> Vec<Item> {
        let Some(instance) = self.instances.found(group) else { return Vec::new() };
        let item = |child: &Instance| Some(Item { path: child.path.clone(), node: child.node? });
        instance.children.iter().filter_map(|id| item(self.instances.get(*id)?)).collect()
    }

    /// The rows of a repeat (its path without a row), in the order shown.
    pub fn rows(&self, repeat: &Path) -> Vec<Path> {
        let Some(instance) = self.instances.found(repeat).filter(|found| found.role == Role::Repeat) else {
            return Vec::new();
        };
        instance.children.iter().filter_map(|id| Some(self.instances.get(*id)?.path.clone())).collect()
    }

    /// What stands at `path`; none where nothing does, and for the top.
    pub fn node(&self, path: &Path) -> Option<(NodeId, &Node)> {
        let id = self.instances.found(path)?.node?;
        Some((id, self.instrument.node(id)?))
    }

    /// The answer or calculated value, `""` where blank; kept answers of irrelevant questions too.
    pub fn value(&self, path: &Path) -> &str {
        self.instances.found(path).map_or("", |instance| instance.value.as_str())
    }

    /// True where it and everything around it is relevant. False where nothing stands there.
    pub fn is_relevant(&self, path: &Path) -> bool {
        self.instances.found(path).is_some_and(|instance| instance.relevant)
    }

    /// True for a relevant question that a person must answer.
    pub fn is_required(&self, path: &Path) -> bool {
        self.instances.found(path).is_some_and(|instance| instance.relevant && instance.required)
    }

    /// What is wrong with the answer at `path`.
    pub fn problem(&self, path: &Path) -> Option<Problem> {
        problem(self.instances.found(path)?)
    }

    /// How far everything inside `group` is filled ([`Path::top`] for the form); a question counts by itself.
    pub fn progress(&self, group: &Path) -> Progress {
        let mut progress = Progress::default();
        let Some(top) = self.instances.at(group) else { return progress };
        let mut open = vec![top];
        while let Some(instance) = open.pop().and_then(|id| self.instances.get(id)) {
            if !instance.relevant {
                continue;
            }
            open.extend_from_slice(&instance.children);
            let asked = instance.node.and_then(|node| question(&self.instrument, node));
            if asked.is_some_and(is_answerable) && !instance.read_only {
                progress.questions += 1;
                progress.answered += usize::from(!instance.value.is_empty());
                progress.required_left += usize::from(problem(instance) == Some(Problem::Required));
                let wrong = matches!(problem(instance), Some(Problem::Constraint | Problem::Choice));
                progress.problems += usize::from(wrong);
            }
        }
        progress
    }

    /// Every question at or inside `group` that has something wrong, in document order.
    pub fn problems(&self, group: &Path) -> Vec<(Path, Problem)> {
        let mut found = Vec::new();
        let mut open: Vec<usize> = self.instances.at(group).into_iter().collect();
        while let Some(instance) = open.pop().and_then(|id| self.instances.get(id)) {
            if instance.relevant {
                found.extend(problem(instance).map(|problem| (instance.path.clone(), problem)));
                open.extend(instance.children.iter().rev());
            }
        }
        found
    }

    /// How many answers do not hold, as a merge may leave them though each was sound where it was given: against their
    /// constraint, or none of the choices in force. While a record is open, required answers may still be blank; in a
    /// `closed` one these count too, since a merge can make a question relevant that nobody was asked.
    pub fn unsound(&self, closed: bool) -> u32 {
        let Progress { problems, required_left, .. } = self.progress(&Path::top());
        u32::try_from(if closed { problems + required_left } else { problems }).unwrap_or(u32::MAX)
    }

    /// True for a question that a person answers: no note, calculation or read-only question.
    pub fn is_answerable(&self, path: &Path) -> bool {
        let Some(found) = self.instances.found(path).filter(|found| !found.read_only) else { return false };
        found.node.and_then(|node| question(&self.instrument, node)).is_some_and(is_answerable)
    }

    /// True where the workbook lets nobody change the answer at the moment.
    pub fn is_read_only(&self, path: &Path) -> bool {
        self.instances.found(path).is_some_and(|found| found.read_only)
    }

    /// Every relevant question with its answer or calculated value, in document order.
    pub(crate) fn asked(&self) -> impl Iterator<Item = (NodeId, &Path, &str)> {
        let mut open = vec![TOP];
        std::iter::from_fn(move || {
            while let Some(instance) = open.pop().map(|id| self.instances.get(id)) {
                let Some(instance) = instance.filter(|instance| instance.relevant) else { continue };
                open.extend(instance.children.iter().rev());
                let asked = instance.node.filter(|node| question(&self.instrument, *node).is_some());
                if let Some(node) = asked {
                    return Some((node, &instance.path, instance.value.as_str()));
                }
            }
            None
        })
    }

    /// Whether the person agreed to be asked: the value of the calculation that the workbook gives the
    /// appearance `consent`, where `1` is yes. None where the form asks for no consent.
    pub fn consent(&self) -> Option<bool> {
        let (id, _) = self
            .instrument
            .nodes
            .iter()
            .enumerate()
            .find(|(_, node)| node.appearance.iter().any(|appearance| appearance == "consent"))?;
        let path = self.instrument.path_outside_rows(NodeId(u32::try_from(id).ok()?))?;
        Some(self.value(&path) == "1")
    }

    /// The type of the question at `path`.
    pub fn kind(&self, path: &Path) -> Option<QuestionKind> {
        Some(question(&self.instrument, self.instances.found(path)?.node?)?.kind)
    }
}

fn problem(instance: &Instance) -> Option<Problem> {
    if !instance.relevant {
        None
    } else if instance.required && instance.value.is_empty() {
        Some(Problem::Required)
    } else if instance.value.is_empty() {
        None
    } else if !instance.offered {
        Some(Problem::Choice)
    } else if instance.valid {
        None
    } else {
        Some(Problem::Constraint)
    }
}
