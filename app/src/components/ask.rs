//! Asking once more, in place, before something is done that cannot be undone.

use std::sync::Arc;

use leptos::html::Button;
use leptos::prelude::*;

use super::Show;
use crate::i18n::use_i18n;

/// A button that gives way to a question with two answers; `act` is done at the first of them. The focus goes to that
/// answer, and back to the button when the person keeps what is there.
pub fn ask_once(
    caption: Signal<String>,
    question: Signal<&'static str>,
    yes: Signal<&'static str>,
    act: Arc<dyn Fn() + Send + Sync>,
) -> AnyView {
    let i18n = use_i18n();
    let asking = RwSignal::new(false);
    let asked = RwSignal::new(false);
    let (button, answer) = (NodeRef::<Button>::new(), NodeRef::<Button>::new());
    // Whatever had the focus is gone when one gives way to the other.
    Effect::new(move |_| {
        let shown = if asking.get() { answer.get() } else { button.get() };
        if let Some(shown) = shown.filter(|_| asked.get_untracked()) {
            let _ = shown.focus();
        }
    });
    let ask = move |_| {
        asked.set(true);
        asking.set(true);
    };
    view! {
        <Show when=asking
            fallback=move || view! {
                <button type="button" class="button danger" node_ref=button on:click=ask>{caption}</button>
            }>
            <div class="notice bad" role="group" aria-label=caption>
                <p>{question}</p>
                <div class="row">
                    <button type="button" class="button" node_ref=answer on:click={
                        let act = Arc::clone(&act);
                        move |_| act()
                    }>{yes}</button>
                    <button type="button" class="button quiet" on:click=move |_| asking.set(false)>
                        {say!(i18n, form.keep)}
                    </button>
                </div>
            </div>
        </Show>
    }
    .into_any()
}
