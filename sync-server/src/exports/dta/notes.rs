//! Characteristics: where the file comes from, labels in full, and labels in the other language.

use super::super::origin::Origin;
use super::super::series::{Series, shortened};
use super::super::table::Table;
use super::labels::Labels;
use super::{File, LANGUAGES, NAME_FIELD, label, title};

/// The most bytes of a characteristic (Stata's own limit is 67,784).
const LONGEST: usize = 67_000;

/// One characteristic.
pub struct Note {
    of: String,
    name: String,
    text: String,
}

impl Note {
    pub fn write(&self, file: &mut File) {
        file.within("ch", |file| {
            file.count(2 * NAME_FIELD + self.text.len() + 1);
            file.field(&self.of, NAME_FIELD);
            file.field(&self.name, NAME_FIELD);
            file.raw(self.text.as_bytes());
            file.raw(&[0]);
        });
    }
}

/// All of a file.
pub fn notes(table: &Table, origin: &Origin, columns: &[Series], labels: &Labels) -> Vec<Note> {
    let mut all =
        numbered("_dta", &[origin.release.clone(), format!("Manifest SHA-256: {}", origin.manifest)]);
    let [(shown, _), (other, text)] = LANGUAGES;
    all.push(note("_dta", "_lang_list", &format!("{shown} {other}")));
    all.push(note("_dta", "_lang_c", shown));
    all.push(note("_dta", &format!("_lang_v_{other}"), &title(text(&table.label), origin)));
    for (place, column) in columns.iter().enumerate() {
        all.push(note(&column.name, &format!("_lang_v_{other}"), &label(text(&column.label))));
        let set = labels.name_in(place, 1);
        if !set.is_empty() {
            all.push(note(&column.name, &format!("_lang_l_{other}"), set));
        }
        let cut = |text: &&str| label(text) != shortened(text, usize::MAX);
        let full: Vec<String> = LANGUAGES
            .map(|(_, text)| text(&column.label))
            .iter()
            .filter(|text| cut(text))
            .map(ToString::to_string)
            .collect();
        all.extend(numbered(&column.name, &full));
    }
    // Stata knows no characteristic without a text.
    all.retain(|note| !note.text.is_empty());
    all
}

/// What Stata's `notes` shows: how many, then each.
fn numbered(of: &str, texts: &[String]) -> Vec<Note> {
    if texts.is_empty() {
        return Vec::new();
    }
    let one = |(number, text): (usize, &String)| note(of, &format!("note{number}"), text);
    let count = note(of, "note0", &texts.len().to_string());
    std::iter::once(count).chain((1..).zip(texts).map(one)).collect()
}

fn note(of: &str, name: &str, text: &str) -> Note {
    Note { of: of.to_owned(), name: name.to_owned(), text: shortened(text, LONGEST) }
}
