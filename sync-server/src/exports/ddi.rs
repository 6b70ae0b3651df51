//! A codebook by DDI Codebook 2.5: what every file and column of a release is, question texts, choices and missing values.
//!
//! Elements stand in the order that the standard's schema gives them. Numbers of choices and missing values are those of
//! the files for statistics programs; CSV has the names of choices, which stand here as `txt`.

use std::io;

use super::File;
use super::calendar::moment_text;
use super::table::{Choice, Column, Kind, Label, Missing, Table};
use super::tables::source::Head;
use super::tables::words::{is_own, label};
use super::xml::Xml;
use crate::reports::words::Language;

/// The codebook of a release.
///
/// # Errors
/// None that memory does not bring about.
pub fn codebook(head: &Head, tables: &[Table]) -> io::Result<File> {
    let mut xml = Xml::begin()?;
    let name = format!("loket-{}", head.number);
    let attributes =
        [("xmlns", "ddi:codebook:2_5"), ("version", "2.5"), ("ID", name.as_str()), ("xml:lang", "id")];
    xml.element("codeBook", &attributes, |xml| {
        document(xml, head, &name)?;
        study(xml, head, &name)?;
        for (table, number) in tables.iter().zip(1..) {
            file(xml, table, number)?;
        }
        xml.element("dataDscr", &[], |xml| {
            for (table, number) in tables.iter().zip(1..) {
                for (column, place) in table.columns.iter().zip(1..) {
                    variable(xml, column, number, place)?;
                }
            }
            Ok(())
        })
    })?;
    Ok(File { name: "codebook.xml".to_owned(), bytes: xml.end() })
}

const ENGLISH: (&str, &str) = ("xml:lang", "en");
const INDONESIAN: (&str, &str) = ("xml:lang", "id");

fn both(xml: &mut Xml, element: &str, label: &Label) -> io::Result<()> {
    xml.text(element, &[INDONESIAN], &label.id)?;
    xml.text(element, &[ENGLISH], &label.en)
}

fn titles(xml: &mut Xml, head: &Head, key: &str, name: &str) -> io::Result<()> {
    let title = |language: Language| {
        language
            .words()
            .fill(key, &[("title", &head.title), ("round", &head.round), ("number", &head.number)])
    };
    xml.element("titlStmt", &[], |xml| {
        xml.text("titl", &[INDONESIAN], &title(Language::Indonesian))?;
        xml.text("parTitl", &[ENGLISH], &title(Language::English))?;
        xml.text("IDNo", &[("agency", "Loket")], name)
    })
}

/// The codebook itself.
fn document(xml: &mut Xml, head: &Head, name: &str) -> io::Result<()> {
    let made = moment_text(head.released_at);
    let day = made.get(..10).unwrap_or_default();
    xml.element("docDscr", &[], |xml| {
        xml.element("citation", &[], |xml| {
            titles(xml, head, "ddi_document", &format!("{name}-codebook"))?;
            xml.element("prodStmt", &[], |xml| {
                xml.text("prodDate", &[("date", day)], day)?;
                xml.text("software", &[("version", env!("CARGO_PKG_VERSION"))], "Loket")
            })
        })
    })
}

/// The assessment.
fn study(xml: &mut Xml, head: &Head, name: &str) -> io::Result<()> {
    let made = moment_text(head.released_at);
    let day = made.get(..10).unwrap_or_default();
    let number = head.number.to_string();
    xml.element("stdyDscr", &[], |xml| {
        xml.element("citation", &[], |xml| {
            titles(xml, head, "ddi_study", name)?;
            xml.element("verStmt", &[], |xml| xml.text("version", &[("date", day)], &number))
        })?;
        xml.element("stdyInfo", &[], |xml| {
            both(xml, "abstract", &label("ddi_abstract"))?;
            xml.element("sumDscr", &[], |xml| {
                xml.text("nation", &[("abbr", "ID")], "Indonesia")?;
                both(xml, "anlyUnit", &label("ddi_unit_of_analysis"))
            })
        })?;
        let method = format!("{} ({}, {})", head.title, head.rules, head.year);
        xml.text("notes", &[("type", "method"), ("subject", "rules")], &method)?;
        xml.text("notes", &[("type", "digest"), ("subject", "sha256")], &head.digest)?;
        for assumption in &head.assumed {
            let words = Language::Indonesian.words();
            let kind = words.assumptions([assumption]).unwrap_or_default();
            let text = [kind.as_str(), &assumption.of, &assumption.why].map(str::trim);
            let text: Vec<&str> = text.into_iter().filter(|part| !part.is_empty()).collect();
            xml.text("notes", &[("type", "assumed"), INDONESIAN], &text.join(": "))?;
        }
        Ok(())
    })
}

fn file(xml: &mut Xml, table: &Table, number: usize) -> io::Result<()> {
    let (id, name) = (format!("F{number}"), format!("{}.csv", table.name));
    xml.element("fileDscr", &[("ID", &id), ("URI", &name)], |xml| {
        xml.element("fileTxt", &[], |xml| {
            xml.text("fileName", &[], &name)?;
            xml.text("fileCont", &[INDONESIAN], &table.label.id)?;
            xml.element("dimensns", &[], |xml| {
                xml.text("caseQnty", &[], &table.rows.len().to_string())?;
                xml.text("varQnty", &[], &table.columns.len().to_string())
            })?;
            xml.text("fileType", &[("charset", "UTF-8")], "text/csv")
        })?;
        xml.text("notes", &[("type", "content"), ENGLISH], &table.label.en)
    })
}

fn variable(xml: &mut Xml, column: &Column, number: usize, place: usize) -> io::Result<()> {
    let (id, file) = (format!("V{number}_{place}"), format!("F{number}"));
    let mut attributes = vec![("ID", id.as_str()), ("name", column.name.as_str()), ("files", &file)];
    let places = super::plain::places_of(&column.kind).to_string();
    match &column.kind {
        Kind::Decimal(_) => attributes.extend([("dcml", places.as_str()), ("intrvl", "contin")]),
        Kind::Whole => attributes.extend([("dcml", "0"), ("intrvl", "contin")]),
        Kind::Choice(_) => attributes.extend([("intrvl", "discrete"), ("nature", "nominal")]),
        Kind::Text | Kind::Date | Kind::Moment => attributes.push(("intrvl", "discrete")),
    }
    let is_numeric = matches!(column.kind, Kind::Decimal(_) | Kind::Whole | Kind::Choice(_));
    xml.element("var", &attributes, |xml| {
        both(xml, "labl", &column.label)?;
        if !is_own(column) {
            xml.element("qstn", &[], |xml| both(xml, "qstnLit", &column.label))?;
        }
        if is_numeric {
            xml.element("invalrng", &[], |xml| {
                Missing::ALL
                    .iter()
                    .try_for_each(|reason| xml.empty("item", &[("VALUE", &reason.code().to_string())]))
            })?;
        }
        if let Kind::Choice(choices) = &column.kind {
            choices.iter().try_for_each(|choice| category(xml, choice))?;
        }
        if is_numeric {
            Missing::ALL.iter().try_for_each(|reason| {
                xml.element("catgry", &[("missing", "Y")], |xml| {
                    xml.text("catValu", &[], &reason.code().to_string())?;
                    both(xml, "labl", &reason.label())
                })
            })?;
        }
        format(xml, &column.kind)
    })
}

fn category(xml: &mut Xml, choice: &Choice) -> io::Result<()> {
    xml.element("catgry", &[], |xml| {
        xml.text("catValu", &[], &choice.code.to_string())?;
        both(xml, "labl", &choice.label)?;
        xml.text("txt", &[], &choice.name)
    })
}

fn format(xml: &mut Xml, kind: &Kind) -> io::Result<()> {
    let attributes: &[(&str, &str)] = match kind {
        Kind::Text => &[("type", "character")],
        Kind::Whole | Kind::Decimal(_) | Kind::Choice(_) => &[("type", "numeric")],
        Kind::Date => {
            &[("type", "character"), ("category", "date"), ("schema", "ISO"), ("formatname", "8601")]
        }
        Kind::Moment => {
            &[("type", "character"), ("category", "time"), ("schema", "ISO"), ("formatname", "8601")]
        }
    };
    xml.empty("varFormat", attributes)
}

#[cfg(test)]
mod tests {
    use roxmltree::{Document, Node};

    use super::*;
    use crate::exports::sample::{head, tables};

    /// What the standard's schema puts inside an element, in its order, as far as it is used here.
    const ORDER: [(&str, &[&str]); 17] = [
        ("codeBook", &["docDscr", "stdyDscr", "fileDscr", "dataDscr"]),
        ("docDscr", &["citation"]),
        ("stdyDscr", &["citation", "stdyInfo", "notes"]),
        ("citation", &["titlStmt", "prodStmt", "verStmt"]),
        ("titlStmt", &["titl", "parTitl", "IDNo"]),
        ("prodStmt", &["prodDate", "software"]),
        ("verStmt", &["version"]),
        ("stdyInfo", &["abstract", "sumDscr"]),
        ("sumDscr", &["nation", "anlyUnit"]),
        ("fileDscr", &["fileTxt", "notes"]),
        ("fileTxt", &["fileName", "fileCont", "dimensns", "fileType"]),
        ("dimensns", &["caseQnty", "varQnty"]),
        ("dataDscr", &["var"]),
        ("var", &["labl", "qstn", "invalrng", "catgry", "varFormat"]),
        ("qstn", &["qstnLit"]),
        ("invalrng", &["item"]),
        ("catgry", &["catValu", "labl", "txt"]),
    ];

    fn written() -> String {
        let of = head();
        String::from_utf8(codebook(&of, &tables()).unwrap().bytes).unwrap()
    }

    fn variable<'a>(document: &'a Document<'a>, name: &str, label: &str) -> Node<'a, 'a> {
        let is = |node: &Node<'_, '_>| {
            node.attribute("name") == Some(name) && node.children().any(|labl| labl.text() == Some(label))
        };
        document.descendants().find(is).unwrap_or_else(|| panic!("no variable {name}: {label}"))
    }

    #[test]
    fn every_element_stands_where_the_standard_has_it() {
        let text = written();
        let document = Document::parse(&text).unwrap();
        assert_eq!(document.root_element().tag_name().namespace(), Some("ddi:codebook:2_5"));
        for node in document.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            let known = ORDER.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, inside)| inside);
            let places: Vec<_> = node
                .children()
                .filter(Node::is_element)
                .map(|child| known.iter().position(|of| *of == child.tag_name().name()))
                .collect();
            assert!(places.iter().all(Option::is_some), "something strange in {name}");
            assert!(places.is_sorted(), "{name} has its parts in another order");
        }
    }

    #[test]
    fn every_column_is_a_variable_of_its_file_and_no_id_is_used_twice() {
        let (text, tables) = (written(), tables());
        let document = Document::parse(&text).unwrap();
        let mut ids: Vec<_> = document.descendants().filter_map(|node| node.attribute("ID")).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        let variables = document.descendants().filter(|node| node.has_tag_name(("ddi:codebook:2_5", "var")));
        assert_eq!(variables.clone().count(), tables.iter().map(|table| table.columns.len()).sum::<usize>());
        for file in variables.map(|node| node.attribute("files").unwrap()) {
            assert!(ids.contains(&file));
        }
    }

    #[test]
    fn questions_choices_and_missing_values_have_both_languages() {
        let text = written();
        let document = Document::parse(&text).unwrap();
        let asked = variable(&document, "puas", "Puas?");
        let said: Vec<_> = asked.descendants().filter_map(|node| node.text()).map(str::trim).collect();
        for part in ["Puas?", "Satisfied?", "Sangat puas", "Very", "4", "tidak dijawab", "not answered"] {
            assert!(said.contains(&part), "{part} is missing in {said:?}");
        }
        assert_eq!(asked.descendants().filter(|node| node.attribute("missing") == Some("Y")).count(), 4);
        assert!(asked.children().any(|node| node.has_tag_name(("ddi:codebook:2_5", "qstn"))));
        let ours = variable(&document, "score", "Nilai");
        assert!(!ours.children().any(|node| node.has_tag_name(("ddi:codebook:2_5", "qstn"))));
    }
}
