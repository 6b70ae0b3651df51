//! The `type` column.

use crate::instrument::QuestionKind;
use crate::xlsform::fault::{FaultKind, nearest};

/// The types of this version, for messages.
pub(crate) const KNOWN: &str = "text, integer, decimal, date, select_one, select_multiple, note, calculate, \
     acknowledge, image, geopoint, today, start, end, begin_group, end_group, begin_repeat, end_repeat";

/// What a row of the survey sheet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowType {
    Question(QuestionKind),
    Select(QuestionKind, String),
    Begin(Block),
    End(Block),
}

/// What `begin` and `end` stand around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    Group,
    Repeat,
}

impl Block {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Repeat => "repeat",
        }
    }
}

const UNSUPPORTED: [(&str, &str); 31] = [
    ("time", "use `text` and say in the hint how to write the time"),
    ("datetime", "use `date`, and `text` for the time"),
    ("barcode", "use `text`"),
    ("audio", "use `image`, or leave it out"),
    ("video", "use `image`, or leave it out"),
    ("file", "use `image`, or leave it out"),
    ("background-audio", "leave it out"),
    ("range", "use `integer` with a constraint, or `select_one`"),
    ("rank", "use one `select_one` for each place"),
    ("hidden", "use `calculate`"),
    ("geotrace", "use `geopoint`"),
    ("geoshape", "use `geopoint`"),
    ("start-geopoint", "use `geopoint`"),
    ("background-geopoint", "use `geopoint`"),
    ("deviceid", "leave it out; every change names its device"),
    ("imei", "leave it out; every change names its device"),
    ("get", "leave it out; every change names its device and author"),
    ("phonenumber", "leave it out"),
    ("username", "leave it out; every change names its author"),
    ("email", "use `text`"),
    ("subscriberid", "leave it out"),
    ("simserial", "leave it out"),
    ("audit", "leave it out; every change is kept"),
    ("csv-external", "put the choices on the choices sheet"),
    ("xml-external", "put the choices on the choices sheet"),
    ("osm", "use `geopoint`"),
    ("select_one_from_file", "put the choices on the choices sheet"),
    ("select_multiple_from_file", "put the choices on the choices sheet"),
    ("select_one_external", "put the choices on the choices sheet and use `select_one`"),
    ("entity", "leave it out"),
    ("begin loop", "use `begin_repeat`"),
];

const SELECTS: [(&str, QuestionKind); 10] = [
    ("select one from ", QuestionKind::SelectOne),
    ("select one ", QuestionKind::SelectOne),
    ("select_one ", QuestionKind::SelectOne),
    ("select1 ", QuestionKind::SelectOne),
    ("select all that apply from ", QuestionKind::SelectMultiple),
    ("select all that apply ", QuestionKind::SelectMultiple),
    ("select multiple from ", QuestionKind::SelectMultiple),
    ("select multiple ", QuestionKind::SelectMultiple),
    ("select_multiple ", QuestionKind::SelectMultiple),
    ("select ", QuestionKind::SelectMultiple),
];

/// Reads a type, tolerant of capitals and blanks as the reference converter is.
pub(crate) fn parse(text: &str) -> Result<RowType, FaultKind> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = words.to_lowercase();
    if let Some(found) = simple(&plain) {
        return Ok(found);
    }
    let first = plain.split(' ').next().unwrap_or("");
    let unsupported = UNSUPPORTED.iter().find(|(name, _)| *name == first || *name == plain);
    if let Some((_, instead)) = unsupported {
        return Err(FaultKind::UnsupportedType { found: words, instead });
    }
    for (prefix, kind) in SELECTS {
        if plain.starts_with(prefix) {
            return select(kind, words.get(prefix.len()..).unwrap_or(""), &words);
        }
        if plain == prefix.trim_end() {
            return Err(FaultKind::MissingList { found: words });
        }
    }
    let nearest = nearest(first, KNOWN.split([',', ' ']).filter(|word| !word.is_empty()));
    Err(FaultKind::UnknownType { found: words, nearest })
}

fn simple(plain: &str) -> Option<RowType> {
    use QuestionKind as Q;
    Some(match plain {
        "text" | "string" => RowType::Question(Q::Text),
        "integer" | "int" => RowType::Question(Q::Integer),
        "decimal" => RowType::Question(Q::Decimal),
        "date" => RowType::Question(Q::Date),
        "note" => RowType::Question(Q::Note),
        "calculate" => RowType::Question(Q::Calculate),
        "acknowledge" | "trigger" => RowType::Question(Q::Acknowledge),
        "image" | "photo" => RowType::Question(Q::Image),
        "geopoint" | "location" | "gps" => RowType::Question(Q::Geopoint),
        "today" | "get today" => RowType::Question(Q::Today),
        "start" | "get start time" => RowType::Question(Q::Start),
        "end" | "get end time" => RowType::Question(Q::End),
        "begin_group" | "begin group" => RowType::Begin(Block::Group),
        "end_group" | "end group" => RowType::End(Block::Group),
        "begin_repeat" | "begin repeat" => RowType::Begin(Block::Repeat),
        "end_repeat" | "end repeat" => RowType::End(Block::Repeat),
        _ => return None,
    })
}

fn select(kind: QuestionKind, rest: &str, words: &str) -> Result<RowType, FaultKind> {
    let unsupported = |instead| FaultKind::UnsupportedType { found: words.to_owned(), instead };
    let mut parts = rest.split(' ').filter(|word| !word.is_empty());
    let list = parts.next().ok_or_else(|| FaultKind::MissingList { found: words.to_owned() })?;
    if list.starts_with("${") {
        return Err(unsupported("put the choices on the choices sheet"));
    }
    match parts.next().map(str::to_lowercase).as_deref() {
        None => Ok(RowType::Select(kind, list.to_owned())),
        Some("or_other" | "or") => {
            Err(unsupported("add a choice for it, and a `text` question that is relevant when it is chosen"))
        }
        Some(_) => Err(unsupported("a list name holds no blank; use _ instead")),
    }
}

/// The type as the workbook writes it, for messages.
pub(crate) fn word(kind: QuestionKind) -> &'static str {
    use QuestionKind as Q;
    match kind {
        Q::Text => "text",
        Q::Integer => "integer",
        Q::Decimal => "decimal",
        Q::Date => "date",
        Q::SelectOne => "select_one",
        Q::SelectMultiple => "select_multiple",
        Q::Note => "note",
        Q::Calculate => "calculate",
        Q::Acknowledge => "acknowledge",
        Q::Image => "image",
        Q::Geopoint => "geopoint",
        Q::Today => "today",
        Q::Start => "start",
        Q::End => "end",
    }
}
