//! The coordinator's page: how far each government and unit has come, and which answers differ.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::api::{Coverage, GovernmentCoverage, OpenClash, UnitCoverage};
use replica::clash::ClashKey;

use super::aside;
use crate::components::Frame;
use crate::i18n::{t_string, use_i18n};
use crate::loket::{Loket, NetFault};
use crate::words;

/// The coverage page. It reads the server, so it needs a network.
#[component]
pub fn CoveragePage() -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let coverage = RwSignal::new(None::<Result<Coverage, NetFault>>);
    let fetch = move || {
        spawn_local(async move {
            let found = loket.coverage().await;
            // The page may have gone meanwhile.
            let _ = coverage.try_set(Some(found));
        });
    };
    fetch();
    view! {
        <Frame title=Signal::derive(move || t_string!(i18n, coverage.title).to_owned()) wide=true>
            <div class="row">
                <p class="soft grow">{say!(i18n, coverage.lead)}</p>
                <button type="button" class="button quiet" on:click=move |_| fetch()>
                    {say!(i18n, coverage.refresh)}
                </button>
            </div>
            {move || match coverage.get() {
                None => view! { <p class="note" role="status">{say!(i18n, app.loading)}</p> }.into_any(),
                Some(Ok(found)) => report(found),
                Some(Err(NetFault::Denied)) => view! { <p class="notice">{say!(i18n, coverage.denied)}</p> }.into_any(),
                Some(Err(_)) => view! { <p class="notice care">{say!(i18n, coverage.offline)}</p> }.into_any(),
            }}
        </Frame>
    }
}

fn report(coverage: Coverage) -> AnyView {
    let i18n = use_i18n();
    let set_aside = coverage.set_aside;
    let at = words::moment(i18n, coverage.at);
    let empty = coverage.governments.is_empty();
    view! {
        <p class="small soft">{t_string!(i18n, coverage.as_of, time = at).to_string()}</p>
        {(set_aside > 0).then(|| aside::notice(set_aside))}
        {empty.then(|| view! { <p class="notice">{say!(i18n, coverage.none)}</p> })}
        {coverage.governments.into_iter().map(government).collect_view()}
        {clashes(coverage.clashes)}
    }
    .into_any()
}

fn government(government: GovernmentCoverage) -> AnyView {
    let i18n = use_i18n();
    let clashes: u32 = government.units.iter().map(|unit| unit.clashes).sum();
    let unsound: u32 = government.units.iter().map(|unit| unit.unsound).sum();
    let percent = (government.interviews * 100 / government.target.max(1)).min(100);
    let of_target =
        t_string!(i18n, coverage.of_target, count = government.interviews, target = government.target)
            .to_string();
    let name = government.name.clone();
    view! {
        <section class="stack-tight">
            <div class="group-title">
                <h2>{government.name}</h2>
                <span class="soft small">{government.province}</span>
            </div>
            <div class="table-frame" role="region" tabindex="0" aria-label=name>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{say!(i18n, coverage.unit)}</th>
                            <th scope="col">{say!(i18n, coverage.visits)}</th>
                            <th scope="col" class="count">{say!(i18n, coverage.interviews)}</th>
                            <th scope="col" class="count">{say!(i18n, coverage.clashes)}</th>
                            <th scope="col" class="count">{say!(i18n, coverage.unsound)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {government.units.into_iter().map(unit).collect_view()}
                        <tr class="total">
                            <th scope="row">{say!(i18n, coverage.government)}</th>
                            <td>
                                {say!(i18n, coverage.opened)} "\u{a0}" {government.visits_opened} " · "
                                {say!(i18n, coverage.closed)} "\u{a0}" {government.visits_closed}
                            </td>
                            <td class="count">
                                {of_target}
                                <div class="progress" aria-hidden="true">
                                    <span style:width=format!("{percent}%")></span>
                                </div>
                            </td>
                            {count(clashes)}
                            {count(unsound)}
                        </tr>
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn unit(unit: UnitCoverage) -> AnyView {
    let i18n = use_i18n();
    let (class, state) = match (unit.visits_closed, unit.visits_open) {
        (0, 0) => ("tag", t_string!(i18n, units.not_visited)),
        (_, 0) => ("tag good", t_string!(i18n, units.visit_closed)),
        _ => ("tag care", t_string!(i18n, units.visit_open)),
    };
    view! {
        <tr>
            <th scope="row">{unit.name}</th>
            <td><span class=class>{state}</span></td>
            {count(unit.interviews)}
            {count(unit.clashes)}
            {count(unit.unsound)}
        </tr>
    }
    .into_any()
}

fn count(of: u32) -> AnyView {
    view! { <td class="count">{of}</td> }.into_any()
}

fn clashes(clashes: Vec<OpenClash>) -> AnyView {
    let i18n = use_i18n();
    let none = clashes.is_empty();
    view! {
        <section class="stack-tight">
            <h2>{say!(i18n, coverage.clashes_title)}</h2>
            {none.then(|| view! { <p class="note">{say!(i18n, coverage.no_clashes)}</p> })}
            {clashes.into_iter().map(clash).collect_view()}
        </section>
    }
    .into_any()
}

fn clash(clash: OpenClash) -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let question = RwSignal::new(match &clash.key {
        ClashKey::Answer(path) => path.to_string(),
        ClashKey::Row(path) => path.to_string(),
        ClashKey::State(_) => String::new(),
    });
    let options = RwSignal::new(clash.options.clone());
    let unit = loket.unit_name(&clash.unit);
    let language = i18n.get_locale().as_str();
    spawn_local(async move {
        // Names of questions and choices stand in the instrument, which may have to be fetched.
        if let Some(spoken) = loket.speak_clash(&clash, language).await {
            let _ = question.try_set(spoken.question);
            let _ = options.try_set(spoken.options);
        }
    });
    view! {
        <div class="card">
            <div class="stack-tight">
                <strong>{unit}</strong>
                <p>{question}</p>
            </div>
            <ul class="stack-tight">
                {move || options.get().into_iter().map(|option| {
                    let value = if option.value.is_empty() {
                        t_string!(i18n, form.clash_blank).to_owned()
                    } else {
                        option.value
                    };
                    let by =
                        t_string!(i18n, form.clash_by, who = option.who, when = words::moment(i18n, option.at)).to_string();
                    view! { <li><strong>{value}</strong> " " <span class="soft small">{by}</span></li> }
                }).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}
