//! Writes sample files of every format into a folder, for `cargo xtask readers`: what others' programs read of them is
//! compared with what is written here, which is why it stands there again, in Python.

mod data;
#[path = "../../tests/it/filling.rs"]
#[expect(clippy::unwrap_used, reason = "written for tests")]
mod filling;
mod rapor;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use sync_server::exports::origin::Origin;
use sync_server::exports::table::{Cell, Choice, Column, Kind, Label, Missing, Name, Table};
use sync_server::exports::{dta, parquet, sav};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("name the folder to write into")?);
    fs::create_dir_all(&folder)?;
    let origin = Origin {
        release: "Rilis 3".to_owned(),
        // 2025-12-31 16:45:09 UTC.
        time: 1_767_199_509,
        manifest: "ab".repeat(32),
    };
    for table in [kinds()?, nothing()?, long()?, edges()?] {
        let at = |ending: &str| folder.join(format!("{}.{ending}", table.name));
        fs::write(at("dta"), dta::dta(&table, &origin)?)?;
        fs::write(at("parquet"), parquet::parquet(&table, &origin)?)?;
        fs::write(at("sav"), sav::sav(&table, &origin)?)?;
    }
    for (name, bytes) in rapor::samples(origin.time)? {
        fs::write(folder.join(format!("{name}.pdf")), bytes)?;
    }
    let records = folder.join("data");
    if records.exists() {
        fs::remove_dir_all(&records)?;
    }
    data::write(&records)
}

fn label(id: &str, en: &str) -> Label {
    Label { id: id.to_owned(), en: en.to_owned() }
}

fn column(name: &str, label: Label, kind: Kind) -> Outcome<Column> {
    Ok(Column { name: Name::try_from(name.to_owned())?, label, kind })
}

fn table(name: &str, label: Label, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Outcome<Table> {
    Ok(Table { name: Name::try_from(name.to_owned())?, label, columns, rows })
}

fn zones() -> Kind {
    let zone =
        |code, name: &str, id: &str, en: &str| Choice { code, name: name.to_owned(), label: label(id, en) };
    Kind::Choice(vec![
        zone(1, "merah", "Merah", "Red"),
        zone(2, "kuning", "Kuning", "Yellow"),
        zone(3, "hijau", "Hijau – patuh", "Green – compliant"),
    ])
}

/// A column of every kind; two rows of values, then a row for each reason to be missing.
fn kinds() -> Outcome<Table> {
    let columns = vec![
        column("unit", label("Unit pelayanan", "Service unit"), Kind::Text)?,
        column("visits", label("Kunjungan", "Visits"), Kind::Whole)?,
        column("score", label("Nilai", "Score"), Kind::Decimal(2))?,
        column("day", label("Tanggal", "Day"), Kind::Date)?,
        column("closed", label("Ditutup pada", "Closed at"), Kind::Moment)?,
        column("zone", label("Zona", "Zone"), zones())?,
    ];
    let row = |unit: &str, visits, score, day, closed, zone| {
        vec![
            Cell::Text(unit.to_owned()),
            Cell::Whole(visits),
            Cell::Decimal(score),
            Cell::Date(day),
            Cell::Moment(closed),
            Cell::Choice(zone),
        ]
    };
    let mut rows = vec![
        row("Dinas Kesehatan – Élan 'Ünïcode' 数", 12, 9371, 20_453, 1_767_199_509, 2),
        row("Puskesmas \"Baru\"", -1, -5, -1, -1, 0),
    ];
    rows.extend(Missing::ALL.map(|why| vec![Cell::Missing(why); columns.len()]));
    table("kinds", label("Semua jenis", "All kinds"), columns, rows)
}

/// No row.
fn nothing() -> Outcome<Table> {
    table("nothing", label("Tanpa baris", "No rows"), kinds()?.columns, Vec::new())
}

/// Names, labels and texts as long as they come.
fn long() -> Outcome<Table> {
    let question =
        "Apakah standar pelayanan dipampang di tempat yang mudah dilihat – oleh siapa pun? ".repeat(8);
    let english = "Are the standards of service posted where anyone can see them – really anyone? ".repeat(8);
    let name = "a".repeat(32);
    let columns = vec![
        column(&name, label(question.trim(), english.trim()), Kind::Text)?,
        column("wide", label("Lebar", "Wide"), Kind::Text)?,
        column("blank", label("Kosong semua", "All blank"), Kind::Text)?,
        column("number", label(question.trim(), english.trim()), zones())?,
    ];
    let text = |text: String| Cell::Text(text);
    let rows = vec![
        vec![
            text("é".repeat(20_000)),
            text("0123456789".repeat(60)),
            Cell::Missing(Missing::Unanswered),
            Cell::Choice(1),
        ],
        vec![
            text("pendek".to_owned()),
            text("x".repeat(255)),
            Cell::Missing(Missing::Unanswered),
            Cell::Choice(0),
        ],
        vec![
            Cell::Missing(Missing::NotRelevant),
            text(String::new()),
            Cell::Missing(Missing::Unanswered),
            Cell::Choice(2),
        ],
    ];
    table("long", label(question.trim(), english.trim()), columns, rows)
}

/// The largest and smallest of each kind, and values that look like codes of missing ones.
fn edges() -> Outcome<Table> {
    let columns = vec![
        column("small", label("Kecil", "Small"), Kind::Whole)?,
        column("middle", label("Sedang", "Middle"), Kind::Whole)?,
        column("double", label("Ganda", "Double"), Kind::Whole)?,
        column("huge", label("Besar", "Huge"), Kind::Whole)?,
        column("exact", label("Persis", "Exact"), Kind::Decimal(4))?,
        column("like_missing", label("Mirip kosong", "Like missing"), Kind::Whole)?,
        column("day", label("Hari", "Day"), Kind::Date)?,
        column("moment", label("Saat", "Moment"), Kind::Moment)?,
    ];
    let row = |small, middle, double, huge, exact, like, day, moment| {
        vec![
            Cell::Whole(small),
            Cell::Whole(middle),
            Cell::Whole(double),
            Cell::Whole(huge),
            Cell::Decimal(exact),
            Cell::Whole(like),
            Cell::Date(day),
            Cell::Moment(moment),
        ]
    };
    let exact = 1 << 53;
    let mut rows = vec![
        // 1900-01-01 and 9999-12-31.
        row(-127, -32_767, -exact, i64::MIN, -exact, -9994, -25_567, -2_208_988_800),
        row(100, 32_740, exact, i64::MAX, exact, -9991, 2_932_896, 253_402_300_799),
    ];
    rows.push(vec![Cell::Missing(Missing::Refused); columns.len()]);
    table("edges", label("Batas", "Edges"), columns, rows)
}
