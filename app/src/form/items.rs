//! What stands inside a group: questions, groups and repeats, shown while they are relevant.

use crate::components::Show;
use leptos::prelude::*;
use survey::instrument::NodeKind;
use survey::path::Path;

use super::{Filling, Look, is_shown, question, rows};

/// All items inside `parent`, in the instrument's order. `depth` picks the heading's level.
pub fn items(filling: Filling, parent: Path, depth: u8) -> AnyView {
    view! {
        <For each=move || filling.children(&parent) key=Clone::clone let:path>
            {item(filling, path, depth)}
        </For>
    }
    .into_any()
}

fn item(filling: Filling, path: Path, depth: u8) -> AnyView {
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
                    Some(NodeKind::Question(_)) => question(filling, path.clone(), Look::Listed),
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
    let inside = items(filling, path, depth.saturating_add(1));
    view! {
        <div class="subgroup" role="group" aria-label=label>
            <Show when=move || label.with(|text| !text.is_empty())>
                {heading(depth, label)}
            </Show>
            {inside}
        </div>
    }
    .into_any()
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
