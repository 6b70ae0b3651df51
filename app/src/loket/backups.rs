//! Saving a backup and taking one in.

use leptos::prelude::*;

use super::Loket;
use crate::device::backup::{self, TakeError, Taken, Written};
use crate::device::{clock, desk::Desk};

const LAST: &str = "backup-at";

/// No backup could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupFault;

/// A backup could not be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeFault {
    /// The file is at fault, see [`replica::backup::BackupError::code`].
    File(&'static str),
    /// This device could not keep it.
    Store,
}

impl Loket {
    /// Makes one file of all that is nowhere but here, and saves it or hands it to another app.
    ///
    /// # Errors
    /// Where the device's data cannot be read, or the browser does not take the file.
    pub async fn save_backup(self, share: bool) -> Result<Written, BackupFault> {
        let device = self.device().ok_or(BackupFault)?;
        let identity = self.identity.get_untracked().ok_or(BackupFault)?;
        self.commit_all().await;
        let written = backup::write(&device.store, &identity.key()).await.map_err(|_| BackupFault)?;
        if written.is_empty() {
            return Ok(written);
        }
        let stamp: String =
            clock::now().chars().take(16).filter(|c| c.is_ascii_digit() || *c == 'T').collect();
        let name = format!("loket-{stamp}.cbor");
        let went = if share {
            backup::share(&name, &written.pieces).await
        } else {
            backup::save(&name, &written.pieces)
        };
        if !went {
            return Err(BackupFault);
        }
        // Where it cannot be noted, the file is there all the same.
        drop(device.store.set_value(LAST, &clock::unix_seconds()).await);
        Ok(written)
    }

    /// When a backup was last saved here, in Unix seconds.
    pub async fn last_backup(self) -> Option<i64> {
        self.device()?.store.value(LAST).await.ok().flatten()
    }

    /// Takes in a file that another phone saved.
    ///
    /// # Errors
    /// [`TakeFault`].
    pub async fn take_in_backup(self, file: &web_sys::File) -> Result<Taken, TakeFault> {
        let device = self.device().ok_or(TakeFault::Store)?;
        let bytes = backup::read(file).await.map_err(|_| TakeFault::File("other"))?;
        // Whoever was connected since is known from now on; without a network, those known before are.
        drop(device.sync.fetch_home().await);
        let home = device.store.home().await.ok().flatten().ok_or(TakeFault::Store)?;
        let taken = backup::take_in(&device.store, &home, &bytes).await.map_err(|error| match error {
            TakeError::File(error) => TakeFault::File(error.code()),
            TakeError::Store(_) => TakeFault::Store,
        })?;
        device.sync.summarise(&taken.records).await;
        device.tell(&taken.records);
        Ok(taken)
    }

    /// Makes changes of all that was typed in tabs that are gone. What cannot be made one is saved as it was typed.
    async fn commit_all(self) {
        let typed = self.records.with_untracked(|records| {
            let typed = records.all.attention.iter().filter(|row| row.journal);
            typed.map(|row| row.id).collect::<Vec<_>>()
        });
        for record in typed {
            let desk: Option<Desk> = self.desk(record).await;
            if let Some(desk) = desk {
                drop(desk.commit(clock::unix_seconds()).await);
            }
        }
    }
}
