//! Turns the catalogue of texts in `locales` into code, so that a missing key or a wrong placeholder
//! does not compile: a module per group, a struct per text, a field per placeholder.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

/// The languages, the first being the one that every text is written in first.
const LANGUAGES: [&str; 2] = ["id", "en"];

/// A text in every language, by the order of [`LANGUAGES`].
type Texts = BTreeMap<Vec<String>, Vec<String>>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let mut texts = Texts::new();
    for (number, language) in LANGUAGES.iter().enumerate() {
        let path = format!("locales/{language}.json");
        let catalogue = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        gather(&catalogue, &mut Vec::new(), &mut texts)?;
        if let Some((key, _)) = texts.iter().find(|(_, found)| found.len() != number + 1) {
            return Err(
                format!("{path}: `{}` is missing here, or in {}.json", key.join("."), LANGUAGES[0]).into()
            );
        }
    }
    let mut code = String::new();
    write_modules(&texts, &mut code)?;
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("texts.rs"), code)?;
    Ok(())
}

/// Adds one language's texts under their keys.
fn gather(value: &Value, key: &mut Vec<String>, texts: &mut Texts) -> Result<(), Box<dyn Error>> {
    match value {
        Value::String(text) => texts.entry(key.clone()).or_default().push(text.clone()),
        Value::Object(group) => {
            for (name, inner) in group {
                key.push(name.clone());
                gather(inner, key, texts)?;
                key.pop();
            }
        }
        _ => return Err(format!("`{}` is neither a text nor a group of texts", key.join(".")).into()),
    }
    Ok(())
}

/// Keys come in order, so that a group's texts stand together.
fn write_modules(texts: &Texts, code: &mut String) -> Result<(), Box<dyn Error>> {
    let mut open: Vec<&str> = Vec::new();
    for (key, found) in texts {
        let Some((name, groups)) = key.split_last() else { continue };
        let shared = open.iter().zip(groups).take_while(|(open, group)| *open == group).count();
        while open.len() > shared {
            open.pop();
            code.push_str("}\n");
        }
        for group in groups.iter().skip(shared) {
            writeln!(code, "pub mod {group} {{")?;
            open.push(group);
        }
        write_text(name, &key.join("."), found, code)?;
    }
    code.push_str(&"}\n".repeat(open.len()));
    Ok(())
}

fn write_text(name: &str, key: &str, texts: &[String], code: &mut String) -> Result<(), Box<dyn Error>> {
    let parts = texts.iter().map(|text| parts(text)).collect::<Result<Vec<_>, _>>();
    let parts = parts.map_err(|fault| format!("`{key}` {fault}"))?;
    let names: Vec<BTreeSet<&str>> = parts.iter().map(|parts| names(parts)).collect();
    if names.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(format!("`{key}` has other placeholders in one language than in the other").into());
    }
    let names = names.into_iter().next().unwrap_or_default();
    if names.is_empty() {
        writeln!(code, "pub struct {name};\nimpl {name} {{")?;
        writeln!(code, "pub fn say(self, locale: crate::i18n::Locale) -> &'static str {{")?;
        return Ok(writeln!(code, "locale.choose({texts:?})\n}}\n}}")?);
    }
    writeln!(code, "pub struct {name}<'a> {{")?;
    names.iter().try_for_each(|name| writeln!(code, "pub {name}: &'a dyn std::fmt::Display,"))?;
    writeln!(code, "}}\nimpl {name}<'_> {{\npub fn say(self, locale: crate::i18n::Locale) -> String {{")?;
    let list: Vec<&str> = names.into_iter().collect();
    let patterns: Vec<String> = parts.iter().map(|parts| pattern(parts, &list)).collect();
    let values: Vec<String> = list.iter().map(|name| format!("self.{name}")).collect();
    writeln!(code, "crate::i18n::fill(locale.choose([{}]), &[{}])", patterns.join(", "), values.join(", "))?;
    Ok(writeln!(code, "}}\n}}")?)
}

/// A piece of a text: words as they are, or a placeholder `{{ name }}`.
enum Part<'a> {
    Words(&'a str),
    Name(&'a str),
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or("has `{{` without `}}`")?;
        parts.push(Part::Words(before));
        parts.push(Part::Name(name.trim()));
        rest = after;
    }
    parts.push(Part::Words(rest));
    Ok(parts)
}

fn names<'a>(parts: &[Part<'a>]) -> BTreeSet<&'a str> {
    parts.iter().filter_map(|part| if let Part::Name(name) = part { Some(*name) } else { None }).collect()
}

/// The text as code, each placeholder as its number among `names`.
fn pattern(parts: &[Part<'_>], names: &[&str]) -> String {
    let pieces: Vec<String> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Words("") => None,
            Part::Words(words) => Some(format!("crate::i18n::Piece::Words({words:?})")),
            Part::Name(name) => {
                let number = names.iter().position(|known| known == name)?;
                Some(format!("crate::i18n::Piece::Value({number})"))
            }
        })
        .collect();
    format!("&[{}] as &[crate::i18n::Piece]", pieces.join(", "))
}
