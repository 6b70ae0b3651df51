//! What can be wrong with a workbook, in words for the person who wrote it.

use std::fmt;

use thiserror::Error;

use crate::expression::{ParseError, ScopeError};

/// Something wrong with a workbook, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Name of the sheet; `workbook` where it is about the whole file.
    pub sheet: String,
    /// Row as a spreadsheet shows it, from 1.
    pub row: Option<u32>,
    /// Header of the column as the workbook writes it.
    pub column: Option<String>,
    /// The cell: `C12`.
    pub cell: Option<String>,
    /// What is wrong, and what would be right.
    pub message: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sheet)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        if let Some(cell) = &self.cell {
            write!(f, " ({cell})")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for Fault {}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message of each says what it is")]
pub enum FaultKind {
    #[error("this is not a workbook that can be read; save it as an Excel workbook (.xlsx or .xls)")]
    NotAWorkbook,
    #[error("the workbook cannot be read ({reason}); open it in a spreadsheet and save it again as .xlsx")]
    Unreadable { reason: String },
    #[error("the workbook is protected by a password; save it without one")]
    Protected,
    #[error(
        "the workbook is too large: more than {limit} {what}; remove pictures, other sheets and empty rows"
    )]
    TooLarge { limit: usize, what: &'static str },
    #[error("there is no sheet called `{name}`; a form needs one")]
    MissingSheet { name: &'static str },
    #[error("the sheet is empty; its first row must hold the column names, such as {example}")]
    EmptySheet { example: &'static str },
    #[error("there is a second sheet called `{name}`; only the first is read, so give it another name")]
    DuplicateSheet { name: String },
    #[error("this sheet is not read; the form works without what it says")]
    UnusedSheet,
    #[error("the column `{name}` is missing; add it to the first row")]
    MissingColumn { name: &'static str },
    #[error("the column `{name}` is there already, as {first}; remove one of them")]
    DuplicateColumn { name: String, first: String },
    #[error("the column `{name}` is not known and is left out{}", suggestion(.nearest.as_deref()))]
    UnknownColumn { name: String, nearest: Option<String> },
    #[error("the column `{name}` is not used by this version; the form works without it")]
    UnusedColumn { name: String },
    #[error("the cell holds the spreadsheet error {error}; correct the formula or write the text itself")]
    CellError { error: String },
    #[error("the row has no type; write one, such as `text` or `select_one list`, or empty the row")]
    MissingType,
    #[error("`{found}` is not a question type{}; the types are {}", suggestion(.nearest.as_deref()), crate::xlsform::types::KNOWN)]
    UnknownType { found: String, nearest: Option<String> },
    #[error("the type `{found}` is not supported by this version; {instead}")]
    UnsupportedType { found: String, instead: &'static str },
    #[error("`{found}` needs the name of a list of the choices sheet after it: `{found} list_name`")]
    MissingList { found: String },
    #[error("the choices sheet has no list called `{list}`{}", suggestion(.nearest.as_deref()))]
    UnknownList { list: String, nearest: Option<String> },
    #[error("the row has no name; write one of letters, digits and _, such as `opening_hours`")]
    MissingName,
    #[error(
        "`{name}` cannot be a name: it begins with a letter or _, then come letters, digits, `_`, `-` and `.`, at most 64, no blank"
    )]
    BadName { name: String },
    #[error("`{name}` is already the name of row {first} in the same group; give one of them another name")]
    DuplicateName { name: String, first: u32 },
    #[error(
        "the names from the top down to `{name}` are too long together; use shorter names or fewer groups"
    )]
    PathTooLong { name: String },
    #[error(
        "`{found}` closes nothing: no group or repeat is open here; remove the row or add its `begin` above"
    )]
    EndWithoutBegin { found: String },
    #[error(
        "`{found}` cannot close the {open} `{name}` begun in row {row}; end that one first with `end_{open}`"
    )]
    WrongEnd { found: String, open: &'static str, name: String, row: u32 },
    #[error("the {open} `{name}` is never closed; add a row `end_{open}` after its last question")]
    NeverClosed { open: &'static str, name: String },
    #[error("{0}")]
    Expression(ParseError),
    #[error("the choices sheet has no column `{column}`, so it is always blank; a bare name in a filter is a column of that sheet, an answer is ${{name}}, a text stands in quotes{}", suggestion(.nearest.as_deref()))]
    UnknownFilterColumn { column: String, nearest: Option<String> },
    #[error("this goes round in a circle: {path}; one of them must not use the next")]
    Cycle { path: String },
    #[error("a `calculate` row needs something in the column `calculation`")]
    MissingCalculation,
    #[error("`{text}` cannot be the default of a question of type {kind}; {right}")]
    BadDefault { text: String, kind: &'static str, right: &'static str },
    #[error("`{text}` is neither yes nor no")]
    NotYesOrNo { text: String },
    #[error("{column} has no effect on a row of this type")]
    NoEffect { column: &'static str },
    #[error(
        "`${{last-saved#...}}` is blank here: no record is filled out of another, so that nobody finds a trace of the one before"
    )]
    LastSaved,
    #[error("the question has no label, so people see only an empty box; write what it asks")]
    MissingLabel,
    #[error("the {what} is missing in {language}; people who read that language see another one")]
    MissingTranslation { what: &'static str, language: String },
    #[error("no {what} is written in {language}; people who read that language see another one")]
    UntranslatedColumn { what: &'static str, language: String },
    #[error("the choice has no label, so people see its name; write a label")]
    MissingChoiceLabel,
    #[error("the text refers to ${{{name}}}, but no question is called so{}", suggestion(.nearest.as_deref()))]
    UnknownTextReference { name: String, nearest: Option<String> },
    #[error("the text has a reference that is not clear: {0}")]
    AmbiguousTextReference(ScopeError),
    #[error("the choice has no list_name; write the list that it is of")]
    MissingListName,
    #[error("the choice has no name; write what is stored when it is chosen")]
    MissingChoiceName,
    #[error(
        "the choice name `{name}` holds a blank; a question of type select_multiple joins names with blanks, so use _ instead"
    )]
    BlankInChoiceName { name: String },
    #[error("the list `{list}` has a choice `{name}` already, in row {first}; give one of them another name")]
    DuplicateChoice { list: String, name: String, first: u32 },
    #[error("`{text}` is not a mark; write a decimal number such as 4 or 2.5")]
    BadMark { text: String },
    #[error("the mark has no source; write in the column `source` where it comes from, or `assumed`")]
    MarkWithoutSource,
    #[error(
        "the row has a {has} but no {lacks}; dimension, indicator and source belong together (source may be `assumed`)"
    )]
    IncompleteCountsFor { has: &'static str, lacks: &'static str },
    #[error("`{text}` cannot be a {what}: use lower case letters, digits, `-`, `_` and `.`, at most 64")]
    BadSlug { what: &'static str, text: String },
    #[error(
        "`{found}` is the default language, but no label column is in that language; write a column `label::{found}`"
    )]
    UnknownDefaultLanguage { found: String },
    #[error("`{text}` is no parameter; write name=value pairs, such as `start=0 end=10`")]
    BadParameter { text: String },
    #[error("the parameter `{name}` is not one of this type{}; it takes {known}", suggestion(.nearest.as_deref()))]
    UnknownParameter { name: String, known: String, nearest: Option<String> },
    #[error("`{name}={value}` cannot be: {name} is {right}")]
    BadParameterValue { name: &'static str, value: String, right: &'static str },
    #[error("a seed has no effect without `randomize=true`; write both")]
    SeedWithoutRandomize,
    #[error("the file `{file}` cannot be used: {reason}")]
    BadFile { file: String, reason: String },
    #[error("the file `{file}` is not beside the workbook, so {what}; put it into the same folder")]
    MissingFile { file: String, what: &'static str },
    #[error("`{file}` is no list; a file with choices ends in .csv or .geojson")]
    NotAListFile { file: String },
    #[error("`{file}` is not shown: only PNG, JPEG, GIF, WebP, SVG, MP3, M4A, OGG, WAV, MP4 and WebM are")]
    UnknownMedia { file: String },
    #[error(
        "the pictures and sounds are larger than {limit} bytes together, and phones keep them; make `{file}` smaller"
    )]
    MediaTooLarge { file: String, limit: usize },
    #[error("the appearance `{word}` does nothing on a row of this type; it is shown plainly")]
    UnknownAppearance { word: String },
    #[error(
        "a choice_filter and `or_other` do not go together; add the choice `other` and a text question yourself"
    )]
    OtherWithFilter,
    #[error(
        "a table-list shows one list: `{list}` is not `{first}` of the rows above; use the same list, or another group"
    )]
    MixedTableList { list: String, first: String },
    #[error("`{text}` is no trigger; write references to questions, such as ${{name}}, separated by commas")]
    BadTrigger { text: String },
    #[error(
        "a background-geopoint needs a trigger: the question at whose change the place is recorded, as ${{name}}"
    )]
    MissingTrigger,
    #[error("no browser tells a form its `{found}`; it stays blank")]
    UntoldType { found: String },
    #[error(
        "`{name}` stands in no repeat; `${{name}}` after a select is a question inside of a repeat, whose answers are the choices"
    )]
    NotInRepeat { name: String },
    #[error("`{name}` is already the name of the repeat in row {first}; give one of them another name")]
    DuplicateRepeat { name: String, first: u32 },
    #[error("`{name}` is a name that forms need for themselves; write another one")]
    ReservedName { name: String },
    #[error("there is no form_id; write one on the settings sheet (`{used}` is used)")]
    MissingFormId { used: String },
    #[error("there are no questions; write at least one row below the column names")]
    NoQuestions,
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

/// The word most like `word` among some, if any is like it at all.
pub(crate) fn nearest<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let word = word.to_lowercase();
    let bound = word.chars().count().div_ceil(3);
    among
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase(), bound), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

/// Letters to change, add or leave out; more than `bound` where it is surely more.
fn distance(left: &str, right: &str, bound: usize) -> usize {
    let right: Vec<char> = right.chars().take(128).collect();
    let length = left.chars().count();
    if length.abs_diff(right.len()) > bound || length > 128 {
        return bound + 1;
    }
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut before = index + 1;
        let mut row = vec![before];
        for (to, (diagonal, up)) in right.iter().zip(above.iter().zip(above.iter().skip(1))) {
            let changed = diagonal + usize::from(from != *to);
            before = changed.min(up + 1).min(before + 1);
            row.push(before);
        }
        above = row;
    }
    above.last().copied().unwrap_or(0)
}
