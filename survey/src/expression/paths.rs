//! Reads paths. In a form a plain path is resolved to a node at once; from the first predicate or unusual
//! step on it is kept as steps, together with the form's nodes that they may lead to.

use crate::expression::ast::{Axis, Operator, Part, PartId, Step, Test};
use crate::expression::fault::{ParseError, ParseErrorKind};
use crate::expression::function::Function;
use crate::expression::lexer::TokenKind;
use crate::expression::parser::{Parser, is_node_type};
use crate::expression::scope::{PathStep, ScopeError, path_text};
use crate::instrument::NodeId;

/// Which nodes of the form some nodes may be instances of, none for the top; nothing is known of the
/// nodes of a secondary instance or a document.
pub(crate) type Schema = Option<Vec<Option<NodeId>>>;

/// What a path that does not begin with `/` begins from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// The context node.
    Context,
    /// The node that the whole expression belongs to, after `current()/`.
    Origin,
}

/// A path as far as it is read.
enum Walked {
    /// Names and `..` only, so far.
    Plain { absolute: bool, steps: Vec<PathStep> },
    /// Steps from a part on.
    Steps { start: PartId, steps: Vec<Step>, schema: Schema },
}

impl Parser<'_> {
    /// A location path.
    pub(crate) fn path(&mut self, from: From) -> Result<PartId, ParseError> {
        let at = self.at();
        let absolute = self.peek() == &TokenKind::Symbol("/");
        let anywhere = self.peek() == &TokenKind::Symbol("//");
        let relative_inside = from == From::Context && !self.contexts.is_empty() && !absolute;
        let mut walked = if self.scope.is_open() || anywhere || relative_inside {
            self.begin(from, absolute || anywhere)
        } else {
            Walked::Plain { absolute, steps: Vec::new() }
        };
        if absolute {
            self.take();
            if !self.begins_step() {
                let root = self.begin(from, true);
                return self.ended(at, from, root);
            }
        } else if anywhere {
            self.take();
            walked = self.stepped(walked, at, from, Axis::DescendantOrSelf, Test::Node)?;
        }
        self.steps(walked, at, from)
    }

    /// Predicates and steps behind a reference, a call or brackets.
    pub(crate) fn path_on(&mut self, part: PartId) -> Result<PartId, ParseError> {
        let at = self.at();
        let mut start = part;
        while self.peek() == &TokenKind::Symbol("[") {
            let predicate = self.predicate(self.schema_of(start))?;
            start = self.push(Part::Filter(start, predicate));
        }
        let mut walked = Walked::Steps { start, steps: Vec::new(), schema: self.schema_of(start) };
        if self.takes("//") {
            walked = self.stepped(walked, at, From::Context, Axis::DescendantOrSelf, Test::Node)?;
        } else if !self.takes("/") {
            return Ok(start);
        }
        self.steps(walked, at, From::Context)
    }

    fn steps(&mut self, mut walked: Walked, at: usize, from: From) -> Result<PartId, ParseError> {
        loop {
            let (axis, test) = self.step()?;
            walked = self.stepped(walked, at, from, axis, test)?;
            while self.peek() == &TokenKind::Symbol("[") {
                walked = self.with_predicate(walked, at, from)?;
            }
            if self.takes("//") {
                walked = self.stepped(walked, at, from, Axis::DescendantOrSelf, Test::Node)?;
            } else if !self.takes("/") {
                return self.ended(at, from, walked);
            }
        }
    }

    fn begins_step(&self) -> bool {
        matches!(self.peek(), TokenKind::Name(_) | TokenKind::Symbol("." | ".." | "*" | "@"))
    }

    /// An axis and a node test, long or short.
    fn step(&mut self) -> Result<(Axis, Test), ParseError> {
        if self.takes("..") {
            return Ok((Axis::Parent, Test::Node));
        }
        if self.takes(".") {
            return Ok((Axis::OneSelf, Test::Node));
        }
        let mut axis = if self.takes("@") { Axis::Attribute } else { Axis::Child };
        if let (TokenKind::Name(name), true) = (self.peek().clone(), self.follows("::")) {
            axis = Axis::named(&name).ok_or_else(|| self.unexpected())?;
            self.take();
            self.take();
        }
        if self.takes("*") {
            return Ok((axis, Test::Any));
        }
        match self.peek().clone() {
            TokenKind::Name(name) if is_node_type(&name) && self.follows("(") => {
                Ok((axis, self.node_type(&name)?))
            }
            TokenKind::Name(name) if !self.follows("(") => {
                self.take();
                Ok((axis, Test::Name(name)))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn node_type(&mut self, name: &str) -> Result<Test, ParseError> {
        self.take();
        self.take();
        let target = match (name, self.peek().clone()) {
            ("processing-instruction", TokenKind::Text(target)) => {
                self.take();
                Some(target)
            }
            _ => None,
        };
        self.wants(")")?;
        Ok(match name {
            "node" => Test::Node,
            "text" => Test::Text,
            "comment" => Test::Comment,
            _ => Test::Instruction(target),
        })
    }

    /// The start of steps that cannot be resolved at once.
    fn begin(&mut self, from: From, absolute: bool) -> Walked {
        let (part, schema) = if absolute {
            (Part::Root, if self.scope.is_open() { None } else { Some(vec![None]) })
        } else if from == From::Origin && !self.contexts.is_empty() {
            (Part::Origin, self.own_schema())
        } else {
            (Part::Here, self.contexts.last().cloned().unwrap_or_else(|| self.own_schema()))
        };
        Walked::Steps { start: self.push(part), steps: Vec::new(), schema }
    }

    fn own_schema(&self) -> Schema {
        self.scope.node().map(|node| vec![Some(node)])
    }

    /// `walked`, in steps from some part on.
    fn unresolved(&mut self, walked: Walked, at: usize, from: From) -> Result<Walked, ParseError> {
        match walked {
            Walked::Plain { absolute, steps } if steps.is_empty() => Ok(self.begin(from, absolute)),
            Walked::Plain { absolute, steps } => {
                let part = self.resolve(at, absolute, from, &steps)?;
                let start = self.push(part);
                Ok(Walked::Steps { start, steps: Vec::new(), schema: self.schema_of(start) })
            }
            walked @ Walked::Steps { .. } => Ok(walked),
        }
    }

    fn stepped(
        &mut self,
        walked: Walked,
        at: usize,
        from: From,
        axis: Axis,
        test: Test,
    ) -> Result<Walked, ParseError> {
        if let Walked::Plain { absolute, mut steps } = walked {
            match (axis, &test) {
                (Axis::OneSelf, Test::Node) => return Ok(Walked::Plain { absolute, steps }),
                (Axis::Parent, Test::Node) => {
                    steps.push(PathStep::Up);
                    return Ok(Walked::Plain { absolute, steps });
                }
                (Axis::Child, Test::Name(name)) => {
                    steps.push(PathStep::Child(name.clone()));
                    return Ok(Walked::Plain { absolute, steps });
                }
                // The first step from the top names the form itself.
                (Axis::Child, Test::Any) if absolute && steps.is_empty() => {
                    return Ok(self.begin(from, true));
                }
                _ => {}
            }
            let walked = self.unresolved(Walked::Plain { absolute, steps }, at, from)?;
            return self.stepped(walked, at, from, axis, test);
        }
        let Walked::Steps { start, mut steps, schema } = walked else { return Ok(walked) };
        let schema = match schema {
            Some(nodes) => Some(self.advanced(&nodes, axis, &test, at)?),
            None => None,
        };
        steps.push(Step(axis, test, Vec::new()));
        Ok(Walked::Steps { start, steps, schema })
    }

    fn with_predicate(&mut self, walked: Walked, at: usize, from: From) -> Result<Walked, ParseError> {
        let Walked::Steps { start, mut steps, schema } = self.unresolved(walked, at, from)? else {
            return Err(self.unexpected());
        };
        let predicate = self.predicate(schema.clone())?;
        if let Some(Step(_, _, predicates)) = steps.last_mut() {
            predicates.push(predicate);
            return Ok(Walked::Steps { start, steps, schema });
        }
        let start = self.push(Part::Filter(start, predicate));
        Ok(Walked::Steps { start, steps, schema })
    }

    fn predicate(&mut self, context: Schema) -> Result<PartId, ParseError> {
        self.wants("[")?;
        self.contexts.push(context);
        let inner = self.binary(0);
        self.contexts.pop();
        let inner = inner?;
        self.wants("]")?;
        Ok(inner)
    }

    fn ended(&mut self, at: usize, from: From, walked: Walked) -> Result<PartId, ParseError> {
        match walked {
            Walked::Plain { absolute, steps } => {
                let part = self.resolve(at, absolute, from, &steps)?;
                Ok(self.push(part))
            }
            Walked::Steps { start, steps, .. } if steps.is_empty() => Ok(start),
            Walked::Steps { start, steps, schema } => {
                let read = schema.into_iter().flatten().flatten().collect();
                Ok(self.push(Part::Path(start, steps, read)))
            }
        }
    }

    /// What a plain path in a form means.
    fn resolve(&self, at: usize, absolute: bool, from: From, steps: &[PathStep]) -> Result<Part, ParseError> {
        if !absolute && steps.iter().all(|step| *step == PathStep::Up) {
            let too_deep = |_| ParseError { at, kind: ParseErrorKind::TooDeep };
            let levels = u8::try_from(steps.len()).map_err(too_deep)?;
            return Ok(match levels {
                0 if self.contexts.is_empty() => Part::Here,
                0 => Part::Origin,
                levels => Part::Up(levels),
            });
        }
        let columns = from == From::Context && self.scope.has_columns();
        if let ([PathStep::Child(name)], true, false) = (steps, columns, absolute) {
            return Ok(Part::Column(name.clone()));
        }
        let id = self.scope.path(absolute, steps);
        Ok(Part::Node(id.map_err(|error| ParseError { at, kind: error.into() })?))
    }

    /// What of the form the nodes may be that a part comes to.
    fn schema_of(&self, part: PartId) -> Schema {
        match self.parts.get(usize::try_from(part).ok()?)? {
            Part::Node(id) => Some(vec![Some(*id)]),
            Part::Path(_, _, read) if !read.is_empty() => Some(read.iter().copied().map(Some).collect()),
            Part::Here if self.contexts.is_empty() => self.own_schema(),
            Part::Origin => self.own_schema(),
            Part::Up(levels) => {
                let mut at = self.scope.node();
                for _ in 0..*levels {
                    at = self.scope.parent(at?);
                }
                Some(vec![at])
            }
            Part::Filter(inner, _) => self.schema_of(*inner),
            Part::Operation(Operator::Union, left, right) => {
                let mut both = self.schema_of(*left)?;
                both.extend(self.schema_of(*right)?);
                Some(both)
            }
            Part::Call(Function::Randomize | Function::IndexedRepeat, arguments) => {
                self.schema_of(*arguments.first()?)
            }
            _ => None,
        }
    }

    /// Where a step leads in the form. A child that nothing there can have is a mistake.
    fn advanced(
        &self,
        nodes: &[Option<NodeId>],
        axis: Axis,
        test: &Test,
        at: usize,
    ) -> Result<Vec<Option<NodeId>>, ParseError> {
        let mut found: Vec<Option<NodeId>> = Vec::new();
        for node in nodes {
            for reached in self.along(*node, axis) {
                let called = match test {
                    Test::Name(name) => reached.is_some_and(|id| self.scope.name(id) == name),
                    _ => true,
                };
                if called && !found.contains(&reached) {
                    found.push(reached);
                }
            }
        }
        match test {
            Test::Name(name) if found.is_empty() && axis == Axis::Child => {
                let path = path_text(false, &[PathStep::Child(name.clone())]);
                Err(ParseError { at, kind: ParseErrorKind::Reference(ScopeError::NoPath { path }) })
            }
            _ => Ok(found),
        }
    }

    fn along(&self, node: Option<NodeId>, axis: Axis) -> Vec<Option<NodeId>> {
        let parent = |node: Option<NodeId>| node.map(|id| self.scope.parent(id));
        let above = || std::iter::successors(parent(node), |at| parent(*at));
        match axis {
            Axis::OneSelf => vec![node],
            Axis::Child => self.scope.children(node).into_iter().map(Some).collect(),
            Axis::Parent => parent(node).into_iter().collect(),
            Axis::Ancestor => above().collect(),
            Axis::AncestorOrSelf => std::iter::once(node).chain(above()).collect(),
            Axis::Attribute => Vec::new(),
            Axis::FollowingSibling | Axis::PrecedingSibling => {
                let around = parent(node).map(|around| self.scope.children(around));
                around.unwrap_or_default().into_iter().map(Some).collect()
            }
            Axis::Descendant => self.inside(node),
            Axis::DescendantOrSelf => std::iter::once(node).chain(self.inside(node)).collect(),
            Axis::Following | Axis::Preceding => self.inside(None),
        }
    }

    fn inside(&self, node: Option<NodeId>) -> Vec<Option<NodeId>> {
        let mut found = Vec::new();
        let mut open = self.scope.children(node);
        while let Some(at) = open.pop() {
            found.push(Some(at));
            open.extend(self.scope.children(Some(at)));
        }
        found
    }
}
