//! What a unit's score would be so far, for the surveyor who is still there: the figure, what it is made of, what is
//! missing, and what weighs most. Never taken for the result: that is reckoned on the server, from what all have sent.

use leptos::prelude::*;
use leptos::task::spawn_local;
use maud::{Markup, html};
use replica::UnitId;
use survey::scoring::exact::Score;
use survey::scoring::methods::Placed;
use survey::scoring::result::{DimensionScore, IndicatorScore, UnitScore, UnitState};
use survey::scoring::rules::Zone;

use crate::components::Frame;
use crate::i18n::{I18n, t_string, use_i18n};
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
                    Some(Ok(score)) => {
     view! { <div class="stack" inner_html=body(i18n, score)></div> }.into_any()
    }
                })}
                <a class="button quiet wide" href=back>{say!(i18n, score.back)}</a>
            </Frame>
        }
}

/// What the page says, written at once: nothing in it answers to a touch, and live views weigh more to download.
fn body(i18n: I18n, score: &UnitScore) -> String {
    let title = t_string!(i18n, score.title);
    html! {
        section.card aria-label=(title) {
            @if let Some(value) = score.value { (figure(i18n, value.shown, score.placed.as_ref())) }
            p.notice.care { (t_string!(i18n, score.provisional)) }
            @if let Some(words) = state(i18n, &score.state) { p { (words) } }
            p.soft { (t_string!(i18n, score.interviews, count = score.interviews)) }
        }
        @if !score.dimensions.is_empty() { (made_of(i18n, &score.dimensions)) }
        (weighs_most(i18n, &score.dimensions))
        p.note { (t_string!(i18n, score.by, year = score.year)) }
        @if !score.assumed.is_empty() {
            p.note { (t_string!(i18n, score.assumed, count = score.assumed.len())) }
        }
    }
    .into_string()
}

fn figure(i18n: I18n, value: Score, placed: Option<&Placed>) -> Markup {
    html! {
        p.score-figure {
            strong { (comma(i18n, &value.to_string())) }
            @if let Some(placed) = placed {
                span class=(zone_class(placed.zone)) { (zone_words(i18n, placed.zone)) }
                @if let Some(category) = &placed.category {
                    span.tag { (t_string!(i18n, score.category, name = category)) }
                }
            }
        }
    }
}

fn state(i18n: I18n, state: &UnitState) -> Option<String> {
    match state {
        UnitState::Partial { missing } => {
            Some(t_string!(i18n, score.partial, count = missing.len()).to_string())
        }
        UnitState::NotAssessed { .. } => Some(t_string!(i18n, score.not_assessed).to_owned()),
        UnitState::Empty => Some(t_string!(i18n, score.empty).to_owned()),
        UnitState::Whole => None,
    }
}

fn made_of(i18n: I18n, dimensions: &[DimensionScore]) -> Markup {
    let value = |of: &DimensionScore| match of.value {
        Some(value) => comma(i18n, &value.shown.to_string()),
        None => t_string!(i18n, score.no_answers).to_owned(),
    };
    html! {
        section.stack-tight {
            h2 { (t_string!(i18n, score.made_of)) }
            ul.card.flush.list {
                @for dimension in dimensions {
                    @let weight = comma(i18n, &dimension.weight.to_string());
                    li.item {
                        span.name { (named(i18n, &dimension.name, &dimension.name_en)) }
                        span.meta {
                            span { (t_string!(i18n, score.weight, percent = weight)) }
                            strong { (value(dimension)) }
                        }
                    }
                }
            }
        }
    }
}

/// The indicators that take most points, the heaviest first.
fn weighs_most(i18n: I18n, dimensions: &[DimensionScore]) -> Markup {
    let indicators = dimensions.iter().flat_map(|of| &of.variables).flat_map(|of| &of.indicators);
    let mut lacking: Vec<(&IndicatorScore, Score)> = indicators
        .filter_map(|indicator| Some((indicator, indicator.lacking?.rounded().ok()?)))
        .filter(|(_, points)| points.in_hundredths() > 0)
        .collect();
    lacking.sort_by_key(|(_, points)| std::cmp::Reverse(*points));
    lacking.truncate(NAMED);
    if lacking.is_empty() {
        return Markup::default();
    }
    html! {
        section.stack-tight {
            h2 { (t_string!(i18n, score.lacking)) }
            p.soft { (t_string!(i18n, score.lacking_lead)) }
            ul.card.flush.list {
                @for (indicator, points) in lacking {
                    @let points = comma(i18n, &points.to_string());
                    li.item {
                        span.name { (named(i18n, &indicator.name, &indicator.name_en)) }
                        span.meta { strong { (t_string!(i18n, score.points, points = points)) } }
                    }
                }
            }
        }
    }
}

fn named<'n>(i18n: I18n, indonesian: &'n str, english: &'n str) -> &'n str {
    i18n.get_locale().choose([indonesian, english])
}

/// A figure with the language's decimal mark.
fn comma(i18n: I18n, figure: &str) -> String {
    figure.replace('.', i18n.get_locale().choose([",", "."]))
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
