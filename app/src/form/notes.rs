//! Notes of the team about a record: what was said, by whom and when, and the field to say something.

use leptos::html::Textarea;
use leptos::prelude::*;
use replica::CommentId;

use super::Filling;
use super::clash::Who;
use crate::components::Show;
use crate::i18n::{t_string, use_i18n};
use crate::words;

/// A note as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Note {
    /// Its name in the record.
    pub id: CommentId,
    /// What was said.
    pub text: String,
    /// Who said it.
    pub who: Who,
    /// When, by that device's clock, in seconds since 1970.
    pub at: i64,
}

/// All notes, the oldest first, and the field for one more.
pub fn notes(filling: Filling) -> AnyView {
    let i18n = use_i18n();
    let said = Memo::new(move |_| filling.notes());
    view! {
        <section class="stack-tight notes">
            <h2>{say!(i18n, form.notes)}</h2>
            <Show when=move || !said.with(Vec::is_empty)>
                <ul class="card flush list">
                    <For each=move || said.get() key=Clone::clone let:note>
                        {one(note)}
                    </For>
                </ul>
            </Show>
            <Show when=move || filling.takes_notes()>{field(filling)}</Show>
        </section>
    }
    .into_any()
}

fn field(filling: Filling) -> AnyView {
    let i18n = use_i18n();
    let text = RwSignal::new(String::new());
    let refused = RwSignal::new(false);
    let field = NodeRef::<Textarea>::new();
    let send = move |_| {
        let said = text.get_untracked();
        let blank = said.trim().is_empty();
        let kept = !blank && filling.add_note(said.trim());
        refused.set(!blank && !kept);
        if kept {
            text.set(String::new());
        } else if let Some(field) = field.get_untracked() {
            // On to where something is to be written.
            let _ = field.focus();
        }
    };
    view! {
        <div class="field">
            <label for="note">{say!(i18n, form.note_label)}</label>
            <textarea class="input" id="note" rows="2" node_ref=field prop:value=text
                on:input=move |event| text.set(event_target_value(&event))></textarea>
            <Show when=refused>
                <p class="notice bad" role="alert">{say!(i18n, form.note_long)}</p>
            </Show>
        </div>
        <div class="row">
            <button type="button" class="button quiet" on:click=send>{say!(i18n, form.note_send)}</button>
        </div>
    }
    .into_any()
}

fn one(note: Note) -> AnyView {
    let i18n = use_i18n();
    let Note { text, who, at, .. } = note;
    let by = move || {
        let who = who.clone().words(i18n);
        t_string!(i18n, form.clash_by, who = who, when = words::moment(i18n, at)).to_string()
    };
    view! {
        <li class="item">
            <span class="said">{text}</span>
            <span class="meta">{by}</span>
        </li>
    }
    .into_any()
}
