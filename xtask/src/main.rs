//! All automation of Loket: `cargo xtask serve | test | bench`.
fn main() {}
