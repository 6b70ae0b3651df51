//! The options behind the question mark.

use super::Fault;
use super::filter::Filter;
use super::model::Set;

/// Properties that rows can be ordered by at once.
const ORDERS: usize = 8;
/// Bytes that a query string may have.
const LONGEST: usize = 16 * 1024;

/// What is asked of an entity set.
#[derive(Debug, Default)]
pub(super) struct Query {
    /// Properties to give; none is all.
    pub select: Option<Vec<usize>>,
    /// Rows to take.
    pub filter: Option<Filter>,
    /// Properties to order by, and whether from the end.
    pub order: Vec<(usize, bool)>,
    /// Rows to give at most.
    pub top: Option<usize>,
    /// Rows to leave out at the start.
    pub skip: usize,
    /// Whether to say how many rows there are.
    pub count: bool,
    /// Where a page before ended, in rows after the filter.
    pub token: Option<usize>,
    /// The options for the next page: all but the token.
    pub others: Vec<(String, String)>,
}

/// The options of a query string; custom ones are left out.
pub(super) fn options(query: &str) -> Result<Vec<(String, String)>, Fault> {
    if query.len() > LONGEST {
        return Err(Fault::query("$", format!("the options have {LONGEST} bytes at most")));
    }
    let all =
        form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()));
    let system: Vec<(String, String)> = all.filter(|(name, _)| name.starts_with('$')).collect();
    for (at, (name, _)) in system.iter().enumerate() {
        if system.iter().skip(at + 1).any(|(other, _)| other == name) {
            return Err(Fault::query(name, "it is there twice"));
        }
    }
    Ok(system)
}

impl Query {
    /// What these options ask of a set.
    ///
    /// # Errors
    /// Where one is wrong, or not known here.
    pub(super) fn read(options: Vec<(String, String)>, set: &Set<'_>) -> Result<Self, Fault> {
        let mut query = Self::default();
        for (name, value) in &options {
            let place = |of: &str| {
                set.place(of).ok_or_else(|| {
                    Fault::query(name, format!("there is no property `{of}` in {}", set.table.name))
                })
            };
            match name.as_str() {
                "$select" => {
                    let names = || value.split(',').map(str::trim);
                    if !names().any(|of| of == "*") {
                        query.select = Some(names().map(place).collect::<Result<_, _>>()?);
                    }
                }
                "$filter" => {
                    let property =
                        |of: &str| Some((set.place(of)?, set.properties.get(set.place(of)?)?.edm.kind()));
                    query.filter = Some(Filter::read(value, property)?);
                }
                "$orderby" => query.order = orders(value, place)?,
                "$top" => query.top = Some(number(name, value)?),
                "$skip" => query.skip = number(name, value)?,
                "$skiptoken" => query.token = Some(number(name, value)?),
                "$count" => query.count = truth(name, value)?,
                "$format" => format(value)?,
                _ => return Err(Fault::unknown(name, "this option is not known here")),
            }
        }
        query.others = options.into_iter().filter(|(name, _)| name != "$skiptoken").collect();
        Ok(query)
    }
}

/// `score desc, name`.
fn orders(value: &str, place: impl Fn(&str) -> Result<usize, Fault>) -> Result<Vec<(usize, bool)>, Fault> {
    let order = |part: &str| {
        let mut words = part.split_whitespace();
        let of = place(words.next().unwrap_or_default())?;
        match (words.next(), words.next()) {
            (None | Some("asc"), None) => Ok((of, false)),
            (Some("desc"), None) => Ok((of, true)),
            _ => Err(Fault::query("$orderby", "behind a property stands asc, desc or nothing")),
        }
    };
    let orders: Vec<_> = value.split(',').map(order).collect::<Result<_, _>>()?;
    if orders.len() > ORDERS {
        return Err(Fault::query("$orderby", format!("rows are ordered by {ORDERS} properties at most")));
    }
    Ok(orders)
}

fn number(name: &str, value: &str) -> Result<usize, Fault> {
    let plain = !value.is_empty() && value.len() <= 9 && value.bytes().all(|digit| digit.is_ascii_digit());
    let number = plain.then(|| value.parse().ok()).flatten();
    number.ok_or_else(|| Fault::query(name, "it is a number from 0 to 999999999"))
}

fn truth(name: &str, value: &str) -> Result<bool, Fault> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Fault::query(name, "it is true or false")),
    }
}

/// JSON alone is given.
pub(super) fn format(value: &str) -> Result<(), Fault> {
    let kind = value.split(';').next().unwrap_or_default().trim();
    if matches!(kind, "json" | "application/json") {
        Ok(())
    } else {
        Err(Fault::unknown("$format", "answers are given as JSON"))
    }
}
