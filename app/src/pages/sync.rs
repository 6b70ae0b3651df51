//! The sync report: what went, what waits, what was refused and why, in plain words.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::attestation::device_id;
use replica::wire::RefusalCode;

use crate::components::{Frame, Show, ask_once};
use crate::device::sync::SyncReport;
use crate::i18n::{t_string, use_i18n};
use crate::loket::{Loket, Refused, SyncState};
use crate::words;

/// The page of the sync report.
#[component]
pub fn SyncPage() -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    view! {
        <Frame title=Signal::derive(move || t_string!(i18n, sync.title).to_owned())>
            {state()}
            {trouble_here()}
            {figures()}
            <button type="button" class="button wide" disabled=move || loket.sync.with(SyncReport::is_working)
                on:click=move |_| loket.sync_now()>
                {move || if loket.sync.with(SyncReport::is_working) {
                    t_string!(i18n, sync.working)
                } else {
                    t_string!(i18n, sync.now)
                }}
            </button>
            {waiting()}
            {refused()}
        </Frame>
    }
}

fn state() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let state = Memo::new(move |_| loket.sync_state());
    view! {
        <div role="status">
            {move || {
                let (class, title, what) = if loket.sync.with(|sync| sync.signed_out) {
                    ("notice bad", t_string!(i18n, sync.trouble).to_owned(), t_string!(i18n, sync.signed_out))
                } else {
                    match state.get() {
                        SyncState::AllSent => ("notice good", t_string!(i18n, sync.all_sent).to_owned(), ""),
                        SyncState::Waiting(count) => {
                            ("notice care", t_string!(i18n, sync.waiting, count = count).to_string(), "")
                        }
                        SyncState::Offline => {
                            ("notice", t_string!(i18n, sync.offline).to_owned(), t_string!(i18n, sync.offline_what))
                        }
                        SyncState::Trouble => {
                            ("notice care", t_string!(i18n, sync.trouble).to_owned(), t_string!(i18n, sync.trouble_what))
                        }
                        SyncState::Refused => {
                            ("notice care", t_string!(i18n, sync.refused_title).to_owned(), t_string!(i18n, sync.refused_lead))
                        }
                    }
                };
                view! {
                    <div class=class>
                        <strong>{title}</strong>
                        {(!what.is_empty()).then(|| view! { <p>{what}</p> })}
                        {loket.sync.with(|sync| sync.signed_out).then(|| view! {
                            <a class="button" href="/enrol">{say!(i18n, enrol.title)}</a>
                        })}
                    </div>
                }
            }}
        </div>
    }
    .into_any()
}

/// What is wrong on this device itself, and what to do.
fn trouble_here() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let code = Memo::new(move |_| {
        loket
            .sync
            .with(|sync| sync.last_problem.as_ref().map(|problem| problem.code.clone()))
            .unwrap_or_default()
    });
    let words = move || {
        Some(match code.get().as_str() {
            "store-full" => t_string!(i18n, sync.here_full),
            "store-forbidden" => t_string!(i18n, sync.here_forbidden),
            "corrupt" | "store-corrupt" | "store-record" | "store-no_record" => {
                t_string!(i18n, sync.here_corrupt)
            }
            code if code.starts_with("store-") => t_string!(i18n, sync.here_lost),
            _ => return None,
        })
    };
    view! {
        <div role="alert">
            {move || words().map(|words| view! {
                <div class="notice bad">
                    <p>{words}</p>
                    <a class="button quiet" href="/setup">{say!(i18n, backup.save)}</a>
                </div>
            })}
        </div>
    }
    .into_any()
}

fn figures() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let last = move || match loket.sync.with(|sync| sync.last_success) {
        Some(at) => words::moment(i18n, at),
        None => t_string!(i18n, sync.never).to_owned(),
    };
    view! {
        <p class="soft">{say!(i18n, sync.last)} ": " <strong>{last}</strong></p>
        <dl class="figures">
            {figure(say!(i18n, sync.waits), |sync| sync.waiting.into())}
            {figure(say!(i18n, sync.sent), |sync| sync.sent)}
            {figure(say!(i18n, sync.received), |sync| sync.received)}
            {figure(say!(i18n, sync.refused), |sync| sync.refused.into())}
        </dl>
    }
    .into_any()
}

fn figure(name: Signal<&'static str>, of: fn(&SyncReport) -> u64) -> AnyView {
    let loket = Loket::get();
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{move || loket.sync.with(of)}</dd>
        </div>
    }
    .into_any()
}

fn waiting() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let list = Memo::new(move |_| loket.waiting_records());
    let photos = move || loket.sync.with(|sync| sync.photos_waiting);
    let some = move || !list.with(Vec::is_empty) || photos() > 0;
    view! {
        <Show when=some>
            <section class="stack-tight">
                <h2>{say!(i18n, sync.waiting_title)}</h2>
                <ul class="card flush list">
                    <For each=move || list.get() key=Clone::clone let:record>
                        <li>
                            <a class="item" href=format!("/record/{}", record.id)>
                                <span class="name">{loket.unit_name(&record.unit)}</span>
                                <span class="meta">
                                    <span>{record_kind(&record)}</span>
                                    <span>{t_string!(i18n, sync.changes, count = record.unsent).to_string()}</span>
                                </span>
                            </a>
                        </li>
                    </For>
                    {move || (photos() > 0).then(|| view! {
                        <li class="item"><span>{t_string!(i18n, sync.photos, count = photos()).to_string()}</span></li>
                    })}
                </ul>
            </section>
        </Show>
    }
    .into_any()
}

fn record_kind(record: &crate::loket::Listed) -> &'static str {
    let i18n = use_i18n();
    if record.is_visit { t_string!(i18n, unit.visit) } else { t_string!(i18n, unit.interviews) }
}

fn refused() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    view! {
        <Show when=move || !loket.refused.with(Vec::is_empty)>
            <section class="stack-tight">
                <h2>{say!(i18n, sync.refused_title)}</h2>
                <p class="soft">{say!(i18n, sync.refused_lead)}</p>
                <button type="button" class="button quiet"
                    on:click=move |_| spawn_local(loket.send_refused_again())>
                    {say!(i18n, sync.refused_again)}
                </button>
                <For each=move || loket.refused.get() key=Refused::id let:refused>
                    {refused_card(refused)}
                </For>
            </section>
        </Show>
    }
    .into_any()
}

fn refused_card(refused: Refused) -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let (unit, code, note) = match &refused {
        Refused::Own(change) => {
            let at = words::moment(i18n, i64::try_from(change.at / 1000).unwrap_or(i64::MAX));
            (loket.unit_of(change.record), change.code, at)
        }
        Refused::Carried(batch) => {
            let mut units = Vec::new();
            for unit in batch.left().iter().map(|(record, _)| loket.unit_of(*record)) {
                if !units.contains(&unit) {
                    units.push(unit);
                }
            }
            let who = loket.who(device_id(&batch.key)).words(i18n);
            let note = t_string!(i18n, sync.refused_carried, who = who, count = batch.count()).to_string();
            (units.join(", "), batch.refusal.unwrap_or(RefusalCode::Unrecognised), note)
        }
    };
    let reason = reason(i18n, code);
    let refused = StoredValue::new_local(refused);
    let act = move || {
        let refused = refused.get_value();
        spawn_local(async move { loket.drop_refused(&refused).await });
    };
    let caption = Signal::derive(move || t_string!(i18n, sync.refused_drop).to_owned());
    let drop_it =
        ask_once(caption, say!(i18n, sync.refused_sure), say!(i18n, sync.refused_drop), Arc::new(act));
    let save_it = move |_| refused.with_value(Loket::save_refused);
    view! {
        <div class="card">
            <strong>{unit}</strong>
            <p>{reason}</p>
            <p class="soft small">{note}</p>
            <div class="row">
                <button type="button" class="button quiet" on:click=save_it>{say!(i18n, sync.refused_save)}</button>
                {drop_it}
            </div>
        </div>
    }
    .into_any()
}

/// The server's reason, in words.
fn reason(i18n: crate::I18n, code: RefusalCode) -> String {
    match code {
        RefusalCode::ActorNotYours => t_string!(i18n, sync.reason_actor_not_yours).to_owned(),
        RefusalCode::TooLarge | RefusalCode::TooManyOps | RefusalCode::RecordFull => {
            t_string!(i18n, sync.reason_too_large).to_owned()
        }
        RefusalCode::NotPermitted => t_string!(i18n, sync.reason_not_permitted).to_owned(),
        RefusalCode::Sequence | RefusalCode::StartOp => t_string!(i18n, sync.reason_sequence).to_owned(),
        RefusalCode::UnknownDependency => t_string!(i18n, sync.reason_unknown_dependency).to_owned(),
        RefusalCode::UnknownRecord => t_string!(i18n, sync.reason_unknown_record).to_owned(),
        RefusalCode::Malformed | RefusalCode::Unrecognised => {
            t_string!(i18n, sync.reason_malformed).to_owned()
        }
    }
}
