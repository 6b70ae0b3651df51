//! One question: its frame (label, hint, problem, clash) around the control its type asks for.

use leptos::prelude::*;
use survey::instrument::QuestionKind;
use survey::path::Path;

use super::{Filling, choices, clash, photo, place, text};
use crate::components::Show;
use crate::i18n::{t_string, use_i18n};

/// How a question is set: as one of many on a page, or alone on a kiosk's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Label in body size.
    Listed,
    /// Label as the page's heading.
    Alone,
}

/// What a control needs to tie itself to its frame.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    /// Id of the control, or of its first part.
    pub control: String,
    /// Ids of the texts that describe it, as `aria-describedby` takes them.
    pub described_by: String,
    hint: String,
    problem: String,
}

impl Ids {
    fn of(path: &Path) -> Self {
        let base: String =
            path.to_string().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let hint = format!("hint-{base}");
        let problem = format!("problem-{base}");
        Self { control: format!("q-{base}"), described_by: format!("{hint} {problem}"), hint, problem }
    }
}

/// True for the types that a person sees; the others fill themselves.
pub const fn is_shown(kind: QuestionKind) -> bool {
    !kind.is_unseen()
}

/// The whole question at `path`, nothing for types that nobody sees.
pub fn question(filling: Filling, path: Path, look: Look) -> AnyView {
    let Some(kind) = filling.kind(&path).filter(|kind| is_shown(*kind)) else { return ().into_any() };
    if kind == QuestionKind::Note {
        return note(filling, path, look);
    }
    let ids = Ids::of(&path);
    let refused = RwSignal::new(None);
    let control = control(filling, &path, kind, &ids, refused);
    framed(filling, path, look, kind, ids, refused, control)
}

/// The control for a type. `refused` takes what the session said against the last input.
fn control(
    filling: Filling,
    path: &Path,
    kind: QuestionKind,
    ids: &Ids,
    refused: RwSignal<Option<text::Refused>>,
) -> AnyView {
    match kind {
        QuestionKind::SelectOne => choices::one(filling, path.clone(), ids.clone()),
        QuestionKind::SelectMultiple => choices::several(filling, path.clone(), ids.clone()),
        QuestionKind::Acknowledge => choices::acknowledge(filling, path.clone(), ids.clone()),
        QuestionKind::Image => photo::photo(filling, path.clone(), ids.clone()),
        QuestionKind::Geopoint => place::place(filling, path.clone(), ids.clone()),
        _ => text::input(filling, path.clone(), kind, ids.clone(), refused),
    }
}

/// Groups of controls are named by a legend, single ones by a label.
const fn is_group(kind: QuestionKind) -> bool {
    matches!(
        kind,
        QuestionKind::SelectOne
            | QuestionKind::SelectMultiple
            | QuestionKind::Acknowledge
            | QuestionKind::Image
            | QuestionKind::Geopoint
    )
}

fn framed(
    filling: Filling,
    path: Path,
    look: Look,
    kind: QuestionKind,
    ids: Ids,
    refused: RwSignal<Option<text::Refused>>,
    control: AnyView,
) -> AnyView {
    let problem = problem_text(filling, path.clone(), refused);
    let has_clash = filling.has_clash(&path);
    let title = title(filling, path.clone(), look);
    let inner = view! {
        {hint(filling, path.clone(), ids.hint.clone())}
        {clash::answers(filling, path.clone())}
        {control}
        <p class="problem" id=ids.problem.clone() role="status">{problem}</p>
    };
    let has_problem = move || problem.with(|text| !text.is_empty());
    let anchor = format!("at-{}", ids.control);
    if is_group(kind) {
        view! {
            <fieldset class="question" id=anchor class:has-problem=has_problem class:has-clash=has_clash
                aria-describedby=ids.described_by.clone()>
                <legend class="title">{title}</legend>
                {inner}
            </fieldset>
        }
        .into_any()
    } else {
        view! {
            <div class="question" id=anchor class:has-problem=has_problem class:has-clash=has_clash>
                <label class="title" for=ids.control.clone()>{title}</label>
                {inner}
            </div>
        }
        .into_any()
    }
}

fn title(filling: Filling, path: Path, look: Look) -> AnyView {
    let i18n = use_i18n();
    let label = {
        let path = path.clone();
        move || filling.label(&path)
    };
    let required = Memo::new(move |_| filling.is_required(&path));
    match look {
        Look::Alone => view! { <h1 tabindex="-1">{label}</h1> }.into_any(),
        Look::Listed => view! {
            {label}
            <Show when=required>
                <span class="need">{say!(i18n, form.required)}</span>
            </Show>
        }
        .into_any(),
    }
}

fn hint(filling: Filling, path: Path, id: String) -> AnyView {
    let text = Memo::new(move |_| filling.hint(&path));
    view! {
        <p class="hint" id=id hidden=move || text.with(String::is_empty)>{text}</p>
    }
    .into_any()
}

/// What is wrong with the answer, in words; empty where nothing is.
fn problem_text(filling: Filling, path: Path, refused: RwSignal<Option<text::Refused>>) -> Memo<String> {
    let i18n = use_i18n();
    Memo::new(move |_| {
        if let Some(refused) = refused.get() {
            return refused.words(i18n);
        }
        match filling.problem_shown(&path) {
            None => String::new(),
            Some(super::filling::Shown { own_words, required }) => {
                if !own_words.is_empty() {
                    own_words
                } else if required {
                    t_string!(i18n, form.required_problem).to_owned()
                } else {
                    t_string!(i18n, form.constraint_problem).to_owned()
                }
            }
        }
    })
}

fn note(filling: Filling, path: Path, look: Look) -> AnyView {
    let label = {
        let path = path.clone();
        move || filling.label(&path)
    };
    let hint = Memo::new(move |_| filling.hint(&path));
    match look {
        Look::Alone => view! {
            <div class="stack">
                <h1 tabindex="-1" class="note-text">{label}</h1>
                <p class="hint">{hint}</p>
            </div>
        }
        .into_any(),
        Look::Listed => view! { <p class="note">{label}</p> }.into_any(),
    }
}
