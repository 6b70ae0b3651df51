//! `loket key`: keys that Excel and Power BI read releases with.

use clap::Subcommand;
use replica::OfficeId;

use super::{CommandError, Data, refused};
use crate::clock;
use crate::exports::calendar::moment_text;
use crate::keys::{self, AccessKey};

/// Seconds of a day.
const DAY: i64 = 86_400;

#[derive(Subcommand)]
pub enum AccessKeys {
    /// Make a key and print it, this once. Works while the server runs.
    Make {
        /// What it is for: "Power BI of the planning desk".
        #[arg(long)]
        name: String,
        /// The one office whose units it shows; all of them where left out.
        #[arg(long)]
        office: Option<OfficeId>,
        /// Days that it can be used.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=1_825))]
        days: i64,
        #[command(flatten)]
        data: Data,
    },
    /// Print all keys: id, office, when it ends, what it is for.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Take a key back: it opens nothing from now on.
    Revoke {
        /// Its id, as `list` prints it.
        id: String,
        #[command(flatten)]
        data: Data,
    },
}

impl AccessKeys {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Make { name, office, days, data } => {
                let keys = data.store()?.keys()?;
                let (key, made) =
                    keys::make(keys.as_ref(), &name, office, days * DAY, clock::now()).map_err(refused)?;
                println!("{key}");
                eprintln!(
                    "Key {} reads releases until {}. Sign in with any name and the key as password. It is shown only \
                     now; `loket key revoke {}` takes it back.",
                    made.id,
                    moment_text(made.ends_at),
                    made.id
                );
                Ok(())
            }
            Self::List { data } => {
                let now = clock::now();
                for key in data.store()?.keys()?.all()? {
                    let office = key.office.as_ref().map_or("all", OfficeId::as_str);
                    println!("{}\t{office}\t{}\t{}", key.id, state(&key, now), key.name);
                }
                Ok(())
            }
            Self::Revoke { id, data } => {
                if data.store()?.keys()?.revoke(&id, clock::now())? {
                    println!("key {id} is taken back");
                    Ok(())
                } else {
                    Err(refused(format!("there is no key {id}; `loket key list` shows all")))
                }
            }
        }
    }
}

fn state(key: &AccessKey, now: i64) -> String {
    match key.revoked_at {
        Some(at) => format!("taken back {}", moment_text(at)),
        None if key.ends_at <= now => format!("ended {}", moment_text(key.ends_at)),
        None => format!("until {}", moment_text(key.ends_at)),
    }
}
