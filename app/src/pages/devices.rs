//! The coordinator's page for connecting new devices, and the list of those connected.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::api::{CodeReply, Role};

use crate::components::Frame;
use crate::i18n::{t_string, use_i18n};
use crate::loket::{Loket, NetFault};
use crate::{qr, words};

/// The page of devices.
#[component]
pub fn Devices() -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let role = RwSignal::new(Role::Surveyor);
    let name = RwSignal::new(String::new());
    let made = RwSignal::new(None::<Result<CodeReply, NetFault>>);
    let ask = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(async move {
            let reply = loket.make_code(role.get_untracked(), &name.get_untracked()).await;
            let _ = made.try_set(Some(reply));
        });
    };
    let option = move |this: Role, id: &'static str, words: Signal<&'static str>| {
        view! {
            <label class="choice" for=id>
                <input type="radio" name="role" id=id prop:checked=move || role.get() == this
                    on:change=move |_| role.set(this) />
                <span>{words}</span>
            </label>
        }
    };
    view! {
        <Frame title=Signal::derive(move || t_string!(i18n, devices.title).to_owned()) wide=true>
            <p class="soft">{say!(i18n, devices.lead)}</p>
            <form class="card" on:submit=ask>
                <fieldset class="subgroup">
                    <legend class="label">{say!(i18n, devices.role)}</legend>
                    <div class="choices packed">
                        {option(Role::Surveyor, "role-surveyor", Signal::derive(move || t_string!(i18n, setup.role_surveyor)))}
                        {option(Role::Kiosk, "role-kiosk", Signal::derive(move || t_string!(i18n, setup.role_kiosk)))}
                        {option(
                            Role::Coordinator, "role-coordinator",
                            Signal::derive(move || t_string!(i18n, setup.role_coordinator)),
                        )}
                    </div>
                </fieldset>
                <div class="field">
                    <label for="person">{say!(i18n, setup.person)}</label>
                    <input class="input" id="person" autocomplete="off" prop:value=name
                        on:input=move |event| name.set(event_target_value(&event)) />
                </div>
                <button type="submit" class="button">{say!(i18n, devices.make)}</button>
            </form>
            <div role="status">{move || made.get().map(shown)}</div>
            {known()}
        </Frame>
    }
}

fn shown(made: Result<CodeReply, NetFault>) -> AnyView {
    let i18n = use_i18n();
    let Ok(code) = made else {
        return view! { <p class="notice care">{say!(i18n, coverage.offline)}</p> }.into_any();
    };
    let until = t_string!(i18n, devices.until, when = words::moment(i18n, code.expires)).to_string();
    let picture = qr::enrolment(&code.code);
    view! {
        <section class="card" aria-label=say!(i18n, devices.code)>
            <div class="row">
                <div class="grow stack-tight">
                    <span class="soft">{say!(i18n, devices.code)}</span>
                    <strong class="code-shown" id="made-code">{code.code}</strong>
                    <span class="soft small">{until}</span>
                </div>
                {picture}
            </div>
        </section>
    }
    .into_any()
}

fn known() -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let devices =
        move || loket.home.with(|home| home.as_ref().map(|home| home.devices.clone()).unwrap_or_default());
    let role = move |role: Role| match role {
        Role::Surveyor => t_string!(i18n, setup.role_surveyor),
        Role::Kiosk => t_string!(i18n, setup.role_kiosk),
        Role::Coordinator => t_string!(i18n, setup.role_coordinator),
    };
    view! {
        <section class="stack-tight">
            <h2>{say!(i18n, devices.known)}</h2>
            <div class="table-frame" role="region" tabindex="0" aria-label=say!(i18n, devices.known)>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{say!(i18n, setup.person)}</th>
                            <th scope="col">{say!(i18n, setup.role)}</th>
                            <th scope="col">{say!(i18n, setup.id)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {move || devices().into_iter().map(|device| view! {
                            <tr>
                                <th scope="row">{device.person}</th>
                                <td>{role(device.role)}</td>
                                <td class="small">{device.device.to_string()}</td>
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
