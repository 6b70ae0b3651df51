//! Photos in a bucket: the `loket` command, a phone's real engine, and an S3-compatible server between which all goes
//! over sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod away;
mod backup;
mod damage;
mod loket;
mod photos;
mod place;
