//! Settings: saving a backup of what is not on the server yet, and taking one in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;

use crate::components::Show;
use crate::device::backup::{self, Taken, Written};
use crate::i18n::{t_string, use_i18n};
use crate::loket::{BackupFault, Loket, TakeFault};
use crate::words;

/// What came of the last press.
#[derive(Clone)]
enum Outcome {
    Saved(Result<Written, BackupFault>),
    Taken(Result<Taken, TakeFault>),
}

/// The part of the settings about backups.
pub(super) fn section() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let working = RwSignal::new(false);
    let outcome = RwSignal::new_local(None::<Outcome>);
    let last = RwSignal::new(None::<i64>);
    let look = move || {
        spawn_local(async move {
            let _ = last.try_set(loket.last_backup().await);
        });
    };
    look();
    let save = move |share: bool| {
        working.set(true);
        spawn_local(async move {
            let saved = loket.save_backup(share).await;
            // The page may have gone meanwhile.
            let _ = outcome.try_set(Some(Outcome::Saved(saved)));
            let _ = working.try_set(false);
            look();
        });
    };
    let take = move |event: leptos::ev::Event| {
        let Some(file) = picked(&event) else { return };
        working.set(true);
        spawn_local(async move {
            let taken = loket.take_in_backup(&file).await;
            let _ = outcome.try_set(Some(Outcome::Taken(taken)));
            let _ = working.try_set(false);
        });
    };
    view! {
        <section class="card" aria-labelledby="backup-title">
            <h2 id="backup-title">{say!(i18n, backup.title)}</h2>
            <p class="soft">{say!(i18n, backup.lead)}</p>
            {move || last.get().map(|at| view! {
                <p class="soft small">{t_string!(i18n, backup.last, when = words::moment(i18n, at)).to_string()}</p>
            })}
            <div class="row">
                <button type="button" class="button" disabled=working on:click=move |_| save(false)>
                    {say!(i18n, backup.save)}
                </button>
                <Show when=backup::can_share>
                    <button type="button" class="button quiet" disabled=working on:click=move |_| save(true)>
                        {say!(i18n, backup.share)}
                    </button>
                </Show>
            </div>
            <Show when=move || loket.is_surveyor()>
                <div class="row">
                    <span class="pick">
                        <span class="button quiet" aria-hidden="true">{say!(i18n, backup.take)}</span>
                        <input type="file" aria-label=say!(i18n, backup.take) aria-describedby="backup-take"
                            disabled=working on:change=take />
                    </span>
                </div>
                <p class="soft small" id="backup-take">{say!(i18n, backup.take_lead)}</p>
            </Show>
            <div role="status">{move || match (working.get(), outcome.get()) {
                (true, _) => view! { <p class="note">{say!(i18n, backup.working)}</p> }.into_any(),
                (false, Some(outcome)) => said(&outcome),
                (false, None) => ().into_any(),
            }}</div>
        </section>
    }
    .into_any()
}

fn said(outcome: &Outcome) -> AnyView {
    let i18n = use_i18n();
    let (class, lines) = match outcome {
        Outcome::Saved(Err(BackupFault)) => ("notice bad", vec![t_string!(i18n, backup.failed).to_owned()]),
        Outcome::Saved(Ok(written)) => saved(written),
        Outcome::Taken(Err(fault)) => ("notice bad", vec![refused(*fault).to_owned()]),
        Outcome::Taken(Ok(taken)) => came(taken),
    };
    view! { <div class=class>{lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}</div> }
        .into_any()
}

fn saved(written: &Written) -> (&'static str, Vec<String>) {
    let i18n = use_i18n();
    let left_out = written.left_out;
    let mut lines = vec![if written.is_empty() {
        t_string!(i18n, backup.nothing).to_owned()
    } else {
        let (changes, photos) = (written.changes, written.photos);
        t_string!(i18n, backup.saved, changes = changes, photos = photos).to_string()
    }];
    if left_out > 0 {
        lines.push(t_string!(i18n, backup.left_out, count = left_out).to_string());
    }
    (if left_out > 0 { "notice care" } else { "notice good" }, lines)
}

fn came(taken: &Taken) -> (&'static str, Vec<String>) {
    let i18n = use_i18n();
    let Taken { new, known, photos, typed, refused, .. } = *taken;
    let mut lines =
        vec![t_string!(i18n, backup.taken, new = new, photos = photos, known = known).to_string()];
    if typed > 0 {
        lines.push(t_string!(i18n, backup.typed, count = typed).to_string());
    }
    if refused > 0 {
        lines.push(t_string!(i18n, backup.strangers, count = refused).to_string());
    }
    (if refused > 0 { "notice care" } else { "notice good" }, lines)
}

fn refused(fault: TakeFault) -> &'static str {
    let i18n = use_i18n();
    match fault {
        TakeFault::File("later") => t_string!(i18n, backup.later),
        TakeFault::File("truncated") => t_string!(i18n, backup.truncated),
        TakeFault::File("damaged" | "malformed") => t_string!(i18n, backup.damaged),
        TakeFault::File(_) => t_string!(i18n, backup.other),
        TakeFault::Store => t_string!(i18n, backup.no_room),
    }
}

fn picked(event: &leptos::ev::Event) -> Option<web_sys::File> {
    let input = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    let file = input.files()?.get(0)?;
    // The same file may be chosen again.
    input.set_value("");
    Some(file)
}
