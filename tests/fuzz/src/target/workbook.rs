//! Workbooks as a coordinator's spreadsheet, or somebody's text editor, wrote them: whole files, and single sheets inside
//! of a sound archive, which a mutant of the archive hardly ever gets to.

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use survey::instrument::Instrument;
use survey::path::Path;
use survey::session::{Clock, Saved, Session};
use survey::xlsform::{Compiled, Fault, compile};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Target, as_is, kind_of, size_of};

pub const WORKBOOK: Target =
    Target { name: "workbook", start: || Box::new(|bytes| taken(compile(bytes))), seeds: whole, mend: as_is };
pub const SHEET: Target = Target { name: "sheet", start: || Box::new(sheet), seeds: sheets, mend: as_is };

/// A form by somebody who uses all types, one with many functions, and one with rows in rows.
const TABLES: [&[u8]; 3] = [
    include_bytes!("../../../conformance/forms/types.md"),
    include_bytes!("../../../conformance/forms/functions.md"),
    include_bytes!("../../../conformance/forms/repeats.md"),
];
const CONTENT: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="survey" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const SHEET_OF_BOOK: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// What is refused is refused with a reason; what is taken is kept whole by its JSON, and can be filled.
fn taken(compiled: Result<Compiled, Vec<Fault>>) -> Result<String, String> {
    let instrument = match compiled {
        Ok(compiled) => compiled.instrument,
        Err(faults) => {
            let first = faults.first().ok_or("refused without a reason")?;
            return Ok(format!("{} {}", size_of(faults.len()), kind_of(first)));
        }
    };
    let json = serde_json::to_vec(&instrument).map_err(|error| error.to_string())?;
    let again: Instrument = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    if again != instrument {
        return Err("an instrument is another after it was kept".to_owned());
    }
    let clock =
        Clock { today: "2026-11-26".to_owned(), now: "2026-11-26T08:00:00.000+07:00".to_owned(), chance: 7 };
    let (session, _) = Session::open(Arc::new(again), Saved::default(), &clock);
    Ok(format!("taken {} {:?}", size_of(instrument.nodes.len()), session.problems(&Path::top()).len().min(9)))
}

fn sheet(bytes: &[u8]) -> Result<String, String> {
    taken(compile(&archive(bytes).map_err(|error| error.to_string())?))
}

/// A workbook with this as the XML of its one sheet.
fn archive(sheet: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let parts: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", CONTENT.as_bytes()),
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", SHEET_OF_BOOK.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, content) in parts {
        zip.start_file(name, plain)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn whole() -> Vec<Vec<u8>> {
    let small = b"type,name,label\ntext,a,A\ninteger,b,B ${a}\n".to_vec();
    let books = sheets().into_iter().filter_map(|sheet| archive(&sheet).ok());
    TABLES.iter().map(|table| table.to_vec()).chain([small]).chain(books).collect()
}

fn sheets() -> Vec<Vec<u8>> {
    let rows: [&[&str]; 6] = [
        &["type", "name", "label", "relevant", "calculation", "constraint"],
        &["begin_repeat", "r", "Rows", "", "", ""],
        &["integer", "a", "A", "", "", ". > 0 and . < 10"],
        &["calculate", "b", "", "", "${a} * 2 + count(${r})", ""],
        &["text", "c", "C ${b}", "${b} > 3 or selected(${a}, '2')", "", ""],
        &["end_repeat", "", "", "", "", ""],
    ];
    let cell = |text: &&str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    let row = |cells: &&[&str]| format!("<row>{}</row>", cells.iter().map(cell).collect::<String>());
    let head = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
    let of = |rows: &[&[&str]]| {
        format!("{head}{}</sheetData></worksheet>", rows.iter().map(row).collect::<String>()).into_bytes()
    };
    vec![of(&rows), of(rows.get(..1).unwrap_or_default()), of(&[])]
}
