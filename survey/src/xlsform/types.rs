//! The `type` column.

use crate::instrument::QuestionKind;
use crate::xlsform::fault::{FaultKind, nearest};

/// The types of this version, for messages.
pub(crate) const KNOWN: &str = "text, integer, decimal, range, date, time, dateTime, select_one, select_multiple, \
     select_one_from_file, select_multiple_from_file, rank, note, calculate, hidden, acknowledge, barcode, image, audio, \
     background-audio, video, file, geopoint, geotrace, geoshape, start-geopoint, background-geopoint, start, end, today, \
     deviceid, phonenumber, username, email, audit, csv-external, begin_group, end_group, begin_repeat, end_repeat";

/// What a row of the survey sheet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowType {
    Question(QuestionKind),
    Select {
        kind: QuestionKind,
        from: ChoicesFrom,
        or_other: bool,
    },
    /// `csv-external`: a file that expressions look things up in.
    File,
    /// Properties of telephones that no browser tells: `simserial` and `subscriberid`.
    Untold,
    Begin(Block),
    End(Block),
}

/// Where the choices of a select come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChoicesFrom {
    /// A list of the choices sheet.
    List(String),
    /// A file beside the workbook.
    File(String),
    /// The answers to a question in the rows of its repeat.
    Rows(String),
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

const UNSUPPORTED: [(&str, &str); 6] = [
    ("xml-external", "save the file as CSV and use `csv-external`"),
    ("osm", "use `geopoint`"),
    ("select_one_external", "put the choices on the choices sheet and use `select_one`"),
    ("cascading_select", "use `select_one` with a choice_filter"),
    ("entity", "leave it out"),
    ("begin loop", "use `begin_repeat`"),
];

const SELECTS: [(&str, QuestionKind); 16] = [
    ("select_one_from_file ", QuestionKind::SelectOne),
    ("select one from file ", QuestionKind::SelectOne),
    ("select_multiple_from_file ", QuestionKind::SelectMultiple),
    ("select multiple from file ", QuestionKind::SelectMultiple),
    ("add select one prompt using ", QuestionKind::SelectOne),
    ("add select multiple prompt using ", QuestionKind::SelectMultiple),
    ("select one from ", QuestionKind::SelectOne),
    ("select one ", QuestionKind::SelectOne),
    ("select_one ", QuestionKind::SelectOne),
    ("select1 ", QuestionKind::SelectOne),
    ("select all that apply from ", QuestionKind::SelectMultiple),
    ("select all that apply ", QuestionKind::SelectMultiple),
    ("select multiple from ", QuestionKind::SelectMultiple),
    ("select multiple ", QuestionKind::SelectMultiple),
    ("select_multiple ", QuestionKind::SelectMultiple),
    ("rank ", QuestionKind::Rank),
];

/// Reads a type, tolerant of capitals and blanks as the reference converter is.
pub(crate) fn parse(text: &str) -> Result<RowType, FaultKind> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = words.to_lowercase();
    if let Some(found) = block(&plain) {
        return Ok(found);
    }
    let first = plain.split(' ').next().unwrap_or("");
    let unsupported = UNSUPPORTED.iter().find(|(name, _)| *name == first || *name == plain);
    if let Some((_, instead)) = unsupported {
        return Err(FaultKind::UnsupportedType { found: words, instead });
    }
    for (prefix, kind) in SELECTS {
        if plain.starts_with(prefix) {
            let file = prefix.contains("file");
            return select(kind, words.get(prefix.len()..).unwrap_or(""), file, &words);
        }
        if plain == prefix.trim_end() {
            return Err(FaultKind::MissingList { found: words });
        }
    }
    if let Some(found) = simple(bare(&plain)) {
        return Ok(found);
    }
    let nearest = nearest(first, KNOWN.split([',', ' ']).filter(|word| !word.is_empty()));
    Err(FaultKind::UnknownType { found: words, nearest })
}

/// Old workbooks write `q text`, `add text prompt`, `get start time`, `uri:deviceid`.
fn bare(plain: &str) -> &str {
    let inner = plain.strip_prefix("add ").and_then(|rest| rest.strip_suffix(" prompt"));
    let asked = inner.or_else(|| plain.strip_prefix("q ")).or_else(|| plain.strip_prefix("get "));
    asked.or_else(|| plain.strip_prefix("uri:")).unwrap_or(plain)
}

fn block(plain: &str) -> Option<RowType> {
    let (begins, rest) = match plain.split_once([' ', '_'])? {
        ("begin", rest) => (true, rest),
        ("end", rest) => (false, rest),
        _ => return None,
    };
    let block = match rest {
        "group" => Block::Group,
        "repeat" | "lgroup" | "looped group" => Block::Repeat,
        _ => return None,
    };
    Some(if begins { RowType::Begin(block) } else { RowType::End(block) })
}

fn simple(plain: &str) -> Option<RowType> {
    use QuestionKind as Q;
    Some(RowType::Question(match plain {
        "text" | "string" => Q::Text,
        "integer" | "int" => Q::Integer,
        "decimal" => Q::Decimal,
        "range" => Q::Range,
        "date" => Q::Date,
        "time" => Q::Time,
        "datetime" | "date time" => Q::DateTime,
        "note" => Q::Note,
        "calculate" => Q::Calculate,
        "hidden" => Q::Hidden,
        "acknowledge" | "trigger" => Q::Acknowledge,
        "barcode" => Q::Barcode,
        "image" | "photo" | "picture" => Q::Image,
        "audio" => Q::Audio,
        "background-audio" => Q::BackgroundAudio,
        "video" => Q::Video,
        "file" => Q::File,
        "geopoint" | "location" | "gps" => Q::Geopoint,
        "geotrace" => Q::Geotrace,
        "geoshape" => Q::Geoshape,
        "start-geopoint" => Q::StartGeopoint,
        "background-geopoint" => Q::BackgroundGeopoint,
        "today" => Q::Today,
        "start" | "start time" => Q::Start,
        "end" | "end time" => Q::End,
        "deviceid" | "imei" | "device id" => Q::DeviceId,
        "phonenumber" | "phone number" => Q::PhoneNumber,
        "username" => Q::Username,
        "email" => Q::Email,
        "audit" => Q::Audit,
        "csv-external" => return Some(RowType::File),
        "simserial" | "subscriberid" | "sim id" | "subscriber id" | "simid" => return Some(RowType::Untold),
        _ => return None,
    }))
}

fn select(kind: QuestionKind, rest: &str, file: bool, words: &str) -> Result<RowType, FaultKind> {
    let unsupported = |instead| FaultKind::UnsupportedType { found: words.to_owned(), instead };
    let missing = || FaultKind::MissingList { found: words.to_owned() };
    if let Some(inner) = rest.trim().strip_prefix("${") {
        let name =
            inner.strip_suffix('}').map(str::trim).filter(|name| !name.is_empty()).ok_or_else(missing)?;
        return Ok(RowType::Select { kind, from: ChoicesFrom::Rows(name.to_owned()), or_other: false });
    }
    let mut parts = rest.split(' ').filter(|word| !word.is_empty());
    let list = parts.next().ok_or_else(missing)?;
    let from = if file { ChoicesFrom::File(list.to_owned()) } else { ChoicesFrom::List(list.to_owned()) };
    let after = parts.map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    match after.as_str() {
        "" => Ok(RowType::Select { kind, from, or_other: false }),
        "or_other" | "or specify other" | "or other" if !file && kind != QuestionKind::Rank => {
            Ok(RowType::Select { kind, from, or_other: true })
        }
        "or_other" | "or specify other" | "or other" => {
            Err(unsupported("only select_one and select_multiple of the choices sheet take `or_other`"))
        }
        _ => Err(unsupported("a list name holds no blank; use _ instead")),
    }
}

/// The type as the workbook writes it, for messages.
pub(crate) fn word(kind: QuestionKind) -> &'static str {
    use QuestionKind as Q;
    match kind {
        Q::Text => "text",
        Q::Integer => "integer",
        Q::Decimal => "decimal",
        Q::Range => "range",
        Q::Date => "date",
        Q::Time => "time",
        Q::DateTime => "dateTime",
        Q::SelectOne => "select_one",
        Q::SelectMultiple => "select_multiple",
        Q::Rank => "rank",
        Q::Note => "note",
        Q::Calculate => "calculate",
        Q::Hidden => "hidden",
        Q::Acknowledge => "acknowledge",
        Q::Barcode => "barcode",
        Q::Image => "image",
        Q::Audio => "audio",
        Q::BackgroundAudio => "background-audio",
        Q::Video => "video",
        Q::File => "file",
        Q::Geopoint => "geopoint",
        Q::Geotrace => "geotrace",
        Q::Geoshape => "geoshape",
        Q::StartGeopoint => "start-geopoint",
        Q::BackgroundGeopoint => "background-geopoint",
        Q::Today => "today",
        Q::Start => "start",
        Q::End => "end",
        Q::DeviceId => "deviceid",
        Q::PhoneNumber => "phonenumber",
        Q::Username => "username",
        Q::Email => "email",
        Q::Audit => "audit",
    }
}
