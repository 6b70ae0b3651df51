//! A repeat: its rows, each folded until opened, and the buttons that add, move and remove them.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::html::{Button, Summary};
use leptos::prelude::*;
use survey::path::Path;

use super::items::heading;
use super::{Filling, clash, items};
use crate::components::{Show, ask_once};
use crate::i18n::{t_string, use_i18n};

/// Most rows that are on the page before the first ones are folded away.
const MANY: usize = 40;
/// How many rows stay then, and how many more each press brings back.
const FEW: usize = 20;

/// The repeat at `path` with its rows.
pub(super) fn rows(filling: Filling, path: Path, depth: u8) -> AnyView {
    let i18n = use_i18n();
    let label = {
        let path = path.clone();
        Memo::new(move |_| filling.label(&path))
    };
    let list = {
        let path = path.clone();
        Memo::new(move |_| filling.rows(&path))
    };
    let fixed = filling.has_row_count(&path);
    let locked = filling.is_locked(&path);
    let added = RwSignal::new(None::<Path>);
    // Rows before this one are folded away.
    let from = RwSignal::new(list.with_untracked(|rows| {
        let aimed = rows.iter().position(|row| filling.aims_at(row));
        folded(rows.len(), 0).min(aimed.unwrap_or(usize::MAX))
    }));
    let add_button = NodeRef::<Button>::new();
    let shown = Memo::new(move |_| {
        list.with(|rows| {
            rows.iter().skip(from.get()).cloned().zip(from.get() + 1..).collect::<HashMap<_, _>>()
        })
    });
    let add = {
        let path = path.clone();
        move |_| {
            added.set(filling.add_row(&path));
            from.update(|from| *from = folded(list.with_untracked(Vec::len), *from));
        }
    };
    let in_order = move || list.with(|rows| rows.iter().skip(from.get()).cloned().collect::<Vec<_>>());
    view! {
        <div class="subgroup" role="group" aria-label=label>
            {heading(depth, label)}
            {clash::removed_rows(filling, path)}
            <div class="rows">
                <Show when=move || { from.get() > 0 }>
                    <button type="button" class="button quiet"
                        on:click=move |_| from.update(|from| *from = from.saturating_sub(FEW))>
                        {move || t_string!(i18n, form.rows_before, count = from.get()).to_string()}
                    </button>
                </Show>
                <For each=in_order key=Clone::clone let:path>
                    {
                        let this = path.clone();
                        // A row that comes or goes before this one changes its number and nothing else of it.
                        let number =
                            Memo::new(move |_| shown.with(|rows| rows.get(&this).copied().unwrap_or_default()));
                        row(filling, path, Named { number, list, label }, added, add_button, depth)
                    }
                </For>
                <Show when=move || list.with(Vec::is_empty)>
                    <p class="note">{say!(i18n, form.no_rows)}</p>
                </Show>
            </div>
            <Show when=move || !fixed && !locked>
                <button type="button" class="button quiet" node_ref=add_button on:click=add.clone()>
                    "+ " {move || t_string!(i18n, form.add_row, name = label.get())}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// How many rows at the start of a repeat are folded away, where `from` of them are now: none until there are many, then
/// all but a few, so that whoever goes on finds the last ones and the button that adds one close together.
fn folded(rows: usize, from: usize) -> usize {
    if rows.saturating_sub(from) > MANY { rows - FEW } else { from.min(rows) }
}

/// What a row is called: the repeat's name, and its number among these.
#[derive(Clone, Copy)]
struct Named {
    number: Memo<usize>,
    list: Memo<Vec<Path>>,
    label: Memo<String>,
}

fn row(
    filling: Filling,
    path: Path,
    named: Named,
    added: RwSignal<Option<Path>>,
    add: NodeRef<Button>,
    depth: u8,
) -> AnyView {
    let i18n = use_i18n();
    let Named { number, list, label } = named;
    let is_new = added.with_untracked(|new| new.as_ref() == Some(&path));
    // What does not hold is in sight.
    let is_wrong = untrack(|| filling.progress(&path)).problems > 0;
    let is_open = is_new || is_wrong || filling.aims_at(&path);
    let open = RwSignal::new(is_open);
    let head = NodeRef::<Summary>::new();
    Effect::new(move |_| {
        // Whoever added a row goes on in it.
        if let Some(head) = head.get().filter(|_| is_new) {
            let _ = head.focus();
        }
    });
    let fixed = filling.has_row_count(&path);
    let locked = filling.is_locked(&path);
    let name = move || t_string!(i18n, form.row, name = label.get(), number = number.get()).to_string();
    let preview = {
        let path = path.clone();
        Memo::new(move |_| filling.row_preview(&path))
    };
    let movable = !fixed && !locked && filling.moves_rows();
    let removable = !fixed && !locked;
    let inside = move || {
        let path = path.clone();
        open.get().then(|| {
            let moved = path.clone();
            view! {
                {items(filling, &path, depth.saturating_add(1))}
                <Show when=move || { movable && list.with(Vec::len) > 1 }>{moving(filling, &moved, named)}</Show>
                {removable.then(|| remove(filling, path, number, label, add))}
            }
        })
    };
    view! {
        <details class="repeat-row" prop:open=is_open
            on:toggle=move |event| {
                // A row that is put there open says so, too: what is in it is not to be made once more.
                let now = was_opened(&event);
                if open.get_untracked() != now {
                    open.set(now);
                }
            }>
            <summary node_ref=head>
                <span>
                    {name}
                    <Show when=move || preview.with(|text| !text.is_empty())>
                        " · " {preview}
                    </Show>
                </span>
            </summary>
            <div class="inside">{inside}</div>
        </details>
    }
    .into_any()
}

/// The buttons that move a row. The row takes them along, and the focus stays on the one that was pressed, or goes to the
/// other where the row can go no further.
fn moving(filling: Filling, path: &Path, named: Named) -> AnyView {
    let i18n = use_i18n();
    let Named { number, list, label } = named;
    let count = move || list.with(Vec::len);
    let (up, down) = (NodeRef::<Button>::new(), NodeRef::<Button>::new());
    let pressed = RwSignal::new(None::<bool>);
    Effect::new(move |_| {
        let number = number.get();
        let Some(upwards) = pressed.get_untracked() else { return };
        pressed.set(None);
        let end = if upwards { number == 1 } else { number == list.with_untracked(Vec::len) };
        let button = if upwards == end { down } else { up };
        // Once the row stands in its new place: on the way there it loses the focus.
        request_animation_frame(move || {
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        });
    });
    let press = move |path: &Path, upwards: bool| {
        let rows = list.get_untracked();
        let Some(at) = rows.iter().position(|row| row == path) else { return };
        pressed.set(Some(upwards));
        let after = if upwards { at.checked_sub(2) } else { Some(at + 1) };
        filling.move_row(path, after.and_then(|after| rows.get(after)));
    };
    let (row_up, row_down) = (path.clone(), path.clone());
    let called = move |upwards: bool| {
        let (name, number) = (label.get(), number.get());
        if upwards {
            t_string!(i18n, form.move_up_row, name = name, number = number).to_string()
        } else {
            t_string!(i18n, form.move_down_row, name = name, number = number).to_string()
        }
    };
    view! {
        <div class="row">
            <button type="button" class="button quiet" node_ref=up aria-label=move || called(true)
                disabled=move || { number.get() <= 1 } on:click=move |_| press(&row_up, true)>
                <span aria-hidden="true">"↑ "</span> {say!(i18n, form.move_up)}
            </button>
            <button type="button" class="button quiet" node_ref=down aria-label=move || called(false)
                disabled=move || { number.get() >= count() } on:click=move |_| press(&row_down, false)>
                <span aria-hidden="true">"↓ "</span> {say!(i18n, form.move_down)}
            </button>
        </div>
    }
    .into_any()
}

fn was_opened(event: &leptos::ev::Event) -> bool {
    use wasm_bindgen::JsCast;
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| element.has_attribute("open"))
}

/// Removing asks once; the focus is on the button that adds a row then.
fn remove(
    filling: Filling,
    path: Path,
    number: Memo<usize>,
    label: Memo<String>,
    add: NodeRef<Button>,
) -> AnyView {
    let i18n = use_i18n();
    let caption = Signal::derive(move || {
        t_string!(i18n, form.remove_row, name = label.get(), number = number.get()).to_string()
    });
    let act = move || {
        filling.remove_row(&path);
        if let Some(add) = add.get_untracked() {
            let _ = add.focus();
        }
    };
    ask_once(caption, say!(i18n, form.remove_sure), say!(i18n, form.remove_yes), Arc::new(act))
}
