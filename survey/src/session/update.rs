//! Works out again what hangs on a change, each thing once and in the right order.

use std::collections::BTreeSet;

use crate::dependencies::Aspect;
use crate::instrument::{NodeId, Question, QuestionKind};
use crate::session::Session;
use crate::session::answer::MAX_ANSWER_BYTES;
use crate::session::instances::{InstanceId, Role, TOP};
use crate::session::plan::{is_answerable, is_calculated, question, repeat, speaks};

/// One thing to work out, in the order in which it has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Task {
    rank: u32,
    kind: Kind,
    at: InstanceId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Its own relevance.
    Relevance,
    /// Whether it is relevant with what is around it.
    Surroundings,
    /// Its number of rows.
    Count,
    /// Its calculation.
    Value,
    /// Its default, where it is an expression.
    Default,
    /// Required, constraint; texts and choices are worked out when asked for.
    State,
}

/// What is left to do, and what was done, in one step.
#[derive(Debug, Default)]
pub(crate) struct Work {
    tasks: BTreeSet<Task>,
    /// Tasks of instances just made, taken over all at once: a form that is opened is nothing else.
    fresh: Vec<Task>,
    pub(crate) written: BTreeSet<InstanceId>,
    pub(crate) touched: BTreeSet<InstanceId>,
    pub(crate) structure: bool,
    /// Questions whose trigger changed; worked out once all that follows from the change is.
    triggered: BTreeSet<InstanceId>,
    pub(crate) places: BTreeSet<InstanceId>,
    /// A person did it, so that triggers fire and answers that are no choices any more go.
    by_person: bool,
    /// Nobody asks what is wrong or required: only values and relevance are worked out.
    values_alone: bool,
}

impl Work {
    /// Values and relevance, for who reads a record and lets nobody fill it.
    pub(crate) fn values_alone() -> Self {
        Self { values_alone: true, ..Self::default() }
    }

    /// A step that a person takes, rather than one that shows what is stored.
    pub(crate) fn by_person() -> Self {
        Self { by_person: true, ..Self::default() }
    }

    fn wants(&self, kind: Kind) -> bool {
        !(self.values_alone && kind == Kind::State)
    }

    fn take_fresh(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh).into_iter().collect();
        self.tasks.append(&mut fresh);
    }
}

impl Session {
    /// Does what is to do. A task makes tasks of a higher rank only, save where an answer is no choice any more and
    /// goes, which happens once to each; the bound is for instruments with cycles, which the compiler refuses but a
    /// stranger may send, and for triggers that trigger each other.
    pub(crate) fn settle(&mut self, work: &mut Work) {
        let mut done = 0;
        work.take_fresh();
        while done < 16 * self.instances.made() + 1024 {
            let Some(task) = work.tasks.pop_first() else {
                match work.triggered.pop_first() {
                    Some(at) => self.fire(at, work),
                    None => return,
                }
                done += 1;
                continue;
            };
            done += 1;
            let Some(instance) = self.instances.get(task.at) else { continue };
            let Some(node) = instance.node else { continue };
            match task.kind {
                Kind::Relevance => self.work_out_relevance(task, node, work),
                Kind::Surroundings => self.work_out_surroundings(task, node, work),
                Kind::Count => {
                    self.work_out_count(task.at, node, work);
                    work.take_fresh();
                }
                Kind::Value => self.work_out_value(task, node, work),
                Kind::Default => self.work_out_default(task.at, node, work),
                Kind::State => self.work_out_state(task.at, node, work),
            }
        }
    }

    /// Everything about a new instance has to be worked out.
    pub(crate) fn work_out_all(&self, at: InstanceId, with_default: bool, work: &mut Work) {
        let Some(instance) = self.instances.get(at) else { return };
        let Some(node) = instance.node.and_then(|id| Some((id, self.instrument.node(id)?))) else { return };
        let (id, node) = node;
        let mut plan = |kind| {
            if work.wants(kind) {
                work.fresh.push(self.task(at, id, kind));
            }
        };
        if instance.role != Role::Row && node.relevant.is_some() {
            plan(Kind::Relevance);
        }
        plan(Kind::Surroundings);
        if instance.role == Role::Repeat && repeat(&self.instrument, id).flatten().is_some() {
            plan(Kind::Count);
        }
        if let Some(question) = question(&self.instrument, id) {
            let calculated = is_calculated(question);
            if calculated {
                plan(Kind::Value);
            }
            if with_default && question.default.is_some() && !calculated {
                plan(Kind::Default);
            }
            plan(Kind::State);
        }
    }

    /// A trigger changed: the question takes what its calculation comes to, or is blanked; a background-geopoint
    /// wants the place.
    fn fire(&mut self, at: InstanceId, work: &mut Work) {
        let instrument = self.instrument.clone();
        let node = self.instances.get(at).and_then(|instance| instance.node);
        let Some(question) = node.and_then(|node| question(&instrument, node)) else { return };
        if question.kind == QuestionKind::BackgroundGeopoint {
            work.places.insert(at);
            return;
        }
        let text = question.calculation.as_ref().map_or_else(String::new, |e| self.text_of(e, at));
        self.store(at, &text, work);
    }

    fn plan_triggered(&self, at: InstanceId, node: NodeId, work: &mut Work) {
        if work.by_person {
            for triggered in self.plan.triggered(node) {
                work.triggered.extend(self.matching(at, *triggered));
            }
        }
    }

    /// The value of `at` is another: so is what reads it.
    pub(crate) fn changed(&self, at: InstanceId, work: &mut Work) {
        self.plan_readers(at, None, work);
        if let Some(node) = self.instances.get(at).and_then(|instance| instance.node) {
            self.plan_triggered(at, node, work);
        }
        if let Some(node) = self.instances.get(at).and_then(|instance| instance.node) {
            self.plan_task(at, node, Kind::State, work);
        }
        work.touched.insert(at);
    }

    /// The rows of a repeat are others: so is what reads the repeat, or anything in it from outside.
    /// `moved`: rows that stay stand elsewhere now.
    pub(crate) fn rows_changed(&self, container: InstanceId, moved: bool, work: &mut Work) {
        work.structure = true;
        work.touched.insert(container);
        let Some(node) = self.instances.get(container).and_then(|instance| instance.node) else { return };
        for inner in self.plan.inside(node) {
            for reader in self.plan.dependencies.readers(inner) {
                let row_alone = inner != node && self.plan.is_within(reader.node, node);
                if reader.everywhere || !row_alone {
                    let from = if reader.everywhere { TOP } else { container };
                    for id in self.matching(from, reader.node) {
                        self.plan_task(id, reader.node, kind_of(reader.aspect), work);
                    }
                }
            }
        }
        if moved {
            self.plan_positions(container, node, work);
        }
    }

    /// What in the rows depends on where they stand.
    fn plan_positions(&self, container: InstanceId, node: NodeId, work: &mut Work) {
        for inner in self.plan.inside(node) {
            for aspect in self.plan.dependencies.positional(inner) {
                for id in self.matching(container, inner) {
                    self.plan_task(id, inner, kind_of(*aspect), work);
                }
            }
        }
    }

    /// Everything that names choices in words, for a change of language.
    pub(crate) fn redo_choice_names(&self, work: &mut Work) {
        for (index, node) in (0..).zip(&self.instrument.nodes) {
            let id = NodeId(index);
            let calculation =
                question(&self.instrument, id).and_then(|question| question.calculation.as_ref());
            let kinds = [
                (node.relevant.as_ref().is_some_and(speaks), Kind::Relevance),
                (calculation.is_some_and(speaks), Kind::Value),
            ];
            for (_, kind) in kinds.into_iter().filter(|(speaks, _)| *speaks) {
                for at in self.matching(TOP, id) {
                    self.plan_task(at, id, kind, work);
                }
            }
        }
    }

    fn plan_task(&self, at: InstanceId, node: NodeId, kind: Kind, work: &mut Work) {
        if work.wants(kind) {
            work.tasks.insert(self.task(at, node, kind));
        }
    }

    fn task(&self, at: InstanceId, node: NodeId, kind: Kind) -> Task {
        let aspect = match kind {
            Kind::Relevance | Kind::Surroundings => Aspect::Relevance,
            Kind::Count => Aspect::Count,
            Kind::Value | Kind::Default => Aspect::Value,
            Kind::State => Aspect::State,
        };
        Task { rank: self.plan.dependencies.rank(node, aspect), kind, at }
    }

    /// Plans what reads `at`; from inside a cycle (which the compiler refuses) only what comes later.
    fn plan_readers(&self, at: InstanceId, after: Option<u32>, work: &mut Work) {
        let Some(node) = self.instances.get(at).and_then(|instance| instance.node) else { return };
        for reader in self.plan.dependencies.readers(node) {
            if after.is_some_and(|after| self.plan.dependencies.rank(reader.node, reader.aspect) <= after) {
                continue;
            }
            let from = if reader.everywhere { TOP } else { at };
            for id in self.matching(from, reader.node) {
                self.plan_task(id, reader.node, kind_of(reader.aspect), work);
            }
        }
    }

    fn work_out_relevance(&mut self, task: Task, node: NodeId, work: &mut Work) {
        let relevant = self.instrument.node(node).and_then(|node| node.relevant.as_ref());
        let own = relevant.is_none_or(|expression| self.holds(expression, task.at));
        if let Some(instance) = self.instances.get_mut(task.at) {
            instance.own_relevant = own;
        }
        self.work_out_surroundings(task, node, work);
    }

    fn work_out_surroundings(&mut self, task: Task, node: NodeId, work: &mut Work) {
        let Some(instance) = self.instances.get(task.at) else { return };
        let around = instance.parent.and_then(|parent| self.instances.get(parent)).is_none_or(|p| p.relevant);
        let relevant = around && instance.own_relevant;
        if relevant == instance.relevant {
            return;
        }
        let children = instance.children.clone();
        if let Some(instance) = self.instances.get_mut(task.at) {
            instance.relevant = relevant;
        }
        for child in children {
            if let Some(inner) = self.instances.get(child).and_then(|child| child.node) {
                self.plan_task(child, inner, Kind::Surroundings, work);
            }
        }
        work.touched.insert(task.at);
        if question(&self.instrument, node).is_some() {
            self.plan_task(task.at, node, Kind::State, work);
        } else {
            work.structure = true;
        }
        self.plan_readers(task.at, Some(task.rank), work);
    }

    fn work_out_value(&mut self, task: Task, node: NodeId, work: &mut Work) {
        let Some(question) = question(&self.instrument, node) else { return };
        let Some(calculation) = question.calculation.as_ref() else { return };
        let text = self.text_of(calculation, task.at);
        if self.put(task.at, text) {
            self.plan_readers(task.at, Some(task.rank), work);
            self.plan_triggered(task.at, node, work);
            self.plan_task(task.at, node, Kind::State, work);
            work.touched.insert(task.at);
        }
    }

    fn work_out_default(&mut self, at: InstanceId, node: NodeId, work: &mut Work) {
        let Some(question) = question(&self.instrument, node) else { return };
        let Some(default) = question.default.as_ref() else { return };
        let Some(instance) = self.instances.get(at) else { return };
        if !instance.value.is_empty() || self.answers.contains_key(&instance.path) {
            return;
        }
        let text = self.text_of(default, at);
        self.store(at, &text, work);
    }

    fn work_out_state(&mut self, at: InstanceId, node: NodeId, work: &mut Work) {
        work.touched.insert(at);
        let instrument = self.instrument.clone();
        let Some(question) = question(&instrument, node) else { return };
        let Some(instance) = self.instances.get(at) else { return };
        let read_only = question.read_only.as_ref().is_some_and(|expression| self.holds(expression, at));
        let asked = instance.relevant && is_answerable(question) && !read_only;
        let blank = instance.value.is_empty();
        let required =
            asked && question.required.as_ref().is_some_and(|expression| self.holds(expression, at));
        let checked = if asked && !blank { question.constraint.as_ref() } else { None };
        let valid = checked.is_none_or(|expression| self.holds(expression, at));
        let narrowed = question.choice_filter.is_some() || question.choices_from.is_some();
        let left = if asked && !blank && narrowed { self.left_of(at, question) } else { None };
        if let Some(instance) = self.instances.get_mut(at) {
            instance.required = required;
            instance.valid = valid;
            instance.read_only = read_only;
            instance.offered = left.is_none();
        }
        // As JavaRosa does: an answer that a person's step made none of the choices goes.
        if let Some(left) = left.filter(|_| work.by_person) {
            self.store(at, &left, work);
        }
    }

    /// What is left of an answer where something of it is none of the choices in force; none where all of it is.
    fn left_of(&self, at: InstanceId, question: &Question) -> Option<String> {
        let value = &self.instances.get(at)?.value;
        let one = question.kind == QuestionKind::SelectOne;
        let names: Vec<&str> = if one { vec![value] } else { value.split(' ').collect() };
        let left: Vec<&str> =
            names.iter().copied().filter(|name| self.is_offered(at, question, name)).collect();
        (left.len() < names.len()).then(|| left.join(" "))
    }

    /// Sets a stored answer, if it is another one; what reads it is planned.
    pub(crate) fn store(&mut self, at: InstanceId, text: &str, work: &mut Work) {
        if self.put(at, text.to_owned()) {
            if let Some(instance) = self.instances.get(at) {
                self.answers.insert(instance.path.clone(), instance.value.clone());
            }
            work.written.insert(at);
            self.changed(at, work);
        }
    }

    /// Sets a value; true where it is another one. Cut to [`MAX_ANSWER_BYTES`], so that no
    /// calculation can fill the memory by doubling.
    pub(crate) fn put(&mut self, at: InstanceId, mut text: String) -> bool {
        if text.len() > MAX_ANSWER_BYTES {
            let end = (0..=MAX_ANSWER_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
        }
        match self.instances.get_mut(at) {
            Some(instance) if instance.value != text => {
                instance.value = text;
                true
            }
            _ => false,
        }
    }
}

fn kind_of(aspect: Aspect) -> Kind {
    match aspect {
        Aspect::Count => Kind::Count,
        Aspect::Relevance => Kind::Relevance,
        Aspect::Value => Kind::Value,
        Aspect::State => Kind::State,
    }
}
