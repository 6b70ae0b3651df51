//! `loket log`: copies or moves a log, with all that stands beside it, between a data folder and a database.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::CommandError;
use crate::clock;
use crate::data::DataFolder;
use crate::exports::calendar;
use crate::postgres::REOPENS;
use crate::server::Lock;
use crate::store::carry::{Carried, carry};
use crate::store::{Address, Store, closed};

#[derive(Subcommand)]
pub enum LogCommand {
    /// Copy a log with devices, codes, units, rounds, instruments and releases into an empty one of either kind, as it is at
    /// one moment, and read the copy back. The log goes on, and what it takes afterwards is not in the copy. Photos stand
    /// elsewhere and are not copied.
    Copy(FromTo),
    /// The same, and close the log that it was copied from in the moment in which nothing is missing: no server stores
    /// anything there any more.
    Move(FromTo),
    /// Open a log again that was moved. What was stored where it was moved to is not in it.
    Reopen {
        /// A data folder, or a database.
        #[arg(value_name = "DIR|URL")]
        place: String,
    },
}

#[derive(Args)]
pub struct FromTo {
    /// A data folder that no server has, or a database: <postgres://user@host/database>.
    #[arg(long, value_name = "DIR|URL")]
    from: String,
    /// A data folder that is new or empty, or a database that no server uses.
    #[arg(long, value_name = "DIR|URL")]
    to: String,
}

impl LogCommand {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Copy(FromTo { from, to }) => {
                told(carried(&from, &to, None)?);
                let from = shown(&from);
                println!("{from} goes on: what it takes from now on is not in the copy");
                println!("to have nobody go on with it by mistake, use `loket log move`");
            }
            Self::Move(FromTo { from, to }) => {
                let now = calendar::moment_text(clock::now());
                let why = format!(
                    "this log was moved to {} at {now} and takes nothing any more; start servers there, or open it \
                     again with `loket log reopen` (what was stored there since is not here)",
                    shown(&to)
                );
                told(carried(&from, &to, Some(&why))?);
                println!("{} is closed: servers store nothing there, and none starts on it", shown(&from));
                println!("start them on {}; to go back: loket log reopen {}", shown(&to), shown(&from));
            }
            Self::Reopen { place } => reopen(&place)?,
        }
        Ok(())
    }
}

fn told(Carried { sum, rows }: Carried) {
    println!("copied {} changes and {rows} rows beside them", sum.changes);
    println!("SHA-256 of what both logs hold: {}", hex::encode(sum.digest));
}

fn carried(from: &str, to: &str, moved: Option<&str>) -> Result<Carried, CommandError> {
    if from == to {
        return Err(CommandError::Refused(format!("{} cannot be copied into itself", shown(from))));
    }
    let token = closed::token()?;
    let (source, _reading) = opened(from, None, true)?;
    let (target, _writing) = opened(to, Some(&token), false)?;
    for store in [&source, &target] {
        if let Store::File(data) = store {
            closed::check(data)?;
        }
    }
    Ok(carry(&source, (&target, &token), moved)?)
}

fn reopen(place: &str) -> Result<(), CommandError> {
    let (store, _lock) = opened(place, Some(REOPENS), true)?;
    match closed::found(&store)? {
        None => println!("{} is open", shown(place)),
        Some((true, _)) => {
            closed::reopen(&store)?;
            println!("{} takes changes again; what was stored elsewhere since is not in it", shown(place));
        }
        Some((false, why)) => return Err(CommandError::Refused(why)),
    }
    Ok(())
}

/// A store, by the word where it may be a closed database, and what keeps servers off its folder meanwhile.
fn opened(place: &str, word: Option<&str>, must_be: bool) -> Result<(Store, Option<Lock>), CommandError> {
    if let Ok(address) = place.parse::<Address>() {
        let store = match word {
            Some(word) => Store::shared_by(&address, word)?,
            None => Store::shared(&address)?,
        };
        return Ok((store, None));
    }
    let folder = PathBuf::from(place);
    if must_be && !folder.join("log.sqlite").is_file() {
        return Err(CommandError::Refused(format!("{place} holds no log.sqlite, so it is no data folder")));
    }
    let data = DataFolder::open(&folder)?;
    let lock = Lock::take(&data)?.ok_or_else(|| {
        CommandError::Refused(format!(
            "a loket runs on the data folder {place}; stop it, then try again (a copy beside a running server: `loket backup`)"
        ))
    })?;
    Ok((Store::File(data), Some(lock)))
}

/// A place as people and logs may see it: a folder's whole path, an address without its password.
fn shown(place: &str) -> String {
    let path = |place: &Path| std::path::absolute(place).unwrap_or(place.to_owned()).display().to_string();
    place.parse::<Address>().map_or_else(|_| path(Path::new(place)), |address| address.shown())
}
