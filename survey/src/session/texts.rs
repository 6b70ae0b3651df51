//! Labels, hints and messages with their `${name}` references filled in.

use crate::expression::{Tree, Value, references_in_text};
use crate::instrument::{Node, Texts};
use crate::path::Path;
use crate::session::instances::InstanceId;
use crate::session::plan::question;
use crate::session::view::View;
use crate::session::{Problem, Session};

impl Session {
    /// The label in a language (its place in the instrument), `${name}` replaced by values as they stand:
    /// a choice is shown by its name, as in ODK; use `jr:choice-name` in a calculation for its label.
    pub fn label(&self, path: &Path, language: usize) -> String {
        self.text_at(path, language, |node| Some(&node.label))
    }

    /// The hint, as [`Session::label`].
    pub fn hint(&self, path: &Path, language: usize) -> String {
        self.text_at(path, language, |node| Some(&node.hint))
    }

    /// The guidance, as [`Session::label`].
    pub fn guidance(&self, path: &Path, language: usize) -> String {
        self.text_at(path, language, |node| Some(&node.guidance))
    }

    /// What the workbook says about the problem at `path`; `""` where it says nothing or there is none.
    pub fn problem_text(&self, path: &Path, language: usize) -> String {
        let problem = self.problem(path);
        let asked = self.instances.found(path).and_then(|found| question(&self.instrument, found.node?));
        self.text_at(path, language, |_| match problem? {
            Problem::Required => Some(&asked?.required_message),
            Problem::Constraint => Some(&asked?.constraint_message),
            Problem::Choice => None,
        })
    }

    fn text_at<'a>(
        &'a self,
        path: &Path,
        language: usize,
        of: impl Fn(&'a Node) -> Option<&'a Texts>,
    ) -> String {
        let found = || {
            let at = self.instances.at(path)?;
            let node = self.instrument.node(self.instances.get(at)?.node?)?;
            Some((at, of(node)?.in_language(language)))
        };
        found().map_or_else(String::new, |(at, text)| self.filled(text, at))
    }

    pub(crate) fn filled(&self, text: &str, here: InstanceId) -> String {
        let view = View { session: self, here, choice: None };
        let mut filled = String::with_capacity(text.len());
        let mut from = 0;
        for (range, name) in references_in_text(text) {
            filled.push_str(text.get(from..range.start).unwrap_or(""));
            if let Some(node) = self.plan.names.get(name) {
                filled.push_str(&Value::Nodes(view.select(*node)).into_text(&view));
            }
            from = range.end;
        }
        filled.push_str(text.get(from..).unwrap_or(""));
        filled
    }
}
