//! Settings: language, this device, storage.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::api::Role;

use super::backup;
use crate::components::{Frame, LanguageChoice, Show};
use crate::device::store::space::Space;
use crate::i18n::{t_string, use_i18n};
use crate::loket::Loket;
use crate::words;

/// The settings page.
#[component]
pub fn Setup() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Frame title=Signal::derive(move || t_string!(i18n, setup.title).to_owned())>
            <LanguageChoice />
            {device()}
            {storage()}
            {backup::section()}
        </Frame>
    }
}

fn device() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let role = move || match loket.role() {
        Some(Role::Surveyor) => t_string!(i18n, setup.role_surveyor),
        Some(Role::Kiosk) => t_string!(i18n, setup.role_kiosk),
        Some(Role::Coordinator) => t_string!(i18n, setup.role_coordinator),
        None => "",
    };
    let person = move || loket.identity.with(|me| me.as_ref().map(|me| me.person.clone()));
    let number = move || loket.identity.with(|me| me.as_ref().map(|me| me.device.to_string()));
    let records = move || {
        let (all, waiting) = loket.record_counts();
        t_string!(i18n, setup.records_count, all = all, waiting = waiting).to_string()
    };
    view! {
        <section class="card" aria-labelledby="device-title">
            <h2 id="device-title">{say!(i18n, setup.device)}</h2>
            <dl class="facts">
                <dt>{say!(i18n, setup.person)}</dt>
                <dd>{person}</dd>
                <dt>{say!(i18n, setup.role)}</dt>
                <dd>{role}</dd>
                <dt>{say!(i18n, setup.records)}</dt>
                <dd>{records}</dd>
                <dt>{say!(i18n, setup.id)}</dt>
                <dd class="small">{number}</dd>
                <dt>{say!(i18n, setup.version)}</dt>
                <dd>{env!("CARGO_PKG_VERSION")}</dd>
            </dl>
        </section>
    }
    .into_any()
}

fn storage() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let known = RwSignal::new(None::<Space>);
    let look = move || {
        spawn_local(async move {
            let found = loket.storage().await;
            // The page may have gone meanwhile.
            let _ = known.try_set(Some(found));
        });
    };
    look();
    let ask = move |_| {
        spawn_local(async move {
            loket.ask_to_persist().await;
            look();
        });
    };
    let used = move || {
        known.get().and_then(|storage| Some((storage.used?, storage.quota?))).map(|(used, all)| {
            t_string!(i18n, setup.used, used = words::size(i18n, used), all = words::size(i18n, all))
                .to_string()
        })
    };
    // What a day of photos takes must have room.
    let tight = move || {
        known.get().and_then(|storage| Some(storage.quota? - storage.used?)).is_some_and(|left| left < 50e6)
    };
    let persisted = move || known.with(|storage| storage.as_ref().is_some_and(|storage| storage.persisted));
    view! {
        <section class="card" aria-labelledby="storage-title">
            <h2 id="storage-title">{say!(i18n, setup.storage)}</h2>
            <p class="soft">{used}</p>
            <Show when=tight>
                <p class="notice care">{say!(i18n, setup.tight)}</p>
            </Show>
            <Show when=persisted
                fallback=move || view! {
                    <div class="notice care">
                        <p>{say!(i18n, setup.not_persisted)}</p>
                        <button type="button" class="button quiet" on:click=ask>{say!(i18n, setup.persist_ask)}</button>
                    </div>
                }>
                <p class="notice good">{say!(i18n, setup.persisted)}</p>
            </Show>
        </section>
    }
    .into_any()
}
