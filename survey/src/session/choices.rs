//! The choices that are in force for a select: filtered, from the rows of a repeat, shuffled.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::expression::Expression;
use crate::instrument::{Choice, ChoiceList, Question, Texts};
use crate::path::Path;
use crate::session::Session;
use crate::session::instances::InstanceId;
use crate::session::plan::question;
use crate::session::view::View;
use crate::shuffle;

/// Rows of a list by the text in one of its columns, made when first asked for.
pub(crate) type Index = HashMap<String, Vec<u32>>;

/// A list longer than this is looked up by an index rather than read through.
const SHORT: usize = 32;

impl Session {
    /// The choices of a select that its choice filter lets through, in the order to show them: the workbook's, or
    /// a shuffled one. All of them where there is no filter.
    pub fn choices(&self, path: &Path) -> Vec<Cow<'_, Choice>> {
        let Some((here, question)) = self.select_at(path) else { return Vec::new() };
        let mut found = self.offered(here, question);
        if let Some(shuffle) = &question.shuffle {
            let seed = match &shuffle.seed {
                Some(seed) => shuffle::seed_of(&self.text_of(seed, here)),
                None => self.chance,
            };
            found = shuffle::shuffled(found, seed);
        }
        found
    }

    /// The label of a choice at a question in a language, `${name}` replaced as in [`Session::label`].
    pub fn choice_label(&self, path: &Path, choice: &Choice, language: usize) -> String {
        let text = choice.label.in_language(language);
        let text = if text.is_empty() { choice.name.as_str() } else { text };
        match self.instances.at(path).filter(|_| text.contains("${")) {
            Some(here) => self.filled(text, here),
            None => text.to_owned(),
        }
    }

    /// The choice of that name, whether a filter lets it through or not.
    pub fn choice(&self, path: &Path, name: &str) -> Option<Cow<'_, Choice>> {
        let (here, question) = self.select_at(path)?;
        if question.choices_from.is_some() {
            return self.offered(here, question).into_iter().find(|choice| choice.name == name);
        }
        let (key, list) = self.list(question)?;
        self.rows_of(key, list, "name", name).first().map(|at| Cow::Borrowed(*at))
    }

    /// True where `name` is one of the choices in force.
    pub(crate) fn is_offered(&self, here: InstanceId, question: &Question, name: &str) -> bool {
        if question.choices_from.is_some() {
            return self.offered(here, question).iter().any(|choice| choice.name == name);
        }
        let Some((key, list)) = self.list(question) else { return false };
        match &question.choice_filter {
            None => !self.rows_of(key, list, "name", name).is_empty(),
            // What the filter asks for is looked up already, for showing the choices; names would be one more index.
            Some(filter) => self
                .candidates(key, list, filter, here)
                .any(|choice| choice.name == name && self.lets(filter, here, list, choice)),
        }
    }

    fn select_at(&self, path: &Path) -> Option<(InstanceId, &Question)> {
        let here = self.instances.at(path)?;
        let question = question(&self.instrument, self.instances.get(here)?.node?)?;
        Some((here, question)).filter(|(_, question)| question.kind.is_select())
    }

    fn list(&self, question: &Question) -> Option<(&str, &ChoiceList)> {
        let (key, list) = self.instrument.choice_lists.get_key_value(question.choice_list.as_ref()?)?;
        Some((key, list))
    }

    fn offered(&self, here: InstanceId, question: &Question) -> Vec<Cow<'_, Choice>> {
        if question.choices_from.is_some() {
            return self.row_answers(here, question);
        }
        let Some((key, list)) = self.list(question) else { return Vec::new() };
        let Some(filter) = &question.choice_filter else {
            return list.iter().map(Cow::Borrowed).collect();
        };
        self.evaluations.set(self.evaluations.get() + 1);
        let candidates = self.candidates(key, list, filter, here);
        candidates.filter(|choice| self.lets(filter, here, list, choice)).map(Cow::Borrowed).collect()
    }

    fn lets(&self, filter: &Expression, here: InstanceId, list: &ChoiceList, choice: &Choice) -> bool {
        filter.holds_over(&View { session: self, here, choice: Some((list, choice)) })
    }

    /// The rows that a filter may let through: those that have what it asks of one column, or all.
    fn candidates<'a>(
        &'a self,
        key: &str,
        list: &'a ChoiceList,
        filter: &Expression,
        here: InstanceId,
    ) -> Box<dyn Iterator<Item = &'a Choice> + 'a> {
        if list.len() > SHORT {
            let keys = filter.keys(&View { session: self, here, choice: None });
            let known = |column: &str| column == "name" || list.columns.iter().any(|own| own == column);
            if let Some((column, text)) = keys.into_iter().find(|(column, _)| known(column)) {
                return Box::new(self.rows_of(key, list, column, &text).into_iter());
            }
        }
        Box::new(list.iter())
    }

    /// The rows of a list that have `text` in `column`.
    fn rows_of<'a>(&self, key: &str, list: &'a ChoiceList, column: &str, text: &str) -> Vec<&'a Choice> {
        let cell = |choice: &'a Choice| {
            if column == "name" { choice.name.as_str() } else { list.cell(choice, column).unwrap_or("") }
        };
        if list.len() <= SHORT {
            return list.iter().filter(|choice| cell(choice) == text).collect();
        }
        let mut indexes = self.indexes.borrow_mut();
        let index = indexes.entry((key.to_owned(), column.to_owned())).or_insert_with(|| {
            let mut index = Index::new();
            for (choice, at) in list.iter().zip(0..) {
                let text = cell(choice);
                // The key is copied once, not for every row.
                match index.get_mut(text) {
                    Some(rows) => rows.push(at),
                    None => drop(index.insert(text.to_owned(), vec![at])),
                }
            }
            index
        });
        let at = |at: &u32| list.choices.get(usize::try_from(*at).ok()?);
        index.get(text).into_iter().flatten().filter_map(at).collect()
    }

    /// The answers to a question in the rows of its repeat, each once; a filter looks at each from its row.
    fn row_answers(&self, here: InstanceId, question: &Question) -> Vec<Cow<'_, Choice>> {
        let Some(source) = question.choices_from else { return Vec::new() };
        let view = View { session: self, here, choice: None };
        let mut found: Vec<Cow<'_, Choice>> = Vec::new();
        for at in view.instances_of(source) {
            let Some(instance) = self.instances.get(at).filter(|instance| !instance.value.is_empty()) else {
                continue;
            };
            let lets = question.choice_filter.as_ref().is_none_or(|filter| self.holds(filter, at));
            if lets && !found.iter().any(|choice| choice.name == instance.value) {
                let (name, label) = (instance.value.clone(), Texts(vec![instance.value.clone()]));
                found.push(Cow::Owned(Choice { name, label, ..Choice::default() }));
            }
        }
        found
    }
}
