//! What stands inside a group: questions, groups and repeats, shown while they are relevant.

use leptos::prelude::*;
use survey::path::Path;

use super::later::{When, later};
use super::{Filling, Look, Part, is_shown, question, rows};
use crate::components::Show;

/// About how many questions of a page come first: more than a phone shows at once, few enough to be there at once.
const FIRST: usize = 10;
/// A group of more questions than this is put on the page piece by piece, as far as a person reads.
const LONG: usize = 60;
/// About how many questions a further piece of it has.
const PIECE: usize = 30;

/// All items inside `parent`, in the instrument's order; of the form itself, those that stand in no group: groups have
/// pages of their own. `depth` picks the heading's level.
pub fn items(filling: Filling, parent: &Path, depth: u8) -> AnyView {
    inside(filling, parent, depth, Look::Listed)
}

fn inside(filling: Filling, parent: &Path, depth: u8, look: Look) -> AnyView {
    // What stands in a group or a row is the instrument's and never changes; only rows come and go.
    let mut all = filling.children(parent);
    if parent.is_top() {
        all.retain(|path| filling.kind(path).is_some());
    }
    let questions: usize = all.iter().map(|path| weight(filling, path)).sum();
    let (next, when) = if questions > LONG { (PIECE, When::Near) } else { (LONG, When::Soon) };
    piece(filling, all, Pieces { size: FIRST, next, when }, depth, look)
}

/// How a long group is parted.
#[derive(Clone, Copy)]
struct Pieces {
    /// About how many questions this one has.
    size: usize,
    /// About how many each further one has.
    next: usize,
    /// When the next one comes.
    when: When,
}

/// The first of these items, and a place for the rest.
fn piece(filling: Filling, mut left: Vec<Path>, pieces: Pieces, depth: u8, look: Look) -> AnyView {
    let mut questions = 0;
    let mut fits = |path: &Path| {
        let fits = questions < pieces.size;
        questions += weight(filling, path);
        fits
    };
    let fitting = left.iter().take_while(|path| fits(path)).count();
    // What a link leads to is there at once.
    let aimed = left.iter().position(|path| filling.aims_at(path)).map_or(0, |at| at + 1);
    let rest = left.split_off(fitting.max(aimed));
    let here = left.into_iter().map(|path| item(filling, path, depth, look)).collect_view();
    if rest.is_empty() {
        return here.into_any();
    }
    let further = Pieces { size: pieces.next, ..pieces };
    view! {
        {here}
        {later(move || piece(filling, rest.clone(), further, depth, look), pieces.when)}
    }
    .into_any()
}

/// How many questions an item may show; no more than a piece, since what is longer comes in pieces itself.
fn weight(filling: Filling, path: &Path) -> usize {
    match filling.part(path) {
        Some(Part::Question(kind)) => usize::from(is_shown(kind)),
        Some(Part::Group) => {
            let inside: usize = filling.children(path).iter().map(|path| weight(filling, path)).sum();
            inside.min(PIECE)
        }
        Some(Part::Repeat { .. }) => 1,
        None => 0,
    }
}

fn item(filling: Filling, path: Path, depth: u8, look: Look) -> AnyView {
    let part = filling.part(&path);
    if matches!(part, Some(Part::Question(kind)) if !is_shown(kind)) {
        return ().into_any();
    }
    let relevant = {
        let path = path.clone();
        Memo::new(move |_| filling.is_relevant(&path))
    };
    view! {
        <Show when=relevant>
            {
                match part {
                    Some(Part::Group) => group(filling, path.clone(), depth),
                    Some(Part::Repeat { .. }) => rows::rows(filling, path.clone(), depth),
                    Some(Part::Question(_)) => question(filling, path.clone(), look),
                    None => ().into_any(),
                }
            }
        </Show>
    }
    .into_any()
}

fn group(filling: Filling, path: Path, depth: u8) -> AnyView {
    let label = {
        let path = path.clone();
        Memo::new(move |_| filling.label(&path))
    };
    let is_table = filling.looks(&path, "table-list");
    let look = if is_table { Look::InTable } else { Look::Listed };
    let head = is_table.then(|| table_head(filling, path.clone()));
    let inside = inside(filling, &path, depth.saturating_add(1), look);
    view! {
        <div class="subgroup" role="group" aria-label=label>
            <Show when=move || label.with(|text| !text.is_empty())>
                {heading(depth, label)}
            </Show>
            {head}
            {inside}
        </div>
    }
    .into_any()
}

/// The labels of the choices above a table's rows; each row's buttons are named by their own.
fn table_head(filling: Filling, group: Path) -> AnyView {
    let labels = Memo::new(move |_| {
        let selects = filling.children(&group);
        let first = selects
            .iter()
            .find(|path| filling.kind(path).is_some_and(survey::instrument::QuestionKind::is_select));
        first.map(|path| filling.choices(path)).unwrap_or_default()
    });
    let head = move || {
        labels.get().into_iter().map(|one| view! { <span class="choice">{one.label}</span> }).collect_view()
    };
    view! { <div class="choices table-row head" aria-hidden="true">{head}</div> }.into_any()
}

/// A heading one level below the page's own.
pub(super) fn heading(depth: u8, label: Memo<String>) -> AnyView {
    if depth == 0 { view! { <h2>{label}</h2> }.into_any() } else { view! { <h3>{label}</h3> }.into_any() }
}

/// Every question that a person can see now, one after another; for showing one at a time.
pub fn leaves(filling: Filling, parent: &Path) -> Vec<Path> {
    let mut found = Vec::new();
    each_leaf(filling, parent, &mut |path| {
        found.push(path);
        None::<()>
    });
    found
}

/// Goes through every question that a person can see now, until `look` finds something.
pub(super) fn each_leaf<T>(
    filling: Filling,
    parent: &Path,
    look: &mut dyn FnMut(Path) -> Option<T>,
) -> Option<T> {
    for path in filling.children(parent) {
        if !filling.is_relevant(&path) {
            continue;
        }
        let found = match filling.part(&path) {
            Some(Part::Question(kind)) if is_shown(kind) => look(path),
            Some(Part::Group) => each_leaf(filling, &path, look),
            Some(Part::Repeat { .. }) => {
                filling.rows(&path).iter().find_map(|row| each_leaf(filling, row, look))
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
