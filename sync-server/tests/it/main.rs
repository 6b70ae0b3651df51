//! The server as devices meet it: real sockets, real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod abuse;
mod access;
mod backup;
mod bench;
mod binary;
mod client;
mod events;
mod pages;
mod photos;
mod projection;
mod reconcile;
mod server;
mod sync;
