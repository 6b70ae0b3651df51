//! Compares what pyxform makes of forms with what we make of them: `pyxform OUT EXPLAINED FORM...`, where `OUT` has
//! pyxform's side as `tests/conformance/pyxform.py` writes it. Prints what differs, and `passed N of M`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;
use survey::expression::{Expression, PathStep, Scope, ScopeError};
use survey::instrument::{Instrument, Language, Node, NodeId, NodeKind, Question, QuestionKind, Texts};
use survey::xlsform::{Attachments, compile_with};

/// The files beside a form.
struct Beside(PathBuf);

impl Attachments for Beside {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.with_file_name(name)).ok()
    }
}

/// A form's names as an expression of the `XForm` sees them from one node.
struct Names<'a> {
    instrument: &'a Instrument,
    node: Option<NodeId>,
}

impl Names<'_> {
    fn child(&self, of: Option<NodeId>, name: &str) -> Option<NodeId> {
        let mut all = self.instrument.nodes.iter().zip(0..);
        all.find(|(node, _)| node.parent == of && node.name == name).map(|(_, id)| NodeId(id))
    }
}

impl Scope for Names<'_> {
    fn reference(&self, name: &str) -> Result<NodeId, ScopeError> {
        Err(ScopeError::Unknown { name: name.to_owned(), nearest: None })
    }

    fn path(&self, absolute: bool, steps: &[PathStep]) -> Result<NodeId, ScopeError> {
        let lost = || ScopeError::NoPath { path: format!("{steps:?}") };
        let inner = if absolute { steps.get(1..).unwrap_or(&[]) } else { steps };
        let mut at = if absolute { None } else { self.node };
        for step in inner {
            at = match step {
                PathStep::Up => at.and_then(|id| self.instrument.node(id)).ok_or_else(lost)?.parent,
                PathStep::Child(name) => Some(self.child(at, name).ok_or_else(lost)?),
            };
        }
        at.ok_or_else(lost)
    }

    fn has_columns(&self) -> bool {
        false
    }

    fn node(&self) -> Option<NodeId> {
        self.node
    }

    fn children(&self, of: Option<NodeId>) -> Vec<NodeId> {
        let all = self.instrument.nodes.iter().zip(0..).filter(|(node, _)| node.parent == of);
        all.map(|(_, id)| NodeId(id)).collect()
    }

    fn parent(&self, of: NodeId) -> Option<NodeId> {
        self.instrument.node(of)?.parent
    }

    fn name(&self, of: NodeId) -> &str {
        self.instrument.node(of).map_or("", |node| node.name.as_str())
    }
}

/// What was compared so far.
#[derive(Default)]
struct Report {
    passed: usize,
    different: Vec<String>,
}

impl Report {
    fn check(&mut self, same: bool, words: impl FnOnce() -> String) {
        if same {
            self.passed += 1;
        } else {
            self.different.push(words());
        }
    }
}

/// One form on both sides.
struct Pair<'a> {
    form: &'a str,
    ours: &'a Instrument,
    theirs: &'a Value,
}

impl Pair<'_> {
    fn compare(&self, report: &mut Report) {
        let mut paths: Vec<String> = Vec::new();
        for (node, id) in self.ours.nodes.iter().zip(0..) {
            let path = self.path(NodeId(id));
            match &node.kind {
                NodeKind::Question(question) => self.question(NodeId(id), &path, node, question, report),
                NodeKind::Repeat { count: Some(count) } => self.count(NodeId(id), &path, count, report),
                _ => {}
            }
            self.bound(NodeId(id), &path, "relevant", node.relevant.as_ref(), report);
            self.said(&path, "label", &node.label, report);
            self.said(&path, "hint", &node.hint, report);
            paths.push(path);
        }
        for path in self.binds().keys().map(|path| inner(path)).filter(|path| !path.starts_with("meta/")) {
            let of_count =
                path.strip_suffix("_count").is_some_and(|repeat| paths.iter().any(|own| own == repeat));
            let known = paths.iter().any(|own| own == path) || of_count;
            report.check(known, || format!("{}: {path} is only in pyxform's", self.form));
        }
        self.lists(report);
    }

    fn path(&self, id: NodeId) -> String {
        let Some(node) = self.ours.node(id) else { return String::new() };
        match node.parent {
            Some(parent) => format!("{}/{}", self.path(parent), node.name),
            None => node.name.clone(),
        }
    }

    fn binds(&self) -> BTreeMap<String, Value> {
        let binds = self.theirs.get("binds").and_then(Value::as_object);
        binds.into_iter().flatten().map(|(path, bind)| (path.clone(), bind.clone())).collect()
    }

    fn bind(&self, path: &str) -> Option<Value> {
        let found = self.binds().into_iter().find(|(own, _)| inner(own) == path);
        found.map(|(_, bind)| bind)
    }

    fn question(&self, id: NodeId, path: &str, node: &Node, question: &Question, report: &mut Report) {
        let at = if question.kind == QuestionKind::Audit { "meta/audit" } else { path };
        let bind = self.bind(at);
        let theirs = bind.as_ref().and_then(|bind| bind.get("type")?.as_str());
        let ours = bind_type(question);
        // pyxform's `trigger` has no type, which is a string's.
        let same = theirs == Some(ours) || (theirs.is_none() && question.kind == QuestionKind::Acknowledge);
        report.check(same, || format!("{}: {path} has the type {ours}, pyxform's {theirs:?}", self.form));
        let calculated = question.calculation.as_ref().filter(|_| question.triggers.is_empty());
        self.bound(id, path, "calculate", calculated, report);
        self.bound(id, path, "constraint", question.constraint.as_ref(), report);
        self.bound(id, path, "required", question.required.as_ref(), report);
        if node.name != "audit" && question.kind != QuestionKind::Note {
            self.bound(id, path, "readonly", question.read_only.as_ref(), report);
        }
    }

    /// An expression of a bind: the same parts once both are read.
    fn bound(&self, id: NodeId, path: &str, what: &str, ours: Option<&Expression>, report: &mut Report) {
        let bind = self.bind(path);
        let theirs = bind.as_ref().and_then(|bind| bind.get(what)?.as_str());
        let read = theirs
            .filter(|text| !matches!((what, text.trim()), ("required" | "readonly", "false()")))
            .map(|text| Expression::parse(text, &Names { instrument: self.ours, node: Some(id) }));
        let same = match (&read, ours) {
            (None, None) => true,
            (Some(Ok(theirs)), Some(ours)) => theirs == ours,
            _ => false,
        };
        report.check(same, || format!("{}: {what} of {path} differs; pyxform's is {theirs:?}", self.form));
    }

    /// pyxform makes a calculation of a count that is no single reference.
    fn count(&self, id: NodeId, path: &str, count: &Expression, report: &mut Report) {
        let Some(bind) = self.bind(&format!("{path}_count")) else { return };
        let text = bind.get("calculate").and_then(Value::as_str).unwrap_or_default();
        let theirs = Expression::parse(text, &Names { instrument: self.ours, node: Some(id) });
        report.check(theirs.as_ref() == Ok(count), || {
            format!("{}: repeat_count of {path} differs: {text}", self.form)
        });
    }

    fn said(&self, path: &str, what: &str, ours: &Texts, report: &mut Report) {
        let said = self.theirs.get("said").and_then(Value::as_object);
        let theirs = said
            .and_then(|said| said.iter().find(|(own, _)| inner(own) == path))
            .and_then(|(_, texts)| texts.get(what));
        self.texts(&format!("{what} of {path}"), ours, theirs, report);
    }

    fn lists(&self, report: &mut Report) {
        for (name, theirs) in self.theirs.get("lists").and_then(Value::as_object).into_iter().flatten() {
            let Some(ours) = self.ours.choice_lists.get(name) else {
                report.check(false, || format!("{}: the list {name} is only in pyxform's", self.form));
                continue;
            };
            let theirs = theirs.as_array().map_or(&[][..], Vec::as_slice);
            report.check(ours.len() == theirs.len(), || {
                format!(
                    "{}: the list {name} has {} choices, pyxform's {}",
                    self.form,
                    ours.len(),
                    theirs.len()
                )
            });
            for (choice, pair) in ours.iter().zip(theirs) {
                let named = pair.get(0).and_then(Value::as_str) == Some(choice.name.as_str());
                report.check(named, || {
                    format!("{}: choice {} of {name} differs: {pair}", self.form, choice.name)
                });
                let what = format!("label of choice {} of {name}", choice.name);
                self.texts(&what, &choice.label, pair.get(1), report);
            }
        }
    }

    /// A text in every language that pyxform has it in; `-` stands for none there.
    fn texts(&self, what: &str, ours: &Texts, theirs: Option<&Value>, report: &mut Report) {
        let theirs = theirs.and_then(Value::as_object);
        for (language, at) in self.ours.languages.iter().zip(0..) {
            let own = ours.0.get(at).map_or("", String::as_str);
            let found = theirs.and_then(|texts| {
                texts
                    .get(&written(language))
                    .or_else(|| texts.get("").filter(|_| at == 0))
                    .and_then(Value::as_str)
            });
            let found = found.filter(|text| *text != "-").unwrap_or("");
            report.check(plain(own) == plain(found), || {
                format!("{}: {what} in {} is {own:?}, pyxform's {found:?}", self.form, written(language))
            });
        }
    }
}

/// A path without the form's own name.
fn inner(path: &str) -> &str {
    path.trim_start_matches('/').split_once('/').map_or("", |(_, rest)| rest)
}

/// Blanks do not count: pyxform writes some around references.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("").replace("${", "").replace('}', "")
}

fn written(language: &Language) -> String {
    if language.code.is_empty() {
        language.name.clone()
    } else {
        format!("{} ({})", language.name, language.code)
    }
}

/// The `XForm` type of a question.
fn bind_type(question: &Question) -> &'static str {
    use QuestionKind as Q;
    match question.kind {
        Q::Decimal => "decimal",
        Q::Range if question.is_decimal_range() => "decimal",
        Q::Integer | Q::Range => "int",
        Q::Date | Q::Today => "date",
        Q::Time => "time",
        Q::DateTime | Q::Start | Q::End => "dateTime",
        Q::Rank => "odk:rank",
        Q::Barcode => "barcode",
        Q::Geopoint | Q::StartGeopoint | Q::BackgroundGeopoint => "geopoint",
        Q::Geotrace => "geotrace",
        Q::Geoshape => "geoshape",
        Q::Audit => "binary",
        kind if kind.is_file() => "binary",
        _ => "string",
    }
}

fn compare(out: &Path, form: &Path, report: &mut Report) -> Option<()> {
    let name = form.file_name()?.to_str()?;
    let theirs: Value =
        serde_json::from_slice(&std::fs::read(out.join(format!("{name}.json"))).ok()?).ok()?;
    let refused = theirs.get("refused").and_then(Value::as_str);
    match (compile_with(&std::fs::read(form).ok()?, &Beside(form.to_owned())), refused) {
        (Err(_), Some(_)) => report.passed += 1,
        (Ok(_), Some(reason)) => report.different.push(format!("{name}: pyxform alone refuses it: {reason}")),
        (Err(faults), None) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            report.different.push(format!("{name}: only we refuse it: {}", faults.join(" | ")));
        }
        (Ok(ours), None) => {
            report.passed += 1;
            Pair { form: name, ours: &ours.instrument, theirs: &theirs }.compare(report);
        }
    }
    Some(())
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [out, explained, forms @ ..] = arguments.as_slice() else {
        eprintln!("pyxform OUT EXPLAINED FORM...");
        return ExitCode::FAILURE;
    };
    let explained: BTreeMap<String, String> = std::fs::read(explained)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let mut report = Report::default();
    for form in forms {
        if compare(out, form, &mut report).is_none() {
            report.different.push(format!("{}: one of the sides cannot be read", form.display()));
        }
    }
    let mut by_reason: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    let mut open = 0;
    for line in &report.different {
        if let Some((_, reason)) = explained.iter().find(|(part, _)| line.contains(part.as_str())) {
            by_reason.entry(reason).or_default().push(line);
        } else {
            open += 1;
            println!("  DIFFERS {line}");
        }
    }
    for (reason, lines) in &by_reason {
        println!("  explained ({}): {reason}", lines.len());
        for line in lines {
            println!("      {}", line.chars().take(160).collect::<String>());
        }
    }
    let all = report.passed + report.different.len();
    println!(
        "pyxform, {} forms: passed {} of {all}, {} explained, {open} not",
        forms.len(),
        report.passed,
        report.different.len() - open
    );
    if open == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
