//! The `loket` command, built with S3.

use std::process::ExitCode;

fn main() -> ExitCode {
    sync_server::cli::run()
}
