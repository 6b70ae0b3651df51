//! The settings sheet, and the languages of a form.

use crate::instrument::Language;
use crate::xlsform::fault::FaultKind;
use crate::xlsform::table::{Columns, Table, language, written};
use crate::xlsform::workbook::{Faults, Place, Workbook};

const COLUMNS: Columns = Columns {
    known: &[
        "form_title",
        "form_id",
        "version",
        "default_language",
        "allow_choice_duplicates",
        "instance_name",
        "style",
        "name",
    ],
    translated: &[],
    unused: &[
        "public_key",
        "submission_url",
        "auto_send",
        "auto_delete",
        "instance_xmlns",
        "sms_keyword",
        "attribute",
        "namespaces",
        "clean_text_values",
        "omit_instanceid",
        "instance_id",
        "prefix",
        "delimiter",
        "flat",
    ],
    aliases: &[
        ("title", "form_title"),
        ("id_string", "form_id"),
        ("set_form_title", "form_title"),
        ("set_form_id", "form_id"),
    ],
    open: false,
};

/// What the settings sheet says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) title: String,
    pub(crate) form_id: String,
    pub(crate) version: String,
    pub(crate) default_language: String,
    pub(crate) allows_choice_duplicates: bool,
    /// `instance_name`, and where it stands.
    pub(crate) instance_name: Option<(String, Place)>,
    place: Option<Place>,
}

/// Reads the settings; without a sheet a form has a title and id of no account.
pub(crate) fn read(workbook: &Workbook, faults: &mut Faults) -> Settings {
    let sheet = workbook.sheet("settings");
    let table = sheet.and_then(|sheet| Table::of(sheet, &COLUMNS, faults));
    let mut settings = Settings::default();
    if let Some(line) = table.as_ref().and_then(|table| table.lines().next()) {
        settings = Settings {
            title: line.cell("form_title").to_owned(),
            form_id: line.cell("form_id").to_owned(),
            version: line.cell("version").to_owned(),
            default_language: line.cell("default_language").to_owned(),
            allows_choice_duplicates: matches!(
                line.cell("allow_choice_duplicates").to_lowercase().as_str(),
                "yes" | "true" | "true()"
            ),
            instance_name: Some(line.cell("instance_name").to_owned())
                .filter(|text| !text.is_empty())
                .map(|text| (text, line.at("instance_name"))),
            place: Some(line.at("default_language")),
        };
        // Every group at the top is a page of its own, as the style `pages` has it.
        if !matches!(line.cell("style").trim(), "" | "pages") {
            faults.warn(&line.at("style"), FaultKind::UnusedColumn { name: "style".to_owned() });
        }
    }
    if settings.form_id.is_empty() {
        let used = if settings.title.is_empty() { "form".to_owned() } else { slug(&settings.title) };
        let place = Place::sheet(sheet.map_or("settings", |sheet| sheet.name.as_str()));
        faults.warn(&place, FaultKind::MissingFormId { used: used.clone() });
        settings.form_id = used;
    }
    if settings.title.is_empty() {
        settings.title.clone_from(&settings.form_id);
    }
    settings
}

fn slug(title: &str) -> String {
    let words = title.to_lowercase();
    let words: Vec<&str> =
        words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "form".to_owned() } else { words.join("_") }
}

impl Settings {
    /// The languages of the form, the default one first, from the headers of both sheets. A header
    /// without a language is in the first.
    pub(crate) fn languages(&self, tables: &[Option<&Table<'_>>], faults: &mut Faults) -> Vec<Language> {
        let mut languages: Vec<Language> = Vec::new();
        for found in tables.iter().flatten().flat_map(|table| &table.languages) {
            let found = language(found);
            if !languages.contains(&found) {
                languages.push(found);
            }
        }
        let bare = tables.iter().flatten().any(|table| table.has_bare_text());
        if self.default_language.is_empty() {
            if languages.is_empty() || bare {
                let plain = language("default");
                languages.retain(|language| *language != plain);
                languages.insert(0, plain);
            }
            return languages;
        }
        let wanted = self.default_language.to_lowercase();
        let is = |language: &Language| {
            [written(language), language.name.clone(), language.code.clone()]
                .iter()
                .any(|text| text.to_lowercase() == wanted)
        };
        if let Some(index) = languages.iter().position(is) {
            let default = languages.remove(index);
            languages.insert(0, default);
        } else {
            if let Some(place) = self.place.as_ref().filter(|_| !bare && !languages.is_empty()) {
                faults
                    .error(place, FaultKind::UnknownDefaultLanguage { found: self.default_language.clone() });
            }
            languages.insert(0, language(&self.default_language));
        }
        languages
    }
}
