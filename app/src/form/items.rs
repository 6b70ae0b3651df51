//! What stands inside a group: questions, groups and repeats, shown while they are relevant.

use crate::components::Show;
use leptos::prelude::*;
use survey::instrument::NodeKind;
use survey::path::Path;

use super::{Filling, Look, is_shown, question, rows};

/// All items inside `parent`, in the instrument's order. `depth` picks the heading's level.
pub fn items(filling: Filling, parent: Path, depth: u8) -> AnyView {
    inside(filling, parent, depth, Look::Listed)
}

fn inside(filling: Filling, parent: Path, depth: u8, look: Look) -> AnyView {
    view! {
        <For each=move || filling.children(&parent) key=Clone::clone let:path>
            {item(filling, path, depth, look)}
        </For>
    }
    .into_any()
}

fn item(filling: Filling, path: Path, depth: u8, look: Look) -> AnyView {
    let relevant = {
        let path = path.clone();
        Memo::new(move |_| filling.is_relevant(&path))
    };
    view! {
        <Show when=relevant>
            {
                match filling.node_kind(&path) {
                    Some(NodeKind::Group) => group(filling, path.clone(), depth),
                    Some(NodeKind::Repeat { .. }) => rows::rows(filling, path.clone(), depth),
                    Some(NodeKind::Question(_)) => question(filling, path.clone(), look),
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
    let inside = inside(filling, path, depth.saturating_add(1), look);
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
    collect(filling, parent, &mut found);
    found
}

fn collect(filling: Filling, parent: &Path, found: &mut Vec<Path>) {
    for path in filling.children(parent) {
        if !filling.is_relevant(&path) {
            continue;
        }
        match filling.node_kind(&path) {
            Some(NodeKind::Question(question)) if is_shown(question.kind) => found.push(path),
            Some(NodeKind::Group) => collect(filling, &path, found),
            Some(NodeKind::Repeat { .. }) => {
                for row in filling.rows(&path) {
                    collect(filling, &row, found);
                }
            }
            _ => {}
        }
    }
}
