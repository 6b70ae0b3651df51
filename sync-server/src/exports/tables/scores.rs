//! Governments, units, dimensions and indicators with their scores.

use std::collections::HashMap;

use survey::scoring::methods::Placed;
use survey::scoring::questions::standing::Rank;
use survey::scoring::result::{Counted, DimensionScore, IndicatorScore, UnitScore, UnitState, Value};

use crate::catalogue::slug;
use crate::exports::table::{Cell, Column, Kind, Label, Missing, Table};
use crate::exports::tables::names::Names;
use crate::exports::tables::records::unit_columns;
use crate::exports::tables::source::{GovernmentRow, Source, UnitRow};
use crate::exports::tables::words::{choices, column, label, said, yes_or_no};

/// Zones, categories and opinions of a score; the highest zone first.
const ZONES: [&str; 3] = ["hijau", "kuning", "merah"];
const COUNTED: [&str; 4] = ["counted_yes", "counted_apart", "counted_not_assessed", "counted_empty"];
const STATES: [&str; 4] = ["state_whole", "state_partial", "state_not_assessed", "state_empty"];
/// Why an indicator has a mark or none.
const MARKED: [&str; 4] = ["marked_yes", "marked_no_answer", "marked_no_mark", "marked_not_assessed"];

/// What names a government among all: two provinces may have one of the same name.
pub(super) fn government_key(name: &str, province: &str) -> String {
    slug(&[name, province])
}

/// Every government.
pub(super) fn governments(source: &Source, names: &mut Names) -> Table {
    let mut columns = vec![
        column("government", Kind::Text),
        column("name", Kind::Text),
        column("province", Kind::Text),
        column("score", Kind::Decimal(2)),
    ];
    columns.extend(placed_columns());
    columns.extend([
        column("rank", Kind::Whole),
        column("rank_of", Kind::Whole),
        column("rank_province", Kind::Whole),
        column("rank_province_of", Kind::Whole),
        column("counted_units", Kind::Whole),
        column("units", Kind::Whole),
        column("interviews_count", Kind::Whole),
        column("provisional", yes_or_no()),
        column("partial", yes_or_no()),
        column("assumed_any", yes_or_no()),
    ]);
    let row = |row: &GovernmentRow| {
        let of = &row.score;
        let ranks = [row.nation, row.province];
        let mut row = vec![
            Cell::Text(government_key(&of.name, &of.province)),
            Cell::Text(of.name.clone()),
            Cell::Text(of.province.clone()),
            value(of.value),
        ];
        row.extend(placed_cells(of.placed.as_ref()));
        for rank in ranks {
            let of_rank = |part: fn(Rank) -> usize| {
                rank.map_or(Cell::Missing(Missing::NotAssessed), |rank| Cell::count(part(rank)))
            };
            row.extend([of_rank(|rank| rank.place), of_rank(|rank| rank.of)]);
        }
        row.extend([
            Cell::count(of.counted),
            Cell::count(of.units.len()),
            Cell::count(of.interviews),
            yes(of.provisional),
            yes(of.partial),
            yes(!of.assumed.is_empty()),
        ]);
        row
    };
    let rows = source.governments.iter().map(row).collect();
    Table { name: names.take(&["governments"]), label: label("table_governments"), columns, rows }
}

/// Every unit.
pub(super) fn units(source: &Source, names: &mut Names) -> Table {
    let mut columns = unit_columns().to_vec();
    columns.extend([
        column("province", Kind::Text),
        column("kind", Kind::Text),
        column("score", Kind::Decimal(2)),
    ]);
    columns.extend(placed_columns());
    columns.extend([
        column("counted", said("table_", &COUNTED)),
        column("state", said("table_", &STATES)),
        column("missing_dimensions", Kind::Text),
        column("reason", Kind::Text),
        column("provisional", yes_or_no()),
        column("interviews_count", Kind::Whole),
        column("refused", Kind::Whole),
        column("assumed_any", yes_or_no()),
    ]);
    let row = |unit: &UnitRow| {
        let score = &unit.score;
        let mut row = unit_cells(unit);
        row.extend([Cell::Text(unit.province.clone()), Cell::Text(unit.kind.clone()), value(score.value)]);
        row.extend(placed_cells(score.placed.as_ref()));
        let none = || Cell::Missing(Missing::NotRelevant);
        let (state, missing, reason) = match &score.state {
            UnitState::Whole => (0, none(), none()),
            UnitState::Partial { missing } => (1, Cell::Text(missing.join(" ")), none()),
            UnitState::NotAssessed { reason } if reason.is_empty() => {
                (2, none(), Cell::Missing(Missing::Unanswered))
            }
            UnitState::NotAssessed { reason } => (2, none(), Cell::Text(reason.clone())),
            UnitState::Empty => (3, none(), none()),
        };
        let counted = match unit.counted {
            Counted::Yes => 0,
            Counted::Apart => 1,
            Counted::NotAssessed => 2,
            Counted::Empty => 3,
        };
        row.extend([
            Cell::Choice(counted),
            Cell::Choice(state),
            missing,
            reason,
            yes(score.provisional),
            Cell::count(score.interviews),
            Cell::count(score.refused),
            yes(!score.assumed.is_empty()),
        ]);
        row
    };
    let rows = source.units.iter().map(row).collect();
    Table { name: names.take(&["units"]), label: label("table_units_sheet"), columns, rows }
}

/// Every dimension of every unit.
pub(super) fn dimensions(source: &Source, names: &mut Names) -> Table {
    let all = || source.units.iter().flat_map(|unit| unit.score.dimensions.iter().map(move |of| (unit, of)));
    let list = Listed::of(all().map(|(_, of)| (of.id.as_str(), &of.name, &of.name_en)));
    let mut columns = vec![column("dimension_row", Kind::Text)];
    columns.extend(unit_columns());
    columns.extend([
        column("dimension", list.kind()),
        column("weight", Kind::Decimal(2)),
        column("score", Kind::Decimal(2)),
        column("points", Kind::Decimal(2)),
    ]);
    let row = |(unit, of): (&UnitRow, &DimensionScore)| {
        let mut row = vec![Cell::Text(format!("{}/{}", unit.id, of.id))];
        row.extend(unit_cells(unit));
        row.extend([list.cell(&of.id), exact(of.weight), value(of.value), value(of.points)]);
        row
    };
    let rows = all().map(row).collect();
    Table { name: names.take(&["dimensions"]), label: label("table_dimensions"), columns, rows }
}

/// Every indicator of every unit, with its mark, or why it has none.
pub(super) fn indicators(source: &Source, names: &mut Names) -> Table {
    let dimensions = || source.units.iter().flat_map(|unit| &unit.score.dimensions);
    let by_dimension = Listed::of(dimensions().map(|of| (of.id.as_str(), &of.name, &of.name_en)));
    let variables = || dimensions().flat_map(|of| &of.variables);
    let by_code = Listed::of(
        variables().flat_map(|of| &of.indicators).map(|of| (of.code.as_str(), &of.name, &of.name_en)),
    );
    let mut columns = vec![column("indicator_row", Kind::Text)];
    columns.extend(unit_columns());
    columns.extend([
        column("dimension", by_dimension.kind()),
        column("variable", Kind::Text),
        column("indicator", by_code.kind()),
        column("weight", Kind::Decimal(2)),
        column("mark", Kind::Decimal(2)),
        column("marked", said("table_", &MARKED)),
        column("answers", Kind::Whole),
        column("lacking", Kind::Decimal(2)),
        column("assumed_any", yes_or_no()),
    ]);
    let mut rows = Vec::new();
    for unit in &source.units {
        for dimension in &unit.score.dimensions {
            for variable in &dimension.variables {
                for of in &variable.indicators {
                    let key = [&unit.id, &dimension.id, &variable.id, &of.code].map(String::as_str).join("/");
                    let mut row = vec![Cell::Text(key)];
                    row.extend(unit_cells(unit));
                    row.extend([
                        by_dimension.cell(&dimension.id),
                        Cell::Text(variable.name.clone()),
                        by_code.cell(&of.code),
                        exact(of.weight),
                        mark(&unit.score, of),
                        Cell::Choice(marked(&unit.score, of)),
                        Cell::count(of.answers),
                        of.lacking.map_or(Cell::Missing(Missing::Unanswered), exact),
                        yes(!of.assumed.is_empty()),
                    ]);
                    rows.push(row);
                }
            }
        }
    }
    Table { name: names.take(&["indicators"]), label: label("table_indicators"), columns, rows }
}

fn marked(unit: &UnitScore, of: &IndicatorScore) -> usize {
    match (&unit.state, of.value) {
        (_, Some(_)) => 0,
        (UnitState::NotAssessed { .. }, None) => 3,
        (_, None) if of.unmarked.iter().any(|left| !left.question.answer.is_empty()) => 2,
        (_, None) => 1,
    }
}

fn mark(unit: &UnitScore, of: &IndicatorScore) -> Cell {
    match (of.value, marked(unit, of)) {
        (Some(value), _) => value.shown.into(),
        (None, 3) => Cell::Missing(Missing::NotAssessed),
        (None, 2) => Cell::Missing(Missing::NotRelevant),
        (None, _) => Cell::Missing(Missing::Unanswered),
    }
}

/// A choice column of what the rule set names, in the order in which it is met.
struct Listed {
    names: Vec<(String, Label)>,
    places: HashMap<String, usize>,
}

impl Listed {
    fn of<'a>(all: impl Iterator<Item = (&'a str, &'a String, &'a String)>) -> Self {
        let mut listed = Self { names: Vec::new(), places: HashMap::new() };
        for (id, name, name_en) in all {
            if !listed.places.contains_key(id) {
                let en = if name_en.is_empty() { name } else { name_en };
                let label = Label { id: name.clone(), en: en.clone() };
                listed.places.insert(id.to_owned(), listed.names.len());
                listed.names.push((id.to_owned(), label));
            }
        }
        listed
    }

    fn kind(&self) -> Kind {
        choices(self.names.iter().cloned())
    }

    fn cell(&self, id: &str) -> Cell {
        self.places.get(id).map_or(Cell::Missing(Missing::NotAssessed), |at| Cell::Choice(*at))
    }
}

fn unit_cells(unit: &UnitRow) -> Vec<Cell> {
    let government = government_key(&unit.government, &unit.province);
    [unit.id.clone(), unit.name.clone(), government, unit.government.clone()].map(Cell::Text).to_vec()
}

fn placed_columns() -> [Column; 3] {
    [column("category", Kind::Text), column("zone", said("zone_", &ZONES)), column("opinion", Kind::Text)]
}

fn placed_cells(placed: Option<&Placed>) -> [Cell; 3] {
    let Some(placed) = placed else { return [(); 3].map(|()| Cell::Missing(Missing::NotAssessed)) };
    // A method without categories or opinions: they do not apply.
    let text = |text: &Option<String>| text.clone().map_or(Cell::Missing(Missing::NotRelevant), Cell::Text);
    let zone = ZONES.iter().position(|zone| *zone == placed.zone.as_str());
    let zone = zone.map_or(Cell::Missing(Missing::NotAssessed), Cell::Choice);
    [text(&placed.category), zone, text(&placed.opinion)]
}

fn value(value: Option<Value>) -> Cell {
    value.map_or(Cell::Missing(Missing::NotAssessed), |value| value.shown.into())
}

fn exact(figure: survey::scoring::exact::Exact) -> Cell {
    figure.rounded().map_or(Cell::Missing(Missing::NotAssessed), Cell::from)
}

fn yes(is: bool) -> Cell {
    Cell::Choice(usize::from(is))
}
