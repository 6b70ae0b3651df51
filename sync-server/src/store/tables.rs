//! The small tables beside a log, row by row as they are: codes, devices, units, rounds, instruments, photos' records,
//! approvals, published results, releases.

use bytes::BytesMut;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::Store;
use crate::database::{self, StoreError};
use crate::postgres::Fault;

/// Names and columns, the same in both kinds of store.
const TABLES: [(&str, &str); 13] = [
    ("secret", "name, value"),
    ("code", "mac, role, person, office, unit, made_at, ends_at, used_at, used_by"),
    ("access_key", "hash, id, name, office, made_at, ends_at, revoked_at"),
    ("device", "id, public_key, name, role, person, office, unit, enrolled_at, revoked_at"),
    ("unit", "id, name, government, province, kind, office"),
    ("round", "id, opened_at"),
    ("own_round", "id"),
    ("approval", "record, upto, device, approved_at"),
    ("instrument", "hash, number, form_id, title, version, json, published_at"),
    ("photo", "hash, record, office, device, length, received_at"),
    ("published", "year, level, entity, parent, score, said, source"),
    ("release", "number, token, round, made_at, manifest, signature, key"),
    ("release_part", "hash, part, bytes"),
];

/// One column of a row.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The tables' names, each behind those that it stands on.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(name, _)| *name)
}

/// True where a table has no row.
///
/// # Errors
/// Where the store fails.
pub fn is_empty(store: &Store, table: &str) -> Result<bool, StoreError> {
    Ok(read(store, table, "1")?.is_empty())
}

/// Copies the tables of one store over those of another, whatever stood in them; how many rows.
///
/// # Errors
/// Where a store fails.
pub fn copy(from: &Store, to: &Store) -> Result<usize, StoreError> {
    // What stands on another table goes before it, and comes after it.
    for (table, _) in TABLES.iter().rev() {
        clear(to, table)?;
    }
    let mut rows = 0;
    for (table, columns) in TABLES {
        let read = read(from, table, columns)?;
        rows += read.len();
        write(to, table, columns, &read)?;
    }
    Ok(rows)
}

fn clear(store: &Store, table: &str) -> Result<(), StoreError> {
    let delete = format!("DELETE FROM {table}");
    match store {
        Store::File(data) => Ok(database::open(&data.log())?.execute(&delete, []).map(drop)?),
        Store::Shared(database) => database.call(async |session| session.batch(&delete).await),
    }
}

fn read(store: &Store, table: &str, columns: &str) -> Result<Vec<Vec<Cell>>, StoreError> {
    let sql = format!("SELECT {columns} FROM {table}");
    match store {
        Store::File(data) => {
            let connection = database::open_to_read(&data.log())?;
            let mut statement = connection.prepare(&sql)?;
            let count = statement.column_count();
            let rows =
                statement.query_map([], |row| (0..count).map(|at| Ok(cell(row.get(at)?))).collect())?;
            Ok(rows.collect::<Result<_, _>>()?)
        }
        Store::Shared(database) => {
            database.call(async |session| session.rows_once(&sql, &[]).await?.iter().map(cells).collect())
        }
    }
}

fn write(store: &Store, table: &str, columns: &str, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
    let count = columns.split(", ").count();
    let insert = |mark: char| {
        let places: Vec<_> = (1..=count).map(|at| format!("{mark}{at}")).collect();
        format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "))
    };
    // Once more: a call whose connection broke runs twice.
    let delete = format!("DELETE FROM {table}");
    match store {
        Store::File(data) => {
            let mut connection: Connection = database::open(&data.log())?;
            let transaction = connection.transaction()?;
            transaction.execute(&delete, [])?;
            for row in rows {
                transaction.execute(&insert('?'), params_from_iter(row.iter().cloned().map(value)))?;
            }
            Ok(transaction.commit()?)
        }
        Store::Shared(database) => database.call(async |session| {
            session.batch(&format!("BEGIN; {delete}")).await?;
            for row in rows {
                let values: Vec<&(dyn ToSql + Sync)> =
                    row.iter().map(|cell| cell as &(dyn ToSql + Sync)).collect();
                session.rows_once(&insert('$'), &values).await?;
            }
            session.batch("COMMIT").await
        }),
    }
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null | Value::Real(_) => Cell::Null,
        Value::Integer(number) => Cell::Number(number),
        Value::Text(text) => Cell::Text(text),
        Value::Blob(bytes) => Cell::Bytes(bytes),
    }
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Number(number) => Value::Integer(number),
        Cell::Text(text) => Value::Text(text),
        Cell::Bytes(bytes) => Value::Blob(bytes),
    }
}

fn cells(row: &Row) -> Result<Vec<Cell>, Fault> {
    let cell = |(at, column): (usize, &tokio_postgres::Column)| {
        let found = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Cell::Number),
            Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(|number| Cell::Number(number.into())),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Cell::Bytes),
            _ => row.try_get::<_, Option<String>>(at)?.map(Cell::Text),
        };
        Ok(found.unwrap_or(Cell::Null))
    };
    row.columns().iter().enumerate().map(cell).collect()
}

impl ToSql for Cell {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Number(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}
