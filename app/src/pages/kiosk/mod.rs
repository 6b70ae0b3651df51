//! The citizens' kiosk: language, consent, one question at a time, thanks, and a clean start for the next person.

mod idle;
mod questions;
mod welcome;

use leptos::prelude::*;
use replica::id::UnitId;

use crate::components::set_title;
use crate::form::Filling;
use crate::i18n::{Locale, t_string, use_i18n};
use crate::loket::Loket;
use crate::settings;

/// What the screen shows.
#[derive(Clone, Copy)]
enum Screen {
    /// Which unit the kiosk stands at, asked once.
    Place,
    /// Waiting for somebody.
    Welcome,
    /// Somebody answers.
    Questions(Filling),
    /// Answers were kept (true), or none were.
    Thanks(bool),
}

/// What the parts of the kiosk share.
#[derive(Clone, Copy)]
struct Kiosk {
    screen: RwSignal<Screen>,
    unit: RwSignal<Option<UnitId>>,
    failed: RwSignal<bool>,
    /// Holds the signals of the person at the screen; dropped with them.
    sitting: StoredValue<Option<Owner>, LocalStorage>,
    /// The page's own, which outlives every person.
    page: StoredValue<Option<Owner>, LocalStorage>,
}

impl Kiosk {
    fn is_busy(self) -> bool {
        matches!(self.screen.get(), Screen::Questions(_) | Screen::Thanks(_))
    }

    /// Forgets the person and waits for the next, in the language most people read.
    fn start_over(self, i18n: crate::I18n) {
        if let Screen::Questions(filling) = self.screen.get_untracked() {
            filling.forget();
        }
        self.failed.set(false);
        i18n.set_locale(Locale::id);
        self.screen.set(Screen::Welcome);
        self.let_go();
    }

    /// Makes room for a person: what `begin` makes lives until the next one, or until they are let go.
    fn seat(self, begin: impl FnOnce() -> Filling) -> Option<Filling> {
        let sitting = self.page.get_value()?.child();
        let filling = sitting.with(begin);
        self.sitting.set_value(Some(sitting));
        Some(filling)
    }

    /// Frees what the person before wrote, once the screen shows it no more.
    fn let_go(self) {
        request_animation_frame(move || drop(self.sitting.try_update_value(Option::take)));
    }
}

/// The kiosk's page.
#[component]
pub fn KioskPage() -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let unit = loket.kiosk_unit().or_else(|| settings::kiosk_unit().and_then(|unit| unit.parse().ok()));
    let screen = if unit.is_some() { Screen::Welcome } else { Screen::Place };
    let kiosk = Kiosk {
        screen: RwSignal::new(screen),
        unit: RwSignal::new(unit),
        failed: RwSignal::new(false),
        sitting: StoredValue::new_local(None),
        page: StoredValue::new_local(Owner::current()),
    };
    set_title(Signal::derive(move || t_string!(i18n, kiosk.title).to_owned()));
    if !loket.is_kiosk() {
        return view! {
            <main id="content" class="stack">
                <h1 tabindex="-1">{say!(i18n, setup.role_kiosk)}</h1>
                <p class="notice">{say!(i18n, kiosk.not_kiosk)}</p>
                <a class="button" href="/">{say!(i18n, app.to_start)}</a>
            </main>
        }
        .into_any();
    }
    // Nobody presses a notice here: a new version is taken while the kiosk waits for somebody.
    Effect::new(move |_| {
        if loket.update_ready.get() && matches!(kiosk.screen.get(), Screen::Welcome) {
            Loket::take_update();
        }
    });
    view! {
        <div class="kiosk" lang=move || i18n.get_locale().as_str()>
            {move || match kiosk.screen.get() {
                Screen::Place => place(kiosk),
                Screen::Welcome => welcome::welcome(kiosk),
                Screen::Questions(filling) => questions::questions(kiosk, filling),
                Screen::Thanks(kept) => thanks(kiosk, kept),
            }}
        </div>
        {idle::idle(kiosk)}
    }
    .into_any()
}

/// Asked once, by whoever sets the kiosk up.
fn place(kiosk: Kiosk) -> AnyView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let choose = move |id: UnitId| {
        settings::remember_kiosk_unit(id.as_str());
        kiosk.unit.set(Some(id));
        kiosk.screen.set(Screen::Welcome);
    };
    view! {
        <main id="content">
            <h1 tabindex="-1">{say!(i18n, kiosk.unit_title)}</h1>
            <p class="lead">{say!(i18n, kiosk.unit_lead)}</p>
            <div class="choices">
                {move || loket.units().into_iter().map(|unit| {
                    let id = unit.id.clone();
                    view! {
                        <button type="button" class="button quiet" on:click=move |_| choose(id.clone())>
                            {unit.name} ", " {unit.government}
                        </button>
                    }
                }).collect_view()}
            </div>
        </main>
    }
    .into_any()
}

fn thanks(kiosk: Kiosk, kept: bool) -> AnyView {
    let i18n = use_i18n();
    view! {
        <main id="content" class="welcome">
            <img src="/icons/icon.svg" alt="" />
            <h1 tabindex="-1">{say!(i18n, kiosk.thanks)}</h1>
            <p class="lead" role="status">
                {move || if kept { t_string!(i18n, kiosk.thanks_lead) } else { t_string!(i18n, kiosk.thanks_none) }}
            </p>
            <button type="button" class="button" on:click=move |_| kiosk.start_over(i18n)>
                {say!(i18n, kiosk.again)}
            </button>
        </main>
    }
    .into_any()
}
