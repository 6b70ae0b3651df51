//! Tables from a frozen release as it is read.

use std::collections::BTreeSet;

use replica::ClashKey;
use survey::session::Session;

use crate::exports::calendar::day_of;
use crate::exports::table::Table;
use crate::exports::tables::source::{ClashRow, GovernmentRow, Head, RecordRow, Source, UnitRow};
use crate::exports::tables::tables_of;
use crate::releases::frozen::Frozen;
use crate::releases::lines::{FrozenClash, FrozenRecord};

/// Seconds of a day.
const DAY: i64 = 86_400;

impl Head {
    /// What a release says of itself; `digest` is SHA-256 of its manifest, in hex.
    pub fn of(frozen: &Frozen, digest: &str) -> Self {
        let (manifest, asked) = (&frozen.manifest, &frozen.manifest.asked);
        let governments = frozen.governments.iter().flat_map(|of| &of.score.assumed);
        let units = frozen.results.iter().flat_map(|of| &of.score.assumed);
        let assumed: BTreeSet<_> = governments.chain(units).cloned().collect();
        Self {
            number: manifest.number,
            round: asked.round.to_string(),
            year: asked.year,
            rules: manifest.rules.id.clone(),
            title: manifest.rules.title.clone(),
            released_at: day_of(&asked.date).map_or(0, |days| i64::from(days) * DAY),
            digest: digest.to_owned(),
            assumed: assumed.into_iter().collect(),
        }
    }
}

impl Source {
    /// All of a release; `digest` is SHA-256 of its manifest, in hex.
    pub fn of(frozen: &Frozen, digest: &str) -> Self {
        let units = frozen.units.iter().zip(&frozen.results).map(|(unit, result)| UnitRow {
            id: unit.id.to_string(),
            name: unit.name.clone(),
            kind: unit.kind.clone(),
            government: unit.government.clone(),
            province: unit.province.clone(),
            office: unit.office.to_string(),
            counted: result.counted,
            score: result.score.clone(),
        });
        let governments = frozen.governments.iter().map(|of| GovernmentRow {
            score: of.score.clone(),
            nation: of.nation,
            province: of.province,
        });
        let instruments =
            frozen.instruments.iter().map(|(hash, instrument)| (hash.to_string(), instrument.clone()));
        Self {
            head: Head::of(frozen, digest),
            governments: governments.collect(),
            units: units.collect(),
            records: frozen.records.iter().enumerate().map(|(at, record)| row(frozen, at, record)).collect(),
            instruments: instruments.collect(),
        }
    }

    /// The tables of a release, of what is left of it here.
    pub fn tables(self, frozen: &Frozen) -> Vec<Table> {
        let open = |record: &RecordRow| -> Option<Session> { frozen.session(frozen.records.get(record.at)?) };
        tables_of(self, &open)
    }
}

fn row(frozen: &Frozen, at: usize, record: &FrozenRecord) -> RecordRow {
    let answers = if record.state.has_answers() { frozen.answers(&record.record) } else { None };
    RecordRow {
        id: record.record.to_string(),
        kind: record.kind,
        unit: record.unit.to_string(),
        instrument: record.instrument.to_string(),
        closed_at: record.closed_at,
        state: record.state,
        at,
        clashes: answers.iter().flat_map(|answers| &answers.clashes).flat_map(clash).collect(),
    }
}

fn clash(clash: &FrozenClash) -> impl Iterator<Item = ClashRow> {
    let place = match &clash.place {
        ClashKey::Answer(path) => path.to_string(),
        ClashKey::Row(path) => path.to_string(),
        ClashKey::State(key) => key.as_str().to_owned(),
    };
    clash.values.iter().map(move |value| ClashRow {
        place: place.clone(),
        value: value.clone(),
        holds: clash.holds.as_ref() == Some(value),
    })
}
