//! Reads a list of units from CSV: every fault with its line, and nothing taken where there is one.

use std::collections::HashMap;
use std::fmt;

use replica::api::Unit;
use replica::{IdError, OfficeId, UnitId};
use sha2::{Digest as _, Sha256};

/// Longest cell, in characters.
const CELL: usize = 200;
/// Longest slug, in bytes.
const SLUG: usize = 64;

/// What is wrong with one line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFault {
    /// The line, the first being 1.
    pub line: u64,
    /// The column's name, `""` where the whole line is wrong.
    pub column: &'static str,
    /// What to do about it.
    pub message: String,
}

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Reads `unit,government,province,kind` and, where there is one, `office`, in any order of columns.
///
/// # Errors
/// Every fault of the list, in order of lines.
pub fn read_units(csv: &[u8]) -> Result<Vec<Unit>, Vec<ImportFault>> {
    // Spreadsheets write a mark before the first column's name.
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let columns = Columns::find(&mut reader).map_err(|fault| vec![fault])?;
    let (mut units, mut faults, mut lines) = (Vec::new(), Vec::new(), HashMap::new());
    for row in reader.records() {
        match row.map_err(|error| csv_fault(&error)) {
            Ok(row) => {
                let line = row.position().map_or(0, csv::Position::line);
                match columns.unit(&row, line) {
                    Ok(unit) => {
                        if let Some(first) = lines.insert(unit.id.clone(), line) {
                            let message = format!("this unit stands in line {first} already");
                            faults.push(ImportFault { line, column: "unit", message });
                        }
                        units.push(unit);
                    }
                    Err(found) => faults.extend(found),
                }
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() && units.is_empty() {
        faults.push(ImportFault { line: 1, column: "", message: "the list has no units".to_owned() });
    }
    if faults.is_empty() { Ok(units) } else { Err(faults) }
}

/// Where each column stands.
struct Columns {
    unit: usize,
    government: usize,
    province: usize,
    kind: usize,
    office: Option<usize>,
}

impl Columns {
    fn find(reader: &mut csv::Reader<&[u8]>) -> Result<Self, ImportFault> {
        let head = reader.headers().map_err(|error| csv_fault(&error))?.clone();
        let place = |name: &'static str| head.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        let needed = |name: &'static str| {
            let message =
                format!("the first line has no column `{name}`; it needs unit,government,province,kind");
            place(name).ok_or(ImportFault { line: 1, column: name, message })
        };
        Ok(Self {
            unit: needed("unit")?,
            government: needed("government")?,
            province: needed("province")?,
            kind: needed("kind")?,
            office: place("office"),
        })
    }

    fn unit(&self, row: &csv::StringRecord, line: u64) -> Result<Unit, Vec<ImportFault>> {
        let mut faults = Vec::new();
        let mut cell = |place: usize, column: &'static str| {
            let text = row.get(place).unwrap_or_default();
            let fits = (1..=CELL).contains(&text.chars().count()) && !text.chars().any(char::is_control);
            if !fits {
                let message = format!("must hold 1 to {CELL} characters");
                faults.push(ImportFault { line, column, message });
            }
            text.to_owned()
        };
        let (name, government) = (cell(self.unit, "unit"), cell(self.government, "government"));
        let (province, kind) = (cell(self.province, "province"), cell(self.kind, "kind"));
        let given = self.office.and_then(|place| row.get(place)).filter(|text| !text.is_empty());
        let office: Result<OfficeId, IdError> = given.map_or_else(|| slug(&[&province]).parse(), str::parse);
        let id: Result<UnitId, IdError> = slug(&[&government, &name]).parse();
        if !faults.is_empty() {
            return Err(faults);
        }
        let fault = |column, error: IdError| vec![ImportFault { line, column, message: error.to_string() }];
        let office = office.map_err(|error| fault("office", error))?;
        let id = id.map_err(|error| fault("unit", error))?;
        Ok(Unit { id, name, government, province, kind, office })
    }
}

/// Texts as one slug: small letters, digits, single dashes. One that would be too long ends in a
/// hash of the whole, so that two long names stay two.
pub fn slug(texts: &[&str]) -> String {
    let mut slug = String::new();
    for character in texts.join(" ").chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.len() <= SLUG {
        return slug.to_owned();
    }
    let hash = hex::encode(&Sha256::digest(slug.as_bytes())[..5]);
    let kept = slug.get(..SLUG - hash.len() - 1).unwrap_or_default().trim_end_matches('-');
    format!("{kept}-{hash}")
}

pub(super) fn csv_fault(error: &csv::Error) -> ImportFault {
    let line = error.position().map_or(1, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} cells where the first line has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8 text; save the list as CSV UTF-8".to_owned(),
        _ => error.to_string(),
    };
    ImportFault { line, column: "", message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(csv: &str) -> Vec<String> {
        read_units(csv.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_list_gives_units_with_ids_and_offices() {
        let csv = "\u{feff}unit,government,province,kind\n\
                   DPMPTSP dan Naker,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas\n";
        let units = read_units(csv.as_bytes()).unwrap();
        assert_eq!(units[0].id.as_str(), "kota-pangkalpinang-dpmptsp-dan-naker");
        assert_eq!(units[0].office.as_str(), "kepulauan-bangka-belitung");
    }

    #[test]
    fn an_office_that_is_given_is_taken_and_checked() {
        let csv = "office,kind,unit,government,province\nbabel,dinas,A,B,C\n,dinas,D,B,C\n";
        let units = read_units(csv.as_bytes()).unwrap();
        assert_eq!((units[0].office.as_str(), units[1].office.as_str()), ("babel", "c"));
        let wrong = faults("office,kind,unit,government,province\nBa Bel,dinas,A,B,C\n");
        assert!(wrong[0].starts_with("line 2, column office:"), "{wrong:?}");
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let csv =
            "unit,government,province,kind\nA,B,C,dinas\n,B,,dinas\nA,B,C,dinas\nD,E\n***,!!!,C,dinas\n";
        let found = faults(csv);
        let starts = [
            "line 3, column unit:",
            "line 3, column province:",
            "line 4, column unit: this unit stands in line 2",
            "line 5: has 2 cells",
            "line 6, column unit:",
        ];
        assert_eq!(found.len(), starts.len(), "{found:?}");
        for (fault, start) in found.iter().zip(starts) {
            assert!(fault.starts_with(start), "{fault}");
        }
    }

    #[test]
    fn a_list_without_a_needed_column_says_which() {
        assert!(faults("unit,government,kind\nA,B,C\n")[0].contains("province"));
        assert!(!faults("").is_empty());
    }

    #[test]
    fn long_names_stay_apart_within_the_bound() {
        let long = "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu serta Tenaga Kerja Bagian";
        let (a, b) = (slug(&[long, "A"]), slug(&[long, "B"]));
        assert!(a.len() <= 64 && b.len() <= 64);
        assert_ne!(a, b);
        assert!(a.parse::<UnitId>().is_ok());
    }
}
