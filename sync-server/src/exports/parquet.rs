//! Parquet, for pandas, R, duckdb and the like: typed columns, nulls where there is no value.
//!
//! A choice is a text, its name. A column that lacks values for another reason than that nobody answered has a column
//! `<name>__missing` beside it that names the reason. Labels in both languages, and what choices there are, stand as JSON
//! under the key `loket` of the file's metadata.

use std::collections::BTreeSet;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use serde_json::{Value, json};

use super::origin::Origin;
use super::plain::decimal_text;
use super::series::{Series, TableError, fresh, series};
use super::table::{Cell, Kind, Label, Missing, Table};

/// Digits that a decimal in eight bytes has for sure.
const PRECISION: u8 = 18;

/// A table as the bytes of a Parquet file. The same table and origin give the same bytes.
///
/// # Errors
/// Where the table breaks what [`Table`] promises, or the writer refuses it.
pub fn parquet(table: &Table, origin: &Origin) -> Result<Vec<u8>, TableError> {
    let columns = with_reasons(series(table)?);
    written(table, origin, &columns)
        .map_err(|why| TableError::Writer { table: table.name.to_string(), why: why.to_string() })
}

fn written(table: &Table, origin: &Origin, columns: &[Series]) -> Result<Vec<u8>, ParquetError> {
    let fields = columns.iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder(table.name.as_str()).with_fields(fields).build()?;
    let about = KeyValue::new("loket".to_owned(), about(table, origin, columns).to_string());
    let properties = WriterProperties::builder()
        .set_created_by("loket".to_owned())
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(vec![about]))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    if !table.rows.is_empty() {
        let mut group = file.next_row_group()?;
        for column in columns {
            write(&mut group, column)?;
        }
        group.close()?;
    }
    file.into_inner()
}

/// What a column is called and holds.
fn field(column: &Series) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text | Kind::Choice(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Whole => (Physical::INT64, None),
        Kind::Decimal(places) => {
            let (scale, precision) = (i32::from(places), i32::from(PRECISION));
            (Physical::INT64, Some(LogicalType::decimal(scale, precision)))
        }
        Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
        Kind::Moment => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    let precision = if let Kind::Decimal(places) = column.kind { (places, PRECISION) } else { (0, 0) };
    Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .with_scale(precision.0.into())
        .with_precision(if precision.1 == 0 { -1 } else { precision.1.into() })
        .build()
}

fn write(group: &mut SerializedRowGroupWriter<'_, Vec<u8>>, column: &Series) -> Result<(), ParquetError> {
    match &column.kind {
        Kind::Text => batch::<ByteArrayType>(group, column, |cell| match cell {
            Cell::Text(text) => Some(ByteArray::from(text.as_str())),
            _ => None,
        }),
        Kind::Choice(choices) => batch::<ByteArrayType>(group, column, |cell| match cell {
            Cell::Choice(place) => choices.get(*place).map(|choice| ByteArray::from(choice.name.as_str())),
            _ => None,
        }),
        Kind::Date => batch::<Int32Type>(group, column, |cell| match cell {
            Cell::Date(days) => Some(*days),
            _ => None,
        }),
        Kind::Whole | Kind::Decimal(_) | Kind::Moment => {
            batch::<Int64Type>(group, column, |cell| match cell {
                Cell::Whole(number) | Cell::Decimal(number) => Some(*number),
                Cell::Moment(seconds) => Some(seconds.saturating_mul(1000)),
                _ => None,
            })
        }
    }
}

/// Writes the next column: the values that are there, and for each row whether it has one.
fn batch<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    column: &Series,
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let all: Vec<Option<T::T>> = column.cells.iter().map(value).collect();
    let is_there: Vec<i16> = all.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = all.into_iter().flatten().collect();
    let mut writer = group
        .next_column()?
        .ok_or_else(|| ParquetError::General(format!("the schema has no column for `{}`", column.name)))?;
    writer.typed::<T>().write_batch(&values, Some(&is_there), None)?;
    writer.close()
}

/// Columns with, beside each that lacks values for different reasons, the reasons; decimals too long for their type as text.
fn with_reasons(plain: Vec<Series>) -> Vec<Series> {
    let mut taken: BTreeSet<String> = plain.iter().map(|series| series.name.clone()).collect();
    let mut all = Vec::with_capacity(plain.len());
    for series in plain {
        let series = fitting(series);
        let other = |cell: &Cell| matches!(cell, Cell::Missing(why) if *why != Missing::Unanswered);
        let reasons = series.cells.iter().any(other).then(|| reasons(&series, &mut taken));
        all.push(series);
        all.extend(reasons);
    }
    all
}

fn reasons(series: &Series, taken: &mut BTreeSet<String>) -> Series {
    let nothing = Cell::Missing(Missing::Unanswered);
    let cell = |cell: &Cell| match cell {
        Cell::Missing(why) => Cell::Text(why.name().to_owned()),
        _ => nothing.clone(),
    };
    Series {
        name: fresh(&series.name, "__missing", taken),
        label: Label {
            id: format!("Mengapa kosong: {}", series.label.id),
            en: format!("Why blank: {}", series.label.en),
        },
        kind: Kind::Text,
        cells: series.cells.iter().map(cell).collect(),
    }
}

fn fitting(mut series: Series) -> Series {
    let Kind::Decimal(places) = series.kind else { return series };
    let most = 10_u64.pow(PRECISION.into());
    let long = |cell: &Cell| matches!(cell, Cell::Decimal(units) if units.unsigned_abs() >= most);
    if places > PRECISION || series.cells.iter().any(long) {
        for cell in &mut series.cells {
            if let Cell::Decimal(units) = *cell {
                *cell = Cell::Text(decimal_text(units, places));
            }
        }
        series.kind = Kind::Text;
    }
    series
}

/// What the columns are called and what their names of choices and reasons mean, in both languages.
fn about(table: &Table, origin: &Origin, columns: &[Series]) -> Value {
    let label = |label: &Label| json!({ "id": label.id, "en": label.en });
    let column = |column: &Series| {
        let mut about = json!({ "name": column.name, "label": label(&column.label) });
        if let Kind::Choice(choices) = &column.kind {
            let one = |choice: &super::table::Choice| json!({ "name": choice.name, "code": choice.code, "label": label(&choice.label) });
            about["choices"] = choices.iter().map(one).collect();
        }
        about
    };
    let reason = |why: Missing| json!({ "name": why.name(), "label": label(&why.label()) });
    json!({
        "release": origin.release,
        "manifest": origin.manifest,
        "label": label(&table.label),
        "columns": columns.iter().map(column).collect::<Vec<_>>(),
        "missing": Missing::ALL.map(reason),
    })
}
