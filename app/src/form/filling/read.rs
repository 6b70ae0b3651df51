//! What views read of a form; every read subscribes to just what may change it.

use leptos::prelude::*;
use replica::RecordKind;
use survey::instrument::{Choice, Media, NodeKind, Question, QuestionKind, Texts};
use survey::path::Path;
use survey::session::{Problem, Progress, Session};

use super::{Filling, SaveState};
use crate::form::items::each_leaf;
use crate::form::{is_shown, leaves};
use crate::loket::Whereabouts;
use crate::words::lowercase;

/// What is to be said against an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The instrument's own words; empty where it has none.
    pub own_words: String,
    /// A required answer is missing; otherwise a constraint is broken.
    pub required: bool,
    /// The answer is none of the choices any more.
    pub gone: bool,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A group.
    Group,
    /// A repeat.
    Repeat {
        /// Its number of rows follows from the form rather than from people.
        counted: bool,
    },
    /// A question.
    Question(QuestionKind),
}

/// A choice as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// What is stored.
    pub name: String,
    /// What a person reads.
    pub label: String,
    /// What is shown and played beside it.
    pub media: Beside,
}

/// A choice as it is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    name: String,
    /// Its label in small letters.
    words: String,
}

/// Addresses of what is shown and played beside a label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// A picture.
    pub image: Option<String>,
    /// The same picture, larger.
    pub big_image: Option<String>,
    /// A sound.
    pub audio: Option<String>,
    /// A film.
    pub video: Option<String>,
}

fn offered(session: &Session, path: &Path, choice: &Choice, language: usize) -> Offered {
    let media = choice.media.as_ref().map(|media| addresses(session, media, language)).unwrap_or_default();
    Offered { name: choice.name.clone(), label: session.choice_label(path, choice, language), media }
}

fn addresses(session: &Session, media: &Media, language: usize) -> Beside {
    let files = &session.instrument().files;
    let address = |texts: &Texts| files.get(texts.in_language(language)).cloned();
    let Media { image, big_image, audio, video } = media;
    Beside {
        image: address(image),
        big_image: address(big_image),
        audio: address(audio),
        video: address(video),
    }
}

impl Filling {
    /// The stored or calculated answer; empty where there is none.
    pub fn value(&self, path: &Path) -> String {
        self.read(path, |session| session.value(path).to_owned())
    }

    /// The label in the person's language.
    pub fn label(&self, path: &Path) -> String {
        let language = self.language.get();
        self.read(path, |session| session.label(path, language))
    }

    /// The hint in the person's language.
    pub fn hint(&self, path: &Path) -> String {
        let language = self.language.get();
        self.read(path, |session| session.hint(path, language))
    }

    /// Whether it is asked at all.
    pub fn is_relevant(&self, path: &Path) -> bool {
        self.read(path, |session| session.is_relevant(path))
    }

    /// Whether it must be answered.
    pub fn is_required(&self, path: &Path) -> bool {
        self.read(path, |session| session.is_required(path))
    }

    /// The choices in force, in the person's language.
    pub fn choices(&self, path: &Path) -> Vec<Offered> {
        let language = self.language.get();
        self.read(path, |session| {
            session.choices(path).iter().map(|choice| offered(session, path, choice, language)).collect()
        })
    }

    /// The choices in force as they are searched: made once, so that a key pays for comparing and nothing else.
    pub fn searched(&self, path: &Path) -> Vec<Searched> {
        let language = self.language.get();
        let is_constant = self.question(path).is_some_and(|question| {
            question.choice_filter.is_none() && question.choices_from.is_none() && question.shuffle.is_none()
        });
        let read = |session: &Session| {
            let words = |choice: &Choice| lowercase(choice.label.in_language(language));
            let choices = session.choices(path);
            choices
                .iter()
                .map(|choice| Searched { name: choice.name.clone(), words: words(choice) })
                .collect()
        };
        // An answer changes nothing in a list without a filter.
        if is_constant { untrack(|| self.read(path, read)) } else { self.read(path, read) }
    }

    /// At most `most` of the `searched` whose label holds `text`, and how many more there are.
    pub fn search(
        &self,
        path: &Path,
        searched: &[Searched],
        text: &str,
        most: usize,
    ) -> (Vec<Offered>, usize) {
        let wanted = lowercase(text.trim());
        let mut fitting = searched.iter().filter(|one| one.words.contains(&wanted) || one.name == wanted);
        let names: Vec<&str> = fitting.by_ref().take(most).map(|one| one.name.as_str()).collect();
        (self.named(path, &names), fitting.count())
    }

    /// The choices that an answer names, in its order, whether they are in force or not.
    pub fn chosen(&self, path: &Path, value: &str) -> Vec<Offered> {
        self.named(path, &value.split(' ').filter(|name| !name.is_empty()).collect::<Vec<_>>())
    }

    fn named(&self, path: &Path, names: &[&str]) -> Vec<Offered> {
        let language = self.language.get();
        self.read(path, |session| {
            names
                .iter()
                .filter_map(|name| session.choice(path, name))
                .map(|choice| offered(session, path, &choice, language))
                .collect()
        })
    }

    /// The question at the path; none for groups and repeats. It never changes.
    pub fn question(&self, path: &Path) -> Option<Question> {
        let inner = self.inner();
        let session = inner.session.borrow();
        match &session.node(path)?.1.kind {
            NodeKind::Question(question) => Some(Question::clone(question)),
            _ => None,
        }
    }

    /// The words of the workbook's appearance.
    pub fn appearance(&self, path: &Path) -> Vec<String> {
        let inner = self.inner();
        let session = inner.session.borrow();
        session.node(path).map(|(_, node)| node.appearance.clone()).unwrap_or_default()
    }

    /// Whether anything is shown or played beside the label.
    pub fn has_media(&self, path: &Path) -> bool {
        let inner = self.inner();
        let session = inner.session.borrow();
        session.node(path).is_some_and(|(_, node)| !node.media.is_empty())
    }

    /// What is shown and played beside the label, in the person's language.
    pub fn media(&self, path: &Path) -> Beside {
        let language = self.language.get();
        let inner = self.inner();
        let session = inner.session.borrow();
        session.node(path).map(|(_, node)| addresses(&session, &node.media, language)).unwrap_or_default()
    }

    /// The guidance in the person's language.
    pub fn guidance(&self, path: &Path) -> String {
        let language = self.language.get();
        self.read(path, |session| session.guidance(path, language))
    }

    /// What the workbook's `instance_name` calls the form; blank where it says nothing.
    pub fn own_name(&self) -> String {
        self.any.track();
        self.inner().session.borrow().name()
    }

    /// What is wrong with an answer, once it is fair to say so: a broken constraint at once, a blank
    /// required question when somebody wanted to go on.
    pub fn problem_shown(&self, path: &Path) -> Option<Shown> {
        let insisted = self.insist.get() || self.inner().insisted.borrow().contains(path);
        let language = self.language.get();
        self.read(path, |session| {
            let problem = session.problem(path)?;
            let required = problem == Problem::Required;
            (insisted || !required).then(|| Shown {
                own_words: session.problem_text(path, language),
                required,
                gone: problem == Problem::Choice,
            })
        })
    }

    /// Whether a required answer is missing.
    pub fn is_missing(&self, path: &Path) -> bool {
        self.read(path, |session| session.is_required(path) && session.value(path).is_empty())
    }

    /// The question's type, none for groups and repeats.
    pub fn kind(&self, path: &Path) -> Option<QuestionKind> {
        match self.part(path)? {
            Part::Question(kind) => Some(kind),
            _ => None,
        }
    }

    /// What stands at the path. It never changes.
    pub fn part(&self, path: &Path) -> Option<Part> {
        let inner = self.inner();
        let session = inner.session.borrow();
        Some(match &session.node(path)?.1.kind {
            NodeKind::Group => Part::Group,
            NodeKind::Repeat { count } => Part::Repeat { counted: count.is_some() },
            NodeKind::Question(question) => Part::Question(question.kind),
        })
    }

    /// Whether the workbook gives it this appearance.
    pub fn looks(&self, path: &Path, appearance: &str) -> bool {
        let inner = self.inner();
        let session = inner.session.borrow();
        session.node(path).is_some_and(|(_, node)| node.appearance.iter().any(|own| own == appearance))
    }

    /// Whether the number of rows follows from the form rather than from people.
    pub fn has_row_count(&self, path: &Path) -> bool {
        matches!(self.part(path), Some(Part::Repeat { counted: true }))
    }

    /// Whether the answer cannot be changed: the record is closed, or the workbook says read only.
    /// Subscribes, so that opening a record again frees its controls.
    pub fn is_locked(&self, path: &Path) -> bool {
        let (filling, path) = (*self, path.clone());
        // Through a memo, since whoever asks would otherwise be drawn again at every keystroke.
        let read_only = Memo::new(move |_| filling.read(&path, |session| session.is_read_only(&path)));
        self.closed.get() || read_only.get()
    }

    /// What stands right inside the form, a group or a row, in order. It never changes.
    pub fn children(&self, parent: &Path) -> Vec<Path> {
        let inner = self.inner();
        let session = inner.session.borrow();
        session.children(parent).into_iter().map(|item| item.path).collect()
    }

    /// Rows of a repeat, in order.
    pub fn rows(&self, repeat: &Path) -> Vec<Path> {
        self.read(repeat, |session| session.rows(repeat))
    }

    /// The pages of the form: every relevant group or repeat at its top, and one for what stands loose there.
    pub fn sections(&self) -> Vec<Path> {
        let top = self.children(&Path::top());
        let (loose, groups): (Vec<_>, Vec<_>) =
            top.into_iter().filter(|path| self.is_relevant(path)).partition(|path| self.kind(path).is_some());
        let has_loose = loose.iter().any(|path| self.kind(path).is_some_and(is_shown));
        let groups = groups.into_iter().filter(|path| self.is_repeat(path) || self.shows_something(path));
        has_loose.then(Path::top).into_iter().chain(groups).collect()
    }

    fn shows_something(&self, group: &Path) -> bool {
        each_leaf(*self, group, &mut |_| Some(())).is_some()
    }

    fn is_repeat(&self, path: &Path) -> bool {
        matches!(self.part(path), Some(Part::Repeat { .. }))
    }

    /// How far a part of the form is.
    pub fn progress(&self, path: &Path) -> Progress {
        self.any.track();
        let inner = self.inner();
        let session = inner.session.borrow();
        if path.is_top() && !session.children(path).is_empty() {
            return loose_progress(&session);
        }
        session.progress(path)
    }

    /// The first answer in a row, in words, to tell rows apart.
    pub fn row_preview(&self, row: &Path) -> String {
        let said = |path: Path| Some(self.spoken(&path, &self.value(&path))).filter(|text| !text.is_empty());
        let first = each_leaf(*self, row, &mut { said });
        first.map(|text| text.chars().take(60).collect()).unwrap_or_default()
    }

    /// A stored value as a person would say it: labels for choices, in the person's language.
    pub fn spoken(&self, path: &Path, value: &str) -> String {
        let language = self.language.get();
        let inner = self.inner();
        let session = inner.session.borrow();
        session.instrument().in_words(session.node(path).map(|(_, node)| node), value, language)
    }

    /// The question that the page about to be drawn is opened for.
    pub fn aim(&self, at: Option<Path>) {
        self.inner().aim.replace(at);
    }

    /// Whether the page is opened for something at or inside `path`, which must be in sight then.
    pub fn aims_at(&self, path: &Path) -> bool {
        self.inner().aim.borrow().as_ref().is_some_and(|aim| aim.is_within(path))
    }

    /// Everything that stands against finishing: its address in the form, and its label.
    pub fn left(&self) -> Vec<(String, String)> {
        self.any.track();
        let mut left = Vec::new();
        for section in self.sections() {
            let paths = if section.is_top() { self.loose() } else { leaves(*self, &section) };
            let open =
                paths.into_iter().filter(|path| self.read(path, |session| session.problem(path).is_some()));
            let address = |path: &Path| format!("{}&ask={path}", section_key(&section));
            left.extend(open.map(|path| (address(&path), self.label(&path))));
        }
        left
    }

    /// Questions at the top of the form that stand in no group.
    pub fn loose(&self) -> Vec<Path> {
        self.children(&Path::top())
            .into_iter()
            .filter(|path| self.kind(path).is_some_and(is_shown) && self.is_relevant(path))
            .collect()
    }

    /// Whether what was typed is on the disk.
    pub fn save_state(&self) -> SaveState {
        self.save.get()
    }

    /// Whether the record is finished.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Whether it is a visit rather than an interview.
    pub fn is_visit(&self) -> bool {
        self.inner().genesis.kind == RecordKind::Visit
    }

    /// The form's title.
    pub fn title(&self) -> String {
        self.inner().session.borrow().instrument().title.clone()
    }

    /// The name of the unit it is about.
    pub fn unit_name(&self) -> String {
        let inner = self.inner();
        inner.loket.unit_name(&inner.genesis.unit)
    }

    /// The address of the unit's page.
    pub fn unit_address(&self) -> String {
        format!("/unit/{}", self.inner().genesis.unit)
    }

    /// The address of the record's page.
    pub fn address(&self) -> String {
        format!("/record/{}", self.inner().genesis.record_id())
    }

    /// Where the record lies.
    pub fn whereabouts(&self) -> Whereabouts {
        let inner = self.inner();
        inner.loket.whereabouts(inner.genesis.record_id())
    }
}

/// How a page is named in the address.
pub fn section_key(section: &Path) -> String {
    if section.is_top() { "-".to_owned() } else { section.to_string() }
}

fn loose_progress(session: &Session) -> Progress {
    let mut sum = Progress::default();
    for item in session.children(&Path::top()) {
        let is_question =
            session.node(&item.path).is_some_and(|(_, node)| matches!(node.kind, NodeKind::Question(_)));
        if is_question {
            let one = session.progress(&item.path);
            sum.questions += one.questions;
            sum.answered += one.answered;
            sum.required_left += one.required_left;
            sum.problems += one.problems;
        }
    }
    sum
}
