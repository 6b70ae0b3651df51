//! Visits, interviews, the rows of their repeats, and what was answered differently.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use replica::RecordKind;
use survey::scoring::result::UnitState;

use crate::exports::table::{Cell, Column, Kind, Label, Missing, Name, Table};
use crate::exports::tables::answers::{Answers, Gathered, gather};
use crate::exports::tables::cells::columns;
use crate::exports::tables::names::Names;
use crate::exports::tables::plan::levels;
use crate::exports::tables::scores::government_key;
use crate::exports::tables::source::{Open, RecordRow, Source, UnitRow};
use crate::exports::tables::words::{column, label, said, yes_or_no};
use crate::releases::lines::RecordState;

/// What a record may be worth, of those that tables have.
const STATES: [&str; 5] = ["counted", "provisional", "superseded", "unlisted", "refused"];

/// The tables of one kind of record: one of the records, then one for each repeat.
pub(super) fn tables(source: &Source, open: Open<'_>, kind: RecordKind, names: &mut Names) -> Vec<Table> {
    let records: Vec<&RecordRow> =
        source.records.iter().filter(|record| record.kind == kind && is_shown(record.state)).collect();
    let units: HashMap<&str, &UnitRow> = source.units.iter().map(|unit| (unit.id.as_str(), unit)).collect();
    let versions = versions(source, &records);
    let instruments: Vec<_> =
        versions.iter().filter_map(|hash| source.instruments.get(hash).map(Arc::clone)).collect();
    let unassessed = |record: &RecordRow| {
        kind == RecordKind::Visit
            && units
                .get(record.unit.as_str())
                .is_some_and(|unit| matches!(unit.score.state, UnitState::NotAssessed { .. }))
    };
    let Answers { levels, consents } = gather(open, &records, levels(&instruments), &versions, unassessed);
    let word = match kind {
        RecordKind::Visit => "visits",
        RecordKind::Interview => "interviews",
    };
    let mut all = Vec::new();
    let of = Of { source, records: &records, units: &units };
    for (at, level) in levels.into_iter().enumerate() {
        let name = match level.level.chain.last().filter(|_| at > 0) {
            None => names.take(&[word]),
            Some(repeat) => {
                names.take(&[&format!("{word}_{repeat}"), &format!("{word}_{}", level.level.chain.join("_"))])
            }
        };
        let consents = (kind == RecordKind::Interview).then_some(&consents[..]);
        all.push(if at == 0 {
            of.records_table(name, label(&format!("table_{word}")), level, consents)
        } else {
            of.rows_table(name, &label(&format!("table_{word}")), level)
        });
    }
    all
}

/// The instruments that the records were filled with, the newest version first.
fn versions(source: &Source, records: &[&RecordRow]) -> Vec<String> {
    let used: BTreeSet<&str> = records.iter().map(|record| record.instrument.as_str()).collect();
    let mut versions: Vec<String> =
        used.into_iter().filter(|hash| source.instruments.contains_key(*hash)).map(str::to_owned).collect();
    let version = |hash: &String| source.instruments.get(hash).map(|of| of.version.clone());
    versions.sort_by(|a, b| version(b).cmp(&version(a)).then_with(|| a.cmp(b)));
    versions
}

struct Of<'a> {
    source: &'a Source,
    records: &'a [&'a RecordRow],
    units: &'a HashMap<&'a str, &'a UnitRow>,
}

impl Of<'_> {
    fn records_table(
        &self,
        name: Name,
        label: Label,
        level: Gathered,
        consents: Option<&[Option<bool>]>,
    ) -> Table {
        let mut head = vec![column("record", Kind::Text)];
        head.extend(unit_columns());
        head.extend([
            column("record_state", said("table_record_", &STATES)),
            column("closed_at", Kind::Moment),
            column("form_version", Kind::Text),
            column("clashes", Kind::Whole),
        ]);
        head.extend(consents.map(|_| column("consent", yes_or_no())));
        let cells = self.records.iter().enumerate().map(|(at, record)| {
            let mut row = vec![Cell::Text(record.id.clone())];
            row.extend(self.unit_cells(record));
            let form = self.source.instruments.get(&record.instrument).map(|form| form.version.clone());
            row.push(state(record.state));
            row.push(record.closed_at.map_or(Cell::Missing(Missing::Unanswered), Cell::Moment));
            row.push(form.map_or(Cell::Missing(Missing::NotAssessed), Cell::Text));
            row.push(Cell::count(places(record)));
            row.extend(consents.map(|all| match all.get(at).copied().flatten() {
                Some(agreed) => Cell::Choice(usize::from(agreed)),
                None => Cell::Missing(Missing::NotRelevant),
            }));
            row
        });
        joined(name, label, head, cells.collect(), level)
    }

    fn rows_table(&self, name: Name, of: &Label, level: Gathered) -> Table {
        let mut head = vec![column("row", Kind::Text), column("record", Kind::Text)];
        head.extend(unit_columns());
        head.extend([column("path", Kind::Text), column("number", Kind::Whole)]);
        let cells = level.rows.iter().map(|row| {
            let Some(record) = self.records.get(row.record) else { return Vec::new() };
            let key = format!("{}/{}", record.id, row.path);
            let mut cells = vec![Cell::Text(key), Cell::Text(record.id.clone())];
            cells.extend(self.unit_cells(record));
            cells.extend([Cell::Text(row.path.to_string()), Cell::count(row.number)]);
            cells
        });
        let own = &level.level.label;
        let label = Label { id: format!("{}: {}", of.id, own.id), en: format!("{}: {}", of.en, own.en) };
        let cells = cells.collect();
        joined(name, label, head, cells, level)
    }

    fn unit_cells(&self, record: &RecordRow) -> [Cell; 4] {
        let unit = self.units.get(record.unit.as_str());
        let text = |text: Option<String>| text.map_or(Cell::Missing(Missing::NotAssessed), Cell::Text);
        [
            Cell::Text(record.unit.clone()),
            text(unit.map(|unit| unit.name.clone())),
            text(unit.map(|unit| government_key(&unit.government, &unit.province))),
            text(unit.map(|unit| unit.government.clone())),
        ]
    }
}

pub(super) fn unit_columns() -> [Column; 4] {
    ["unit", "unit_name", "government", "government_name"].map(|name| column(name, Kind::Text))
}

/// An interview of which the consent was taken back, or that was never finished, and a record that nothing could be read
/// of, is in no table.
fn is_shown(state: RecordState) -> bool {
    !matches!(state, RecordState::Empty | RecordState::Unfinished | RecordState::Withdrawn)
}

fn state(state: RecordState) -> Cell {
    Cell::Choice(match state {
        RecordState::Counted => 0,
        RecordState::Provisional => 1,
        RecordState::Superseded => 2,
        RecordState::Unlisted => 3,
        RecordState::Refused => 4,
        RecordState::Empty | RecordState::Unfinished | RecordState::Withdrawn => {
            return Cell::Missing(Missing::NotAssessed);
        }
    })
}

/// Places in which a record holds several values.
fn places(record: &RecordRow) -> usize {
    record.clashes.iter().map(|clash| clash.place.as_str()).collect::<BTreeSet<_>>().len()
}

/// The columns that say whose a row is, and behind them those of the questions.
fn joined(name: Name, label: Label, head: Vec<Column>, rows: Vec<Vec<Cell>>, level: Gathered) -> Table {
    let mut names = Names::default();
    for column in &head {
        names.take(&[column.name.as_str()]);
    }
    let mut table = Table { name, label, columns: head, rows };
    for (asked, said) in level.level.asked.iter().zip(level.said) {
        for (column, cells) in columns(asked, &said, &mut names) {
            table.columns.push(column);
            for (row, cell) in table.rows.iter_mut().zip(cells) {
                row.push(cell);
            }
        }
    }
    table
}

/// What was answered differently and nobody has chosen between: a row for each value.
pub(super) fn clashes(source: &Source, names: &mut Names) -> Table {
    let kinds = ["visit", "interview"];
    let columns = vec![
        column("clash", Kind::Text),
        column("record", Kind::Text),
        column("unit", Kind::Text),
        column("kind_of_record", said("table_", &kinds)),
        column("path", Kind::Text),
        column("value", Kind::Text),
        column("holds", yes_or_no()),
    ];
    let mut rows = Vec::new();
    for record in source.records.iter().filter(|record| is_shown(record.state)) {
        for (clash, number) in record.clashes.iter().zip(1..) {
            rows.push(vec![
                Cell::Text(format!("{}/{number}", record.id)),
                Cell::Text(record.id.clone()),
                Cell::Text(record.unit.clone()),
                Cell::Choice(usize::from(record.kind == RecordKind::Interview)),
                Cell::Text(clash.place.clone()),
                if clash.value.is_empty() {
                    Cell::Missing(Missing::Unanswered)
                } else {
                    Cell::Text(clash.value.clone())
                },
                Cell::Choice(usize::from(clash.holds)),
            ]);
        }
    }
    Table { name: names.take(&["clashes"]), label: label("table_clashes_sheet"), columns, rows }
}
