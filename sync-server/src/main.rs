//! The `loket` command.
fn main() {}
