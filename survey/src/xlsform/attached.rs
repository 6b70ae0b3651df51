//! Files beside the workbook: lists as `CSV` or `GeoJSON`, pictures and sounds.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::instrument::{Choice, ChoiceList, Language, Texts};
use crate::xlsform::fault::FaultKind;
use crate::xlsform::table::language;

/// Largest file with a list, in bytes.
pub const MAX_LIST_BYTES: usize = 16 * 1024 * 1024;
/// Most bytes that the pictures and sounds of one form have together: phones keep them.
pub const MAX_MEDIA_BYTES: usize = 4 * 1024 * 1024;
/// Most rows of one list.
pub const MAX_LIST_ROWS: usize = 200_000;

/// Where a form's files come from; the caller reads them.
pub trait Attachments {
    /// The bytes of a file by its name, a name without any folder; none where there is no such.
    fn read(&self, name: &str) -> Option<Vec<u8>>;
}

/// No file at all.
impl Attachments for () {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

/// Files in memory.
impl Attachments for BTreeMap<String, Vec<u8>> {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.get(name).cloned()
    }
}

/// Which columns of a file are a choice's name and label; the standard's own where none is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) value: Option<String>,
    pub(crate) label: Option<String>,
}

impl Named {
    /// The key of the list in the instrument.
    pub(crate) fn key(&self, file: &str) -> String {
        let stem = stem(file).to_owned();
        match (&self.value, &self.label) {
            (None, None) => stem,
            (value, label) => {
                format!("{stem}#{}#{}", value.as_deref().unwrap_or(""), label.as_deref().unwrap_or(""))
            }
        }
    }
}

/// The name of a file without its end.
pub(crate) fn stem(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// Whether a name is one of a file that holds a list.
pub(crate) fn is_list(file: &str) -> bool {
    matches!(file.rsplit_once('.'), Some((_, end)) if end == "csv" || end == "geojson")
}

/// Reads a list.
pub(crate) fn list(
    file: &str,
    bytes: &[u8],
    named: &Named,
    languages: &[Language],
) -> Result<ChoiceList, FaultKind> {
    if bytes.len() > MAX_LIST_BYTES {
        return Err(FaultKind::BadFile {
            file: file.to_owned(),
            reason: format!("more than {MAX_LIST_BYTES} bytes"),
        });
    }
    let (mut table, usual) = if file.ends_with(".geojson") {
        (features(file, bytes)?, ("id", "title"))
    } else {
        (rows(file, bytes)?, ("name", "label"))
    };
    let value = named.value.as_deref().unwrap_or(usual.0);
    let label = named.label.as_deref().unwrap_or(usual.1);
    let place = |name: &str| table.columns.iter().position(|column| column == name);
    let missing = |column: &str| FaultKind::BadFile {
        file: file.to_owned(),
        reason: format!("it has no column `{column}`; it has {}", table.columns.join(", ")),
    };
    let value = place(value).ok_or_else(|| missing(value))?;
    let labels: Vec<Option<usize>> =
        languages.iter().map(|language| label_column(&table.columns, label, language)).collect();
    if labels.iter().all(Option::is_none) {
        return Err(missing(label));
    }
    for choice in &mut table.choices {
        let cell = |at: usize| choice.cells.get(at).cloned().unwrap_or_default();
        let texts = labels.iter().map(|at| at.map_or_else(String::new, cell)).collect();
        (choice.name, choice.label) = (cell(value), Texts(texts));
    }
    table.choices.retain(|choice| !choice.name.is_empty());
    Ok(table)
}

/// `label::Language (code)`, or else `label`, which is in the first language.
fn label_column(columns: &[String], label: &str, wanted: &Language) -> Option<usize> {
    let is = |column: &String| {
        column.split_once("::").is_some_and(|(name, of)| name == label && language(of) == *wanted)
    };
    columns.iter().position(is).or_else(|| columns.iter().position(|column| column == label))
}

/// A CSV with column names in its first line; a list for look-ups needs no name and label.
pub(crate) fn rows(file: &str, bytes: &[u8]) -> Result<ChoiceList, FaultKind> {
    let bad = |reason: String| FaultKind::BadFile { file: file.to_owned(), reason };
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    let delimiter = if first.contains(&b';') && !first.contains(&b',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(bytes);
    let headers = reader.headers().map_err(|error| bad(error.to_string()))?;
    let mut list = ChoiceList {
        columns: headers.iter().map(|name| name.trim().to_owned()).collect(),
        choices: Vec::new(),
    };
    let column = |name: &str| list.columns.iter().position(|own| own == name);
    let (name, label) = (column("name"), column("label"));
    for record in reader.records() {
        let record = record.map_err(|error| bad(error.to_string()))?;
        if list.choices.len() >= MAX_LIST_ROWS {
            return Err(bad(format!("more than {MAX_LIST_ROWS} rows")));
        }
        let mut cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        cells.truncate(list.columns.len());
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).cloned().unwrap_or_default();
        let (name, label) = (cell(name), Texts(vec![cell(label)]));
        trim(&mut cells);
        list.choices.push(Choice { name, label, cells, ..Choice::default() });
    }
    Ok(list)
}

/// Blank cells at the end are left out.
pub(crate) fn trim(cells: &mut Vec<String>) {
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
}

/// The features of a `GeoJSON` collection: their properties, `id` and `geometry` as ODK writes places.
fn features(file: &str, bytes: &[u8]) -> Result<ChoiceList, FaultKind> {
    let bad = |reason: &str| FaultKind::BadFile { file: file.to_owned(), reason: reason.to_owned() };
    let whole: Value = serde_json::from_slice(bytes).map_err(|error| bad(&error.to_string()))?;
    let features =
        whole.get("features").and_then(Value::as_array).ok_or_else(|| bad("it is no FeatureCollection"))?;
    let mut list = ChoiceList { columns: vec!["id".to_owned(), "geometry".to_owned()], choices: Vec::new() };
    for feature in features.iter().take(MAX_LIST_ROWS) {
        let mut cells = vec![feature.get("id").map(text).unwrap_or_default(), geometry(feature)];
        for (name, value) in feature.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let place = list.columns.iter().position(|column| column == name).unwrap_or_else(|| {
                list.columns.push(name.clone());
                list.columns.len() - 1
            });
            cells.resize(cells.len().max(place + 1), String::new());
            if let Some(cell) = cells.get_mut(place).filter(|cell| cell.is_empty()) {
                *cell = text(value);
            }
        }
        list.choices.push(Choice { cells, ..Choice::default() });
    }
    Ok(list)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `latitude longitude 0 0`, several of them separated by `;`; nothing for shapes of other kinds.
fn geometry(feature: &Value) -> String {
    let Some(shape) = feature.get("geometry") else { return String::new() };
    let places = shape.get("coordinates");
    let several = match shape.get("type").and_then(Value::as_str) {
        Some("Point") => return places.and_then(place).unwrap_or_default(),
        Some("LineString") => places,
        Some("Polygon") => places.and_then(|rings| rings.get(0)),
        _ => None,
    };
    let places = several.and_then(Value::as_array).into_iter().flatten().filter_map(place);
    places.collect::<Vec<_>>().join("; ")
}

fn place(position: &Value) -> Option<String> {
    let (longitude, latitude) = (position.get(0)?.as_f64()?, position.get(1)?.as_f64()?);
    Some(format!("{latitude} {longitude} 0 0"))
}

/// A picture or sound as an address that a page shows without any network; none for other kinds of files.
pub(crate) fn data_address(file: &str, bytes: &[u8]) -> Option<String> {
    let end = file.rsplit_once('.')?.1.to_lowercase();
    let kind = match end.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "wav" => "audio/wav",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        _ => return None,
    };
    Some(format!("data:{kind};base64,{}", STANDARD.encode(bytes)))
}
