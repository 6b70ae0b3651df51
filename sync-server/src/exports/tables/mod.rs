//! From a release to tables, one a level: governments, units, dimensions and indicators of units, visits, interviews,
//! the rows of each repeat, and what was answered differently.
//!
//! The first column of every table tells its rows apart. The same release gives the same tables, whatever the order it
//! was read in. Nothing in them tells who filled a form, or on which device.

mod answers;
mod cells;
mod choices;
mod frozen;
mod names;
mod plan;
mod records;
mod scores;
pub mod source;
#[cfg(test)]
mod tests;
pub(super) mod words;

use replica::RecordKind;

use super::table::Table;
use names::Names;
use source::{Open, Source};

/// All tables of a release, in the order in which people would look at them.
pub fn tables_of(source: Source, open: Open<'_>) -> Vec<Table> {
    let source = source.sorted();
    let mut names = Names::default();
    let mut tables = vec![
        scores::governments(&source, &mut names),
        scores::units(&source, &mut names),
        scores::dimensions(&source, &mut names),
        scores::indicators(&source, &mut names),
    ];
    tables.extend(records::tables(&source, open, RecordKind::Visit, &mut names));
    tables.extend(records::tables(&source, open, RecordKind::Interview, &mut names));
    tables.push(records::clashes(&source, &mut names));
    tables
}
