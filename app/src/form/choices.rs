//! Chosen answers: one of a list, several of a list, or a box to tick.

use leptos::prelude::*;
use survey::path::Path;

use super::Filling;
use super::filling::Offered;
use super::question::Ids;
use crate::components::Show;
use crate::i18n::use_i18n;

/// A list longer than this is a drop-down unless the instrument says otherwise.
const LONGEST_OPEN_LIST: usize = 12;

/// One choice: radio buttons, or a drop-down for `minimal` and for long lists.
pub(super) fn one(filling: Filling, path: Path, ids: Ids) -> AnyView {
    let choices = choices_of(filling, path.clone());
    let long = choices.with_untracked(|list| list.len() > LONGEST_OPEN_LIST);
    if filling.looks(&path, "minimal") || long {
        return drop_down(filling, path, ids, choices);
    }
    let i18n = use_i18n();
    let locked = filling.is_locked(&path);
    let value = value_of(filling, path.clone());
    let packed = is_packed(filling, &path);
    let name = ids.control.clone();
    let option = {
        let path = path.clone();
        move |Offered { name: choice, label, .. }: Offered| {
            let (path, id) = (path.clone(), format!("{name}-{choice}"));
            let (name_of_this, wanted) = (choice.clone(), choice.clone());
            view! {
                <label class="choice" for=id.clone()>
                    <input type="radio" id=id.clone() name=name.clone() value=choice disabled=locked
                        prop:checked=move || value.with(|v| *v == wanted)
                        on:change=move |_| { let _ = filling.answer(&path, &name_of_this); } />
                    <span>{label}</span>
                </label>
            }
        }
    };
    let clear = move |_| {
        let _ = filling.answer(&path, "");
    };
    view! {
        <div class="choices" class:packed=packed>
            <For each=move || choices.get() key=|one| (one.name.clone(), one.label.clone()) children=option />
        </div>
        <Show when=move || !locked && value.with(|v| !v.is_empty())>
            <button type="button" class="button plain clear" on:click=clear.clone()>
                {say!(i18n, form.clear)}
            </button>
        </Show>
    }
    .into_any()
}

fn drop_down(filling: Filling, path: Path, ids: Ids, choices: Memo<Vec<Offered>>) -> AnyView {
    let i18n = use_i18n();
    let locked = filling.is_locked(&path);
    let value = value_of(filling, path.clone());
    let label = {
        let path = path.clone();
        move || filling.label(&path)
    };
    let options = move || {
        choices
            .get()
            .into_iter()
            .map(|Offered { name, label, .. }| {
                let this = name.clone();
                view! { <option value=name selected=move || value.with(|v| *v == this)>{label}</option> }
            })
            .collect_view()
    };
    view! {
        <select class="input" id=ids.control aria-label=label aria-describedby=ids.described_by disabled=locked
            prop:value=value
            on:change=move |event| { let _ = filling.answer(&path, &event_target_value(&event)); }>
            <option value="">{say!(i18n, form.choose)}</option>
            {options}
        </select>
    }
    .into_any()
}

/// Any number of choices: checkboxes. The answer keeps the list's order.
pub(super) fn several(filling: Filling, path: Path, ids: Ids) -> AnyView {
    let choices = choices_of(filling, path.clone());
    let locked = filling.is_locked(&path);
    let value = value_of(filling, path.clone());
    let packed = is_packed(filling, &path);
    let name = ids.control.clone();
    let option = move |Offered { name: choice, label, .. }: Offered| {
        let (path, id) = (path.clone(), format!("{name}-{choice}"));
        let (turned, wanted) = (choice.clone(), choice);
        let toggle = move |event| {
            let on = event_target_checked(&event);
            let chosen = choices.with_untracked(|list| {
                let keep = |name: &str| {
                    if name == turned { on } else { has(&value.get_untracked(), name) }
                };
                list.iter().map(|one| one.name.as_str()).filter(|n| keep(n)).collect::<Vec<_>>().join(" ")
            });
            let _ = filling.answer(&path, &chosen);
        };
        view! {
            <label class="choice" for=id.clone()>
                <input type="checkbox" id=id.clone() disabled=locked
                    prop:checked=move || value.with(|v| has(v, &wanted)) on:change=toggle />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <div class="choices" class:packed=packed>
            <For each=move || choices.get() key=|one| (one.name.clone(), one.label.clone()) children=option />
        </div>
    }
    .into_any()
}

/// A box to tick.
pub(super) fn acknowledge(filling: Filling, path: Path, ids: Ids) -> AnyView {
    let i18n = use_i18n();
    let locked = filling.is_locked(&path);
    let value = value_of(filling, path.clone());
    let toggle = move |event| {
        let _ = filling.answer(&path, if event_target_checked(&event) { "OK" } else { "" });
    };
    view! {
        <label class="choice" for=ids.control.clone()>
            <input type="checkbox" id=ids.control.clone() disabled=locked
                prop:checked=move || value.with(|v| !v.is_empty()) on:change=toggle />
            <span>{say!(i18n, form.yes_seen)}</span>
        </label>
    }
    .into_any()
}

fn has(value: &str, name: &str) -> bool {
    value.split(' ').any(|chosen| chosen == name)
}

fn choices_of(filling: Filling, path: Path) -> Memo<Vec<Offered>> {
    Memo::new(move |_| filling.choices(&path))
}

fn value_of(filling: Filling, path: Path) -> Memo<String> {
    Memo::new(move |_| filling.value(&path))
}

fn is_packed(filling: Filling, path: &Path) -> bool {
    ["columns", "columns-pack", "columns-2", "columns-3", "quick", "likert"]
        .iter()
        .any(|appearance| filling.looks(path, appearance))
}
