//! What a unit's score would be so far, for the surveyor who is still there: the figure, what it is made of, what is
//! missing, and what weighs most. Never taken for the result: that is reckoned on the server, from what all have sent.

use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::UnitId;
use survey::scoring::exact::Score;
use survey::scoring::result::{DimensionScore, IndicatorScore, UnitScore, UnitState};
use survey::scoring::rules::Zone;

use crate::components::Frame;
use crate::i18n::{I18n, Locale, t_string, use_i18n};
use crate::loket::{Loket, ScoreFault};

/// Indicators that are named at most.
const NAMED: usize = 8;

/// The page of the unit named in the address.
#[component]
pub fn ScorePage(
    /// The unit's id, as the address has it.
    id: String,
) -> impl IntoView {
    let loket = Loket::get();
    let i18n = use_i18n();
    let back = format!("/unit/{id}");
    let unit = id.parse::<UnitId>().ok();
    let name = unit.as_ref().map(|unit| loket.unit_name(unit)).unwrap_or_default();
    let score = RwSignal::new(None::<Result<UnitScore, ScoreFault>>);
    Effect::new(move |_| {
        // What comes in from others while one looks is reckoned in.
        loket.records.track();
        loket.home.track();
        let unit = unit.clone();
        spawn_local(async move {
            let found = match unit {
                Some(unit) => loket.provisional_score(&unit).await,
                None => Err(ScoreFault::NotHere),
            };
            // The page may have gone while records were read.
            let _ = score.try_set(Some(found));
        });
    });
    view! {
        <Frame title=Signal::derive(move || t_string!(i18n, score.title).to_owned())>
            <p class="soft">{name}</p>
            {move || score.with(|score| match score {
                None => view! { <p class="note" role="status">{say!(i18n, app.loading)}</p> }.into_any(),
                Some(Err(ScoreFault::NotHere)) => {
                    view! { <p class="notice care">{say!(i18n, score.not_here)}</p> }.into_any()
                }
                Some(Err(ScoreFault::Rules)) => {
                    view! { <p class="notice care">{say!(i18n, score.no_rules)}</p> }.into_any()
                }
                Some(Ok(score)) => body(i18n, score),
            })}
            <a class="button quiet wide" href=back>{say!(i18n, score.back)}</a>
        </Frame>
    }
}

fn body(i18n: I18n, score: &UnitScore) -> AnyView {
    view! {
        {head(i18n, score)}
        {made_of(i18n, &score.dimensions)}
        {weighs_most(i18n, &score.dimensions)}
        <p class="note">{t_string!(i18n, score.by, year = score.year).to_string()}</p>
        {(!score.assumed.is_empty()).then(|| {
            let count = score.assumed.len();
            view! { <p class="note">{t_string!(i18n, score.assumed, count = count).to_string()}</p> }
        })}
    }
    .into_any()
}

fn head(i18n: I18n, score: &UnitScore) -> AnyView {
    let missing = match &score.state {
        UnitState::Partial { missing } => {
            Some(t_string!(i18n, score.partial, count = missing.len()).to_string())
        }
        UnitState::NotAssessed { .. } => Some(t_string!(i18n, score.not_assessed).to_owned()),
        UnitState::Empty => Some(t_string!(i18n, score.empty).to_owned()),
        UnitState::Whole => None,
    };
    let figure = score.value.map(|value| {
        let category = score.placed.as_ref().and_then(|placed| placed.category.clone());
        let zone = score.placed.as_ref().map(|placed| placed.zone);
        view! {
            <p class="score-figure">
                <strong>{shown(i18n, value.shown)}</strong>
                {zone.map(|zone| view! { <span class=zone_class(zone)>{zone_words(i18n, zone)}</span> })}
                {category.map(|category| view! {
                    <span class="tag">{t_string!(i18n, score.category, name = category).to_string()}</span>
                })}
            </p>
        }
    });
    view! {
        <section class="card" aria-label=t_string!(i18n, score.title)>
            {figure}
            <p class="notice care">{say!(i18n, score.provisional)}</p>
            {missing.map(|words| view! { <p>{words}</p> })}
            <p class="soft">{t_string!(i18n, score.interviews, count = score.interviews).to_string()}</p>
        </section>
    }
    .into_any()
}

fn made_of(i18n: I18n, dimensions: &[DimensionScore]) -> AnyView {
    if dimensions.is_empty() {
        return ().into_any();
    }
    let row = |dimension: &DimensionScore| {
        let value = dimension
            .value
            .map_or_else(|| t_string!(i18n, score.no_answers).to_owned(), |value| shown(i18n, value.shown));
        let weight = comma(i18n, &dimension.weight.to_string());
        view! {
            <li class="item">
                <span class="name">{named(i18n, &dimension.name, &dimension.name_en)}</span>
                <span class="meta">
                    <span>{t_string!(i18n, score.weight, percent = weight).to_string()}</span>
                    <strong>{value}</strong>
                </span>
            </li>
        }
        .into_any()
    };
    view! {
        <section class="stack-tight">
            <h2>{say!(i18n, score.made_of)}</h2>
            <ul class="card flush list">{dimensions.iter().map(row).collect::<Vec<_>>()}</ul>
        </section>
    }
    .into_any()
}

/// The indicators that take most points, the heaviest first.
fn weighs_most(i18n: I18n, dimensions: &[DimensionScore]) -> AnyView {
    let indicators = dimensions.iter().flat_map(|of| &of.variables).flat_map(|of| &of.indicators);
    let mut lacking: Vec<(&IndicatorScore, Score)> = indicators
        .filter_map(|indicator| Some((indicator, indicator.lacking?.rounded().ok()?)))
        .filter(|(_, points)| points.in_hundredths() > 0)
        .collect();
    lacking.sort_by_key(|(_, points)| std::cmp::Reverse(*points));
    lacking.truncate(NAMED);
    let some = !lacking.is_empty();
    let rows: Vec<AnyView> =
        lacking.iter().map(|(indicator, points)| lacks(i18n, indicator, *points)).collect();
    if !some {
        return ().into_any();
    }
    view! {
        <section class="stack-tight">
            <h2>{say!(i18n, score.lacking)}</h2>
            <p class="soft">{say!(i18n, score.lacking_lead)}</p>
            <ul class="card flush list">{rows}</ul>
        </section>
    }
    .into_any()
}

fn lacks(i18n: I18n, indicator: &IndicatorScore, points: Score) -> AnyView {
    let points = comma(i18n, &points.to_string());
    view! {
        <li class="item">
            <span class="name">{named(i18n, &indicator.name, &indicator.name_en)}</span>
            <span class="meta"><strong>{t_string!(i18n, score.points, points = points).to_string()}</strong></span>
        </li>
    }
    .into_any()
}

fn named(i18n: I18n, indonesian: &str, english: &str) -> String {
    if i18n.get_locale() == Locale::en { english.to_owned() } else { indonesian.to_owned() }
}

fn shown(i18n: I18n, score: Score) -> String {
    comma(i18n, &score.to_string())
}

fn comma(i18n: I18n, figure: &str) -> String {
    if i18n.get_locale() == Locale::en { figure.to_owned() } else { figure.replace('.', ",") }
}

fn zone_words(i18n: I18n, zone: Zone) -> &'static str {
    match zone {
        Zone::Hijau => t_string!(i18n, score.zone_green),
        Zone::Kuning => t_string!(i18n, score.zone_yellow),
        Zone::Merah => t_string!(i18n, score.zone_red),
    }
}

fn zone_class(zone: Zone) -> &'static str {
    match zone {
        Zone::Hijau => "tag good",
        Zone::Kuning => "tag care",
        Zone::Merah => "tag bad",
    }
}
