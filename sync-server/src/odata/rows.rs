//! Rows as the standard's JSON.

use super::Fault;
use super::model::{Edm, Property, Set};
use super::query::Query;
use super::value::Value;
use super::{Asked, Page};
use crate::exports::calendar::{day_text, moment_text};
use crate::exports::plain::decimal_text;
use crate::exports::table::Cell;

/// A page of an entity set.
pub(super) fn page(set: &Set<'_>, query: &Query, asked: &Asked<'_>, page: Page) -> Result<String, Fault> {
    let taken = ordered(set, query);
    let start = query.token.unwrap_or(query.skip).max(query.skip);
    let end = query.top.map_or(taken.len(), |top| query.skip.saturating_add(top)).min(taken.len());
    let stop = start.saturating_add(page.rows).min(end);
    let mut out = String::from("{");
    if page.context {
        let names = query.select.as_ref().map(|places| names_of(set, places)).unwrap_or_default();
        member(&mut out, "@odata.context", &format!("{}$metadata#{}{names}", asked.root, set.table.name))?;
        out.push(',');
    }
    if query.count {
        out.push_str("\"@odata.count\":");
        number(&mut out, &taken.len().to_string(), page.quoted);
        out.push(',');
    }
    out.push_str("\"value\":[");
    for (at, row) in taken.get(start..stop).unwrap_or_default().iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push('{');
        properties(&mut out, set, row, query.select.as_deref(), page.quoted)?;
        out.push('}');
    }
    out.push(']');
    if stop < end {
        let mut link = form_urlencoded::Serializer::new(String::new());
        link.extend_pairs(&query.others);
        link.append_pair("$skiptoken", &stop.to_string());
        out.push(',');
        member(&mut out, "@odata.nextLink", &format!("{}{}?{}", asked.root, set.table.name, link.finish()))?;
    }
    out.push('}');
    Ok(out)
}

/// One row, by its key.
pub(super) fn one(
    set: &Set<'_>,
    key: &str,
    query: &Query,
    asked: &Asked<'_>,
    page: Page,
) -> Result<String, Fault> {
    let is_it = |row: &&Vec<Cell>| matches!(row.first(), Some(Cell::Text(own)) if own == key);
    let row = set.table.rows.iter().find(is_it).ok_or_else(|| {
        let shown: String = key.chars().take(80).collect();
        Fault::missing(format!("{} has no row with the key `{shown}`", set.table.name))
    })?;
    let mut out = String::from("{");
    if page.context {
        let names = query.select.as_ref().map(|places| names_of(set, places)).unwrap_or_default();
        let context = format!("{}$metadata#{}{names}/$entity", asked.root, set.table.name);
        member(&mut out, "@odata.context", &context)?;
        out.push(',');
    }
    properties(&mut out, set, row, query.select.as_deref(), page.quoted)?;
    out.push('}');
    Ok(out)
}

/// How many rows a filter takes.
pub(super) fn count(set: &Set<'_>, query: &Query) -> usize {
    set.table.rows.iter().filter(|row| is_taken(set, query, row)).count()
}

/// The service document.
pub(super) fn service<'t>(
    names: impl Iterator<Item = &'t str>,
    asked: &Asked<'_>,
    page: Page,
) -> Result<String, Fault> {
    let mut out = String::from("{");
    if page.context {
        member(&mut out, "@odata.context", &format!("{}$metadata", asked.root))?;
        out.push(',');
    }
    let sets: Vec<String> = names
        .map(|name| format!("{{\"name\":\"{name}\",\"kind\":\"EntitySet\",\"url\":\"{name}\"}}"))
        .collect();
    Ok(format!("{out}\"value\":[{}]}}", sets.join(",")))
}

fn is_taken(set: &Set<'_>, query: &Query, row: &[Cell]) -> bool {
    query.filter.as_ref().is_none_or(|filter| {
        filter.takes(&|at| set.properties.get(at).map_or(Value::Null, |property| property.value(row)))
    })
}

fn ordered<'t>(set: &'t Set<'_>, query: &Query) -> Vec<&'t Vec<Cell>> {
    let mut taken: Vec<&Vec<Cell>> = set.table.rows.iter().filter(|row| is_taken(set, query, row)).collect();
    let by: Vec<(&Property<'_>, bool)> = query
        .order
        .iter()
        .filter_map(|(at, last_first)| Some((set.properties.get(*at)?, *last_first)))
        .collect();
    if !by.is_empty() {
        // Stable: what is equal stays in the order of the table, so that pages never overlap.
        taken.sort_by(|a, b| {
            let mut order = std::cmp::Ordering::Equal;
            for (property, last_first) in &by {
                order = order.then_with(|| {
                    let one = property.value(a).order_of_rows(&property.value(b));
                    if *last_first { one.reverse() } else { one }
                });
            }
            order
        });
    }
    taken
}

fn names_of(set: &Set<'_>, places: &[usize]) -> String {
    let names: Vec<&str> =
        places.iter().filter_map(|at| set.properties.get(*at)).map(|of| of.name.as_str()).collect();
    format!("({})", names.join(","))
}

fn properties(
    out: &mut String,
    set: &Set<'_>,
    row: &[Cell],
    select: Option<&[usize]>,
    quoted: bool,
) -> Result<(), Fault> {
    let all = 0..set.properties.len();
    let places: Vec<usize> = select.map_or_else(|| all.collect(), <[usize]>::to_vec);
    let mut first = true;
    for property in places.into_iter().filter_map(|at| set.properties.get(at)) {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        text(out, &property.name)?;
        out.push(':');
        written(out, property, row, quoted)?;
    }
    Ok(())
}

fn written(out: &mut String, property: &Property<'_>, row: &[Cell], quoted: bool) -> Result<(), Fault> {
    match (property.value(row), property.edm) {
        (Value::Null, _) => out.push_str("null"),
        (Value::Text(of), _) => text(out, &of)?,
        (Value::Truth(is), _) => out.push_str(if is { "true" } else { "false" }),
        (Value::Day(days), _) => text(out, &day_text(days))?,
        (Value::Moment(seconds), _) => text(out, &moment_text(seconds))?,
        (Value::Number(figure, places), edm) => {
            let figure = i64::try_from(figure).unwrap_or(i64::MAX);
            let figure = decimal_text(figure, if matches!(edm, Edm::Decimal(_)) { places } else { 0 });
            number(out, &figure, quoted);
        }
    }
    Ok(())
}

/// A number, as a text where whoever asks cannot hold long ones.
fn number(out: &mut String, figure: &str, quoted: bool) {
    let quote = if quoted { "\"" } else { "" };
    out.extend([quote, figure, quote]);
}

fn member(out: &mut String, name: &str, value: &str) -> Result<(), Fault> {
    text(out, name)?;
    out.push(':');
    text(out, value)
}

fn text(out: &mut String, text: &str) -> Result<(), Fault> {
    out.push_str(&serde_json::to_string(text).map_err(|error| Fault::Ours(error.to_string()))?);
    Ok(())
}
