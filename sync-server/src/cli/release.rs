//! `loket release`: closes a round into a numbered, signed release, and says whether one still holds.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use replica::{PublicKey, RoundId};

use super::opened::Opened;
use super::{CommandError, Data, print_json, read_file, refused};
use crate::clock;
use crate::exports::folder as exports;
use crate::releases::bundle::Bundle;
use crate::releases::check::{Findings, check, verify};
use crate::releases::key;
use crate::releases::line::ReleaseLine;
use crate::releases::press::{Press, Wish};

#[derive(Subcommand)]
pub enum Releases {
    /// Close a round, as it stands now, into a release under the next number. Works while the server runs.
    Make(Make),
    /// Print every release as a line of JSON, by number.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Reckon a release again out of the log and compare every byte, whatever came in since.
    Check {
        /// Its number.
        number: u32,
        #[command(flatten)]
        data: Data,
    },
    /// Write a release's files into a new or empty folder, for others to check and to work with.
    Export {
        /// Its number.
        number: u32,
        /// The folder.
        #[arg(value_name = "DIR")]
        target: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Check a folder that `export` wrote with the public key alone: on any machine, without a data folder.
    Verify {
        /// The folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The public key, as a file or as 64 hexadecimal digits, got from whoever made the release. Where it is left
        /// out, the key in the folder is taken, whose fingerprint is to be compared then.
        #[arg(long)]
        key: Option<String>,
    },
}

/// Close a round into a release.
#[derive(Args)]
pub struct Make {
    /// The round; the one opened last where it is left out.
    #[arg(long)]
    round: Option<RoundId>,
    /// The year whose method holds; the round's own where it is left out.
    #[arg(long = "method", value_name = "YEAR")]
    year: Option<u16>,
    /// The day that it is dated, such as 2026-11-25; today where it is left out.
    #[arg(long, value_name = "DAY")]
    date: Option<String>,
    /// Release although something is open; what, is told in the release.
    #[arg(long)]
    accept_open: bool,
    #[command(flatten)]
    data: Data,
}

impl Releases {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Make(make) => make.run(),
            Self::List { data } => {
                let kept = data.store()?.shelf()?.all()?;
                kept.iter().try_for_each(|kept| print_json(&ReleaseLine::of(kept).map_err(refused)?))
            }
            Self::Check { number, data } => checked(number, &data),
            Self::Export { number, target, data } => {
                let releases = data.store()?.shelf()?;
                let bundle = Bundle::open(releases.as_ref(), number).map_err(refused)?;
                bundle.write(&target).map_err(refused)?;
                let tables = exports::write(&bundle, &target).map_err(refused)?;
                println!("release {number}: {} files in {}", bundle.names().count(), target.display());
                let folders =
                    [exports::TABLES, exports::RAPORS].map(|name| target.join(name).display().to_string());
                println!("tables and rapors: {tables} files in {}", folders.join(" and "));
                Ok(())
            }
            Self::Verify { folder, key } => verified(&folder, key.as_deref()),
        }
    }
}

impl Make {
    fn run(self) -> Result<(), CommandError> {
        let opened = Opened::of(&self.data)?;
        let (log, releases) = (opened.store.log()?, opened.store.shelf()?);
        let key = opened.store.identity()?.release_key()?;
        let press = Press {
            log: log.as_ref(),
            projection: &opened.projection,
            catalogue: opened.catalogue.as_ref(),
            scoring: &opened.scoring,
            shelf: releases.as_ref(),
        };
        let Self { round, year, date, accept_open, .. } = self;
        let kept =
            press.make(&Wish { round, year, date, accept_open }, &key, clock::now()).map_err(refused)?;
        print_json(&ReleaseLine::of(&kept).map_err(refused)?)
    }
}

fn checked(number: u32, data: &Data) -> Result<(), CommandError> {
    let store = data.store()?;
    let (log, shelf, catalogue) = (store.log()?, store.shelf()?, store.catalogue()?);
    let key = store.identity()?.release_key()?.public();
    let bundle = Bundle::open(shelf.as_ref(), number).map_err(refused)?;
    let findings = check(&bundle, log.as_ref(), catalogue.as_ref(), &key).map_err(refused)?;
    tell(&findings)?;
    println!("Reckoned again out of the log, every byte is the same.");
    Ok(())
}

fn verified(folder: &Path, key: Option<&str>) -> Result<(), CommandError> {
    let given = key.map(key_of).transpose()?;
    let findings = verify(folder, given).map_err(refused)?;
    tell(&findings)?;
    for other in &findings.others {
        println!("{other}: not part of the release, not checked");
    }
    if given.is_none() {
        println!("The key lay in the folder: compare its fingerprint with that of whoever made the release.");
    }
    Ok(())
}

/// Says what holds; ends the command where something does not.
fn tell(findings: &Findings) -> Result<(), CommandError> {
    let manifest = &findings.manifest;
    let (number, round, counts) = (manifest.number, &manifest.asked.round, &manifest.counts);
    if !findings.faults.is_empty() {
        for fault in &findings.faults {
            eprintln!("{fault}");
        }
        eprintln!("Release {number} of round {round} does not hold: {} faults.", findings.faults.len());
        return Err(CommandError::Told);
    }
    println!(
        "Release {number} of round {round} holds: {} files, {} records, {} changes.",
        manifest.files.len(),
        counts.records,
        counts.changes
    );
    println!("Signed by the key with the fingerprint {}", key::fingerprint(&findings.key));
    Ok(())
}

fn key_of(text: &str) -> Result<PublicKey, CommandError> {
    if let Some(key) = key::from_text(text) {
        return Ok(key);
    }
    let file = read_file(Path::new(text))?;
    key::from_text(&String::from_utf8_lossy(&file))
        .ok_or_else(|| refused(format!("{text} holds no Ed25519 public key in PEM")))
}
