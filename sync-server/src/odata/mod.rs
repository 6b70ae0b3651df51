//! `OData` V4, read only: the tables of a release for Excel and Power BI.
//!
//! A release is a service whose entity sets are its tables. `$select $filter $orderby $top $skip $count`, pages with a
//! link to the next one, single rows by key, `/$count`. Nothing here knows HTTP beyond paths, options and status numbers,
//! and everything that a query can bring about is bounded.

mod filter;
mod lex;
mod metadata;
mod model;
mod query;
mod rows;
#[cfg(test)]
mod tests;
mod value;

use thiserror::Error;

use crate::exports::table::Table;
use model::Set;
use query::{Query, format, options};

/// Rows of a page where nobody asks for fewer.
const PAGE: usize = 1_000;
/// Rows of a page at most.
const MOST: usize = 5_000;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The service's own address, with `/` at the end.
    pub root: &'a str,
    /// What stands behind it, percent signs resolved: `units('x')`.
    pub path: &'a str,
    /// What stands behind the question mark.
    pub query: &'a str,
    /// The header `Accept`.
    pub accept: &'a str,
    /// Rows that a page may have, by the header `Prefer`.
    pub page: Option<usize>,
}

/// An answer with status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the body is.
    pub media_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// The wish for a page's size was followed.
    pub page: Option<usize>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// 400: an option is wrong.
    #[error("{target}: {message}")]
    Query {
        /// The option.
        target: String,
        /// What is wrong with it.
        message: String,
    },
    /// 501: an option or function that the standard has and this service has not.
    #[error("{target}: {message}")]
    Unknown {
        /// The option.
        target: String,
        /// What there is instead.
        message: String,
    },
    /// 404: there is no such thing.
    #[error("{0}")]
    Missing(String),
    /// 500: a fault of ours.
    #[error("{0}")]
    Ours(String),
}

impl Fault {
    fn query(target: &str, message: impl Into<String>) -> Self {
        Self::Query { target: target.chars().take(40).collect(), message: message.into() }
    }

    fn unknown(target: &str, message: impl Into<String>) -> Self {
        Self::Unknown { target: target.chars().take(40).collect(), message: message.into() }
    }

    fn missing(message: impl Into<String>) -> Self {
        Self::Missing(message.into())
    }

    /// Its status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Query { .. } => 400,
            Self::Unknown { .. } => 501,
            Self::Missing(_) => 404,
            Self::Ours(_) => 500,
        }
    }
}

/// How an answer is written.
#[derive(Debug, Clone, Copy)]
struct Page {
    /// Rows at most.
    rows: usize,
    /// With `@odata.context`.
    context: bool,
    /// Long numbers as texts.
    quoted: bool,
}

const JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const QUOTED: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=true;charset=utf-8";
const BARE: &str =
    "application/json;odata.metadata=none;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const BARE_QUOTED: &str =
    "application/json;odata.metadata=none;odata.streaming=true;IEEE754Compatible=true;charset=utf-8";

/// Answers a request from the tables of a release.
///
/// # Errors
/// [`Fault`], which becomes the standard's error in JSON.
pub fn answer(tables: &[Table], asked: &Asked<'_>) -> Result<Answer, Fault> {
    let options = options(asked.query)?;
    let path = asked.path.trim_end_matches('/');
    if path == "$metadata" {
        let body = metadata::metadata(tables).map_err(|error| Fault::Ours(error.to_string()))?;
        return Ok(Answer { media_type: "application/xml;charset=utf-8", body, page: None });
    }
    let accept = asked.accept.replace(' ', "").to_ascii_lowercase();
    let quoted = accept.contains("ieee754compatible=true");
    let context = !accept.contains("odata.metadata=none");
    let media_type = match (context, quoted) {
        (true, false) => JSON,
        (true, true) => QUOTED,
        (false, false) => BARE,
        (false, true) => BARE_QUOTED,
    };
    let page = Page { rows: asked.page.map_or(PAGE, |rows| rows.clamp(1, MOST)), context, quoted };
    let body = if path.is_empty() {
        for (name, value) in &options {
            match name.as_str() {
                "$format" => format(value)?,
                _ => return Err(Fault::unknown(name, "it is for entity sets")),
            }
        }
        rows::service(tables.iter().map(|table| table.name.as_str()), asked, page)?
    } else {
        let place = Place::read(path)?;
        let table = tables.iter().find(|table| table.name.as_str() == place.set);
        let table = table.ok_or_else(|| {
            let shown: String = place.set.chars().take(80).collect();
            Fault::missing(format!("there is no entity set `{shown}`; the service document lists all"))
        })?;
        let set = Set::of(table);
        let query = Query::read(options, &set)?;
        match place.what {
            What::Rows => rows::page(&set, &query, asked, page)?,
            What::Row(key) => rows::one(&set, &key, &query, asked, page)?,
            What::Count => {
                let body = rows::count(&set, &query).to_string().into_bytes();
                return Ok(Answer { media_type: "text/plain;charset=utf-8", body, page: None });
            }
        }
    };
    Ok(Answer { media_type, body: body.into_bytes(), page: asked.page.map(|_| page.rows) })
}

/// What a path names.
struct Place<'a> {
    set: &'a str,
    what: What,
}

enum What {
    Rows,
    Row(String),
    Count,
}

impl<'a> Place<'a> {
    /// `units`, `units/$count`, `units('x')`, `units(unit='x')`.
    fn read(path: &'a str) -> Result<Self, Fault> {
        if let Some(set) = path.strip_suffix("/$count") {
            return Ok(Self { set, what: What::Count });
        }
        let Some((set, rest)) = path.split_once('(') else { return Ok(Self { set: path, what: What::Rows }) };
        let key = rest.strip_suffix(')').map(|inner| inner.split_once("='").map_or(inner, |(_, key)| key));
        let key = key.map(|key| key.strip_prefix('\'').unwrap_or(key)).and_then(|key| key.strip_suffix('\''));
        // Within a key, two quotes stand for one.
        let plain = key.filter(|key| !key.replace("''", "").contains('\''));
        let key = plain
            .ok_or_else(|| Fault::missing("a key is a text in quotes: units('kota-bontang-dukcapil')"))?;
        Ok(Self { set, what: What::Row(key.replace("''", "'")) })
    }
}
