//! `loket round`, `loket device`, `loket projection`: looking after a data folder.

use std::sync::Arc;

use clap::Subcommand;
use replica::{DeviceId, RoundId};

use super::{CommandError, Data};
use crate::clock;
use crate::data::DataFolder;
use crate::projection::Projection;
use crate::scores::readers::Readers;
use crate::server::Lock;
use crate::worker::Worker;

#[derive(Subcommand)]
pub enum Rounds {
    /// Open a round; devices work in the one opened last.
    Open {
        /// Its id, such as 2026; for an own assessment, such as 2026-06.
        id: RoundId,
        /// An office's assessment of itself: followed on the pages of results, kept apart from the Ombudsman's rounds.
        #[arg(long)]
        own: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Print all rounds, the one opened last first.
    List {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
pub enum Devices {
    /// Print all devices.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Shut a device out; what it wrote stays.
    Revoke {
        /// Its id.
        id: DeviceId,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
pub enum ProjectionCommand {
    /// Delete the projection and build it anew from the log. The server must be stopped.
    Rebuild {
        #[command(flatten)]
        data: Data,
    },
}

impl Rounds {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Open { id, own, data } => {
                let catalogue = data.store()?.catalogue()?;
                if own && catalogue.has_round(&id)? && !catalogue.own_rounds()?.contains(&id) {
                    let message =
                        format!("the round {id} is open as the Ombudsman's; give the own one another id");
                    return Err(CommandError::Refused(message));
                }
                catalogue.open_round(&id, clock::now())?;
                if own {
                    catalogue.mark_own(&id)?;
                }
                println!("round {id} is open");
            }
            Self::List { data } => {
                let catalogue = data.store()?.catalogue()?;
                let own = catalogue.own_rounds()?;
                for round in catalogue.rounds()? {
                    println!("{round}{}", if own.contains(&round) { " (own assessment)" } else { "" });
                }
            }
        }
        Ok(())
    }
}

impl Devices {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::List { data } => {
                for device in data.store()?.identity()?.devices()? {
                    let state = if device.revoked { "shut out" } else { "enrolled" };
                    println!(
                        "{}\t{}\t{}\t{}\t{state}",
                        device.id,
                        device.role.as_str(),
                        device.person,
                        device.name
                    );
                }
                Ok(())
            }
            Self::Revoke { id, data } => {
                if data.store()?.identity()?.revoke(id, clock::now())? {
                    println!("device {id} is shut out");
                    Ok(())
                } else {
                    Err(CommandError::Refused(format!("there is no device {id}")))
                }
            }
        }
    }
}

impl ProjectionCommand {
    pub fn run(self) -> Result<(), CommandError> {
        let Self::Rebuild { data } = self;
        let folder = DataFolder::open(&data.folder)?;
        let _lock = Lock::take(&folder)?.ok_or(CommandError::Running)?;
        Projection::delete(&folder.projection())?;
        let store = data.store()?;
        let (log, readers) = (store.log()?, Readers::new(store.catalogue()?));
        let projection = Arc::new(Projection::open(&folder.projection())?);
        let mut worker = Worker::new(log.clone(), projection, readers)?;
        while worker.step()? {}
        println!("rebuilt from {} changes", log.last()?);
        Ok(())
    }
}
