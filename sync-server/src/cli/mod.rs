//! The command line: reads arguments, calls the parts, prints what people and scripts read.

mod backup;
mod code;
mod import;
mod instrument;
mod key;
mod log;
mod maintain;
mod opened;
mod published;
mod questions;
mod release;
mod score;
mod serve;
mod units;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use thiserror::Error;
use tracing_subscriber::EnvFilter;

use crate::backup::BackupError;
use crate::database::StoreError;
use crate::log::LogError;
use crate::log::copy::CopyError;
use crate::photos::PhotoPlace;
use crate::store::{Address, Store};

/// Loket: assessments that survive a bad line.
#[derive(Parser)]
#[command(name = "loket", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app and take in what devices send.
    Serve(serve::Serve),
    /// The units that are assessed.
    #[command(subcommand)]
    Units(units::Units),
    /// Results that were really published.
    #[command(subcommand)]
    Published(published::PublishedResults),
    /// Make a one-time code that enrols a device. Works while the server runs.
    Code(code::MakeCode),
    /// Keys that Excel and Power BI read releases with.
    #[command(subcommand)]
    Key(key::AccessKeys),
    /// Workbooks and the instruments they become.
    #[command(subcommand)]
    Instrument(instrument::Instruments),
    /// Rounds of assessment.
    #[command(subcommand)]
    Round(maintain::Rounds),
    /// Enrolled devices.
    #[command(subcommand)]
    Device(maintain::Devices),
    /// What the log adds up to.
    #[command(subcommand)]
    Projection(maintain::ProjectionCommand),
    /// The log itself.
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Copy the data folder into an empty one. Works while the server runs.
    Backup(backup::Backup),
    /// Make a data folder out of a backup.
    Restore(backup::Restore),
    /// Check the signatures over what the log holds.
    Verify(backup::Verify),
    /// Take in the file that a phone saved with "Save a backup". Works while the server runs.
    Import(import::Import),
    /// Score governments from a CSV list of their units, by the method of a year.
    Score(score::ScoreList),
    /// What a score is called by the method of a year.
    Band(score::BandOf),
    /// Every government's score in a round.
    Scores(questions::List),
    /// Where a government stands, and how sure that is.
    Standing(questions::Standing),
    /// A unit's score, down to its answers.
    Unit(questions::Unit),
    /// Where it is red in a government.
    Findings(questions::Findings),
    Red(questions::Red),
    /// Say that a unit's records were looked through and found in order.
    Approve(questions::Approve),
    /// What would lift a government, or one unit, to a target.
    Lift(questions::Lift),
    /// How far a government's own assessments have come with that list.
    Progress(questions::Progress),
    /// What changed for a government between two rounds or years.
    Change(questions::Change),
    /// Rounds closed into numbered, signed releases.
    #[command(subcommand)]
    Release(release::Releases),
    /// The rule sets of the assessment.
    #[command(subcommand)]
    Methods(score::MethodsCommand),
}

/// Where the data folder is.
#[derive(clap::Args)]
struct Data {
    /// Folder with the log, the projection and the photos; made where it is missing.
    #[arg(long = "data", value_name = "DIR", default_value = "data", env = "LOKET_DATA")]
    folder: PathBuf,
    /// Keep the log, devices, units and instruments in this PostgreSQL database, which other servers may use too,
    /// instead of in the folder: <postgres://user@host1,host2/database>.
    #[arg(long = "log", value_name = "URL", env = "LOKET_DATABASE", hide_env_values = true)]
    database: Option<Address>,
    /// Take the rule sets of this folder, a `.toml` file each, instead of those that come along.
    #[arg(long, value_name = "DIR", env = "LOKET_METHODS")]
    methods: Option<PathBuf>,
}

/// Where whole photos are.
#[derive(clap::Args)]
struct PhotosAt {
    /// Keep whole photos in another folder, or in a bucket of an S3-compatible store: <s3://bucket/prefix>. Keys, region
    /// and endpoint are told by the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`,
    /// `AWS_ENDPOINT`). The data folder where left out.
    #[arg(long = "photos", value_name = "DIR|URL", env = "LOKET_PHOTOS")]
    place: Option<PhotoPlace>,
}

impl Data {
    /// Ends commands that read and write data folders alone, with what to do instead.
    fn only_folder(&self, instead: &str) -> Result<(), CommandError> {
        if self.database.is_none() {
            return Ok(());
        }
        Err(CommandError::Refused(format!("this command works on data folders; for a database, {instead}")))
    }

    fn store(&self) -> Result<Store, StoreError> {
        Store::open(&self.folder, self.database.as_ref())
    }
}

/// Why a command ended without doing what it was asked.
#[derive(Debug, Error)]
enum CommandError {
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("cannot listen on {address}: {source}")]
    Listen { address: String, source: std::io::Error },
    #[error("the server could not be started: {0}")]
    Start(std::io::Error),
    #[error("another loket runs on this data folder; stop it first")]
    Running,
    #[error("{0}")]
    Refused(String),
    /// The faults were printed already.
    #[error("")]
    Told,
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let filter = EnvFilter::try_from_env("LOKET_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match Arguments::parse().command {
        Command::Serve(command) => command.run(),
        Command::Units(command) => command.run(),
        Command::Published(command) => command.run(),
        Command::Code(command) => command.run(),
        Command::Key(command) => command.run(),
        Command::Instrument(command) => command.run(),
        Command::Round(command) => command.run(),
        Command::Device(command) => command.run(),
        Command::Projection(command) => command.run(),
        Command::Log(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Score(command) => command.run(),
        Command::Band(command) => command.run(),
        Command::Scores(command) => command.run(),
        Command::Standing(command) => command.run(),
        Command::Unit(command) => command.run(),
        Command::Findings(command) => command.run(),
        Command::Red(command) => command.run(),
        Command::Approve(command) => command.run(),
        Command::Lift(command) => command.run(),
        Command::Progress(command) => command.run(),
        Command::Change(command) => command.run(),
        Command::Release(command) => command.run(),
        Command::Methods(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Told) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read_file(path: &std::path::Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|source| CommandError::File { path: path.display().to_string(), source })
}

/// One line of JSON.
fn print_json(value: &impl serde::Serialize) -> Result<(), CommandError> {
    println!("{}", serde_json::to_string(value).map_err(refused)?);
    Ok(())
}

fn refused(error: impl std::fmt::Display) -> CommandError {
    CommandError::Refused(error.to_string())
}
