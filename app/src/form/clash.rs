//! Clashes: two answers to one question, shown with who wrote them and when, until someone chooses.

use leptos::prelude::*;
use survey::instrument::QuestionKind;
use survey::path::Path;

use super::{Filling, media, photo};
use crate::components::Show;
use crate::i18n::{I18n, t_string, use_i18n};
use crate::words;

/// One of the values that stand against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// The stored value.
    pub value: String,
    /// Name of the person, if their device is known here; none for this device.
    pub who: Who,
    /// When, by that device's clock, in seconds since 1970.
    pub at: i64,
}

/// Who wrote a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// This device.
    You,
    /// A known person.
    Person(String),
    /// A device that is not in the directory yet.
    Unknown,
}

impl Who {
    /// As people read it.
    pub(crate) fn words(self, i18n: I18n) -> String {
        match self {
            Self::You => t_string!(i18n, form.you).to_owned(),
            Self::Person(name) => name,
            Self::Unknown => t_string!(i18n, form.someone).to_owned(),
        }
    }
}

/// The block inside a question that has differing answers.
pub(super) fn answers(filling: Filling, path: Path) -> AnyView {
    let i18n = use_i18n();
    let sides = {
        let path = path.clone();
        Memo::new(move |_| filling.sides(&path))
    };
    let has = move || sides.with(|sides| !sides.is_empty());
    let path = StoredValue::new(path);
    view! {
        <Show when=has>
            <div class="clash" role="group" aria-label=say!(i18n, form.clash_title)>
                <strong>{say!(i18n, form.clash_title)}</strong>
                <p class="small">{say!(i18n, form.clash_lead)}</p>
                {move || {
                    let path = path.get_value();
                    sides.get().into_iter().map(|side| option(filling, path.clone(), side)).collect_view()
                }}
            </div>
        </Show>
    }
    .into_any()
}

fn option(filling: Filling, path: Path, side: Side) -> AnyView {
    let i18n = use_i18n();
    let shown = if side.value.is_empty() {
        t_string!(i18n, form.clash_blank).to_owned()
    } else {
        filling.spoken(&path, &side.value)
    };
    let file = filling.kind(&path).filter(|kind| kind.is_file() && !side.value.is_empty());
    let by = t_string!(i18n, form.clash_by, who = side.who.words(i18n), when = words::moment(i18n, side.at))
        .to_string();
    let value = side.value.clone();
    let label = format!("{}: {shown}", t_string!(i18n, form.clash_choose));
    let body = match file {
        Some(QuestionKind::Image) => photo::stored(filling, side.value, String::new()),
        Some(kind) => media::stored(filling, kind, side.value, filling.label(&path)),
        None => view! { <span class="value">{shown}</span> }.into_any(),
    };
    view! {
        <div class="option">
            {body}
            <span class="small soft">{by}</span>
            <button type="button" class="button quiet" aria-label=label
                on:click=move |_| filling.settle(&path, &value)>
                {say!(i18n, form.clash_choose)}
            </button>
        </div>
    }
    .into_any()
}

/// Rows of the repeat that one device removed while another changed them.
pub(super) fn removed_rows(filling: Filling, repeat: Path) -> AnyView {
    let i18n = use_i18n();
    let rows = Memo::new(move |_| filling.disputed_rows(&repeat));
    let block = move |row: Path| {
        let (keep, remove) = (row.clone(), row.clone());
        view! {
            <div class="clash" role="group">
                <p>{say!(i18n, form.clash_row)}</p>
                <p class="small soft">{filling.row_preview(&row)}</p>
                <div class="row">
                    <button type="button" class="button" on:click=move |_| filling.settle_row(&keep, true)>
                        {say!(i18n, form.clash_row_keep)}
                    </button>
                    <button type="button" class="button quiet" on:click=move |_| filling.settle_row(&remove, false)>
                        {say!(i18n, form.clash_row_remove)}
                    </button>
                </div>
            </div>
        }
    };
    view! { <For each=move || rows.get() key=Clone::clone children=block /> }.into_any()
}
