//! Fills forms step by step as it is told, for comparisons with other engines: a line of JSON in, a line of JSON out.
//!
//! In: `{"open": workbook, "today", "now"}`, `{"answer": path, "value"}`,
//! `{"add": repeat, "row"}` or `{"remove": row}`. Out: `{"refused": text}`, or the state: by path with rows by number
//! `[relevant, value, required, problem, choices]`.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use survey::instrument::{Instrument, NodeKind};
use survey::path::{Path, RowId};
use survey::session::{Clock, Problem, Saved, Session};
use survey::xlsform::compile_with;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", untagged)]
enum Step {
    Open { open: String, today: String, now: String },
    Answer { answer: String, value: String },
    Add { add: String, row: String },
    Remove { remove: String },
}

/// One form being filled.
struct Filled {
    session: Session,
    clock: Clock,
}

/// Forms by the path of their workbook, each compiled once.
type Forms = BTreeMap<String, Arc<Instrument>>;

fn compiled(forms: &mut Forms, workbook: &str) -> Result<Arc<Instrument>, String> {
    if let Some(form) = forms.get(workbook) {
        return Ok(Arc::clone(form));
    }
    let bytes = std::fs::read(workbook).map_err(|error| error.to_string())?;
    let compiled = compile_with(&bytes, &())
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let form = Arc::new(compiled.instrument);
    forms.insert(workbook.to_owned(), Arc::clone(&form));
    Ok(form)
}

fn open(forms: &mut Forms, workbook: &str, today: String, now: String) -> Result<Filled, String> {
    let form = compiled(forms, workbook)?;
    let clock = Clock { today, now, chance: 1 };
    let (session, _) = Session::open(form, Saved::default(), &clock);
    Ok(Filled { session, clock })
}

impl Filled {
    fn step(&mut self, step: Step) -> Result<(), String> {
        let done = match step {
            Step::Open { .. } => return Ok(()),
            Step::Answer { answer, value } => self.session.answer(&self.path(&answer)?, &value, &self.clock),
            Step::Add { add, row } => {
                let row = RowId::new(&row).map_err(|error| error.to_string())?;
                self.session.add_row(&self.path(&add)?, &row, &self.clock)
            }
            Step::Remove { remove } => self.session.remove_row(&self.path(&remove)?),
        };
        done.map(|_| ()).map_err(|error| error.to_string())
    }

    /// The path whose rows are given by number from 1.
    fn path(&self, numbered: &str) -> Result<Path, String> {
        let lost = || format!("nothing stands at {numbered}");
        let mut at = Path::top();
        for step in numbered.split('/') {
            let (name, number) = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
                Some((name, number)) => (name, Some(number.parse::<usize>().map_err(|_| lost())?)),
                None => (step, None),
            };
            at = at.child(name);
            if let Some(number) = number {
                at = self.session.rows(&at).into_iter().nth(number.saturating_sub(1)).ok_or_else(lost)?;
            }
        }
        Ok(at)
    }

    fn state(&self) -> Value {
        let mut found = BTreeMap::new();
        self.state_inside(&Path::top(), "", &mut found);
        json!(found)
    }

    fn state_inside(&self, group: &Path, numbered: &str, found: &mut BTreeMap<String, Value>) {
        for item in self.session.children(group) {
            let Some((_, node)) = self.session.node(&item.path) else { continue };
            let path =
                if numbered.is_empty() { node.name.clone() } else { format!("{numbered}/{}", node.name) };
            match &node.kind {
                NodeKind::Question(_) => {
                    found.insert(path, self.question(&item.path));
                }
                NodeKind::Group => {
                    found.insert(path.clone(), json!([self.session.is_relevant(&item.path)]));
                    self.state_inside(&item.path, &path, found);
                }
                NodeKind::Repeat { .. } => {
                    for (row, number) in self.session.rows(&item.path).iter().zip(1..) {
                        let path = format!("{path}[{number}]");
                        found.insert(path.clone(), json!([self.session.is_relevant(row)]));
                        self.state_inside(row, &path, found);
                    }
                }
            }
        }
    }

    fn question(&self, path: &Path) -> Value {
        let problem = match self.session.problem(path) {
            None => "",
            Some(Problem::Required) => "required",
            Some(_) => "constraint",
        };
        let names = |kind: survey::instrument::QuestionKind| {
            kind.is_select().then(|| {
                self.session.choices(path).iter().map(|choice| choice.name.clone()).collect::<Vec<_>>()
            })
        };
        json!([
            self.session.is_relevant(path),
            self.session.value(path),
            self.session.is_required(path),
            problem,
            self.session.kind(path).and_then(names),
        ])
    }
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut filled: Option<Filled> = None;
    let mut forms = Forms::new();
    for line in std::io::stdin().lock().lines() {
        let done = match serde_json::from_str::<Step>(&line?) {
            Err(error) => Err(error.to_string()),
            Ok(Step::Open { open: workbook, today, now }) => {
                open(&mut forms, &workbook, today, now).map(|form| filled = Some(form))
            }
            Ok(step) => filled.as_mut().map_or(Err("no form is open".to_owned()), |form| form.step(step)),
        };
        let state = || filled.as_ref().map_or(Value::Null, Filled::state);
        let answer = match done {
            Ok(()) => json!({"state": state()}),
            Err(refused) => json!({"refused": refused, "state": state()}),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
