//! The `loket` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    sync_server::cli::run()
}
