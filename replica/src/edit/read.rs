//! Reads edits from fields that are all of one kind: what is generated for an enum with a tag is seven times as much for
//! a phone to download.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use super::Edit;
use crate::clash::ClashKey;

/// The fields of every edit.
#[derive(Deserialize)]
pub(super) struct Fields {
    r#do: String,
    path: Option<String>,
    value: Option<String>,
    row: Option<String>,
    after: Option<String>,
    id: Option<String>,
    at: Option<At>,
    text: Option<String>,
    key: Option<ClashKey>,
}

/// A question, or a moment.
enum At {
    Question(String),
    Moment(i64),
}

impl TryFrom<Fields> for Edit {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        Ok(match fields.r#do.as_str() {
            "answer" => {
                Self::Answer { path: parsed("path", fields.path)?, value: parsed("value", fields.value)? }
            }
            "add-row" => {
                Self::AddRow { row: parsed("row", fields.row)?, after: maybe("after", fields.after)? }
            }
            "move-row" => {
                Self::MoveRow { row: parsed("row", fields.row)?, after: maybe("after", fields.after)? }
            }
            "remove-row" => Self::RemoveRow { row: parsed("row", fields.row)? },
            "comment" => {
                let at = match fields.at {
                    Some(At::Question(path)) => Some(path),
                    Some(At::Moment(_)) => return Err("`at` is no question".to_owned()),
                    None => None,
                };
                Self::Comment {
                    id: parsed("id", fields.id)?,
                    at: maybe("at", at)?,
                    text: parsed("text", fields.text)?,
                }
            }
            "settle" => Self::Settle { key: there("key", fields.key)?, value: there("value", fields.value)? },
            "close" => Self::Close { at: moment(fields.at)? },
            "reopen" => Self::Reopen,
            "withdraw" => Self::Withdraw { at: moment(fields.at)? },
            other => return Err(format!("unknown edit `{other}`")),
        })
    }
}

fn there<T>(name: &str, field: Option<T>) -> Result<T, String> {
    field.ok_or_else(|| format!("missing field `{name}`"))
}

fn parsed<T: FromStr<Err: fmt::Display>>(name: &str, field: Option<String>) -> Result<T, String> {
    there(name, field)?.parse().map_err(|error| format!("`{name}`: {error}"))
}

fn maybe<T: FromStr<Err: fmt::Display>>(name: &str, field: Option<String>) -> Result<Option<T>, String> {
    field.map(|text| parsed(name, Some(text))).transpose()
}

fn moment(at: Option<At>) -> Result<i64, String> {
    match there("at", at)? {
        At::Moment(at) => Ok(at),
        At::Question(_) => Err("`at` is no moment".to_owned()),
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = At;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a question or a moment")
            }

            fn visit_str<E: de::Error>(self, path: &str) -> Result<At, E> {
                Ok(At::Question(path.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, at: i64) -> Result<At, E> {
                Ok(At::Moment(at))
            }

            fn visit_u64<E: de::Error>(self, at: u64) -> Result<At, E> {
                i64::try_from(at).map(At::Moment).map_err(E::custom)
            }
        }
        from.deserialize_any(Visitor)
    }
}
