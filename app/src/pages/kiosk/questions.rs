//! One question a screen, with a way on, a way back, and a way out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use survey::path::Path;

use super::{Kiosk, Screen};
use crate::components::{Progress, Show, focus_heading, set_title};
use crate::form::{Filling, Look, leaves, question};
use crate::i18n::{t_string, use_i18n};

/// The question in hand and its neighbours.
#[derive(Clone, Copy)]
struct Steps {
    filling: Filling,
    all: Memo<Vec<Path>>,
    at: RwSignal<Option<Path>>,
}

impl Steps {
    fn index(self) -> usize {
        self.at.with(|at| {
            self.all
                .with(|all| at.as_ref().and_then(|at| all.iter().position(|path| path == at)).unwrap_or(0))
        })
    }

    fn current(self) -> Option<Path> {
        self.all.with(|all| all.get(self.index()).cloned())
    }

    /// Nothing comes after this one; a required answer that is still missing may open more.
    fn is_last(self) -> bool {
        let open = self.current().is_some_and(|path| self.filling.is_missing(&path));
        !open && self.index() + 1 >= self.all.with(Vec::len)
    }

    fn go(self, index: usize) {
        self.at.set(self.all.with_untracked(|all| all.get(index).cloned()));
    }
}

/// The screens of one person's answers.
pub(super) fn questions(kiosk: Kiosk, filling: Filling) -> AnyView {
    let i18n = use_i18n();
    let steps =
        Steps { filling, all: Memo::new(move |_| leaves(filling, &Path::top())), at: RwSignal::new(None) };
    let current = Memo::new(move |_| steps.current());
    set_title(Signal::derive(move || t_string!(i18n, kiosk.title).to_owned()));
    let number = Signal::derive(move || steps.index() + 1);
    let count = Signal::derive(move || steps.all.with(Vec::len));
    let said = move || t_string!(i18n, kiosk.step, number = number.get(), all = count.get()).to_string();
    view! {
        <header class="kiosk-head">
            <div class="top">
                <span class="step">{said}</span>
                <button type="button" class="button plain" on:click=move |_| kiosk.start_over(i18n)>
                    {say!(i18n, kiosk.stop)}
                </button>
            </div>
            <Progress done=number all=count label=Signal::derive(said) />
        </header>
        <main id="content">
            {move || current.get().map(|path| view! { {question(filling, path, Look::Alone)} })}
            <Show when=move || kiosk.failed.get()>
                <p class="notice bad" role="alert">{say!(i18n, kiosk.save_failed)}</p>
            </Show>
        </main>
        {foot(kiosk, steps)}
    }
    .into_any()
}

fn foot(kiosk: Kiosk, steps: Steps) -> AnyView {
    let i18n = use_i18n();
    let back = move |_| {
        steps.go(steps.index().saturating_sub(1));
        focus_question();
    };
    let on = move |_| {
        let Some(path) = steps.current() else { return };
        if steps.filling.stands_in_the_way(&path) {
            return;
        }
        if steps.is_last() {
            finish(kiosk, steps.filling);
        } else {
            // Where a required answer is missing, this is not reached.
            steps.go(steps.index() + 1);
            focus_question();
        }
    };
    let caption = move || {
        if steps.is_last() { t_string!(i18n, kiosk.finish) } else { t_string!(i18n, kiosk.next) }
    };
    view! {
        <footer class="kiosk-foot">
            <Show when=move || { steps.index() > 0 }>
                <button type="button" class="button quiet" on:click=back>{say!(i18n, kiosk.back)}</button>
            </Show>
            <button type="button" class="button" on:click=on>{caption}</button>
        </footer>
    }
    .into_any()
}

/// Keeps the answers, says thanks; where they cannot be kept, says so and stays.
fn finish(kiosk: Kiosk, filling: Filling) {
    spawn_local(async move {
        match filling.finish_in_memory().await {
            Ok(kept) => {
                filling.forget();
                kiosk.failed.set(false);
                kiosk.screen.set(Screen::Thanks(kept));
                kiosk.let_go();
            }
            Err(_) => kiosk.failed.set(true),
        }
    });
}

/// The new question is on the screen at the next frame.
fn focus_question() {
    request_animation_frame(focus_heading);
}
