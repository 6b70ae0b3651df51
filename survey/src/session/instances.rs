//! The nodes of one filled form: a node of the instrument has one instance, or one in each row.

use std::collections::HashMap;

use crate::instrument::NodeId;
use crate::path::Path;

/// Place of an instance in [`Instances`].
pub(crate) type InstanceId = usize;

/// The top of every form.
pub(crate) const TOP: InstanceId = 0;

/// Most instances a form may have; a repeat stops growing there rather than exhaust a phone.
pub(crate) const MAX_INSTANCES: usize = 500_000;

/// What an instance is, beside what its node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The top, a group or a question.
    Plain,
    /// A repeat; its children are its rows.
    Repeat,
    /// One row of a repeat.
    Row,
}

/// A node as it stands in a filled form.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// None for the top.
    pub(crate) node: Option<NodeId>,
    pub(crate) role: Role,
    pub(crate) path: Path,
    pub(crate) parent: Option<InstanceId>,
    pub(crate) children: Vec<InstanceId>,
    /// Answer or calculated value; `""` is blank.
    pub(crate) value: String,
    /// Its own `relevant` holds.
    pub(crate) own_relevant: bool,
    /// It and everything around it is relevant.
    pub(crate) relevant: bool,
    pub(crate) required: bool,
    /// Its constraint holds.
    pub(crate) valid: bool,
    /// Its answer is among the choices in force.
    pub(crate) offered: bool,
    /// Nobody may answer it at the moment.
    pub(crate) read_only: bool,
    /// False once its row was removed.
    pub(crate) alive: bool,
}

/// All instances of a form.
#[derive(Debug)]
pub(crate) struct Instances {
    all: Vec<Instance>,
    by_path: HashMap<Path, InstanceId>,
}

impl Instances {
    /// None yet, with room for so many.
    pub(crate) fn with_room(count: usize) -> Self {
        Self { all: Vec::with_capacity(count), by_path: HashMap::with_capacity(count) }
    }

    pub(crate) fn get(&self, id: InstanceId) -> Option<&Instance> {
        self.all.get(id).filter(|instance| instance.alive)
    }

    pub(crate) fn get_mut(&mut self, id: InstanceId) -> Option<&mut Instance> {
        self.all.get_mut(id).filter(|instance| instance.alive)
    }

    pub(crate) fn at(&self, path: &Path) -> Option<InstanceId> {
        self.by_path.get(path).copied()
    }

    pub(crate) fn found(&self, path: &Path) -> Option<&Instance> {
        self.get(self.at(path)?)
    }

    /// Adds an instance below `parent`, as its last child; none where the form is full or the
    /// path is taken.
    pub(crate) fn add(
        &mut self,
        node: Option<NodeId>,
        role: Role,
        path: Path,
        parent: Option<InstanceId>,
    ) -> Option<InstanceId> {
        let id = self.all.len();
        if id >= MAX_INSTANCES || self.by_path.contains_key(&path) {
            return None;
        }
        self.by_path.insert(path.clone(), id);
        self.all.push(Instance {
            node,
            role,
            path,
            parent,
            children: Vec::new(),
            value: String::new(),
            own_relevant: true,
            relevant: true,
            required: false,
            valid: true,
            offered: true,
            read_only: false,
            alive: true,
        });
        if let Some(above) = parent.and_then(|parent| self.get_mut(parent)) {
            above.children.push(id);
        }
        Some(id)
    }

    /// Takes an instance and all inside it out of the form.
    pub(crate) fn remove(&mut self, id: InstanceId) {
        if let Some(above) = self.get(id).and_then(|instance| instance.parent)
            && let Some(above) = self.get_mut(above)
        {
            above.children.retain(|child| *child != id);
        }
        for inner in self.inside(id) {
            if let Some(instance) = self.all.get_mut(inner) {
                instance.alive = false;
                let path = std::mem::take(&mut instance.path);
                instance.value = String::new();
                self.by_path.remove(&path);
            }
        }
    }

    /// `id` and everything inside it, parents first.
    pub(crate) fn inside(&self, id: InstanceId) -> Vec<InstanceId> {
        let mut found = vec![id];
        let mut next = 0;
        while let Some(at) = found.get(next).copied() {
            if let Some(instance) = self.get(at) {
                found.extend_from_slice(&instance.children);
            }
            next += 1;
        }
        found
    }

    /// How many were ever made.
    pub(crate) fn made(&self) -> usize {
        self.all.len()
    }

    /// Every instance there is.
    pub(crate) fn ids(&self) -> impl Iterator<Item = InstanceId> + use<'_> {
        (0..self.all.len()).filter(|id| self.get(*id).is_some())
    }
}
