//! Results that the Ombudsman really published: facts to look at beside what Loket computes, never mixed with it.

use survey::scoring::exact::{Exact, Score};
use survey::scoring::methods::Methods;

use super::ImportFault;
use super::import::csv_fault;

/// Longest cell, in characters.
const CELL: usize = 500;
/// Most results in a list.
const MOST: usize = 100_000;

/// One published result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The year that was assessed.
    pub year: u16,
    /// What it is: `kota`, `kabupaten`, `provinsi`, `kementerian`, `lembaga`, `unit`.
    pub level: String,
    /// Whose result.
    pub entity: String,
    /// What that belongs to: a province, or a unit's government.
    pub parent: String,
    /// The score.
    pub score: Score,
    /// What the source called it; `""` where it gave only the figure.
    pub said: String,
    /// Where it was read.
    pub source: String,
}

/// A list that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedList {
    /// Its results.
    pub results: Vec<Published>,
    /// Lines that hold something else than a total, such as another index: passed over.
    pub others: usize,
}

const COLUMNS: [&str; 8] =
    ["year", "level", "entity", "parent", "dimension", "score", "zone_or_category", "source"];

/// Reads `year,level,entity,parent,dimension,score,zone_or_category,source`, in any order of columns; only lines whose
/// dimension is `total` are results.
///
/// # Errors
/// Every fault of the list, in order of lines.
pub fn read_published(csv: &[u8], methods: &Methods) -> Result<PublishedList, Vec<ImportFault>> {
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let places = places(&mut reader).map_err(|fault| vec![fault])?;
    let (mut list, mut faults) = (PublishedList::default(), Vec::new());
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                faults.push(csv_fault(&error));
                continue;
            }
        };
        let cell = |column: usize| places.get(column).and_then(|place| row.get(*place)).unwrap_or_default();
        if cell(4) != "total" {
            list.others += 1;
            continue;
        }
        let line = row.position().map_or(0, csv::Position::line);
        match result(cell, methods, line) {
            Ok(result) => list.results.push(result),
            Err(found) => faults.extend(found),
        }
        if list.results.len() > MOST {
            faults.push(fault(line, "", format!("the list has more than {MOST} results; split it")));
            break;
        }
    }
    if faults.is_empty() && list.results.is_empty() {
        faults.push(fault(1, "", "the list has no line whose dimension is `total`".to_owned()));
    }
    if faults.is_empty() { Ok(list) } else { Err(faults) }
}

fn places(reader: &mut csv::Reader<&[u8]>) -> Result<Vec<usize>, ImportFault> {
    let head = reader.headers().map_err(|error| csv_fault(&error))?.clone();
    let place = |name: &'static str| {
        let message = format!("the first line has no column `{name}`; it needs {}", COLUMNS.join(","));
        let found = head.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        found.ok_or_else(|| fault(1, name, message))
    };
    COLUMNS.into_iter().map(place).collect()
}

fn result<'a>(
    cell: impl Fn(usize) -> &'a str,
    methods: &Methods,
    line: u64,
) -> Result<Published, Vec<ImportFault>> {
    let mut faults = Vec::new();
    for (column, name) in COLUMNS.into_iter().enumerate() {
        let text = cell(column);
        let may_be_blank = matches!(name, "zone_or_category" | "source");
        if text.chars().count() > CELL
            || text.chars().any(char::is_control)
            || (text.is_empty() && !may_be_blank)
        {
            faults.push(fault(line, name, format!("must hold 1 to {CELL} characters")));
        }
    }
    let year = cell(0).parse::<u16>().map_err(|_| fault(line, "year", "is not a year".to_owned()));
    let method = year.and_then(|year| {
        let method = methods.of_year(year);
        method.map_err(|error| fault(line, "year", error.to_string()))
    });
    let exact = cell(5).parse::<Exact>().map_err(|error| fault(line, "score", error.to_string()));
    let score = method.and_then(|method| {
        let exact = exact?;
        method.place(exact).map_err(|error| fault(line, "score", error.to_string()))?;
        let score = exact.rounded().map_err(|error| fault(line, "score", error.to_string()))?;
        Ok((method.year, score))
    });
    match score {
        Ok((year, score)) if faults.is_empty() => {
            let text = |column| cell(column).to_owned();
            let (level, entity, parent) = (text(1), text(2), text(3));
            Ok(Published { year, level, entity, parent, score, said: text(6), source: text(7) })
        }
        Ok(_) => Err(faults),
        Err(found) => {
            faults.push(found);
            Err(faults)
        }
    }
}

fn fault(line: u64, column: &'static str, message: String) -> ImportFault {
    ImportFault { line, column, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scores::methods::embedded;

    const HEAD: &str = "year,level,entity,parent,dimension,score,zone_or_category,source\n";

    #[test]
    fn totals_are_taken_and_other_figures_are_passed_over() {
        let csv = format!(
            "{HEAD}2023,kota,Kota Bontang,Kalimantan Timur,total,88.23,kategori A,x\n\
             2018,provinsi,Jawa Barat,Indonesia,inperma_index_lower_is_better,4.98,,x\n"
        );
        let list = read_published(csv.as_bytes(), &embedded().unwrap()).unwrap();
        assert_eq!((list.results.len(), list.others), (1, 1));
        assert_eq!(list.results[0].score.to_string(), "88.23");
    }

    #[test]
    fn a_year_or_score_that_no_method_has_is_told_with_its_line() {
        let csv = format!(
            "{HEAD}2020,kota,A,B,total,88.23,,x\n2023,kota,A,B,total,188,,x\n2023,kota,,B,total,8,,x\n"
        );
        let faults = read_published(csv.as_bytes(), &embedded().unwrap()).unwrap_err();
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(told[0].starts_with("line 2, column year: 2020"), "{told:?}");
        assert!(told[1].starts_with("line 3, column score: "), "{told:?}");
        assert!(told[2].starts_with("line 4, column entity"), "{told:?}");
    }

    #[test]
    fn the_seven_figures_of_the_articles_stand_in_the_sample() {
        let csv =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../public/samples/published.csv")).unwrap();
        let list = read_published(&csv, &embedded().unwrap()).unwrap();
        for (entity, year, score) in [
            ("Kota Bontang", 2022, "72.33"),
            ("Kota Bontang", 2023, "88.23"),
            ("Kabupaten Kutai Kartanegara", 2023, "94.46"),
            ("Kota Samarinda", 2023, "93.11"),
            ("Kota Balikpapan", 2023, "90.16"),
            ("Kota Pangkalpinang", 2021, "73.14"),
        ] {
            let found = list.results.iter().find(|result| result.entity == entity && result.year == year);
            assert_eq!(
                found.map(|result| result.score.to_string()).as_deref(),
                Some(score),
                "{entity} {year}"
            );
        }
    }
}
