//! One question: its frame (label, hint, problem, clash) around the control its type asks for.

use leptos::prelude::*;
use survey::instrument::QuestionKind;
use survey::path::Path;

use super::asked::Asked;
use super::beside::beside;
use super::{Filling, choices, clash, dates, media, photo, place, range, rank, signature, text};
use crate::components::Show;
use crate::i18n::{t_string, use_i18n};

/// How a question is set: as one of many on a page, or alone on a kiosk's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Label in body size.
    Listed,
    /// Label as the page's heading.
    Alone,
    /// A row of a table whose head names the choices.
    InTable,
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
            path.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let hint = format!("hint-{base}");
        let problem = format!("problem-{base}");
        Self { control: format!("q-{base}"), described_by: format!("{hint} {problem}"), hint, problem }
    }
}

/// Id of the question's frame.
pub(super) fn anchor(path: &Path) -> String {
    format!("at-{}", Ids::of(path).control)
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
    let asked = Asked {
        filling,
        ids: Ids::of(&path),
        path,
        refused: RwSignal::new(None),
        in_table: look == Look::InTable,
        alone: look == Look::Alone,
    };
    let control = control(&asked, kind);
    framed(&asked, look, is_group(&asked, kind), control)
}

/// The control for a type.
fn control(asked: &Asked, kind: QuestionKind) -> AnyView {
    use QuestionKind as Q;
    match kind {
        Q::SelectOne => choices::select(asked, false),
        Q::SelectMultiple => choices::select(asked, true),
        Q::Rank => rank::rank(asked),
        Q::Acknowledge => choices::acknowledge(asked),
        Q::Range => range::range(asked),
        Q::Image if asked.looks("signature") || asked.looks("draw") => signature::signature(asked),
        Q::Image => photo::photo(asked),
        Q::Audio | Q::BackgroundAudio | Q::Video | Q::File => media::file(asked, kind),
        Q::Geopoint => place::place(asked),
        Q::Geotrace | Q::Geoshape => place::places(asked, kind),
        _ if dates::is_in_parts(asked, kind) => dates::parts(asked, kind),
        _ => text::input(asked, kind),
    }
}

/// Groups of controls are named by a legend, single ones by a label.
fn is_group(asked: &Asked, kind: QuestionKind) -> bool {
    use QuestionKind as Q;
    match kind {
        Q::Range => range::is_group(asked),
        Q::Integer => asked.looks("counter"),
        Q::Date | Q::DateTime => dates::is_in_parts(asked, kind),
        kind => {
            kind.is_select()
                || kind.is_file()
                || matches!(kind, Q::Acknowledge | Q::Geopoint | Q::Geotrace | Q::Geoshape | Q::Barcode)
        }
    }
}

fn framed(asked: &Asked, look: Look, grouped: bool, control: AnyView) -> AnyView {
    let Asked { filling, path, ids, refused, .. } = asked.clone();
    let problem = problem_text(filling, path.clone(), refused);
    let has_clash = filling.has_clash(&path);
    let title = title(filling, path.clone(), look);
    let in_table = look == Look::InTable || asked.looks("list-nolabel");
    let inner = view! {
        {shown(filling, &path)}
        {hint(filling, path.clone(), ids.hint.clone())}
        {guidance(filling, path.clone())}
        {clash::answers(filling, path.clone())}
        {control}
        <p class="problem" id=ids.problem.clone() role="status">{problem}</p>
    };
    let has_problem = move || problem.with(|text| !text.is_empty());
    let anchor = format!("at-{}", ids.control);
    if grouped {
        view! {
            <fieldset class="question" id=anchor class:has-problem=has_problem class:has-clash=has_clash
                class:in-table=in_table aria-describedby=ids.described_by.clone()>
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

/// The picture, sound and film beside the label.
fn shown(filling: Filling, path: &Path) -> AnyView {
    if !filling.has_media(path) {
        return ().into_any();
    }
    let path = path.clone();
    let media = Memo::new(move |_| (filling.media(&path), filling.label(&path)));
    let inside = move || media.with(|(media, label)| beside(media.clone(), label));
    view! { <div class="shown">{inside}</div> }.into_any()
}

/// More about the question, folded.
fn guidance(filling: Filling, path: Path) -> AnyView {
    let i18n = use_i18n();
    let text = Memo::new(move |_| filling.guidance(&path));
    view! {
        <Show when=move || text.with(|text| !text.is_empty())>
            <details class="guidance">
                <summary>{say!(i18n, form.guidance)}</summary>
                <p>{text}</p>
            </details>
        </Show>
    }
    .into_any()
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
        Look::Listed | Look::InTable => view! {
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
            Some(super::filling::Shown { own_words, required, gone }) => {
                if gone {
                    t_string!(i18n, form.choice_gone).to_owned()
                } else if !own_words.is_empty() {
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
    let media = shown(filling, &path);
    let label = {
        let path = path.clone();
        move || filling.label(&path)
    };
    let hint = Memo::new(move |_| filling.hint(&path));
    match look {
        Look::Alone => view! {
            <div class="stack">
                <h1 tabindex="-1" class="note-text">{label}</h1>
                {media}
                <p class="hint">{hint}</p>
            </div>
        }
        .into_any(),
        Look::Listed | Look::InTable => view! { <div class="note"><p>{label}</p>{media}</div> }.into_any(),
    }
}
