//! On the coordinator's page: the changes that the server set aside, opened when asked for.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::RecordKind;
use replica::api::AsideChange;

use crate::i18n::{t_string, use_i18n};
use crate::loket::Loket;

/// So many changes were set aside; opened, it says which and why.
pub(super) fn notice(count: u64) -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let found = RwSignal::new(None::<Vec<AsideChange>>);
    let offline = RwSignal::new(false);
    let fetch = move |_| {
        spawn_local(async move {
            let answer = loket.aside().await;
            // The page may have gone meanwhile.
            let _ = offline.try_set(answer.is_err());
            let _ = found.try_set(answer.ok().map(|aside| aside.changes));
        });
    };
    view! {
        <details class="notice care" on:toggle=fetch>
            <summary>{t_string!(i18n, coverage.set_aside, count = count).to_string()}</summary>
            <p>{say!(i18n, coverage.aside_what)}</p>
            {move || offline.get().then(|| view! { <p>{say!(i18n, coverage.offline)}</p> })}
            <ul class="stack-tight">
                {move || found.get().unwrap_or_default().into_iter().map(change).collect_view()}
            </ul>
        </details>
    }
    .into_any()
}

fn change(change: AsideChange) -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let kind = match change.kind {
        RecordKind::Visit => t_string!(i18n, unit.visit),
        RecordKind::Interview => t_string!(i18n, unit.interviews),
    };
    let who = if change.who.is_empty() { t_string!(i18n, form.someone).to_owned() } else { change.who };
    view! {
        <li>
            <strong>{loket.unit_name(&change.unit)}</strong> " · " {kind} " · " {who}
            <br />
            <span class="small" lang="en">{change.reason}</span>
            " "
            <span class="small soft">{change.hash.to_string().chars().take(12).collect::<String>()}</span>
        </li>
    }
    .into_any()
}
