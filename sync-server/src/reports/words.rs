//! The words of reports in two languages, Indonesian first: `locales/*.json`. Every key stands in both, with the same placeholders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::OnceLock;

use survey::scoring::assumption::Assumption;
use survey::scoring::exact::Score;
use survey::scoring::rules::Zone;

/// A language of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Indonesian.
    #[default]
    Indonesian,
    /// English.
    English,
}

/// The texts of one language.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    language: Language,
    texts: &'static BTreeMap<String, String>,
}

impl Language {
    /// The language of a code; Indonesian for all that is unknown.
    pub fn of(code: &str) -> Self {
        if code.starts_with("en") { Self::English } else { Self::Indonesian }
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Indonesian => "id",
            Self::English => "en",
        }
    }

    /// Its texts.
    pub fn words(self) -> Words {
        static TEXTS: [OnceLock<BTreeMap<String, String>>; 2] = [OnceLock::new(), OnceLock::new()];
        let [indonesian, english] = &TEXTS;
        let (texts, json) = match self {
            Self::Indonesian => (indonesian, include_str!("../../locales/id.json")),
            Self::English => (english, include_str!("../../locales/en.json")),
        };
        // A test reads both files; a file that is no catalogue would show its keys.
        Words { language: self, texts: texts.get_or_init(|| serde_json::from_str(json).unwrap_or_default()) }
    }
}

impl Words {
    /// The language.
    pub fn language(self) -> Language {
        self.language
    }

    /// The text of a key; the key itself where there is none, which the tests rule out.
    pub fn say(self, key: &str) -> String {
        self.texts.get(key).map_or_else(|| key.to_owned(), Clone::clone)
    }

    /// The text of a key, where there is one.
    pub fn text(self, key: &str) -> Option<String> {
        self.texts.get(key).cloned()
    }

    /// The text of a key with its placeholders filled.
    pub fn fill(self, key: &str, parts: &[(&str, &dyn Display)]) -> String {
        parts.iter().fold(self.say(key), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), &value.to_string())
        })
    }

    /// A figure as the language writes it: `88,23` or `88.23`.
    pub fn figure(self, score: Score) -> String {
        match self.language {
            Language::Indonesian => score.to_string().replace('.', ","),
            Language::English => score.to_string(),
        }
    }

    /// A difference with its sign.
    pub fn difference(self, score: Score) -> String {
        let text = self.figure(score);
        if text.starts_with('-') { text.replacen('-', "−", 1) } else { format!("+{text}") }
    }

    /// What a figure rests on that no source says; once for several of a kind.
    pub fn assumptions<'a>(self, found: impl IntoIterator<Item = &'a Assumption>) -> Option<String> {
        let name = |assumption: &Assumption| {
            let kind = serde_json::to_value(assumption.what).ok()?;
            Some(self.say(&format!("assumed_{}", kind.as_str()?)))
        };
        let named: BTreeSet<String> = found.into_iter().filter_map(name).collect();
        let listed = named.into_iter().collect::<Vec<_>>().join("; ");
        (!listed.is_empty()).then(|| self.fill("assumed", &[("what", &listed)]))
    }

    /// A score, or a dash where there is none.
    pub fn figure_or_dash(self, score: Option<Score>) -> String {
        score.map_or_else(|| "–".to_owned(), |score| self.figure(score))
    }

    /// The word for a zone.
    pub fn zone(self, zone: Zone) -> String {
        self.say(&format!("zone_{}", zone.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_text_stands_in_both_languages_with_the_same_placeholders() {
        let [id, en] = [Language::Indonesian, Language::English].map(|language| language.words().texts);
        assert!(id.len() > 40);
        assert_eq!(id.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        for (key, text) in id {
            assert_eq!(placeholders(text), placeholders(&en[key]), "{key}");
        }
    }

    #[test]
    fn every_key_that_reports_use_is_there() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reports");
        let texts = Language::Indonesian.words().texts;
        let mut used = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for call in ["words.say(\"", "words.fill(\""] {
                for rest in source.split(call).skip(1) {
                    let key = rest.split('"').next().unwrap();
                    assert!(texts.contains_key(key), "no text `{key}`");
                    used += 1;
                }
            }
        }
        assert!(used > 20, "{used} keys were found");
    }
}
